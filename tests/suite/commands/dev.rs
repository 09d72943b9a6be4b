//! `rdspec dev`, with an engine that builds nothing and knows the names of what it was asked to build.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::harness::{Run, Stack, run};

/// An engine whose images are files: a name has an id and a number of layers.
const ENGINE: &str = r#"#!/bin/sh
# docker, as far as `rdspec build` and `rdspec dev` need it.
place() { echo "$STORE/$(echo "$1" | tr / +)"; }
case "$1" in
build)
    while [ $# -gt 1 ]; do
        [ "$1" = --tag ] && name=$2
        shift
    done
    case " $name " in *"$FAIL_ON"*) echo "${FAIL_WITH:-it fails}" >&2; exit 7 ;; esac
    cksum <"$1/Dockerfile" >"$(place "$name")"
    cp "$1/Dockerfile" "$STORE/Dockerfile"
    ;;
tag) cp "$(place "$2")" "$(place "$3")" ;;
image)
    for name; do :; done
    [ -e "$(place "$name")" ] || { echo "Error: No such image: $name" >&2; exit 1; }
    case "$*" in
    *Layers*) echo "${LAYERS:-20}" ;;
    *) echo "[{\"Id\": \"$(cut -d' ' -f1 "$(place "$name")")\", \"RepoTags\": [], \"Size\": 1}]" ;;
    esac
    ;;
rmi) rm "$(place "$2")" ;;
run)
    echo "run: $*"
    case "$*" in *entrypoint*) cat ;; *) touch "$STORE/running"; while [ -e "$STORE/running" ]; do sleep 0.1; done ;; esac
    ;;
stop) rm "$STORE/running" ;;
esac
"#;

pub(super) const CHILD: &str = "registry.example.org/demo-child:latest";

