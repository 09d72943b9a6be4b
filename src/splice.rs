//! Changes of TOML text that leave every byte around them as it is: comments, order, quoting, line ends.
//!
//! Takes a text and an [`Edit`], gives [`Replacement`]s of byte ranges. What they make of the text is parsed again and
//! has to mean exactly what the edit means for the values; a text that is laid out so that it does not is refused, never
//! changed in another way. It touches no file.

mod insert;
mod meaning;
mod place;
mod remove;
#[cfg(test)]
mod tests;
pub mod write;

use std::ops::Range;

use toml::Value;
use toml_edit::Document;

/// A change of the values of a file.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Adds elements at the end of a list, which is made where it is missing.
    Push {
        /// The keys that lead to the list.
        path: Vec<String>,
        /// What is added.
        values: Vec<Value>,
    },
    /// Takes an element out of a list.
    Drop {
        /// The keys that lead to the list.
        path: Vec<String>,
        /// The element, which is in it.
        value: Value,
    },
    /// Gives a key a value, in the place of the one that it has. The tables that lead to it are made where they are missing.
    Set {
        /// The keys that lead to the value.
        path: Vec<String>,
        /// The value; a table only where there is nothing yet.
        value: Value,
    },
    /// Adds a table whose values stand in their order.
    Add {
        /// The keys that lead to it; there is nothing yet.
        path: Vec<String>,
        /// Its keys and values.
        entries: Vec<(String, Value)>,
    },
    /// Takes a key away, with all that is below it.
    Remove {
        /// The keys that lead to it, which is there.
        path: Vec<String>,
    },
}

impl Edit {
    /// The keys that lead to what it is about.
    pub fn path(&self) -> &[String] {
        match self {
            Self::Push { path, .. }
            | Self::Drop { path, .. }
            | Self::Set { path, .. }
            | Self::Add { path, .. }
            | Self::Remove { path } => path,
        }
    }
}

/// A part of a text, and what stands in its place afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// The bytes that go.
    pub range: Range<usize>,
    /// What comes.
    pub text: String,
}

/// A text that this module cannot change without changing more than it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfit;

/// What has to be replaced in a text so that it means what the edit says; in the order of the text.
///
/// # Errors
/// The text is no TOML, has not what the edit is about, or is laid out in a way that cannot be changed in place.
pub fn splice(text: &str, edit: &Edit) -> Result<Vec<Replacement>, Unfit> {
    let document = Document::parse(text).map_err(|_| Unfit)?;
    let found = match edit {
        Edit::Push { path, values } => insert::push(text, &document, path, values),
        Edit::Set { path, value } => insert::set(text, &document, path, value),
        Edit::Add { path, entries } => insert::add(text, &document, path, entries),
        Edit::Drop { path, value } => remove::element(text, &document, path, value),
        Edit::Remove { path } => remove::key(text, &document, path),
    };
    let mut replacements = found.ok_or(Unfit)?;
    replacements.sort_by_key(|one| one.range.start);
    let after = applied(text, &replacements).ok_or(Unfit)?;
    if meaning::is_meant(text, edit, &after) { Ok(replacements) } else { Err(Unfit) }
}

/// The keys that lead to the value at some bytes of a text.
pub fn path_at(text: &str, range: &Range<usize>) -> Option<Vec<String>> {
    let document = Document::parse(text).ok()?;
    let mut path = Vec::new();
    place::way_to(document.as_table(), range, &mut path).then_some(path)
}

/// The comments right above the line of a byte, whole lines.
pub fn comments_above(text: &str, at: usize) -> &str {
    let line = place::line_start(text, at);
    text.get(place::with_comments(text, line)..line).unwrap_or_default()
}

/// A text with parts of it replaced; none where the parts overlap or are no parts of it.
pub fn applied(text: &str, replacements: &[Replacement]) -> Option<String> {
    let mut after = String::with_capacity(text.len());
    let mut at = 0;
    for Replacement { range, text: new } in replacements {
        after.push_str(text.get(at..range.start)?);
        after.push_str(new);
        at = range.end;
    }
    after.push_str(text.get(at..)?);
    Some(after)
}
