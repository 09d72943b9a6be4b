//! What rdspec refuses to read or to write, and what it says about it.

use std::fmt::Write;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use crate::harness::{Run, Stack, files_below, rdspec, run, tool};

/// Runs rdspec on a stack that it must refuse: status 2, or 4 where the system refused first; a message on stderr, nothing on stdout, nothing written.
#[track_caller]
fn refused(stack: &Stack, arguments: &[&str]) -> Run {
    let before = files_below(stack.root());
    let run = run(within_time(&mut stack.command(arguments)));
    assert!(matches!(run.status, Some(2 | 4)), "{run:?}");
    assert_eq!(run.stdout, "");
    assert!(run.stderr.contains("error"), "no message: {:?}", run.stderr);
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    assert_eq!(files_below(stack.root()), before, "something was written");
    run
}

/// The same command, killed where it waits for something that never comes.
fn within_time(command: &mut Command) -> &mut Command {
    let program = command.get_program().to_owned();
    let arguments: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
    *command = tool("timeout", "coreutils");
    command.env_clear().args(["--signal=KILL", "20"]).arg(program).args(arguments)
}

const GENERATE: &[&str] = &["generate"];
const CHECK: &[&str] = &["generate", "--check"];

#[test]
fn a_spec_with_errors_generates_nothing() {
    let stack = Stack::small_and_generated();
    stack.edit("spec/components/tool.toml", "summary", "sumary");
    stack.edit("spec/components/extra.toml", "[files", "[filse");
    for arguments in [GENERATE, CHECK, &["build"], &["generate", "base"]] {
        let run = refused(&stack, arguments);
        for text in
            ["spec/components/tool.toml:1:1", "spec/components/extra.toml:3:2", "did you mean"]
        {
            assert!(run.stderr.contains(text), "no {text:?} in\n{}", run.stderr);
        }
        assert!(run.stderr.contains("nothing was generated"), "{}", run.stderr);
        assert!(!run.stderr.contains('\u{1b}'), "colours on no terminal");
    }
}

#[test]
fn an_unknown_image_is_refused_with_the_nearest_name() {
    let stack = Stack::small_and_generated();
    for arguments in [&["generate", "chidl"][..], &["generate", "--check", "base", "chidl"]] {
        let run = refused(&stack, arguments);
        assert!(run.stderr.contains("did you mean `child`?"), "{}", run.stderr);
    }
}

#[test]
fn a_folder_without_a_spec_is_refused() {
    let empty = tempfile::tempdir().unwrap();
    let run_empty = run(rdspec().arg("generate").current_dir(empty.path())).expect(2);
    assert!(run_empty.stderr.contains("there is no spec"), "{}", run_empty.stderr);
    assert_eq!(fs::read_dir(empty.path()).unwrap().count(), 0);
    let run_nowhere = run(rdspec().args(["-C", "nowhere", "generate"]).current_dir(empty.path()));
    assert!(run_nowhere.expect(2).stderr.contains("nowhere"));
    fs::create_dir(empty.path().join("spec")).unwrap();
    let run_bare = run(rdspec().arg("generate").current_dir(empty.path())).expect(2);
    assert!(run_bare.stderr.contains("stack.toml"), "{}", run_bare.stderr);
}

#[test]
fn wrong_usage_ends_with_status_2() {
    let stack = Stack::small();
    for arguments in [&[][..], &["genrate"], &["generate", "--chek"], &["build", "--engine", "x"]] {
        let run = stack.rdspec(arguments).expect(2);
        assert_eq!(run.stdout, "");
    }
}

#[test]
fn a_link_that_leaves_the_spec_is_refused() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret"), "secret").unwrap();
    for (link, target) in [
        ("spec/resources/tool/link", outside.path().join("secret")),
        ("spec/resources/outside", outside.path().to_owned()),
        ("spec/components/link.toml", outside.path().join("secret")),
        ("spec/resources/up", "../..".into()),
        ("spec/resources/loop", ".".into()),
        ("spec/resources/itself", "itself".into()),
        ("spec/resources/nowhere", "missing".into()),
    ] {
        let stack = Stack::small();
        symlink(&target, stack.path(link)).unwrap();
        let run = refused(&stack, GENERATE);
        let name = Path::new(link).file_name().unwrap().to_str().unwrap();
        assert!(run.stderr.contains(name), "{} does not name {link}", run.stderr);
        assert!(run.stderr.contains("error[unusable-file]: "), "{link}: {}", run.stderr);
        assert!(!run.stderr.contains("secret\n"), "{}", run.stderr);
    }
}

#[test]
fn a_link_within_the_spec_is_followed() {
    let stack = Stack::small_and_generated();
    fs::rename(stack.path("spec/components/extra.toml"), stack.path("spec/moved")).unwrap();
    symlink("../moved", stack.path("spec/components/extra.toml")).unwrap();
    stack.rdspec(CHECK).expect(0);
}

