//! Differences of files, summed up by folder.
//!
//! Takes the paths that differ, gives a few folders that together hold all of them: as deep as they can be without
//! being many, so that a list of ten thousand files reads as twenty lines.

use std::collections::BTreeMap;

use serde::Serialize;

/// The most folders, if the top of the tree has not more by itself.
const MOST: usize = 20;

/// What happened to a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Only the new image has it.
    Added,
    /// Only the old image has it.
    Removed,
    /// Both have it, not the same.
    Changed,
}

/// The differences below a folder that no other folder of the list has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Folder {
    /// The folder, or the only path that differs below it.
    pub path: String,
    /// Paths that are new.
    pub added: usize,
    /// Paths that are gone.
    pub removed: usize,
    /// Paths that are not the same.
    pub changed: usize,
    /// By how many bytes the contents grew.
    pub grown: i128,
}

/// A folder on the way.
#[derive(Default)]
struct Node {
    below: BTreeMap<String, Node>,
    own: Folder,
}

impl Node {
    fn total(&self) -> usize {
        self.own.added + self.own.removed + self.own.changed
    }
}

/// Sums up paths by folder.
pub fn summarise(changes: &BTreeMap<&str, (Change, i128)>) -> Vec<Folder> {
    let mut root = Node::default();
    for (path, (change, grown)) in changes {
        let mut node = &mut root;
        node.count(*change, *grown);
        for part in path.split('/') {
            node = node.below.entry(part.to_owned()).or_default();
            node.count(*change, *grown);
        }
    }
    let mut shown = vec![(String::new(), &root)];
    // The folder with most differences is opened, as long as there is room for what is in it.
    loop {
        let room = MOST.saturating_sub(shown.len());
        let opened = shown
            .iter()
            .enumerate()
            .filter(|(_, (_, node))| (1..=room + 1).contains(&node.below.len()) && is_no_path(node))
            .max_by_key(|(at, (_, node))| (node.total(), std::cmp::Reverse(*at)))
            .map(|(at, _)| at);
        let Some(at) = opened else { break };
        let (path, node) = shown.swap_remove(at);
        shown.extend(node.below.iter().map(|(name, below)| (format!("{path}/{name}"), below)));
    }
    let mut folders: Vec<Folder> =
        shown.into_iter().map(|(path, node)| Folder { path, ..node.own.clone() }).collect();
    folders.retain(|folder| folder.added + folder.removed + folder.changed > 0);
    folders.sort_by(|left, right| left.path.cmp(&right.path));
    folders
}

/// Whether nothing but what is below a folder differs: then it can be opened without losing the folder itself.
fn is_no_path(node: &Node) -> bool {
    node.below.values().map(Node::total).sum::<usize>() == node.total()
}

impl Node {
    fn count(&mut self, change: Change, grown: i128) {
        match change {
            Change::Added => self.own.added += 1,
            Change::Removed => self.own.removed += 1,
            Change::Changed => self.own.changed += 1,
        }
        self.own.grown += grown;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Change, Folder, summarise};

    fn of(paths: &[String]) -> Vec<Folder> {
        let changes: BTreeMap<&str, (Change, i128)> =
            paths.iter().map(|path| (path.as_str(), (Change::Added, 2))).collect();
        summarise(&changes)
    }

    #[test]
    fn few_paths_are_themselves() {
        let folders = of(&["etc/a".to_owned(), "usr/lib/x/y".to_owned()]);
        let paths: Vec<&str> = folders.iter().map(|folder| folder.path.as_str()).collect();
        assert_eq!(paths, ["/etc/a", "/usr/lib/x/y"]);
    }

    #[test]
    fn many_paths_are_few_folders_that_hold_all() {
        let mut paths: Vec<String> = (0..500).map(|n| format!("usr/lib/big/{n}")).collect();
        paths.extend((0..3).map(|n| format!("etc/{n}")));
        paths.push("usr/lib/big".to_owned());
        let folders = of(&paths);
        assert!(folders.len() <= 20, "{folders:#?}");
        assert_eq!(folders.iter().map(|folder| folder.added).sum::<usize>(), paths.len());
        assert_eq!(folders.iter().map(|folder| folder.grown).sum::<i128>(), 1008);
        let big = folders.iter().find(|folder| folder.path == "/usr/lib/big").unwrap();
        assert_eq!(big.added, 501);
    }
}
