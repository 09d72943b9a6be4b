//! The pins of a spec that can move: downloads with a version and an upstream.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Stack;
use crate::model::download::Download;
use crate::model::upstream::Upstream;
use crate::versions::choice::Policy;
use crate::versions::range::Range;
use crate::versions::{Scheme, Version};

/// A minimum age where the spec names none: long enough for most bad releases to be noticed and taken back.
const MINIMUM_AGE_HOURS: u32 = 72;

/// A download that can move.
#[derive(Clone, Debug)]
pub struct Pin<'stack> {
    /// What it is called on the command line: the download's name, after its component's where several have it.
    pub name: String,
    /// The component that has it.
    pub component: &'stack str,
    /// The download itself.
    pub download: &'stack Download,
    /// Where its versions are found.
    pub upstream: &'stack Upstream,
    /// By which rules its versions are ordered.
    pub scheme: Scheme,
    /// Where it is.
    pub current: Version,
    /// What its maintainer wants.
    pub policy: Policy,
}

/// A pin that cannot move by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    /// What it is called.
    pub name: String,
    /// Its version, where it has one.
    pub version: Option<String>,
    /// Why it stays.
    pub why: String,
}

/// The pins of a spec, by name, and those that stay.
pub fn of(stack: &Stack) -> (Vec<Pin<'_>>, Vec<Fixed>) {
    let mut downloads = BTreeMap::new();
    for component in stack
        .variants
        .iter()
        .flat_map(|variant| &variant.images)
        .flat_map(|image| &image.components)
    {
        for download in &component.downloads {
            let key = (component.name.as_str(), download.name.as_str());
            downloads.entry(key).or_insert(download);
        }
    }
    let (mut once, mut twice) = (BTreeSet::new(), BTreeSet::new());
    for (_, name) in downloads.keys() {
        if !once.insert(*name) {
            twice.insert(*name);
        }
    }
    let (mut pins, mut fixed) = (Vec::new(), Vec::new());
    for ((component, name), download) in downloads {
        let name =
            if twice.contains(name) { format!("{component}/{name}") } else { name.to_owned() };
        match pin(name.clone(), component, download) {
            Ok(pin) => pins.push(pin),
            Err(why) => {
                let version = download.version.as_ref().map(|version| version.value.to_string());
                fixed.push(Fixed { name, version, why });
            }
        }
    }
    pins.sort_by(|a, b| a.name.cmp(&b.name));
    fixed.sort_by(|a, b| a.name.cmp(&b.name));
    (pins, fixed)
}

fn pin<'stack>(
    name: String,
    component: &'stack str,
    download: &'stack Download,
) -> Result<Pin<'stack>, String> {
    let upstream = download.upstream.as_ref().ok_or("it has no `upstream`")?;
    let version = download.version.as_ref().ok_or("it has no `version`")?;
    let scheme = Scheme::of(&upstream.source.value);
    let current = Version::parse(version.value.as_str(), scheme)?;
    let range = |text: &str, what: &str| {
        Range::parse(text, scheme).map_err(|why| format!("its {what} {why}"))
    };
    let allow = upstream.allow.as_ref().map(|allow| range(allow.value.as_str(), "`allow`"));
    let ignore = upstream.ignore.iter().map(|ignore| {
        let (text, reason) = match ignore.value.as_str().split_once(": ") {
            Some((text, reason)) => (text, Some(reason.to_owned())),
            None => (ignore.value.as_str(), None),
        };
        Ok::<_, String>((range(text, "`ignore`")?, reason))
    });
    let hours = upstream.minimum_age.as_ref().map_or(MINIMUM_AGE_HOURS, |age| age.value.hours);
    let policy = Policy {
        allow: allow.transpose()?,
        ignore: ignore.collect::<Result<_, _>>()?,
        prerelease: upstream.prerelease,
        minimum_age: i64::from(hours) * 3600,
    };
    Ok(Pin { name, component, download, upstream, scheme, current, policy })
}
