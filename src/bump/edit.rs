//! Edits of a spec's values that leave every byte around them as it is, and the proof that they changed nothing else.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use crate::source::{FileId, Span, SpecFiles};
use crate::splice::{Edit, Replacement, applied, path_at, splice, write};

/// New values for places of a spec.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edits {
    /// By the place of the old value, the text of the new one.
    replacements: BTreeMap<Span, String>,
    /// By their file and the keys that lead to them, the text of keys that come.
    added: BTreeMap<(FileId, Vec<String>), Vec<Replacement>>,
    /// By their paths, the new bytes of whole files that are no TOML.
    files: BTreeMap<String, Vec<u8>>,
}

impl Edits {
    /// Puts a string in the place of another one, in the quotes that the old one has.
    pub fn string(&mut self, files: &SpecFiles, span: &Span, text: &str) {
        let old = files.text(span.file);
        let old = old.get(span.range()).unwrap_or_default();
        let is_literal = old.starts_with('\'') && !old.starts_with("'''");
        let plain = !text.contains(['\'', '\n', '\r']) && !text.chars().any(char::is_control);
        let new = if is_literal && plain { format!("'{text}'") } else { write::string(text) };
        self.replacements.insert(span.clone(), new);
    }

    /// Puts a number in the place of another one.
    pub fn number(&mut self, span: &Span, number: u64) {
        self.replacements.insert(span.clone(), number.to_string());
    }

    /// Adds a key with a string to the table of a value. False where the table is laid out in a way that no key can be
    /// added to in place.
    pub fn beside(&mut self, files: &SpecFiles, span: &Span, key: &str, text: &str) -> bool {
        let old = files.text(span.file);
        let Some(mut path) = path_at(&old, &span.range()) else { return false };
        path.pop();
        path.push(key.to_owned());
        let value = Value::String(text.to_owned());
        let Ok(added) = splice(&old, &Edit::Set { path: path.clone(), value }) else {
            return false;
        };
        self.added.insert((span.file, path), added);
        true
    }

    /// Puts other bytes in the place of a file that is no TOML.
    pub fn file(&mut self, path: &str, bytes: Vec<u8>) {
        self.files.insert(path.to_owned(), bytes);
    }

    /// Adds the edits of another set.
    pub fn extend(&mut self, other: Self) {
        self.replacements.extend(other.replacements);
        self.added.extend(other.added);
        self.files.extend(other.files);
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.replacements.is_empty() && self.added.is_empty() && self.files.is_empty()
    }

    /// The files that change as a whole.
    pub fn files(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.files
    }

    /// The files of TOML that change, with their new text.
    ///
    /// # Errors
    /// An edit would change something else, too: a defect of rdspec, and nothing is to be written.
    pub fn apply(&self, files: &SpecFiles) -> anyhow::Result<BTreeMap<String, String>> {
        let edited = self.replacements.keys().map(|span| span.file);
        let edited: BTreeSet<FileId> =
            edited.chain(self.added.keys().map(|(file, _)| *file)).collect();
        let mut changed = BTreeMap::new();
        for file in edited {
            let path = files.path(file);
            let old = String::from_utf8(files.bytes(file).to_vec())?;
            let new = self.applied_to(file, &old).ok_or_else(|| {
                anyhow::anyhow!("editing {path} would change more than the values that were meant")
            })?;
            changed.insert(path.to_owned(), new);
        }
        Ok(changed)
    }

    /// The new text of a file; none where it would mean more than was meant.
    fn applied_to(&self, file: FileId, old: &str) -> Option<String> {
        // What comes was checked key by key when it was made; the values are changed in the text that has it.
        let own = self.added.iter().filter(|((of, _), _)| *of == file);
        let mut added: Vec<Replacement> = own.flat_map(|(_, added)| added).cloned().collect();
        added.sort_by_key(|one| one.range.start);
        let longer = applied(old, &added)?;
        let values = self.replacements.iter().filter(|(span, _)| span.file == file);
        let mut all: Vec<Replacement> = values
            .map(|(span, text)| Replacement { range: span.range(), text: text.clone() })
            .collect();
        let count = all.len();
        all.extend(added);
        all.sort_by_key(|one| one.range.start);
        applied(old, &all).filter(|new| only_values_changed(&longer, new, count))
    }
}

