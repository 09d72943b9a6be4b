//! The packages that a container of an image has, by what their package managers wrote down.
//!
//! Takes an image that was read with [`keep`], and its tree; gives names and versions. It never runs anything, and says
//! which records it could not read. A package that Debian brings for another manager, such as a module of Python, is in
//! both lists.
//!
//! Sources: dpkg(1) and deb-control(5) for `status`, and the `status.d` of images that Bazel's rules build; Python's
//! "Recording installed projects" (`*.dist-info/METADATA`); npm's folders(5); conda's `conda-meta`; R's "Writing R
//! Extensions", "The DESCRIPTION file".

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use super::content::{Keep, Kept};
use super::tree::{Node, Tree};
use super::{Image, path};

pub mod dependencies;
mod record;

use record::Record;

/// Who installed a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Manager {
    /// Debian's.
    Dpkg,
    /// pip and all that write what it writes.
    Python,
    /// npm and all that fill a `node_modules`.
    Node,
    /// conda and mamba.
    Conda,
    /// R's own.
    R,
}

impl fmt::Display for Manager {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Dpkg => "dpkg",
            Self::Python => "Python",
            Self::Node => "Node",
            Self::Conda => "conda",
            Self::R => "R",
        })
    }
}

/// A package, whatever its version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Package {
    /// Who installed it.
    pub manager: Manager,
    /// Its name; of Debian's, with the architecture where it is installed for several.
    pub name: String,
    /// The folder that it is installed in, where there can be several.
    pub place: Option<String>,
}

/// The packages of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Packages {
    /// The version of each. A name that stands twice in one place has both.
    pub versions: BTreeMap<Package, BTreeSet<String>>,
    /// What else is known of each.
    pub details: BTreeMap<Package, Detail>,
    /// Files that should tell of packages and cannot be read, or not to their end.
    pub unreadable: Vec<String>,
}

/// What a record says of a package besides its version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Detail {
    /// The layer that installed it, from the bottom up: the one that put its own record there. Of Debian's, whose records
    /// are all in one file, it is that of its list of files.
    pub layer: usize,
    /// The architecture that it is for, as dpkg calls it.
    pub architecture: Option<String>,
    /// Its licence, as Python's `License-Expression` and npm's `license` have it: an expression of SPDX, or meant to be one.
    pub license: Option<String>,
}

/// What has to be kept of the file at a path, so that [`of`] can read it.
pub fn keep(path: &str) -> Option<Keep> {
    match Source::of(path)? {
        Source::DpkgStatus => Some(Keep::Fields(&["Package", "Status", "Architecture", "Version"])),
        Source::Python(_) => Some(Keep::FirstFields(&["Name", "Version", "License-Expression"])),
        Source::R(_) => Some(Keep::FirstFields(&["Package", "Version", "Built"])),
        Source::Node(_) => Some(Keep::Whole),
        Source::Conda(..) => None,
    }
}

/// The packages of a container: what the uppermost layers say.
pub fn of(image: &Image, tree: &Tree) -> Packages {
    let mut packages = Packages::default();
    for (path, node) in tree.iter().filter(|(_, node)| node.file_size().is_some()) {
        let Some(source) = Source::of(path) else { continue };
        if let Source::Conda(place, file) = source {
            match conda(file) {
                Some((name, version)) => {
                    let detail = Detail { layer: node.layer, ..Detail::default() };
                    packages.add(Manager::Conda, name, Some(place), version, detail);
                }
                None => packages.unreadable.push(path.to_owned()),
            }
            continue;
        }
        let whole = kept(image, node).filter(|kept| !kept.cut);
        if !whole.is_some_and(|kept| packages.read(source, &kept.bytes, node.layer)) {
            packages.unreadable.push(path.to_owned());
        }
    }
    packages.find_lists(tree);
    packages
}

/// A file that tells of packages.
#[derive(Clone, Copy)]
enum Source<'path> {
    /// Of all of Debian's, or of one.
    DpkgStatus,
    /// Of one of Python's, in this folder.
    Python(&'path str),
    /// Of one of Node's, in this folder.
    Node(&'path str),
    /// Of one of conda's: the environment, and the name of the file, which says it all.
    Conda(&'path str, &'path str),
    /// Of one of R's, in this folder.
    R(&'path str),
}

impl<'path> Source<'path> {
    fn of(path: &'path str) -> Option<Self> {
        let (folder, file) = path::split(path)?;
        match file {
            "status" if folder == "var/lib/dpkg" => return Some(Self::DpkgStatus),
            "METADATA" => {
                let (place, package) = path::split(folder)?;
                return package.ends_with(".dist-info").then_some(Self::Python(place));
            }
            "DESCRIPTION" => {
                let (place, _) = path::split(folder)?;
                return (!place.is_empty()).then_some(Self::R(place));
            }
            "package.json" => return node_place(folder).map(Self::Node),
            _ => {}
        }
        if folder == "var/lib/dpkg/status.d" {
            return (!file.ends_with(".md5sums")).then_some(Self::DpkgStatus);
        }
        let environment = folder.strip_suffix("conda-meta")?;
        let environment = environment.strip_suffix('/').filter(|place| !place.is_empty())?;
        Some(Self::Conda(environment, file.strip_suffix(".json")?))
    }
}

/// The `node_modules` of a package that was asked for: one that lies in no other.
fn node_place(folder: &str) -> Option<&str> {
    const MODULES: &str = "node_modules";
    let (parent, _) = path::split(folder)?;
    let scope = path::split(parent).filter(|(_, scope)| scope.starts_with('@'));
    let place = scope.map_or(parent, |(place, _)| place);
    let (above, last) = path::split(place)?;
    (last == MODULES && !above.split('/').any(|part| part == MODULES)).then_some(place)
}

/// Name and version of conda's NAME-VERSION-BUILD, in which only the name can hold a hyphen.
fn conda(file: &str) -> Option<(&str, String)> {
    let (rest, build) = file.rsplit_once('-')?;
    let (name, version) = rest.rsplit_once('-')?;
    Some((name, format!("{version} {build}")))
}

/// What was kept of the content behind a name.
pub(crate) fn kept<'image>(image: &'image Image, node: &Node) -> Option<&'image Kept> {
    let number = node.inode.number.checked_sub(1)?;
    image.layers.get(node.inode.layer)?.kept.get(&number)
}

