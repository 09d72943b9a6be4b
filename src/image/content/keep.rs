//! Keeps what is asked for of a content: all of a small file, or some fields of a long list of records.
//!
//! Takes bytes as they come, gives what was kept, and whether it is all. A list of packages has a hundred times as many
//! bytes as their names and versions, and each layer that installs something has the whole of it again.
//!
//! Source: deb822(5), for records of `NAME: value` lines with an empty line between them.

use serde::Serialize;

/// The longest line of a record that is looked at: what is behind is not kept.
pub(in crate::image) const LONGEST_LINE: usize = 4096;

/// What to keep of a content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// All of it.
    Whole,
    /// Of each record, the lines of these fields; and the empty lines between records.
    Fields(&'static [&'static str]),
    /// Of the first record, the lines of these fields.
    FirstFields(&'static [&'static str]),
}

/// What was kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Whether more was to be kept than was allowed.
    pub cut: bool,
}

pub(super) struct Keeper {
    keep: Keep,
    allowed: usize,
    kept: Kept,
    /// The start of a line whose end has not come.
    line: Vec<u8>,
    /// Whether everything that was asked for is kept.
    done: bool,
}

impl Keeper {
    pub(super) fn new(keep: Keep, allowed: usize) -> Self {
        Self { keep, allowed, kept: Kept::default(), line: Vec::new(), done: false }
    }

    pub(super) fn feed(&mut self, bytes: &[u8]) {
        if self.keep == Keep::Whole {
            return self.push(bytes);
        }
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            if self.done {
                return;
            }
            let room = LONGEST_LINE.saturating_sub(self.line.len());
            self.line.extend_from_slice(&part[..part.len().min(room)]);
            if part.ends_with(b"\n") {
                self.end_line();
            }
        }
    }

    pub(super) fn finish(mut self) -> Kept {
        if !self.done && !self.line.is_empty() {
            self.end_line();
        }
        self.kept
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        let text = line.trim_ascii_end();
        let (names, only_first) = match self.keep {
            Keep::Whole => return,
            Keep::Fields(names) => (names, false),
            Keep::FirstFields(names) => (names, true),
        };
        if text.is_empty() {
            self.done = only_first && !self.kept.bytes.is_empty();
            if self.kept.bytes.last_chunk() != Some(b"\n\n") && !self.done {
                self.push(b"\n");
            }
            return;
        }
        let colon = text.iter().position(|byte| *byte == b':').unwrap_or(0);
        if names.iter().any(|name| name.as_bytes().eq_ignore_ascii_case(&text[..colon])) {
            self.push(text);
            self.push(b"\n");
        }
    }

    fn push(&mut self, bytes: &[u8]) {
        let room = self.allowed.saturating_sub(self.kept.bytes.len());
        self.kept.cut |= bytes.len() > room;
        self.kept.bytes.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }
}
