//! conda environments: what is installed where, and from which channels.

use std::fmt;

use super::download::Url;
use super::names::checked_string;
use super::path::AbsolutePath;
use crate::source::Span;

/// `[conda]` of a component.
#[derive(Debug)]
pub struct Conda {
    /// conda, mamba or micromamba.
    pub program: AbsolutePath,
    /// The new folder of the environment.
    pub prefix: AbsolutePath,
    /// Channels; what an earlier one has is not taken from a later one.
    pub channels: Vec<Channel>,
    /// What is installed, sorted; what it depends on is what the solver chooses.
    pub packages: Vec<CondaPackage>,
    /// Where the table was written.
    pub span: Span,
    /// Where the prefix was written.
    pub prefix_span: Span,
}

/// Where packages come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Channel {
    /// By the name that the program's configuration knows.
    Named(ChannelName),
    /// By its address.
    Address(Url),
}

impl fmt::Display for Channel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => name.fmt(formatter),
            Self::Address(url) => formatter.write_str(&url.text),
        }
    }
}

checked_string! {
    /// The name of a channel, with labels behind `/`.
    ChannelName, |text| {
        let is_part = |part: &str| {
            part.starts_with(|c: char| c.is_ascii_alphanumeric())
                && part.chars().all(|c| c.is_ascii_alphanumeric() || ".-_".contains(c))
        };
        if text.split('/').all(is_part) { Ok(()) } else { Err("is no name of a channel, such as \"conda-forge\"".into()) }
    }
}

checked_string! {
    /// The name of a conda package: conda's documentation, "package specification".
    CondaName, |text| {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let good = text.starts_with(plain) && text.chars().all(|c| plain(c) || ".-".contains(c));
        if good { Ok(()) } else { Err("is no name of a conda package: lower-case letters, digits, `_`, `.` and `-` are allowed".into()) }
    }
}

checked_string! {
    /// An exact version, or a build, of a conda package: without `*`, which is a pattern, and `-`, which ends it in
    /// the name of the package's file.
    CondaVersion, |text| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "._+!".contains(c);
        let good = text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.chars().all(plain);
        if good { Ok(()) } else { Err("is not one exact version".into()) }
    }
}

/// One package: `name=version[=build]`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CondaPackage {
    /// Its name.
    pub name: CondaName,
    /// Its version.
    pub version: CondaVersion,
    /// Its build, if the spec says it.
    pub build: Option<CondaVersion>,
}

impl CondaPackage {
    /// The specification of exactly this version: with one `=` and no build, conda takes `1.2` for `1.2.*`.
    pub fn specification(&self) -> String {
        match &self.build {
            Some(build) => format!("{}={}={build}", self.name, self.version),
            None => format!("{}=={}", self.name, self.version),
        }
    }

    /// The beginning of the name of the file that describes it in an environment.
    pub fn record(&self) -> String {
        let build = self.build.as_ref().map(|build| format!("{build}.json"));
        format!("{}-{}-{}", self.name, self.version, build.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::{ChannelName, CondaName, CondaPackage, CondaVersion};

    #[test]
    fn a_version_is_asked_for_exactly() {
        let mut package = CondaPackage {
            name: CondaName::parse("r-base").unwrap(),
            version: CondaVersion::parse("4.4").unwrap(),
            build: None,
        };
        assert_eq!(package.specification(), "r-base==4.4");
        assert_eq!(package.record(), "r-base-4.4-");
        package.build = CondaVersion::parse("h3a2_0").ok();
        assert_eq!(package.specification(), "r-base=4.4=h3a2_0");
        assert_eq!(package.record(), "r-base-4.4-h3a2_0.json");
    }

    #[test]
    fn names_and_versions_are_plain() {
        for good in ["_libgcc_mutex", "r-base", "font-ttf-ubuntu", "ruamel.yaml"] {
            assert!(CondaName::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "-x", "NumPy", "a b", "conda-forge::a", "a[b]", "a/b"] {
            assert!(CondaName::parse(bad).is_err(), "{bad:?}");
        }
        for good in ["9e", "2024a", "1!2.0", "1.2.3+4"] {
            assert!(CondaVersion::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "*", "1.*", ">=1", "1|2", "1,2", "=1", "1-1", " 1"] {
            assert!(CondaVersion::parse(bad).is_err(), "{bad:?}");
        }
        for bad in ["", "a//b", "../x", "-c", "a b"] {
            assert!(ChannelName::parse(bad).is_err(), "{bad:?}");
        }
    }
}
