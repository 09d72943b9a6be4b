//! What only shows when components come together in an image: two owners of one thing, missing
//! needs, a bootstrap that lacks a program.

use std::collections::BTreeMap;

use super::{Context, archives, check, locales, membership, paths, reach};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::download::DownloadAction;
use crate::model::{Image, Name, Variant};
use crate::parallel;
use crate::source::Span;
use crate::syntax::stack::StackFile;

/// Checks every image of a variant together with its parents.
pub(super) fn check(
    context: &Context<'_>,
    file: &StackFile,
    variant: &Variant,
    found: &mut Diagnostics,
) {
    let uses_apt = !variant.bootstrap.is_empty()
        || variant
            .images
            .iter()
            .flat_map(|image| &image.components)
            .any(|component| component.has_packages());
    let dated =
        file.apt.as_ref().is_some_and(|apt| apt.refresh.is_some() || apt.snapshot.is_some());
    if uses_apt && !dated {
        let help = "say from which day packages are: [apt] refresh = \"YYYY-MM-DD\"; a later day installs newer ones";
        match &file.apt {
            Some(apt) => {
                check::missing_all(&apt.span, &["refresh", "snapshot"], help, found);
            }
            None => check::missing_in(file.file, context.files, "apt.refresh", help, found),
        }
    }
    parallel::map_checked(&variant.images, parallel::IMAGES, found, |image, found| {
        let chain = variant.chain(image);
        paths::check(context, &chain, found);
        variables(image, found);
        ports(&chain, found);
        reach::check(&chain, found);
        membership::check(context, &chain, found);
        runtime(image, found);
        locales::check(variant, image, &chain, found);
        bootstrap(context, variant, image, found);
        archives::check(context, variant, &chain, found);
    });
}

/// What to do about two owners.
pub(super) const KEEP_ONE: &str =
    "keep one of them, or take one of the components out of the image";

fn variables(image: &Image, found: &mut Diagnostics) {
    let mut first: BTreeMap<&str, (&Name, &Span)> = BTreeMap::new();
    for component in &image.components {
        for (name, _, span) in &component.environment {
            if let Some((owner, place)) = first.insert(name.as_str(), (&component.name, span)) {
                let message = format!("`{owner}` and `{}` both set `{name}`", component.name);
                found.push(
                    Diagnostic::new(Code::DuplicateEnvironment, span, message)
                        .related(place, "first here")
                        .help(KEEP_ONE),
                );
            }
        }
    }
}

fn ports(chain: &[&Image], found: &mut Diagnostics) {
    let mut first: BTreeMap<u16, (&Name, &Span)> = BTreeMap::new();
    for component in chain.iter().flat_map(|image| &image.components) {
        for (port, span) in &component.runtime.ports {
            if let Some((owner, place)) = first.insert(*port, (&component.name, span)) {
                let message = format!("`{owner}` and `{}` both expose port {port}", component.name);
                found.push(
                    Diagnostic::new(Code::DuplicatePort, span, message)
                        .related(place, "first here")
                        .help(KEEP_ONE),
                );
            }
        }
    }
}

/// Within one image each property has one owner; a child may override its parent's.
fn runtime(image: &Image, found: &mut Diagnostics) {
    let mut first: BTreeMap<&str, (&Name, &Span)> = BTreeMap::new();
    for component in &image.components {
        let runtime = &component.runtime;
        let properties = [
            ("entrypoint", runtime.entrypoint.as_ref().map(|(_, span)| span)),
            ("command", runtime.command.as_ref().map(|(_, span)| span)),
            ("working-directory", runtime.working_directory.as_ref().map(|(_, span)| span)),
            ("stop-signal", runtime.stop_signal.as_ref().map(|(_, span)| span)),
            ("healthcheck", runtime.healthcheck.as_ref().map(|(_, span)| span)),
        ];
        for (property, span) in properties {
            let Some(span) = span else { continue };
            if let Some((owner, place)) = first.insert(property, (&component.name, span)) {
                let message = format!("`{owner}` and `{}` both set the {property}", component.name);
                found.push(
                    Diagnostic::new(Code::DuplicateRuntime, span, message)
                        .related(place, "first here")
                        .help(KEEP_ONE),
                );
            }
        }
    }
}

/// Downloads are fetched and unpacked by programs of the bootstrap.
fn bootstrap(context: &Context<'_>, variant: &Variant, image: &Image, found: &mut Diagnostics) {
    for download in image.components.iter().flat_map(|component| &component.downloads) {
        let mut wanted = vec!["curl"];
        if download.artifacts.iter().flat_map(|artifact| &artifact.urls).any(|url| url.secure) {
            wanted.push("ca-certificates");
        }
        if let DownloadAction::Unpack { format, .. } = &download.action {
            wanted.extend(format.package());
        }
        wanted.retain(|package| !variant.bootstrap.iter().any(|name| name.as_str() == *package));
        if wanted.is_empty() {
            continue;
        }
        let message =
            format!("the download `{}` needs {}", download.name, check::enumerate(&wanted, "and"));
        let mut diagnostic = Diagnostic::new(Code::MissingBootstrap, &download.span, message)
            .presumes(&["bootstrap", "packages"])
            .help(format!(
                "add to [bootstrap] packages in stack.toml: \"{}\"",
                wanted.join("\", \"")
            ));
        if let Some(span) = &context.bootstrap_span {
            diagnostic = diagnostic.related(span, "the bootstrap lacks it");
        }
        found.push(diagnostic);
    }
}
