//! Node packages: what npm installs where.

use std::fmt;

use bytes::Bytes;

use super::names::checked_string;
use super::path::AbsolutePath;
use crate::source::{Span, Spanned};

/// `[npm]` of a component.
#[derive(Debug)]
pub struct Npm {
    /// npm itself.
    pub program: AbsolutePath,
    /// The new folder.
    pub prefix: AbsolutePath,
    /// What is installed.
    pub install: Install,
    /// Whether install scripts of packages run.
    pub scripts: bool,
    /// Where the table was written.
    pub span: Span,
    /// Where the prefix was written.
    pub prefix_span: Span,
}

impl Npm {
    /// The packages that the spec lists one by one.
    pub fn packages(&self) -> &[(NodeName, Spanned<NodeVersion>)] {
        match &self.install {
            Install::Packages(packages) => packages,
            Install::Lock { .. } => &[],
        }
    }
}

/// What npm installs.
#[derive(Debug)]
pub enum Install {
    /// Packages with their versions, sorted; what they depend on is what the registry says.
    Packages(Vec<(NodeName, Spanned<NodeVersion>)>),
    /// Everything that a checked lock names, with its hash.
    Lock {
        /// package.json
        manifest: Bytes,
        /// package-lock.json
        lock: Bytes,
        /// What the lock names, in its order.
        packages: Vec<Locked>,
    },
}

/// A package that a lock names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locked {
    /// Its name.
    pub name: String,
    /// Its version, where the lock says it.
    pub version: Option<String>,
    /// Where it comes from; none for what another package brings in its own archive.
    pub url: Option<String>,
    /// The hash of its archive: Subresource Integrity, `sha512-…`.
    pub integrity: Option<String>,
}

impl Install {
    /// How many packages these are, as far as the spec says.
    pub fn count(&self) -> usize {
        match self {
            Self::Packages(packages) => packages.len(),
            Self::Lock { packages, .. } => packages.len(),
        }
    }
}

checked_string! {
    /// The name of a Node package, with its scope: npm's documentation, package.json, "name".
    NodeName, |text| {
        let is_part = |part: &str| {
            part.starts_with(|c: char| c.is_ascii_alphanumeric())
                && part.chars().all(|c| c.is_ascii_alphanumeric() || ".-_".contains(c))
        };
        let good = text.len() <= 214
            && match text.strip_prefix('@') {
                Some(scoped) => scoped.split_once('/').is_some_and(|(scope, name)| is_part(scope) && is_part(name)),
                None => is_part(text),
            };
        if good { Ok(()) } else { Err("is no name of a Node package, such as \"typescript\" or \"@types/node\"".into()) }
    }
}

checked_string! {
    /// One version: Semantic Versioning 2.0.0, without build metadata, which npm ignores.
    NodeVersion, |text| {
        let (release, pre) = match text.split_once('-') {
            Some((release, pre)) => (release, Some(pre)),
            None => (text, None),
        };
        let is_number = |part: &str| {
            let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            digits && (part == "0" || !part.starts_with('0'))
        };
        let is_identifier = |part: &str| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        };
        let good = release.split('.').count() == 3
            && release.split('.').all(is_number)
            && pre.is_none_or(|pre| pre.split('.').all(is_identifier));
        if good { Ok(()) } else { Err("is not one exact version, such as \"5.9.3\"".into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::{NodeName, NodeVersion};

    #[test]
    fn names_have_at_most_a_scope() {
        for good in ["typescript", "@types/node", "JSONStream", "a.b_c-d"] {
            assert!(NodeName::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "@a", "a/b", "@a/b/c", "-x", "../x", "a@1", "a b", "@/x", "git+ssh://x"] {
            assert!(NodeName::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn versions_are_one_version() {
        for good in ["5.9.3", "0.0.0", "1.0.0-rc.1", "1.0.0-x-y"] {
            assert!(NodeVersion::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "", "5", "5.9", "^5.9.3", "5.x.1", "latest", "v1.0.0", "1.0.0+b", "01.0.0", "1.0.0-",
            "1.0.0 ",
        ] {
            assert!(NodeVersion::parse(bad).is_err(), "{bad:?}");
        }
    }
}
