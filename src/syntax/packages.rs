//! What a component installs: packages of every kind, and downloads.

use super::Entry;
use crate::source::{Span, Spanned};

/// `[apt]` of a component.
#[derive(Debug)]
pub struct Apt {
    /// Where the table stands.
    pub span: Span,
    /// `packages`
    pub packages: Option<Spanned<Vec<Spanned<String>>>>,
    /// `recommends`
    pub recommends: Option<Spanned<bool>>,
    /// `[apt.versions]`
    pub versions: Vec<(Spanned<String>, Spanned<String>)>,
    /// `hold`
    pub hold: Vec<Spanned<String>>,
    /// `purge`
    pub purge: Vec<Spanned<String>>,
    /// `[apt.debconf.*]`
    pub debconf: Vec<Entry<Debconf>>,
    /// `[apt.repositories.*]`
    pub repositories: Vec<Entry<Repository>>,
}

/// `[apt.debconf.*]`: the answer to a question of debconf.
#[derive(Debug)]
pub struct Debconf {
    /// Where the table stands.
    pub span: Span,
    /// `package`
    pub package: Option<Spanned<String>>,
    /// `type`
    pub kind: Option<Spanned<String>>,
    /// `value`
    pub value: Option<Spanned<String>>,
}

/// `[apt.repositories.*]`
#[derive(Debug)]
pub struct Repository {
    /// Where the table stands.
    pub span: Span,
    /// `uri`
    pub uri: Option<Spanned<String>>,
    /// `suites`
    pub suites: Option<Spanned<Vec<Spanned<String>>>>,
    /// `components`
    pub components: Option<Spanned<Vec<Spanned<String>>>>,
    /// `architectures`
    pub architectures: Option<Spanned<Vec<Spanned<String>>>>,
    /// `key`
    pub key: Option<Spanned<String>>,
    /// `key-url`
    pub key_url: Option<Spanned<String>>,
    /// `fingerprint`
    pub fingerprint: Option<Spanned<String>>,
}

/// `[downloads.*]`
#[derive(Debug)]
pub struct Download {
    /// Where the table stands.
    pub span: Span,
    /// `version`
    pub version: Option<Spanned<String>>,
    /// `variables`
    pub variables: Vec<(Spanned<String>, Spanned<String>)>,
    /// `url`
    pub url: Option<Spanned<String>>,
    /// `mirrors`
    pub mirrors: Vec<Spanned<String>>,
    /// `size`
    pub size: Option<Spanned<i64>>,
    /// `sha256`
    pub sha256: Option<Checksums>,
    /// `install`
    pub install: Option<Install>,
    /// `unpack`
    pub unpack: Option<Unpack>,
    /// `deb`
    pub deb: Option<Spanned<bool>>,
    /// `script`
    pub script: Option<Spanned<bool>>,
    /// `evidence`
    pub evidence: Option<Spanned<String>>,
    /// `license`
    pub license: Option<Spanned<String>>,
    /// `upstream`
    pub upstream: Option<Upstream>,
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

/// `unpack = { to, strip, select, format }`
#[derive(Debug)]
pub struct Unpack {
    /// Where the table stands.
    pub span: Span,
    /// `to`
    pub to: Option<Spanned<String>>,
    /// `strip`
    pub strip: Option<Spanned<i64>>,
    /// `select`
    pub select: Vec<Spanned<String>>,
    /// `format`
    pub format: Option<Spanned<String>>,
}

/// `upstream = { … }`: where new versions are found.
#[derive(Clone, Debug)]
pub struct Upstream {
    /// Where the table stands.
    pub span: Span,
    /// The keys that name a source (`github`, `pypi` …), with their values.
    pub source: Vec<(Spanned<String>, Spanned<String>)>,
    /// `tag`
    pub tag: Option<Spanned<String>>,
    /// `pointer`
    pub pointer: Option<Spanned<String>>,
    /// `regex`
    pub regex: Option<Spanned<String>>,
    /// `asset`
    pub asset: Option<Spanned<String>>,
    /// `allow`
    pub allow: Option<Spanned<String>>,
    /// `ignore`
    pub ignore: Vec<Spanned<String>>,
    /// `group`
    pub group: Option<Spanned<String>>,
    /// `prerelease`
    pub prerelease: Option<Spanned<bool>>,
    /// `minimum-age`
    pub minimum_age: Option<Spanned<String>>,
    /// `require`
    pub require: Option<Spanned<String>>,
    /// `key`
    pub key: Option<Spanned<String>>,
    /// `fingerprint`
    pub fingerprint: Option<Spanned<String>>,
}

/// `[conda]`
#[derive(Debug)]
pub struct Conda {
    /// Where the table stands.
    pub span: Span,
    /// `program`
    pub program: Option<Spanned<String>>,
    /// `prefix`
    pub prefix: Option<Spanned<String>>,
    /// `channels`
    pub channels: Option<Spanned<Vec<Spanned<String>>>>,
    /// `packages`
    pub packages: Option<Spanned<Vec<Spanned<String>>>>,
}

/// `[pip]`
#[derive(Debug)]
pub struct Pip {
    /// Where the table stands.
    pub span: Span,
    /// `prefix`
    pub prefix: Option<Spanned<String>>,
    /// `python`
    pub python: Option<Spanned<String>>,
    /// `system-packages`
    pub system_packages: Option<Spanned<bool>>,
    /// `requirements`
    pub requirements: Option<Spanned<String>>,
    /// `[pip.packages.*]`
    pub packages: Vec<Entry<PipPackage>>,
    /// `index`
    pub index: Option<Spanned<String>>,
}

/// `[pip.packages.*]`
#[derive(Debug)]
pub struct PipPackage {
    /// Where the table stands.
    pub span: Span,
    /// `version`
    pub version: Option<Spanned<String>>,
    /// `sha256`
    pub sha256: Option<Spanned<Vec<Spanned<String>>>>,
}

/// `[npm]`
#[derive(Debug)]
pub struct Npm {
    /// Where the table stands.
    pub span: Span,
    /// `program`
    pub program: Option<Spanned<String>>,
    /// `prefix`
    pub prefix: Option<Spanned<String>>,
    /// `packages`
    pub packages: Vec<(Spanned<String>, Spanned<String>)>,
    /// `manifest`
    pub manifest: Option<Spanned<String>>,
    /// `lock`
    pub lock: Option<Spanned<String>>,
    /// `scripts`
    pub scripts: Option<Spanned<bool>>,
}

/// `[r]`
#[derive(Debug)]
pub struct R {
    /// Where the table stands.
    pub span: Span,
    /// `program`
    pub program: Option<Spanned<String>>,
    /// `library`
    pub library: Option<Spanned<String>>,
    /// `repository`
    pub repository: Option<Spanned<String>>,
    /// `packages`
    pub packages: Vec<(Spanned<String>, Spanned<String>)>,
}

/// `[locales]`
#[derive(Debug)]
pub struct Locales {
    /// Where the table stands.
    pub span: Span,
    /// `generate`
    pub generate: Option<Spanned<Vec<Spanned<String>>>>,
    /// `default`
    pub default: Option<Spanned<String>>,
}
