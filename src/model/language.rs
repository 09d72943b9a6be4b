//! Languages of what users read.

use std::fmt;

/// A language as locales and desktop entries name it (Desktop Entry Specification 1.5, "localized values for keys"):
/// an ISO 639 code, with an ISO 3166 country where it matters, such as `fr` or `pt_BR`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Language(String);

impl Language {
    /// Checks a code.
    ///
    /// # Errors
    /// What is wrong with it, in a few words that continue "it …".
    pub fn parse(text: &str) -> Result<Self, String> {
        let (language, country) = text.split_once('_').unwrap_or((text, "XX"));
        let is_language =
            (2..=3).contains(&language.len()) && language.bytes().all(|b| b.is_ascii_lowercase());
        let is_country = country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase());
        if is_language && is_country {
            Ok(Self(text.to_owned()))
        } else {
            Err("is not a language code such as \"fr\" or \"pt_BR\"".into())
        }
    }

    /// The code itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The folders of /usr/share/locale with translations into it, as patterns of glob(7): of the language itself, of
    /// each country and each script; with a country, those that gettext falls back on.
    pub fn locale_folders(&self) -> Vec<String> {
        match self.0.split_once('_') {
            None => vec![self.0.clone(), format!("{self}_*"), format!("{self}@*")],
            Some((language, _)) => vec![language.to_owned(), self.0.clone(), format!("{self}@*")],
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn codes_are_those_of_locales() {
        for good in ["en", "fr", "pt_BR", "gsw"] {
            assert!(Language::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "e", "EN", "en-CA", "en_ca", "french", "en_CA.UTF-8", "é", "en_"] {
            assert!(Language::parse(bad).is_err(), "{bad}");
        }
    }
}
