//! An archive that passes by once: out of a pipe, or compressed as a whole.
//!
//! Takes a stream, reads each layer when it comes and keeps the documents, since old archives have their manifest last.
//! It writes nothing to the disk. What is wrong with a layer is said when the layer is asked for: an archive may hold
//! more than the image that is meant.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use anyhow::{Context as _, Result, ensure};

use super::{Blob, MAXIMUM_DOCUMENT, add, follow, link, missing};
use crate::image::layer::{self, Scanned};
use crate::image::tar_stream::{self, Forward, MemberKind, TarStream};
use crate::image::{Reading, compression, path};

/// Bytes of all documents together; an image has a hundred kilobytes of them.
const MAXIMUM_DOCUMENTS: u64 = 64 << 20;

/// What passed by.
pub(super) struct Streamed {
    members: BTreeMap<String, Passed>,
}

enum Passed {
    Document(Vec<u8>),
    /// Empty once it was handed out for the last time.
    Layer(RefCell<Option<Result<Scanned>>>),
    Link(String),
    /// Neither a layer nor short enough for a document.
    Other,
}

impl Streamed {
    pub(super) fn read(stream: impl Read, reading: &Reading<'_>) -> Result<Self> {
        let plain = compression::decompress(stream)?;
        let mut tar = TarStream::new(Forward(plain));
        let mut members = BTreeMap::new();
        let mut room = MAXIMUM_DOCUMENTS;
        while let Some(member) =
            tar.next_member().context("this is no tar archive, or a damaged one")?
        {
            let name = path::normalise(&member.name)?;
            let passed = if member.kind == MemberKind::File {
                pass(&mut tar, member.size, &mut room, reading)
                    .with_context(|| format!("reading {name}"))?
            } else {
                match link(&member, &name)? {
                    Some(target) => Passed::Link(target),
                    None => continue,
                }
            };
            add(&mut members, name, passed)?;
        }
        Ok(Self { members })
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    pub(super) fn document(&self, name: &str) -> Result<&[u8]> {
        match self.members.get(self.resolve(name)?) {
            Some(Passed::Document(bytes)) => Ok(bytes),
            Some(_) => anyhow::bail!("{name} is no document"),
            None => anyhow::bail!(missing(name)),
        }
    }

    /// A layer; it is copied only if one of the blobs of `later` is the same.
    pub(super) fn layer(
        &self,
        blob: &Blob,
        later: &[Blob],
        reading: &Reading<'_>,
    ) -> Result<Scanned> {
        let name = path::normalise(blob.name.as_bytes())?;
        let place = self.resolve(&name)?;
        let again = later.iter().any(|later| self.resolve(&later.name).ok() == Some(place));
        let layer = match self.members.get(place) {
            Some(Passed::Layer(layer)) => layer,
            // It did not look like one: reading it says why.
            Some(Passed::Document(bytes)) => return layer::scan(bytes.as_slice(), reading),
            Some(_) => anyhow::bail!("{name} is no layer"),
            None => anyhow::bail!(missing(&name)),
        };
        let mut layer = layer.borrow_mut();
        match &*layer {
            Some(Ok(scanned)) if again => Ok(scanned.clone()),
            _ => layer.take().with_context(|| missing(&name))?,
        }
    }

    fn resolve<'a>(&'a self, name: &'a str) -> Result<&'a str> {
        follow(name, |name| match self.members.get(name) {
            Some(Passed::Link(target)) => Some(target.as_str()),
            _ => None,
        })
    }
}

/// Reads one member to its end: as a layer, if its first block is how one begins.
fn pass(tar: &mut impl Read, size: u64, room: &mut u64, reading: &Reading<'_>) -> Result<Passed> {
    let mut start = Vec::new();
    tar.by_ref().take(tar_stream::BLOCK as u64).read_to_end(&mut start)?;
    if layer::begins(&start) {
        let scanned = layer::scan(Cursor::new(start).chain(tar), reading);
        return Ok(Passed::Layer(RefCell::new(Some(scanned))));
    }
    if size > MAXIMUM_DOCUMENT {
        return Ok(Passed::Other);
    }
    ensure!(size <= *room, "the documents of the archive are absurdly long");
    *room -= size;
    tar.read_to_end(&mut start)?;
    Ok(Passed::Document(start))
}
