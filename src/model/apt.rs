//! What a component asks of apt beyond packages: repositories, exact versions, answers to debconf.

use std::fmt;

use bytes::Bytes;

use super::architecture::Architecture;
use super::download::Url;
use super::names::{Line, Name, PackageName, checked_string};
use crate::source::{Span, Spanned};
use crate::verify::openpgp::Certificate;

/// `[apt]` of a component, without its packages.
#[derive(Debug, Default)]
pub struct Apt {
    /// Exact versions of some of the component's packages.
    pub versions: Vec<(Spanned<PackageName>, Spanned<PackageVersion>)>,
    /// Packages of the component that apt-mark(8) holds.
    pub hold: Vec<PackageName>,
    /// Packages that no image with this component has.
    pub purge: Vec<Spanned<PackageName>>,
    /// Answers to questions of debconf.
    pub selections: Vec<Selection>,
    /// Where packages come from, besides the base image's archives.
    pub repositories: Vec<Repository>,
}

impl Apt {
    /// Whether it asks for something, even if the component has no package.
    pub fn is_empty(&self) -> bool {
        self.purge.is_empty() && self.selections.is_empty() && self.repositories.is_empty()
    }
}

checked_string! {
    /// A version of a Debian package: deb-version(7), `[epoch:]upstream-version[-debian-revision]`.
    PackageVersion, |text| {
        let (epoch, rest) = text.split_once(':').unwrap_or(("0", text));
        if epoch.is_empty() || !epoch.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err("has an epoch, before `:`, that is no number".into());
        }
        if !rest.starts_with(|c: char| c.is_ascii_digit()) {
            return Err("does not begin with a digit; give the whole version, as `apt-cache policy` prints it".into());
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || ".+-~".contains(c);
        if let Some(bad) = rest.chars().find(|&c| !allowed(c)) {
            return Err(format!("contains {bad:?}; letters, digits, `.`, `+`, `-` and `~` are allowed"));
        }
        if rest.ends_with('-') {
            return Err("ends in `-`, with nothing for the revision".into());
        }
        Ok(())
    }
}

checked_string! {
    /// A word of a `.sources` file: sources.list(5), "deb822-style format". Lists there are separated by white space.
    SourcesWord, |text| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "._~+-/:$()@".contains(c);
        if text.is_empty() {
            return Err("is empty".into());
        }
        match text.chars().find(|&c| !allowed(c)) {
            Some(bad) => Err(format!("contains {bad:?}, which no suite or component has")),
            None if text.starts_with('-') => Err("begins with `-`".into()),
            None => Ok(()),
        }
    }
}

checked_string! {
    /// The fingerprint of an OpenPGP key: 40 hexadecimal digits for version 4, 64 for version 6 (RFC 9580, 5.5.4), in
    /// upper case.
    Fingerprint, |text| {
        if !matches!(text.len(), 40 | 64) {
            return Err(format!("has {} digits; a whole fingerprint has 40, that of a version 6 key 64: ask its publisher for it", text.chars().count()));
        }
        match text.chars().find(|c| !c.is_ascii_hexdigit()) {
            Some(bad) => Err(format!("contains {bad:?}, which is no hexadecimal digit")),
            None => Ok(()),
        }
    }
}

/// The answer to a question of debconf: debconf-set-selections(1).
#[derive(Debug)]
pub struct Selection {
    /// The package that asks.
    pub package: PackageName,
    /// The question.
    pub question: String,
    /// What kind of question it is.
    pub kind: SelectionKind,
    /// The answer.
    pub value: Line,
    /// Where it was declared.
    pub span: Span,
}

/// The types of questions that have an answer: debconf-devel(7), "THE TEMPLATES FILE". Of the others, `note`, `title`,
/// `text` and `error` have none, and a `password` would be readable in the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SelectionKind {
    /// Any text.
    String,
    /// `true` or `false`.
    Boolean,
    /// One of several.
    Select,
    /// Some of several, separated by `, `.
    Multiselect,
}

impl SelectionKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::String, Self::Boolean, Self::Select, Self::Multiselect];

    /// The name in the spec and of debconf.
    pub fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Boolean => "boolean",
            Self::Select => "select",
            Self::Multiselect => "multiselect",
        }
    }
}

/// An apt repository with the key that signs it.
#[derive(Debug)]
pub struct Repository {
    /// Its name, that of its files.
    pub name: Name,
    /// Where it is: http or https.
    pub uri: String,
    /// Whether the address is https.
    pub secure: bool,
    /// Its suites.
    pub suites: Vec<SourcesWord>,
    /// Its components; none where the suites are paths.
    pub components: Vec<SourcesWord>,
    /// The architectures to take from it; none where it has all those of the stack, and apt takes that of the image.
    pub architectures: Vec<Architecture>,
    /// Its key.
    pub key: RepositoryKey,
    /// Where it was declared.
    pub span: Span,
}

/// The key of a repository.
#[derive(Clone, Debug)]
pub struct RepositoryKey {
    /// The repository that it signs.
    pub repository: Name,
    /// The file.
    pub bytes: Bytes,
    /// What it says of itself; the fingerprint is the one that the spec pins.
    pub certificate: Certificate,
    /// The value of `key`.
    pub span: Span,
    /// Its path below the spec.
    pub path: String,
    /// Where its publisher has it, where the spec says that.
    pub url: Option<Url>,
}

impl Repository {
    /// Where the key lies in the image. apt tells armored and binary files by their names.
    pub fn key_path(&self) -> String {
        let ending = if self.key.certificate.armored { "asc" } else { "gpg" };
        format!("/etc/apt/keyrings/{}.{ending}", self.name)
    }

    /// Where its description lies in the image.
    pub fn sources_path(&self) -> String {
        format!("/etc/apt/sources.list.d/{}.sources", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_those_of_debian() {
        for good in [
            "1.22.1-9+deb12u11",
            "1:2.3~rc1-1ubuntu0.2",
            "0.19.0-1",
            "20240203",
            "5.36.0-7+deb12u3",
        ] {
            assert!(PackageVersion::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "latest", "1.*", "a:1", ":1", "1:2:3", "1 2", "1-", "1_2", "1=2"] {
            assert!(PackageVersion::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn fingerprints_are_whole() {
        assert!(Fingerprint::parse(&"0aF".repeat(40)[..40]).is_ok());
        assert!(Fingerprint::parse(&"0".repeat(64)).is_ok());
        for bad in ["", "CED78EAE", "AA18B354CED78EAE", &"g".repeat(40), &"é".repeat(20)] {
            assert!(Fingerprint::parse(bad).is_err(), "{bad}");
        }
    }
}
