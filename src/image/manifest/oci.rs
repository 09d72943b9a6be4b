//! The index and the manifests of an OCI layout.
//!
//! Takes `index.json`, follows descriptors to image manifests, gives the blobs of one image. Whatever a
//! descriptor leads to is verified against its digest and size before it is believed.
//!
//! Source: OCI image-spec, image-layout.md, image-index.md, manifest.md, descriptor.md. An index may hold
//! one manifest a platform; attestations are no images (`BuildKit`, "Image attestation storage").

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use super::{Archive, Blob, Candidate, Chosen, Digest, pick};

pub(super) const FILE: &str = "index.json";

const INDEX: [&str; 2] = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
];
const MANIFEST: [&str; 2] = [
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
];
const CONFIGURATION: [&str; 2] =
    ["application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"];

/// The names that engines give to a manifest: containerd and Docker the full one, everybody the tag.
const NAMES: [&str; 2] = ["io.containerd.image.name", "org.opencontainers.image.ref.name"];
const ATTESTATION: &str = "vnd.docker.reference.type";

/// Indexes in indexes.
const MAXIMUM_DEPTH: usize = 3;
const MAXIMUM_IMAGES: usize = 1000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Index {
    manifests: Vec<Descriptor>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    config: Descriptor,
    layers: Vec<Descriptor>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    media_type: String,
    digest: String,
    size: u64,
    annotations: Option<BTreeMap<String, String>>,
    platform: Option<Platform>,
}

#[derive(Clone, Deserialize)]
struct Platform {
    architecture: String,
    os: String,
    variant: Option<String>,
}

impl Descriptor {
    fn digest(&self) -> Result<Digest> {
        self.digest.parse()
    }

    fn blob(&self) -> Result<Blob> {
        let digest = self.digest()?;
        let name = format!("blobs/sha256/{}", digest.hexadecimal());
        Ok(Blob { name, digest: Some(digest), size: Some(self.size) })
    }

    fn annotation(&self, key: &str) -> Option<&String> {
        self.annotations.as_ref().and_then(|annotations| annotations.get(key))
    }

    fn names(&self) -> Vec<String> {
        NAMES.iter().filter_map(|key| self.annotation(key).cloned()).collect()
    }

    fn platform(&self) -> Option<String> {
        let platform = self.platform.as_ref()?;
        let variant = platform.variant.iter().map(|variant| format!("/{variant}"));
        Some(format!("{}/{}{}", platform.os, platform.architecture, variant.collect::<String>()))
    }
}

pub(super) fn choose(archive: &Archive, reference: Option<&str>) -> Result<Chosen> {
    let document = Blob { name: FILE.to_owned(), digest: None, size: None };
    let mut finder = Finder { archive, indexes: 0, found: Vec::new() };
    finder.index(&document, &[], 0)?;
    let (reference, descriptor) = pick(finder.found, reference)?;
    let bytes = archive.read_small(&descriptor.blob()?)?;
    let manifest: Manifest = serde_json::from_slice(&bytes).context("image manifest")?;
    let kind = manifest.config.media_type.as_str();
    ensure!(CONFIGURATION.contains(&kind), "{reference} is no container image but {kind}");
    let layers = manifest.layers.iter().map(Descriptor::blob).collect::<Result<_>>()?;
    Ok(Chosen { reference, configuration: manifest.config.blob()?, layers })
}

struct Finder<'a> {
    archive: &'a Archive,
    /// How many indexes were read.
    indexes: usize,
    found: Vec<Candidate<Descriptor>>,
}

impl Finder<'_> {
    fn index(&mut self, blob: &Blob, inherited: &[String], depth: usize) -> Result<()> {
        self.indexes += 1;
        let fits = depth <= MAXIMUM_DEPTH && self.indexes <= MAXIMUM_IMAGES;
        ensure!(fits, "the indexes are nested too deeply, or too many");
        let bytes = self.archive.read_small(blob)?;
        let index: Index = serde_json::from_slice(&bytes).with_context(|| blob.name.clone())?;
        for descriptor in index.manifests {
            let kind = descriptor.media_type.as_str();
            let blob = descriptor.blob()?;
            // An engine saves the index of a multi-platform image whole, but only the platform that it has.
            if !self.archive.contains(&blob.name) {
                continue;
            }
            let names = [inherited, &descriptor.names()].concat();
            if INDEX.contains(&kind) {
                self.index(&blob, &names, depth + 1)?;
            } else if MANIFEST.contains(&kind) && descriptor.annotation(ATTESTATION).is_none() {
                self.image(descriptor, names)?;
            }
        }
        Ok(())
    }

    /// Two tags of one image are two descriptors with one digest.
    fn image(&mut self, descriptor: Descriptor, names: Vec<String>) -> Result<()> {
        let digest = descriptor.digest()?;
        if let Some(known) = self.found.iter_mut().find(|known| known.digest == Some(digest)) {
            known.names.extend(names);
            return Ok(());
        }
        ensure!(
            self.found.len() < MAXIMUM_IMAGES,
            "an archive of over {MAXIMUM_IMAGES} images is absurd"
        );
        let platform = descriptor.platform();
        self.found.push(Candidate { names, digest: Some(digest), platform, image: descriptor });
        Ok(())
    }
}
