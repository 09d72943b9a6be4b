//! Who makes which path of an image: no path twice, none below a file or through a link, nothing of the user
//! among the system's, no program of the user run by root.

use std::collections::BTreeMap;

use super::Context;
use super::ownership::KEEP_ONE;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::component::Owner;
use crate::model::download::DownloadAction;
use crate::model::locale::Locale;
use crate::model::path::AbsolutePath;
use crate::model::stack::User;
use crate::model::{Component, Image, Name, places};
use crate::source::Span;

/// What lies at a path.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Link,
    Directory,
}

/// A path that a component makes.
struct Claim<'component> {
    component: &'component Name,
    span: &'component Span,
    kind: Kind,
}

type Claims<'component> = BTreeMap<AbsolutePath, Claim<'component>>;

/// Checks an image together with its parents.
pub(super) fn check(context: &Context<'_>, chain: &[&Image], found: &mut Diagnostics) {
    let claims = claims(chain, found);
    for (path, claim) in &claims {
        below_file(path, claim.span, &claims, found);
    }
    let components = || chain.iter().flat_map(|image| &image.components).map(AsRef::as_ref);
    for component in components() {
        for path in component.script.iter().flat_map(|script| &script.writable) {
            let link = path
                .ancestors()
                .into_iter()
                .chain([path.clone()])
                .find_map(|place| claims.get(&place).filter(|claim| claim.kind == Kind::Link));
            if let Some(claim) = link {
                let message = format!(
                    "the path {path}, which the script of `{}` fills, goes through this link",
                    component.name
                );
                found.push(
                    Diagnostic::new(Code::PathBelowFile, claim.span, message)
                        .help("name the directory that the link leads to in `writable`"),
                );
            }
        }
    }
    nested_prefixes(chain, found);
    changed_directories(chain, found);
    below_volumes(context, chain, found);
    let Some(user) = &context.user else { return };
    files_of_user(user, chain, found);
    sudo_programs(user, chain, &claims, found);
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::File => "file",
        Kind::Link => "link",
        Kind::Directory => "directory",
    }
}

/// Every path that the components of a chain make; a second owner of one is reported.
fn claims<'chain>(chain: &[&'chain Image], found: &mut Diagnostics) -> Claims<'chain> {
    let mut claims = Claims::new();
    for component in chain.iter().flat_map(|image| &image.components) {
        for (path, span, kind) in made_by(component) {
            let claim = Claim { component: &component.name, span, kind };
            if let Some(first) = claims.get(&path) {
                let (code, what) = duplicate(component, span, &path);
                let message = format!("`{}` and `{}` both {what}", first.component, component.name);
                found.push(
                    Diagnostic::new(code, span, message)
                        .related(first.span, "first here")
                        .help(KEEP_ONE),
                );
            } else {
                claims.insert(path, claim);
            }
        }
    }
    claims
}

/// What two owners of a path are, where the path was made at this place.
fn duplicate(component: &Component, span: &Span, path: &AbsolutePath) -> (Code, String) {
    if let Some(service) = component.services.iter().find(|service| service.span == *span) {
        (Code::DuplicateService, format!("have a service `{}`", service.name))
    } else if let Some(route) = component.routes.iter().find(|route| route.span == *span) {
        (Code::DuplicateRoute, format!("have a route for {}", route.path))
    } else if let Some(shortcut) = component.shortcuts.iter().find(|one| one.span == *span) {
        (Code::DuplicateShortcut, format!("have a shortcut `{}`", shortcut.name))
    } else if let Some(one) = component.apt.repositories.iter().find(|one| one.span == *span) {
        (Code::DuplicateRepository, format!("have a repository `{}`", one.name))
    } else {
        (Code::DuplicatePath, format!("write {path}"))
    }
}

/// Nothing can lie below a file, and what lies below a link has a second name that other checks do not know.
fn below_file(path: &AbsolutePath, span: &Span, claims: &Claims<'_>, found: &mut Diagnostics) {
    for ancestor in path.ancestors() {
        let Some(above) = claims.get(&ancestor).filter(|above| above.kind != Kind::Directory)
        else {
            continue;
        };
        let kind = name(above.kind);
        let message = format!("{path} lies below {ancestor}, which is a {kind}");
        let mut diagnostic = Diagnostic::new(Code::PathBelowFile, span, message)
            .related(above.span, format!("the {kind}"));
        diagnostic = diagnostic.help(if above.kind == Kind::Link {
            "write it to the directory that the link leads to"
        } else {
            "rename one of them"
        });
        found.push(diagnostic);
    }
}

