//! Debian packages: what comes is installed as the full build would, what goes is purged with what it alone brought.
//!
//! What came along is told by apt's own notes of what was asked for: packages that nothing needs any more once the
//! names that are gone are no longer asked for, and that something needed before.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;

use super::side::Side;
use super::{Refusal, list};
use crate::plan::download::Fetch;
use crate::plan::script::{Apt, PackageRemoval, RepositoryFiles, ScriptKind, Transaction};
use crate::plan::{Content, Mount};

/// Where the files of repositories lie in the build context, and where the script sees them.
const REPOSITORIES: (&str, &str) = ("resources/dev.repositories", "/run/dev.repositories");

/// A package that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wanted {
    /// Its name, with the version where one is pinned.
    specification: String,
    recommends: bool,
}

/// A package that is no archive's.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Downloaded {
    fetch: Fetch,
    recommends: bool,
}

/// A repository and its two files.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Repository {
    key: (String, Bytes),
    sources: (String, Bytes),
}

/// All that a chain asks of apt.
#[derive(Debug, Default)]
struct Asked {
    date: String,
    is_snapshot: bool,
    wanted: BTreeMap<String, Wanted>,
    downloads: BTreeMap<String, Downloaded>,
    repositories: BTreeMap<String, Repository>,
    selections: BTreeSet<String>,
    purge: BTreeSet<String>,
    hold: BTreeSet<String>,
    locale_folders: Vec<String>,
}

impl Asked {
    fn of(side: &Side<'_>) -> Self {
        let mut asked = Self::default();
        for (plan, kind) in side.scripts() {
            let ScriptKind::Apt(apt) = kind else { continue };
            asked.date.clone_from(&apt.date);
            asked.is_snapshot = apt.is_snapshot;
            asked.selections.extend(apt.selections.iter().cloned());
            asked.purge.extend(apt.purge.iter().cloned());
            asked.hold.extend(apt.hold.iter().cloned());
            asked.locale_folders.extend(apt.locale_folders.iter().cloned());
            for repository in &apt.repositories {
                let file = |mounted: &str, path: &str| {
                    let source = mounted.replacen("/run/", "resources/", 1);
                    let bytes = side.file(plan, &source).cloned().unwrap_or_default();
                    (path.to_owned(), bytes)
                };
                let files = Repository {
                    key: file(&repository.key, &repository.key_path),
                    sources: file(&repository.sources, &repository.sources_path),
                };
                asked.repositories.insert(repository.name.clone(), files);
            }
            for call in &apt.transactions {
                asked.add(apt, call);
            }
        }
        asked
    }

    fn add(&mut self, apt: &Apt, call: &Transaction) {
        let kept_out = |name: &str| {
            name.strip_suffix('-').is_some_and(|name| apt.purge.iter().any(|other| other == name))
        };
        for specification in call.packages.iter().filter(|name| !kept_out(name)) {
            let name = specification.split('=').next().unwrap_or_default().to_owned();
            // The same package asked for by a later image as well brings nothing more, but for what it recommends.
            let recommends =
                call.recommends || self.wanted.get(&name).is_some_and(|other| other.recommends);
            let wanted = Wanted { specification: specification.clone(), recommends };
            self.wanted.insert(name, wanted);
        }
        for fetch in apt.downloads.iter().filter(|fetch| call.files.contains(&fetch.to)) {
            let download = Downloaded { fetch: fetch.clone(), recommends: call.recommends };
            self.downloads.insert(fetch.name.clone(), download);
        }
    }

    /// The names of packages that came with what they recommend.
    fn recommending(&self) -> Vec<String> {
        let recommending = self.wanted.iter().filter(|(_, wanted)| wanted.recommends);
        recommending.map(|(name, _)| name.clone()).collect()
    }
}