/// Whether two texts mean the same apart from at most `count` strings and numbers.
fn only_values_changed(old: &str, new: &str, count: usize) -> bool {
    let parse = |text: &str| toml::from_str::<Table>(text.trim_start_matches('\u{feff}')).ok();
    let (Some(old), Some(new)) = (parse(old), parse(new)) else { return false };
    differing(&Value::Table(old), &Value::Table(new)).is_some_and(|found| found <= count)
}

/// How many strings and numbers differ; none where the shapes do.
fn differing(old: &Value, new: &Value) -> Option<usize> {
    match (old, new) {
        (Value::Table(old), Value::Table(new)) => {
            let same_keys = old.len() == new.len() && old.keys().all(|key| new.contains_key(key));
            same_keys.then_some(())?;
            old.iter().map(|(key, value)| differing(value, &new[key])).sum()
        }
        (Value::Array(old), Value::Array(new)) => {
            (old.len() == new.len()).then_some(())?;
            old.iter().zip(new).map(|(old, new)| differing(old, new)).sum()
        }
        (Value::String(old), Value::String(new)) => Some(usize::from(old != new)),
        (Value::Integer(old), Value::Integer(new)) => Some(usize::from(old != new)),
        (old, new) => (old == new).then_some(0),
    }
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::*;

    fn files(text: &str) -> SpecFiles {
        SpecFiles::new(
            "spec",
            BTreeMap::from([("stack.toml".to_owned(), text.as_bytes().to_vec())]),
        )
    }

    fn place(text: &str, part: &str) -> Range<usize> {
        let start = text.find(part).unwrap();
        start..start + part.len()
    }

    #[test]
    fn every_byte_around_a_value_stays() {
        let text = "\u{feff}# pins\r\nversion = '1.0' # one\r\nsum = \"aa\"  \r\nsize=7\r\n";
        let files = files(text);
        let file = files.id("stack.toml").unwrap();
        let mut edits = Edits::default();
        edits.string(&files, &Span::new(file, place(text, "'1.0'")), "2.0");
        edits.string(&files, &Span::new(file, place(text, "\"aa\"")), "b\"b");
        edits.number(&Span::new(file, place(text, "7")), 8);
        let expected =
            "\u{feff}# pins\r\nversion = '2.0' # one\r\nsum = \"b\\\"b\"  \r\nsize=8\r\n";
        assert_eq!(edits.apply(&files).unwrap()["stack.toml"], expected);
    }

    #[test]
    fn a_key_comes_beside_a_value_that_changes() {
        let text =
            "[tool]\r\nversion = '1.0' # one\r\n\r\n[more]\r\nother = { version = \"1\" }\r\n";
        let files = files(text);
        let file = files.id("stack.toml").unwrap();
        let mut edits = Edits::default();
        for (part, new) in [("'1.0'", "2.0"), ("\"1\"", "2")] {
            let span = Span::new(file, place(text, part));
            edits.string(&files, &span, new);
            assert!(edits.beside(&files, &span, "evidence", "api"));
        }
        let expected = "[tool]\r\nversion = '2.0' # one\r\nevidence = \"api\"\r\n\r\n[more]\r\nother = { version = \"2\", evidence = \"api\" }\r\n";
        assert_eq!(edits.apply(&files).unwrap()["stack.toml"], expected);
        let no_value = Span::new(file, place(text, "other"));
        assert!(!edits.beside(&files, &no_value, "evidence", "api"));
    }

    #[test]
    fn an_edit_that_means_more_is_refused() {
        let text = "version = \"1.0\"\nother = true\n";
        let files = files(text);
        let file = files.id("stack.toml").unwrap();
        for part in ["\"1.0\"\nother = true", "version", "true"] {
            let mut edits = Edits::default();
            edits.string(&files, &Span::new(file, place(text, part)), "2.0");
            assert!(edits.apply(&files).is_err(), "{part}");
        }
    }
}
