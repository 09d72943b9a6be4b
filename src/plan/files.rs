//! Files that are copied: into which directories, in which COPY instructions.
//!
//! Modes and owners are set where a file is made. A directory that no package is known to make is made
//! explicitly before, so that COPY never makes one with a mode of its own.

use std::collections::{BTreeMap, BTreeSet};

use super::script::Directory;
use super::{Content, Copy, FILES};
use crate::model::Name;
use crate::model::component::Owner;
use crate::model::names::Mode;
use crate::model::path::AbsolutePath;
use crate::model::places;
use crate::model::stack::{Image, Stack, User};

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
            content: Content::Verbatim(file.content.clone()),
        }));
        for service in &component.services {
            let Some(path) = places::service_path(&service.name) else { continue };
            placed.push(Placed {
                component: component.name.clone(),
                path,
                mode: Mode::FILE,
                owner: Owner::Root,
                content: Content::Service {
                    origin: component.origin.clone(),
                    service: service.clone(),
                },
            });
        }
    }
    placed.sort_by(|left, right| left.path.cmp(&right.path));
    placed
}

/// The directories that have to be there before the files are copied, outermost first.
pub(super) fn directories(
    stack: &Stack,
    image: &Image,
    parents: &[&Image],
    placed: &[Placed],
) -> Vec<Directory> {
    let writable: Vec<&AbsolutePath> = parents
        .iter()
        .chain(std::iter::once(&image))
        .flat_map(|image| &image.components)
        .filter_map(|component| component.script.as_ref())
        .flat_map(|script| &script.writable)
        .collect();
    let mut made: BTreeSet<AbsolutePath> = BTreeSet::new();
    for component in parents.iter().flat_map(|parent| &parent.components) {
        made.extend(component.files.iter().flat_map(|file| file.path.ancestors()));
        let services = component.services.iter();
        let paths = services.filter_map(|service| places::service_path(&service.name));
        made.extend(paths.flat_map(|path| path.ancestors()));
    }
    let mut needed: BTreeSet<AbsolutePath> =
        placed.iter().flat_map(|file| file.path.ancestors()).collect();
    needed.retain(|directory| {
        let skeleton = stack.user.as_ref().is_some_and(|user| user.skeleton.is_in(directory));
        !made.contains(directory) && !skeleton && !EXISTING.contains(&directory.as_str())
    });
    needed
        .into_iter()
        .map(|path| {
            let of_user = |user: &&User| {
                path.is_in(&user.skeleton) || writable.iter().any(|place| path.is_in(place))
            };
            let owner = stack.user.as_ref().filter(of_user).map(|user| (user.uid, user.gid));
            Directory { path: path.to_string(), owner }
        })
        .collect()
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
