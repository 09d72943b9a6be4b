//! `labels` and `max-size` of the stack and its images.

use std::collections::BTreeMap;

use super::check;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, suggest};
use crate::model::names::Line;
use crate::model::size;
use crate::source::Spanned;

/// The keys of the OCI image spec, "Pre-Defined Annotation Keys", without `org.opencontainers.image.`.
const PREDEFINED: &[&str] = &[
    "authors",
    "base.digest",
    "base.name",
    "created",
    "description",
    "documentation",
    "licenses",
    "ref.name",
    "revision",
    "source",
    "title",
    "url",
    "vendor",
    "version",
];

const IMAGE: &str = "org.opencontainers.image.";

type Written = [(Spanned<String>, Spanned<String>)];

/// The labels of an image: the stack's, and its own in their place.
pub(super) fn labels(
    stack: &Written,
    image: &Written,
    found: &mut Diagnostics,
) -> BTreeMap<String, Line> {
    let mut labels = BTreeMap::new();
    for (key, value) in stack.iter().chain(image) {
        let checked = check::named(key, Code::BadLabel, "the label", label_key, found);
        let value = check::line(value, "the value of the label", found);
        labels.extend(checked.zip(value));
    }
    labels
}

/// A key by the rules of the OCI image spec, "Rules" of annotations, in characters that are the same everywhere.
fn label_key(key: &str) -> Result<String, String> {
    let ends = |c: char| c.is_ascii_alphanumeric();
    let allowed = |c: char| ends(c) || matches!(c, '.' | '-' | '_' | '/');
    if let Some(bad) = key.chars().find(|&c| !allowed(c)) {
        return Err(format!(
            "contains {bad:?}; letters, digits, `.`, `-`, `_` and `/` are allowed"
        ));
    }
    if !key.starts_with(ends) || !key.ends_with(ends) || key.len() > 255 {
        return Err(
            "does not begin and end with a letter or a digit, or is longer than 255 characters"
                .into(),
        );
    }
    if let Some(name) = key.strip_prefix(IMAGE) {
        if PREDEFINED.contains(&name) {
            return Ok(key.to_owned());
        }
        let help = suggest::help(name, PREDEFINED.iter().copied()).unwrap_or_default();
        return Err(format!("is not in the OCI image spec, which owns `{IMAGE}`: {help}"));
    }
    if key.starts_with("org.opencontainers.") {
        return Err("is in the namespace of the Open Container Initiative; begin it with a domain of your own, such as `org.example.`".into());
    }
    Ok(key.to_owned())
}

/// A size in bytes.
pub(super) fn size(written: &Spanned<String>, found: &mut Diagnostics) -> Option<u64> {
    let bytes = size::parse(&written.value);
    if bytes.is_none() {
        found.push(
            Diagnostic::new(
                Code::BadSize,
                &written.span,
                format!("{:?} is no size", written.value),
            )
            .help(format!("give a whole number and a unit, such as \"14 GB\": {}", size::units())),
        );
    }
    bytes
}
