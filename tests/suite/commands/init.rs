//! `rdspec init`: what it writes is a stack that passes, and it replaces nothing.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::harness::{Run, files_below, rdspec, run};

fn rdspec_in(folder: &Path, arguments: &[&str]) -> Run {
    run(rdspec().arg("-C").arg(folder).args(arguments))
}

#[test]
fn the_new_stack_passes_and_is_generated() {
    let folder = tempfile::tempdir().unwrap();
    let said = rdspec_in(folder.path(), &["init", "greetings"]).expect(0);
    assert!(said.stdout.contains("\n    rdspec check "), "{}", said.stdout);
    assert!(said.stderr.contains("wrote spec/stack.toml\n"), "{}", said.stderr);
    let check = rdspec_in(folder.path(), &["check"]).expect(0);
    assert_eq!(check.stdout, "");
    rdspec_in(folder.path(), &["generate"]).expect(0);
    rdspec_in(folder.path(), &["generate", "--check"]).expect(0);
    assert!(folder.path().join("generated/base/Dockerfile").is_file());
    let readme = fs::read_to_string(folder.path().join("README.md")).unwrap();
    assert!(readme.starts_with("# greetings\n") && readme.contains("greetings-base:latest"));
    let mode = fs::metadata(folder.path().join("spec/resources/greeting/greet")).unwrap();
    assert_eq!(mode.permissions().mode() & 0o100, 0o100);
}

#[test]
fn the_folder_names_the_stack() {
    let folder = tempfile::tempdir().unwrap();
    for (name, wanted) in [("My Stack_2", "my-stack-2"), ("---", "demo")] {
        let folder = folder.path().join(name);
        fs::create_dir(&folder).unwrap();
        let said = rdspec_in(&folder, &["init"]).expect(0).stdout;
        assert!(said.starts_with(&format!("The stack `{wanted}` ")), "{said}");
        rdspec_in(&folder, &["check"]).expect(0);
    }
}

#[test]
fn a_folder_that_is_not_there_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let new = folder.path().join("new");
    rdspec_in(&new, &["init", "new"]).expect(0);
    rdspec_in(&new, &["check"]).expect(0);
}

#[test]
fn nothing_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("README.md"), "mine").unwrap();
    let said = rdspec_in(folder.path(), &["init", "x"]).expect(0).stderr;
    assert!(said.contains("kept README.md\n"), "{said}");
    assert_eq!(fs::read_to_string(folder.path().join("README.md")).unwrap(), "mine");
    let before = files_below(folder.path());
    let said = rdspec_in(folder.path(), &["init", "x"]).expect(2).stderr;
    assert!(said.contains("has a spec already"), "{said}");
    assert_eq!(files_below(folder.path()), before);
}

#[test]
fn a_name_that_images_cannot_have_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let said = rdspec_in(folder.path(), &["init", "My Stack"]).expect(2).stderr;
    assert!(said.contains("a stack cannot be called \"My Stack\""), "{said}");
    assert!(files_below(folder.path()).is_empty());
}
