//! What becomes of the pins of apt: packages move to what a repository of the spec has for every architecture, and the
//! day of all others moves to today.

use super::look::{Look, Move, Outcome, Wish};
use super::versioned::{Candidate, Lacking, Versioned, newest};
use crate::bump::candidates;
use crate::bump::dates;
use crate::bump::edit::Edits;
use crate::bump::pins::Rules;
use crate::commands::WRONG;
use crate::commands::problem::{Problem, unusable};
use crate::diagnostic::suggest;
use crate::model::apt::PackageVersion;
use crate::model::architecture::Architecture;
use crate::model::names::PackageName;
use crate::model::stack::PackageDate;
use crate::model::upstream::Evidence;
use crate::source::{Span, Spanned};
use crate::upstream::Release;
use crate::upstream::apt::catalog::Offer;
use crate::versions::Version;

/// Why a package that no repository has stays.
const OF_THE_DISTRIBUTION: &str = "no repository of the spec has it: what only the distribution's own archive has is known to apt alone";

/// A package that is pinned to a version.
#[derive(Debug)]
pub(super) struct Pinned<'a> {
    pub component: &'a str,
    pub package: &'a PackageName,
    pub version: &'a Spanned<PackageVersion>,
    pub rules: &'a Rules<'a>,
}

/// What becomes of the day of the archives.
pub(super) fn date(
    look: &Look<'_>,
    date: &Spanned<PackageDate>,
    wish: &Wish,
) -> Result<Outcome, Problem> {
    let now = u64::try_from(look.now).unwrap_or(0);
    let moved = dates::moved(&date.value, wanted(wish), now);
    let moved = moved.map_err(|why| Problem { status: WRONG, ..unusable(&why) })?;
    Ok(match moved {
        Some(day) => Outcome::Moves(moves(look, &date.span, &day, Evidence::None)),
        None => Outcome::Current { held: Vec::new() },
    })
}

fn wanted(wish: &Wish) -> Option<&str> {
    match wish {
        Wish::Version(version) => Some(version),
        Wish::Newest | Wish::Same => None,
    }
}

impl Pinned<'_> {
    /// What becomes of it; one of which nothing can be known stays, with the reason.
    pub(super) fn found(&self, look: &Look<'_>, wish: &Wish) -> Result<Outcome, Problem> {
        match look.archives.beside(self.component, self.package.as_str())? {
            Some(offers) => self.among(look, wanted(wish), offers),
            None => Ok(Outcome::Stays(OF_THE_DISTRIBUTION.to_owned())),
        }
    }

    fn among(
        &self,
        look: &Look<'_>,
        wanted: Option<&str>,
        offers: Vec<Offer>,
    ) -> Result<Outcome, Problem> {
        let architectures = &look.archives.stack.architectures;
        if let Some(text) = wanted {
            let offer = named(text, self.rules, &offers)?;
            return match lacking(offer, &offers, architectures) {
                Some(why) => Err(unusable(&format!("{text}: {why}"))),
                None if offer.version == self.version.value.as_str() => {
                    Ok(Outcome::Current { held: Vec::new() })
                }
                None => Ok(Outcome::Moves(self.moves(look, &offer.version))),
            };
        }
        // Repositories do not say when a version came out, and what they list they have released.
        let releases: Vec<Release> = offers.iter().cloned().map(Release::from).collect();
        let candidates = candidates::of(self.rules, &releases);
        newest(look, &Offered { pin: self, offers }, &releases, &candidates)
    }

    fn moves(&self, look: &Look<'_>, to: &str) -> Move {
        moves(look, &self.version.span, to, Evidence::Signature)
    }
}

/// A package with what repositories have of it.
struct Offered<'a> {
    pin: &'a Pinned<'a>,
    offers: Vec<Offer>,
}

impl Versioned for Offered<'_> {
    fn rules(&self) -> &Rules<'_> {
        self.pin.rules
    }

    fn prepared(&self, look: &Look<'_>, candidate: &Candidate<'_>) -> Result<Move, Lacking> {
        let offer = self.offers.iter().find(|offer| offer.version == candidate.version);
        let architectures = &look.archives.stack.architectures;
        match offer.and_then(|offer| lacking(offer, &self.offers, architectures)) {
            Some(why) => Err(Lacking::File(why)),
            None => Ok(self.pin.moves(look, &candidate.version)),
        }
    }
}

/// Why a version does not serve the whole stack, as far as there are repositories for it.
fn lacking(offer: &Offer, offers: &[Offer], architectures: &[Architecture]) -> Option<String> {
    let is_served = |one: &&Architecture| offers.iter().any(|offer| offer.files.contains_key(one));
    let served = architectures.iter().filter(is_served);
    let missing = served.filter(|one| !offer.files.contains_key(one));
    let missing: Vec<&str> = missing.map(|one| one.name()).collect();
    (!missing.is_empty()).then(|| format!("it is not there for {}", missing.join(" and ")))
}

fn moves(look: &Look<'_>, span: &Span, to: &str, evidence: Evidence) -> Move {
    let mut edits = Edits::default();
    edits.string(look.files, span, to);
    let (passed_over, held, notes) = (Vec::new(), Vec::new(), Vec::new());
    Move { version: to.to_owned(), published: None, evidence, edits, passed_over, held, notes }
}

/// The version that somebody asks for by name, which never is an older one.
fn named<'a>(text: &str, rules: &Rules<'_>, offers: &'a [Offer]) -> Result<&'a Offer, Problem> {
    let wrong =
        |why: String, help: Option<String>| Problem { help, status: WRONG, ..unusable(&why) };
    let version =
        Version::parse(text, rules.scheme).map_err(|why| wrong(format!("{text:?} {why}"), None))?;
    if version < rules.current {
        return Err(wrong(
            format!("{text} is older than {}, and a pin never moves back", rules.current),
            Some("to go back on purpose, edit the spec".to_owned()),
        ));
    }
    let known = offers.iter().find(|offer| offer.version == text);
    known.ok_or_else(|| {
        let help = suggest::help(text, offers.iter().map(|offer| offer.version.as_str()));
        wrong(format!("no repository of the spec has the version {text}"), help)
    })
}
