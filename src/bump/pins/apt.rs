//! The pins of apt: packages with exact versions, and the day from which all others are.

use super::{Found, Rules, Subject, group_of};
use crate::bump::dates;
use crate::model::Stack;
use crate::model::component::Component;
use crate::versions::Scheme;

/// The packages of a component that are pinned to a version.
pub(super) fn packages(component: &Component) -> impl Iterator<Item = Found<'_>> {
    component.apt.versions.iter().map(|(package, version)| {
        let (name, text) = (package.as_str(), version.value.to_string());
        let rules = Rules::of_package(component, name, Scheme::Debian, &text);
        let package = &package.value;
        Found {
            short: name,
            owner: component.name.as_str(),
            variant: None,
            place: Some(&version.span),
            kind: "apt",
            version: Some(text),
            group: group_of(component, name),
            subject: rules.map(|rules| Subject::Package { package, version, rules }),
        }
    })
}

/// The day or time of the archives.
pub(super) fn date(stack: &Stack) -> Option<Found<'_>> {
    let date = stack.variants.iter().find_map(|variant| variant.apt.as_ref())?;
    Some(Found {
        short: dates::name(&date.value),
        owner: stack.name.as_str(),
        variant: None,
        place: Some(&date.span),
        kind: "date",
        version: Some(date.value.to_string()),
        group: None,
        subject: Ok(Subject::Date(date)),
    })
}
