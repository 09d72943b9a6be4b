//! TOML text to [`syntax`](crate::syntax), with all mistakes of a file at once.
//!
//! Takes the spec's files, gives the written shape with spans. Never fills a default, never checks
//! what a value means.

mod component;
mod decode;
mod stack;

use toml::de::DeTable;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{FileId, Span, SpecFiles};
use crate::syntax::{ComponentFile, StackFile};

/// A whole spec as written.
#[derive(Debug)]
pub struct Syntax {
    /// `stack.toml`; absent when it could not be read at all.
    pub stack: Option<StackFile>,
    /// `components/*.toml`, by name.
    pub components: Vec<ComponentFile>,
}

/// Where the stack file lies in the spec folder.
pub const STACK_FILE: &str = "stack.toml";

/// The folder of the component files.
const COMPONENTS: &str = "components/";

/// The component that a path below the spec folder belongs to, if it is a component file.
pub fn component_name(path: &str) -> Option<&str> {
    let name = path.strip_prefix(COMPONENTS)?.strip_suffix(".toml")?;
    (!name.contains('/')).then_some(name)
}

/// Reads every TOML file of the spec.
pub fn parse(files: &SpecFiles, found: &mut Diagnostics) -> Syntax {
    let stack = files.id(STACK_FILE).and_then(|file| {
        let text = utf8(files, file, found)?;
        stack::parse(file, &text, found)
    });
    let mut components = Vec::new();
    for path in files.paths() {
        let (Some(name), Some(file)) = (component_name(path), files.id(path)) else { continue };
        let Some(text) = utf8(files, file, found) else { continue };
        components.extend(component::parse(file, name, &text, found));
    }
    Syntax { stack, components }
}

fn utf8<'files>(
    files: &'files SpecFiles,
    file: FileId,
    found: &mut Diagnostics,
) -> Option<std::borrow::Cow<'files, str>> {
    let bytes = files.get(files.path(file))?;
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.into()),
        Err(error) => {
            // The excerpt shows the text with replacement characters, so the span is counted in it.
            let start = String::from_utf8_lossy(&bytes[..error.valid_up_to()]).len();
            let span = Span::new(file, start..start + '\u{fffd}'.len_utf8());
            found.push(
                Diagnostic::new(Code::NotUtf8, &span, "the file is not UTF-8")
                    .label("this byte starts no UTF-8 character")
                    .help("save the file as UTF-8; TOML allows nothing else"),
            );
            None
        }
    }
}

/// The root table of a file; TOML's own errors are reported, and what could be read is used.
fn root<'text>(
    file: FileId,
    text: &'text str,
    what: &str,
    found: &mut Diagnostics,
) -> Option<decode::Table<'text>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    // One slip makes the parser stumble over what follows, so only the first error is worth reading.
    if let Some(error) = errors.first() {
        let range = error.span().unwrap_or(0..0);
        let mut diagnostic =
            Diagnostic::new(Code::TomlSyntax, &Span::new(file, range), error.message().trim());
        if diagnostic.message.is_empty() {
            "this is not TOML".clone_into(&mut diagnostic.message);
        }
        found.push(diagnostic);
    }
    // After a syntax error the rest of the table is a guess; its findings would mislead.
    errors
        .is_empty()
        .then(|| decode::Table::new(file, what, Span::new(file, 0..0), table.into_inner()))
}
