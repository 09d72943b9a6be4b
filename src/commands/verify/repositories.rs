//! The apt repositories of a stack: whether the pinned key still signs what they serve.

use std::collections::BTreeSet;

use super::{ENGINE_FAILED, Row, VERIFICATION_FAILED, place};
use crate::model::Stack;
use crate::source::SpecFiles;
use crate::upstream::apt::{self, Suite, Trouble};
use crate::upstream::http::{Http, Kind};

/// Every suite of every repository, each once.
pub(super) fn suites(stack: &Stack) -> Vec<Suite<'_>> {
    let images = stack.variants.iter().flat_map(|variant| &variant.images);
    let repositories = images
        .flat_map(|image| &image.components)
        .flat_map(|component| &component.apt.repositories);
    let mut seen = BTreeSet::new();
    repositories
        .flat_map(|repository| apt::suites(repository, &stack.architectures))
        .filter(|suite| seen.insert((suite.repository().span.clone(), suite.address().to_owned())))
        .collect()
}

/// What became of a suite: its Release file, and with `deep` every index that it lists for the stack.
pub(super) fn row(http: &Http, files: &SpecFiles, suite: &Suite<'_>, deep: bool, now: u64) -> Row {
    let place = place(files, &suite.repository().span);
    let good = |status| Row::good(suite.address(), &place, status);
    let Err(trouble) = verify(http, suite, deep, now) else {
        return good(if deep { "the same" } else { "signed" });
    };
    let (status, code) = match &trouble {
        Trouble::Distrust { .. } => ("not to be believed", VERIFICATION_FAILED),
        Trouble::Failure(failure) if matches!(failure.kind, Kind::Missing(_)) => {
            ("gone", ENGINE_FAILED)
        }
        Trouble::Failure(_) => ("failed", ENGINE_FAILED),
    };
    Row { why: Some(trouble.to_string()), help: trouble.help(), code, ..good(status) }
}

fn verify(http: &Http, suite: &Suite<'_>, deep: bool, now: u64) -> Result<(), Trouble> {
    let verified = suite.verified(http, now)?;
    verified.check_indexes()?;
    if deep {
        for architecture in verified.architectures() {
            verified.packages(http, *architecture)?;
        }
    }
    Ok(())
}
