//! What becomes of a base image: its digest moves to what its tag is now, and its tag to a newer one where the spec says
//! which are. What it moves to has an image for every platform of the stack.

use super::look::{Look, Move, Outcome, Wish};
use crate::bump::candidates;
use crate::bump::edit::Edits;
use crate::bump::pins::{Rules, shown};
use crate::commands::WRONG;
use crate::commands::problem::{Problem, unusable};
use crate::diagnostic::suggest;
use crate::model::architecture::Architecture;
use crate::model::reference::Tag;
use crate::model::stack::External;
use crate::model::upstream::Evidence;
use crate::upstream::Datasource;
use crate::upstream::http::Kind;
use crate::upstream::oci::{Manifest, Repository};
use crate::versions::Version;
use crate::versions::choice::{Held, choose};

/// A base image that is looked after.
pub(super) struct BaseImage<'a> {
    pub(super) external: &'a External,
    pub(super) rules: Option<&'a Rules<'a>>,
    pub(super) architectures: &'a [Architecture],
    /// Whether it waits until an image is old enough; who names a version does not.
    pub(super) waits: bool,
}

/// What a tag turns out to be.
enum Found {
    /// What the pin has already.
    Same,
    /// Something else, which it moves to.
    Other(Move),
    /// It is not there, or lacks a platform.
    Lacking(String),
    /// It was made too lately: so many seconds are missing.
    TooYoung(i64),
}

