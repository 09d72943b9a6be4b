//! Diagnostics as JSON, for editors and scripts.
//!
//! One object a diagnostic. Lines and columns count from 1; columns count characters (Unicode scalar values).

use serde::Serialize;

use super::{Diagnostic, Label, Severity};
use crate::source::SpecFiles;

/// A diagnostic with its places resolved.
#[derive(Debug, Serialize)]
pub struct Report<'a> {
    /// The stable name of the kind of mistake.
    pub code: &'static str,
    /// `error` or `warning`.
    pub severity: &'static str,
    /// What is wrong.
    pub message: &'a str,
    /// Where, and what is to be seen there.
    #[serde(flatten)]
    pub place: Place<'a>,
    /// Other places that explain it.
    pub related: Vec<Place<'a>>,
    /// What to do about it.
    pub help: Option<&'a str>,
}

/// A range of a spec file.
#[derive(Debug, Serialize)]
pub struct Place<'a> {
    /// What is to be seen there; may be empty.
    pub label: &'a str,
    /// The file, from the folder of the stack: `spec/stack.toml`.
    pub file: String,
    /// The line of the first character.
    pub line: usize,
    /// The column of the first character.
    pub column: usize,
    /// One past the last character.
    pub end: Position,
}

/// A place between two characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Position {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

impl Position {
    /// The position of a byte offset in a text; the end of the text for offsets beyond it.
    pub fn of(text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).map_or(0, |line| line.chars().count()) + 1,
        }
    }
}

/// The objects of some diagnostics, in their order.
pub fn reports<'a>(diagnostics: &'a [Diagnostic], files: &SpecFiles) -> Vec<Report<'a>> {
    diagnostics
        .iter()
        .map(|diagnostic| Report {
            code: diagnostic.code.name(),
            severity: match diagnostic.severity() {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            message: &diagnostic.message,
            place: match &diagnostic.about {
                Some(file) => whole(file),
                None => place(&diagnostic.primary, files),
            },
            related: diagnostic.related.iter().map(|label| place(label, files)).collect(),
            help: diagnostic.help.as_deref(),
        })
        .collect()
}

/// A file as a whole: its beginning.
fn whole(file: &str) -> Place<'static> {
    let end = Position { line: 1, column: 1 };
    Place { label: "", file: file.to_owned(), line: 1, column: 1, end }
}

fn place<'a>(label: &'a Label, files: &SpecFiles) -> Place<'a> {
    let text = files.text(label.span.file);
    let start = Position::of(&text, label.span.start);
    Place {
        label: &label.text,
        file: files.display_path(label.span.file),
        line: start.line,
        column: start.column,
        end: Position::of(&text, label.span.end),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_from_one() {
        assert_eq!(Position::of("a\néx = 1", 0), Position { line: 1, column: 1 });
        assert_eq!(Position::of("a\néx = 1", 2), Position { line: 2, column: 1 });
        assert_eq!(Position::of("a\néx = 1", 4), Position { line: 2, column: 2 });
        assert_eq!(Position::of("a\n", 99), Position { line: 2, column: 1 });
    }
}
