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
    /// What has to have been read for it to be true.
    presumes: Presumes,
}

/// The keys behind a finding that something is not there: where one of them was written and could not be read, the
/// finding would only repeat that.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Presumes {
    keys: Vec<&'static str>,
    /// Whether they count in the file of the finding only.
    here: bool,
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
            presumes: Presumes::default(),
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

    /// Says that it is only true if these keys of all files could be read.
    #[must_use]
    pub fn presumes(mut self, keys: &[&'static str]) -> Self {
        self.presumes = Presumes { keys: keys.to_vec(), here: false };
        self
    }

    /// Says that it is only true if these keys of its own file could be read.
    #[must_use]
    pub fn presumes_here(mut self, keys: &[&'static str]) -> Self {
        self.presumes = Presumes { keys: keys.to_vec(), here: true };
        self
    }

    /// Whether it may only follow from what was lost.
    fn follows_from(&self, lost: &[(FileId, String)]) -> bool {
        let Presumes { keys, here } = &self.presumes;
        !keys.is_empty()
            && lost.iter().any(|(file, key)| {
                (!here || *file == self.primary.span.file)
                    && (key == STACK || (*here && key == COMPONENT) || keys.contains(&key.as_str()))
            })
    }

    /// Errors stop the compiler, warnings do not.
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }
}

/// Stands for all keys of stack.toml, on which every other file depends.
pub const STACK: &str = "all of stack.toml";

/// Stands for all keys of a component's file.
pub const COMPONENT: &str = "all of a component";

/// All findings of one run.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    found: Vec<Diagnostic>,
    /// Keys that were written and could not be read, or what stands for more than a key.
    lost: Vec<(FileId, String)>,
}

impl Diagnostics {
    /// Adds a finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    /// Remembers that a key of a file was written and could not be read, which an error of its own says. [`STACK`] and
    /// [`COMPONENT`] stand for a whole file.
    pub fn lose(&mut self, file: FileId, key: &str) {
        self.lost.push((file, key.to_owned()));
    }

    /// Adds the findings of another pass.
    pub fn append(&mut self, mut others: Self) {
        self.found.append(&mut others.found);
        self.lost.append(&mut others.lost);
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

    /// Whether a finding about a file forbids generating anything.
    pub fn has_errors_in(&self, file: FileId) -> bool {
        self.found
            .iter()
            .any(|found| found.severity() == Severity::Error && found.primary.span.file == file)
    }

    /// The findings in file order, each once: two variants that share a mistake report it together. What is only not
    /// there because it could not be read is left out, since the one mistake would be reported many times; unless no
    /// other error would be left to say why nothing is generated.
    pub fn into_sorted(mut self) -> Vec<Diagnostic> {
        let is_error = |finding: &Diagnostic| finding.severity() == Severity::Error;
        let follows = |finding: &Diagnostic| finding.follows_from(&self.lost);
        if self.found.iter().any(|finding| is_error(finding) && !follows(finding)) {
            let lost = std::mem::take(&mut self.lost);
            self.found.retain(|finding| !finding.follows_from(&lost));
        }
        self.found.sort();
        self.found.dedup();
        self.found
    }
}
