//! Reads built images, so that what a build promises can be checked on what it made.
//!
//! Takes the path of an image that an engine has written, or a stream of the same bytes: a `docker save` archive, old or
//! new, the archive of `podman save` or `buildah push docker-archive:`, an OCI layout directory or a tar of one.
//! Gives an [`Image`]: its configuration, and each layer with each entry, every digest verified. It never
//! talks to an engine, unpacks nothing, writes nothing. Memory grows with the number of entries, never with
//! their contents: of those it keeps a few lines of the files that [`Reading::keep`] names.
//!
//! | module | takes | gives |
//! |---|---|---|
//! | [`archive`] | a path | blobs by name, of a directory or a tar file |
//! | [`manifest`] | an archive | which image is meant, and the names of its blobs |
//! | [`configuration`] | the configuration blob | [`configuration::Configuration`] |
//! | [`layer`] | a layer blob | its entries, and the digests to verify |
//! | [`content`] | one file's content | its digest, a private key in it, the lines worth keeping |
//! | [`tree`] | layers | the files of a container |
//! | [`compare`] | two trees | their differences |
//! | [`waste`], [`efficiency`], [`shared_databases`] | an image | bytes that it stores for nothing |
//! | [`hygiene`] | an image | files that no layer should have |
//! | [`caches`] | a path | the package manager whose cache it lies in |
//! | [`packages`] | an image | the packages that a container of it has |

pub mod archive;
pub mod caches;
pub mod compare;
pub mod compression;
pub mod configuration;
pub mod content;
pub mod digest;
pub mod efficiency;
pub mod hygiene;
pub mod layer;
pub mod manifest;
pub mod packages;
pub mod path;
pub mod pattern;
pub mod shared_databases;
pub mod tar_stream;
pub mod tree;
pub mod waste;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde::Serialize;

use archive::Archive;
use configuration::Configuration;
use content::{Keep, Kept, PrivateKey};
use digest::Digest;

/// An image as its archive holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Image {
    /// The name that it was found by: a tag, or the digest where it has none.
    pub reference: String,
    /// How a container of it starts, and how it came to be.
    pub configuration: Configuration,
    /// From the bottom up.
    pub layers: Vec<Layer>,
}

/// One layer: the changes that it makes to the tree below it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Layer {
    /// The digest of the uncompressed tar, verified.
    pub diff_id: Digest,
    /// The build step that made it, where the history tells.
    pub created_by: Option<String>,
    /// Bytes of the uncompressed tar.
    pub size: u64,
    /// In the order of the tar.
    pub entries: Vec<Entry>,
    /// Private keys, by the number of their entry.
    pub keys: BTreeMap<usize, PrivateKey>,
    /// What was kept of contents, by the number of their entry.
    pub kept: BTreeMap<usize, Kept>,
}

impl Layer {
    /// A layer without entries.
    pub(crate) fn empty() -> Self {
        Self {
            diff_id: Digest::of(b""),
            created_by: None,
            size: 0,
            entries: Vec::new(),
            keys: BTreeMap::new(),
            kept: BTreeMap::new(),
        }
    }
}

/// One entry of a layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Relative to the root, with `/` between the parts; empty for the root itself. See [`path`].
    pub path: String,
    /// What it is or does.
    pub kind: EntryKind,
    /// The twelve mode bits.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Seconds since 1970; fractions are dropped.
    pub mtime: i64,
    /// Extended attributes, such as `security.capability`, by full name.
    pub xattrs: BTreeMap<String, Vec<u8>>,
}

/// What an entry is or does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// A regular file.
    File {
        /// Bytes of content.
        size: u64,
        /// Digest of the content.
        sha256: Digest,
    },
    /// A directory; over an existing one it changes the metadata only.
    Directory,
    /// A symbolic link.
    Symlink {
        /// As written, not resolved.
        target: String,
    },
    /// A further name of a file that an earlier entry or a lower layer has.
    HardLink {
        /// A path like [`Entry::path`].
        target: String,
    },
    /// A character device.
    CharacterDevice {
        /// Major number.
        major: u32,
        /// Minor number.
        minor: u32,
    },
    /// A block device.
    BlockDevice {
        /// Major number.
        major: u32,
        /// Minor number.
        minor: u32,
    },
    /// A named pipe.
    Fifo,
    /// Hides the path in the lower layers: the file `.wh.NAME` of the OCI layer specification. The
    /// entry's path is the hidden one.
    Whiteout,
    /// Hides all that lower layers have below the path: `.wh..wh..opq`. The entry's path is the directory.
    Opaque,
}

