//! The real readers of what rdspec writes: shellcheck, bash, visudo, hadolint. A tool that is missing is a failure,
//! never a silent pass.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rdspec::render::FileTree;

use crate::harness::{compiled, nasty_spec, spec};

/// Writes a file tree below a folder.
fn written(tree: &FileTree) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    rdspec::workspace::output::stage(folder.path(), tree, 0).unwrap();
    folder
}

/// The files of a folder whose path ends so, or lies in a folder of that name.
fn files(root: &Path, wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if wanted(path.to_str().unwrap()) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn run(program: &str, arguments: &[&str], files: &[PathBuf]) -> Output {
    Command::new(program).args(arguments).args(files).output().unwrap_or_else(|error| {
        panic!("{program} is needed for this test: {error}. tests/run installs it")
    })
}

fn expect_success(program: &str, arguments: &[&str], files: &[PathBuf]) {
    assert!(!files.is_empty(), "nothing to check with {program}");
    let output = run(program, arguments, files);
    assert!(
        output.status.success(),
        "{program}:\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn shellcheck_has_nothing_to_say_about_any_script() {
    let arguments = ["--severity=style", "--shell=bash"];
    let folder = written(&compiled(&spec()).tree);
    expect_success("shellcheck", &arguments, &files(folder.path(), |path| path.ends_with(".sh")));
    // Of the nasty spec only what is not its author's own shell text.
    let folder = written(&compiled(&nasty_spec()).tree);
    let scripts = files(folder.path(), |path| {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        path.contains("/resources/tools/")
            && path.ends_with(".sh")
            && !text.contains("own script")
            && !path.ends_with(".user.sh")
    });
    expect_success("shellcheck", &arguments, &scripts);
}

#[test]
fn bash_reads_every_script() {
    let folder = written(&compiled(&spec()).tree);
    for script in files(folder.path(), |path| path.ends_with(".sh")) {
        expect_success("bash", &["-n"], &[script]);
    }
}

#[test]
fn visudo_takes_every_sudo_rule() {
    for files_of_spec in [spec(), nasty_spec()] {
        let folder = written(&compiled(&files_of_spec).tree);
        for rules in files(folder.path(), |path| path.contains("/resources/sudoers/")) {
            expect_success("/usr/sbin/visudo", &["--check", "--strict", "--file"], &[rules]);
        }
    }
}

/// What hadolint says and why it does not hold here.
const EXPLAINED: &[(&str, &str)] = &[];

#[test]
#[ignore = "needs hadolint: run tests/run"]
fn hadolint_finds_nothing_unexplained() {
    let program = std::env::var("HADOLINT").expect("HADOLINT names the program; tests/run sets it");
    // Not the nasty spec: hadolint's own parser stops at quoted paths that BuildKit and buildah read.
    let folder = written(&compiled(&spec()).tree);
    let dockerfiles = files(folder.path(), |path| path.ends_with("/Dockerfile"));
    let mut arguments = vec!["--no-color"];
    for (rule, _) in EXPLAINED {
        arguments.extend(["--ignore", rule]);
    }
    expect_success(&program, &arguments, &dockerfiles);
}
