//! Base images: their digests, and their tags where the spec says which others are new versions.

use std::collections::BTreeSet;

use super::{Found, Rules, Subject};
use crate::model::Stack;
use crate::model::stack::{Base, External, Image, Variant};
use crate::versions::Scheme;

/// How many digits of a digest are shown.
const SHORT: usize = 12;

/// The base images of a stack. Variants that have an image from the same place of the spec share it.
pub(super) fn of(stack: &Stack) -> Vec<Found<'_>> {
    let mut seen = BTreeSet::new();
    let images = stack
        .variants
        .iter()
        .flat_map(|variant| variant.images.iter().map(move |image| (variant, image)));
    let external = images.filter_map(|(variant, image)| match &image.base {
        Base::External(external) => Some((variant, image, external)),
        Base::Parent(_) => None,
    });
    external
        .filter(|(_, _, external)| seen.insert(&external.reference.span))
        .map(|(variant, image, external)| found(stack, variant, image, external))
        .collect()
}

fn found<'stack>(
    stack: &'stack Stack,
    variant: &'stack Variant,
    image: &'stack Image,
    external: &'stack External,
) -> Found<'stack> {
    let upstream = external.upstream.as_ref();
    Found {
        short: image.name.as_str(),
        owner: variant.name.as_str(),
        variant: None,
        place: Some(&external.reference.span),
        kind: "image",
        version: Some(shown(
            external.tag(),
            external.digest.as_ref().map_or("", |digest| digest.value.as_str()),
        )),
        group: upstream
            .and_then(|upstream| upstream.group.as_ref())
            .map(|group| group.value.as_str()),
        subject: subject(stack, external),
    }
}

fn subject<'stack>(
    stack: &'stack Stack,
    external: &'stack External,
) -> Result<Subject<'stack>, String> {
    if external.digest.is_none() {
        return Err(match &external.unpinned {
            Some(reason) => format!("it has no digest: {reason}"),
            None => "it has no digest".to_owned(),
        });
    }
    let rules = external.upstream.as_ref().map(|upstream| {
        let whole = upstream.tag.as_ref().and_then(|tag| tag.value.whole());
        let captures = whole.as_ref().and_then(|whole| whole.captures(external.tag()));
        let version = captures.as_ref().and_then(|captures| captures.name("version"));
        let version = version.map_or(external.tag(), |version| version.as_str());
        Rules::of(upstream, Scheme::Loose, version)
    });
    let rules = rules.transpose()?;
    Ok(Subject::Image { external, rules, architectures: &stack.architectures })
}

/// A tag with the first digits of what it is.
pub fn shown(tag: &str, digest: &str) -> String {
    match digest.strip_prefix("sha256:").and_then(|digits| digits.get(..SHORT)) {
        Some(digits) => format!("{tag}@{digits}"),
        None => tag.to_owned(),
    }
}
