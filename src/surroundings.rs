//! What is not in a spec, decides no output, and is worth a word all the same: the time, and files beside the spec folder.
//!
//! Takes what whoever compiles knows, gives findings. It looks nowhere itself, and where nobody knows, nothing is found.

use std::fmt;

use crate::diagnostic::{Code, Diagnostic};
use crate::parse::Syntax;
use crate::source::Span;

/// What is known of the place and the time in which a spec is compiled.
#[derive(Clone, Copy, Default)]
pub struct Surroundings<'a> {
    /// What time it is, in seconds since 1970.
    pub now: Option<u64>,
    /// Whether there is a file, by its path from the folder of the stack.
    pub has_file: Option<&'a dyn Fn(&str) -> bool>,
}

impl fmt::Debug for Surroundings<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = formatter.debug_struct("Surroundings");
        text.field("now", &self.now).field("has_file", &self.has_file.is_some()).finish()
    }
}

impl Surroundings<'_> {
    /// Findings that nobody can have here: their acceptance is not for nothing.
    pub(crate) fn not_looked_for(&self) -> Vec<Code> {
        let of_time = [Code::ExpiredKey, Code::KeyExpiresSoon];
        let mut codes = Vec::new();
        codes.extend(of_time.iter().filter(|_| self.now.is_none()));
        codes.extend([Code::MissingSource].iter().filter(|_| self.has_file.is_none()));
        codes
    }

    /// The workflow of a spec without errors compiles rdspec, and its source is not where it looks.
    pub(crate) fn missing_source(&self, syntax: &Syntax) -> Option<Diagnostic> {
        let has_file = self.has_file?;
        let ci = syntax.stacks.first()?.ci.as_ref()?;
        let (span, folder): (&Span, &str) = match &ci.rdspec {
            None => (&ci.span, "."),
            Some(install) => {
                let path = install.path.as_ref()?;
                (&path.span, &path.value)
            }
        };
        let manifest = match folder {
            "." => "Cargo.toml".to_owned(),
            folder => format!("{folder}/Cargo.toml"),
        };
        if has_file(&manifest) {
            return None;
        }
        Some(
            Diagnostic::new(Code::MissingSource, span, no_source(&manifest))
                .label("every job would fail")
                .help(WHERE_FROM),
        )
    }
}

/// What is wrong where the source of rdspec is looked for and is not.
pub(crate) fn no_source(manifest: &str) -> String {
    format!("the workflow compiles rdspec from its source here, and there is no {manifest}")
}

/// What to do where the source of rdspec is not in the repository.
pub(crate) const WHERE_FROM: &str = "say in [ci.rdspec] where it comes from: url and sha256 of a release, or an image with its digest";
