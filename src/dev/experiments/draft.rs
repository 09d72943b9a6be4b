//! A spec while experiments become parts of it: its files as they are so far, and where each new byte comes from.

use std::collections::BTreeMap;
use std::ops::Range;

use bytes::Bytes;
use toml::{Table, Value};

use super::Tried;
use super::members::{self, Member};
use crate::compile::Output;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::parse::STACK_FILE;
use crate::source::{Span, SpecFiles};
use crate::splice::{Edit, Replacement, applied, comments_above, splice};

/// For each changed file: ranges of its bytes, and the place in the experiments that they come from.
pub(super) type Origins = BTreeMap<String, Vec<(Range<usize>, Span)>>;

/// The spec so far.
#[derive(Debug)]
pub(super) struct Draft<'spec> {
    before: &'spec SpecFiles,
    after: BTreeMap<String, Bytes>,
    origins: Origins,
    /// Every component of every image, with those that came.
    pub(super) members: Vec<Member>,
    chains: BTreeMap<String, Vec<String>>,
}

impl<'spec> Draft<'spec> {
    pub(super) fn new(before: &'spec SpecFiles, output: &Output) -> Self {
        Self {
            before,
            after: BTreeMap::new(),
            origins: Origins::new(),
            members: members::members(output),
            chains: members::chains(output),
        }
    }

    /// How messages call a file.
    pub(super) fn display(&self, path: &str) -> String {
        format!("{}/{path}", self.before.root())
    }

    /// The bytes of a file as they are so far.
    pub(super) fn bytes(&self, path: &str) -> Option<&Bytes> {
        self.after.get(path).or_else(|| self.before.get(path))
    }

    /// The paths of files of the spec as it was.
    pub(super) fn paths(&self) -> impl Iterator<Item = &'spec str> {
        self.before.paths()
    }

    /// The text of a file, empty where there is none.
    fn text(&self, path: &str) -> &str {
        let bytes = self.bytes(path).map_or(&[][..], |bytes| bytes);
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    /// The values of a TOML file.
    pub(super) fn table(&self, path: &str) -> Table {
        toml::from_str(self.text(path)).unwrap_or_default()
    }

    /// The comments right above something that was written.
    pub(super) fn comments_above(&self, span: &Span) -> String {
        comments_above(&self.before.text(span.file), span.start).to_owned()
    }

    /// The images of an image's chain, root first.
    pub(super) fn chain(&self, image: &str) -> &[String] {
        self.chains.get(image).map_or(&[], Vec::as_slice)
    }

    /// The components of an image and its parents.
    pub(super) fn in_chain(&self, image: &str) -> Vec<Member> {
        let chain = self.chain(image);
        self.members.iter().filter(|member| chain.contains(&member.image)).cloned().collect()
    }

    /// Changes a TOML file, which comes where there is none; whether that was possible. Where not, it is reported.
    pub(super) fn edit(
        &mut self,
        path: &str,
        edit: &Edit,
        origin: &Span,
        found: &mut Diagnostics,
    ) -> bool {
        let text = self.text(path).to_owned();
        let changed = splice(&text, edit)
            .ok()
            .and_then(|replacements| Some((applied(&text, &replacements)?, replacements)));
        let Some((after, replacements)) = changed else {
            let message = format!(
                "`{}` of {} is written in a way that cannot be changed in place",
                crate::splice::write::keys(edit.path()),
                self.display(path)
            );
            found.push(
                Diagnostic::new(Code::ConflictingKeys, origin, message)
                    .help("make this change there by hand; `rdspec dev` tries it just so"),
            );
            return false;
        };
        let origins = self.origins.entry(path.to_owned()).or_default();
        follow(origins, &replacements, origin);
        self.after.insert(path.to_owned(), after.into());
        true
    }

    /// Gives a file other bytes, or makes it.
    pub(super) fn put(&mut self, path: &str, bytes: Bytes, origin: &Span) {
        self.origins.insert(path.to_owned(), vec![(0..bytes.len(), origin.clone())]);
        self.after.insert(path.to_owned(), bytes);
    }

    /// The keys that lead to a list of an image in stack.toml: its own, and those that variants lay over it.
    pub(super) fn keys_of_lists(&self, image: &str, key: &str) -> Vec<Vec<String>> {
        let path = |parts: &[&str]| -> Vec<String> {
            parts.iter().map(|part| (*part).to_owned()).collect()
        };
        let mut paths = vec![path(&["images", image, key])];
        let stack = self.table(STACK_FILE);
        if let Some(Value::Table(variants)) = stack.get("variants") {
            for variant in variants.keys() {
                paths.push(path(&["variants", variant, "images", image, key]));
            }
        }
        paths.retain(|path| list(&stack, path).is_some());
        paths
    }

    pub(super) fn finish(self) -> Tried {
        let files = self.before.with(self.after);
        let changed = self.before.changes_to(&files);
        Tried { files, changed, origins: self.origins }
    }
}

/// Moves what is known of a text's bytes along with its replacements, and adds what they bring.
fn follow(origins: &mut Vec<(Range<usize>, Span)>, replacements: &[Replacement], origin: &Span) {
    let moved = |at: usize| {
        let before = replacements.iter().filter(|one| one.range.end <= at);
        before.fold(at, |moved, one| moved + one.text.len() - one.range.len())
    };
    for (range, _) in origins.iter_mut() {
        *range = moved(range.start)..moved(range.end);
    }
    let mut shift = 0_isize;
    for Replacement { range, text } in replacements {
        let start = range.start.saturating_add_signed(shift);
        origins.push((start..start + text.len(), origin.clone()));
        shift = shift.saturating_add_unsigned(text.len()).saturating_sub_unsigned(range.len());
    }
}

/// A list of a table, by the keys that lead to it.
pub(super) fn list<'table>(table: &'table Table, path: &[String]) -> Option<&'table Vec<Value>> {
    let (last, above) = path.split_last()?;
    let mut at = table;
    for key in above {
        at = at.get(key)?.as_table()?;
    }
    at.get(last)?.as_array()
}
