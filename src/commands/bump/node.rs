//! What becomes of a package of `[npm.packages]`: its version. The spec has no sum of it, so what is served is compared
//! with what the registry says of it.

use std::io::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha512};

use super::look::{Look, Move, Outcome, Wish};
use super::versioned::{Candidate, Lacking, Versioned, found};
use crate::bump::edit::Edits;
use crate::bump::pins::Rules;
use crate::commands::problem::{Problem, unusable};
use crate::commands::{VERIFICATION_FAILED, WRONG};
use crate::model::npm::{NodeName, NodeVersion};
use crate::model::upstream::Evidence;
use crate::source::Spanned;
use crate::upstream::http::{Truncate, public};
use crate::upstream::{ReleaseFile, node_package};

/// A package that is looked after.
#[derive(Debug)]
pub(super) struct NodePin<'a> {
    pub(super) package: &'a NodeName,
    pub(super) version: &'a Spanned<NodeVersion>,
    pub(super) rules: &'a Rules<'a>,
}

impl NodePin<'_> {
    /// What becomes of it.
    pub(super) fn found(&self, look: &Look<'_>, wish: &Wish) -> Result<Outcome, Problem> {
        if *wish == Wish::Same {
            let text = "the spec has no sum of it: there is nothing to pin again";
            return Err(Problem { status: WRONG, ..unusable(text) });
        }
        let releases = node_package(self.package.as_str(), look.addresses).releases(look.http)?;
        found(look, self, &releases, wish)
    }
}

impl Versioned for NodePin<'_> {
    fn rules(&self) -> &Rules<'_> {
        self.rules
    }

    fn prepared(&self, look: &Look<'_>, candidate: &Candidate<'_>) -> Result<Move, Lacking> {
        let mut edits = Edits::default();
        // deps.dev knows no files.
        let files = candidate.release.map_or(&[][..], |release| release.files.as_slice());
        let since = candidate.since(look, files)?;
        if self.version.value.as_str() == candidate.version {
            return Ok(candidate.taken(since, Evidence::None, edits));
        }
        edits.string(look.files, &self.version.span, &candidate.version);
        let mut evidence = Evidence::None;
        for file in files {
            evidence = proven(look, file)?;
        }
        Ok(candidate.taken(since, evidence, edits))
    }
}

/// What speaks for a file, downloaded here.
fn proven(look: &Look<'_>, file: &ReleaseFile) -> Result<Evidence, Lacking> {
    let mut hashed = Hashed::default();
    look.http.download(&file.url, &mut hashed)?;
    let Some(said) = &file.integrity else { return Ok(Evidence::None) };
    let ours = format!("sha512-{}", STANDARD.encode(hashed.0.finalize()));
    // Several may be said, the strongest counts (Subresource Integrity, 3.3.3); the registry's own is SHA-512.
    if !said.split_whitespace().any(|one| one.starts_with("sha512-")) {
        return Ok(Evidence::None);
    }
    if said.split_whitespace().any(|one| one == ours) {
        return Ok(Evidence::Api);
    }
    Err(Lacking::Problem(Problem {
        message: format!("{} has {ours}, and the registry says {said}", public(&file.url)),
        help: Some("do not use it before you know why: ask whoever runs the registry".to_owned()),
        status: VERIFICATION_FAILED,
    }))
}

/// Hashes what is written.
#[derive(Default)]
struct Hashed(Sha512);

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Truncate for Hashed {
    fn empty(&mut self) -> std::io::Result<()> {
        self.0 = Sha512::default();
        Ok(())
    }
}
