//! Which component brings something into an image: a package, a path, a port, a variable, an account, a service.
//!
//! Takes the compiled spec and a name, gives every fact of that name in the images of a variant, with its place in the
//! spec, its layer, and the components that need the one that brings it. It knows what the spec says; what packages bring
//! along is known to a built image alone: see [`crate::image::packages::dependencies`].

mod facts;
mod kind;

use std::collections::BTreeSet;

use serde::Serialize;

use crate::compile::Output;
use crate::diagnostic::json::Position;
use crate::diagnostic::suggest;
use crate::language::{COMPONENT, STACK};
use crate::model::names::PackageName;
use crate::model::stack::Variant;
use crate::model::{Component, Image};
use crate::parse::settings::{self, Setting};
use crate::parse::{COMPONENTS, STACK_FILE};
use crate::source::{Span, SpecFiles};

use facts::Fact;
pub use kind::Kind;

/// Something of an image that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// What it is.
    pub kind: Kind,
    /// Its name; of a path that lies in it, that of the tree or the directory.
    pub name: String,
    /// The variant.
    pub variant: String,
    /// The image that gets it first.
    pub image: String,
    /// Its layer in that image; none where it is no file: a variable, a port.
    pub layer: Option<String>,
    /// The component that brings it; none for the stack itself.
    pub component: Option<String>,
    /// The file of the spec that says so, from the folder of the stack.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The images that have it from their parents.
    pub inherited_by: Vec<String>,
    /// The components that need the one that brings it.
    pub needed_by: Vec<Needed>,
}

/// A component that needs another one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Needed {
    /// The component.
    pub component: String,
    /// Its image.
    pub image: String,
}

/// What came of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Everything of that name, or, of a path, what it lies in.
    Answers(Vec<Answer>),
    /// Nothing; and what could have been meant.
    Nothing(Option<String>),
}