/// The most layers of an image: engines stack 127, and empty ones are none.
const MAXIMUM_LAYERS: usize = 1000;

/// How much of a hostile archive is read before it is refused.
///
/// Contents are hashed as they stream past, so a decompression bomb costs time, never memory; no format
/// declares the uncompressed size in a trustworthy way, so the bound is ours, not the archive's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one uncompressed layer.
    pub layer_bytes: u64,
    /// Entries of one layer.
    pub entries: usize,
    /// Bytes of names, link targets and extended attributes that one layer may make us keep.
    pub metadata_bytes: u64,
    /// Bytes of contents that are kept of one layer.
    pub kept_bytes: usize,
}

/// How an image is read.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    /// When to give up.
    pub limits: &'a Limits,
    /// What to keep of the content of the file at a path.
    pub keep: &'a dyn Fn(&str) -> Option<Keep>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            layer_bytes: 64 << 30,
            entries: 4_000_000,
            metadata_bytes: 512 << 20,
            kept_bytes: 64 << 20,
        }
    }
}

impl Image {
    /// Reads the image that `reference` names, or the only one of the archive.
    ///
    /// # Errors
    /// When the file cannot be read, is no image archive, holds several images and `reference` does not
    /// choose one (the message lists them), does not match a digest, or has an entry that no engine would
    /// apply safely.
    pub fn open(path: &Path, reference: Option<&str>) -> Result<Self> {
        let reading = Reading { limits: &Limits::default(), keep: &|_| None };
        Self::open_with(path, reference, &reading)
    }

    /// The same, with limits and contents to keep of one's own.
    ///
    /// # Errors
    /// As of [`Self::open`].
    pub fn open_with(path: &Path, reference: Option<&str>, reading: &Reading<'_>) -> Result<Self> {
        let read = || Self::read(&Archive::open(path, reading)?, reference, reading);
        read().with_context(|| format!("cannot read the image in {}", path.display()))
    }

    /// Reads an archive as it comes, such as out of a pipe. Nothing is written to the disk: each layer is read when it
    /// passes by, and verified when the manifest says what it should have been.
    ///
    /// # Errors
    /// As of [`Self::open`].
    pub fn stream(
        stream: impl Read,
        reference: Option<&str>,
        reading: &Reading<'_>,
    ) -> Result<Self> {
        Self::read(&Archive::stream(stream, reading)?, reference, reading)
    }

    fn read(archive: &Archive, reference: Option<&str>, reading: &Reading<'_>) -> Result<Self> {
        let chosen = manifest::choose(archive, reference)?;
        let bytes = archive.read_small(&chosen.configuration)?;
        let (configuration, diff_ids) = configuration::parse(&bytes)?;
        ensure!(
            diff_ids.len() == chosen.layers.len(),
            "the configuration names {} layers, the manifest {}",
            diff_ids.len(),
            chosen.layers.len()
        );
        let many = diff_ids.len() <= MAXIMUM_LAYERS;
        ensure!(many, "an image of {} layers is absurd: no engine can run it", diff_ids.len());
        let created_by = configuration.created_by(diff_ids.len());
        let mut layers = Vec::with_capacity(diff_ids.len());
        for (index, (blob, diff_id)) in chosen.layers.iter().zip(diff_ids).enumerate() {
            let layer = archive
                .layer(blob, &chosen.layers[index + 1..], reading)
                .and_then(|scanned| scanned.verified(blob, diff_id))
                .with_context(|| format!("layer {index} ({})", blob.name))?;
            let created_by = created_by.get(index).cloned().flatten();
            layers.push(Layer { created_by, ..layer });
        }
        Ok(Self { reference: chosen.reference, configuration, layers })
    }
}
