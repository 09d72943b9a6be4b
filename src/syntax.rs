//! The shape of the spec as it was written: every value with its span, no default filled in.
//!
//! One type for each table of the language. What a value may be is checked in `resolve`.

use crate::source::{FileId, Span, Spanned};

/// A key written by the user, with the table that it heads.
pub type Entry<T> = (Spanned<String>, T);

/// `stack.toml`.
#[derive(Debug)]
pub struct StackFile {
    /// The file itself.
    pub file: FileId,
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
    /// `[variants.*]`
    pub variants: Vec<Entry<Variant>>,
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
    pub platforms: Option<Vec<Spanned<String>>>,
    /// `default-variant`
    pub default_variant: Option<Spanned<String>>,
    /// `source-date-epoch`
    pub source_date_epoch: Option<Spanned<i64>>,
}

/// `[apt]` of the stack.
#[derive(Debug)]
pub struct AptSettings {
    /// `refresh`
    pub refresh: Option<Spanned<String>>,
}

/// `[bootstrap]`
#[derive(Debug)]
pub struct Bootstrap {
    /// Where the table stands.
    pub span: Span,
    /// `packages`
    pub packages: Option<Vec<Package>>,
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
}

/// `[images.*]`
#[derive(Debug)]
pub struct Image {
    /// `from`, `digest`, `unpinned`
    pub base: Base,
    /// `extends`
    pub extends: Option<Spanned<String>>,
    /// `components`
    pub components: Vec<Spanned<String>>,
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
}

/// `[variants.*]`
#[derive(Debug)]
pub struct Variant {
    /// `without`
    pub without: Vec<Spanned<String>>,
    /// `replace`
    pub replace: Vec<(Spanned<String>, Spanned<String>)>,
    /// `[variants.*.images.*]`
    pub images: Vec<Entry<Base>>,
}

/// A package: one name, or a name by variant.
#[derive(Clone, Debug)]
pub enum Package {
    /// `"git"`
    Everywhere(Spanned<String>),
    /// `{ ubuntu = "bsdtar", debian = "libarchive-tools" }`
    ByVariant(Vec<(Spanned<String>, Spanned<String>)>),
}

/// `components/<name>.toml`.
#[derive(Debug)]
pub struct ComponentFile {
    /// The file itself.
    pub file: FileId,
    /// From the file's name.
    pub name: String,
    /// A span for what concerns the file as a whole.
    pub span: Span,
    /// `summary`
    pub summary: Option<Spanned<String>>,
    /// `change-class`
    pub change_class: Option<Spanned<String>>,
    /// `needs`
    pub needs: Vec<Spanned<String>>,
    /// `[apt]`
    pub apt: Option<Apt>,
    /// `[downloads.*]`
    pub downloads: Vec<Entry<Download>>,
    /// `[files.*]`
    pub files: Vec<Entry<File>>,
    /// `[script]`
    pub script: Option<Script>,
    /// `[environment]`
    pub environment: Vec<(Spanned<String>, Spanned<String>)>,
    /// `[services.*]`
    pub services: Vec<Entry<Service>>,
    /// `[sudo]`
    pub sudo: Vec<Spanned<String>>,
    /// `[runtime]`
    pub runtime: Option<Runtime>,
    /// `[check]`
    pub check: Vec<Spanned<String>>,
}

/// `[apt]` of a component.
#[derive(Debug)]
pub struct Apt {
    /// Where the table stands.
    pub span: Span,
    /// `packages`
    pub packages: Option<Vec<Package>>,
    /// `recommends`
    pub recommends: Option<Spanned<bool>>,
}

/// `[downloads.*]`
#[derive(Debug)]
pub struct Download {
    /// Where the table stands.
    pub span: Span,
    /// `version`
    pub version: Option<Spanned<String>>,
    /// `url`
    pub url: Option<Spanned<String>>,
    /// `mirrors`
    pub mirrors: Vec<Spanned<String>>,
    /// `sha256`
    pub sha256: Option<Checksums>,
    /// `install`
    pub install: Option<Install>,
    /// `unpack`
    pub unpack: Option<Unpack>,
}

/// `sha256`
#[derive(Debug)]
pub enum Checksums {
    /// One string: the same file on every architecture.
    Any(Spanned<String>),
    /// A table by architecture.
    ByArchitecture(Span, Vec<(Spanned<String>, Spanned<String>)>),
}

/// `install = { to, mode }`
#[derive(Debug)]
pub struct Install {
    /// Where the table stands.
    pub span: Span,
    /// `to`
    pub to: Option<Spanned<String>>,
    /// `mode`
    pub mode: Option<Spanned<String>>,
}

/// `unpack = { to, strip }`
#[derive(Debug)]
pub struct Unpack {
    /// Where the table stands.
    pub span: Span,
    /// `to`
    pub to: Option<Spanned<String>>,
    /// `strip`
    pub strip: Option<Spanned<i64>>,
}

/// `[files.*]`
#[derive(Debug)]
pub struct File {
    /// Where the table stands.
    pub span: Span,
    /// `source`
    pub source: Option<Spanned<String>>,
    /// `content`
    pub content: Option<Spanned<String>>,
    /// `mode`
    pub mode: Option<Spanned<String>>,
    /// `owner`
    pub owner: Option<Spanned<String>>,
}

/// `[script]`
#[derive(Debug)]
pub struct Script {
    /// Where the table stands.
    pub span: Span,
    /// `run`
    pub run: Option<Spanned<String>>,
    /// `source`
    pub source: Option<Spanned<String>>,
    /// `user`
    pub user: Option<Spanned<String>>,
    /// `writable`
    pub writable: Vec<Spanned<String>>,
    /// `inputs`
    pub inputs: Vec<Spanned<String>>,
    /// `environment`
    pub environment: Vec<(Spanned<String>, Spanned<String>)>,
}

/// `[services.*]`
#[derive(Debug)]
pub struct Service {
    /// Where the table stands.
    pub span: Span,
    /// `command`
    pub command: Option<Spanned<String>>,
    /// `priority`
    pub priority: Option<Spanned<i64>>,
    /// `environment`
    pub environment: Vec<(Spanned<String>, Spanned<String>)>,
}

/// `[runtime]`
#[derive(Debug)]
pub struct Runtime {
    /// `entrypoint`
    pub entrypoint: Option<Spanned<Vec<Spanned<String>>>>,
    /// `command`
    pub command: Option<Spanned<Vec<Spanned<String>>>>,
    /// `ports`
    pub ports: Vec<Spanned<i64>>,
    /// `working-directory`
    pub working_directory: Option<Spanned<String>>,
    /// `stop-signal`
    pub stop_signal: Option<Spanned<String>>,
    /// `healthcheck`
    pub healthcheck: Option<Healthcheck>,
}

/// `healthcheck = { command, interval, timeout, start-period, retries }`
#[derive(Debug)]
pub struct Healthcheck {
    /// Where the table stands.
    pub span: Span,
    /// `command`
    pub command: Option<Spanned<Vec<Spanned<String>>>>,
    /// `interval`
    pub interval: Option<Spanned<String>>,
    /// `timeout`
    pub timeout: Option<Spanned<String>>,
    /// `start-period`
    pub start_period: Option<Spanned<String>>,
    /// `retries`
    pub retries: Option<Spanned<i64>>,
}
