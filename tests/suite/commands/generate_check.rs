//! `rdspec generate --check`: writes nothing, shows the difference, says what to do.

use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use crate::harness::{Run, Stack, files_below, run, tool};

/// Runs the check on a stack that differs; nothing may be written, and stderr says what mends it.
#[track_caller]
fn finds(stack: &Stack) -> Run {
    let before = files_below(stack.root());
    let run = stack.rdspec(&["generate", "--check"]).expect(1);
    assert_eq!(files_below(stack.root()), before, "--check wrote something");
    assert!(run.stderr.contains("run `rdspec generate`"), "no fix: {}", run.stderr);
    run
}

#[test]
fn a_clean_folder_passes() {
    let stack = Stack::small_and_generated();
    let run = stack.rdspec(&["generate", "--check"]).expect(0);
    assert_eq!(run.stdout, "");
}

#[test]
fn a_changed_file_is_shown_as_a_unified_diff() {
    let stack = Stack::small_and_generated();
    stack.edit("generated/base/Dockerfile", "USER 0", "USER somebody");
    let run = finds(&stack);
    for line in
        ["--- a/base/Dockerfile\n", "+++ b/base/Dockerfile\n", "-USER somebody\n", "+USER 0\n"]
    {
        assert!(run.stdout.contains(line), "{line:?} is not in\n{}", run.stdout);
    }
    assert!(run.stderr.contains("1 file differs"), "{}", run.stderr);
}

/// The diff must mean what it says: patch(1) turns the folder into what `generate` writes.
#[test]
fn the_diff_can_be_applied() {
    let stack = Stack::small_and_generated();
    let wanted = stack.generated_bytes();
    stack.edit("generated/base/Dockerfile", "USER 0", "USER somebody");
    stack.write("generated/base/checks.sh", "no line break at the end");
    stack.write("generated/child/Dockerfile", "");
    let run_check = finds(&stack);
    stack.write("changes.diff", run_check.stdout);
    let patch = stack.path("changes.diff");
    let mut command = tool("git", "git");
    command.args(["apply", "--directory=generated"]).arg(patch).current_dir(stack.root());
    command.env("GIT_DIR", "none").env("GIT_CEILING_DIRECTORIES", "/");
    command.env_remove("GIT_DIR");
    run(&mut command).expect(0);
    for (path, (bytes, _)) in wanted.iter().filter(|(path, _)| !path.ends_with('/')) {
        let got = fs::read(stack.path("generated").join(path)).unwrap();
        assert_eq!(String::from_utf8_lossy(&got), String::from_utf8_lossy(bytes), "{path}");
    }
}

#[test]
fn a_deleted_file_is_shown_whole() {
    let stack = Stack::small_and_generated();
    fs::remove_file(stack.path("generated/two/child/Dockerfile")).unwrap();
    let run = finds(&stack);
    assert!(run.stdout.contains("--- /dev/null\n+++ b/two/child/Dockerfile\n"), "{}", run.stdout);
    assert!(run.stdout.contains("+FROM ${BASE}\n"), "{}", run.stdout);
}

#[test]
fn a_lost_or_a_new_executable_bit_is_shown_as_modes() {
    for (path, mode, old, new) in [
        ("base/checks.sh", 0o644, "100644", "100755"),
        ("base/Dockerfile", 0o755, "100755", "100644"),
    ] {
        let stack = Stack::small_and_generated();
        let on_disk = stack.path("generated").join(path);
        fs::set_permissions(on_disk, fs::Permissions::from_mode(mode)).unwrap();
        let run = finds(&stack);
        assert!(run.stdout.contains(path), "{}", run.stdout);
        assert!(
            run.stdout.contains(&format!("old mode {old}\nnew mode {new}\n")),
            "{}",
            run.stdout
        );
    }
}

#[test]
fn other_bits_of_the_mode_are_the_umask_of_a_checkout() {
    let stack = Stack::small_and_generated();
    for (path, mode) in [("base/checks.sh", 0o700), ("base/Dockerfile", 0o600)] {
        let on_disk = stack.path("generated").join(path);
        fs::set_permissions(on_disk, fs::Permissions::from_mode(mode)).unwrap();
    }
    stack.rdspec(&["generate", "--check"]).expect(0);
}

#[test]
fn a_changed_spec_is_drift() {
    let stack = Stack::small_and_generated();
    stack.edit("spec/components/tool.toml", "echo building", "echo differently");
    let run = finds(&stack);
    assert!(run.stdout.contains("-echo building\n+echo differently\n"), "{}", run.stdout);
    // The digest of the layer moves with its script.
    assert!(run.stdout.contains("+    bash /run/tool.sh # inputs "), "{}", run.stdout);
}

#[test]
fn a_new_file_and_one_that_goes_are_drift() {
    let stack = Stack::small_and_generated();
    stack.edit("spec/components/extra.toml", "folder/extra.conf\"]", "folder/renamed.conf\"]");
    let run = finds(&stack);
    let folder = "child/resources/files/extra/etc/extra/deep/folder";
    assert!(run.stdout.contains(&format!("--- a/{folder}/extra.conf\n+++ /dev/null\n")));
    assert!(run.stdout.contains(&format!("--- /dev/null\n+++ b/{folder}/renamed.conf\n")));
}

#[test]
fn without_the_output_folder_everything_is_drift() {
    let stack = Stack::small();
    let run = finds(&stack);
    assert!(run.stdout.contains("+++ b/base/Dockerfile\n"));
    assert!(!stack.path("generated").exists());
}

#[test]
fn changed_bytes_that_are_no_text_are_said_to_differ() {
    let stack = Stack::small_and_generated();
    stack.write("generated/base/Dockerfile", [0xff, 0xfe, 0x00]);
    let run = finds(&stack);
    assert!(run.stdout.contains("Binary files a/base/Dockerfile"), "{}", run.stdout);
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let stack = Stack::small();
    let mut child = stack
        .command(&["generate", "--check"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1), "{said}");
    assert!(!said.contains("panicked"), "{said}");
}

#[test]
fn a_closed_stderr_is_no_failure() {
    let stack = Stack::small();
    let mut command = tool("sh", "dash");
    command.args(["-c", "exec \"$@\" 2>&-", "sh", env!("CARGO_BIN_EXE_rdspec"), "-C"]);
    command.arg(stack.root()).arg("generate");
    run(&mut command).expect(0);
}