/// A package manager owns its whole folder.
fn nested_prefixes(chain: &[&Image], found: &mut Diagnostics) {
    let prefixes: Vec<_> = chain
        .iter()
        .flat_map(|image| &image.components)
        .flat_map(|component| {
            component.prefixes().map(|(path, span)| (&component.name, path, span))
        })
        .collect();
    for (_, inner, span) in &prefixes {
        let outer = prefixes.iter().find(|(_, outer, _)| inner != outer && inner.is_in(outer));
        if let Some((owner, outer, place)) = outer {
            let message = format!("{inner} lies in {outer}, an environment of `{owner}`");
            found.push(
                Diagnostic::new(Code::DuplicatePath, span, message)
                    .related(place, "the environment")
                    .help("put it beside that one"),
            );
        }
    }
}

/// A directory that a parent has made for its own files stays as it is.
fn changed_directories(chain: &[&Image], found: &mut Diagnostics) {
    let Some((image, parents)) = chain.split_last() else { return };
    for component in &image.components {
        for directory in &component.directories {
            let made = parents
                .iter()
                .flat_map(|parent| &parent.components)
                .find(|parent| makes_below(parent, &directory.path));
            if let Some(parent) = made {
                let message = format!(
                    "an image that this one extends has {} already, for `{}`",
                    directory.path, parent.name
                );
                found.push(Diagnostic::new(Code::DuplicatePath, &directory.span, message).help(
                    format!("describe it in a component of that image, next to `{}`", parent.name),
                ));
            }
        }
    }
}

/// What a child writes below a volume of its parents is lost on some engines (Dockerfile reference, VOLUME).
fn below_volumes(context: &Context<'_>, chain: &[&Image], found: &mut Diagnostics) {
    let Some((image, parents)) = chain.split_last() else { return };
    let runtimes = |image: &'_ &'_ Image| {
        let components = image.components.iter();
        components.flat_map(|component| component.runtime.volumes.clone()).collect::<Vec<_>>()
    };
    let of_parents: Vec<(AbsolutePath, Span)> = parents.iter().flat_map(runtimes).collect();
    for component in &image.components {
        let made = made_by(component).into_iter().map(|(path, span, _)| (path, span.clone()));
        let filled = component.script.iter().flat_map(|script| &script.writable);
        let filled = filled.map(|path| (path.clone(), component.span.clone()));
        for (path, span) in made.chain(filled) {
            let Some((volume, place)) = of_parents.iter().find(|(volume, _)| path.is_in(volume))
            else {
                continue;
            };
            let message = format!("{path} lies in the volume {volume} of an image below");
            found.push(
                Diagnostic::new(Code::PathBelowVolume, &span, message)
                    .related(place, "the volume")
                    .help("write it in the image that declares the volume, or elsewhere"),
            );
        }
    }
    let Some(user) = &context.user else { return };
    for (volume, span) in runtimes(image) {
        if user.skeleton.is_in(&volume) {
            let message = format!("the volume {volume} would hide {}", user.skeleton);
            found.push(
                Diagnostic::new(Code::PathBelowVolume, &span, message)
                    .help("the skeleton fills the home, so it has to be part of the image"),
            );
        }
    }
}

/// Whether a component puts something below a directory.
fn makes_below(component: &Component, directory: &AbsolutePath) -> bool {
    made_by(component).iter().any(|(path, ..)| path != directory && path.is_in(directory))
}

fn files_of_user(user: &User, chain: &[&Image], found: &mut Diagnostics) {
    let components = || chain.iter().flat_map(|image| &image.components);
    let places: Vec<&AbsolutePath> =
        components().flat_map(|component| component.places_of_user()).collect();
    for file in components().flat_map(|component| &component.files) {
        let belongs = file.path.is_in(&user.skeleton)
            || places.iter().any(|directory| file.path.is_in(directory));
        if file.owner == Owner::User && !belongs {
            let message =
                format!("{} would belong to the user, in a directory that does not", file.path);
            found.push(Diagnostic::new(Code::UserFileOutsideHome, &file.span, message).help(
                "put it below \"~/\", below a `writable` path of a script or a directory of the user, or let root own it",
            ));
        }
    }
}

