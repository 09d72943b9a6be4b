//! Where new versions of a download or a base image are found: validated when compiling, asked only by commands that use the network.

use std::fmt;

use super::download::Url;
use super::names::{Line, Name};
use crate::source::{Span, Spanned};
use crate::verify::openpgp::Certificate;

/// `upstream` of a download, or of a base image.
#[derive(Clone, Debug)]
pub struct Upstream {
    /// Where the table was written.
    pub span: Span,
    /// Where to ask, and where that is written.
    pub source: Spanned<Source>,
    /// A regular expression for tags, with a capture `version`; none takes the whole tag.
    pub tag: Option<Spanned<Pattern>>,
    /// Where in a JSON document the version stands: RFC 6901.
    pub pointer: Option<Spanned<Line>>,
    /// A regular expression for the version in a text, with a capture `version`.
    pub regex: Option<Spanned<Pattern>>,
    /// Which file of a release it is, where its name is not that of the URL.
    pub asset: Option<Spanned<Line>>,
    /// Which versions are taken.
    pub allow: Option<Spanned<Line>>,
    /// Versions that are not taken.
    pub ignore: Vec<Spanned<Line>>,
    /// What moves together: downloads of one group.
    pub group: Option<Spanned<Name>>,
    /// Whether versions that call themselves unfinished are taken.
    pub prerelease: bool,
    /// How old a release has to be.
    pub minimum_age: Option<Spanned<Age>>,
    /// What a new version has to be proven by.
    pub require: Option<Spanned<Proof>>,
    /// Whose signatures prove one, and where the file of that key is written.
    pub signer: Option<Spanned<Certificate>>,
}

/// A regular expression that is known to compile and to have a capture `version`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(String);

impl Pattern {
    /// Checks a regular expression.
    ///
    /// # Errors
    /// What is wrong with it, in a few words that continue "it …".
    pub fn parse(text: &str) -> Result<Self, String> {
        let regex = regex::Regex::new(text).map_err(|error| {
            let error = error.to_string();
            let why = error.lines().last().unwrap_or_default();
            format!("is not a regular expression: {}", why.trim_start_matches("error: "))
        })?;
        if regex.capture_names().flatten().any(|name| name == "version") {
            Ok(Self(text.to_owned()))
        } else {
            Err("has no capture `version`: write (?<version>…) around what is the version".into())
        }
    }

    /// The names of the same form as one that has a number: other numbers in the same places. None where it has none.
    pub fn of_form(name: &str) -> Option<Self> {
        let mut pattern = String::new();
        let mut in_number = false;
        for character in name.chars() {
            match (character.is_ascii_digit(), in_number) {
                (true, false) => pattern.push_str("[0-9]+"),
                (true, true) => {}
                (false, _) => pattern.push_str(&regex::escape(character.encode_utf8(&mut [0; 4]))),
            }
            in_number = character.is_ascii_digit();
        }
        pattern.contains("[0-9]+").then(|| Self(format!("(?<version>{pattern})")))
    }

    /// The expression itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The expression for whole names: `2.0` is not in `12.0`. Nobody has to write `^` and `$` for that.
    pub fn whole(&self) -> Option<regex::Regex> {
        regex::Regex::new(&format!("^(?:{})$", self.0)).ok()
    }
}

/// Who knows the versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Releases and tags of `owner/repository` on GitHub.
    Github(Line),
    /// Tags of a git repository.
    Git(Url),
    /// A project of the Python package index.
    Pypi(Line),
    /// A package of the npm registry.
    Npm(Line),
    /// A crate.
    Crates(Line),
    /// A Debian package of the archives that the image uses.
    Apt(Line),
    /// Tags of a repository in a container registry.
    Oci(Line),
    /// A JSON document.
    Json(Url),
    /// Any text.
    Text(Url),
}

/// An age: whole hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Age {
    /// In hours.
    pub hours: u32,
}

impl Age {
    /// In seconds.
    pub fn seconds(self) -> i64 {
        i64::from(self.hours) * 3600
    }