#[test]
fn special_and_huge_files_in_the_spec_are_refused() {
    let stack = Stack::small();
    run(tool("mkfifo", "coreutils").arg(stack.path("spec/pipe"))).expect(0);
    assert!(refused(&stack, GENERATE).stderr.contains("neither a file nor a folder"));
    let stack = Stack::small();
    let huge = fs::File::create(stack.path("spec/huge")).unwrap();
    huge.set_len(1 << 40).unwrap();
    assert!(run(&mut stack.command(GENERATE)).expect(2).stderr.contains("huge"));
}

/// As root everything can be read, so the command runs as somebody else.
#[test]
fn a_spec_file_that_cannot_be_read_is_named() {
    let stack = Stack::small();
    fs::set_permissions(stack.root(), fs::Permissions::from_mode(0o755)).unwrap();
    let secret = stack.path("spec/components/tool.toml");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o000)).unwrap();
    // The binary may lie below a folder of root's alone.
    let program = stack.path("rdspec");
    fs::copy(env!("CARGO_BIN_EXE_rdspec"), &program).unwrap();
    let mut command = if fs::read(&secret).is_ok() {
        let mut command = tool("setpriv", "util-linux");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    let run = run(command.arg("-C").arg(stack.root()).arg("generate")).expect(4);
    assert!(run.stderr.contains("tool.toml"), "{}", run.stderr);
    assert!(run.stderr.contains("Permission denied"), "{}", run.stderr);
}

#[test]
fn output_is_never_written_through_a_link() {
    let outside = tempfile::tempdir().unwrap();
    for link in ["generated", "generated/base", "generated/base/resources/tools"] {
        let stack = Stack::small();
        let at = stack.path(link);
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        symlink(outside.path(), &at).unwrap();
        for arguments in [GENERATE, CHECK] {
            let run = refused(&stack, arguments);
            assert!(run.stderr.contains(link), "{}", run.stderr);
        }
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0, "{link} was followed");
    }
}

/// A link in the place of a file: what it points at stays as it is, and it does not pass for the file.
#[test]
fn a_link_in_the_place_of_a_file_does_not_pass_for_it() {
    let stack = Stack::small_and_generated();
    let outside = tempfile::tempdir().unwrap();
    let target = outside.path().join("target");
    for text in [fs::read(stack.path("generated/base/Dockerfile")).unwrap(), b"other".to_vec()] {
        fs::write(&target, &text).unwrap();
        fs::remove_file(stack.path("generated/base/Dockerfile")).unwrap();
        symlink(&target, stack.path("generated/base/Dockerfile")).unwrap();
        let check = run(&mut stack.command(CHECK));
        assert!(matches!(check.status, Some(1 | 2)), "the link passes for the file: {check:?}");
        let generate = run(&mut stack.command(GENERATE));
        assert_eq!(fs::read(&target).unwrap(), text, "the target of the link was written");
        if generate.status == Some(0) {
            assert!(!stack.path("generated/base/Dockerfile").is_symlink());
        } else {
            generate.expect(2);
            fs::remove_file(stack.path("generated/base/Dockerfile")).unwrap();
            stack.rdspec(GENERATE).expect(0);
        }
    }
}

#[test]
fn a_folder_or_a_pipe_in_the_place_of_a_file_is_refused() {
    let stack = Stack::small();
    fs::create_dir_all(stack.path("generated/base/Dockerfile")).unwrap();
    assert!(refused(&stack, GENERATE).stderr.contains("base/Dockerfile"));
    let stack = Stack::small();
    fs::create_dir_all(stack.path("generated/base")).unwrap();
    run(tool("mkfifo", "coreutils").arg(stack.path("generated/base/Dockerfile"))).expect(0);
    assert!(refused(&stack, GENERATE).stderr.contains("base/Dockerfile"));
}

#[test]
fn a_file_in_the_place_of_a_folder_is_refused_and_kept() {
    let stack = Stack::small();
    stack.write("generated/base", "mine");
    let run = run(&mut stack.command(GENERATE)).expect(4);
    assert!(run.stderr.contains("generated/base"), "{}", run.stderr);
    assert_eq!(fs::read(stack.path("generated/base")).unwrap(), b"mine");
}

#[test]
fn a_manifest_that_names_other_places_removes_nothing_there() {
    let stack = Stack::small_and_generated();
    stack.write("precious", "precious");
    let manifest = stack.path("generated/.rdspec-manifest");
    let mut text = fs::read_to_string(&manifest).unwrap();
    let absolute = stack.path("precious").display().to_string();
    write!(text, "../precious\n{absolute}\nbase/../../precious\n./x\n\u{0}\n").unwrap();
    fs::write(&manifest, text).unwrap();
    stack.rdspec(GENERATE).expect(0);
    assert!(stack.path("precious").exists());
    stack.rdspec(CHECK).expect(0);
}
