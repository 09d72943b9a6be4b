//! The pins of apt: packages with exact versions, and the day from which all others are.

use super::{Found, Subject};
use crate::bump::dates;
use crate::model::Stack;
use crate::model::component::Component;

/// The packages of a component that are pinned to a version.
pub(super) fn packages(component: &Component) -> impl Iterator<Item = Found<'_>> {
    component.apt.versions.iter().map(|(package, version)| Found {
        short: package.as_str(),
        owner: component.name.as_str(),
        variant: None,
        place: Some(&version.span),
        kind: "apt",
        version: Some(version.value.to_string()),
        group: None,
        subject: Ok(Subject::Package { package: &package.value, version }),
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
