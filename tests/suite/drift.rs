//! Generated files that are not what the spec says are always found: whatever byte changed, on either side.

use std::collections::BTreeMap;
use std::fs;

use rdspec::compile::{Output, compile};
use rdspec::diagnostic::Severity;
use rdspec::source::SpecFiles;
use rdspec::workspace::Workspace;
use rdspec::workspace::diff::ChangeKind;
use rdspec::workspace::output::{OutputFolder, with_manifest};
use toml::{Table, Value};

use crate::harness::{Stack, compiled, contents, output, spec};

/// What has to be said about any difference.
const FIX: &str = "run `rdspec generate` and commit generated/";

#[test]
fn any_wrong_byte_of_any_generated_file_is_found() {
    let stack = Stack::small_and_generated();
    let files = Workspace::new(stack.root()).load().unwrap();
    let tree = with_manifest(compiled(&files).tree);
    let folder = OutputFolder::new(stack.path("generated"));
    // tests/run builds with optimization, and tries them all.
    let step = if cfg!(debug_assertions) { 16 } else { 1 };
    let mut tried = 0;
    for (path, file) in tree.iter() {
        let on_disk = stack.path("generated").join(path);
        for at in (0..file.bytes.len()).step_by(step) {
            let mut wrong = file.bytes.to_vec();
            match (at / step) % 4 {
                0 => wrong[at] ^= 1,
                1 => wrong[at] = wrong[at].wrapping_add(128),
                2 => wrong.truncate(at),
                _ => wrong.insert(at, b'\n'),
            }
            // In place, so that the mode stays.
            fs::write(&on_disk, wrong).unwrap();
            let changes = folder.changes(&tree).unwrap();
            let found = changes.iter().any(|c| c.path == path && c.kind == ChangeKind::Content);
            assert!(found, "byte {at} of {path} is wrong, found is {changes:?}");
            tried += 1;
        }
        fs::write(&on_disk, &*file.bytes).unwrap();
    }
    assert!(folder.changes(&tree).unwrap().is_empty());
    assert!(tried > 1000, "{tried} wrong bytes are not enough");
}

#[test]
fn a_changed_or_removed_file_is_reported_with_the_fix_and_the_fix_mends_it() {
    let stack = Stack::small_and_generated();
    let before = stack.generated_bytes();
    for (path, (bytes, _)) in before.iter().filter(|(path, _)| !path.ends_with('/')) {
        let on_disk = stack.path("generated").join(path);
        for damage in ["changed", "removed"] {
            match damage {
                "changed" => fs::write(&on_disk, [bytes.as_slice(), b"x\n"].concat()).unwrap(),
                _ => fs::remove_file(&on_disk).unwrap(),
            }
            let run = stack.rdspec(&["generate", "--check"]).expect(1);
            assert!(run.stdout.contains(path.as_str()), "{path} {damage}: {}", run.stdout);
            assert!(run.stderr.contains(FIX), "{path} {damage}: {}", run.stderr);
            let run = stack.rdspec(&["generate"]).expect(0);
            assert!(run.stderr.contains(&format!("wrote generated/{path}")), "{}", run.stderr);
            assert_eq!(stack.generated_bytes(), before, "{path} {damage}");
            stack.rdspec(&["generate", "--check"]).expect(0);
        }
    }
}

