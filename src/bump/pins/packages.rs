//! Packages of pip and npm that the spec lists one by one, each with its version.

use super::{Found, Rules, Subject, group_of};
use crate::model::component::Component;
use crate::model::npm::Install;
use crate::model::pip::Requirements;
use crate::versions::Scheme;

/// The packages of a component that are pinned, and the files that pin others.
pub(super) fn of(component: &Component) -> impl Iterator<Item = Found<'_>> {
    python(component).into_iter().chain(node(component))
}

fn python(component: &Component) -> Vec<Found<'_>> {
    let Some(pip) = &component.pip else { return Vec::new() };
    let owner = component.name.as_str();
    let packages = match &pip.requirements {
        Requirements::Packages(packages) => packages,
        Requirements::File(..) => return vec![of_a_file("requirements", owner, "pip")],
    };
    let index = pip.index.as_ref();
    let found = packages.iter().map(|requirement| {
        let version = requirement.version.value.to_string();
        let name = requirement.name.as_str();
        let rules = Rules::of_package(component, name, Scheme::Python, &version);
        Found {
            short: name,
            owner,
            variant: None,
            place: Some(&requirement.version.span),
            kind: "pip",
            version: Some(version),
            group: group_of(component, name),
            subject: rules.map(|rules| Subject::Python { requirement, index, rules }),
        }
    });
    found.collect()
}

fn node(component: &Component) -> Vec<Found<'_>> {
    let Some(npm) = &component.npm else { return Vec::new() };
    let owner = component.name.as_str();
    let packages = match &npm.install {
        Install::Packages(packages) => packages,
        Install::Lock { .. } => return vec![of_a_file("lock", owner, "npm")],
    };
    let found = packages.iter().map(|(package, version)| {
        let text = version.value.to_string();
        let name = package.as_str();
        let rules = Rules::of_package(component, name, Scheme::Semantic, &text);
        Found {
            short: name,
            owner,
            variant: None,
            place: Some(&version.span),
            kind: "npm",
            version: Some(text),
            group: group_of(component, name),
            subject: rules.map(|rules| Subject::Node { package, version, rules }),
        }
    });
    found.collect()
}

/// A file that has the versions of many packages, which fit each other.
fn of_a_file<'a>(short: &'static str, owner: &'a str, kind: &'static str) -> Found<'a> {
    let why = format!(
        "the versions of a file fit each other: let the tool that made it for {kind} make it anew"
    );
    Found {
        short,
        owner,
        variant: None,
        place: None,
        kind,
        version: None,
        group: None,
        subject: Err(why),
    }
}
