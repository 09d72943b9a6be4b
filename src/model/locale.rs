//! Locales that an image generates.

use super::path::AbsolutePath;
use crate::source::Span;

/// `[locales]` of a component.
#[derive(Debug)]
pub struct Locales {
    /// The locales, by name, each once.
    pub generate: Vec<Locale>,
    /// The value of LANG at run time, and where it was written.
    pub default: Option<(String, Span)>,
    /// Where the table was written.
    pub span: Span,
}

/// A locale: `language_TERRITORY.CHARSET[@modifier]`, setlocale(3), with the character set written out, since
/// without it most locales are not UTF-8.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Locale {
    base: String,
    charset: String,
    modifier: Option<String>,
}

impl Locale {
    /// Reads a locale's name.
    ///
    /// # Errors
    /// What is wrong with it, in a few words that continue "it …".
    pub fn parse(text: &str) -> Result<Self, String> {
        if matches!(text, "C" | "POSIX" | "C.UTF-8") {
            return Err("is part of every system, and never generated: leave it out".to_owned());
        }
        let wrong = || "is no locale: write it like \"en_CA.UTF-8\"".to_owned();
        let (rest, modifier) = match text.split_once('@') {
            Some((rest, modifier)) => (rest, Some(modifier)),
            None => (text, None),
        };
        let Some((base, charset)) = rest.split_once('.') else {
            return Err(format!("names no character set: write it as \"{rest}.UTF-8\""));
        };
        let (language, territory) = base.split_once('_').ok_or_else(wrong)?;
        let is =
            |text: &str, lengths: std::ops::RangeInclusive<usize>, allowed: fn(char) -> bool| {
                lengths.contains(&text.len()) && text.chars().all(allowed)
            };
        let good = is(language, 2..=3, |c| c.is_ascii_lowercase())
            && is(territory, 2..=3, |c| c.is_ascii_uppercase() || c.is_ascii_digit())
            && is(charset, 3..=20, |c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-')
            && charset.starts_with(|c: char| c.is_ascii_uppercase())
            && modifier.is_none_or(|text| is(text, 2..=20, |c| c.is_ascii_lowercase()));
        if !good {
            return Err(wrong());
        }
        Ok(Self {
            base: base.to_owned(),
            charset: charset.to_owned(),
            modifier: modifier.map(ToOwned::to_owned),
        })
    }

    /// The name of its definition below /usr/share/i18n/locales.
    pub fn definition(&self) -> String {
        format!("{}{}", self.base, self.suffix())
    }

    /// The name of its character set below /usr/share/i18n/charmaps.
    pub fn charset(&self) -> &str {
        &self.charset
    }

    /// The directory in which the C library finds it: it compares character sets by their letters and digits alone, in
    /// small letters (glibc manual, "locale names").
    pub fn directory(&self) -> Option<AbsolutePath> {
        let charset: String = self.charset.chars().filter(char::is_ascii_alphanumeric).collect();
        let charset = charset.to_ascii_lowercase();
        let suffix = self.suffix();
        AbsolutePath::parse(&format!("/usr/lib/locale/{}.{charset}{suffix}", self.base)).ok()
    }

    fn suffix(&self) -> String {
        self.modifier.as_ref().map(|modifier| format!("@{modifier}")).unwrap_or_default()
    }
}

impl std::fmt::Display for Locale {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}.{}{}", self.base, self.charset, self.suffix())
    }
}

#[cfg(test)]
mod tests {
    use super::Locale;

    #[test]
    fn names_give_definition_and_directory() {
        let parts = |name: &str| {
            let locale = Locale::parse(name).ok()?;
            assert_eq!(locale.to_string(), name);
            Some((locale.definition(), locale.directory()?.to_string()))
        };
        let expected =
            |definition: &str, directory: &str| Some((definition.into(), directory.into()));
        assert_eq!(parts("en_CA.UTF-8"), expected("en_CA", "/usr/lib/locale/en_CA.utf8"));
        let catalan = expected("ca_ES@valencia", "/usr/lib/locale/ca_ES.utf8@valencia");
        assert_eq!(parts("ca_ES.UTF-8@valencia"), catalan);
        assert_eq!(parts("de_DE.ISO-8859-1"), expected("de_DE", "/usr/lib/locale/de_DE.iso88591"));
        for bad in [
            "",
            "en",
            "en_CA",
            "C.UTF-8",
            "en_CA.utf8",
            "EN_ca.UTF-8",
            "en_CA.UTF-8@",
            "en_CA.UTF-8;x",
            "../x_XX.UTF-8",
        ] {
            assert!(Locale::parse(bad).is_err(), "{bad}");
        }
    }
}
