//! What only shows when components come together in an image: two owners of one thing, missing
//! needs, a bootstrap that lacks a program.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Context, check};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::component::{DownloadAction, Owner};
use crate::model::path::AbsolutePath;
use crate::model::places;
use crate::model::{Component, Image, Name, Variant};
use crate::source::{Span, Spanned};
use crate::syntax::StackFile;

/// The components of one image, held against those of its parents: no duplicate, every need met,
/// no circle.
pub(super) fn check_components(
    variant: &Variant,
    parent: Option<usize>,
    list: &[(Arc<Component>, &Spanned<String>)],
    found: &mut Diagnostics,
) {
    let inherited: BTreeSet<&str> = parent
        .and_then(|parent| variant.images.get(parent))
        .map(|parent| variant.chain(parent))
        .unwrap_or_default()
        .into_iter()
        .flat_map(|image| &image.components)
        .map(|component| component.name.as_str())
        .collect();
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
        } else if inherited.contains(name) {
            found.push(
                Diagnostic::new(Code::DuplicateComponent, &written.span, message)
                    .help("an image it extends has it; remove it here"),
            );
        }
    }
    for (component, _) in list {
        for (need, span) in &component.needs {
            let need = need.as_str();
            if !own.contains_key(need) && !inherited.contains(need) {
                let message = format!(
                    "`{}` needs `{need}`, which is not in an image that has `{}`",
                    component.name, component.name
                );
                found.push(
                    Diagnostic::new(Code::MissingNeed, span, message)
                        .help(format!("add `{need}` to `components`, before or after; the order of the layers follows `needs`")),
                );
            }
        }
    }
    component_cycle(list, found);
}

fn component_cycle(list: &[(Arc<Component>, &Spanned<String>)], found: &mut Diagnostics) {
    let by_name: BTreeMap<&str, &Component> =
        list.iter().map(|(component, _)| (component.name.as_str(), component.as_ref())).collect();
    // Remove what nothing blocks until nothing changes; what stays is in or behind a circle.
    let mut blocked: Vec<&Component> = by_name.values().copied().collect();
    loop {
        let before = blocked.len();
        let names: Vec<&str> = blocked.iter().map(|component| component.name.as_str()).collect();
        blocked.retain(|component| {
            component.needs.iter().any(|(need, _)| names.contains(&need.as_str()))
        });
        if blocked.len() == before {
            break;
        }
    }
    let Some(start) = blocked.first() else { return };
    let mut path: Vec<&Component> = vec![start];
    while let Some(next) = path.last().and_then(|component| {
        component
            .needs
            .iter()
            .find_map(|(need, _)| blocked.iter().find(|candidate| candidate.name == *need).copied())
    }) {
        if let Some(at) = path.iter().position(|component| component.name == next.name) {
            path.drain(..at);
            break;
        }
        path.push(next);
    }
    let mut names: Vec<&str> = path.iter().map(|component| component.name.as_str()).collect();
    names.extend(names.first().copied());
    let next = path.get(1).or(path.first()).map(|component| &component.name);
    let need = path
        .first()
        .and_then(|component| component.needs.iter().find(|(need, _)| Some(need) == next));
    let Some((_, span)) = need else { return };
    let message = format!("components need each other in a circle: {}", names.join(" -> "));
    found.push(
        Diagnostic::new(Code::ComponentCycle, span, message)
            .help("one of them has to work without the next"),
    );
}

/// Checks every image of a variant together with its parents.
pub(super) fn check(
    context: &Context<'_>,
    has_refresh: bool,
    file: &StackFile,
    variant: &Variant,
    found: &mut Diagnostics,
) {
    let uses_apt = !variant.bootstrap.is_empty()
        || variant
            .images
            .iter()
            .flat_map(|image| &image.components)
            .any(|component| !component.packages.is_empty());
    if uses_apt && !has_refresh && file.apt.as_ref().is_none_or(|apt| apt.refresh.is_none()) {
        check::missing(
            &file.stack.span,
            "apt.refresh",
            "packages need a day: [apt] refresh = \"YYYY-MM-DD\"; moving it refreshes every apt layer",
            found,
        );
    }
    for image in &variant.images {
        let chain = variant.chain(image);
        paths(context, &chain, found);
        sudo_programs(context, &chain, found);
        variables(image, found);
        ports(&chain, found);
        runtime(image, found);
        bootstrap(context, variant, image, found);
    }
}

/// What to do about two owners.
const KEEP_ONE: &str = "keep one of them, or take one of the components out of the image";