/// A program that the user could replace must not run as root.
fn sudo_programs(user: &User, chain: &[&Image], claims: &Claims<'_>, found: &mut Diagnostics) {
    let components: Vec<&Component> =
        chain.iter().flat_map(|image| &image.components).map(AsRef::as_ref).collect();
    let mut of_user: Vec<&AbsolutePath> =
        components.iter().flat_map(|component| component.places_of_user()).collect();
    of_user.extend([&user.home, &user.skeleton]);
    let files = components.iter().flat_map(|component| &component.files);
    of_user.extend(files.filter(|file| file.owner == Owner::User).map(|file| &file.path));
    let links: BTreeMap<&AbsolutePath, Option<AbsolutePath>> = components
        .iter()
        .flat_map(|component| &component.links)
        .map(|link| (&link.path, link.to.from(&link.path)))
        .collect();
    for component in &components {
        for command in &component.sudo {
            // As many steps as there are links: after that the links form a circle.
            let ways = std::iter::successors(Some(&command.program), |path| {
                links.get(path).and_then(Option::as_ref)
            });
            let mut ways = ways.take(links.len() + 1);
            if let Some(path) = ways.find(|path| of_user.iter().any(|place| path.is_in(place))) {
                let message =
                    format!("{path} would run as {}, and the user can write it", command.run_as);
                let mut diagnostic =
                    Diagnostic::new(Code::UnsafeSudoCommand, &command.span, message)
                        .help("put the program where only root can write");
                if let Some(claim) = claims.get(&command.program).filter(|c| c.kind == Kind::Link) {
                    diagnostic = diagnostic.related(claim.span, "the link to it");
                }
                found.push(diagnostic);
            }
        }
    }
}

/// Every path that a component makes, as far as the spec tells.
fn made_by(component: &Component) -> Vec<(AbsolutePath, &Span, Kind)> {
    let mut made: Vec<_> =
        component.files.iter().map(|file| (file.path.clone(), &file.span, Kind::File)).collect();
    made.extend(component.links.iter().map(|link| (link.path.clone(), &link.span, Kind::Link)));
    let directories = component.directories.iter();
    made.extend(directories.map(|made| (made.path.clone(), &made.span, Kind::Directory)));
    made.extend(component.downloads.iter().filter_map(|download| {
        let kind = match download.action {
            DownloadAction::Unpack { .. } => Kind::Directory,
            _ => Kind::File,
        };
        Some((download.action.target()?.clone(), &download.span, kind))
    }));
    made.extend(component.locales.iter().flat_map(|locales| {
        let directories = locales.generate.iter().filter_map(Locale::directory);
        directories.map(|path| (path, &locales.span, Kind::Directory))
    }));
    let prefixes = component.prefixes();
    made.extend(prefixes.map(|(path, span)| (path.clone(), span, Kind::Directory)));
    let packages = component.r.iter().flat_map(|r| &r.packages);
    made.extend(packages.map(|one| (one.folder.clone(), &one.span, Kind::Directory)));
    made.extend(component.services.iter().filter_map(|service| {
        let path = places::service_path(&service.name)?;
        Some((path, &service.span, Kind::File))
    }));
    made.extend(
        component
            .routes
            .iter()
            .filter_map(|route| Some((places::route_path(&route.path)?, &route.span, Kind::File))),
    );
    made.extend(component.shortcuts.iter().flat_map(|shortcut| {
        let paths = [&shortcut.on_desktop, &shortcut.in_menu].into_iter().flatten();
        paths.map(|path| (path.clone(), &shortcut.span, Kind::File))
    }));
    for repository in &component.apt.repositories {
        let paths = [repository.sources_path(), repository.key_path()];
        let paths = paths.iter().filter_map(|path| AbsolutePath::parse(path).ok());
        made.extend(paths.map(|path| (path, &repository.span, Kind::File)));
    }
    if !component.sudo.is_empty() {
        let path = places::sudoers_path(&component.name);
        made.extend(path.map(|path| (path, &component.sudo_span, Kind::File)));
    }
    made
}