    /// Reads `12h`, `3d` or `2w`.
    ///
    /// # Errors
    /// What is wrong with it, in a few words that continue "it …".
    pub fn parse(text: &str) -> Result<Self, String> {
        let wanted =
            || "is not an age: a whole number with `h`, `d` or `w`, such as \"3d\"".to_owned();
        let unit = match text.chars().last() {
            Some('h') => 1,
            Some('d') => 24,
            Some('w') => 24 * 7,
            _ => return Err(wanted()),
        };
        let digits = &text[..text.len() - 1];
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(wanted());
        }
        let number: Option<u32> = digits.parse().ok();
        number
            .and_then(|number| number.checked_mul(unit))
            .map(|hours| Self { hours })
            .ok_or_else(wanted)
    }
}

/// What proves a new version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// A signature by a pinned key.
    Signature,
    /// A sum that the upstream publishes beside the file.
    Checksum,
    /// A sum that the interface of the source states.
    Api,
    /// Nothing but that it was served.
    None,
}

impl Proof {
    /// All of them, with their names in the spec.
    pub const ALL: &[(&str, Self)] = &[
        ("signature", Self::Signature),
        ("checksum", Self::Checksum),
        ("api", Self::Api),
        ("none", Self::None),
    ];
}

/// How well the bytes of a pin were proven when it was made, from nothing to the strongest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// Nothing but that they were served.
    None,
    /// A list of sums that lies beside the file says the same.
    Checksum,
    /// The interface of the source says the same.
    Api,
    /// A list of sums that a pinned key signed says the same.
    SignedChecksum,
    /// A pinned key signed the file.
    Signature,
}

impl Evidence {
    /// All of them, with their names in the spec.
    pub const ALL: &[(&str, Self)] = &[
        ("signature", Self::Signature),
        ("signed-checksum", Self::SignedChecksum),
        ("api", Self::Api),
        ("checksum", Self::Checksum),
        ("none", Self::None),
    ];

    /// Its name in the spec.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, one)| *one == self).map_or("none", |(name, _)| name)
    }

    /// Whether it is as much as a spec asks for.
    pub fn reaches(self, floor: Proof) -> bool {
        let least = match floor {
            Proof::None => Self::None,
            Proof::Checksum => Self::Checksum,
            Proof::Api => Self::Api,
            Proof::Signature => Self::SignedChecksum,
        };
        self >= least
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_floor_is_reached_by_itself_and_by_what_is_stronger() {
        assert!(Evidence::Api.reaches(Proof::Checksum) && Evidence::Api.reaches(Proof::Api));
        assert!(!Evidence::Checksum.reaches(Proof::Api));
        assert!(Evidence::SignedChecksum.reaches(Proof::Signature));
        assert!(!Evidence::Api.reaches(Proof::Signature));
        assert!(Evidence::None.reaches(Proof::None));
        assert!(Evidence::ALL.windows(2).all(|pair| pair[0].1 > pair[1].1));
    }

    #[test]
    fn ages_are_whole_numbers_with_a_unit() {
        assert_eq!(Age::parse("3d").map(|age| age.hours), Ok(72));
        assert_eq!(Age::parse("2w").map(|age| age.hours), Ok(336));
        for bad in ["", "d", "3", "1.5d", "-1d", "3é", "99999999999d", "4294967295w"] {
            assert!(Age::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn patterns_compile_and_capture_a_version() {
        assert!(Pattern::parse("v(?<version>.+)").is_ok());
        assert!(Pattern::parse("v(?P<version>.+)").is_ok());
        assert!(Pattern::parse("v(.+)").is_err());
        assert!(Pattern::parse("v(?<version>.+").is_err());
        assert!(Pattern::of_form("latest").is_none());
        let form = Pattern::of_form("3.12-slim").unwrap().whole().unwrap();
        assert!(form.is_match("3.9-slim") && form.is_match("10.0-slim"));
        assert!(!form.is_match("3.12.1-slim") && !form.is_match("3x12-slim"));
    }
}
