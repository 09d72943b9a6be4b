//! Layers and archives for the tests: built in memory, so that each test shows what it reads.
//!
//! The tars come from the `tar` crate, which shares no code with the reader.

use std::collections::BTreeMap;
use std::io::Write as _;

use serde_json::{Value, json};
use tar::{Builder, EntryType, Header};

use super::configuration::Configuration;
use super::digest::Digest;
use super::{Entry, EntryKind, Image, Layer};

pub(super) fn entry(path: &str, kind: EntryKind) -> Entry {
    let mode = if kind == EntryKind::Directory { 0o755 } else { 0o644 };
    let xattrs = BTreeMap::new();
    Entry { path: path.to_owned(), kind, mode, uid: 0, gid: 0, mtime: 0, xattrs }
}

pub(super) fn file(path: &str, content: &str) -> Entry {
    let (size, sha256) = (content.len() as u64, Digest::of(content.as_bytes()));
    entry(path, EntryKind::File { size, sha256 })
}

pub(super) fn directory(path: &str) -> Entry {
    entry(path, EntryKind::Directory)
}

pub(super) fn symlink(path: &str, target: &str) -> Entry {
    entry(path, EntryKind::Symlink { target: target.to_owned() })
}

pub(super) fn hard_link(path: &str, target: &str) -> Entry {
    entry(path, EntryKind::HardLink { target: target.to_owned() })
}

pub(super) fn whiteout(path: &str) -> Entry {
    entry(path, EntryKind::Whiteout)
}

pub(super) fn opaque(path: &str) -> Entry {
    entry(path, EntryKind::Opaque)
}

pub(super) fn layer(entries: Vec<Entry>) -> Layer {
    Layer { entries, ..Layer::empty() }
}

pub(super) fn image(layers: Vec<Vec<Entry>>) -> Image {
    Image {
        reference: "test".to_owned(),
        configuration: Configuration::default(),
        layers: layers.into_iter().map(layer).collect(),
    }
}

/// A header of the GNU format whose name is written as it is, however hostile.
pub(super) fn header(name: &str, kind: EntryType, size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(size);
    header.set_cksum();
    header
}

/// A tar of regular files.
pub(super) fn tar_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    for (name, content) in files {
        builder.append(&header(name, EntryType::Regular, content.len() as u64), *content).unwrap();
    }
    builder.into_inner().unwrap()
}

/// A tar of one member without content.
pub(super) fn tar_of_link(name: &str, kind: EntryType, target: &str) -> Vec<u8> {
    let mut header = header(name, kind, 0);
    header.set_link_name_literal(target).unwrap();
    header.set_cksum();
    let mut builder = Builder::new(Vec::new());
    builder.append(&header, std::io::empty()).unwrap();
    builder.into_inner().unwrap()
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(super) fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

/// The configuration of an image with these layers, given as plain tars.
pub(super) fn configuration(layers: &[Vec<u8>]) -> Vec<u8> {
    let diff_ids: Vec<String> = layers.iter().map(|tar| Digest::of(tar).to_string()).collect();
    let history: Vec<Value> =
        (0..layers.len()).map(|index| json!({"created_by": format!("step {index}")})).collect();
    let document = json!({
        "architecture": "amd64", "os": "linux", "config": {"User": "app"},
        "rootfs": {"type": "layers", "diff_ids": diff_ids}, "history": history
    });
    document.to_string().into_bytes()
}

/// Blobs by name, as a tar or in a directory.
#[derive(Clone, Default)]
pub(super) struct Blobs(pub(super) BTreeMap<String, Vec<u8>>);

impl Blobs {
    /// Puts a blob under its digest and gives its descriptor.
    pub(super) fn put(&mut self, media_type: &str, bytes: Vec<u8>) -> Value {
        let digest = Digest::of(&bytes);
        let size = bytes.len();
        self.0.insert(format!("blobs/sha256/{}", digest.hexadecimal()), bytes);
        json!({"mediaType": media_type, "digest": digest.to_string(), "size": size})
    }

    pub(super) fn set(&mut self, name: &str, bytes: impl Into<Vec<u8>>) {
        self.0.insert(name.to_owned(), bytes.into());
    }

    /// Puts the manifest of an image; `stored` are its layers as they are compressed.
    pub(super) fn put_image(&mut self, tars: &[Vec<u8>], stored: Vec<Vec<u8>>) -> Value {
        let configuration =
            self.put("application/vnd.oci.image.config.v1+json", configuration(tars));
        let kind = "application/vnd.oci.image.layer.v1.tar";
        let layers: Vec<Value> = stored.into_iter().map(|blob| self.put(kind, blob)).collect();
        let manifest = json!({"schemaVersion": 2, "config": configuration, "layers": layers});
        self.put("application/vnd.oci.image.manifest.v1+json", manifest.to_string().into_bytes())
    }

    pub(super) fn set_index(&mut self, manifests: &[Value]) {
        let index = json!({"schemaVersion": 2, "manifests": manifests});
        self.set("oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#);
        self.set("index.json", index.to_string());
    }

    pub(super) fn tar(&self) -> Vec<u8> {
        let files: Vec<(&str, &[u8])> =
            self.0.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
        tar_of(&files)
    }
}
