//! Versions and their order, by the rules of each kind of upstream.
//!
//! Takes the texts that upstreams list, gives what can be compared. It never trusts the order of a list, and never asks
//! the network or the time.

pub mod choice;
pub mod loose;
pub mod range;

use std::cmp::Ordering;
use std::fmt;

use crate::model::upstream::Source;

/// By which rules versions are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Semantic Versioning 2.0.0: npm and crates.
    Semantic,
    /// PEP 440: the Python package index.
    Python,
    /// deb-version(7): apt repositories.
    Debian,
    /// Whatever people write as tags and dates, by the rule of [`loose`].
    Loose,
}

impl Scheme {
    /// The rules of a source.
    pub fn of(source: &Source) -> Self {
        match source {
            Source::Npm(_) | Source::Crates(_) => Self::Semantic,
            Source::Pypi(_) => Self::Python,
            Source::Apt(_) => Self::Debian,
            Source::Github(_)
            | Source::Git(_)
            | Source::Oci(_)
            | Source::Json(_)
            | Source::Text(_) => Self::Loose,
        }
    }

    /// What the rules are called, for messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Semantic => "Semantic Versioning",
            Self::Python => "PEP 440",
            Self::Debian => "deb-version(7)",
            Self::Loose => "a version: it has no number",
        }
    }
}

/// A version, compared with others of its scheme.
#[derive(Clone, Debug)]
pub struct Version {
    text: String,
    key: Key,
}

/// What is compared. Versions of different schemes never meet; they are ordered all the same, so that sorting is total.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Semantic(semver::Version),
    Python(pep440_rs::Version),
    Debian(debversion::Version),
    Loose(loose::Key),
}

impl Version {
    /// Reads a version.
    ///
    /// # Errors
    /// It is none by the rules of the scheme; in a few words that continue "it …".
    pub fn parse(text: &str, scheme: Scheme) -> Result<Self, String> {
        let key = match scheme {
            Scheme::Semantic => semver::Version::parse(text).ok().map(Key::Semantic),
            Scheme::Python => text.parse().ok().map(Key::Python),
            Scheme::Debian => text.parse().ok().map(Key::Debian),
            Scheme::Loose => loose::Key::parse(text).map(Key::Loose),
        };
        key.map(|key| Self { text: text.to_owned(), key })
            .ok_or_else(|| format!("is no version by {}", scheme.name()))
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it calls itself unfinished. Debian's `~` does not count: what an archive has, it has released.
    pub fn is_prerelease(&self) -> bool {
        match &self.key {
            Key::Semantic(version) => !version.pre.is_empty(),
            Key::Python(version) => version.any_prerelease(),
            Key::Debian(_) => false,
            Key::Loose(version) => version.is_prerelease(),
        }
    }

    /// Whether its first number is a year, or begins with one as `20240726` does: then it says when it came out, and nothing
    /// of what may break.
    pub fn is_calendar(&self) -> bool {
        matches!(self.major(), 1990..=2199 | 199_001..=219_912 | 19_900_101..=21_991_231)
    }

    /// The number that moves when what was relied on may break: the first.
    pub fn major(&self) -> u64 {
        match &self.key {
            Key::Semantic(version) => version.major,
            Key::Python(version) => version.release().first().copied().unwrap_or(0),
            Key::Debian(version) => loose::first_number(&version.upstream_version),
            Key::Loose(_) => loose::first_number(&self.text),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// By the rules of the scheme: versions that differ only in how they are written are equal.
impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key.cmp(&other.key)
    }
}

#[cfg(test)]
mod tests;
