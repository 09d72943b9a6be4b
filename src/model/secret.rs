//! Secrets of a build: files that a script sees and that never become part of a layer.

use std::fmt;

/// The name of a secret, which is its id for engines.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SecretName(String);

impl SecretName {
    /// Checks a name: kebab case, so that each has a variable of its own.
    ///
    /// # Errors
    /// What is wrong with it, in a few words that continue "it …".
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() || text.len() > 64 {
            return Err("is empty or longer than 64 characters".into());
        }
        if !text.starts_with(|c: char| c.is_ascii_lowercase()) {
            return Err("does not begin with a lower-case letter".into());
        }
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if let Some(bad) = text.chars().find(|&c| !allowed(c)) {
            return Err(format!(
                "contains {bad:?}; lower-case letters, digits and `-` are allowed"
            ));
        }
        if text.ends_with('-') || text.contains("--") {
            return Err("ends with `-` or has a doubled one".into());
        }
        Ok(Self(text.to_owned()))
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The variable by which a script finds its file.
    pub fn variable(&self) -> String {
        format!("SECRET_{}", self.0.replace('-', "_").to_ascii_uppercase())
    }
}

impl fmt::Display for SecretName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::SecretName;

    #[test]
    fn names_are_in_kebab_case_and_have_a_variable_each() {
        let variable = |name: &str| SecretName::parse(name).map(|name| name.variable());
        assert_eq!(variable("token").as_deref(), Ok("SECRET_TOKEN"));
        assert_eq!(variable("a-2-b").as_deref(), Ok("SECRET_A_2_B"));
        for bad in ["", "A", "a_b", "a.b", "-a", "a-", "a--b", "2a", "é", "a,b", &"a".repeat(65)] {
            assert!(SecretName::parse(bad).is_err(), "{bad}");
        }
    }
}
