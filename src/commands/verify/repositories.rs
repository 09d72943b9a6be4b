//! The apt repositories of a stack: whether the pinned key still signs what they serve.

use super::{ENGINE_FAILED, Row, VERIFICATION_FAILED, place};
use crate::source::SpecFiles;
use crate::upstream::apt::{Suite, Trouble};
use crate::upstream::http::{Http, Kind};

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