/// A path that a component makes.
struct Claim<'component> {
    component: &'component Name,
    span: &'component Span,
    is_directory: bool,
}

fn paths(context: &Context<'_>, chain: &[&Image], found: &mut Diagnostics) {
    let mut claims: BTreeMap<AbsolutePath, Claim<'_>> = BTreeMap::new();
    let components = || chain.iter().flat_map(|image| &image.components);
    for component in components() {
        for (path, span, is_directory) in made_by(component) {
            let claim = Claim { component: &component.name, span, is_directory };
            if let Some(first) = claims.get(&path) {
                let service = component.services.iter().any(|service| service.span == *span);
                let code = if service { Code::DuplicateService } else { Code::DuplicatePath };
                found.push(
                    Diagnostic::new(
                        code,
                        span,
                        format!("`{}` and `{}` both write {path}", first.component, component.name),
                    )
                    .related(first.span, "first here")
                    .help(KEEP_ONE),
                );
            } else {
                claims.insert(path, claim);
            }
        }
    }
    for (path, claim) in &claims {
        for ancestor in path.ancestors() {
            let Some(file) = claims.get(&ancestor).filter(|above| !above.is_directory) else {
                continue;
            };
            let message = format!("{path} lies below {ancestor}, which is a file");
            found.push(
                Diagnostic::new(Code::PathBelowFile, claim.span, message)
                    .related(file.span, "the file"),
            );
        }
    }
    let Some(user) = &context.user else { return };
    let writable: Vec<&AbsolutePath> = components()
        .filter_map(|component| component.script.as_ref())
        .flat_map(|script| &script.writable)
        .collect();
    for file in components().flat_map(|component| &component.files) {
        let belongs = file.path.is_in(&user.skeleton)
            || writable.iter().any(|directory| file.path.is_in(directory));
        if file.owner == Owner::User && !belongs {
            let message =
                format!("{} would belong to the user, in a directory that does not", file.path);
            found.push(Diagnostic::new(Code::UserFileOutsideHome, &file.span, message).help(
                "put it below \"~/\" or below a `writable` path of a script, or let root own it",
            ));
        }
    }
}

/// A program that the user could replace must not run as root.
fn sudo_programs(context: &Context<'_>, chain: &[&Image], found: &mut Diagnostics) {
    let Some(user) = &context.user else { return };
    let components: Vec<&Component> =
        chain.iter().flat_map(|image| &image.components).map(AsRef::as_ref).collect();
    let scripts = components.iter().filter_map(|component| component.script.as_ref());
    let mut of_user: Vec<&AbsolutePath> = scripts.flat_map(|script| &script.writable).collect();
    of_user.extend([&user.home, &user.skeleton]);
    let files = components.iter().flat_map(|component| &component.files);
    of_user.extend(files.filter(|file| file.owner == Owner::User).map(|file| &file.path));
    for component in &components {
        for command in &component.sudo {
            if of_user.iter().any(|place| command.program.is_in(place)) {
                let message =
                    format!("{} would run as root, and the user can write it", command.program);
                found.push(
                    Diagnostic::new(Code::UnsafeSudoCommand, &component.sudo_span, message)
                        .help("put the program where only root can write"),
                );
            }
        }
    }
}

/// Every path that a component makes, as far as the spec tells: path, place, whether a directory.
fn made_by(component: &Component) -> Vec<(AbsolutePath, &Span, bool)> {
    let mut made: Vec<_> =
        component.files.iter().map(|file| (file.path.clone(), &file.span, false)).collect();
    made.extend(component.downloads.iter().map(|download| {
        let is_directory = matches!(download.action, DownloadAction::Unpack { .. });
        (download.action.target().clone(), &download.span, is_directory)
    }));
    made.extend(component.services.iter().filter_map(|service| {
        let path = places::service_path(&service.name)?;
        Some((path, &service.span, false))
    }));
    if !component.sudo.is_empty() {
        let path = places::sudoers_path(&component.name);
        made.extend(path.map(|path| (path, &component.sudo_span, false)));
    }
    made
}

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
        let message = format!("the download `{}` needs {}", download.name, wanted.join(" and "));
        let mut diagnostic = Diagnostic::new(Code::MissingBootstrap, &download.span, message).help(
            format!("add to [bootstrap] packages in stack.toml: \"{}\"", wanted.join("\", \"")),
        );
        if let Some(span) = &context.bootstrap_span {
            diagnostic = diagnostic.related(span, "the bootstrap lacks it");
        }
        found.push(diagnostic);
    }
}