impl Packages {
    fn add(
        &mut self,
        manager: Manager,
        name: &str,
        place: Option<&str>,
        version: String,
        detail: Detail,
    ) {
        let place = place.map(|place| format!("/{place}"));
        let package = Package { manager, name: name.to_owned(), place };
        self.details.insert(package.clone(), detail);
        self.versions.entry(package).or_default().insert(version);
    }

    /// The layers of Debian's packages, by their lists of files: dpkg names those of some packages with the architecture.
    fn find_lists(&mut self, tree: &Tree) {
        let of_debian = |(package, _): &(&Package, &mut Detail)| package.manager == Manager::Dpkg;
        for (package, detail) in self.details.iter_mut().filter(of_debian) {
            let plain = package.name.split(':').next().unwrap_or_default();
            let architecture = detail.architecture.as_deref().unwrap_or_default();
            let lists = [format!("{plain}:{architecture}"), plain.to_owned()];
            let mut nodes =
                lists.iter().filter_map(|name| tree.get(&format!("var/lib/dpkg/info/{name}.list")));
            if let Some(node) = nodes.next() {
                detail.layer = node.layer;
            }
        }
    }

    /// Whether the content of a source could be read.
    fn read(&mut self, source: Source<'_>, bytes: &[u8], layer: usize) -> bool {
        match source {
            Source::DpkgStatus => self.dpkg(&record::all(bytes), layer),
            Source::Python(place) => {
                return self.one(Manager::Python, place, &record::all(bytes), "name", layer);
            }
            Source::R(place) => {
                let records = record::all(bytes);
                // Sources of packages have the file too; R adds the field when it installs one.
                let installed = records.first().is_some_and(|record| record.contains_key("built"));
                return !installed || self.one(Manager::R, place, &records, "package", layer);
            }
            Source::Node(place) => return self.node(place, bytes, layer),
            Source::Conda(..) => {}
        }
        true
    }

    fn one(
        &mut self,
        manager: Manager,
        place: &str,
        records: &[Record],
        name: &str,
        layer: usize,
    ) -> bool {
        let record = records.first();
        let field = |name| record.and_then(|record| record.get(name));
        let (Some(name), Some(version)) = (field(name), field("version")) else { return false };
        let license = field("license-expression").cloned();
        let detail = Detail { layer, architecture: None, license };
        self.add(manager, name, Some(place), version.clone(), detail);
        true
    }

    fn dpkg(&mut self, records: &[Record], layer: usize) {
        let installed = |record: &&Record| {
            record.get("status").is_none_or(|status| status.ends_with(" installed"))
        };
        let mut found: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
        for record in records.iter().filter(installed) {
            let field = |name| record.get(name).map(String::as_str);
            if let (Some(name), Some(version)) = (field("package"), field("version")) {
                let architecture = field("architecture").unwrap_or_default();
                found.entry(name).or_default().push((architecture, version));
            }
        }
        for (name, copies) in found {
            for (architecture, version) in &copies {
                let name = match copies.len() {
                    1 => name.to_owned(),
                    _ => format!("{name}:{architecture}"),
                };
                let architecture = Some((*architecture).to_owned()).filter(|one| !one.is_empty());
                let detail = Detail { layer, architecture, license: None };
                self.add(Manager::Dpkg, &name, None, (*version).to_owned(), detail);
            }
        }
    }

    /// Whatever has no version is no package: a marker such as `{"type": "module"}`.
    fn node(&mut self, place: &str, bytes: &[u8], layer: usize) -> bool {
        let Ok(value) = serde_json::from_slice::<serde_json::Value>(bytes) else { return false };
        let field = |name| value.get(name).and_then(serde_json::Value::as_str);
        if let (Some(name), Some(version)) = (field("name"), field("version")) {
            let license = field("license").map(str::to_owned);
            let detail = Detail { layer, architecture: None, license };
            self.add(Manager::Node, name, Some(place), version.to_owned(), detail);
        }
        true
    }
}

#[cfg(test)]
mod tests;
