//! What differs between two trees.
//!
//! Takes two trees, gives a list in path order. It never says which of them is right.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use super::digest::Digest;
use super::pattern;
use super::tree::{Node, NodeKind, Tree};

/// What to leave out of a comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Compare modification times too.
    pub mtimes: bool,
    /// Patterns of paths to leave out; see [`pattern`].
    pub except: Vec<String>,
}

/// One difference; one path can have several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The path.
    pub path: String,
    /// What differs there.
    pub what: What,
}

/// What differs at a path: the left side first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The right tree lacks it.
    OnlyLeft,
    /// The left tree lacks it.
    OnlyRight,
    /// Not the same kind of file; nothing else is compared then.
    Kind(&'static str, &'static str),
    /// Mode bits.
    Mode(u32, u32),
    /// Owner and group.
    Owner((u32, u32), (u32, u32)),
    /// Content of regular files.
    Content(Digest, Digest),
    /// Target of symbolic links.
    Target(String, String),
    /// Major and minor number of devices.
    Device((u32, u32), (u32, u32)),
    /// Names of the extended attributes that differ.
    Xattrs(Vec<String>),
    /// Modification times.
    Mtime(i64, i64),
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "/{}: ", self.path)?;
        match &self.what {
            What::OnlyLeft => write!(formatter, "only left"),
            What::OnlyRight => write!(formatter, "only right"),
            What::Kind(left, right) => write!(formatter, "{left}, {right}"),
            What::Mode(left, right) => write!(formatter, "mode {left:04o}, {right:04o}"),
            What::Owner(left, right) => {
                write!(formatter, "owner {}:{}, {}:{}", left.0, left.1, right.0, right.1)
            }
            What::Content(left, right) => write!(formatter, "content {left}, {right}"),
            What::Target(left, right) => write!(formatter, "target {left}, {right}"),
            What::Device(left, right) => {
                write!(formatter, "device {}:{}, {}:{}", left.0, left.1, right.0, right.1)
            }
            What::Xattrs(names) => write!(formatter, "extended attributes {}", names.join(", ")),
            What::Mtime(left, right) => write!(formatter, "modified {left}, {right}"),
        }
    }
}

/// Compares two trees.
pub fn compare(left: &Tree, right: &Tree, options: &Options) -> Vec<Difference> {
    let wanted = |path: &str| !options.except.iter().any(|pattern| pattern::matches(pattern, path));
    let mut differences = Vec::new();
    let paths: BTreeSet<&str> = left.iter().chain(right.iter()).map(|(path, _)| path).collect();
    for path in paths.into_iter().filter(|path| wanted(path)) {
        let mut add = |what| differences.push(Difference { path: path.to_owned(), what });
        match (left.get(path), right.get(path)) {
            (Some(left), Some(right)) => compare_nodes(left, right, options, &mut add),
            (Some(_), None) => add(What::OnlyLeft),
            (None, _) => add(What::OnlyRight),
        }
    }
    differences
}

fn compare_nodes(left: &Node, right: &Node, options: &Options, add: &mut dyn FnMut(What)) {
    let (name, other) = (kind_name(&left.kind), kind_name(&right.kind));
    if name != other {
        return add(What::Kind(name, other));
    }
    match (&left.kind, &right.kind) {
        (NodeKind::File { sha256: left, .. }, NodeKind::File { sha256: right, .. }) => {
            if left != right {
                add(What::Content(*left, *right));
            }
        }
        (NodeKind::Symlink { target: left }, NodeKind::Symlink { target: right }) => {
            if left != right {
                add(What::Target(left.clone(), right.clone()));
            }
        }
        (left, right) => {
            let (left, right) = (device(left), device(right));
            if left != right {
                add(What::Device(left, right));
            }
        }
    }
    if left.mode != right.mode {
        add(What::Mode(left.mode, right.mode));
    }
    if (left.uid, left.gid) != (right.uid, right.gid) {
        add(What::Owner((left.uid, left.gid), (right.uid, right.gid)));
    }
    if left.xattrs != right.xattrs {
        let names = left.xattrs.keys().chain(right.xattrs.keys());
        let mut names: Vec<String> = names
            .filter(|name| left.xattrs.get(*name) != right.xattrs.get(*name))
            .cloned()
            .collect();
        names.sort();
        names.dedup();
        add(What::Xattrs(names));
    }
    if options.mtimes && left.mtime != right.mtime {
        add(What::Mtime(left.mtime, right.mtime));
    }
}

fn device(kind: &NodeKind) -> (u32, u32) {
    match kind {
        NodeKind::CharacterDevice { major, minor } | NodeKind::BlockDevice { major, minor } => {
            (*major, *minor)
        }
        _ => (0, 0),
    }
}

fn kind_name(kind: &NodeKind) -> &'static str {
    match kind {
        NodeKind::File { .. } => "file",
        NodeKind::Directory => "directory",
        NodeKind::Symlink { .. } => "symbolic link",
        NodeKind::CharacterDevice { .. } => "character device",
        NodeKind::BlockDevice { .. } => "block device",
        NodeKind::Fifo => "named pipe",
    }
}

#[cfg(test)]
mod tests;