/// The difference in packages.
#[derive(Debug, Default)]
pub(super) struct Packages {
    /// What comes.
    pub(super) additions: Option<Apt>,
    /// What goes.
    pub(super) removal: Option<PackageRemoval>,
    /// Files of repositories that are gone or come anew.
    pub(super) removed_files: Vec<String>,
    /// What the additions read.
    pub(super) context: Vec<(String, Content)>,
    pub(super) mounts: Vec<Mount>,
    /// What comes and goes, in words.
    pub(super) comes: String,
    pub(super) goes: String,
}

pub(super) fn difference(
    before: &Side<'_>,
    after: &Side<'_>,
    refusals: &mut Vec<Refusal>,
) -> Packages {
    let (old, new) = (Asked::of(before), Asked::of(after));
    refuse(&old, &new, refusals);
    let mut packages = Packages::default();
    removal(&old, &new, &mut packages);
    additions(&old, &new, &mut packages);
    packages
}

/// What the packages that are there cannot take back.
fn refuse(old: &Asked, new: &Asked, refusals: &mut Vec<Refusal>) {
    let asks = |asked: &Asked| !asked.wanted.is_empty() || !asked.downloads.is_empty();
    if asks(old) && asks(new) && (&old.date, old.is_snapshot) != (&new.date, new.is_snapshot) {
        refusals.push(Refusal::new(
            format!("the date of the packages is {} and was {}", new.date, old.date),
            "every package of the image may be another one",
            "keep the date while you try the rest, or let `rdspec build` do it",
        ));
    }
    if old.locale_folders != new.locale_folders {
        refusals.push(Refusal::build(
            "the languages differ",
            "which translations a package keeps is decided when it is unpacked",
        ));
    }
    for (name, wanted) in &new.wanted {
        if wanted.recommends && old.wanted.get(name).is_some_and(|other| !other.recommends) {
            refusals.push(Refusal::build(
                format!("{name} comes with recommended packages and came without"),
                "apt looks at them only when it installs a package",
            ));
        }
    }
    for name in old.purge.difference(&new.purge) {
        refusals.push(Refusal::new(
            format!("{name} is no longer kept out"),
            "whether the base image had it is not known any more",
            "list it in `packages` if you want it, or let `rdspec build` do it",
        ));
    }
    for line in old.selections.symmetric_difference(&new.selections) {
        let package = line.split(' ').next().unwrap_or_default();
        let comes = new.wanted.contains_key(package) && !old.wanted.contains_key(package);
        let goes = old.wanted.contains_key(package) && !new.wanted.contains_key(package);
        if !comes && !goes {
            refusals.push(Refusal::build(
                format!("the answer for debconf {line:?} comes or goes"),
                format!("{package} read its answers when it was installed"),
            ));
        }
    }
}

fn removal(old: &Asked, new: &Asked, packages: &mut Packages) {
    let gone: Vec<String> =
        old.wanted.keys().filter(|name| !new.wanted.contains_key(*name)).cloned().collect();
    let downloads: Vec<Fetch> = old
        .downloads
        .iter()
        .filter(|(name, _)| !new.downloads.contains_key(*name))
        .map(|(_, download)| download.fetch.clone())
        .collect();
    let unhold: Vec<String> = old.hold.difference(&new.hold).cloned().collect();
    for (name, repository) in &old.repositories {
        if new.repositories.get(name) != Some(repository) {
            packages.removed_files.push(repository.key.0.clone());
            packages.removed_files.push(repository.sources.0.clone());
        }
    }
    // Without its recommendations, a package may leave some behind that nothing else asks for.
    let recommended_less = old.wanted.iter().any(|(name, wanted)| {
        wanted.recommends && new.wanted.get(name).is_some_and(|other| !other.recommends)
    });
    if gone.is_empty() && downloads.is_empty() && unhold.is_empty() && !recommended_less {
        return;
    }
    let names = gone.iter().map(String::as_str).chain(downloads.iter().map(|d| d.name.as_str()));
    packages.goes = list(names);
    if packages.goes.is_empty() {
        packages.goes.push_str("what nothing asks for any more");
    }
    packages.removal = Some(PackageRemoval {
        packages: gone,
        downloads,
        recommending_before: old.recommending(),
        recommending_after: new.recommending(),
        unhold,
    });
}

