//! What is wrong with a spec, said so that its author can mend it.
//!
//! A [`Diagnostic`] has a code, a message, the place with a label, and a help; [`Diagnostics`]
//! collects all of them before anything stops. Printing is in [`render`]; nothing here prints.

pub mod code;
pub mod json;
pub mod render;
pub mod suggest;

pub use code::Code;

use crate::source::{FileId, Span};

/// How much a diagnostic matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is generated.
    Error,
    /// The output is generated all the same.
    Warning,
}

/// A place in the spec with a few words about it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is to be seen there; may be empty.
    pub text: String,
}

/// One finding about the spec.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// The place at fault; first, so that sorting gives file order.
    pub primary: Label,
    /// Which kind of mistake it is.
    pub code: Code,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// Other places that explain it, such as the first of two owners.
    pub related: Vec<Label>,
    /// What to do about it.
    pub help: Option<String>,
    /// The file that it is about as a whole, as messages print it: no line of any file is at fault.
    pub about: Option<String>,
}

impl Diagnostic {
    /// A finding of kind `code` at `span`.
    pub fn new(code: Code, span: &Span, message: impl Into<String>) -> Self {
        let primary = Label { span: span.clone(), text: String::new() };
        Self {
            primary,
            code,
            message: message.into(),
            related: Vec::new(),
            help: None,
            about: None,
        }
    }

    /// Says what is to be seen at the primary place.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.primary.text = text.into();
        self
    }

    /// Points at a second place.
    #[must_use]
    pub fn related(mut self, span: &Span, text: impl Into<String>) -> Self {
        self.related.push(Label { span: span.clone(), text: text.into() });
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Says that it is about a file as a whole, or one that is missing.
    #[must_use]
    pub fn about(mut self, file: impl Into<String>) -> Self {
        self.about = Some(file.into());
        self
    }

    /// Errors stop the compiler, warnings do not.
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }
}

/// All findings of one run.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    found: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Adds a finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    /// Adds the findings of another pass.
    pub fn append(&mut self, mut others: Self) {
        self.found.append(&mut others.found);
    }

    /// Takes away the findings of a kind about a file; gives how many there were.
    pub fn take(&mut self, file: FileId, code: Code) -> usize {
        let before = self.found.len();
        self.found.retain(|found| found.code != code || found.primary.span.file != file);
        before - self.found.len()
    }

    /// Whether a finding forbids generating anything.
    pub fn has_errors(&self) -> bool {
        self.found.iter().any(|diagnostic| diagnostic.severity() == Severity::Error)
    }

    /// The findings in file order, each once: two variants that share a mistake report it together.
    pub fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.found.sort();
        self.found.dedup();
        self.found
    }
}