/// Removes each file of the spec in turn: what it gave is removed, or the spec has an error; nothing stays behind.
#[test]
fn no_file_outlives_what_it_came_from() {
    let whole = contents(&Workspace::new(Stack::small().root()).load().unwrap());
    for removed in whole.keys() {
        let stack = Stack::small_and_generated();
        stack.write("generated/base/mine.txt", "mine");
        fs::remove_file(stack.path("spec").join(removed)).unwrap();
        let name = removed.rsplit('/').next().unwrap().trim_end_matches(".toml");
        for list in [format!("components = [\"{name}\"]"), format!("without = [\"{name}\"]")] {
            let text = fs::read_to_string(stack.path("spec/stack.toml")).unwrap_or_default();
            if text.contains(&list) {
                let key = list.split('[').next().unwrap();
                stack.edit("spec/stack.toml", &list, &format!("{key}[]"));
            }
        }
        let before = stack.generated_bytes();
        let run = stack.rdspec(&["generate"]);
        if run.status != Some(0) {
            run.expect(2);
            assert_eq!(stack.generated_bytes(), before, "{removed}: an error, and files changed");
            continue;
        }
        let files = Workspace::new(stack.root()).load().unwrap();
        let tree = with_manifest(compiled(&files).tree);
        for (path, _) in stack.generated_bytes().iter().filter(|(path, _)| !path.ends_with('/')) {
            let known = path == "base/mine.txt" || tree.get(path).is_some();
            assert!(known, "{removed} is gone, {path} is still there");
        }
        assert_eq!(fs::read(stack.path("generated/base/mine.txt")).unwrap(), b"mine");
    }
}

/// Keys of the spec that say something about the spec, not about the images: what `bump`, `audit` and `dev` take from it, what
/// else could stand in a place, which port a route may lead to. A summary is a comment, where the component
/// has a layer to itself.
const NOT_IN_THE_OUTPUT: &[&str] = &[
    "max-size",
    "languages",
    "license",
    "upstream",
    "evidence",
    "key-url",
    "accept",
    "version",
    "after",
    "summary",
    "provides",
    "ports",
    "labels",
    "undo",
];

/// Each value of the real spec, changed a little: an error, or other files. No value is read and forgotten.
#[test]
fn every_value_of_the_spec_decides_something() {
    let whole = contents(&spec());
    let mut tried = 0;
    let mut forgotten = Vec::new();
    for (path, bytes) in whole.iter().filter(|(path, _)| path.ends_with(".toml")) {
        let table: Table = std::str::from_utf8(bytes).unwrap().parse().unwrap();
        let mut places = Vec::new();
        leaves(&Value::Table(table.clone()), &mut Vec::new(), &mut places);
        for place in places {
            if place.iter().any(|key| NOT_IN_THE_OUTPUT.contains(&key.as_str())) {
                continue;
            }
            let mut changed = Value::Table(table.clone());
            change(&mut changed, &place);
            let mut files = whole.clone();
            files.insert(path.clone(), toml::to_string(&changed).unwrap().into_bytes());
            tried += 1;
            if !is_noticed(files) {
                forgotten.push(format!("{path}: {}", place.join(".")));
            }
        }
    }
    assert!(tried > 100, "{tried} values are not all");
    assert!(forgotten.is_empty(), "these decide nothing:\n{}", forgotten.join("\n"));
}

fn is_noticed(files: BTreeMap<String, Vec<u8>>) -> bool {
    let compiled = compile(&SpecFiles::new("spec", files)).unwrap();
    let failed = compiled.diagnostics.iter().any(|found| found.severity() == Severity::Error);
    let same =
        |changed: &Output| changed.tree == output().tree && changed.beside == output().beside;
    failed || !compiled.output.as_ref().is_some_and(same)
}

/// The ways to all values that are no table and no list.
fn leaves(value: &Value, way: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    let below: Vec<(String, &Value)> = match value {
        Value::Table(table) => table.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(values) => {
            values.iter().enumerate().map(|(at, value)| (at.to_string(), value)).collect()
        }
        _ => {
            found.push(way.clone());
            return;
        }
    };
    for (key, value) in below {
        way.push(key);
        leaves(value, way, found);
        way.pop();
    }
}

fn change(value: &mut Value, way: &[String]) {
    match (value, way.split_first()) {
        (Value::Table(table), Some((key, rest))) => change(table.get_mut(key).unwrap(), rest),
        (Value::Array(values), Some((at, rest))) => {
            change(values.get_mut(at.parse::<usize>().unwrap()).unwrap(), rest);
        }
        (Value::String(text), None) => text.push('x'),
        (Value::Integer(number), None) => *number += 1,
        (Value::Boolean(truth), None) => *truth = !*truth,
        other => panic!("{other:?}"),
    }
}
