//! Which packages of Debian need which others in a built image, and whose a file is.
//!
//! Takes an image that was read with [`keep`], and its tree; gives the ways from a package up to others that need it.
//! Relations that are not fulfilled by what is installed lead nowhere, and versions in them are not looked at: dpkg has
//! seen to them.
//!
//! Sources: deb-control(5) and the Debian policy, "Syntax of relationship fields"; dpkg's `info/*.list`, one path a line.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::record::{self, Record};
use super::{Source, kept};
use crate::image::content::{Keep, LONGEST_LINE};
use crate::image::tree::Tree;
use crate::image::{Image, path};

/// The fields that say what a package needs; the last one is what apt adds, unless it is told not to.
const NEEDS: [&str; 3] = ["pre-depends", "depends", "recommends"];

/// The folder of the lists of files, and how their names end.
const LISTS: (&str, &str) = ("var/lib/dpkg/info", ".list");

/// What has to be kept of the file at a path, so that [`of`] can read it.
pub fn keep(path: &str) -> Option<Keep> {
    if list(path).is_some() {
        return Some(Keep::Whole);
    }
    let fields = &["Package", "Status", "Pre-Depends", "Depends", "Recommends", "Provides"];
    matches!(Source::of(path)?, Source::DpkgStatus).then_some(Keep::Fields(fields))
}

/// The package whose list of files it is.
fn list(path: &str) -> Option<&str> {
    let (folder, file) = path::split(path)?;
    let name = file.strip_suffix(LISTS.1).filter(|_| folder == LISTS.0)?;
    Some(name.split(':').next().unwrap_or(name))
}

/// The packages of an image and what they need.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dependencies {
    /// For each package those that need it.
    needed_by: BTreeMap<String, BTreeSet<String>>,
    /// Everything that is installed.
    installed: BTreeSet<String>,
    /// Whose each file is.
    files: BTreeMap<String, BTreeSet<String>>,
}

/// The dependencies of a container: what the uppermost layers say.
pub fn of(image: &Image, tree: &Tree) -> Dependencies {
    let mut records = Vec::new();
    let mut found = Dependencies::default();
    for (path, node) in tree.iter() {
        let Some(kept) = kept(image, node) else { continue };
        if let Some(package) = list(path) {
            for file in String::from_utf8_lossy(&kept.bytes).lines() {
                found.files.entry(file.to_owned()).or_default().insert(package.to_owned());
            }
        } else if matches!(Source::of(path), Some(Source::DpkgStatus)) {
            records.extend(record::all(&kept.bytes));
        }
    }
    found.relate(&records);
    found
}

impl Dependencies {
    fn relate(&mut self, records: &[Record]) {
        let is_installed = |record: &&Record| {
            record.get("status").is_none_or(|status| status.ends_with(" installed"))
        };
        let records: Vec<(&String, &Record)> = records
            .iter()
            .filter(is_installed)
            .filter_map(|record| Some((record.get("package")?, record)))
            .collect();
        // A package provides itself, and perhaps others that exist in name alone.
        let mut provided: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (name, record) in &records {
            self.installed.insert((*name).clone());
            provided.entry(name).or_default().insert(name);
            for virtual_name in relations(record, "provides").flatten() {
                provided.entry(virtual_name).or_default().insert(name);
            }
        }
        for (name, record) in &records {
            let needs = NEEDS.iter().flat_map(|field| relations(record, field)).flatten();
            for needed in needs.filter_map(|needed| provided.get(needed)).flatten() {
                if needed != name {
                    let by = self.needed_by.entry((*needed).to_owned()).or_default();
                    by.insert((*name).clone());
                }
            }
        }
    }

    /// Whether a package is installed.
    pub fn has(&self, package: &str) -> bool {
        self.installed.contains(package)
    }

    /// The packages that a file is of. Where `/bin` is a link to `/usr/bin`, a package can call it by either name.
    pub fn owners(&self, path: &str) -> BTreeSet<&str> {
        let other = match path.strip_prefix("/usr/") {
            Some(rest) => format!("/{rest}"),
            None => format!("/usr{path}"),
        };
        let owners = [path, other.as_str()].into_iter().filter_map(|path| self.files.get(path));
        owners.flatten().map(String::as_str).collect()
    }

