//! The pins of a spec that can move: downloads with a version and an upstream, base images with a digest, packages with an
//! exact version, and the day of all other packages.

mod apt;
mod images;
mod packages;

use std::collections::BTreeMap;

pub use images::shown;

use crate::model::Stack;
use crate::model::apt::PackageVersion;
use crate::model::architecture::Architecture;
use crate::model::component::Component;
use crate::model::download::{Download, Url};
use crate::model::names::PackageName;
use crate::model::npm::{NodeName, NodeVersion};
use crate::model::pip::Requirement;
use crate::model::stack::{External, PackageDate};
use crate::model::upstream::{Age, Pattern, Upstream};
use crate::source::{Span, Spanned};
use crate::versions::choice::Policy;
use crate::versions::range::{Range, with_reason};
use crate::versions::{Scheme, Version};

/// A minimum age where the spec names none: long enough for most bad releases to be noticed and taken back.
pub const MINIMUM_AGE: Age = Age { hours: 72 };

/// A value of the spec that can move.
#[derive(Clone, Debug)]
pub struct Pin<'stack> {
    /// What it is called on the command line: its short name, after its owner's where several have it.
    pub name: String,
    /// What has it: a component, or the variant of an image.
    pub owner: &'stack str,
    /// Where it is, as the spec has it.
    pub current: String,
    /// What it moves together with.
    pub group: Option<&'stack str>,
    /// What it is.
    pub subject: Subject<'stack>,
}

/// What can move.
#[derive(Clone, Debug)]
pub enum Subject<'stack> {
    /// A download.
    Download {
        /// The download itself.
        download: &'stack Download,
        /// Where its versions are found.
        upstream: &'stack Upstream,
        /// Which of them are taken.
        rules: Rules<'stack>,
    },
    /// A base image.
    Image {
        /// The image with its pin.
        external: &'stack External,
        /// Which tags are taken; none where the tag stays.
        rules: Option<Rules<'stack>>,
        /// What it needs an image for.
        architectures: &'stack [Architecture],
    },
    /// A package of `[pip.packages]`.
    Python {
        /// The package with its pin.
        requirement: &'stack Requirement,
        /// The index that the component names.
        index: Option<&'stack Url>,
        /// Which versions are taken.
        rules: Rules<'stack>,
    },
    /// A package of `[npm.packages]`.
    Node {
        /// Its name.
        package: &'stack NodeName,
        /// Its version.
        version: &'stack Spanned<NodeVersion>,
        /// Which versions are taken.
        rules: Rules<'stack>,
    },
    /// A package of apt.
    Package {
        /// Its name.
        package: &'stack PackageName,
        /// Its version.
        version: &'stack Spanned<PackageVersion>,
        /// Which versions are taken.
        rules: Rules<'stack>,
    },
    /// The day or time of the archives.
    Date(&'stack Spanned<PackageDate>),
}

impl Pin<'_> {
    /// Why it does not move but by its name, if that is so.
    pub fn waits(&self) -> Option<String> {
        match self.subject {
            Subject::Date(_) => Some(format!(
                "it moves when it is named: `rdspec bump {}`; every layer of packages is built anew for it",
                self.name
            )),
            _ => None,
        }
    }
}

/// How the versions of a pin are read, ordered and chosen.
#[derive(Clone, Debug)]
pub struct Rules<'stack> {
    /// By which rules versions are ordered.
    pub scheme: Scheme,
    /// Where the pin is.
    pub current: Version,
    /// How tags are taken apart; none takes a whole tag.
    pub tag: Option<&'stack Pattern>,
    /// What its maintainer wants.
    pub policy: Policy,
}

impl<'stack> Rules<'stack> {
    /// Those of an upstream, for a pin at a version.
    ///
    /// # Errors
    /// The version or a range is none of the scheme.
    pub fn of(upstream: &'stack Upstream, scheme: Scheme, current: &str) -> Result<Self, String> {
        let current = Version::parse(current, scheme)?;
        let range = |text: &str, what: &str| {
            Range::parse(text, scheme).map_err(|why| format!("its {what} {why}"))
        };
        let allow = upstream.allow.as_ref().map(|allow| range(allow.value.as_str(), "`allow`"));
        let ignore = upstream.ignore.iter().map(|ignore| {
            let (text, reason) = with_reason(ignore.value.as_str());
            Ok::<_, String>((range(text, "`ignore`")?, reason.map(str::to_owned)))
        });
        let minimum_age = upstream.minimum_age.as_ref().map_or(MINIMUM_AGE, |age| age.value);
        let policy = Policy {
            allow: allow.transpose()?,
            ignore: ignore.collect::<Result<_, _>>()?,
            prerelease: upstream.prerelease,
            minimum_age: minimum_age.seconds(),
        };
        let tag = upstream.tag.as_ref().map(|tag| &tag.value);
        Ok(Self { scheme, current, tag, policy })
    }

    /// Those of a package: what `[bump.*]` says of it.
    ///
    /// # Errors
    /// As of [`Self::of`].
    fn of_package(
        component: &'stack Component,
        package: &str,
        scheme: Scheme,
        current: &str,
    ) -> Result<Self, String> {
        match rules_of(component, package) {
            Some(upstream) => Self::of(upstream, scheme, current),
            None => Self::plain(scheme, current),
        }
    }

