//! What becomes of a package of `[pip.packages]`: its version, and the sum of each file that may serve, which takes the
//! place of that of the same kind.

use super::look::{Look, Move, Outcome, Wish};
use super::proof::prove;
use super::versioned::{Candidate, Lacking, Versioned, found};
use crate::bump::edit::Edits;
use crate::bump::pins::Rules;
use crate::bump::wheels::successors;
use crate::commands::WRONG;
use crate::commands::problem::{Problem, unusable};
use crate::image::digest::Digest;
use crate::model::download::Url;
use crate::model::pip::Requirement;
use crate::model::upstream::Evidence;
use crate::source::Span;
use crate::upstream::{ReleaseFile, python_project};

/// A package that is looked after.
#[derive(Debug)]
pub(super) struct PythonPin<'a> {
    pub(super) requirement: &'a Requirement,
    /// The index that its component names.
    pub(super) index: Option<&'a Url>,
    pub(super) rules: &'a Rules<'a>,
}

impl PythonPin<'_> {
    /// What becomes of it.
    pub(super) fn found(&self, look: &Look<'_>, wish: &Wish) -> Result<Outcome, Problem> {
        if *wish == Wish::Same {
            let text = "an index never has other bytes for a file of a package: there is nothing to pin again";
            return Err(Problem { status: WRONG, ..unusable(text) });
        }
        let mut addresses = look.addresses.clone();
        addresses.pypi = self.index.map(|index| index.text.clone()).or(addresses.pypi);
        if addresses.pypi.is_none() {
            let help = "`pip config set global.index-url`, or `index` of [pip]".to_owned();
            let text = "no package index is configured, and deps.dev knows no wheels";
            return Err(Problem { help: Some(help), status: WRONG, ..unusable(text) });
        }
        let releases =
            python_project(self.requirement.name.as_str(), &addresses).releases(look.http)?;
        let old = releases.iter().flat_map(|release| &release.files);
        let mut pinned = Vec::new();
        for sum in &self.requirement.sha256 {
            let digest = Digest::from_hexadecimal(sum.value.as_str());
            let file = old.clone().find(|file| file.sha256 == digest).ok_or_else(|| {
                let text = format!("the index lists no file of it with the sum {}", sum.value);
                let help = "pin it anew: take the package out, and `rdspec add pip`".to_owned();
                Problem { help: Some(help), ..unusable(&text) }
            })?;
            pinned.push((file, &sum.span));
        }
        found(look, &WithFiles { pin: self, pinned }, &releases, wish)
    }
}

/// A package with the files that are pinned.
struct WithFiles<'a> {
    pin: &'a PythonPin<'a>,
    /// Each file, and the place of its sum.
    pinned: Vec<(&'a ReleaseFile, &'a Span)>,
}

impl Versioned for WithFiles<'_> {
    fn rules(&self) -> &Rules<'_> {
        self.pin.rules
    }

    fn prepared(&self, look: &Look<'_>, candidate: &Candidate<'_>) -> Result<Move, Lacking> {
        let mut edits = Edits::default();
        let mut evidence = Evidence::Signature;
        let version = &self.pin.requirement.version;
        if version.value.as_str() != candidate.version {
            edits.string(look.files, &version.span, &candidate.version);
        }
        let files = candidate.release.map_or(&[][..], |release| release.files.as_slice());
        let old_names: Vec<&str> = self.pinned.iter().map(|(old, _)| old.name.as_str()).collect();
        let new_names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
        let mut taken = Vec::new();
        for ((old, _), at) in self.pinned.iter().zip(successors(&old_names, &new_names)) {
            taken.push(at.and_then(|at| files.get(at)).ok_or_else(|| {
                let names = new_names.join(", ");
                Lacking::File(format!("it has no file like {}; it has {names}", old.name))
            })?);
        }
        let since = candidate.since(look, taken.iter().copied())?;
        for ((old, place), new) in self.pinned.iter().zip(taken) {
            let proven = prove(look.http, None, &new.url, candidate.release)?;
            evidence = evidence.min(proven.evidence);
            if old.sha256 != Some(proven.sha256) {
                edits.string(look.files, place, &proven.sha256.hexadecimal());
            }
        }
        Ok(candidate.taken(since, evidence, edits))
    }
}
