//! R packages: what is installed where.

use std::fmt;

use super::download::Url;
use super::names::checked_string;
use super::path::AbsolutePath;
use crate::source::Span;

/// `[r]` of a component.
#[derive(Debug)]
pub struct R {
    /// Rscript.
    pub program: AbsolutePath,
    /// The folder of the library, which other components may use too.
    pub library: AbsolutePath,
    /// Where packages come from.
    pub repository: Url,
    /// What is installed, sorted.
    pub packages: Vec<RPackage>,
    /// Where the table was written.
    pub span: Span,
}

/// A package of R.
#[derive(Debug)]
pub struct RPackage {
    /// Its name.
    pub name: RName,
    /// Its version.
    pub version: RVersion,
    /// Its folder in the library.
    pub folder: AbsolutePath,
    /// Where it was written.
    pub span: Span,
}

checked_string! {
    /// The name of a package: Writing R Extensions, "The DESCRIPTION file".
    RName, |text| {
        let good = text.len() >= 2
            && text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '.')
            && !text.ends_with('.');
        if good { Ok(()) } else { Err("is no name of an R package: ASCII letters, digits and `.` are allowed".into()) }
    }
}

checked_string! {
    /// A version: Writing R Extensions, "The DESCRIPTION file": at least two numbers, with `.` or `-` between them.
    RVersion, |text| {
        let parts: Vec<&str> = text.split(['.', '-']).collect();
        let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let good = parts.len() >= 2 && parts.iter().all(is_number);
        if good { Ok(()) } else { Err("is not one exact version, such as \"1.0-19\"".into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::{RName, RVersion};

    #[test]
    fn names_and_versions_are_plain() {
        for good in ["sf", "data.table", "R6", "ggplot2"] {
            assert!(RName::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "a", "2a", "a_b", "a-b", "a.", "a b", "a\"b", "user/repository", "é1"] {
            assert!(RName::parse(bad).is_err(), "{bad:?}");
        }
        for good in ["1.0-19", "0.1", "2024.11.1.1"] {
            assert!(RVersion::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "1", "1.", ">=1.0", "1.0-rc", "latest", "1.0 ", "1..0"] {
            assert!(RVersion::parse(bad).is_err(), "{bad:?}");
        }
    }
}
