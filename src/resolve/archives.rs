//! What components of one chain ask of apt, held against each other.

use std::collections::BTreeMap;

use super::Context;
use super::ownership::KEEP_ONE;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Component, Image, Variant};
use crate::source::Span;

/// Checks an image together with its parents.
pub(super) fn check(
    context: &Context<'_>,
    variant: &Variant,
    chain: &[&Image],
    found: &mut Diagnostics,
) {
    let components: Vec<&Component> =
        chain.iter().flat_map(|image| &image.components).map(AsRef::as_ref).collect();
    installed_and_purged(context, variant, &components, found);
    versions(&components, found);
    selections(&components, found);
    repositories(&components, found);
    let own = chain.last().map(|image| image.components.as_slice()).unwrap_or_default();
    for component in own {
        secure_addresses(context, variant, component, found);
    }
}

fn installed_and_purged(
    context: &Context<'_>,
    variant: &Variant,
    components: &[&Component],
    found: &mut Diagnostics,
) {
    let purged = || {
        components
            .iter()
            .flat_map(|component| component.apt.purge.iter().map(move |name| (name, component)))
    };
    for (name, by) in purged() {
        let message = format!("`{name}` is purged here, and installed");
        let conflict = |place: &Span, label: String| {
            Diagnostic::new(Code::ConflictingPackages, &name.span, message.clone())
                .related(place, label)
                .help("keep one of the two")
        };
        for component in components {
            if let Some(package) = component.packages.iter().find(|other| other.value == name.value)
            {
                found.push(conflict(&package.span, format!("`{}` installs it", component.name)));
            }
        }
        if variant.bootstrap.contains(&name.value)
            && let Some(span) = &context.bootstrap_span
        {
            let label = format!("the bootstrap installs it, before `{}`", by.name);
            found.push(conflict(span, label));
        }
    }
}

fn versions(components: &[&Component], found: &mut Diagnostics) {
    let mut first = BTreeMap::new();
    for component in components {
        for (name, version) in &component.apt.versions {
            let Some((other, place)) = first.insert(name.as_str(), (version, &name.span)) else {
                continue;
            };
            if other.value != version.value {
                let message = format!("`{name}` cannot be both {other} and {version}");
                found.push(
                    Diagnostic::new(Code::ConflictingPackages, &name.span, message)
                        .related(place, "first here")
                        .help("agree on one version"),
                );
            }
        }
    }
}

fn selections(components: &[&Component], found: &mut Diagnostics) {
    let mut first = BTreeMap::new();
    for component in components {
        for selection in &component.apt.selections {
            let owner = (&component.name, &selection.span);
            if let Some((other, place)) = first.insert(selection.question.as_str(), owner) {
                let message = format!(
                    "`{other}` and `{}` both answer {}",
                    component.name, selection.question
                );
                found.push(
                    Diagnostic::new(Code::DuplicateSelection, &selection.span, message)
                        .related(place, "first here")
                        .help(KEEP_ONE),
                );
            }
        }
    }
}

/// apt refuses one suite of one address with two keys; two files of one name are found with all other paths.
fn repositories(components: &[&Component], found: &mut Diagnostics) {
    let mut first = BTreeMap::new();
    for component in components {
        for repository in &component.apt.repositories {
            for suite in &repository.suites {
                let address = (repository.uri.trim_end_matches('/'), suite.as_str());
                let owner = (&component.name, &repository.name, &repository.span);
                let Some((other, name, place)) = first.insert(address, owner) else { continue };
                if *name == repository.name {
                    continue;
                }
                let what = format!("the suite {suite} of {}", repository.uri);
                let (message, help) = if *other == component.name {
                    (format!("`{other}` adds {what} twice"), "keep one of the two")
                } else {
                    (
                        format!("`{other}` and `{}` both add {what}", component.name),
                        "keep it in a component of its own, which the others need",
                    )
                };
                found.push(
                    Diagnostic::new(Code::DuplicateRepository, &repository.span, message)
                        .related(place, "first here")
                        .help(help),
                );
            }
        }
    }
}

/// https needs certificates before the first package of a component is fetched.
fn secure_addresses(
    context: &Context<'_>,
    variant: &Variant,
    component: &Component,
    found: &mut Diagnostics,
) {
    const CERTIFICATES: &str = "ca-certificates";
    if variant.bootstrap.iter().any(|name| name.as_str() == CERTIFICATES) {
        return;
    }
    for repository in component.apt.repositories.iter().filter(|repository| repository.secure) {
        let message =
            format!("the repository `{}` is https, which needs {CERTIFICATES}", repository.name);
        let mut diagnostic = Diagnostic::new(Code::MissingBootstrap, &repository.span, message)
            .presumes(&["bootstrap", "packages"])
            .help(format!("add to [bootstrap] packages in stack.toml: \"{CERTIFICATES}\""));
        if let Some(span) = &context.bootstrap_span {
            diagnostic = diagnostic.related(span, "the bootstrap lacks it");
        }
        found.push(diagnostic);
    }
}
