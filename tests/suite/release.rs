//! What a release hands out: `.ci/release`, the workflow that calls it, and the stack of the container image.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::{Run, rdspec, repository, run, tool};

/// A command of `.ci/release`, with its files in a folder.
fn release(files: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(repository().join(".ci/release"));
    command
        .args(arguments)
        .env("RDSPEC_RELEASE_FILES", files)
        .env("SOURCE_DATE_EPOCH", "1700000000");
    command
}

/// A program that is quicker to pack than one with all that a debugger needs.
fn program(folder: &Path) -> PathBuf {
    let program = folder.join("rdspec");
    let text = format!("#!/bin/sh\nexec '{}' \"$@\"\n", env!("CARGO_BIN_EXE_rdspec"));
    fs::write(&program, text).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
    program
}

fn packed(files: &Path, umask: &str) -> PathBuf {
    let folder = tempfile::tempdir().unwrap();
    let program = program(folder.path());
    let mut shell = Command::new("/bin/sh");
    let script = format!("umask {umask}; exec \"$0\" pack \"$1\"");
    shell.arg("-c").arg(script).arg(repository().join(".ci/release")).arg(program);
    shell.env("RDSPEC_RELEASE_FILES", files).env("SOURCE_DATE_EPOCH", "1700000000");
    PathBuf::from(run(&mut shell).expect(0).stdout.trim())
}

#[test]
fn an_archive_has_the_same_bytes_whoever_packs_it() {
    let [one, two] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let archives = [packed(one.path(), "0022"), packed(two.path(), "0077")];
    let [one_bytes, two_bytes] = archives.each_ref().map(|path| fs::read(path).unwrap());
    assert_eq!(archives[0].file_name(), archives[1].file_name());
    assert!(one_bytes == two_bytes, "{archives:?} differ");

    let listing = run(tool("tar", "tar").args(["--list", "--verbose", "--file"]).arg(&archives[0]));
    let listing = listing.expect(0).stdout;
    let name = archives[0].file_name().unwrap().to_str().unwrap().trim_end_matches(".tar.gz");
    assert!(name.starts_with(concat!("rdspec-", env!("CARGO_PKG_VERSION"), "-")), "{name}");
    for (mode, file) in [
        ("-rwxr-xr-x", "rdspec"),
        ("-rw-r--r--", "CHANGELOG.md"),
        ("-rw-r--r--", "LICENSE"),
        ("-rw-r--r--", "README.md"),
        ("-rw-r--r--", "completions/_rdspec"),
        ("-rw-r--r--", "completions/rdspec.bash"),
        ("-rw-r--r--", "completions/rdspec.fish"),
        ("drwxr-xr-x", "completions/"),
    ] {
        let is_it =
            |line: &&str| line.starts_with(mode) && line.ends_with(&format!(" {name}/{file}"));
        assert!(listing.lines().any(|line| is_it(&line)), "no {mode} {file} in\n{listing}");
    }
    assert!(listing.lines().all(|line| line.contains(" 0/0 ")), "{listing}");

    run(&mut release(one.path(), &["sums"])).expect(0);
    let check = ["--check", "--strict", "SHA256SUMS"];
    run(tool("sha256sum", "coreutils").args(check).current_dir(one.path())).expect(0);
}