/// Answers for a variant of the compiled spec.
pub fn why(files: &SpecFiles, output: &Output, variant: &str, what: &str) -> Found {
    let Some(variant) = output.stack.variants.iter().find(|one| one.name.as_str() == variant)
    else {
        return Found::Nothing(None);
    };
    let what = in_image(output, what);
    let images = variant.images.iter().filter_map(|image| {
        let mut plans = output.plan.images.iter();
        let plan = plans.find(|plan| plan.name == image.name && plan.variant == variant.name)?;
        Some((image, facts::of(&output.stack, variant, image, plan)))
    });
    let images: Vec<(&Image, Vec<Fact<'_>>)> = images.collect();
    let all =
        || images.iter().flat_map(|(image, facts)| facts.iter().map(move |one| (*image, one)));
    let of_name = |(_, fact): &(&Image, &Fact<'_>)| fact.names.contains(&what);
    let mut found: Vec<(&Image, &Fact<'_>)> = all().filter(of_name).collect();
    if found.is_empty() && what.starts_with('/') {
        found = nearest(&what, all());
    }
    if found.is_empty() {
        // Of two numbers that are alike, none is a slip of the other; and a single sign is a slip of anything.
        if what.chars().all(|c| c.is_ascii_digit()) || what.chars().count() < 2 {
            return Found::Nothing(None);
        }
        let names = all().flat_map(|(_, fact)| fact.names.iter().map(String::as_str));
        return Found::Nothing(suggest::nearest(&what, names).map(str::to_owned));
    }
    let answer = |(image, fact): (&Image, &Fact<'_>)| answer(files, variant, image, fact);
    Found::Answers(found.into_iter().map(answer).collect())
}

/// A path as an image has it: without doubled slashes and one at its end, and below the skeleton where it is of the home,
/// which every container fills from there. A name stays as it is.
pub fn in_image(output: &Output, what: &str) -> String {
    let plain = match what.chars().next() {
        Some('/') => {
            let parts = what.split('/').filter(|part| !matches!(*part, "" | "."));
            format!("/{}", parts.collect::<Vec<_>>().join("/"))
        }
        Some('~') => what.trim_end_matches('/').to_owned(),
        _ => what.to_owned(),
    };
    let Some(user) = &output.stack.user else { return plain };
    let below_home = ["~/", &format!("{}/", user.home)]
        .into_iter()
        .find_map(|home| plain.strip_prefix(home).map(str::to_owned));
    match below_home {
        Some(rest) => format!("{}/{rest}", user.skeleton),
        None if plain == "~" => user.skeleton.to_string(),
        None => plain,
    }
}

/// What a path lies in: the nearest tree or directory that the spec knows.
fn nearest<'found, 'stack>(
    path: &str,
    all: impl Iterator<Item = (&'found Image, &'found Fact<'stack>)>,
) -> Vec<(&'found Image, &'found Fact<'stack>)> {
    let is_above = |name: &str| path.strip_prefix(name).is_some_and(|rest| rest.starts_with('/'));
    let mut above: Vec<_> = all
        .filter(|(_, fact)| fact.kind.holds_paths())
        .filter_map(|(image, fact)| {
            let name = fact.names.first().filter(|name| is_above(name))?;
            Some((name.len(), image, fact))
        })
        .collect();
    let longest = above.iter().map(|(length, ..)| *length).max();
    above.retain(|(length, ..)| Some(*length) == longest);
    above.into_iter().map(|(_, image, fact)| (image, fact)).collect()
}

fn answer(files: &SpecFiles, variant: &Variant, image: &Image, fact: &Fact<'_>) -> Answer {
    let descendants = variant.images.iter().filter(|other| {
        other.name != image.name && variant.chain(other).iter().any(|one| one.name == image.name)
    });
    let (file, line) = place(files, variant, fact);
    Answer {
        kind: fact.kind,
        name: fact.names.first().cloned().unwrap_or_default(),
        variant: variant.name.to_string(),
        image: image.name.to_string(),
        layer: fact.layer.clone(),
        component: fact.component.map(|component| component.name.to_string()),
        file,
        line,
        inherited_by: descendants.map(|other| other.name.to_string()).collect(),
        needed_by: fact
            .component
            .map(|component| needed_by(variant, image, component))
            .unwrap_or_default(),
    }
}

/// The components of an image and of those that extend it that need a component.
fn needed_by(variant: &Variant, image: &Image, component: &Component) -> Vec<Needed> {
    let has = |other: &&Image| variant.chain(other).iter().any(|one| one.name == image.name);
    let mut found = BTreeSet::new();
    for image in variant.images.iter().filter(has) {
        for other in &image.components {
            if other.needs.iter().any(|(name, _)| component.answers_to(name)) {
                let (component, image) = (other.name.to_string(), image.name.to_string());
                found.insert(Needed { component, image });
            }
        }
    }
    found.into_iter().collect()
}

/// File and line of a fact. Of what the model has no place of, the key of the spec that says it.
fn place(files: &SpecFiles, variant: &Variant, fact: &Fact<'_>) -> (String, usize) {
    let span = fact.span.cloned().or_else(|| {
        let (file, table, key) = match fact.component {
            Some(component) => {
                (format!("{COMPONENTS}{}.toml", component.name), COMPONENT, ["script", "writable"])
            }
            None => (STACK_FILE.to_owned(), STACK, ["bootstrap", "packages"]),
        };
        let id = files.id(&file)?;
        let all = settings::of(files, id, table, variant.name.as_str(), |_| true);
        let start = |setting: &Setting| setting.span.clone();
        let of_key = all.iter().find(|setting| setting.key == key).and_then(start);
        of_key.or_else(|| Some(Span::new(id, 0..0)))
    });
    let Some(span) = span else { return (files.root().to_owned(), 1) };
    let line = Position::of(&files.text(span.file), span.start).line;
    (files.display_path(span.file), line)
}

/// The packages of apt that the spec asks for in a variant, by their names.
pub fn asked_for<'output>(output: &'output Output, variant: &str) -> BTreeSet<&'output str> {
    let variants = output.stack.variants.iter().filter(|one| one.name.as_str() == variant);
    let mut names = BTreeSet::new();
    for variant in variants {
        names.extend(variant.bootstrap.iter().map(PackageName::as_str));
        for component in variant.images.iter().flat_map(|image| &image.components) {
            names.extend(component.packages.iter().map(|package| package.as_str()));
            // Most are called as what they are.
            names.extend(component.package_downloads().map(|download| download.name.as_str()));
        }
    }
    names
}

#[cfg(test)]
mod tests;
