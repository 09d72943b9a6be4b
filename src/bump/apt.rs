//! The pins of apt: packages with exact versions, and the day from which all others are.

use std::collections::BTreeMap;

use super::dates;
use crate::model::Stack;
use crate::model::apt::PackageVersion;
use crate::model::names::PackageName;
use crate::model::stack::PackageDate;
use crate::source::Spanned;

/// A pin of apt.
#[derive(Clone, Debug)]
pub struct AptPin<'stack> {
    /// What it is called on the command line.
    pub name: String,
    /// Where it is, as the spec has it.
    pub current: String,
    /// What it is.
    pub subject: Subject<'stack>,
}

/// What is pinned.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'stack> {
    /// A package.
    Package {
        /// The component that has it.
        component: &'stack str,
        /// Its name.
        package: &'stack PackageName,
        /// Its version.
        version: &'stack Spanned<PackageVersion>,
    },
    /// The day or time of the archives.
    Date(&'stack Spanned<PackageDate>),
}

impl AptPin<'_> {
    /// The component that it is of; none for what is of the whole stack.
    pub fn component(&self) -> Option<&str> {
        match self.subject {
            Subject::Package { component, .. } => Some(component),
            Subject::Date(_) => None,
        }
    }

    /// Why it does not move but by its name, if that is so.
    pub fn waits(&self) -> Option<String> {
        match self.subject {
            Subject::Package { .. } => None,
            Subject::Date(_) => Some(format!(
                "it moves when it is named: `rdspec bump {}`; every layer of packages is built anew for it",
                self.name
            )),
        }
    }
}

/// The pins of a spec, by name. A package has its own name where no other pin `is_taken` by that, else it comes after its
/// component's.
pub fn of(stack: &Stack, is_taken: impl Fn(&str) -> bool) -> Vec<AptPin<'_>> {
    let mut packages = BTreeMap::new();
    let images = stack.variants.iter().flat_map(|variant| &variant.images);
    for component in images.flat_map(|image| &image.components) {
        for (package, version) in &component.apt.versions {
            let key = (package.as_str(), component.name.as_str());
            packages.entry(key).or_insert((&package.value, version));
        }
    }
    let owners = |name: &str| packages.keys().filter(|(package, _)| *package == name).count();
    let mut pins = Vec::new();
    for ((name, component), (package, version)) in &packages {
        let is_alone = owners(name) == 1 && !is_taken(name);
        pins.push(AptPin {
            name: if is_alone { (*name).to_owned() } else { format!("{component}/apt/{name}") },
            current: version.value.to_string(),
            subject: Subject::Package { component, package, version },
        });
    }
    let date = stack.variants.iter().find_map(|variant| variant.apt.as_ref());
    pins.extend(date.map(|date| AptPin {
        name: dates::name(&date.value).to_owned(),
        current: date.value.to_string(),
        subject: Subject::Date(date),
    }));
    pins
}
