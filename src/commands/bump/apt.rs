//! What becomes of the pins of apt: packages move to what a repository of the spec has for every architecture, and the
//! day of all others moves to today.

use anyhow::ensure;

use super::archives::Archives;
use super::look::{Move, Outcome, Problem, Wish, unusable};
use crate::bump::apt::{AptPin, Subject};
use crate::bump::dates;
use crate::bump::edit::Edits;
use crate::bump::evidence::Evidence;
use crate::bump::pins::Fixed;
use crate::commands::{WRONG, jobs};
use crate::diagnostic::suggest;
use crate::model::architecture::Architecture;
use crate::source::{Span, SpecFiles};
use crate::upstream::apt::catalog::Offer;
use crate::versions::choice::{Listed, Policy, choose};
use crate::versions::{Scheme, Version};

/// Why a package that no repository has stays.
const OF_THE_DISTRIBUTION: &str = "no repository of the spec has it: what only the distribution's own archive has is known to apt alone";

/// The pins that are asked for.
#[derive(Debug, Default)]
pub(super) struct Wanted<'stack> {
    /// What is asked of which.
    pub pins: Vec<(AptPin<'stack>, Wish)>,
    /// Those that stay until they are named.
    pub waiting: Vec<Fixed>,
    /// The names that are of something else.
    pub others: Vec<String>,
}

/// The pins that are named, or all that move by themselves.
///
/// # Errors
/// One is named twice.
pub(super) fn wanted<'stack>(
    known: Vec<AptPin<'stack>>,
    names: &[String],
    all: bool,
) -> anyhow::Result<Wanted<'stack>> {
    let mut wanted = Wanted::default();
    let mut asked: Vec<(&str, Wish)> = Vec::new();
    for text in names {
        let (name, wish) = match text.split_once('=') {
            Some((name, version)) => (name, Wish::Version(version.to_owned())),
            None => (text.as_str(), Wish::Newest),
        };
        if known.iter().any(|pin| pin.name == name) {
            ensure!(asked.iter().all(|(other, _)| *other != name), "`{name}` is named twice");
            asked.push((name, wish));
        } else {
            wanted.others.push(text.clone());
        }
    }
    for pin in known {
        let wish = asked.iter().find(|(name, _)| *name == pin.name).map(|(_, wish)| wish.clone());
        match (wish, pin.waits()) {
            (Some(wish), _) => wanted.pins.push((pin, wish)),
            (None, None) if all => wanted.pins.push((pin, Wish::Newest)),
            (None, Some(why)) if all => {
                wanted.waiting.push(Fixed { name: pin.name, version: Some(pin.current), why });
            }
            _ => {}
        }
    }
    Ok(wanted)
}

/// Looks after pins of apt.
#[derive(Debug)]
pub(super) struct Apt<'a> {
    /// The spec as it is.
    pub files: &'a SpecFiles,
    /// The repositories.
    pub archives: &'a Archives<'a>,
    /// What time it is, in seconds since 1970.
    pub now: u64,
}

