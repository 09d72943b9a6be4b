//! What has changed that a script could use: by the names that components declare, never by reading shell.

use std::collections::{BTreeMap, BTreeSet};

use crate::dev::side::Side;
use crate::model::Name;
use crate::model::component::Component;
use crate::plan::Instruction;
use crate::plan::order::closure;

/// The components whose packages, accounts, scripts or files changed.
#[derive(Debug)]
pub(in crate::dev) struct Changed {
    /// What is there before the scripts of the same image run.
    early: BTreeSet<String>,
    /// What is laid after the scripts of its image, so before those of its children only.
    late: BTreeSet<String>,
    /// For each component: every other one that it uses, before and after, with the position of its image.
    used: BTreeMap<String, BTreeSet<(String, usize)>>,
}

impl Changed {
    /// What differs between two sides, but for scripts, which [`Changed::add`] adds as they are found.
    pub(in crate::dev) fn between(before: &Side<'_>, after: &Side<'_>) -> Self {
        let differing = |old: BTreeMap<String, Vec<String>>, new: BTreeMap<String, Vec<String>>| {
            let names: BTreeSet<String> = old.keys().chain(new.keys()).cloned().collect();
            names.into_iter().filter(|name| old.get(name) != new.get(name)).collect()
        };
        let mut used: BTreeMap<String, BTreeSet<(String, usize)>> = BTreeMap::new();
        for side in [before, after] {
            let all: Vec<(usize, &Component)> = side.components().collect();
            let components: Vec<&Component> = all.iter().map(|(_, component)| *component).collect();
            for component in &components {
                let entry = used.entry(component.name.to_string()).or_default();
                for other in closure(component, &components) {
                    let image = all.iter().find(|(_, one)| one.name == other.name);
                    entry.insert((other.name.to_string(), image.map_or(0, |(image, _)| *image)));
                }
            }
        }
        Self {
            early: differing(early(before), early(after)),
            late: differing(late(before), late(after)),
            used,
        }
    }

    /// A component's script runs again, or is gone.
    pub(in crate::dev) fn add(&mut self, component: &Name) {
        self.early.insert(component.to_string());
    }

    /// The components that changed and that the script of a component of an image uses; itself included, where its
    /// packages changed.
    pub(in crate::dev) fn consumed_by(&self, image: usize, component: &Component) -> Vec<String> {
        let used = self.used.get(component.name.as_str()).into_iter().flatten();
        let changed = used.filter(|(name, of)| {
            self.early.contains(name) || (*of < image && self.late.contains(name))
        });
        let names: BTreeSet<&String> = changed.map(|(name, _)| name).collect();
        names.into_iter().cloned().collect()
    }
}

/// Packages, repositories, groups and accounts of each component.
fn early(side: &Side<'_>) -> BTreeMap<String, Vec<String>> {
    let described = |component: &Component| {
        let mut facts: Vec<String> = component
            .packages
            .iter()
            .map(|name| format!("{} {}", name.as_str(), component.recommends))
            .collect();
        let versions = component.apt.versions.iter();
        facts.extend(versions.map(|(name, version)| format!("{}={version}", name.as_str())));
        facts.extend(component.apt.purge.iter().map(|name| format!("{}-", name.as_str())));
        for download in component.package_downloads() {
            facts.extend(download.artifacts.iter().map(|one| one.sha256.to_string()));
        }
        for repository in &component.apt.repositories {
            facts
                .push(format!("{} {} {:?}", repository.name, repository.uri, repository.key.bytes));
            facts.extend(repository.suites.iter().map(ToString::to_string));
        }
        facts.extend(component.groups.iter().map(|group| format!("{} {}", group.name, group.gid)));
        facts.extend(component.accounts.iter().map(|one| format!("{} {}", one.name, one.uid)));
        facts.sort();
        facts
    };
    side.components()
        .map(|(_, component)| (component.name.to_string(), described(component)))
        .collect()
}

/// Files, links and directories of each component, as they are laid.
fn late(side: &Side<'_>) -> BTreeMap<String, Vec<String>> {
    let mut facts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (_, component) in side.components() {
        let own = facts.entry(component.name.to_string()).or_default();
        own.extend(component.links.iter().map(|link| format!("{} -> {}", link.path, link.to)));
        let directories = component.directories.iter();
        own.extend(directories.map(|one| format!("{} {} {:?}", one.path, one.mode, one.owner)));
        own.sort();
    }
    for plan in &side.plans {
        for layer in &plan.layers {
            let Instruction::Copy(copy) = &layer.instruction else { continue };
            for source in &copy.sources {
                let below = source.strip_prefix(crate::plan::FILES).unwrap_or(source);
                let owner = below.trim_start_matches('/').split('/').next().unwrap_or_default();
                let bytes = side.file(plan, source);
                let fact = format!("{source} {} {:?} {bytes:?}", copy.mode, copy.owner);
                facts.entry(owner.to_owned()).or_default().push(fact);
            }
        }
    }
    facts
}