/// A stack with an engine.
pub(super) fn stack() -> Stack {
    let stack = Stack::small();
    stack.write("bin/docker", ENGINE);
    fs::set_permissions(stack.path("bin/docker"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::create_dir_all(stack.path("store")).unwrap();
    stack
}

/// The same, built.
pub(super) fn built() -> Stack {
    let stack = stack();
    run(&mut command(&stack, &["build"])).expect(0);
    stack
}

pub(super) fn command(stack: &Stack, arguments: &[&str]) -> Command {
    let mut command = stack.command(arguments);
    command
        .env("PATH", format!("{}:/usr/bin:/bin", stack.path("bin").display()))
        .env("STORE", stack.path("store"))
        .env("FAIL_ON", "no image is called so");
    command
}

pub(super) fn dev(stack: &Stack, arguments: &[&str]) -> Run {
    run(&mut command(stack, &[&["dev"], arguments].concat()))
}

/// What was built last.
pub(super) fn dockerfile(stack: &Stack) -> String {
    fs::read_to_string(stack.path("store/Dockerfile")).unwrap()
}

#[test]
fn what_differs_from_the_last_build_is_built_on_top_of_it() {
    let stack = built();
    stack.edit("spec/components/tool.toml", "green", "blue");
    let run = dev(&stack, &["child"]).expect(0);
    for said in ["Files of tool", &format!("built {CHILD}-dev in"), "in place, the same change"] {
        assert!(run.stderr.contains(said), "no {said:?} in {}", run.stderr);
    }
    let text = dockerfile(&stack);
    assert!(text.contains(&format!("ARG BASE={CHILD}-built\n")), "{text}");
    assert_eq!(text.matches("\nCOPY ").count() + text.matches("\nRUN ").count(), 1, "{text}");
    assert!(!stack.path("generated").exists(), "nothing of it is generated");
    assert!(stack.path(".rdspec/dev/child/Dockerfile").exists());
    assert_eq!(fs::read_to_string(stack.path(".rdspec/.gitignore")).unwrap(), "*\n");
}

#[test]
fn it_says_before_it_builds_and_builds_nothing_where_nothing_differs() {
    let stack = built();
    let before = dockerfile(&stack);
    let run = dev(&stack, &["child"]).expect(0);
    assert!(run.stderr.contains("nothing differs from what was built"), "{}", run.stderr);
    stack.edit("spec/components/tool.toml", "green", "blue");
    let run = dev(&stack, &["child", "--dry-run"]).expect(0);
    assert!(run.stderr.contains("Files of tool"), "{}", run.stderr);
    assert_eq!(dockerfile(&stack), before);
}

#[test]
fn only_what_was_built_as_a_whole_is_remembered() {
    let stack = built();
    stack.edit("spec/components/tool.toml", "green", "blue");
    run(command(&stack, &["build"]).env("FAIL_ON", "demo-child")).expect(4);
    // The base was built with the change, the child was not: every tag is as it was.
    for image in ["base", "child"] {
        assert!(dev(&stack, &[image]).expect(0).stderr.contains("Files of tool"));
    }
    run(&mut command(&stack, &["build", "base"])).expect(0);
    assert!(dev(&stack, &["base"]).expect(0).stderr.contains("nothing differs"));
    assert!(dev(&stack, &["child"]).expect(0).stderr.contains("Files of tool"));
}

#[test]
fn what_another_rdspec_wrote_otherwise_is_said() {
    let stack = built();
    let words =
        "this one writes other scripts from the same spec, and only `rdspec build child` runs them";
    let run = dev(&stack, &["child", "--dry-run"]).expect(0);
    assert!(!run.stderr.contains(words), "{}", run.stderr);
    let record = stack.path(".rdspec/baselines/child/image.json");
    let mut kept: serde_json::Value = serde_json::from_slice(&fs::read(&record).unwrap()).unwrap();
    kept["written"] = "0123456789abcdef".into();
    fs::write(&record, kept.to_string()).unwrap();
    let run = dev(&stack, &["child", "--dry-run"]).expect(0);
    assert!(run.stderr.contains(words), "{}", run.stderr);
}

#[test]
fn what_it_cannot_start_from_is_said_with_what_helps() {
    let stack = stack();
    let said = |run: Run, status: i32, words: &[&str]| {
        let run = run.expect(status);
        for words in words {
            assert!(run.stderr.contains(words), "no {words:?} in {}", run.stderr);
        }
    };
    said(dev(&stack, &["child"]), 2, &["was not built here yet", "`rdspec build child`"]);
    said(dev(&stack, &["chid"]), 2, &["no image `chid`", "did you mean `child`?"]);
    said(dev(&stack, &[]), 2, &["which image is meant?", "base, child"]);
    said(dev(&stack, &["child", "--base", "HEAD"]), 2, &["reading the spec of HEAD"]);
    run(&mut command(&stack, &["build"])).expect(0);
    stack.edit("spec/components/tool.toml", "green", "blue");
    said(dev(&stack, &["child", "--engine", "podman"]), 2, &["last built with docker"]);
    let store = stack.path("store").join(format!("{}-built", CHILD.replace('/', "+")));
    let kept = fs::read(&store).unwrap();
    fs::write(&store, "another").unwrap();
    said(dev(&stack, &["child"]), 4, &["is another image than the one that was built"]);
    fs::remove_file(&store).unwrap();
    said(
        dev(&stack, &["child"]),
        4,
        &["is gone from docker", "run `rdspec build child` once more"],
    );
    fs::write(&store, kept).unwrap();
    let many = run(command(&stack, &["dev", "child"]).env("LAYERS", "127"));
    said(many, 1, &["would have 128 layers, 1 of them late", "engines stack 127"]);
    dev(&stack, &["child"]).expect(0);
}

#[test]
fn a_failing_build_leaves_the_last_late_image() {
    let stack = built();
    stack.edit("spec/components/tool.toml", "green", "blue");
    dev(&stack, &["child"]).expect(0);
    let late = stack.path("store").join(format!("{}-dev", CHILD.replace('/', "+")));
    let before = fs::read(&late).unwrap();
    stack.edit("spec/components/tool.toml", "blue", "red");
    run(command(&stack, &["dev", "child"]).env("FAIL_ON", "-dev")).expect(4);
    assert_eq!(fs::read(&late).unwrap(), before);
}

#[test]
fn a_failure_names_the_late_layer_and_the_line_of_a_parents_component() {
    let stack = built();
    stack.edit("spec/components/tool.toml", "\"sudo\"", "\"sudo\", \"treee\"");
    stack.edit("spec/components/tool.toml", "\"echo building\"", "\"echo building\"\nundo = \":\"");
    // The first layer is what the script takes back.
    let told = "#5 [3/4] RUN bash /run/dev.apt.sh\n#5 0.1 E: Unable to locate package treee\n#5 ERROR: exit code: 100";
    let mut dev = command(&stack, &["dev", "child"]);
    let run = run(dev.env("FAIL_ON", "-dev").env("FAIL_WITH", told)).expect(4);
    for words in [
        "building `child` failed in its layer dev.apt.sh, of tool",
        "--> spec/components/tool.toml:4:21",
        "this package",
    ] {
        assert!(run.stderr.contains(words), "no {words:?} in {}", run.stderr);
    }
}

#[test]
fn a_secret_that_is_missing_is_named_before_anything_is_built() {
    let stack = built();
    let reads = "\"echo secret\"\nundo = \":\"\nsecrets = [\"license\"]";
    stack.edit("spec/components/tool.toml", "\"echo building\"", reads);
    let run = dev(&stack, &["child"]).expect(2);
    assert!(
        run.stderr.contains("error: the secret `license` is missing, which "),
        "{}",
        run.stderr
    );
}

#[test]
fn a_revision_of_git_is_a_baseline_as_well() {
    let stack = built();
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        let identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"];
        run(git.arg("-C").arg(stack.root()).args(identity).args(arguments)).expect(0)
    };
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    assert!(!git(&["status", "--porcelain"]).stdout.contains(".rdspec"));
    git(&["commit", "--quiet", "--message", "First"]);
    // The tree may be dirty: that is what is tried.
    stack.edit("spec/components/tool.toml", "green", "blue");
    let run = dev(&stack, &["child", "--base", "HEAD"]).expect(0);
    assert!(run.stderr.contains("is taken for what HEAD builds"), "{}", run.stderr);
    assert!(dockerfile(&stack).contains(&format!("ARG BASE={CHILD}\n")));
}

#[test]
fn its_checks_run_in_a_container_of_it() {
    let stack = built();
    stack.edit("spec/components/tool.toml", "tool --version", "tool --help");
    let run = dev(&stack, &["child", "--test"]).expect(0);
    let on = format!("--entrypoint= {CHILD}-built bash -s");
    assert!(run.stdout.contains(&on) && run.stdout.contains("tool --help"), "{}", run.stdout);
    stack.edit("spec/components/tool.toml", "green", "blue");
    let run = dev(&stack, &["child", "--shell"]).expect(0);
    assert!(run.stdout.contains(&format!("--entrypoint= {CHILD}-dev bash -l")), "{}", run.stdout);
}

/// Waits until a file has a text.
#[track_caller]
fn wait_for(path: &std::path::Path, text: &str) -> String {
    for _ in 0..600 {
        let found = fs::read_to_string(path).unwrap_or_default();
        if found.contains(text) {
            return found;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    panic!("{text:?} never came: {}", fs::read_to_string(path).unwrap_or_default());
}

#[test]
fn a_watched_spec_is_built_when_it_changes_and_a_failure_stops_nothing() {
    let stack = built();
    let said = stack.path("said");
    let output = fs::File::create(&said).unwrap();
    let mut watching = command(&stack, &["dev", "child", "--watch", "--run"])
        .env("FAIL_ON", "no image is called so")
        .stdin(std::process::Stdio::null())
        .stdout(output.try_clone().unwrap())
        .stderr(output)
        .spawn()
        .unwrap();
    wait_for(&said, "watching the spec");
    stack.edit("spec/components/tool.toml", "green", "blue");
    let text = wait_for(&said, &format!("built {CHILD}-dev in"));
    assert!(text.contains("nothing differs from what was built"), "{text}");
    // The container of the new one took the place of that of what was built.
    wait_for(&said, &format!("{CHILD}-dev"));
    // A mistake is said, and what runs goes on.
    stack.edit("spec/components/tool.toml", "[apt]", "[appt]");
    wait_for(&said, "the last good container goes on");
    assert!(stack.path("store/running").exists());
    stack.edit("spec/components/tool.toml", "[appt]", "[apt]");
    // It ends in good order, and so does the container.
    run(Command::new("kill").args(["-s", "TERM", &watching.id().to_string()])).expect(0);
    assert_eq!(watching.wait().unwrap().code(), Some(143));
    assert!(!stack.path("store/running").exists());
}
