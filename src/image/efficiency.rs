//! One number for how well layers use their bytes, by the definition of the tool `dive`, so that its
//! users find the number that they know.
//!
//! Takes layers, gives the score and its two sums. It never looks at content or metadata: a file that is
//! stored again unchanged counts like any other.
//!
//! Source: wagoodman/dive, `dive/filetree/efficiency.go`. For each path, over the layers in which it is a
//! leaf, the smallest size and the sum of sizes are taken; the score is the sum of the former by the sum
//! of the latter. A hard link has size 0. A removed file counts as a size of 0, so its smallest size is 0
//! and all its bytes are lost. A removed directory counts as the size of all that was below it, on both
//! sides: so dive does not charge for what was in it, and neither do we, here; [`super::waste`] does.
//! Opaque directories are passed over. Where dive gives up on the rest of a layer, at a whiteout of
//! nothing, we go on.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use serde::Serialize;

use super::{EntryKind, Layer, path};

/// A score and what it is made of.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Efficiency {
    /// From 0 to 1; 1 for an image without bytes.
    pub score: f64,
    /// Sum over the paths of the smallest size.
    pub minimum: u64,
    /// Sum over the paths of all sizes.
    pub discovered: u64,
}

/// What the layers so far have at a path: its size, and whether it is a directory.
type Stacked<'a> = BTreeMap<&'a str, (u64, bool)>;

#[derive(Default)]
struct Sizes {
    minimum: Option<u64>,
    sum: u64,
}

/// The efficiency of some layers, such as all of an image, or all but those of its base.
pub fn of(layers: &[Layer]) -> Efficiency {
    of_paths(layers, |_| true)
}

/// The same, over those paths alone that are wanted.
pub fn of_paths(layers: &[Layer], wanted: impl Fn(&str) -> bool) -> Efficiency {
    let mut sizes: BTreeMap<&str, Sizes> = BTreeMap::new();
    let mut stacked: Stacked<'_> = BTreeMap::new();
    for layer in layers {
        for (path, size) in leaves(layer, &stacked).into_iter().filter(|(path, _)| wanted(path)) {
            let sizes = sizes.entry(path).or_default();
            sizes.minimum = Some(sizes.minimum.map_or(size, |minimum| minimum.min(size)));
            sizes.sum += size;
        }
        stack(&mut stacked, layer);
    }
    let minimum = sizes.values().filter_map(|sizes| sizes.minimum).sum();
    let discovered = sizes.values().map(|sizes| sizes.sum).sum();
    Efficiency { score: ratio(minimum, discovered), minimum, discovered }
}

#[expect(clippy::cast_precision_loss, reason = "a score needs no more digits than a float has")]
fn ratio(minimum: u64, discovered: u64) -> f64 {
    if discovered == 0 { 1.0 } else { minimum as f64 / discovered as f64 }
}

/// The paths of a layer that have none below them in that layer, with the sizes that count.
fn leaves<'a>(layer: &'a Layer, stacked: &Stacked<'_>) -> Vec<(&'a str, u64)> {
    let mut present: BTreeMap<&str, u64> = BTreeMap::new();
    let mut removed: BTreeMap<&str, u64> = BTreeMap::new();
    let mut parents: BTreeSet<&str> = BTreeSet::new();
    for entry in &layer.entries {
        let path = entry.path.as_str();
        match entry.kind {
            EntryKind::Whiteout => _ = removed.insert(path, removed_size(stacked, path)),
            EntryKind::File { size, .. } => _ = present.insert(path, size),
            EntryKind::Opaque => _ = present.entry(path).or_default(),
            _ => _ = present.insert(path, 0),
        }
        let mut rest = path;
        while let Some((parent, _)) = path::split(rest) {
            if !parents.insert(parent) {
                break;
            }
            rest = parent;
        }
    }
    present.retain(|path, _| !path.is_empty() && !parents.contains(path));
    present.into_iter().chain(removed).collect()
}

fn removed_size(stacked: &Stacked<'_>, path: &str) -> u64 {
    match stacked.get(path) {
        Some((_, true)) => below(stacked, path).into_iter().map(|(_, size)| size).sum(),
        _ => 0,
    }
}

/// What is below a directory, with the sizes.
fn below<'a>(stacked: &Stacked<'a>, directory: &str) -> Vec<(&'a str, u64)> {
    let start = format!("{directory}/");
    stacked
        .range::<str, _>((Bound::Included(start.as_str()), Bound::Unbounded))
        .take_while(|(path, _)| path.starts_with(&start))
        .map(|(path, (size, _))| (*path, *size))
        .collect()
}

fn stack<'a>(stacked: &mut Stacked<'a>, layer: &'a Layer) {
    for entry in layer.entries.iter().filter(|entry| entry.kind == EntryKind::Whiteout) {
        for (path, _) in below(stacked, &entry.path) {
            stacked.remove(path);
        }
        stacked.remove(entry.path.as_str());
    }
    for entry in &layer.entries {
        let payload = match entry.kind {
            EntryKind::Whiteout | EntryKind::Opaque => continue,
            EntryKind::File { size, .. } => (size, false),
            EntryKind::Directory => (0, true),
            _ => (0, false),
        };
        stacked.insert(entry.path.as_str(), payload);
    }
}

#[cfg(test)]
mod tests;
