//! Versions in a JSON document, at a pointer (RFC 6901): a string, or a list of strings.

use serde_json::Value;

use super::http::{Failure, Http};
use super::{Datasource, Release, json, nonsense, text};
use crate::model::upstream::Pattern;

pub(super) struct Json<'a> {
    pub(super) url: &'a str,
    pub(super) pointer: &'a str,
    pub(super) pattern: Option<&'a Pattern>,
}

impl Datasource for Json<'_> {
    fn releases(&self, http: &Http) -> Result<Vec<Release>, Failure> {
        let document: Value = json(self.url, &http.document(self.url, &[])?.body)?;
        let problem = |why: &str| nonsense(self.url, &format!("at {:?}, {why}", self.pointer));
        let found =
            document.pointer(self.pointer).ok_or_else(|| problem("the document has nothing"))?;
        let texts: Vec<&str> = match found {
            Value::String(text) => vec![text],
            Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
            _ => return Err(problem("the document has neither a string nor a list of strings")),
        };
        let releases = texts.into_iter().flat_map(|text| match self.pattern {
            Some(pattern) => text::versions(text, pattern),
            None => vec![text.to_owned()],
        });
        Ok(releases.map(|name| Release { name, ..Release::default() }).collect())
    }
}
