//! Looks at the content of a file while it streams past: its digest, a private key in it, the few lines worth keeping.
//!
//! Takes a reader and what to keep of it, gives a [`Seen`]. It holds a window of the content and, of what is kept, at
//! most as many bytes as it is allowed: never a whole file because it is large.
//!
//! Sources: RFC 7468, section 2 (PEM); OpenSSH `PROTOCOL.key`; RFC 9580, section 6.2 (armor of OpenPGP).

use std::io::{self, Read};

use serde::Serialize;

use super::digest::{Digest, HashingReader};

mod keep;
mod key;

pub(super) use keep::LONGEST_LINE;
pub use keep::{Keep, Kept};
pub use key::PrivateKey;

use keep::Keeper;

/// Bytes that are read at once.
const CHUNK: usize = 1 << 16;

/// What was seen in one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// Bytes of content.
    pub size: u64,
    /// Digest of the content.
    pub sha256: Digest,
    /// The first private key in it.
    pub key: Option<PrivateKey>,
    /// What was to be kept of it.
    pub kept: Option<Kept>,
}

/// Looks at contents, one after the other; its window is used again.
pub struct Looker {
    window: Vec<u8>,
    keys: key::Finder,
}

impl Looker {
    /// A looker with an empty window.
    pub fn new() -> Self {
        Self { window: vec![0; key::REACH + CHUNK], keys: key::Finder::new() }
    }

    /// Reads a content to its end. `allowed` bounds what is kept.
    ///
    /// # Errors
    /// When the reader fails, or gives more than `size` bytes.
    pub fn look(
        &mut self,
        content: impl Read,
        size: u64,
        keep: Option<Keep>,
        allowed: usize,
    ) -> io::Result<Seen> {
        let mut content = HashingReader::new(content, size);
        let mut keeper = keep.map(|keep| Keeper::new(keep, allowed));
        let mut key = None;
        // The window begins with what was read before and could still begin a key.
        let mut filled = 0;
        let mut at_start = true;
        loop {
            let read = fill(&mut content, &mut self.window[filled..])?;
            let fresh = &self.window[filled..filled + read];
            if let Some(keeper) = &mut keeper {
                keeper.feed(fresh);
            }
            filled += read;
            let is_end = filled < self.window.len();
            if key.is_none() {
                key = self.keys.find(&self.window[..filled], at_start, is_end);
            }
            if is_end {
                break;
            }
            self.window.copy_within(filled - key::REACH.., 0);
            filled = key::REACH;
            at_start = false;
        }
        let (sha256, size) = content.finish()?;
        Ok(Seen { size, sha256, key, kept: keeper.map(Keeper::finish) })
    }
}

impl Default for Looker {
    fn default() -> Self {
        Self::new()
    }
}

/// Reads until the buffer is full or the content ends.
fn fill(content: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match content.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(length) => filled += length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests;
