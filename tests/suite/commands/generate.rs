//! `rdspec generate`: writes what changed, and nothing else.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::harness::Stack;

#[test]
fn the_second_run_writes_nothing_and_says_so() {
    let stack = Stack::small();
    let first = stack.rdspec(&["generate"]).expect(0);
    assert_eq!(first.stdout, "");
    assert!(first.stderr.contains("wrote generated/base/Dockerfile\n"), "{}", first.stderr);
    let before = stack.generated();
    let second = stack.rdspec(&["generate"]).expect(0);
    assert_eq!(second.stdout, "");
    assert!(second.stderr.contains("up to date"), "{}", second.stderr);
    assert!(!second.stderr.contains("wrote"), "{}", second.stderr);
    assert_eq!(stack.generated(), before, "a file or folder was touched");
}

#[test]
fn quiet_runs_say_nothing() {
    let stack = Stack::small();
    for _ in 0..2 {
        let run = stack.rdspec(&["generate", "--quiet"]).expect(0);
        assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
    }
}

#[test]
fn only_what_changed_is_written() {
    let stack = Stack::small_and_generated();
    let before = stack.generated();
    stack.edit("spec/components/extra.toml", "extra\\n", "changed\\n");
    let run = stack.rdspec(&["generate"]).expect(0);
    let path = "child/resources/files/extra/etc/extra/deep/folder/extra.conf";
    assert_eq!(run.stderr.trim(), format!("wrote generated/{path}"));
    let mut after = stack.generated();
    assert_eq!(after[path].bytes, b"changed\n");
    // Replacing a file touches its folder, and nothing else.
    let folder = format!("{}/", path.rsplit_once('/').unwrap().0);
    for touched in [path, &folder] {
        after.insert(touched.to_owned(), before[touched].clone());
    }
    assert_eq!(after, before);
}

#[test]
fn files_that_are_no_longer_generated_go_with_their_empty_folders() {
    let stack = Stack::small_and_generated();
    let foreign = "generated/child/resources/files/extra/etc/extra/mine.txt";
    stack.write(foreign, "mine");
    stack.edit("spec/stack.toml", "components = [\"extra\"]", "components = []");
    fs::remove_file(stack.path("spec/components/extra.toml")).unwrap();
    stack.edit("spec/stack.toml", "[variants.two]\nwithout = [\"extra\"]\n", "");
    let run = stack.rdspec(&["generate"]).expect(0);
    assert!(run.stderr.contains("removed generated/two/base/Dockerfile"), "{}", run.stderr);
    let after = stack.generated();
    assert!(!after.contains_key("two/"), "an empty folder is left");
    assert!(!after.contains_key("child/resources/files/extra/etc/extra/deep/"), "likewise");
    assert!(stack.path(foreign).exists(), "a foreign file is gone");
    assert!(after.contains_key("child/Dockerfile"));
    stack.rdspec(&["generate", "--check"]).expect(0);
}

#[test]
fn foreign_files_are_never_touched_or_reported() {
    let stack = Stack::small_and_generated();
    let foreign = ["notes.txt", "base/notes.txt", "other/Dockerfile", "base/.gitkeep"];
    for path in foreign {
        stack.write(&format!("generated/{path}"), "mine");
    }
    let before = stack.generated();
    for arguments in [&["generate"][..], &["generate", "--check"]] {
        let run = stack.rdspec(arguments).expect(0);
        for path in foreign {
            assert!(!run.stdout.contains(path) && !run.stderr.contains(path), "{}", run.stderr);
        }
    }
    assert_eq!(stack.generated(), before);
}

#[test]
fn one_image_is_generated_in_every_variant_and_no_other() {
    let stack = Stack::small_and_generated();
    let before = stack.generated();
    stack.edit("spec/stack.toml", "2026-11-23", "2026-11-24");
    stack.edit("spec/components/extra.toml", "extra\\n", "changed\\n");
    let run = stack.rdspec(&["generate", "base"]).expect(0);
    assert!(run.stderr.contains("wrote generated/base/resources/tools/apt-normal.sh"));
    assert!(run.stderr.contains("wrote generated/two/base/resources/tools/apt-normal.sh"));
    assert!(!run.stderr.contains("child"), "{}", run.stderr);
    for (path, file) in stack.generated() {
        if path.starts_with("child/") || path.starts_with("two/child/") {
            assert_eq!(file, before[&path], "{path}");
        }
    }
    stack.rdspec(&["generate", "--check", "base"]).expect(0);
    let run = stack.rdspec(&["generate", "--check", "child"]).expect(1);
    assert!(run.stdout.contains("child/resources/files"), "{}", run.stdout);
    assert!(!run.stdout.contains("b/base/"), "{}", run.stdout);
    stack.rdspec(&["generate", "--check"]).expect(1);
}

/// What `generate base` does not touch must not be forgotten either.
#[test]
fn generating_one_image_does_not_orphan_the_old_files_of_another() {
    let stack = Stack::small_and_generated();
    stack.edit("spec/components/extra.toml", "folder/extra.conf\"]", "folder/renamed.conf\"]");
    stack.rdspec(&["generate", "base"]).expect(0);
    stack.rdspec(&["generate", "--check"]).expect(1);
    stack.rdspec(&["generate"]).expect(0);
    let old = "generated/child/resources/files/extra/etc/extra/deep/folder/extra.conf";
    assert!(!stack.path(old).exists(), "{old} is left for ever: the manifest forgot it");
}

#[test]
fn a_changed_executable_bit_alone_is_mended() {
    let stack = Stack::small_and_generated();
    let script = stack.path("generated/base/checks.sh");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o644)).unwrap();
    stack.rdspec(&["generate"]).expect(0);
    assert_eq!(script.metadata().unwrap().permissions().mode() & 0o777, 0o755);
}
