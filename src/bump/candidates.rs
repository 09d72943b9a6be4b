//! The versions in what an upstream lists: tags are taken apart by the spec's pattern.

use std::collections::BTreeMap;

use regex::Regex;

use super::pins::Rules;
use crate::model::upstream::Pattern;
use crate::upstream::Release;
use crate::versions::Version;
use crate::versions::choice::Listed;

/// What an upstream lists, as versions; those that are none are counted.
#[derive(Debug, Default)]
pub struct Candidates {
    /// The versions.
    pub listed: Vec<Listed>,
    /// What else the pattern captured, by the place of the release in its list.
    pub captures: BTreeMap<usize, BTreeMap<String, String>>,
    /// How many names the pattern does not fit, or that are no versions.
    pub others: usize,
}

/// How long the name of a version may be, in bytes. What is longer is none, whatever the pattern of a spec takes for one.
const LONGEST: usize = 256;

/// Takes the names of releases apart.
pub fn of(rules: &Rules<'_>, releases: &[Release]) -> Candidates {
    let pattern = rules.tag.and_then(Pattern::whole);
    let mut candidates = Candidates::default();
    for (at, release) in releases.iter().enumerate() {
        let Some((version, captures)) = version(rules, pattern.as_ref(), &release.name) else {
            candidates.others += 1;
            continue;
        };
        candidates.listed.push(Listed {
            prerelease: release.prerelease.unwrap_or(false) || version.is_prerelease(),
            version,
            published: release.published,
            withdrawn: release.withdrawn.clone(),
            at,
        });
        if !captures.is_empty() {
            candidates.captures.insert(at, captures);
        }
    }
    candidates
}

fn version(
    rules: &Rules<'_>,
    pattern: Option<&Regex>,
    name: &str,
) -> Option<(Version, BTreeMap<String, String>)> {
    if !is_name(name) {
        return None;
    }
    let Some(pattern) = pattern else {
        return Some((Version::parse(name, rules.scheme).ok()?, BTreeMap::new()));
    };
    let found = pattern.captures(name)?;
    let version = Version::parse(found.name("version")?.as_str(), rules.scheme).ok()?;
    let names = pattern.capture_names().flatten().filter(|name| *name != "version");
    let captures = names
        .filter_map(|name| Some((name.to_owned(), found.name(name)?.as_str().to_owned())))
        .collect();
    Some((version, captures))
}

/// Whether a name is as short as names of versions are, and of characters that can be seen.
fn is_name(name: &str) -> bool {
    name.len() <= LONGEST && !name.chars().any(char::is_control)
}
