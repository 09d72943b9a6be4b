//! What changed between two built images.
//!
//! Takes two images that were read with [`packages::keep`], gives their differences: packages, files, what a container
//! is like, sizes. It never says which of them is right. Sizes and steps of a build are told, and make no difference:
//! two images whose containers are the same are the same.

pub mod folders;
pub mod settings;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use serde::Serialize;

use crate::image::Image;
use crate::image::compare::{self, Difference, Options, What};
use crate::image::packages::{self, Package, Packages};
use crate::image::tree::Tree;

use folders::Folder;
use settings::Setting;

/// What changed.
#[derive(Debug, Serialize)]
pub struct Comparison {
    /// The image as it was.
    pub old: Side,
    /// The image as it is.
    pub new: Side,
    /// Packages, in order.
    pub packages: Vec<PackageChange>,
    /// What a container is like.
    pub settings: Vec<Setting>,
    /// Files by folder; each file is in one of them.
    pub folders: Vec<Folder>,
    /// Files, in order; one can differ in several ways.
    pub files: Vec<Difference>,
}

/// One of the images.
#[derive(Debug, Serialize)]
pub struct Side {
    /// What it is called.
    pub reference: String,
    /// Bytes of its layers.
    pub size: u64,
    /// How many layers it has.
    pub layers: usize,
    /// How many files a container has.
    pub files: usize,
    /// Files that should tell of packages and cannot be read.
    pub unreadable_package_lists: Vec<String>,
}

/// A package that is not the same in both.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct PackageChange {
    /// The package.
    #[serde(flatten)]
    pub package: Package,
    /// Its versions before; none where it is new.
    pub old: BTreeSet<String>,
    /// Its versions after; none where it is gone.
    pub new: BTreeSet<String>,
}

impl Comparison {
    /// Whether containers of both are the same.
    pub fn is_same(&self) -> bool {
        self.packages.is_empty() && self.settings.is_empty() && self.files.is_empty()
    }
}

/// Compares two images. A package counts as changed although the files that say so are left out.
///
/// # Errors
/// When layers cannot be applied.
pub fn compare(old: &Image, new: &Image, options: &Options) -> anyhow::Result<Comparison> {
    let tree = |image: &Image| {
        Tree::of(&image.layers)
            .with_context(|| format!("the layers of {} cannot be applied", image.reference))
    };
    let (old_tree, new_tree) = (tree(old)?, tree(new)?);
    let (old_packages, new_packages) = (packages::of(old, &old_tree), packages::of(new, &new_tree));
    let files = compare::compare(&old_tree, &new_tree, options);
    Ok(Comparison {
        packages: package_changes(&old_packages, &new_packages),
        settings: settings::compare(&old.configuration, &new.configuration),
        folders: folders::summarise(&changes(&files, &old_tree, &new_tree)),
        files,
        old: side(old, &old_tree, old_packages),
        new: side(new, &new_tree, new_packages),
    })
}

fn side(image: &Image, tree: &Tree, packages: Packages) -> Side {
    Side {
        reference: image.reference.clone(),
        size: image.layers.iter().map(|layer| layer.size).sum(),
        layers: image.layers.len(),
        files: tree.iter().filter(|(_, node)| node.file_size().is_some()).count(),
        unreadable_package_lists: packages.unreadable,
    }
}

fn package_changes(old: &Packages, new: &Packages) -> Vec<PackageChange> {
    let all: BTreeSet<&Package> = old.versions.keys().chain(new.versions.keys()).collect();
    let versions = |packages: &Packages, package| packages.versions.get(package).cloned();
    all.into_iter()
        .map(|package| PackageChange {
            package: package.clone(),
            old: versions(old, package).unwrap_or_default(),
            new: versions(new, package).unwrap_or_default(),
        })
        .filter(|change| change.old != change.new)
        .collect()
}

/// Each path that differs, once, with how much larger it became.
fn changes<'files>(
    files: &'files [Difference],
    old: &Tree,
    new: &Tree,
) -> BTreeMap<&'files str, (folders::Change, i128)> {
    let bytes = |tree: &Tree, path: &str| {
        tree.get(path).and_then(crate::image::tree::Node::file_size).map_or(0, i128::from)
    };
    files
        .iter()
        .map(|difference| {
            let path = difference.path.as_str();
            let change = match difference.what {
                What::OnlyLeft => folders::Change::Removed,
                What::OnlyRight => folders::Change::Added,
                _ => folders::Change::Changed,
            };
            (path, (change, bytes(new, path) - bytes(old, path)))
        })
        .collect()
}
