//! `dev/<image>.toml`, as written.

use super::Entry;
use crate::source::{FileId, Span, Spanned};

/// `dev/<image>.toml`.
#[derive(Debug)]
pub struct ExperimentFile {
    /// The file itself.
    pub file: FileId,
    /// The image, from the file's name.
    pub image: String,
    /// `[experiments.*]`, in the order of the file.
    pub experiments: Vec<Entry<Experiment>>,
}

/// `[experiments.*]`
#[derive(Debug)]
pub struct Experiment {
    /// Where the table stands.
    pub span: Span,
    /// `summary`
    pub summary: Option<Spanned<String>>,
    /// `component`
    pub component: Option<Spanned<String>>,
    /// `before`
    pub before: Option<Spanned<String>>,
    /// `needs`
    pub needs: Vec<Spanned<String>>,
    /// `install`; an element may be a table by variant
    pub install: Vec<Spanned<toml::Value>>,
    /// `env`
    pub environment: Vec<(Spanned<String>, Spanned<String>)>,
    /// `run`
    pub run: Option<Spanned<String>>,
    /// `undo`
    pub undo: Option<Spanned<String>>,
    /// `user`
    pub user: Option<Spanned<String>>,
    /// `writable`
    pub writable: Vec<Spanned<String>>,
    /// `copy`
    pub copies: Vec<Entry<Placed>>,
    /// `write`
    pub writes: Vec<Entry<Placed>>,
    /// `remove`
    pub remove: Option<Removal>,
}

/// `[experiments.*.copy.*]` and `[experiments.*.write.*]`
#[derive(Debug)]
pub struct Placed {
    /// Where the table stands.
    pub span: Span,
    /// `source`, of what is copied
    pub source: Option<Spanned<String>>,
    /// `content`, of what is written
    pub content: Option<Spanned<String>>,
    /// `mode`
    pub mode: Option<Spanned<String>>,
    /// `owner`
    pub owner: Option<Spanned<String>>,
}

/// `[experiments.*.remove]`
#[derive(Debug)]
pub struct Removal {
    /// `packages`
    pub packages: Vec<Spanned<String>>,
    /// `paths`
    pub paths: Vec<Spanned<String>>,
    /// `components`
    pub components: Vec<Spanned<String>>,
}
