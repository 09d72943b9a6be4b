//! What becomes of one pin: whether it stays, moves, or could not be looked after.

use super::apt::{self, Pinned};
use super::archives::Archives;
use super::base::BaseImage;
use super::download::DownloadPin;
use super::node::NodePin;
use super::python::PythonPin;
use crate::bump::edit::Edits;
use crate::bump::pins::{Pin, Subject};
use crate::commands::problem::Problem;
use crate::model::upstream::Evidence;
use crate::source::SpecFiles;
use crate::upstream::Addresses;
use crate::upstream::http::Http;
use crate::versions::choice::Held;

/// What is asked of a pin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// The newest version that its policy allows.
    Newest,
    /// This version.
    Version(String),
    /// The version that it has, with the bytes that are served for it now.
    Same,
}

/// What becomes of a pin.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It stays; what is newer is held for a reason.
    Current {
        /// The newest versions that are held.
        held: Vec<(String, Held)>,
    },
    /// It moves.
    Moves(Move),
    /// It stays, as nothing can be known of it, for this reason.
    Stays(String),
    /// It could not be looked after.
    Failed(Problem),
}

/// A pin that moves.
#[derive(Debug)]
pub(super) struct Move {
    /// Where to.
    pub version: String,
    /// When that came out, in seconds since 1970.
    pub published: Option<i64>,
    /// What the weakest proven of its files is proven by.
    pub evidence: Evidence,
    /// The new values of the spec.
    pub edits: Edits,
    /// Newer versions that lack a file.
    pub passed_over: Vec<String>,
    /// Newer versions that are held, and why.
    pub held: Vec<(String, Held)>,
    /// What else is to be known.
    pub notes: Vec<String>,
}

/// Whom to ask, and of what.
#[derive(Debug)]
pub(super) struct Look<'a> {
    /// The spec as it is.
    pub files: &'a SpecFiles,
    /// The client.
    pub http: &'a Http,
    /// Where registries are.
    pub addresses: &'a Addresses,
    /// The apt repositories of the spec.
    pub archives: &'a Archives<'a>,
    /// What time it is, in seconds since 1970.
    pub now: i64,
}

impl Look<'_> {
    /// Looks after one pin.
    pub(super) fn after(&self, pin: &Pin<'_>, wish: &Wish) -> Outcome {
        self.found(pin, wish).unwrap_or_else(Outcome::Failed)
    }

    fn found(&self, pin: &Pin<'_>, wish: &Wish) -> Result<Outcome, Problem> {
        match &pin.subject {
            Subject::Download { download, upstream, rules } => {
                DownloadPin { component: pin.owner, download, upstream, rules }.found(self, wish)
            }
            Subject::Image { external, rules, architectures } => {
                let image = BaseImage {
                    external,
                    rules: rules.as_ref(),
                    architectures,
                    waits: *wish == Wish::Newest,
                };
                image.found(self, wish)
            }
            Subject::Python { requirement, index, rules } => {
                PythonPin { requirement, index: *index, rules }.found(self, wish)
            }
            Subject::Node { package, version, rules } => {
                NodePin { package, version, rules }.found(self, wish)
            }
            Subject::Package { package, version, rules } => {
                Pinned { component: pin.owner, package, version, rules }.found(self, wish)
            }
            Subject::Date(date) => apt::date(self, date, wish),
        }
    }
}

/// The spec with its new values.
///
/// # Errors
/// As of [`Edits::apply`].
pub(super) fn edited(files: &SpecFiles, edits: &Edits) -> anyhow::Result<SpecFiles> {
    let changed = edits.apply(files)?;
    Ok(files.with(changed.into_iter().map(|(path, text)| (path, text.into()))))
}
