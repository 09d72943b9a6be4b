//! The real readers of what rdspec writes: shellcheck, bash, visudo, hadolint. A tool that is missing is a failure,
//! never a silent pass.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rdspec::render::FileTree;

use crate::harness::{compiled, nasty_spec, packages_spec, repository, spec};

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
    for files_of_spec in [spec(), packages_spec()] {
        let folder = written(&compiled(&files_of_spec).tree);
        let scripts = files(folder.path(), |path| path.ends_with(".sh"));
        expect_success("shellcheck", &arguments, &scripts);
    }
    // What the images of this repository run: programs in bash among the files that are copied.
    let folder = written(&compiled(&spec()).tree);
    let programs = files(folder.path(), |path| {
        let text = std::fs::read(path).unwrap_or_default();
        path.contains("/resources/files/") && text.starts_with(b"#!/bin/bash\n")
    });
    assert!(programs.len() > 5, "{programs:?} are not all");
    expect_success("shellcheck", &arguments, &programs);
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
fn shellcheck_has_nothing_to_say_about_what_makes_releases() {
    let script = repository().join(".ci/release");
    expect_success("shellcheck", &["--severity=style"], &[script]);
}

#[test]
fn bash_reads_every_script() {
    for files_of_spec in [spec(), packages_spec()] {
        let folder = written(&compiled(&files_of_spec).tree);
        for script in files(folder.path(), |path| path.ends_with(".sh")) {
            expect_success("bash", &["-n"], &[script]);
        }
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

/// Addresses, suites and components arrive in apt as the spec says; it substitutes `$(ARCH)`, sources.list(5).
#[test]
fn apt_reads_every_repository() {
    let folder = written(&compiled(&nasty_spec()).tree);
    let sources = files(folder.path(), |path| path.ends_with(".sources"));
    assert!(!sources.is_empty());
    let mut read = Vec::new();
    for file in sources {
        let output = Command::new("apt-get")
            .args(["indextargets", "--no-release-info", "-o", "Dir::Etc::sourceparts=/dev/null"])
            .args(["-o", "APT::Architecture=amd64", "-o", "APT::Architectures=amd64"])
            .arg("-o")
            .arg(format!("Dir::Etc::sourcelist={}", file.display()))
            .args(["--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)"])
            .arg("Created-By: Packages")
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        read.extend(text.lines().map(str::to_owned));
    }
    read.sort();
    read.dedup();
    let vendor = "https://archive.example.org:8443/debian/";
    let expected = [
        // A path has no component, so nothing is put in its place.
        "http://archive.example.org/a~b/(c)/amd64/x;y&z=q/ amd64/./ $(COMPONENT)".to_owned(),
        format!("{vendor} stable main"),
        format!("{vendor} stable non-free/extra"),
        format!("{vendor} stable-updates main"),
        format!("{vendor} stable-updates non-free/extra"),
    ];
    assert_eq!(read, expected);
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
