//! Python environments: what pip installs where.

use std::fmt;

use bytes::Bytes;

use super::download::Url;
use super::names::{Sha256, checked_string};
use super::path::AbsolutePath;
use crate::source::{Span, Spanned};

/// `[pip]` of a component.
#[derive(Debug)]
pub struct Pip {
    /// The new folder of the virtual environment.
    pub prefix: AbsolutePath,
    /// The interpreter, which has the modules `venv` and `pip`.
    pub python: AbsolutePath,
    /// Whether the interpreter's own packages are visible.
    pub system_packages: bool,
    /// What is installed.
    pub requirements: Requirements,
    /// The package index, where it is not that of pip's own configuration.
    pub index: Option<Url>,
    /// Where the table was written.
    pub span: Span,
    /// Where the prefix was written.
    pub prefix_span: Span,
}

impl Pip {
    /// The packages that the spec lists one by one.
    pub fn packages(&self) -> &[Requirement] {
        match &self.requirements {
            Requirements::Packages(packages) => packages,
            Requirements::File(..) => &[],
        }
    }
}

/// What pip installs.
#[derive(Debug)]
pub enum Requirements {
    /// Exactly these packages, sorted by their names; whatever they depend on is not looked at.
    Packages(Vec<Requirement>),
    /// A checked file that names everything, and what it names, in its order.
    File(Bytes, Vec<Listed>),
}

/// A package that a file of requirements names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: PythonName,
    /// Its version.
    pub version: String,
    /// The SHA-256 of each file that may serve.
    pub sha256: Vec<Sha256>,
}

impl Requirements {
    /// How many packages these are.
    pub fn count(&self) -> usize {
        match self {
            Self::Packages(packages) => packages.len(),
            Self::File(_, packages) => packages.len(),
        }
    }
}

/// One package of `[pip.packages]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// Its name.
    pub name: PythonName,
    /// Its version.
    pub version: Spanned<PythonVersion>,
    /// The SHA-256 of each file that may serve, sorted.
    pub sha256: Vec<Spanned<Sha256>>,
}

checked_string! {
    /// The name of a Python project: the Python packaging user guide, "names and normalization".
    PythonName, |text| {
        let plain = |c: char| c.is_ascii_alphanumeric();
        if let Some(bad) = text.chars().find(|&c| !plain(c) && !matches!(c, '.' | '_' | '-')) {
            return Err(format!("contains {bad:?}; letters, digits, `.`, `_` and `-` are allowed"));
        }
        if !text.starts_with(plain) || !text.ends_with(plain) {
            return Err("does not begin and end with a letter or a digit".into());
        }
        Ok(())
    }
}

impl PythonName {
    /// The one spelling of all that mean the same project: small letters, and `-` for each run of separators.
    pub fn normalized(&self) -> String {
        let lower = self.as_str().to_ascii_lowercase();
        let parts = lower.split(['.', '_', '-']).filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join("-")
    }
}

checked_string! {
    /// A version in its normal form: the Python packaging user guide, "version specifiers", Appendix B with nothing
    /// that normalization would change, so that it is equal to no other text.
    PythonVersion, |text| {
        let (public, local) = match text.split_once('+') {
            Some((public, local)) => (public, Some(local)),
            None => (text, None),
        };
        let wrong = || "is no exact version in its normal form, such as \"1.26.4\", \"2.0rc1\" or \"1.0.post1\"".to_owned();
        let is_local = |part: &str| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        };
        if local.is_some_and(|local| !local.split('.').all(is_local)) {
            return Err(wrong());
        }
        let rest = match public.split_once('!') {
            Some((epoch, rest)) if is_number(epoch) => rest,
            Some(_) => return Err(wrong()),
            None => public,
        };
        let (rest, dev) = suffix(rest, ".dev");
        let (rest, post) = suffix(rest, ".post");
        let is_release = |text: &str| text.split('.').all(is_number);
        let is_prerelease = |text: &str| {
            ["rc", "a", "b"].iter().any(|word| {
                text.rsplit_once(word).is_some_and(|(release, number)| is_release(release) && is_number(number))
            })
        };
        let good = dev.is_none_or(is_number)
            && post.is_none_or(is_number)
            && (is_release(rest) || is_prerelease(rest));
        if good { Ok(()) } else { Err(wrong()) }
    }
}

/// A number without leading zeros.
fn is_number(text: &str) -> bool {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits && (text == "0" || !text.starts_with('0'))
}

/// What is before and behind a word.
fn suffix<'text>(text: &'text str, word: &str) -> (&'text str, Option<&'text str>) {
    match text.split_once(word) {
        Some((before, behind)) => (before, Some(behind)),
        None => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use super::{PythonName, PythonVersion};

    #[test]
    fn names_of_one_project_are_one() {
        for name in ["ruamel.yaml", "Ruamel_YAML", "ruamel-.-yaml"] {
            assert_eq!(PythonName::parse(name).unwrap().normalized(), "ruamel-yaml");
        }
        for bad in ["", "-x", "x-", "a b", "a[b]", "a==1", "é", "-r", "a;b", "a\n"] {
            assert!(PythonName::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn versions_are_exact_and_normal() {
        for good in ["1", "0.15.2", "2024.11.0", "1!2.0", "2.0rc1", "1.0a2.post3.dev4+ubuntu.1"] {
            assert!(PythonVersion::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "v1",
            "1.*",
            "1.0-1",
            "01",
            "1..2",
            "1.0rc",
            "1.0c1",
            "latest",
            ">=1",
            "1.0+",
            "!1",
            "1 ",
            "1.0.dev",
            "1.0+A",
            "1.dev1.post2",
            "1;x",
            "a1",
            ".1",
        ] {
            assert!(PythonVersion::parse(bad).is_err(), "{bad:?}");
        }
    }
}
