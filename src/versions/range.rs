//! Which versions are meant: `>=1.2, <3`, `22.*`, `1.5.0`.

use super::{Scheme, Version};

/// Conditions that a version fulfils, all of them.
#[derive(Clone, Debug)]
pub struct Range(Vec<Condition>);

#[derive(Clone, Debug)]
enum Condition {
    Compared(Comparison, Version),
    /// The version begins with this text, and what follows continues no number and no word of it.
    Begins(String),
}

#[derive(Clone, Copy, Debug)]
enum Comparison {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    /// The longer signs first: `<=` begins with `<`.
    const SIGNS: &[(&str, Self)] = &[
        ("<=", Self::LessOrEqual),
        (">=", Self::GreaterOrEqual),
        ("!=", Self::Unequal),
        ("==", Self::Equal),
        ("<", Self::Less),
        (">", Self::Greater),
        ("=", Self::Equal),
    ];
}

/// A range of versions that are not taken, and the reason behind it: `1.5.0: breaks the proxy`.
pub fn with_reason(text: &str) -> (&str, Option<&str>) {
    match text.split_once(": ") {
        Some((range, reason)) => (range, Some(reason)),
        None => (text, None),
    }
}

impl Range {
    /// Reads conditions with commas between them.
    ///
    /// # Errors
    /// What is wrong with it, in a few words that continue "it …".
    pub fn parse(text: &str, scheme: Scheme) -> Result<Self, String> {
        text.split(',')
            .map(|part| condition(part.trim(), scheme))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether a version fulfils every condition.
    pub fn contains(&self, version: &Version) -> bool {
        self.0.iter().all(|condition| match condition {
            Condition::Begins(start) => {
                let is_more = |c: char| c.is_ascii_alphanumeric();
                version
                    .as_str()
                    .strip_prefix(start.as_str())
                    .is_some_and(|rest| !rest.starts_with(is_more) || !start.ends_with(is_more))
            }
            Condition::Compared(comparison, other) => match comparison {
                Comparison::Equal => version == other,
                Comparison::Unequal => version != other,
                Comparison::Less => version < other,
                Comparison::LessOrEqual => version <= other,
                Comparison::Greater => version > other,
                Comparison::GreaterOrEqual => version >= other,
            },
        })
    }
}

fn condition(text: &str, scheme: Scheme) -> Result<Condition, String> {
    if let Some(start) = text.strip_suffix(".*") {
        // With a sign before it nobody could say what was meant.
        return if Version::parse(start, Scheme::Loose).is_ok()
            && start.starts_with(|c: char| c.is_ascii_alphanumeric())
        {
            Ok(Condition::Begins(start.to_owned()))
        } else {
            Err(format!("has {text:?}, which is not of the form \"22.*\""))
        };
    }
    let sign = Comparison::SIGNS.iter().find(|(sign, _)| text.starts_with(sign));
    let (comparison, rest) = sign.map_or((Comparison::Equal, text), |(sign, comparison)| {
        (*comparison, text[sign.len()..].trim_start())
    });
    if rest.is_empty() {
        return Err("has a condition without a version; write \">=1.2, <3\"".to_owned());
    }
    // A loose version is any text with a number, and `^1.2` would be one.
    let allowed = |c: char| c.is_ascii_alphanumeric() || ".+~:_-!".contains(c);
    if !rest.starts_with(|c: char| c.is_ascii_alphanumeric()) || !rest.chars().all(allowed) {
        return Err(format!("has {rest:?}, which is no version: the signs are < <= > >= = !="));
    }
    match Version::parse(rest, scheme) {
        Ok(version) => Ok(Condition::Compared(comparison, version)),
        // Half a version is a fair bound: of `<3` everybody knows what it means.
        Err(_) if scheme == Scheme::Semantic => completed(rest)
            .map(|version| Condition::Compared(comparison, version))
            .ok_or_else(|| format!("has {rest:?}, which is no version by {}", scheme.name())),
        Err(why) => Err(format!("has {rest:?}, which {why}")),
    }
}

/// `3` as `3.0.0`.
fn completed(text: &str) -> Option<Version> {
    [".0", ".0.0"]
        .iter()
        .find_map(|more| Version::parse(&format!("{text}{more}"), Scheme::Semantic).ok())
}
