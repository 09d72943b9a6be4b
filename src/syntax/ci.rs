//! `[ci]` of `stack.toml`.

use crate::source::{Span, Spanned};

/// `[ci]`
#[derive(Debug)]
pub struct Ci {
    /// Where the table stands.
    pub span: Span,
    /// `branch`
    pub branch: Option<Spanned<String>>,
    /// `runner`
    pub runner: Option<Vec<Spanned<String>>>,
    /// `variants`
    pub variants: Option<Spanned<Vec<Spanned<String>>>>,
    /// `tags`
    pub tags: Vec<Spanned<String>>,
    /// `severity`
    pub severity: Option<Spanned<String>>,
    /// `unfixed`
    pub unfixed: Option<Spanned<bool>>,
    /// `bump`
    pub bump: Option<Spanned<String>>,
    /// `verify`
    pub verify: Option<Spanned<String>>,
    /// `free-disk`
    pub free_disk: Option<Spanned<bool>>,
    /// `sbom`
    pub sbom: Option<Spanned<bool>>,
    /// `provenance`
    pub provenance: Option<Spanned<bool>>,
    /// `[ci.login]`
    pub login: Option<Login>,
    /// `[ci.rdspec]`
    pub rdspec: Option<Install>,
}

/// `[ci.login]`
#[derive(Debug)]
pub struct Login {
    /// `username`
    pub username: Option<Spanned<String>>,
    /// `password`
    pub password: Option<Spanned<String>>,
    /// `github-token`
    pub github_token: Option<Spanned<bool>>,
}

/// `[ci.rdspec]`
#[derive(Debug)]
pub struct Install {
    /// Where the table stands.
    pub span: Span,
    /// `path`
    pub path: Option<Spanned<String>>,
    /// `url`
    pub url: Option<Spanned<String>>,
    /// `sha256`
    pub sha256: Option<Spanned<String>>,
    /// `image`
    pub image: Option<Spanned<String>>,
    /// `digest`
    pub digest: Option<Spanned<String>>,
}
