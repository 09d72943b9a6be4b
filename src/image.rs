//! Reads built images, so that what a build promises can be checked on what it made.
//!
//! Takes the path of an image that an engine has written: a `docker save` archive, old or new, the
//! archive of `podman save` or `buildah push docker-archive:`, an OCI layout directory or a tar of one.
//! Gives an [`Image`]: its configuration, and each layer with each entry, every digest verified. It never
//! talks to an engine, unpacks nothing, writes nothing, and holds no file's content in memory.
//!
//! | module | takes | gives |
//! |---|---|---|
//! | [`archive`] | a path | blobs by name, of a directory or a tar file |
//! | [`manifest`] | an archive | which image is meant, and the names of its blobs |
//! | [`configuration`] | the configuration blob | [`configuration::Configuration`] |
//! | [`layer`] | a layer blob | its entries, verified |
//! | [`tree`] | layers | the files of a container |
//! | [`compare`] | two trees | their differences |
//! | [`waste`], [`efficiency`], [`shared_databases`] | an image | bytes that it stores for nothing |
//! | [`hygiene`] | an image | files that no layer should have |

pub mod archive;
pub mod compare;
pub mod compression;
pub mod configuration;
pub mod digest;
pub mod efficiency;
pub mod hygiene;
pub mod layer;
pub mod manifest;
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
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde::Serialize;

use archive::Archive;
use configuration::Configuration;
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
}

impl Default for Limits {
    fn default() -> Self {
        Self { layer_bytes: 64 << 30, entries: 4_000_000, metadata_bytes: 512 << 20 }
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
        Self::open_within(path, reference, &Limits::default())
    }

    /// The same with limits of one's own.
    pub fn open_within(path: &Path, reference: Option<&str>, limits: &Limits) -> Result<Self> {
        let read = || {
            let archive = Archive::open(path)?;
            Self::read(&archive, reference, limits)
        };
        read().with_context(|| format!("cannot read the image in {}", path.display()))
    }

    fn read(archive: &Archive, reference: Option<&str>, limits: &Limits) -> Result<Self> {
        let chosen = manifest::choose(archive, reference)?;
        let bytes = archive.read_small(&chosen.configuration)?;
        let (configuration, diff_ids) = configuration::parse(&bytes)?;
        ensure!(
            diff_ids.len() == chosen.layers.len(),
            "the configuration names {} layers, the manifest {}",
            diff_ids.len(),
            chosen.layers.len()
        );
        let created_by = configuration.created_by(diff_ids.len());
        let mut layers = Vec::with_capacity(diff_ids.len());
        for (index, (blob, diff_id)) in chosen.layers.iter().zip(diff_ids).enumerate() {
            let layer = archive
                .blob(blob)
                .and_then(|reader| layer::read(reader, blob.digest, diff_id, limits))
                .with_context(|| format!("layer {index} ({})", blob.name))?;
            let created_by = created_by.get(index).cloned().flatten();
            layers.push(Layer { created_by, ..layer });
        }
        Ok(Self { reference: chosen.reference, configuration, layers })
    }
}
