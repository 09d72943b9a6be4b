//! The difference between what was built and what the spec says now, as layers on top of what was built.
//!
//! Takes two compiled specs: the baseline, from which an image was built, and the working one. Gives a
//! [`Late`] image: a plan like any other, whose base is the image that was built, or every reason why this
//! difference cannot be laid on top of it. It never touches the disk, the clock or an engine, and it renders
//! through the same scripts as the full build, so a late layer does what the early one would have done.
//!
//! The difference is taken over the whole chain: a change of a parent is applied on the child, and neither is
//! built again. What is done is, in this order:
//!
//! 1. what scripts did is taken back (`undo`), by those that run again and those that are gone;
//! 2. files, links, downloads and environments that are gone or come anew are removed ([`files`], [`scripts`]);
//! 3. accounts go, come and change ([`accounts`]);
//! 4. packages come, then go with what they alone brought ([`packages`]);
//! 5. image by image as in the full build: scripts, sudo rules, directories, links and files;
//! 6. the configuration is stated in full ([`configuration`]).
//!
//! | module | takes | gives |
//! |---|---|---|
//! | [`side`] | a compiled spec | one image of it with its parents |
//! | [`packages`], [`accounts`], [`files`], [`scripts`], [`configuration`] | two sides | their part of the difference |
//! | [`layers`] | all parts | the plan |
//! | [`mod@experiments`] | experiments of the spec folder | the working spec with them |

pub mod accounts;
pub mod configuration;
pub mod experiments;
pub mod files;
pub mod layers;
pub mod packages;
pub mod scripts;
pub mod side;

use crate::compile::Output;
use crate::plan::ImagePlan;
use side::Side;

/// The difference, as an image on top of the one that was built.
#[derive(Debug)]
pub struct Late {
    /// Its layers, files and configuration.
    pub plan: ImagePlan,
    /// Whether the baseline's health check has to be switched off.
    pub stops_healthcheck: bool,
    /// What is not exactly as after a full build, and why.
    pub remarks: Vec<String>,
    /// Whether anything differs at all.
    pub is_change: bool,
}

/// Something that cannot be laid on top of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What differs.
    pub what: String,
    /// Why it cannot be done late.
    pub why: String,
    /// What to do in its place.
    pub instead: String,
}

impl Refusal {
    fn new(what: impl Into<String>, why: impl Into<String>, instead: impl Into<String>) -> Self {
        Self { what: what.into(), why: why.into(), instead: instead.into() }
    }

    /// One that only a full build can do.
    fn build(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::new(what, why, "`rdspec build` does it")
    }
}

/// What is compared, and what it is laid upon.
#[derive(Debug)]
pub struct Request<'request> {
    /// The spec from which the baseline image was built.
    pub before: &'request Output,
    /// The spec as it is now.
    pub after: &'request Output,
    /// The variant.
    pub variant: &'request str,
    /// The image.
    pub image: &'request str,
    /// The name of the image that was built.
    pub base: &'request str,
}

/// The difference of one image and its parents.
///
/// # Errors
/// Everything that cannot be done late.
pub fn difference(request: &Request<'_>) -> Result<Late, Vec<Refusal>> {
    let unknown = |which: &str| {
        let what = format!("the image {} of the variant {}", request.image, request.variant);
        Refusal::build(what, format!("the {which} spec has no such image"))
    };
    let before = Side::of(request.before, request.variant, request.image);
    let after = Side::of(request.after, request.variant, request.image);
    match (before, after) {
        (Some(before), Some(after)) => layers::difference(&before, &after, request.base),
        (None, _) => Err(vec![unknown("baseline")]),
        (_, None) => Err(vec![unknown("working")]),
    }
}

/// `a, b and c`.
fn list<'text>(words: impl IntoIterator<Item = &'text str>) -> String {
    let words: Vec<&str> = words.into_iter().collect();
    match words.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