    /// The shortest way from a package up to each of the wanted ones that can be reached before any other of them: the
    /// package first, a wanted one last. The nearest come first.
    pub fn ways(&self, package: &str, wanted: &BTreeSet<&str>) -> Vec<Vec<&str>> {
        let Some(start) = self.installed.get(package) else { return Vec::new() };
        let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
        let mut next = VecDeque::from([start.as_str()]);
        let mut ways = Vec::new();
        while let Some(at) = next.pop_front() {
            if wanted.contains(at) {
                let mut way: Vec<&str> =
                    std::iter::successors(Some(at), |at| came_from.get(at).copied()).collect();
                way.reverse();
                ways.push(way);
                continue;
            }
            for by in self.needed_by.get(at).into_iter().flatten() {
                if by != start && !came_from.contains_key(by.as_str()) {
                    came_from.insert(by, at);
                    next.push_back(by);
                }
            }
        }
        ways
    }
}

/// The relations of a field: alternatives in each, names alone.
fn relations<'record>(
    record: &'record Record,
    field: &str,
) -> impl Iterator<Item = Vec<&'record str>> {
    let value = record.get(field).map(String::as_str).unwrap_or_default();
    // Of a line that was cut, the last name may be a part of one.
    let is_cut = field.len() + value.len() + 4 >= LONGEST_LINE;
    let end = value.rfind(',').filter(|_| is_cut).unwrap_or(value.len());
    let relations = value.get(..end).unwrap_or_default().split(',');
    relations.map(|relation| relation.split('|').filter_map(name).collect())
}

/// The name in `name:any (>= 1) [amd64] <!stage1>`.
fn name(alternative: &str) -> Option<&str> {
    let name = alternative.split(['(', '[', '<', ':']).next().unwrap_or_default().trim();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATUS: &str = "\
Package: desktop
Status: install ok installed
Depends: panel (>= 1), editor | other-editor, mail-agent
Recommends: player:any

Package: panel
Status: install ok installed
Depends: libui, gone

Package: player
Status: install ok installed
Pre-Depends: libui (= 2) [amd64]

Package: exim
Status: install ok installed
Provides: mail-agent (= 1)
Depends: libmail

Package: other-editor
Status: deinstall ok config-files
Depends: libedit

Package: libui
Status: install ok installed
Depends: libui-data

Package: libui-data
Status: install ok installed
Depends: libui

Package: libmail
Status: install ok installed

Package: libedit
Status: install ok installed
";

    fn dependencies() -> Dependencies {
        let mut found = Dependencies::default();
        found.relate(&record::all(STATUS.as_bytes()));
        found.files.insert("/bin/panel".into(), BTreeSet::from(["panel".to_owned()]));
        found
    }

    fn ways(package: &str, wanted: &[&str]) -> Vec<Vec<String>> {
        let wanted = wanted.iter().copied().collect();
        let found = dependencies();
        let ways = found.ways(package, &wanted).into_iter();
        ways.map(|way| way.into_iter().map(str::to_owned).collect()).collect()
    }

    #[test]
    fn ways_lead_up_through_alternatives_provisions_and_circles() {
        assert_eq!(ways("libui-data", &["desktop"]), [["libui-data", "libui", "panel", "desktop"]]);
        assert_eq!(ways("libmail", &["desktop"]), [["libmail", "exim", "desktop"]]);
        assert_eq!(ways("player", &["desktop"]), [["player", "desktop"]]);
        assert_eq!(ways("desktop", &["desktop"]), [["desktop"]]);
        // Not beyond the first that is wanted.
        assert_eq!(
            ways("libui", &["desktop", "panel"]),
            [vec!["libui", "panel"], vec!["libui", "player", "desktop"]]
        );
    }

    #[test]
    fn what_is_not_installed_needs_nothing() {
        assert_eq!(ways("libedit", &["desktop"]), Vec::<Vec<String>>::new());
        assert_eq!(ways("gone", &["desktop"]), Vec::<Vec<String>>::new());
        assert!(dependencies().has("libedit") && !dependencies().has("other-editor"));
    }

    #[test]
    fn files_have_owners_under_both_names() {
        let found = dependencies();
        assert_eq!(found.owners("/usr/bin/panel"), BTreeSet::from(["panel"]));
        assert_eq!(found.owners("/bin/panel"), BTreeSet::from(["panel"]));
        assert_eq!(found.owners("/bin/other"), BTreeSet::new());
    }

    #[test]
    fn names_are_read_out_of_relations() {
        let relation = " libc6:any (>= 2.36) [amd64] <!nocheck>";
        assert_eq!(name(relation), Some("libc6"));
        let long = format!("{}, libcut", "a, ".repeat(LONGEST_LINE / 3));
        let record = Record::from([("depends".to_owned(), long)]);
        assert!(relations(&record, "depends").flatten().all(|name| name == "a"));
    }
}
