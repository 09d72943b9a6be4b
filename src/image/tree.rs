//! Applies layers to one file tree, as an engine does for a container.
//!
//! Takes layers from the bottom up, gives the tree, and what each layer replaced or hid on the way. It
//! never follows a symbolic link: an entry below one is an error, since engines differ in what they do.
//!
//! Source: OCI image-spec, layer.md, "Applying Changesets" and "Whiteouts".

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail, ensure};
use serde::Serialize;

use super::digest::Digest;
use super::{Entry, EntryKind, Layer, path};

/// Bytes of paths of directories that no entry describes: a deep path makes as many as it has parts.
const MAXIMUM_IMPLIED: usize = 64 << 20;

/// A file of the tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// The twelve mode bits.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Seconds since 1970.
    pub mtime: i64,
    /// Extended attributes by full name.
    pub xattrs: BTreeMap<String, Vec<u8>>,
    /// The layer whose entry put this name here or, for a directory, last set its metadata.
    pub layer: usize,
    /// The file behind the name: hard links of one file have the same.
    pub inode: Inode,
}

/// A file behind its names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Inode {
    /// The layer that stores its content.
    pub layer: usize,
    /// Position in that layer, from 1; 0 is a directory that no entry describes.
    pub number: usize,
}

/// What a file of the tree is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeKind {
    /// A regular file.
    File {
        /// Bytes of content.
        size: u64,
        /// Digest of the content.
        sha256: Digest,
    },
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink {
        /// As written.
        target: String,
    },
    /// A character device.
    CharacterDevice {
        /// Major number.
        major: u32,
        /// Minor number.
        minor: u32,
    },
    /// A block device.
    BlockDevice {
        /// Major number.
        major: u32,
        /// Minor number.
        minor: u32,
    },
    /// A named pipe.
    Fifo,
}

impl Node {
    /// Bytes of content, if it is a regular file.
    pub fn file_size(&self) -> Option<u64> {
        match self.kind {
            NodeKind::File { size, .. } => Some(size),
            _ => None,
        }
    }

    fn is_directory(&self) -> bool {
        self.kind == NodeKind::Directory
    }
}

/// What one layer did to the names that were there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Names other than directories that got another file.
    pub replaced: Vec<Gone>,
    /// Names that whiteouts, opaque directories, or a file in a directory's place took away.
    pub hidden: Vec<Gone>,
}

/// A name that lost its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    /// The name.
    pub path: String,
    /// What it stood for.
    pub node: Node,
    /// The path of the entry that did it.
    pub by: String,
}

/// The files that a container sees.
#[derive(Clone, Debug)]
pub struct Tree {
    nodes: BTreeMap<String, Node>,
    names: BTreeMap<Inode, usize>,
    layers: usize,
    implied: usize,
}

impl Default for Tree {
    /// The empty root directory.
    fn default() -> Self {
        let nodes = BTreeMap::from([(String::new(), implied_directory(0))]);
        Self { nodes, names: BTreeMap::new(), layers: 0, implied: 0 }
    }
}

/// A directory that no entry describes, as engines make it.
fn implied_directory(layer: usize) -> Node {
    Node {
        kind: NodeKind::Directory,
        mode: 0o755,
        uid: 0,
        gid: 0,
        mtime: 0,
        xattrs: BTreeMap::new(),
        layer,
        inode: Inode { layer, number: 0 },
    }
}

impl Tree {
    /// Applies layers to an empty root.
    pub fn of(layers: &[Layer]) -> Result<Self> {
        let mut tree = Self::default();
        for layer in layers {
            tree.apply(layer)?;
        }
        Ok(tree)
    }

    /// The file at a path; the root is the empty path.
    pub fn get(&self, path: &str) -> Option<&Node> {
        self.nodes.get(path)
    }

