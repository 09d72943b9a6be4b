//! Reads one layer: from its blob to its entries.
//!
//! Takes the stream of a blob, plain or compressed; gives the [`Layer`] and the digests that it has, to be verified once
//! it is known which it should have: an archive that comes out of a pipe can say so at its very end. It keeps nothing of
//! a file's content but what [`Reading::keep`] asks for, and never applies an entry to anything: whether a hard link
//! leads anywhere is known in [`super::tree`] only.
//!
//! Source: OCI image-spec, layer.md, "Whiteouts" and "Change Types"; the names that AUFS left behind are
//! those of the Docker image specification v1.

use std::collections::BTreeMap;
use std::io::Read;

use anyhow::{Context as _, Result, bail, ensure};

use super::archive::Blob;
use super::compression::{self, Compression};
use super::content::{Keep, Looker};
use super::digest::{Digest, HashingReader};
use super::path;
use super::tar_stream::{self, Forward, Member, MemberKind, TarStream};
use super::{Entry, EntryKind, Layer, Limits, Reading};

const WHITEOUT: &str = ".wh.";
/// Files of AUFS itself, except [`OPAQUE`].
const AUFS: &str = ".wh..wh.";
const OPAQUE: &str = ".wh..wh..opq";
/// Linux's `PATH_MAX`: no engine can make a longer name.
const MAXIMUM_PATH: usize = 4096;

/// A layer as it was read, before anybody said what it should hash to.
#[derive(Clone, Debug)]
pub struct Scanned {
    /// The layer, with the digest that it has.
    pub layer: Layer,
    /// What the stored bytes hash to.
    pub blob: Digest,
    /// How many there are.
    pub stored: u64,
}

impl Scanned {
    /// The layer, if it is the one that was meant: `blob` is what the stored bytes hash to, where the archive says, and
    /// `diff_id` what the uncompressed tar does.
    ///
    /// # Errors
    /// When a digest or the size differs.
    pub fn verified(self, blob: &Blob, diff_id: Digest) -> Result<Layer> {
        if let Some(size) = blob.size {
            ensure!(
                self.stored == size,
                "{} has {} bytes, its descriptor says {size}",
                blob.name,
                self.stored
            );
        }
        self.layer.diff_id.verify(diff_id, "the uncompressed layer")?;
        if let Some(expected) = blob.digest {
            self.blob.verify(expected, "the blob")?;
        }
        Ok(self.layer)
    }
}

/// Whether a blob that starts so can be a layer: it is compressed, or begins with a tar header or an empty block.
pub fn begins(start: &[u8]) -> bool {
    match Compression::detect(start) {
        Ok(Compression::None) => tar_stream::begins(start),
        // Reading it says which compression no layer may have.
        _ => true,
    }
}

/// Reads the blob of a layer to its end.
///
/// # Errors
/// When it is damaged, or has an entry that no engine would apply safely, or more of something than the limits allow.
pub fn scan(blob: impl Read, reading: &Reading<'_>) -> Result<Scanned> {
    let mut blob = HashingReader::new(blob, u64::MAX);
    let plain = compression::decompress(&mut blob)?;
    let mut plain = HashingReader::new(plain, reading.limits.layer_bytes);
    let mut layer = Scan::new(reading).entries(&mut plain)?;
    (layer.diff_id, layer.size) = plain.finish()?;
    let (blob, stored) = blob.finish()?;
    Ok(Scanned { layer, blob, stored })
}

/// What is known of a layer while it is read.
struct Scan<'a> {
    limits: &'a Limits,
    keep: &'a dyn Fn(&str) -> Option<Keep>,
    looker: Looker,
    layer: Layer,
    /// Bytes of names, targets and attributes.
    metadata: u64,
    /// Bytes of contents that may still be kept.
    allowed: usize,
}

impl<'a> Scan<'a> {
    fn new(reading: &Reading<'a>) -> Self {
        Self {
            limits: reading.limits,
            keep: reading.keep,
            looker: Looker::new(),
            layer: Layer::empty(),
            metadata: 0,
            allowed: reading.limits.kept_bytes,
        }
    }

