//! What this repository's spec compiles to: a snapshot for each file that has something to decide, and the committed
//! folder `generated` byte for byte.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use rdspec::workspace::output::OutputFolder;

use crate::harness::{files_below, output, repository};

/// Whether rdspec makes the text of a file; the others are copies of spec files.
fn is_rendered(path: &str) -> bool {
    path.ends_with("/Dockerfile")
        || path.ends_with("/checks.sh")
        || path.contains("/resources/tools/")
        || path.contains("/resources/sudoers/")
        || (path.contains("/etc/supervisor/conf.d/") && path.ends_with(".conf"))
}

fn snapshot_name(path: &str) -> String {
    path.replace('/', "__")
}

#[test]
fn every_rendered_file_is_as_its_snapshot() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots/generated");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for (path, file) in output().tree.iter().filter(|(path, _)| is_rendered(path)) {
            let text = std::str::from_utf8(&file.bytes).unwrap();
            insta::assert_snapshot!(snapshot_name(path), text);
        }
    });
}

#[test]
fn every_snapshot_is_of_a_file_that_is_still_generated() {
    let folder = repository().join("tests/snapshots/generated");
    let kept: BTreeSet<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".snap"))
        .collect();
    let wanted: BTreeSet<String> = output()
        .tree
        .iter()
        .filter(|(path, _)| is_rendered(path))
        .map(|(path, _)| format!("{}.snap", snapshot_name(path)))
        .collect();
    let stale: Vec<&String> = kept.difference(&wanted).collect();
    assert!(stale.is_empty(), "remove these from tests/snapshots/generated: {stale:?}");
}

#[test]
fn the_committed_folder_is_what_the_compiler_gives() {
    let fix = "run `rdspec generate` and commit generated/";
    let generated = repository().join("generated");
    for (path, file) in output().tree.iter() {
        let Ok(bytes) = fs::read(generated.join(path)) else {
            panic!("generated/{path} is missing: {fix}");
        };
        assert!(bytes == file.bytes, "generated/{path} is not what the spec says: {fix}");
        let mode = fs::metadata(generated.join(path)).unwrap().permissions().mode();
        assert_eq!(mode & 0o100 != 0, file.executable, "the mode of generated/{path}: {fix}");
    }
    let changes = OutputFolder::new(&generated).changes(&output().tree).unwrap();
    assert!(changes.is_empty(), "{fix}: {changes:#?}");
}

#[test]
fn the_committed_folder_has_nothing_else() {
    let extra: Vec<String> = files_below(&repository().join("generated"))
        .into_keys()
        .filter(|path| !path.ends_with('/') && path != ".rdspec-manifest")
        .filter(|path| output().tree.get(path).is_none())
        .collect();
    assert!(
        extra.is_empty(),
        "remove these from generated/, rdspec does not write them: {extra:?}"
    );
}

#[test]
fn every_text_ends_in_one_line_break_and_has_no_trailing_space() {
    for (path, file) in output().tree.iter().filter(|(path, _)| is_rendered(path)) {
        let text = std::str::from_utf8(&file.bytes).unwrap();
        assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "the end of {path}");
        for (number, line) in text.lines().enumerate() {
            assert_eq!(line, line.trim_end(), "{path}:{}", number + 1);
        }
        // Checks are the spec's own text.
        let is_ours = !path.ends_with("/checks.sh");
        assert!(!is_ours || !text.contains("\n\n\n"), "{path} has two empty lines in a row");
    }
}

#[test]
fn no_tool_version_and_no_path_of_this_machine_is_in_a_generated_file() {
    let repository = repository().to_str().unwrap();
    for (path, file) in output().tree.iter().filter(|(path, _)| is_rendered(path)) {
        let text = std::str::from_utf8(&file.bytes).unwrap();
        assert!(!text.contains(concat!("rdspec ", env!("CARGO_PKG_VERSION"))), "{path}");
        assert!(!text.contains(repository), "{path}");
    }
}