impl BaseImage<'_> {
    pub(super) fn found(&self, look: &Look<'_>, wish: &Wish) -> Result<Outcome, Problem> {
        let name = self.external.reference.value.as_str();
        let repository = Repository::of(name, &look.addresses.registries);
        match (wish, self.rules) {
            (Wish::Version(version), _) => self.named(look, &repository, version),
            (Wish::Newest, Some(rules)) => self.newest(look, &repository, rules),
            (Wish::Newest, None) | (Wish::Same, _) => {
                let tag = self.external.tag();
                match self.at(look, &repository, tag)? {
                    Found::Same => Ok(Outcome::Current { held: Vec::new() }),
                    Found::Other(moved) => Ok(Outcome::Moves(moved)),
                    Found::TooYoung(seconds) => {
                        let held = vec![(tag.to_owned(), Held::TooYoung(seconds))];
                        Ok(Outcome::Current { held })
                    }
                    Found::Lacking(why) => Err(unusable(&why)),
                }
            }
        }
    }

    /// The newest tag that is open and has every platform; where there is none, what the tag of the pin is now.
    fn newest(
        &self,
        look: &Look<'_>,
        repository: &Repository<'_>,
        rules: &Rules<'_>,
    ) -> Result<Outcome, Problem> {
        let releases = repository.releases(look.http)?;
        let candidates = candidates::of(rules, &releases);
        let choice = choose(&candidates.listed, &rules.current, &rules.policy, look.now);
        let mut passed_over = Vec::new();
        let mut held: Vec<(String, Held)> = Vec::new();
        let tags = choice.open.iter().filter_map(|listed| releases.get(listed.at));
        for tag in tags.map(|release| release.name.as_str()).chain([self.external.tag()]) {
            match self.at(look, repository, tag)? {
                Found::Other(moved) => {
                    return Ok(Outcome::Moves(Move { passed_over, held, ..moved }));
                }
                Found::Same => break,
                Found::Lacking(why) => passed_over.push(format!("{tag}: {why}")),
                Found::TooYoung(seconds) => held.push((tag.to_owned(), Held::TooYoung(seconds))),
            }
        }
        if !passed_over.is_empty() {
            return Err(unusable(&passed_over.join("; ")));
        }
        let others = choice.held.iter();
        held.extend(others.map(|(listed, why)| (listed.version.to_string(), why.clone())));
        Ok(Outcome::Current { held })
    }

    /// A version that somebody asks for by name, which without an `upstream` is a tag.
    fn named(
        &self,
        look: &Look<'_>,
        repository: &Repository<'_>,
        wanted: &str,
    ) -> Result<Outcome, Problem> {
        let wrong = |text: &str| Problem { status: WRONG, ..unusable(text) };
        let mut tag = wanted.to_owned();
        if let Some(rules) = self.rules {
            let version = Version::parse(wanted, rules.scheme)
                .map_err(|why| wrong(&format!("{wanted:?} {why}")))?;
            if version < rules.current {
                let text =
                    format!("{wanted} is older than {}, and a pin never moves back", rules.current);
                let help = "to go back on purpose, edit the spec and run `rdspec bump --repin`";
                return Err(Problem { help: Some(help.to_owned()), ..wrong(&text) });
            }
            let releases = repository.releases(look.http)?;
            let candidates = candidates::of(rules, &releases);
            let listed = candidates.listed.iter().find(|one| one.version.as_str() == wanted);
            let listed =
                listed.or_else(|| candidates.listed.iter().find(|one| one.version == version));
            let Some(release) = listed.and_then(|listed| releases.get(listed.at)) else {
                let known = candidates.listed.iter().map(|listed| listed.version.as_str());
                let help = suggest::help(wanted, known);
                let text = format!("the registry has no tag for {wanted}");
                return Err(Problem { help, ..wrong(&text) });
            };
            tag.clone_from(&release.name);
        } else if Tag::parse(wanted).is_err() {
            return Err(wrong(&format!("{wanted:?} is no tag")));
        }
        match self.at(look, repository, &tag)? {
            Found::Same | Found::TooYoung(_) => Ok(Outcome::Current { held: Vec::new() }),
            Found::Other(moved) => Ok(Outcome::Moves(moved)),
            Found::Lacking(why) => Err(unusable(&format!("{tag}: {why}"))),
        }
    }

    /// What a tag is.
    fn at(
        &self,
        look: &Look<'_>,
        repository: &Repository<'_>,
        tag: &str,
    ) -> Result<Found, Problem> {
        let manifest = match repository.manifest(look.http, tag) {
            Ok(manifest) => manifest,
            Err(failure) if matches!(failure.kind, Kind::Missing(_)) => {
                return Ok(Found::Lacking(failure.to_string()));
            }
            Err(failure) => return Err(failure.into()),
        };
        let digest = manifest.digest.to_string();
        let Some(pinned) = &self.external.digest else { return Ok(Found::Same) };
        let is_other_tag = tag != self.external.tag();
        if !is_other_tag && digest == pinned.value.as_str() {
            return Ok(Found::Same);
        }
        if let Some(why) = self.lacking(look, repository, &manifest)? {
            return Ok(Found::Lacking(why));
        }
        let published = self.published(look, repository, &manifest)?;
        if let Some(seconds) = self.missing_age(published, look.now) {
            return Ok(Found::TooYoung(seconds));
        }
        let mut edits = Edits::default();
        edits.string(look.files, &pinned.span, &digest);
        if is_other_tag {
            let reference = &self.external.reference;
            let name = reference.value.as_str();
            let repository = name.strip_suffix(self.external.tag()).unwrap_or(name);
            edits.string(look.files, &reference.span, &format!("{repository}{tag}"));
        }
        Ok(Found::Other(Move {
            version: shown(tag, &digest),
            published,
            evidence: if manifest.is_stated { Evidence::Api } else { Evidence::None },
            edits,
            passed_over: Vec::new(),
            held: Vec::new(),
            notes: Vec::new(),
        }))
    }

    /// The platforms of the stack that it has no image for, in words.
    fn lacking(
        &self,
        look: &Look<'_>,
        repository: &Repository<'_>,
        manifest: &Manifest,
    ) -> Result<Option<String>, Problem> {
        let platforms = repository.platforms(look.http, manifest)?;
        let wanted = self.architectures.iter().copied().map(platform);
        let lacking: Vec<String> = wanted.filter(|one| !platforms.contains(one)).collect();
        if lacking.is_empty() {
            return Ok(None);
        }
        let has: Vec<&str> = platforms.iter().map(String::as_str).collect();
        Ok(Some(format!("it has no image for {}, only for {}", lacking.join(", "), has.join(", "))))
    }

    fn minimum_age(&self) -> Option<i64> {
        let age = self.external.upstream.as_ref()?.minimum_age.as_ref()?;
        Some(age.value.seconds())
    }

    /// When it was made, where that matters: it takes two more requests.
    fn published(
        &self,
        look: &Look<'_>,
        repository: &Repository<'_>,
        manifest: &Manifest,
    ) -> Result<Option<i64>, Problem> {
        match self.architectures.first() {
            Some(first) if self.minimum_age().is_some() => {
                Ok(repository.created(look.http, manifest, &platform(*first))?)
            }
            _ => Ok(None),
        }
    }

    /// How many seconds it has to wait yet.
    fn missing_age(&self, published: Option<i64>, now: i64) -> Option<i64> {
        let least = self.minimum_age().filter(|_| self.waits)?;
        let age = now.saturating_sub(published?);
        (age < least).then(|| least - age)
    }
}

fn platform(architecture: Architecture) -> String {
    format!("linux/{}", architecture.name())
}
