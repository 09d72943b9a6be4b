//! Kinds of harm, each as the bytes of an archive.

use serde_json::Value;

use crate::built::{BuiltImage, Tar};

pub(super) mod documents;
pub(super) mod layers;

/// A kind of harm: its name, the bytes of an archive, and a word of the message that refuses it.
pub(super) type Case = (&'static str, Vec<u8>, &'static str);

pub(super) fn with_layer(layer: Vec<u8>) -> Vec<u8> {
    BuiltImage::new("hostile:1").layer("step", layer).archive()
}

/// An archive with these documents.
pub(super) fn with_manifest(manifest: &Value, others: &[(&str, &[u8])]) -> Vec<u8> {
    let manifest = manifest.to_string();
    let files: Vec<(&str, &[u8])> =
        others.iter().copied().chain([("manifest.json", manifest.as_bytes())]).collect();
    Tar::of(&files)
}