fn additions(old: &Asked, new: &Asked, packages: &mut Packages) {
    let comes = |name: &String, wanted: &Wanted| {
        old.wanted.get(name).is_none_or(|other| other.specification != wanted.specification)
    };
    let downloads: Vec<&Downloaded> = new
        .downloads
        .iter()
        .filter(|(name, download)| {
            old.downloads.get(*name).is_none_or(|other| other.fetch != download.fetch)
        })
        .map(|(_, download)| download)
        .collect();
    let purged: Vec<String> = new.purge.difference(&old.purge).cloned().collect();
    let mut transactions = Vec::new();
    for recommends in [false, true] {
        let wanted = new
            .wanted
            .iter()
            .filter(|(name, wanted)| wanted.recommends == recommends && comes(name, wanted));
        let call = Transaction {
            recommends,
            packages: wanted.map(|(_, wanted)| wanted.specification.clone()).collect(),
            files: downloads
                .iter()
                .filter(|download| download.recommends == recommends)
                .map(|download| download.fetch.to.clone())
                .collect(),
        };
        let is_first_of_purge = !recommends && !purged.is_empty();
        if !call.packages.is_empty() || !call.files.is_empty() || is_first_of_purge {
            transactions.push(call);
        }
    }
    let hold: Vec<String> = new.hold.difference(&old.hold).cloned().collect();
    let repositories = repositories(old, new, packages);
    if transactions.is_empty() && hold.is_empty() && repositories.is_empty() {
        return;
    }
    let names: Vec<&str> =
        transactions.iter().flat_map(|call| &call.packages).map(String::as_str).collect();
    let files = downloads.iter().map(|download| download.fetch.name.as_str());
    packages.comes = list(names.into_iter().chain(files));
    if packages.comes.is_empty() {
        packages.comes.push_str("no package, but what apt is told");
    }
    for call in &mut transactions {
        call.packages.extend(new.purge.iter().map(|name| format!("{name}-")));
    }
    packages.additions = Some(Apt {
        date: new.date.clone(),
        is_snapshot: new.is_snapshot,
        replaces: true,
        downloads: downloads.into_iter().map(|download| download.fetch.clone()).collect(),
        locale_folders: Vec::new(),
        repositories,
        selections: new.selections.difference(&old.selections).cloned().collect(),
        purge: if transactions.is_empty() {
            Vec::new()
        } else {
            new.purge.iter().cloned().collect()
        },
        hold,
        transactions,
    });
}

/// The repositories that come, with their files in the build context.
fn repositories(old: &Asked, new: &Asked, packages: &mut Packages) -> Vec<RepositoryFiles> {
    let mut come = Vec::new();
    for (name, repository) in &new.repositories {
        if old.repositories.get(name) == Some(repository) {
            continue;
        }
        let mut mounted = |(path, bytes): &(String, Bytes)| {
            let file = path.rsplit('/').next().unwrap_or_default();
            let content = Content::Verbatim(bytes.clone());
            packages.context.push((format!("{}/{file}", REPOSITORIES.0), content));
            format!("{}/{file}", REPOSITORIES.1)
        };
        come.push(RepositoryFiles {
            name: name.clone(),
            key: mounted(&repository.key),
            sources: mounted(&repository.sources),
            key_path: repository.key.0.clone(),
            sources_path: repository.sources.0.clone(),
        });
    }
    if !come.is_empty() {
        packages.mounts.push(Mount::Bind {
            source: REPOSITORIES.0.to_owned(),
            target: REPOSITORIES.1.to_owned(),
        });
    }
    come
}