    fn entries(mut self, stream: impl Read) -> Result<Layer> {
        let mut tar = TarStream::new(Forward(stream));
        while let Some(member) = tar.next_member()? {
            let shown = member.name.escape_ascii().to_string();
            self.member(member, &mut tar).with_context(|| format!("entry `{shown:.200}`"))?;
        }
        self.layer.entries.shrink_to_fit();
        Ok(self.layer)
    }

    fn member(&mut self, member: Member, content: &mut impl Read) -> Result<()> {
        let Some(entry) = self.entry(member, content)? else { return Ok(()) };
        self.metadata += metadata_bytes(&entry);
        let Limits { metadata_bytes, entries, .. } = *self.limits;
        ensure!(self.metadata <= metadata_bytes, "the names and attributes of a layer are absurd");
        let few = self.layer.entries.len() < entries;
        ensure!(few, "a layer of over {entries} entries is absurd");
        self.layer.entries.push(entry);
        Ok(())
    }

    /// One entry, or none for what AUFS kept for itself.
    fn entry(&mut self, member: Member, content: &mut impl Read) -> Result<Option<Entry>> {
        let most = self.limits.layer_bytes;
        ensure!(member.size <= most, "a size of {} bytes is absurd", member.size);
        let name = path::normalise(&member.name)?;
        ensure!(name.len() < MAXIMUM_PATH, "a path of {} bytes is absurd", name.len());
        let (path, kind) = match marker(&name)? {
            Marker::Ignored => return Ok(None),
            Marker::Whiteout(path) => (path, EntryKind::Whiteout),
            Marker::Opaque(path) => (path, EntryKind::Opaque),
            Marker::None => {
                let kind = self.kind(&name, &member, content)?;
                (name, kind)
            }
        };
        let marks = matches!(kind, EntryKind::Whiteout | EntryKind::Opaque);
        ensure!(!marks || member.size == 0, "a whiteout has content that no container would show");
        let is_root = path.is_empty() && !marks;
        ensure!(!is_root || kind == EntryKind::Directory, "the root is no directory");
        let xattrs: BTreeMap<String, Vec<u8>> = member.xattrs.into_iter().collect();
        let mode = member.mode & 0o7777;
        let Member { uid, gid, mtime, .. } = member;
        Ok(Some(Entry { path, kind, mode, uid, gid, mtime, xattrs }))
    }

    fn kind(&mut self, path: &str, member: &Member, content: &mut impl Read) -> Result<EntryKind> {
        let (major, minor) = member.device;
        Ok(match member.kind {
            MemberKind::File => self.file(path, member.size, content)?,
            MemberKind::Directory => EntryKind::Directory,
            MemberKind::Symlink => {
                ensure!(!member.link_name.is_empty(), "a symbolic link has no target");
                EntryKind::Symlink { target: path::text(&member.link_name)? }
            }
            MemberKind::HardLink => {
                let target =
                    path::normalise(&member.link_name).context("target of the hard link")?;
                ensure!(!target.is_empty(), "a hard link leads to the root");
                EntryKind::HardLink { target }
            }
            MemberKind::CharacterDevice => EntryKind::CharacterDevice { major, minor },
            MemberKind::BlockDevice => EntryKind::BlockDevice { major, minor },
            MemberKind::Fifo => EntryKind::Fifo,
        })
    }

    /// A regular file, looked at while it streams past.
    fn file(&mut self, path: &str, size: u64, content: &mut impl Read) -> Result<EntryKind> {
        let seen = self.looker.look(content, size, (self.keep)(path), self.allowed)?;
        let number = self.layer.entries.len();
        if let Some(key) = seen.key {
            self.layer.keys.insert(number, key);
        }
        if let Some(kept) = seen.kept {
            self.allowed = self.allowed.saturating_sub(kept.bytes.len());
            self.layer.kept.insert(number, kept);
        }
        Ok(EntryKind::File { size: seen.size, sha256: seen.sha256 })
    }
}

fn metadata_bytes(entry: &Entry) -> u64 {
    let target = match &entry.kind {
        EntryKind::Symlink { target } | EntryKind::HardLink { target } => target.len(),
        _ => 0,
    };
    let xattrs: usize = entry.xattrs.iter().map(|(name, value)| name.len() + value.len()).sum();
    (entry.path.len() + target + xattrs) as u64
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

#[cfg(test)]
mod tests;
