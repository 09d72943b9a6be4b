//! Versions in any text, wherever a pattern finds them.

use regex::Regex;

use super::http::{Failure, Http};
use super::{Datasource, Release, nonsense};
use crate::model::upstream::Pattern;

pub(super) struct Text<'a> {
    pub(super) url: &'a str,
    pub(super) pattern: Option<&'a Pattern>,
}

impl Datasource for Text<'_> {
    fn releases(&self, http: &Http) -> Result<Vec<Release>, Failure> {
        let document = http.document(self.url, &[])?;
        let text = String::from_utf8_lossy(&document.body);
        let found = self.pattern.map(|pattern| versions(&text, pattern)).unwrap_or_default();
        if found.is_empty() {
            return Err(nonsense(self.url, "the pattern finds no version in it"));
        }
        Ok(found.into_iter().map(|name| Release { name, ..Release::default() }).collect())
    }
}

/// What the capture `version` takes, at each place where the pattern fits.
pub(super) fn versions(text: &str, pattern: &Pattern) -> Vec<String> {
    // The pattern is known to compile.
    let Ok(regex) = Regex::new(pattern.as_str()) else { return Vec::new() };
    let found = regex.captures_iter(text).filter_map(|captures| captures.name("version"));
    found.map(|version| version.as_str().to_owned()).collect()
}