impl Apt<'_> {
    /// What becomes of each pin that is asked for, and those that stay, with the reasons.
    pub(super) fn settled<'stack>(
        &self,
        wanted: Wanted<'stack>,
    ) -> (Vec<(AptPin<'stack>, Outcome)>, Vec<Fixed>) {
        let found = jobs::map(&wanted.pins, |(pin, wish)| self.after(pin, wish));
        let (mut moves, mut stays) = (Vec::new(), wanted.waiting);
        for ((pin, _), found) in wanted.pins.into_iter().zip(found) {
            match found {
                Ok(outcome) => moves.push((pin, outcome)),
                Err(fixed) => stays.push(fixed),
            }
        }
        (moves, stays)
    }

    /// Looks after one pin; one of which nothing can be known stays, with the reason.
    fn after(&self, pin: &AptPin<'_>, wish: &Wish) -> Result<Outcome, Fixed> {
        let wanted = match wish {
            Wish::Version(version) => Some(version.as_str()),
            Wish::Newest | Wish::Same => None,
        };
        let found = match pin.subject {
            Subject::Date(date) => {
                Ok(self.date(&date.span, &dates::moved(&date.value, wanted, self.now)))
            }
            Subject::Package { component, package, .. } => {
                match self.archives.beside(component, package.as_str()) {
                    Ok(Some(offers)) => self.package(pin, wanted, &offers),
                    Ok(None) => {
                        let (name, version) = (pin.name.clone(), Some(pin.current.clone()));
                        return Err(Fixed { name, version, why: OF_THE_DISTRIBUTION.to_owned() });
                    }
                    Err(problem) => Err(problem),
                }
            }
        };
        Ok(found.unwrap_or_else(Outcome::Failed))
    }

    fn date(&self, span: &Span, moved: &Result<Option<String>, String>) -> Outcome {
        match moved {
            Ok(Some(day)) => self.moves(span, day, Evidence::None, Vec::new()),
            Ok(None) => Outcome::Current { held: Vec::new() },
            Err(why) => Outcome::Failed(Problem { status: WRONG, ..unusable(why) }),
        }
    }

    fn package(
        &self,
        pin: &AptPin<'_>,
        wanted: Option<&str>,
        offers: &[Offer],
    ) -> Result<Outcome, Problem> {
        let Subject::Package { version, .. } = pin.subject else {
            return Err(unusable("it is no package"));
        };
        let wrong = |why: String| Problem { status: WRONG, ..unusable(&why) };
        let parse = |text: &str| {
            Version::parse(text, Scheme::Debian).map_err(|why| format!("{text:?} {why}"))
        };
        let current = parse(&pin.current).map_err(wrong)?;
        let proven =
            |to: &str, passed_over| self.moves(&version.span, to, Evidence::Signature, passed_over);
        if let Some(text) = wanted {
            let offer = named(text, &parse(text).map_err(wrong)?, &current, offers)?;
            return match self.lacking(offer) {
                Some(why) => Err(unusable(&format!("{text}: {why}"))),
                None if offer.version == pin.current => Ok(Outcome::Current { held: Vec::new() }),
                None => Ok(proven(&offer.version, Vec::new())),
            };
        }
        let listed: Vec<Listed> = offers.iter().enumerate().filter_map(listed).collect();
        // Repositories do not say when a version came out, and what they list they have released.
        let choice = choose(&listed, &current, &Policy::default(), 0);
        let mut passed_over = Vec::new();
        for one in &choice.open {
            let Some(why) = self.lacking(&offers[one.at]) else {
                return Ok(proven(one.version.as_str(), passed_over));
            };
            passed_over.push(format!("{}: {why}", one.version));
        }
        if !passed_over.is_empty() {
            return Err(unusable(&passed_over.join("; ")));
        }
        let held = choice.held.into_iter().map(|(one, why)| (one.version.to_string(), why));
        Ok(Outcome::Current { held: held.collect() })
    }

    /// Why a version does not serve the whole stack.
    fn lacking(&self, offer: &Offer) -> Option<String> {
        let missing = |one: &&Architecture| !offer.files.contains_key(one);
        let missing: Vec<&str> = self
            .archives
            .stack
            .architectures
            .iter()
            .filter(missing)
            .map(|one| one.name())
            .collect();
        (!missing.is_empty()).then(|| format!("it is not there for {}", missing.join(" and ")))
    }

    fn moves(
        &self,
        span: &Span,
        to: &str,
        evidence: Evidence,
        passed_over: Vec<String>,
    ) -> Outcome {
        let mut edits = Edits::default();
        edits.string(self.files, span, to);
        Outcome::Moves(Move {
            version: to.to_owned(),
            published: None,
            evidence,
            edits,
            passed_over,
        })
    }
}

fn listed((at, offer): (usize, &Offer)) -> Option<Listed> {
    let version = Version::parse(&offer.version, Scheme::Debian).ok()?;
    Some(Listed { version, published: None, prerelease: false, withdrawn: None, at })
}

/// The version that somebody asks for by name, which never is an older one.
fn named<'a>(
    text: &str,
    version: &Version,
    current: &Version,
    offers: &'a [Offer],
) -> Result<&'a Offer, Problem> {
    let wrong =
        |why: String, help: Option<String>| Problem { help, status: WRONG, ..unusable(&why) };
    if version < current {
        return Err(wrong(
            format!("{text} is older than {current}, and a pin never moves back"),
            Some("to go back on purpose, edit the spec".to_owned()),
        ));
    }
    let known = offers.iter().find(|offer| offer.version == text);
    known.ok_or_else(|| {
        let help = suggest::help(text, offers.iter().map(|offer| offer.version.as_str()));
        wrong(format!("no repository of the spec has the version {text}"), help)
    })
}
