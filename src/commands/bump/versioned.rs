//! Pins whose versions somebody lists: the newest that one may move to, of which everything exists and is proven.

use std::collections::BTreeMap;

use super::look::{Look, Move, Outcome, Wish};
use super::proof::Unproven;
use crate::bump::candidates::{self, Candidates};
use crate::bump::edit::Edits;
use crate::bump::pins::Rules;
use crate::commands::problem::{Problem, unusable};
use crate::commands::{VERIFICATION_FAILED, WRONG};
use crate::diagnostic::suggest;
use crate::model::upstream::Evidence;
use crate::upstream::http::{Failure, Kind};
use crate::upstream::{Release, ReleaseFile};
use crate::versions::Version;
use crate::versions::choice::{Choice, Held, Listed, Policy, choose, newest_first};

/// How many characters are shown of a name that is no version.
const SHOWN: usize = 80;

/// A pin whose versions somebody lists.
pub(super) trait Versioned {
    /// Which of them are taken.
    fn rules(&self) -> &Rules<'_>;

    /// Everything that moving to a version changes, with its files downloaded and proven.
    fn prepared(&self, look: &Look<'_>, candidate: &Candidate<'_>) -> Result<Move, Lacking>;
}

/// A version that is tried.
pub(super) struct Candidate<'a> {
    pub(super) version: String,
    /// What else its tag says.
    pub(super) captures: Option<&'a BTreeMap<String, String>>,
    pub(super) release: Option<&'a Release>,
    /// Which versions are taken, where nobody has named this one.
    pub(super) policy: Option<&'a Policy>,
}

impl Candidate<'_> {
    /// When the youngest of the files that are taken came out, if that was long enough ago.
    pub(super) fn since<'file>(
        &self,
        look: &Look<'_>,
        taken: impl IntoIterator<Item = &'file ReleaseFile>,
    ) -> Result<Option<i64>, Lacking> {
        let since = self.release.and_then(|release| release.since(taken));
        match self.policy.and_then(|policy| policy.waits(since, look.now)) {
            Some(held) => Err(Lacking::Age(held)),
            None => Ok(since),
        }
    }

    /// The move to it, out since a time, with all that it changes and what proves that.
    pub(super) fn taken(&self, since: Option<i64>, evidence: Evidence, edits: Edits) -> Move {
        Move {
            version: self.version.clone(),
            published: since,
            evidence,
            edits,
            passed_over: Vec::new(),
            held: Vec::new(),
            notes: Vec::new(),
        }
    }
}

/// Why a version is passed over for an older one.
pub(super) enum Lacking {
    /// A file of it does not exist, or not yet.
    File(String),
    /// A file of it has not been out for long enough.
    Age(Held),
    /// Something that is wrong with any version.
    Problem(Problem),
}

/// What becomes of a pin, of these releases.
pub(super) fn found(
    look: &Look<'_>,
    pin: &impl Versioned,
    releases: &[Release],
    wish: &Wish,
) -> Result<Outcome, Problem> {
    let candidates = candidates::of(pin.rules(), releases);
    if candidates.listed.is_empty() {
        return Err(nothing_listed(releases, &candidates));
    }
    let wanted = match wish {
        Wish::Newest => return newest(look, pin, releases, &candidates),
        Wish::Version(version) => version.as_str(),
        Wish::Same => pin.rules().current.as_str(),
    };
    let candidate = named(pin.rules(), wanted, wish, releases, &candidates)?;
    match pin.prepared(look, &candidate) {
        Ok(moved) if moved.edits.is_empty() => Ok(Outcome::Current { held: Vec::new() }),
        Ok(moved) if *wish != Wish::Same && moved.version == pin.rules().current.as_str() => {
            Err(republished(&moved.version))
        }
        Ok(moved) => Ok(Outcome::Moves(moved)),
        Err(Lacking::Problem(problem)) => Err(problem),
        Err(Lacking::File(why)) => Err(unusable(&format!("{wanted}: {why}"))),
        Err(Lacking::Age(held)) => Err(unusable(&format!("{wanted}: {}", held.describe()))),
    }
}

