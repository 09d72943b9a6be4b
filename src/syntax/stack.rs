//! `stack.toml`, as one variant has it: what the variant lays over the plain tables is already in place.

use super::Entry;
use super::ci::Ci;
use super::packages::Upstream;
use crate::source::{FileId, Span, Spanned};

/// `stack.toml`.
#[derive(Debug)]
pub struct StackFile {
    /// The file itself.
    pub file: FileId,
    /// The key of its table in `[variants]`; none for the default variant.
    pub variant: Option<Spanned<String>>,
    /// The keys of `[variants]`, in the order of the file.
    pub variants: Vec<Spanned<String>>,
    /// `without` of the variant
    pub without: Vec<Spanned<String>>,
    /// `replace` of the variant
    pub replace: Vec<(Spanned<String>, Spanned<String>)>,
    /// `[accept]`: code and reason
    pub accept: Vec<(Spanned<String>, Spanned<String>)>,
    /// `[stack]`
    pub stack: Stack,
    /// `[apt]`
    pub apt: Option<AptSettings>,
    /// `[bootstrap]`
    pub bootstrap: Option<Bootstrap>,
    /// `[user]`
    pub user: Option<User>,
    /// `[images.*]`
    pub images: Vec<Entry<Image>>,
    /// `[ci]`
    pub ci: Option<Ci>,
}

/// `[stack]`
#[derive(Debug)]
pub struct Stack {
    /// Where the table stands.
    pub span: Span,
    /// `name`
    pub name: Option<Spanned<String>>,
    /// `registry`
    pub registry: Option<Spanned<String>>,
    /// `tag`
    pub tag: Option<Spanned<String>>,
    /// `platforms`
    pub platforms: Option<Spanned<Vec<Spanned<String>>>>,
    /// `default-variant`
    pub default_variant: Option<Spanned<String>>,
    /// `source-date-epoch`
    pub source_date_epoch: Option<Spanned<i64>>,
    /// `languages`
    pub languages: Option<Spanned<Vec<Spanned<String>>>>,
    /// `max-size`
    pub max_size: Option<Spanned<String>>,
    /// `[stack.labels]`
    pub labels: Vec<(Spanned<String>, Spanned<String>)>,
}

/// `[apt]` of the stack.
#[derive(Debug)]
pub struct AptSettings {
    /// Where the table stands.
    pub span: Span,
    /// `refresh`
    pub refresh: Option<Spanned<String>>,
    /// `snapshot`
    pub snapshot: Option<Spanned<String>>,
}

/// `[bootstrap]`
#[derive(Debug)]
pub struct Bootstrap {
    /// Where the table stands.
    pub span: Span,
    /// `packages`
    pub packages: Option<Spanned<Vec<Spanned<String>>>>,
}

/// `[user]`
#[derive(Debug)]
pub struct User {
    /// Where the table stands.
    pub span: Span,
    /// `name`
    pub name: Option<Spanned<String>>,
    /// `uid`
    pub uid: Option<Spanned<i64>>,
    /// `gid`
    pub gid: Option<Spanned<i64>>,
    /// `home`
    pub home: Option<Spanned<String>>,
    /// `skeleton`
    pub skeleton: Option<Spanned<String>>,
    /// `shell`
    pub shell: Option<Spanned<String>>,
    /// `replaces`
    pub replaces: Vec<Spanned<String>>,
    /// `groups`
    pub groups: Vec<Spanned<String>>,
}

/// `[images.*]`
#[derive(Debug)]
pub struct Image {
    /// Where the table stands.
    pub span: Span,
    /// `from`, `digest`, `unpinned`, `upstream`
    pub base: Base,
    /// `extends`
    pub extends: Option<Spanned<String>>,
    /// `components`
    pub components: Vec<Spanned<String>>,
    /// `add` of the variant
    pub add: Vec<Spanned<String>>,
    /// `without` of the variant
    pub without: Vec<Spanned<String>>,
    /// `max-size`
    pub max_size: Option<Spanned<String>>,
    /// `[images.*.labels]`
    pub labels: Vec<(Spanned<String>, Spanned<String>)>,
}

/// Where a root image starts from.
#[derive(Clone, Debug)]
pub struct Base {
    /// `from`
    pub from: Option<Spanned<String>>,
    /// `digest`
    pub digest: Option<Spanned<String>>,
    /// `unpinned`: why there is no digest
    pub unpinned: Option<Spanned<String>>,
    /// `upstream`: which tags it may move to; it has no key that names a source
    pub upstream: Option<Upstream>,
}
