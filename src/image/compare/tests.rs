use super::super::Entry;
use super::super::fixture::{directory, entry, file, layer, symlink};
use super::super::tree::Tree;
use super::{Options, compare};
use crate::image::EntryKind;

fn differences(left: Vec<Entry>, right: Vec<Entry>, options: &Options) -> Vec<String> {
    let tree = |entries| Tree::of(&[layer(entries)]).unwrap();
    let found = compare(&tree(left), &tree(right), options);
    found.iter().map(ToString::to_string).collect()
}

#[test]
fn every_difference() {
    let left = vec![
        file("content", "a"),
        directory("kind"),
        directory("mode"),
        file("owner", ""),
        file("left", ""),
        symlink("target", "a"),
        file("xattr", ""),
        entry("device", EntryKind::CharacterDevice { major: 1, minor: 3 }),
    ];
    let mut right = vec![
        file("content", "b"),
        file("kind", ""),
        directory("mode"),
        file("owner", ""),
        file("right", ""),
        symlink("target", "b"),
        file("xattr", ""),
        entry("device", EntryKind::CharacterDevice { major: 1, minor: 5 }),
    ];
    right[2].mode = 0o1777;
    (right[3].uid, right[3].gid) = (1000, 100);
    right[6].xattrs.insert("user.a".to_owned(), vec![1]);
    let found = differences(left, right, &Options::default());
    assert!(found[0].starts_with("/content: content sha256:"), "{found:?}");
    assert_eq!(
        found[1..],
        [
            "/device: device 1:3, 1:5",
            "/kind: directory, file",
            "/left: only left",
            "/mode: mode 0755, 1777",
            "/owner: owner 0:0, 1000:100",
            "/right: only right",
            "/target: target a, b",
            "/xattr: extended attributes user.a",
        ]
    );
}

#[test]
fn options() {
    let mut late = file("a", "");
    late.mtime = 5;
    let both = || (vec![file("a", "")], vec![late.clone(), file("var/log/x", "")]);
    let (left, right) = both();
    let found = differences(left, right, &Options::default());
    assert_eq!(found, ["/var: only right", "/var/log: only right", "/var/log/x: only right"]);
    let except = ["var", "var/**"].map(str::to_owned).to_vec();
    let (left, right) = both();
    assert_eq!(differences(left, right, &Options { mtimes: true, except }), ["/a: modified 0, 5"]);
}

#[test]
fn equal_trees() {
    let entries = || vec![file("z", "1"), directory("a"), file("a/b", "2")];
    assert!(differences(entries(), entries(), &Options::default()).is_empty());
}
