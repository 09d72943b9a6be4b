//! What is wrong with one of several things that a command looks after, while it goes on with the others.

use super::{ENGINE_FAILED, VERIFICATION_FAILED};
use crate::upstream::apt::Trouble;
use crate::upstream::http::Failure;

/// Why something could not be looked after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// With which status the command ends.
    pub status: u8,
}

/// A problem of an upstream, with nothing that helps.
pub(super) fn unusable(message: &str) -> Problem {
    Problem { message: message.to_owned(), help: None, status: ENGINE_FAILED }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        Self {
            message: failure.to_string(),
            help: failure.help(),
            status: if failure.is_about_bytes() { VERIFICATION_FAILED } else { ENGINE_FAILED },
        }
    }
}

impl From<Trouble> for Problem {
    fn from(trouble: Trouble) -> Self {
        let status = match &trouble {
            Trouble::Distrust { .. } => VERIFICATION_FAILED,
            Trouble::Failure(_) => ENGINE_FAILED,
        };
        Self { message: trouble.to_string(), help: trouble.help(), status }
    }
}
