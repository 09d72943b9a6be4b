//! `rdspec build`, with engines that only write down what they were asked.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::harness::{Run, Stack, run, tool};

/// What a build context looks like to an engine: one line a file, with mode and time.
const RECORD: &str = r#"#!/bin/sh
# An engine that builds nothing: it notes its arguments and the context, and fails where it is told to.
for context; do :; done
if [ "$1" != build ]; then
    echo "${0##*/} $*" >>"$RECORD.store"
    case "$*" in
    "image inspect"*) echo '[{"Id": "sha256:12", "RepoTags": ["a:b"], "Size": 3}]' ;;
    "inspect"*) echo '{"FromImageID": "12"}' ;;
    "images"*) echo '[]' ;;
    esac
    exit
fi
{
    echo "engine ${0##*/} buildkit=$DOCKER_BUILDKIT"
    for argument; do
        if [ "$argument" = "$context" ]; then argument=CONTEXT; fi
        echo "argument $argument"
    done
    cd "$context" && find . -type f -printf 'file %m %T@ %P\n' -o -mindepth 1 -type d -printf 'folder %m %P\n' | sort
} >>"$RECORD"
echo "the engine talks"
case " $* " in *"$FAIL_ON"*) exit 7 ;; esac
"#;

/// A stack beside a folder with these engines on the PATH.
fn stack_with(engines: &[&str]) -> Stack {
    let stack = Stack::small();
    for engine in engines {
        let path = format!("bin/{engine}");
        stack.write(&path, RECORD);
        fs::set_permissions(stack.path(&path), fs::Permissions::from_mode(0o755)).unwrap();
    }
    fs::create_dir_all(stack.path("bin")).unwrap();
    stack
}

/// Runs `rdspec build` under a umask; an image of this name fails.
fn build(stack: &Stack, umask: &str, fail_on: &str, arguments: &[&str]) -> Run {
    let mut command = tool("sh", "dash");
    command
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", stack.path("bin").display()))
        .env("RECORD", stack.path("record"))
        .env("FAIL_ON", fail_on)
        .args(["-c", &format!("umask {umask}; exec \"$@\""), "sh"])
        .arg(env!("CARGO_BIN_EXE_rdspec"))
        .arg("-C")
        .arg(stack.root())
        .arg("build")
        .args(arguments);
    run(&mut command)
}

/// What the engine wrote down: the lines of each call.
fn record(stack: &Stack) -> Vec<Vec<String>> {
    let text = fs::read_to_string(stack.path("record")).unwrap_or_default();
    let mut calls: Vec<Vec<String>> = Vec::new();
    for line in text.lines() {
        if line.starts_with("engine ") {
            calls.push(Vec::new());
        }
        calls.last_mut().unwrap().push(line.to_owned());
    }
    calls
}

fn arguments(call: &[String]) -> Vec<&str> {
    call.iter().filter_map(|line| line.strip_prefix("argument ")).collect()
}

const NONE: &str = "no image is called so";

#[test]
fn parents_are_built_before_children_on_what_was_just_built() {
    let stack = stack_with(&["docker"]);
    let run = build(&stack, "022", NONE, &[]).expect(0);
    assert_eq!(run.stdout, "", "stdout is for results");
    let calls = record(&stack);
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[0][0], "engine docker buildkit=1");
    let (base, child) = (
        "registry.example.org/demo-base:latest-unfinished",
        "registry.example.org/demo-child:latest-unfinished",
    );
    let start = ["build", "--progress=plain", "--build-arg"];
    let words = [&start[..], &["BASE=debian:bookworm", "--tag", base, "CONTEXT"]].concat();
    assert_eq!(arguments(&calls[0]), words);
    let on_base = format!("BASE={base}");
    let words = [&start[..], &[on_base.as_str(), "--tag", child, "CONTEXT"]].concat();
    assert_eq!(arguments(&calls[1]), words);
}

