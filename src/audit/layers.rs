//! What each layer has, stores again, or had deleted; the largest and the worst files.
//!
//! Takes an image and the records of [`waste`], gives numbers and lists, each list bounded.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::owners::{Attributed, Owned};
use crate::image::waste::{Cause, Record};
use crate::image::{EntryKind, Image, Layer, shared_databases};

/// One layer.
#[derive(Debug, Serialize)]
pub struct LayerReport {
    /// Its place, from 0 at the bottom.
    pub number: usize,
    /// The digest of the uncompressed tar.
    pub diff_id: String,
    /// Whether it is somebody else's.
    pub is_base: bool,
    /// The step that made it, where the image tells.
    pub created_by: Option<String>,
    /// What it is in the plan of the stack, and whose; none where that is not known.
    pub of: Option<Attributed>,
    /// Bytes of the uncompressed tar.
    pub size: u64,
    /// How many files it stores.
    pub files: usize,
    /// Bytes that it stores although a lower layer has them, or had another version of the file.
    pub stored_again: u64,
    /// Bytes that it stores and a later layer deletes.
    pub deleted_later: u64,
    /// The largest files that it stores.
    pub largest: Vec<Stored>,
    /// Its files that cost most for nothing.
    pub worst: Vec<Stored>,
}

/// A file in the layers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stored {
    /// Its path.
    pub path: String,
    /// Bytes: of its content, or of what is for nothing.
    pub bytes: u64,
    /// The layers that store it or, of a waste, cause it.
    pub layers: Vec<usize>,
    /// Why bytes are for nothing; empty for a file that is only large.
    pub causes: BTreeSet<Cause>,
    /// The program that rewrites it, if it is a shared database.
    pub shared_by: Option<&'static str>,
}

/// Reports each layer.
pub(super) fn report(
    image: &Image,
    base_layers: usize,
    records: &[Record],
    owned: Option<&Owned>,
    worst_files: usize,
) -> Vec<LayerReport> {
    let layer = |(number, layer): (usize, &Layer)| {
        let again: Vec<&Record> = records
            .iter()
            .filter(|record| record.layer == number && record.cause != Cause::Deleted)
            .collect();
        let deleted: Vec<&Record> = records
            .iter()
            .filter(|record| record.hidden_layer == Some(number) && record.cause == Cause::Deleted)
            .collect();
        let sum = |records: &[&Record]| records.iter().map(|record| record.bytes).sum();
        LayerReport {
            number,
            diff_id: layer.diff_id.to_string(),
            is_base: number < base_layers,
            created_by: layer.created_by.clone(),
            of: owned.and_then(|owned| owned.layers.get(number).cloned().flatten()),
            size: layer.size,
            files: files(layer).count(),
            stored_again: sum(&again),
            deleted_later: sum(&deleted),
            largest: largest_of(numbered(layer, number), worst_files),
            worst: worst_of(again.into_iter().chain(deleted), worst_files),
        }
    };
    image.layers.iter().enumerate().map(layer).collect()
}

/// The files of all layers that cost most for nothing, each with all that it costs.
pub(super) fn worst(records: &[Record], most: usize) -> Vec<Stored> {
    worst_of(records.iter(), most)
}

fn worst_of<'a>(records: impl Iterator<Item = &'a Record>, most: usize) -> Vec<Stored> {
    let mut files: BTreeMap<&str, Stored> = BTreeMap::new();
    for record in records.filter(|record| record.bytes > 0) {
        let file = files.entry(&record.path).or_insert_with(|| Stored {
            path: record.path.clone(),
            bytes: 0,
            layers: Vec::new(),
            causes: BTreeSet::new(),
            shared_by: shared_databases::owner(&record.path).map(|database| database.owner),
        });
        file.bytes += record.bytes;
        if !file.layers.contains(&record.layer) {
            file.layers.push(record.layer);
        }
        file.causes.insert(record.cause);
    }
    let mut files: Vec<Stored> = files.into_values().collect();
    files.sort_by(|left, right| right.bytes.cmp(&left.bytes).then(left.path.cmp(&right.path)));
    files.truncate(most);
    files
}

/// The largest files of our layers; one that several layers store is there several times.
pub(super) fn largest(image: &Image, base_layers: usize, most: usize) -> Vec<Stored> {
    let ours = image.layers.iter().enumerate().skip(base_layers);
    largest_of(ours.flat_map(|(number, layer)| numbered(layer, number)), most)
}

/// The largest of many files, in memory of a few.
fn largest_of<'a>(files: impl Iterator<Item = (&'a str, u64, usize)>, most: usize) -> Vec<Stored> {
    let mut best: Vec<(Reverse<u64>, &str, usize)> = Vec::new();
    let few = most.saturating_mul(2).max(64);
    for (path, bytes, layer) in files.filter(|(_, bytes, _)| *bytes > 0) {
        best.push((Reverse(bytes), path, layer));
        if best.len() > few {
            best.sort_unstable();
            best.truncate(most);
        }
    }
    best.sort_unstable();
    best.truncate(most);
    best.into_iter()
        .map(|(bytes, path, layer)| Stored {
            path: path.to_owned(),
            bytes: bytes.0,
            layers: vec![layer],
            causes: BTreeSet::new(),
            shared_by: None,
        })
        .collect()
}

fn numbered(layer: &Layer, number: usize) -> impl Iterator<Item = (&str, u64, usize)> {
    files(layer).map(move |(path, bytes)| (path, bytes, number))
}

fn files(layer: &Layer) -> impl Iterator<Item = (&str, u64)> {
    layer.entries.iter().filter_map(|entry| match entry.kind {
        EntryKind::File { size, .. } => Some((entry.path.as_str(), size)),
        _ => None,
    })
}
