//! Files that are copied: into which directories, in which COPY instructions.
//!
//! Modes and owners are set where a file is made. A directory that no package is known to make is made
//! explicitly before, so that COPY never makes one with a mode of its own.

use std::collections::{BTreeMap, BTreeSet};

use super::script::{Directories, Directory, Link};
use super::{Content, Copy, FILES, generated};
use crate::model::Name;
use crate::model::component::{Component, Owner};
use crate::model::mode::DirectoryMode;
use crate::model::names::Mode;
use crate::model::path::AbsolutePath;
use crate::model::stack::{Image, Stack};

/// A file with everything that its COPY needs to know.
pub(super) struct Placed {
    component: Name,
    path: AbsolutePath,
    mode: Mode,
    owner: Owner,
    content: Content,
}

/// Directories of the FHS that the package base-files brings to every Debian and Ubuntu image.
const EXISTING: &[&str] = &[
    "/etc",
    "/home",
    "/opt",
    "/usr",
    "/usr/bin",
    "/usr/lib",
    "/usr/local",
    "/usr/local/bin",
    "/usr/local/etc",
    "/usr/local/lib",
    "/usr/local/sbin",
    "/usr/local/share",
    "/usr/sbin",
    "/usr/share",
    "/var",
    "/var/lib",
];

/// Every file of an image, sorted by path.
pub(super) fn of(stack: &Stack, image: &Image) -> Vec<Placed> {
    let mut placed = Vec::new();
    for component in &image.components {
        placed.extend(component.files.iter().map(|file| Placed {
            component: component.name.clone(),
            path: file.path.clone(),
            mode: file.mode,
            owner: if stack.user.is_some() { file.owner } else { Owner::Root },
            content: Content::Verbatim(
                image.rendered.get(&file.path).unwrap_or(&file.content).clone(),
            ),
        }));
        placed.extend(generated::of(component).into_iter().map(|file| Placed {
            component: component.name.clone(),
            path: file.path,
            mode: file.mode,
            owner: file.owner,
            content: file.content,
        }));
    }
    placed.sort_by(|left, right| left.path.cmp(&right.path));
    placed
}

/// The directories and links of an image: those that the spec describes, and the directories that have to be there
/// before files are copied and links are made.
pub(super) fn directories(
    stack: &Stack,
    image: &Image,
    parents: &[&Image],
    placed: &[Placed],
) -> Directories {
    let mut directories: BTreeMap<AbsolutePath, Directory> = implied(stack, image, parents, placed);
    let own = || image.components.iter();
    for declared in own().flat_map(|component| &component.directories) {
        let directory = Directory {
            path: declared.path.to_string(),
            mode: declared.mode.to_string(),
            owner: ids(stack, declared.owner),
            is_declared: true,
        };
        directories.insert(declared.path.clone(), directory);
    }
    let links: BTreeMap<&AbsolutePath, Link> = own()
        .flat_map(|component| &component.links)
        .map(|link| {
            let (path, to) = (link.path.to_string(), link.to.to_string());
            (&link.path, Link { path, to, owner: ids(stack, link.owner) })
        })
        .collect();
    Directories {
        checks_directories: directories.values().any(|directory| directory.is_declared),
        directories: directories.into_values().collect(),
        links: links.into_values().collect(),
    }
}

/// User and group id.
fn ids(stack: &Stack, owner: Owner) -> (u32, u32) {
    let user = stack.user.as_ref().filter(|_| owner == Owner::User);
    user.map_or((0, 0), |user| (user.uid, user.gid))
}

/// The directories above all that an image makes, where neither the base image nor a parent has them.
fn implied(
    stack: &Stack,
    image: &Image,
    parents: &[&Image],
    placed: &[Placed],
) -> BTreeMap<AbsolutePath, Directory> {
    let made_by_links_and_directories = |component: &Component| {
        let directories = component.directories.iter().map(|made| made.path.clone());
        let links = component.links.iter().map(|link| link.path.clone());
        directories.chain(links).collect::<Vec<_>>()
    };
    let of_user: Vec<&AbsolutePath> = parents
        .iter()
        .chain(std::iter::once(&image))
        .flat_map(|image| &image.components)
        .flat_map(|component| component.places_of_user())
        .collect();
    let mut made: BTreeSet<AbsolutePath> = BTreeSet::new();
    for component in parents.iter().flat_map(|parent| &parent.components) {
        made.extend(component.files.iter().flat_map(|file| file.path.ancestors()));
        made.extend(generated::of(component).iter().flat_map(|file| file.path.ancestors()));
        for path in made_by_links_and_directories(component) {
            made.extend(path.ancestors());
        }
        made.extend(component.directories.iter().map(|directory| directory.path.clone()));
    }
    let mut needed: BTreeSet<AbsolutePath> =
        placed.iter().flat_map(|file| file.path.ancestors()).collect();
    for component in &image.components {
        let paths = made_by_links_and_directories(component);
        needed.extend(paths.iter().flat_map(AbsolutePath::ancestors));
    }
    needed.retain(|directory| {
        let skeleton = stack.user.as_ref().is_some_and(|user| user.skeleton.is_in(directory));
        !made.contains(directory) && !skeleton && !EXISTING.contains(&directory.as_str())
    });
    let directory = |path: AbsolutePath| {
        let is_of_user = stack.user.as_ref().is_some_and(|user| path.is_in(&user.skeleton))
            || of_user.iter().any(|place| path.is_in(place));
        let owner = ids(stack, if is_of_user { Owner::User } else { Owner::Root });
        let (name, mode) = (path.to_string(), DirectoryMode::DEFAULT.to_string());
        (path, Directory { path: name, mode, owner, is_declared: false })
    };
    needed.into_iter().map(directory).collect()
}

/// What one COPY has in common: directory, mode, owner.
type Group = (String, Mode, Owner);

/// The components that a COPY belongs to, and the COPY.
type OwnedCopy = (Vec<Name>, Copy);

/// One COPY for all files of one directory, mode and owner, and the files of the build context.
pub(super) fn copies(
    stack: &Stack,
    placed: Vec<Placed>,
) -> (Vec<OwnedCopy>, Vec<(String, Content)>) {
    let mut groups: BTreeMap<Group, (Vec<Name>, Vec<String>)> = BTreeMap::new();
    let mut context = Vec::with_capacity(placed.len());
    for file in placed {
        let source = format!("{FILES}/{}{}", file.component, file.path);
        let directory = file.path.parent().map_or("/".to_owned(), |path| format!("{path}/"));
        let group = groups.entry((directory, file.mode, file.owner)).or_default();
        group.0.push(file.component);
        group.1.push(source.clone());
        context.push((source, file.content));
    }
    let layers = groups
        .into_iter()
        .map(|((directory, mode, owner), (owners, sources))| {
            let owner = match owner {
                Owner::Root => None,
                Owner::User => stack.user.as_ref().map(|user| (user.uid, user.gid)),
            };
            (owners, Copy { sources, directory, mode, owner })
        })
        .collect();
    (layers, context)
}