/// What the store of the engine was asked.
fn store(stack: &Stack) -> Vec<String> {
    let text = fs::read_to_string(stack.path("record.store")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn images_get_their_names_when_all_of_them_are_there() {
    let stack = stack_with(&["docker"]);
    build(&stack, "022", NONE, &["--tag", "a1b2", "--tag", "main"]).expect(0);
    let base = "registry.example.org/demo-base";
    let child = "registry.example.org/demo-child";
    let calls = store(&stack);
    let names: Vec<String> = [base, child]
        .iter()
        .flat_map(|image| {
            ["a1b2", "main"].map(|tag| format!("docker tag {image}:a1b2-unfinished {image}:{tag}"))
        })
        .chain([child, base].iter().map(|image| format!("docker rmi {image}:a1b2-unfinished")))
        .collect();
    assert_eq!(calls[..6], names);

    let stack = stack_with(&["docker"]);
    build(&stack, "022", "demo-child", &[]).expect(4);
    assert_eq!(store(&stack), Vec::<String>::new(), "a tag moved although the chain is not whole");
}

#[test]
fn everything_that_the_engine_prints_is_shown_only_when_asked() {
    let stack = stack_with(&["docker"]);
    let shows = |arguments: &[&str]| {
        build(&stack, "022", NONE, arguments).expect(0).stderr.contains("the engine talks")
    };
    assert!(!shows(&[]));
    assert!(shows(&["--verbose"]));
    assert_eq!(build(&stack, "022", NONE, &["--quiet"]).expect(0).stderr, "");
}

#[test]
fn one_image_is_built_with_its_parents_and_a_parent_alone_without_children() {
    let stack = stack_with(&["docker"]);
    build(&stack, "022", NONE, &["child"]).expect(0);
    assert_eq!(record(&stack).len(), 2);
    fs::remove_file(stack.path("record")).unwrap();
    build(&stack, "022", NONE, &["base"]).expect(0);
    assert_eq!(record(&stack).len(), 1);
}

#[test]
fn options_reach_the_engine() {
    let stack = stack_with(&["buildah"]);
    let options = [
        "--engine",
        "buildah",
        "--variant",
        "two",
        "--network",
        "host",
        "--no-cache",
        "--base",
        "local:x",
    ];
    build(&stack, "022", NONE, &options).expect(0);
    let calls = record(&stack);
    assert_eq!(calls[0][0], "engine buildah buildkit=");
    let base = "registry.example.org/demo-base:latest-two-unfinished";
    let words = arguments(&calls[0]).join(" ");
    assert_eq!(
        words,
        format!(
            "build --layers --force-rm --format docker --network host --no-cache --build-arg BASE=local:x --tag {base} CONTEXT"
        )
    );
    let words = arguments(&calls[1]).join(" ");
    assert!(words.contains(&format!("--build-arg BASE={base}")), "{words}");
}

/// Engines have modes and times in the keys of their caches.
#[test]
fn the_context_has_constant_modes_and_times_under_any_umask() {
    let mut seen = Vec::new();
    for umask in ["077", "022", "000"] {
        let stack = stack_with(&["podman"]);
        build(&stack, umask, NONE, &["--engine", "podman"]).expect(0);
        let files: Vec<String> = record(&stack).concat();
        for line in &files {
            let fields: Vec<&str> = line.splitn(4, ' ').collect();
            match fields[0] {
                "file" => {
                    let script = Path::new(fields[3]).extension().is_some_and(|e| e == "sh");
                    assert_eq!(fields[1], if script { "755" } else { "644" }, "{umask}: {line}");
                    assert_eq!(fields[2], "1767225600.0000000000", "{umask}: {line}");
                }
                "folder" => assert_eq!(fields[1], "755", "{umask}: {line}"),
                _ => {}
            }
        }
        assert!(files.iter().any(|line| line.ends_with(" Dockerfile")));
        assert!(files.iter().any(|line| line.ends_with(" resources/tools/tool.sh")));
        seen.push(files);
    }
    assert!(seen.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn the_context_is_what_generate_writes() {
    let stack = stack_with(&["docker"]);
    build(&stack, "022", NONE, &["base"]).expect(0);
    assert!(!stack.path("generated").exists(), "build wrote the output folder");
    let lines = record(&stack).concat().into_iter();
    let mut sent: Vec<String> = lines
        .filter(|line| line.starts_with("file "))
        .map(|line| line.splitn(4, ' ').last().unwrap().to_owned())
        .collect();
    sent.sort();
    stack.rdspec(&["generate"]).expect(0);
    let written: Vec<String> = stack
        .generated()
        .into_keys()
        .filter(|path| !path.ends_with('/'))
        .filter_map(|path| path.strip_prefix("base/").map(str::to_owned))
        .collect();
    assert_eq!(sent, written);
}

#[test]
fn a_failing_engine_stops_the_chain_with_status_4() {
    let stack = stack_with(&["docker"]);
    let run = build(&stack, "022", "demo-base", &[]).expect(4);
    assert_eq!(record(&stack).len(), 1, "the child was built on a parent that failed");
    assert!(run.stderr.contains("demo-base"), "{}", run.stderr);
    assert!(run.stderr.contains('7'), "{}", run.stderr);
}

#[test]
fn build_contexts_are_removed_also_after_a_failure() {
    let stack = stack_with(&["docker"]);
    fs::create_dir(stack.path("tmp")).unwrap();
    for fail_on in [NONE, "demo-base"] {
        let mut command = stack.command(&["build"]);
        command
            .env("PATH", format!("{}:/usr/bin:/bin", stack.path("bin").display()))
            .env("RECORD", stack.path("record"))
            .env("FAIL_ON", fail_on)
            .env("TMPDIR", stack.path("tmp"));
        run(&mut command);
        assert_eq!(fs::read_dir(stack.path("tmp")).unwrap().count(), 0);
    }
}

#[test]
fn the_first_engine_is_docker_and_another_can_be_asked_for() {
    let stack = stack_with(&["docker", "podman", "buildah"]);
    build(&stack, "022", NONE, &["base"]).expect(0);
    build(&stack, "022", NONE, &["base", "--engine", "podman"]).expect(0);
    let calls = record(&stack);
    assert_eq!(calls[0][0], "engine docker buildkit=1");
    assert_eq!(calls[1][0], "engine podman buildkit=");
}

#[test]
fn without_an_engine_the_status_is_4() {
    let stack = stack_with(&[]);
    let empty = stack.path("bin").display().to_string();
    for arguments in [&["build"][..], &["build", "--engine", "buildah"]] {
        for path in [Some(empty.as_str()), None] {
            let mut command = stack.command(arguments);
            command.envs(path.map(|path| ("PATH", path)));
            let run = run(&mut command).expect(4);
            assert!(run.stderr.contains("buildah"), "{}", run.stderr);
        }
    }
}

#[test]
fn a_file_on_the_path_that_is_no_program_is_no_engine() {
    let stack = stack_with(&["buildah"]);
    let path = stack.path("bin/buildah");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    // The machine may have a buildah of its own further down the PATH.
    let run =
        build(&stack, "022", NONE, &["base", "--engine", "buildah", "--base", "no/such:image"]);
    assert_eq!(run.status, Some(4), "{}", run.stderr);
    assert!(!run.stderr.contains(path.to_str().unwrap()), "{}", run.stderr);
}

#[test]
fn an_unknown_image_or_variant_is_refused_before_anything_is_built() {
    let stack = stack_with(&["docker"]);
    let run = build(&stack, "022", NONE, &["bsae"]).expect(2);
    assert!(run.stderr.contains("did you mean `base`?"), "{}", run.stderr);
    let run = build(&stack, "022", NONE, &["base", "--variant", "twoo"]).expect(2);
    assert!(run.stderr.contains("did you mean `two`?"), "{}", run.stderr);
    assert!(record(&stack).is_empty());
}