    /// All paths in byte order, the root first.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.nodes.iter().map(|(path, node)| (path.as_str(), node))
    }

    /// All paths below a directory, at any depth, in byte order.
    pub fn below(&self, directory: &str) -> impl Iterator<Item = (&str, &Node)> {
        let start = if directory.is_empty() { String::new() } else { format!("{directory}/") };
        self.nodes
            .range(start.clone()..)
            .take_while(move |(path, _)| path.starts_with(&start))
            .filter(|(path, _)| !path.is_empty())
            .map(|(path, node)| (path.as_str(), node))
    }

    /// How many names a file has; directories are not counted.
    pub fn links(&self, inode: Inode) -> usize {
        self.names.get(&inode).copied().unwrap_or(0)
    }

    /// Applies the next layer.
    ///
    /// # Errors
    /// When a hard link has no target or a directory for one, or a parent is no directory. The tree is
    /// then worth nothing.
    pub fn apply(&mut self, layer: &Layer) -> Result<Changes> {
        let index = self.layers;
        self.layers += 1;
        let mut changes = Changes::default();
        // Whiteouts hide lower layers only, wherever in the tar they stand: so they all come first.
        for entry in &layer.entries {
            match entry.kind {
                EntryKind::Whiteout => {
                    self.remove_below(&entry.path, &entry.path, &mut changes.hidden);
                    self.remove(&entry.path, &entry.path, &mut changes.hidden);
                }
                EntryKind::Opaque => {
                    self.remove_below(&entry.path, &entry.path, &mut changes.hidden);
                }
                _ => {}
            }
        }
        for (number, entry) in layer.entries.iter().enumerate() {
            let inode = Inode { layer: index, number: number + 1 };
            self.put(entry, inode, &mut changes)
                .with_context(|| format!("layer {index}, entry {}", entry.path))?;
        }
        Ok(changes)
    }

    fn put(&mut self, entry: &Entry, inode: Inode, changes: &mut Changes) -> Result<()> {
        let Some(mut node) = self.node(entry, inode)? else { return Ok(()) };
        self.make_parents(&entry.path, inode)?;
        match self.nodes.get(&entry.path) {
            Some(existing) if existing.is_directory() && node.is_directory() => {
                node.inode = existing.inode;
                self.nodes.insert(entry.path.clone(), node);
                return Ok(());
            }
            Some(existing) if existing.is_directory() => {
                self.remove_below(&entry.path, &entry.path, &mut changes.hidden);
                self.remove(&entry.path, &entry.path, &mut changes.hidden);
            }
            Some(_) => self.remove(&entry.path, &entry.path, &mut changes.replaced),
            None => {}
        }
        self.insert(entry.path.clone(), node);
        Ok(())
    }

    /// The file that an entry stands for; none for a whiteout.
    fn node(&self, entry: &Entry, inode: Inode) -> Result<Option<Node>> {
        let kind = match &entry.kind {
            EntryKind::Whiteout | EntryKind::Opaque => return Ok(None),
            EntryKind::HardLink { target } => return self.linked(entry, target, inode).map(Some),
            EntryKind::File { size, sha256 } => NodeKind::File { size: *size, sha256: *sha256 },
            EntryKind::Directory => NodeKind::Directory,
            EntryKind::Symlink { target } => NodeKind::Symlink { target: target.clone() },
            EntryKind::CharacterDevice { major, minor } => {
                NodeKind::CharacterDevice { major: *major, minor: *minor }
            }
            EntryKind::BlockDevice { major, minor } => {
                NodeKind::BlockDevice { major: *major, minor: *minor }
            }
            EntryKind::Fifo => NodeKind::Fifo,
        };
        let Entry { mode, uid, gid, mtime, ref xattrs, .. } = *entry;
        let (xattrs, layer) = (xattrs.clone(), inode.layer);
        Ok(Some(Node { kind, mode, uid, gid, mtime, xattrs, layer, inode }))
    }

    /// A further name of a file: metadata belongs to the file, so the entry's own is not used.
    fn linked(&self, entry: &Entry, target: &str, inode: Inode) -> Result<Node> {
        ensure!(target != entry.path, "a hard link leads to itself");
        let Some(node) = self.nodes.get(target) else {
            bail!("a hard link leads to {target}, which no earlier entry and no lower layer has");
        };
        ensure!(!node.is_directory(), "a hard link leads to the directory {target}");
        Ok(Node { layer: inode.layer, ..node.clone() })
    }

    fn make_parents(&mut self, path: &str, inode: Inode) -> Result<()> {
        let Some((parent, _)) = path::split(path) else { return Ok(()) };
        if let Some(node) = self.nodes.get(parent) {
            let whole = node.is_directory();
            ensure!(whole, "{parent} is no directory, and engines differ in what then happens");
        } else {
            self.implied += parent.len();
            let few = self.implied <= MAXIMUM_IMPLIED;
            ensure!(few, "directories that no entry describes are absurdly many");
            self.make_parents(parent, inode)?;
            self.insert(parent.to_owned(), implied_directory(inode.layer));
        }
        Ok(())
    }

    fn insert(&mut self, path: String, node: Node) {
        if !node.is_directory() {
            *self.names.entry(node.inode).or_default() += 1;
        }
        self.nodes.insert(path, node);
    }

    fn remove(&mut self, path: &str, by: &str, gone: &mut Vec<Gone>) {
        let Some(node) = self.nodes.remove(path) else { return };
        if let Some(names) = self.names.get_mut(&node.inode) {
            *names -= 1;
            if *names == 0 {
                self.names.remove(&node.inode);
            }
        }
        gone.push(Gone { path: path.to_owned(), node, by: by.to_owned() });
    }

    fn remove_below(&mut self, directory: &str, by: &str, gone: &mut Vec<Gone>) {
        let paths: Vec<String> = self.below(directory).map(|(path, _)| path.to_owned()).collect();
        for path in paths {
            self.remove(&path, by, gone);
        }
    }
}

#[cfg(test)]
mod tests;
