//! Licences, as expressions of SPDX.

use std::fmt;

use spdx::LicenseItem;
use spdx::expression::Expression;

/// A licence or several: SPDX specification 2.3, annex D, "License expressions", of licences and exceptions that SPDX
/// lists and that are not deprecated. `LicenseRef-…` is none: its text would have to be somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct License(String);

impl License {
    /// Checks an expression.
    ///
    /// # Errors
    /// What is wrong with it, in a few words that continue "it …".
    pub fn parse(text: &str) -> Result<Self, String> {
        let expression = Expression::parse(text).map_err(|problem| {
            let part = text.get(problem.span.clone()).unwrap_or(text);
            let what = problem.reason;
            format!("is no expression of SPDX, such as \"MIT\" or \"GPL-2.0-or-later\": {part:?}: {what}")
        })?;
        let is_listed = |license: &LicenseItem| matches!(license, LicenseItem::Spdx { .. });
        match expression.requirements().find(|one| !is_listed(&one.req.license)) {
            Some(own) => {
                Err(format!("names {}, which is not in the list of SPDX", own.req.license))
            }
            None => Ok(Self(text.to_owned())),
        }
    }

    /// The expression.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for License {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::License;

    #[test]
    fn licenses_are_those_of_spdx() {
        for good in [
            "MIT",
            "MPL-2.0",
            "AGPL-3.0-only",
            "Apache-2.0 OR MIT",
            "(GPL-2.0-or-later WITH Classpath-exception-2.0) AND BSD-3-Clause",
        ] {
            assert_eq!(License::parse(good).map(|one| one.to_string()).as_deref(), Ok(good));
        }
        for bad in [
            "",
            "mit",
            "Apache 2.0",
            "GPLv3",
            "MIT/Apache-2.0",
            "GPL-2.0",
            "MIT OR",
            "LicenseRef-own",
        ] {
            assert!(License::parse(bad).is_err(), "{bad}");
        }
        assert!(
            License::parse("MIT OR LicenseRef-own").unwrap_err().contains("names LicenseRef-own")
        );
    }
}
