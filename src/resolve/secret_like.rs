//! Values of the spec that look like secrets: everybody who has the repository, the image or a log has them.
//!
//! Reads the files as they are written, so that no table, variant or resource is forgotten.

mod text;

use toml::de::{DeTable, DeValue};

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::parse::{STACK_FILE, component_name};
use crate::source::{FileId, Span, SpecFiles};

/// What to do about it.
const HELP: &str = "take it out, and revoke it if it is real: a script is handed a secret while building (secrets = [\"…\"] in [script]), a container when it starts; if it is none, say so: [accept] secret-like = \"…\"";

/// Tables whose keys are names of variables, wherever they stand.
const VARIABLES: &str = "environment";

/// Checks every file of the spec.
pub(super) fn check(files: &SpecFiles, found: &mut Diagnostics) {
    for path in files.paths() {
        let Some(file) = files.id(path) else { continue };
        if path == STACK_FILE || component_name(path).is_some() {
            let source = files.text(file);
            if !text::is_worth_a_look(&source) {
                continue;
            }
            let (table, _) = DeTable::parse_recoverable(&source);
            Walk { file, source: &source, found }.table(table.get_ref(), "");
        } else if let Some(bytes) = files.get(path)
            && let Ok(source) = std::str::from_utf8(bytes)
        {
            resource(files, path, file, source, found);
        }
    }
}

/// A finding in a resource is about its component's file, where it can be accepted.
fn resource(files: &SpecFiles, path: &str, file: FileId, source: &str, found: &mut Diagnostics) {
    let component = path.strip_prefix("resources/").and_then(|rest| rest.split('/').next());
    let owner = component.and_then(|name| files.id(&format!("components/{name}.toml")));
    for (range, what) in text::find(source) {
        let line = source[..range.start].matches('\n').count() + 1;
        let name = files.display_path(file);
        let message = format!("line {line} has what looks like {what}");
        let span = Span::new(owner.unwrap_or(file), 0..0);
        found.push(Diagnostic::new(Code::SecretLike, &span, message).about(name).help(HELP));
    }
}

struct Walk<'walk> {
    file: FileId,
    source: &'walk str,
    found: &'walk mut Diagnostics,
}

impl Walk<'_> {
    fn table(&mut self, table: &DeTable<'_>, name: &str) {
        for (key, value) in table {
            let is_variable = name == VARIABLES && text::names_a_secret(key.get_ref());
            if let DeValue::String(content) = value.get_ref()
                && is_variable
                && text::is_literal(content)
            {
                let message = format!("the variable `{}` has a fixed value", key.get_ref());
                self.report(value.span(), message);
            } else {
                self.value(value, key.get_ref());
            }
        }
    }

    fn value(&mut self, value: &toml::Spanned<DeValue<'_>>, key: &str) {
        match value.get_ref() {
            DeValue::Table(table) => self.table(table, key),
            DeValue::Array(elements) => {
                for element in elements {
                    self.value(element, key);
                }
            }
            DeValue::String(content) => {
                for (range, what) in text::find(content) {
                    // As it is written, unless an escape hides it.
                    let whole = value.span();
                    let written = self.source.get(whole.clone()).unwrap_or_default();
                    let at = written.find(&content[range.clone()]).map(|at| whole.start + at);
                    let span = at.map_or(whole, |at| at..at + range.len());
                    self.report(span, format!("this looks like {what}"));
                }
            }
            _ => {}
        }
    }

    fn report(&mut self, range: std::ops::Range<usize>, message: String) {
        let span = Span::new(self.file, range);
        self.found.push(
            Diagnostic::new(Code::SecretLike, &span, message)
                .label("everybody who has the repository or the image has it")
                .help(HELP),
        );
    }
}