/// The commands of a page's section that are typed one after the other where an archive was fetched to.
fn install_commands() -> String {
    let page = fs::read_to_string(repository().join("README.md")).unwrap();
    let section = page.split("\n## Install\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let lines = section.lines().filter_map(|line| line.strip_prefix("    "));
    let typed = lines.filter(|line| !line.starts_with("cargo ") && !line.starts_with("docker "));
    typed.collect::<Vec<_>>().join("\n")
}

#[test]
fn what_the_page_has_typed_installs_an_archive_with_its_completions() {
    let files = tempfile::tempdir().unwrap();
    packed(files.path(), "0022");
    run(&mut release(files.path(), &["sums"])).expect(0);
    // Sums of files that were not fetched are no fault.
    let sums = files.path().join("SHA256SUMS");
    let other = format!("{}  rdspec-{}-other.tar.gz\n", "0".repeat(64), env!("CARGO_PKG_VERSION"));
    fs::write(&sums, fs::read_to_string(&sums).unwrap() + &other).unwrap();
    let home = tempfile::tempdir().unwrap();
    let script = format!("set -eu\nPATH=$HOME/.local/bin:/usr/bin:/bin\n{}", install_commands());
    let mut shell = tool("bash", "bash");
    shell.args(["-c", &script]).current_dir(files.path()).env_clear().env("HOME", home.path());
    run(&mut shell).expect(0);
    for path in [
        ".local/bin/rdspec",
        ".local/share/bash-completion/completions/rdspec",
        ".config/fish/completions/rdspec.fish",
        ".zfunc/_rdspec",
    ] {
        let length = fs::metadata(home.path().join(path)).unwrap().len();
        assert!(length > 0, "{path} is empty");
    }
}

#[test]
fn completions_are_in_the_language_of_their_shell() {
    let files = tempfile::tempdir().unwrap();
    let archive = packed(files.path(), "0022");
    let unpacked = tempfile::tempdir().unwrap();
    let unpack = ["--strip-components=1", "--extract", "--file"];
    run(tool("tar", "tar").args(unpack).arg(archive).current_dir(unpacked.path())).expect(0);
    let completions = unpacked.path().join("completions");
    run(tool("bash", "bash").arg("-n").arg(completions.join("rdspec.bash"))).expect(0);
    // Sourced, it completes the name of a command.
    let complete = "source \"$0\"; COMP_WORDS=(rdspec gen) COMP_CWORD=1; _rdspec rdspec gen rdspec; echo \"${COMPREPLY[@]}\"";
    let completed =
        run(tool("bash", "bash").args(["-c", complete]).arg(completions.join("rdspec.bash")));
    assert_eq!(completed.expect(0).stdout, "generate\n");
    let zsh = fs::read_to_string(completions.join("_rdspec")).unwrap();
    assert!(zsh.starts_with("#compdef rdspec\n"), "zsh finds it by its first line");
    let fish = fs::read_to_string(completions.join("rdspec.fish")).unwrap();
    assert!(fish.contains("complete -c rdspec"));
}

#[test]
fn a_tag_of_another_version_is_no_release() {
    let files = tempfile::tempdir().unwrap();
    let said = run(&mut release(files.path(), &["version"])).expect(0).stdout;
    assert_eq!(said.trim(), env!("CARGO_PKG_VERSION"));
    run(&mut release(files.path(), &["tag", &format!("v{}", said.trim())])).expect(0);
    for tag in ["v9.9.9", said.trim(), ""] {
        let Run { stderr, .. } = run(&mut release(files.path(), &["tag", tag])).expect(1);
        assert!(stderr.contains("which Cargo.toml says"), "{stderr}");
    }
}

#[test]
fn the_changelog_speaks_of_the_version() {
    let files = tempfile::tempdir().unwrap();
    let notes = run(&mut release(files.path(), &["notes"])).expect(0).stdout;
    assert!(notes.contains("### Added"), "{notes}");
    assert!(!notes.contains("\n## "), "{notes}");
}

#[test]
fn a_program_that_needs_libraries_of_the_machine_is_not_handed_out() {
    let files = tempfile::tempdir().unwrap();
    let refused = run(&mut release(files.path(), &["prove", env!("CARGO_BIN_EXE_rdspec")]));
    assert!(refused.expect(1).stderr.contains("is not static"));
}

#[test]
fn the_workflow_calls_only_what_the_script_has() {
    let script = fs::read_to_string(repository().join(".ci/release")).unwrap();
    let workflow = fs::read_to_string(repository().join(".github/workflows/release.yml")).unwrap();
    let mut called: Vec<&str> = workflow
        .split(".ci/release ")
        .skip(1)
        .map(|rest| rest.split(|c: char| !c.is_ascii_lowercase()).next().unwrap())
        .filter(|command| !command.is_empty())
        .collect();
    called.sort_unstable();
    called.dedup();
    assert_eq!(called, ["build", "image", "notes", "pack", "prove", "push", "sums", "tag"]);
    for command in called {
        assert!(script.contains(&format!("\n{command}() ")), "no {command} in .ci/release");
    }
}

/// As the image of a release is made of the same spec with the program in place of a script.
#[test]
fn what_is_generated_for_the_image_is_what_its_spec_says() {
    let stack = repository().join(".github/image");
    let current = run(rdspec().arg("-C").arg(&stack).args(["generate", "--check"]));
    let mend = "run `cargo run -- -C .github/image generate`";
    assert_eq!(current.status, Some(0), "{mend}:\n{}{}", current.stdout, current.stderr);
    let said = run(rdspec().arg("-C").arg(&stack).arg("check")).expect(0);
    assert_eq!(said.stderr, "nothing to report\n");
}