/// The newest version that is open and has every file.
pub(super) fn newest(
    look: &Look<'_>,
    pin: &impl Versioned,
    releases: &[Release],
    candidates: &Candidates,
) -> Result<Outcome, Problem> {
    let rules = pin.rules();
    let Choice { open, mut held } =
        choose(&candidates.listed, &rules.current, &rules.policy, look.now);
    let mut passed_over = Vec::new();
    for listed in open {
        let candidate = Candidate {
            version: listed.version.to_string(),
            captures: candidates.captures.get(&listed.at),
            release: releases.get(listed.at),
            policy: Some(&rules.policy),
        };
        match pin.prepared(look, &candidate) {
            Ok(moved) => {
                held.retain(|(one, _)| one.version > listed.version);
                return Ok(Outcome::Moves(Move { passed_over, held: named_held(held), ..moved }));
            }
            Err(Lacking::Age(why)) => held.push((listed, why)),
            Err(Lacking::Problem(problem)) => return Err(problem),
            Err(Lacking::File(why)) => passed_over.push(format!("{}: {why}", listed.version)),
        }
    }
    if !passed_over.is_empty() {
        return Err(unusable(&passed_over.join("; ")));
    }
    Ok(Outcome::Current { held: named_held(held) })
}

/// What is held by its names, the newest first.
fn named_held(mut held: Vec<(&Listed, Held)>) -> Vec<(String, Held)> {
    newest_first(&mut held);
    held.into_iter().map(|(listed, why)| (listed.version.to_string(), why)).collect()
}

/// The version that somebody asks for by name, which never is an older one.
fn named<'a>(
    rules: &Rules<'_>,
    wanted: &str,
    wish: &Wish,
    releases: &'a [Release],
    candidates: &'a Candidates,
) -> Result<Candidate<'a>, Problem> {
    let version = Version::parse(wanted, rules.scheme)
        .map_err(|why| Problem { status: WRONG, ..unusable(&format!("{wanted:?} {why}")) })?;
    if version < rules.current {
        let text = format!("{wanted} is older than {}, and a pin never moves back", rules.current);
        let help = "to go back on purpose, edit the spec and run `rdspec bump --repin`".to_owned();
        return Err(Problem { help: Some(help), status: WRONG, ..unusable(&text) });
    }
    // `1.0` and `1.0.0` are equal: the one that is written so comes first.
    let exact = candidates.listed.iter().find(|listed| listed.version.as_str() == wanted);
    let listed = exact.or_else(|| candidates.listed.iter().find(|one| one.version == version));
    let listed = listed.filter(|one| *wish != Wish::Same || one.version.as_str() == wanted);
    if listed.is_none() && *wish != Wish::Same {
        let known = candidates.listed.iter().map(|listed| listed.version.as_str());
        let help = suggest::help(wanted, known);
        return Err(Problem {
            help,
            status: WRONG,
            ..unusable(&format!("the upstream lists no version {wanted}"))
        });
    }
    if listed.is_none() && releases.iter().any(|release| release.signed) {
        return Err(Problem {
            message: format!(
                "no signed index lists {wanted} any more, so nothing proves its bytes"
            ),
            help: Some("take a version that is listed".to_owned()),
            status: VERIFICATION_FAILED,
        });
    }
    Ok(Candidate {
        version: listed.map_or(wanted, |listed| listed.version.as_str()).to_owned(),
        captures: listed.and_then(|listed| candidates.captures.get(&listed.at)),
        release: listed.and_then(|listed| releases.get(listed.at)),
        policy: None,
    })
}

fn republished(version: &str) -> Problem {
    Problem {
        message: format!("{version} has other bytes now than those of its pin"),
        help: Some("ask the upstream why; if it is well, `rdspec bump --repin`".to_owned()),
        status: VERIFICATION_FAILED,
    }
}

fn nothing_listed(releases: &[Release], candidates: &Candidates) -> Problem {
    let message = match releases.first() {
        None => "the upstream lists no version at all".to_owned(),
        Some(first) => format!(
            "none of the {} names that the upstream lists is a version, such as {:?}",
            candidates.others,
            first.name.chars().take(SHOWN).collect::<String>()
        ),
    };
    Problem { help: Some("see whether `tag` still fits".to_owned()), ..unusable(&message) }
}

impl From<Failure> for Lacking {
    fn from(failure: Failure) -> Self {
        match &failure.kind {
            Kind::Missing(_) => Self::File(failure.to_string()),
            _ => Self::Problem(failure.into()),
        }
    }
}

impl From<Unproven> for Lacking {
    fn from(unproven: Unproven) -> Self {
        match unproven {
            Unproven::Lacking(why) => Self::File(why),
            Unproven::Failure(failure) => failure.into(),
            Unproven::Wrong(problem) => Self::Problem(problem),
        }
    }
}
