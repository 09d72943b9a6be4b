//! The components of one image and of its parents: none twice, every need met, one meaning for each name, no
//! circle of what has to come before what.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::images::LISTS;
use crate::diagnostic::{COMPONENT, Code, Diagnostic, Diagnostics, suggest};
use crate::model::{Component, Name, Variant};
use crate::source::{Span, Spanned};
use crate::syntax::component::ComponentFile;

/// Every name that a component of the spec has or provides in some variant, whether an image lists it or not.
pub(super) struct KnownNames<'spec>(BTreeSet<&'spec str>);

impl<'spec> KnownNames<'spec> {
    pub(super) fn of(files: impl Iterator<Item = &'spec ComponentFile>) -> Self {
        let names = files.flat_map(|file| {
            let provided = file.provides.iter().map(|name| name.value.as_str());
            provided.chain([file.name.as_str()])
        });
        Self(names.collect())
    }

    /// What `name` could have meant in the file of a component, which never means itself.
    fn nearest(&self, name: &Name, component: &Component) -> Option<&str> {
        let others = self.0.iter().copied().filter(|other| *other != component.name.as_str());
        suggest::nearest(name.as_str(), others)
    }
}

/// What an image lists, with the place in its list.
type List<'list, 'file> = &'list [(Arc<Component>, &'file Spanned<String>)];

pub(super) fn check(
    variant: &Variant,
    parent: Option<usize>,
    list: List<'_, '_>,
    known: &KnownNames<'_>,
    found: &mut Diagnostics,
) {
    let inherited: Vec<&Component> = parent
        .and_then(|parent| variant.images.get(parent))
        .map(|parent| variant.chain(parent))
        .unwrap_or_default()
        .into_iter()
        .flat_map(|image| &image.components)
        .map(AsRef::as_ref)
        .collect();
    duplicates(&inherited, list, found);
    let own: Vec<&Component> = list.iter().map(|(component, _)| component.as_ref()).collect();
    one_meaning(&inherited, &own, found);
    for component in &own {
        for (need, span) in &component.needs {
            if !own.iter().chain(&inherited).any(|other| other.answers_to(need)) {
                let message = format!(
                    "`{}` needs `{need}`, which is not in an image that has `{}`",
                    component.name, component.name
                );
                let mut diagnostic = Diagnostic::new(Code::MissingNeed, span, message)
                    .presumes(&[LISTS, &["provides", COMPONENT]].concat());
                diagnostic.help = if known.0.contains(need.as_str()) {
                    Some(format!(
                        "add `{need}` to `components`, before or after; the order of the layers follows `needs`"
                    ))
                } else {
                    Some(known.nearest(need, component).map_or_else(
                        || {
                            format!(
                                "describe it in components/{need}.toml, or take it out of `needs`"
                            )
                        },
                        |near| format!("did you mean `{near}`?"),
                    ))
                };
                found.push(diagnostic);
            }
        }
        for (earlier, span) in &component.after {
            if !known.0.contains(earlier.as_str()) {
                let message = format!("no component is called `{earlier}` or provides it");
                let mut diagnostic = Diagnostic::new(Code::UnknownComponent, span, message)
                    .presumes(&["provides", COMPONENT]);
                diagnostic.help = Some(known.nearest(earlier, component).map_or_else(
                    || "remove it, or describe it in a component".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                ));
                found.push(diagnostic);
            }
        }
    }
    circle(&own, found);
}

fn duplicates(inherited: &[&Component], list: List<'_, '_>, found: &mut Diagnostics) {
    let mut own: BTreeMap<&str, &Span> = BTreeMap::new();
    for (component, written) in list {
        let name = component.name.as_str();
        let message = format!("the image already has the component `{name}`");
        if let Some(first) = own.insert(name, &written.span) {
            found.push(
                Diagnostic::new(Code::DuplicateComponent, &written.span, message)
                    .related(first, "first here")
                    .help("remove one"),
            );
        } else if inherited.iter().any(|other| other.name.as_str() == name) {
            found.push(
                Diagnostic::new(Code::DuplicateComponent, &written.span, message)
                    .help("an image it extends has it; remove it here"),
            );
        }
    }
}

/// A provided name means one component of a chain.
fn one_meaning(inherited: &[&Component], own: &[&Component], found: &mut Diagnostics) {
    let mut providers: BTreeMap<&Name, (&Component, &Span)> = BTreeMap::new();
    for (index, component) in inherited.iter().chain(own).enumerate() {
        for (name, span) in &component.provides {
            let first = providers.insert(name, (component, span));
            // Inherited ones were checked with the image that has them.
            if let Some((other, place)) = first.filter(|_| index >= inherited.len()) {
                let message =
                    format!("`{}` and `{}` both provide `{name}`", other.name, component.name);
                found.push(
                    Diagnostic::new(Code::DuplicateComponent, span, message)
                        .related(place, "first here")
                        .help("keep one of them, or take one of the components out of the image"),
                );
            }
        }
    }
    for component in inherited.iter().chain(own) {
        let Some((provider, span)) = providers.get(&component.name) else { continue };
        let message = if provider.name == component.name {
            format!("`{}` provides its own name", component.name)
        } else {
            format!(
                "`{}` provides `{}`, and the image has a component of that name",
                provider.name, component.name
            )
        };
        found.push(
            Diagnostic::new(Code::DuplicateComponent, span, message)
                .help("a name means one component of an image; remove it here"),
        );
    }
}

/// What has to come before a component of the same image, with the place that says so.
fn earlier<'image>(
    component: &'image Component,
    among: &[&'image Component],
) -> Vec<(&'image Component, &'image Span)> {
    let names = component.needs.iter().chain(&component.after);
    names
        .filter_map(|(name, span)| {
            let found = among.iter().find(|other| other.answers_to(name))?;
            Some((*found, span))
        })
        .collect()
}

fn circle(own: &[&Component], found: &mut Diagnostics) {
    // Remove what nothing blocks until nothing changes; what stays is in or behind a circle.
    let mut blocked: Vec<&Component> = own.to_vec();
    blocked.sort_by(|left, right| left.name.cmp(&right.name));
    blocked.dedup_by(|left, right| left.name == right.name);
    loop {
        let before = blocked.clone();
        blocked.retain(|component| !earlier(component, &before).is_empty());
        if blocked.len() == before.len() {
            break;
        }
    }
    let Some(start) = blocked.first() else { return };
    // Each step goes to what has to come before, until a component comes up again.
    let mut path: Vec<(&Component, &Span)> = Vec::new();
    let mut at = *start;
    while let Some((next, span)) = earlier(at, &blocked).into_iter().next() {
        path.push((at, span));
        if let Some(first) = path.iter().position(|(component, _)| component.name == next.name) {
            path.drain(..first);
            break;
        }
        at = next;
    }
    let Some((first, span)) = path.first() else { return };
    let names: Vec<&str> = path
        .iter()
        .chain([&(*first, *span)])
        .map(|(component, _)| component.name.as_str())
        .collect();
    let (message, help) = match path.as_slice() {
        [_] => (format!("`{}` would have to come after itself", first.name), "remove it"),
        _ => (
            format!("each of these has to come after the next: {}", names.join(" -> ")),
            "one of them has to work without the next, or be laid after it",
        ),
    };
    let mut diagnostic = Diagnostic::new(Code::ComponentCycle, span, message).help(help);
    for (component, span) in path.iter().skip(1) {
        diagnostic = diagnostic.related(span, format!("`{}` says it here", component.name));
    }
    found.push(diagnostic);
}