    /// Those of a pin whose spec says nothing about them.
    ///
    /// # Errors
    /// The version is none of the scheme.
    fn plain(scheme: Scheme, current: &str) -> Result<Self, String> {
        let policy = Policy { minimum_age: MINIMUM_AGE.seconds(), ..Policy::default() };
        Ok(Self { scheme, current: Version::parse(current, scheme)?, tag: None, policy })
    }
}

/// What `[bump.*]` says of a package.
fn rules_of<'stack>(component: &'stack Component, package: &str) -> Option<&'stack Upstream> {
    let rules = component.bump.iter().find(|(name, _)| name.value == package);
    rules.map(|(_, rules)| rules)
}

/// What a package moves together with.
fn group_of<'stack>(component: &'stack Component, package: &str) -> Option<&'stack str> {
    rules_of(component, package)?.group.as_ref().map(|group| group.value.as_str())
}

/// A pin that cannot move by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    /// What it is called.
    pub name: String,
    /// Its version, where it has one.
    pub version: Option<String>,
    /// What would move together with it, and does not.
    pub group: Option<String>,
    /// Why it stays.
    pub why: String,
}

/// A pin under its short name, before it is known whether others have it, too.
struct Found<'stack> {
    short: &'stack str,
    owner: &'stack str,
    /// The first variant that has it, where others have another one in its place.
    variant: Option<&'stack str>,
    /// Where its version is written, where it has one.
    place: Option<&'stack Span>,
    /// What tells pins of an owner apart that have the same name.
    kind: &'static str,
    version: Option<String>,
    group: Option<&'stack str>,
    subject: Result<Subject<'stack>, String>,
}

/// The pins of a spec, by name, and those that stay.
pub fn of(stack: &Stack) -> (Vec<Pin<'_>>, Vec<Fixed>) {
    let mut found: Vec<Found<'_>> = of_components(stack);
    found.extend(images::of(stack).into_iter().chain(apt::date(stack)));
    let names = names(&found);
    let (mut pins, mut fixed) = (Vec::new(), Vec::new());
    for (found, name) in found.into_iter().zip(names) {
        match found.subject {
            Ok(subject) => pins.push(Pin {
                name,
                owner: found.owner,
                current: found.version.unwrap_or_default(),
                group: found.group,
                subject,
            }),
            Err(why) => {
                let group = found.group.map(str::to_owned);
                fixed.push(Fixed { name, version: found.version, group, why });
            }
        }
    }
    pins.sort_by(|a, b| a.name.cmp(&b.name));
    fixed.sort_by(|a, b| a.name.cmp(&b.name));
    (pins, fixed)
}

/// The pins of components, each once. Variants can have others in the place of one: those are pins of their own.
fn of_components(stack: &Stack) -> Vec<Found<'_>> {
    let mut all: BTreeMap<(&str, &str, &str), Vec<Found<'_>>> = BTreeMap::new();
    for variant in &stack.variants {
        for component in variant.images.iter().flat_map(|image| &image.components) {
            let packages = packages::of(component).chain(apt::packages(component));
            for found in downloads(component).chain(packages) {
                let same = all.entry((found.short, found.owner, found.kind)).or_default();
                if same.iter().all(|other| other.place != found.place) {
                    same.push(Found { variant: Some(variant.name.as_str()), ..found });
                }
            }
        }
    }
    for same in all.values_mut() {
        if let [only] = same.as_mut_slice() {
            only.variant = None;
        }
    }
    all.into_values().flatten().collect()
}

/// The shortest name of each that no other has.
fn names(found: &[Found<'_>]) -> Vec<String> {
    let spellings = |one: &Found<'_>| {
        let Found { short, owner, kind, variant, .. } = one;
        let of_variant = variant.map(|variant| format!("{variant}/")).unwrap_or_default();
        [
            format!("{of_variant}{short}"),
            format!("{of_variant}{owner}/{short}"),
            format!("{of_variant}{owner}/{kind}/{short}"),
        ]
    };
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for spelling in found.iter().flat_map(spellings) {
        *counts.entry(spelling).or_default() += 1;
    }
    let name = |one: &Found<'_>| {
        let [short, owned, whole] = spellings(one);
        [short, owned].into_iter().find(|name| counts.get(name) == Some(&1)).unwrap_or(whole)
    };
    found.iter().map(name).collect()
}

fn downloads(component: &Component) -> impl Iterator<Item = Found<'_>> {
    component.downloads.iter().map(|download| Found {
        short: download.name.as_str(),
        owner: component.name.as_str(),
        variant: None,
        place: download.version.as_ref().map(|version| &version.span),
        kind: "download",
        version: download.version.as_ref().map(|version| version.value.to_string()),
        group: download
            .upstream
            .as_ref()
            .and_then(|upstream| upstream.group.as_ref())
            .map(|group| group.value.as_str()),
        subject: self::download(download),
    })
}

fn download(download: &Download) -> Result<Subject<'_>, String> {
    let upstream = download.upstream.as_ref().ok_or("it has no `upstream`")?;
    let version = download.version.as_ref().ok_or("it has no `version`")?;
    let scheme = Scheme::of(&upstream.source.value);
    let rules = Rules::of(upstream, scheme, version.value.as_str())?;
    Ok(Subject::Download { download, upstream, rules })
}
