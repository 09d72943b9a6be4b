//! Files, links, directories and sudo rules: what goes, what comes, what changes.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;

use super::side::Side;
use crate::model::Name;
use crate::model::names::Mode;
use crate::plan::script::{Directories, Directory, Link, Removal, SUDOERS_SOURCE, ScriptKind};
use crate::plan::{Content, Copy, Instruction};

/// A file of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Copied {
    bytes: Bytes,
    mode: Mode,
    owner: Option<(u32, u32)>,
}

/// What the layers of a chain lay down besides packages and scripts.
#[derive(Debug, Default)]
struct Laid {
    files: BTreeMap<String, Copied>,
    directories: BTreeMap<String, Directory>,
    links: BTreeMap<String, Link>,
    /// By file name.
    rules: BTreeMap<String, Bytes>,
}

impl Laid {
    fn of(side: &Side<'_>) -> Self {
        let mut laid = Self::default();
        for plan in &side.plans {
            for layer in &plan.layers {
                let Instruction::Copy(copy) = &layer.instruction else { continue };
                for source in &copy.sources {
                    let Some(bytes) = side.file(plan, source) else { continue };
                    let file = Copied { bytes: bytes.clone(), mode: copy.mode, owner: copy.owner };
                    laid.files.insert(target(copy, source), file);
                }
            }
        }
        for (plan, kind) in side.scripts() {
            match kind {
                ScriptKind::Directories(made) => {
                    let directories = made.directories.iter();
                    laid.directories.extend(directories.map(|one| (one.path.clone(), one.clone())));
                    laid.links.extend(made.links.iter().map(|one| (one.path.clone(), one.clone())));
                }
                ScriptKind::Sudoers { rules } => {
                    for rule in rules {
                        let bytes = side.file(plan, &format!("{SUDOERS_SOURCE}/{rule}"));
                        laid.rules.insert(rule.clone(), bytes.cloned().unwrap_or_default());
                    }
                }
                _ => {}
            }
        }
        laid
    }
}

impl Laid {
    /// Forgets what is at or below a path.
    fn lose(&mut self, trees: &[String]) {
        let stays = |path: &String| {
            !trees.iter().any(|tree| {
                path.strip_prefix(tree.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
        };
        self.files.retain(|path, _| stays(path));
        self.directories.retain(|path, _| stays(path));
        self.links.retain(|path, _| stays(path));
    }
}

/// Where a COPY puts one of its sources.
fn target(copy: &Copy, source: &str) -> String {
    format!("{}{}", copy.directory, source.rsplit('/').next().unwrap_or_default())
}

/// What one image of the chain lays down anew.
#[derive(Debug, Default)]
pub(super) struct Additions {
    pub(super) rules: Vec<String>,
    pub(super) directories: Option<Directories>,
    /// The components of each COPY, and the COPY.
    pub(super) copies: Vec<(Vec<Name>, Copy)>,
    /// Files of the build context.
    pub(super) context: Vec<(String, Content)>,
}

/// The difference in files.
#[derive(Debug, Default)]
pub(super) struct Files {
    pub(super) removal: Removal,
    /// For each image of the working chain.
    pub(super) additions: Vec<Additions>,
    /// Every path that is written or removed.
    pub(super) touched: BTreeSet<String>,
}

/// The difference in files, where `trees` are removed as a whole: what is at or below one of them is laid down anew.
pub(super) fn difference(before: &Side<'_>, after: &Side<'_>, trees: &[String]) -> Files {
    let (mut old, new) = (Laid::of(before), Laid::of(after));
    let mut removal = gone(&old, &new);
    old.lose(trees);
    removal.described = described(&old, &new);
    let mut files = Files { removal, ..Files::default() };
    for plan in &after.plans {
        let mut additions = Additions::default();
        for layer in &plan.layers {
            let Instruction::Copy(copy) = &layer.instruction else { continue };
            let is_new = |source: &&String| {
                let path = target(copy, source);
                new.files.get(&path) != old.files.get(&path)
            };
            let sources: Vec<String> = copy.sources.iter().filter(is_new).cloned().collect();
            if sources.is_empty() {
                continue;
            }
            for source in &sources {
                let bytes = after.file(plan, source).cloned().unwrap_or_default();
                additions.context.push((source.clone(), Content::Verbatim(bytes)));
                files.touched.insert(target(copy, source));
            }
            let of_source = |owner: &&Name| {
                let folder = format!("{}/{owner}/", crate::plan::FILES);
                sources.iter().any(|source| source.starts_with(&folder))
            };
            let owners = layer.owners.iter().filter(of_source).cloned().collect();
            let (directory, mode, owner) = (copy.directory.clone(), copy.mode, copy.owner);
            additions.copies.push((owners, Copy { sources, directory, mode, owner }));
        }
        for script in &plan.scripts {
            match &script.kind {
                ScriptKind::Directories(made) => {
                    additions.directories = directories(made, &old);
                    let made = additions.directories.iter();
                    files
                        .touched
                        .extend(made.clone().flat_map(|d| &d.links).map(|l| l.path.clone()));
                }
                ScriptKind::Sudoers { rules } => {
                    for rule in
                        rules.iter().filter(|rule| old.rules.get(*rule) != new.rules.get(*rule))
                    {
                        let bytes = new.rules.get(rule).cloned().unwrap_or_default();
                        let path = format!("{SUDOERS_SOURCE}/{rule}");
                        additions.context.push((path, Content::Verbatim(bytes)));
                        additions.rules.push(rule.clone());
                    }
                }
                _ => {}
            }
        }
        files.additions.push(additions);
    }
    files.touched.extend(files.removal.files.iter().cloned());
    files
}

/// The directories and links that come, with the directories that have to be described anew.
fn directories(made: &Directories, old: &Laid) -> Option<Directories> {
    let come = |path: &String| !old.directories.contains_key(path);
    let directories: Vec<Directory> =
        made.directories.iter().filter(|one| come(&one.path)).cloned().collect();
    let links: Vec<Link> = made
        .links
        .iter()
        .filter(|link| old.links.get(&link.path) != Some(*link))
        .cloned()
        .collect();
    if directories.is_empty() && links.is_empty() {
        return None;
    }
    let checks_directories = directories.iter().any(|directory| directory.is_declared);
    Some(Directories { directories, links, checks_directories })
}

/// What goes, and what comes anew in its place.
fn gone(old: &Laid, new: &Laid) -> Removal {
    let mut removal = Removal::default();
    removal.files.extend(old.files.keys().filter(|path| !new.files.contains_key(*path)).cloned());
    let links = old.links.iter().filter(|(path, link)| new.links.get(*path) != Some(*link));
    removal.files.extend(links.map(|(path, _)| path.clone()));
    let rules = old.rules.keys().filter(|rule| !new.rules.contains_key(*rule));
    removal.files.extend(rules.map(|rule| format!("/etc/sudoers.d/{rule}")));
    removal.files.sort();
    let directories = old.directories.keys().filter(|path| !new.directories.contains_key(*path));
    removal.directories = directories.rev().cloned().collect();
    removal
}

/// The directories that stay with another mode or owner. What only one of the two declares has the mode that the
/// other's says, else that of whoever made it.
fn described(old: &Laid, new: &Laid) -> Vec<Directory> {
    let is_other = |(path, directory): &(&String, &Directory)| {
        old.directories.get(*path).is_some_and(|other| {
            let described = other.is_declared || directory.is_declared;
            described && (&other.mode, other.owner) != (&directory.mode, directory.owner)
        })
    };
    new.directories.iter().filter(is_other).map(|(_, directory)| directory.clone()).collect()
}
