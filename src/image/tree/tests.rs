use super::super::Entry;
use super::super::fixture::{directory, entry, file, hard_link, layer, opaque, symlink, whiteout};
use super::{EntryKind, Tree};

fn tree(layers: Vec<Vec<Entry>>) -> anyhow::Result<Tree> {
    Tree::of(&layers.into_iter().map(layer).collect::<Vec<_>>())
}

/// The paths of the tree that some layers give, without the root.
fn paths(layers: Vec<Vec<Entry>>) -> Vec<String> {
    let tree = tree(layers).unwrap();
    tree.below("").map(|(path, _)| path.to_owned()).collect()
}

fn refusal(layers: Vec<Vec<Entry>>) -> String {
    format!("{:#}", tree(layers).unwrap_err())
}

#[test]
fn a_whiteout_hides_lower_layers_only() {
    let base = vec![file("a/x", "1"), file("a/y/z", "1"), file("a-b", "1")];
    assert_eq!(paths(vec![base.clone(), vec![whiteout("a/x")]]), ["a", "a-b", "a/y", "a/y/z"]);
    assert_eq!(paths(vec![base.clone(), vec![whiteout("a")]]), ["a-b"]);
    // In either order, the file of the same layer stays.
    for upper in [vec![whiteout("a"), file("a", "2")], vec![file("a", "2"), whiteout("a")]] {
        assert_eq!(paths(vec![base.clone(), upper]), ["a", "a-b"]);
    }
    assert_eq!(paths(vec![vec![whiteout("nothing"), file("b", "")]]), ["b"]);
}

#[test]
fn the_opaque_example_of_the_specification() {
    let base = || vec![directory("a"), directory("a/b"), directory("a/b/c"), file("a/b/c/bar", "")];
    let rest = [directory("a"), directory("a/b"), directory("a/b/c"), file("a/b/c/foo", "")];
    let first = [vec![opaque("a")], rest.to_vec()].concat();
    let last = [rest.to_vec(), vec![opaque("a")]].concat();
    for upper in [first, last] {
        assert_eq!(paths(vec![base(), upper]), ["a", "a/b", "a/b/c", "a/b/c/foo"]);
    }
    assert_eq!(paths(vec![base(), vec![opaque("a")]]), ["a"], "the directory itself stays");
    assert_eq!(paths(vec![base(), vec![opaque(""), file("b", "")]]), ["b"]);
}

#[test]
fn a_directory_over_a_directory_changes_metadata_only() {
    let mut changed = directory("a");
    (changed.mode, changed.uid) = (0o700, 5);
    let tree = tree(vec![vec![directory("a"), file("a/b", "")], vec![changed]]).unwrap();
    let node = tree.get("a").unwrap();
    assert_eq!((node.mode, node.uid, node.layer), (0o700, 5, 1));
    assert_eq!(tree.get("a/b").unwrap().layer, 0);
}

#[test]
fn other_kinds_replace_each_other() {
    let base = vec![directory("a"), file("a/b", ""), file("c", "")];
    let upper = vec![symlink("a", "c"), directory("c"), file("c/d", "")];
    assert_eq!(paths(vec![base, upper]), ["a", "c", "c/d"]);
}

#[test]
fn changes_tell_what_went() {
    let mut tree = tree(vec![vec![file("a/b", "1"), file("c", "1")]]).unwrap();
    let changes = tree.apply(&layer(vec![file("a", ""), file("c", "2")])).unwrap();
    let names = |gone: &[super::Gone]| -> Vec<(String, String)> {
        gone.iter().map(|gone| (gone.path.clone(), gone.by.clone())).collect()
    };
    let pair = |path: &str, by: &str| (path.to_owned(), by.to_owned());
    assert_eq!(names(&changes.hidden), [pair("a/b", "a"), pair("a", "a")]);
    assert_eq!(names(&changes.replaced), [pair("c", "c")]);
}

#[test]
fn hard_links_share_one_file() {
    let base = vec![file("a", "content"), hard_link("b", "a")];
    let tree = tree(vec![base, vec![hard_link("c", "b")], vec![whiteout("a")]]).unwrap();
    let (b, c) = (tree.get("b").unwrap(), tree.get("c").unwrap());
    assert_eq!(b.inode, c.inode);
    assert_eq!((b.layer, c.layer, c.inode.layer), (0, 1, 0));
    assert_eq!(c.file_size(), Some(7));
    assert_eq!(tree.links(c.inode), 2);
}

#[test]
fn a_rewritten_name_leaves_its_links_alone() {
    let base = vec![file("a", "1"), hard_link("b", "a")];
    let tree = tree(vec![base, vec![file("a", "22")]]).unwrap();
    assert_eq!(tree.get("b").unwrap().file_size(), Some(1));
    assert_ne!(tree.get("a").unwrap().inode, tree.get("b").unwrap().inode);
}

#[test]
fn hard_links_to_nothing_are_refused() {
    assert!(refusal(vec![vec![hard_link("a", "b")]]).contains("no earlier entry"));
    assert!(refusal(vec![vec![hard_link("a", "a")]]).contains("itself"));
    assert!(refusal(vec![vec![file("a", "")], vec![hard_link("a", "a")]]).contains("itself"));
    let cycle = vec![hard_link("a", "b"), hard_link("b", "a")];
    assert!(refusal(vec![cycle]).contains("no earlier entry"));
    assert!(refusal(vec![vec![hard_link("a", "b"), file("b", "")]]).contains("no earlier entry"));
    assert!(refusal(vec![vec![directory("d"), hard_link("a", "d")]]).contains("directory"));
    let hidden = vec![whiteout("a"), hard_link("b", "a")];
    assert!(refusal(vec![vec![file("a", "")], hidden]).contains("no earlier entry"));
}

#[test]
fn parents() {
    let tree = tree(vec![vec![file("a/b/c", "")]]).unwrap();
    assert_eq!(tree.get("a/b").unwrap().mode, 0o755);
    let base = vec![symlink("lib", "usr/lib"), directory("usr/lib")];
    assert!(refusal(vec![base, vec![file("lib/x", "")]]).contains("lib is no directory"));
}

#[test]
fn implied_directories_are_bounded() {
    let deep = |index: usize| {
        let path = format!("{index}{}", "/d".repeat(2000));
        entry(&path, EntryKind::Fifo)
    };
    assert!(refusal(vec![(0..40).map(deep).collect()]).contains("absurd"));
}
