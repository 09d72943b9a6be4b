//! Bytes that an image stores for nothing: files stored twice, files stored and then deleted.
//!
//! Takes an image and the number of its base's layers, gives one record for each name that one of our
//! layers rewrote or took away. It never blames a layer of the base, and never counts a file that stands
//! at two different paths: two copies by intent are no waste. See [`super::shared_databases`] for the
//! records that no build can avoid, and [`super::efficiency`] for one number over all.

use std::collections::BTreeSet;

use anyhow::Result;
use serde::Serialize;

use super::tree::{Gone, Inode, Node, NodeKind, Tree};
use super::{EntryKind, Image, Layer};

/// A name that one of our layers stored again or took away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Record {
    /// The layer that did it.
    pub layer: usize,
    /// The name.
    pub path: String,
    /// Bytes in our layers that this costs: those of the copy or, for [`Cause::Deleted`], those of the
    /// hidden file if one of our layers stores it. A file of several names is counted once, and is not
    /// dead while one of them is left.
    pub bytes: u64,
    /// How it came to be.
    pub cause: Cause,
    /// The layer that stores what is hidden now; none for a whiteout that hides no file.
    pub hidden_layer: Option<usize>,
    /// Bytes of what is hidden now, in whosoever's layer.
    pub hidden_bytes: u64,
}

/// Why bytes are stored for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Stored again with other content.
    Rewritten,
    /// Stored again, the same in all but the time.
    Identical,
    /// Stored again because mode, owner or extended attributes changed.
    MetadataOnly,
    /// Stored, then deleted or replaced by something that is no file. A whiteout that hides no file is
    /// recorded too, with no bytes: some builders delete what they mounted over.
    Deleted,
}

/// All bytes of the records.
pub fn total(records: &[Record]) -> u64 {
    records.iter().map(|record| record.bytes).sum()
}

/// The records of all layers from number `base_layers` on, by layer and path.
pub fn find(image: &Image, base_layers: usize) -> Result<Vec<Record>> {
    let mut tree = Tree::default();
    let mut records = Vec::new();
    for (index, layer) in image.layers.iter().enumerate() {
        let changes = tree.apply(layer)?;
        if index >= base_layers {
            let mut finder = Finder {
                tree: &tree,
                index,
                base_layers,
                counted: BTreeSet::new(),
                records: Vec::new(),
            };
            let gone: Vec<&Gone> = changes.replaced.iter().chain(&changes.hidden).collect();
            for gone in &gone {
                finder.file(gone);
            }
            finder.empty_whiteouts(layer, &gone);
            finder.records.sort_by(|left, right| left.path.cmp(&right.path));
            records.append(&mut finder.records);
        }
    }
    Ok(records)
}

/// Finds the records of one layer, which the tree has already.
struct Finder<'a> {
    tree: &'a Tree,
    index: usize,
    base_layers: usize,
    /// Files whose bytes a record of this layer has.
    counted: BTreeSet<Inode>,
    records: Vec<Record>,
}

impl Finder<'_> {
    fn file(&mut self, gone: &Gone) {
        let old = &gone.node;
        let Some(hidden_bytes) = old.file_size() else { return };
        let copy = self.tree.get(&gone.path).filter(|node| node.layer == self.index);
        let copy = copy.and_then(|node| Some((node, node.file_size()?)));
        let (cause, bytes) = if let Some((node, size)) = copy {
            // A link to a file of a lower layer stores nothing.
            let stored = node.inode.layer == self.index;
            (cause(old, node), if stored { self.once(node.inode, size) } else { 0 })
        } else {
            let dead = old.inode.layer >= self.base_layers && self.tree.links(old.inode) == 0;
            (Cause::Deleted, if dead { self.once(old.inode, hidden_bytes) } else { 0 })
        };
        let (layer, path) = (self.index, gone.path.clone());
        let hidden_layer = Some(old.inode.layer);
        self.records.push(Record { layer, path, bytes, cause, hidden_layer, hidden_bytes });
    }

    fn once(&mut self, inode: Inode, bytes: u64) -> u64 {
        if self.counted.insert(inode) { bytes } else { 0 }
    }

    /// Whiteouts that took no file away, and whose path did not come back as something else.
    fn empty_whiteouts(&mut self, layer: &Layer, gone: &[&Gone]) {
        let busy: BTreeSet<&str> = gone
            .iter()
            .filter(|gone| gone.node.file_size().is_some())
            .map(|gone| gone.by.as_str())
            .collect();
        for entry in &layer.entries {
            let empty = entry.kind == EntryKind::Whiteout && !busy.contains(entry.path.as_str());
            if empty && self.tree.get(&entry.path).is_none() {
                self.records.push(Record {
                    layer: self.index,
                    path: entry.path.clone(),
                    bytes: 0,
                    cause: Cause::Deleted,
                    hidden_layer: None,
                    hidden_bytes: 0,
                });
            }
        }
    }
}

fn cause(old: &Node, new: &Node) -> Cause {
    let content = |node: &Node| match node.kind {
        NodeKind::File { sha256, .. } => Some(sha256),
        _ => None,
    };
    let metadata = |node: &Node| (node.mode, node.uid, node.gid);
    if content(old) != content(new) {
        Cause::Rewritten
    } else if metadata(old) == metadata(new) && old.xattrs == new.xattrs {
        Cause::Identical
    } else {
        Cause::MetadataOnly
    }
}

#[cfg(test)]
mod tests;
