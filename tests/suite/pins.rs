//! A new pin changes the script that fetches it, one line of each Dockerfile that runs the script, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use rdspec::compile::compile;
use rdspec::render::FileTree;
use rdspec::source::SpecFiles;

use crate::harness::{contents, output, spec};

/// The files that two outputs do not share.
fn changed(old: &FileTree, new: &FileTree) -> BTreeMap<String, usize> {
    let paths: BTreeSet<&str> = old.iter().chain(new.iter()).map(|(path, _)| path).collect();
    let text = |tree: &FileTree, path: &str| {
        let bytes = tree.get(path).map(|file| file.bytes.to_vec()).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let mut changed = BTreeMap::new();
    for path in paths {
        let (old, new) = (text(old, path), text(new, path));
        if old != new {
            assert_eq!(old.lines().count(), new.lines().count(), "{path} has other lines");
            let lines = old.lines().zip(new.lines()).filter(|(old, new)| old != new).count();
            changed.insert(path.to_owned(), lines);
        }
    }
    changed
}

fn compiled(files: BTreeMap<String, Vec<u8>>) -> FileTree {
    let compiled = compile(&SpecFiles::new("spec", files)).unwrap();
    compiled.output.unwrap_or_else(|| panic!("{:#?}", compiled.diagnostics)).tree
}

/// The SHA-256 sums in a text, by their places.
fn sums(text: &str) -> Vec<usize> {
    let quoted = |(at, _): (usize, &str)| {
        let sum = text.get(at + 1..at + 65)?;
        let is_sum = sum.bytes().all(|byte| byte.is_ascii_hexdigit());
        (is_sum && text.get(at + 65..at + 66) == Some("\"")).then_some(at + 1)
    };
    text.match_indices('"').filter_map(quoted).collect()
}

#[test]
fn a_new_checksum_changes_one_script_and_its_line_in_the_dockerfiles() {
    let whole = contents(&spec());
    let mut tried = 0;
    for (path, bytes) in whole.iter().filter(|(path, _)| path.starts_with("components/")) {
        let text = std::str::from_utf8(bytes).unwrap();
        let name = path.strip_prefix("components/").unwrap().strip_suffix(".toml").unwrap();
        for at in sums(text) {
            let other = if &text[at..=at] == "a" { "b" } else { "a" };
            let mut files = whole.clone();
            files.insert(path.clone(), [&text[..at], other, &text[at + 1..]].concat().into());
            let changed = changed(&output().tree, &compiled(files));
            let scripts: Vec<_> = changed.keys().filter(|path| path.ends_with(".sh")).collect();
            assert_eq!(scripts.len(), 1, "{path}: {changed:#?}");
            // A package is installed with all others of its class.
            let script = scripts[0].rsplit('/').next().unwrap();
            let is_its_own = script == format!("{name}.sh") || script.starts_with("apt-");
            assert!(is_its_own, "{path}: {changed:#?}");
            for (path, lines) in &changed {
                assert_eq!(*lines, 1, "{path}: {changed:#?}");
            }
            let others = changed.keys().filter(|path| !path.ends_with(".sh"));
            let others: Vec<_> = others.map(|path| path.rsplit('/').next().unwrap()).collect();
            assert_eq!(others, ["Dockerfile"], "{path}: {changed:#?}");
            tried += 1;
        }
    }
    assert!(tried > 5, "{tried} sums are not all");
}

#[test]
fn a_new_day_changes_the_apt_scripts_and_the_dockerfiles_alone() {
    let mut files = contents(&spec());
    let stack = String::from_utf8(files["stack.toml"].clone()).unwrap();
    let line = stack.lines().find(|line| line.starts_with("refresh = ")).unwrap();
    files.insert("stack.toml".into(), stack.replace(line, "refresh = \"2026-12-24\"").into());
    let changed = changed(&output().tree, &compiled(files));
    let names = changed.keys().map(|path| path.rsplit('/').next().unwrap());
    let names: BTreeSet<&str> = names.collect();
    let apt = ["Dockerfile", "apt-normal.sh", "apt-stable.sh", "apt-volatile.sh", "bootstrap.sh"];
    assert_eq!(names, BTreeSet::from(apt), "{changed:#?}");
}
