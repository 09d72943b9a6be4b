//! Reads one layer: from its blob to its entries.
//!
//! Takes the stream of a blob, plain or compressed, and what it should hash to; gives the [`Layer`], both
//! digests verified. It never keeps a file's content, and never applies an entry to anything: whether a
//! hard link leads anywhere is known in [`super::tree`] only.
//!
//! Source: OCI image-spec, layer.md, "Whiteouts" and "Change Types"; the names that AUFS left behind are
//! those of the Docker image specification v1.

use std::collections::BTreeMap;
use std::io::Read;

use anyhow::{Context as _, Result, bail, ensure};

use super::compression;
use super::digest::{Digest, HashingReader};
use super::path;
use super::tar_stream::{Forward, Member, MemberKind, TarStream};
use super::{Entry, EntryKind, Layer, Limits};

const WHITEOUT: &str = ".wh.";
/// Files of AUFS itself, except [`OPAQUE`].
const AUFS: &str = ".wh..wh.";
const OPAQUE: &str = ".wh..wh..opq";
/// Linux's `PATH_MAX`: no engine can make a longer name.
const MAXIMUM_PATH: usize = 4096;

/// Reads a layer. `blob_digest` is what the stored bytes hash to, where the archive says, and `diff_id`
/// what the uncompressed tar does.
pub fn read(
    blob: impl Read,
    blob_digest: Option<Digest>,
    diff_id: Digest,
    limits: &Limits,
) -> Result<Layer> {
    let mut blob = HashingReader::new(blob, u64::MAX);
    let plain = compression::decompress(&mut blob)?;
    let mut plain = HashingReader::new(plain, limits.layer_bytes);
    let entries = entries(&mut plain, limits)?;
    let (found, size) = plain.finish()?;
    found.verify(diff_id, "the uncompressed layer")?;
    if let Some(expected) = blob_digest {
        blob.finish()?.0.verify(expected, "the blob")?;
    }
    Ok(Layer { diff_id, created_by: None, size, entries })
}

fn entries(stream: impl Read, limits: &Limits) -> Result<Vec<Entry>> {
    let mut tar = TarStream::new(Forward(stream));
    let mut entries = Vec::new();
    let mut metadata = 0;
    while let Some(member) = tar.next_member()? {
        let shown = member.name.escape_ascii().to_string();
        let entry =
            entry(member, &mut tar, limits).with_context(|| format!("entry `{shown:.200}`"))?;
        let Some(entry) = entry else { continue };
        metadata += metadata_bytes(&entry);
        ensure!(
            metadata <= limits.metadata_bytes,
            "the names and attributes of a layer are absurd"
        );
        ensure!(
            entries.len() < limits.entries,
            "a layer of over {} entries is absurd",
            limits.entries
        );
        entries.push(entry);
    }
    Ok(entries)
}

fn metadata_bytes(entry: &Entry) -> u64 {
    let target = match &entry.kind {
        EntryKind::Symlink { target } | EntryKind::HardLink { target } => target.len(),
        _ => 0,
    };
    let xattrs: usize = entry.xattrs.iter().map(|(name, value)| name.len() + value.len()).sum();
    (entry.path.len() + target + xattrs) as u64
}

/// One entry, or none for what AUFS kept for itself.
fn entry(member: Member, content: &mut impl Read, limits: &Limits) -> Result<Option<Entry>> {
    ensure!(member.size <= limits.layer_bytes, "a size of {} bytes is absurd", member.size);
    let name = path::normalise(&member.name)?;
    ensure!(name.len() < MAXIMUM_PATH, "a path of {} bytes is absurd", name.len());
    let (path, kind) = match marker(&name)? {
        Marker::Ignored => return Ok(None),
        Marker::Whiteout(path) => (path, EntryKind::Whiteout),
        Marker::Opaque(path) => (path, EntryKind::Opaque),
        Marker::None => (name, kind(&member, content)?),
    };
    let marks = matches!(kind, EntryKind::Whiteout | EntryKind::Opaque);
    ensure!(!marks || member.size == 0, "a whiteout has content that no container would show");
    ensure!(!path.is_empty() || marks || kind == EntryKind::Directory, "the root is no directory");
    let xattrs: BTreeMap<String, Vec<u8>> = member.xattrs.into_iter().collect();
    let mode = member.mode & 0o7777;
    let Member { uid, gid, mtime, .. } = member;
    Ok(Some(Entry { path, kind, mode, uid, gid, mtime, xattrs }))
}

enum Marker {
    None,
    Ignored,
    Whiteout(String),
    Opaque(String),
}

fn marker(name: &str) -> Result<Marker> {
    let Some((directory, last)) = path::split(name) else { return Ok(Marker::None) };
    let ignored = |part: &str| part.starts_with(AUFS);
    if directory.split('/').any(ignored) || (ignored(last) && last != OPAQUE) {
        return Ok(Marker::Ignored);
    }
    if directory.split('/').any(|part| part.starts_with(WHITEOUT)) {
        bail!("no file can be below a whiteout");
    }
    if last == OPAQUE {
        return Ok(Marker::Opaque(directory.to_owned()));
    }
    match last.strip_prefix(WHITEOUT) {
        None => Ok(Marker::None),
        Some("" | "." | "..") => bail!("a whiteout names nothing that it could hide"),
        Some(hidden) => Ok(Marker::Whiteout(path::join(directory, hidden))),
    }
}

fn kind(member: &Member, content: &mut impl Read) -> Result<EntryKind> {
    let (major, minor) = member.device;
    Ok(match member.kind {
        MemberKind::File => {
            let (sha256, size) = HashingReader::new(content, member.size).finish()?;
            EntryKind::File { size, sha256 }
        }
        MemberKind::Directory => EntryKind::Directory,
        MemberKind::Symlink => {
            ensure!(!member.link_name.is_empty(), "a symbolic link has no target");
            EntryKind::Symlink { target: path::text(&member.link_name)? }
        }
        MemberKind::HardLink => {
            let target = path::normalise(&member.link_name).context("target of the hard link")?;
            ensure!(!target.is_empty(), "a hard link leads to the root");
            EntryKind::HardLink { target }
        }
        MemberKind::CharacterDevice => EntryKind::CharacterDevice { major, minor },
        MemberKind::BlockDevice => EntryKind::BlockDevice { major, minor },
        MemberKind::Fifo => EntryKind::Fifo,
    })
}

#[cfg(test)]
mod tests;
