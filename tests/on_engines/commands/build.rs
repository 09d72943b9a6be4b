//! `rdspec build`: progress, failures, interruptions, measurements.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::Duration;

use super::{SmallStack, has_image, image_id};
use crate::harness::engines;

#[test]
#[ignore = "needs engines: run tests/run"]
fn layers_are_told_one_by_one_and_a_second_build_takes_all_from_the_cache() {
    let stack = SmallStack::new("rdspec-told");
    // Never built before. With --no-cache there would be two of each, and podman builds on whichever it finds.
    stack.edit("components/tool.toml", "the tool", &format!("tool {}", nonce()));
    for engine in engines() {
        let (stdout, told) = stack.expect(&engine, &["build", "--network", "host"], 0);
        assert_eq!(stdout, "", "{}: stdout is for results", engine.name);
        for line in [
            "building rdspec-told-base:test on debian:bookworm with",
            "  base 2/3 tool: runs",
            "built rdspec-told-base:test",
            "built rdspec-told-left:test",
        ] {
            assert!(told.contains(line), "{}: no {line:?} in\n{told}", engine.name);
        }
        assert!(!told.contains("building tool"), "{}: {told}", engine.name);
        assert!(!told.contains("tool: cached"), "{}: {told}", engine.name);
        let (_, told) = stack.expect(&engine, &["build", "--network", "host"], 0);
        for line in ["base 2/3 tool: cached", "base is there after", "3 of 3 layers from the cache"]
        {
            assert!(told.contains(line), "{}: no {line:?} in\n{told}", engine.name);
        }
        assert!(!told.contains(": runs"), "{}: {told}", engine.name);
        assert!(!has_image(&engine, "rdspec-told-base:test-unfinished"), "{}", engine.name);
    }
}

/// A word that no build of another run has had.
fn nonce() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    now.as_nanos().to_string()
}

#[test]
#[ignore = "needs engines: run tests/run"]
fn docker_builds_images_side_by_side_that_do_not_build_on_each_other() {
    let stack = SmallStack::new("rdspec-side");
    for engine in engines().filter(|engine| engine.kind() == "docker") {
        let call = ["build", "--network", "host", "--no-cache"];
        let (_, told) = stack.expect(&engine, &call, 0);
        let place =
            |line: &str| told.find(line).unwrap_or_else(|| panic!("no {line:?} in\n{told}"));
        assert!(place("right 1/1 right: runs") < place("left is there"), "{told}");
        assert!(place("left 1/1 left: runs") < place("right is there"), "{told}");
        let (_, told) = stack.expect(&engine, &[&call[..], &["--jobs", "1"]].concat(), 0);
        let place =
            |line: &str| told.find(line).unwrap_or_else(|| panic!("no {line:?} in\n{told}"));
        assert!(place("left is there") < place("right 1/1 right: runs"), "{told}");
    }
}

#[test]
#[ignore = "needs engines: run tests/run"]
fn a_failure_names_layer_component_and_line_and_no_tag_moves() {
    for engine in engines() {
        let stack = SmallStack::new("rdspec-fails");
        stack.expect(&engine, &["build", "--network", "host"], 0);
        let before = ["base", "left", "right"].map(|image| image_id(&engine, &stack.image(image)));
        assert!(before.iter().all(|id| !id.is_empty()), "{}", engine.name);
        stack.edit("components/tool.toml", "echo building the tool", "echo another tool");
        stack.edit("components/left.toml", "sleep 3", "cat /does/not/exist");
        let (_, told) = stack.expect(&engine, &["build", "--network", "host"], 4);
        for words in [
            "cat: /does/not/exist: No such file",
            "building `left` failed in its layer left, of left",
            "--> spec/components/left.toml:5:",
        ] {
            assert!(told.contains(words), "{}: no {words:?} in\n{told}", engine.name);
        }
        let after = ["base", "left", "right"].map(|image| image_id(&engine, &stack.image(image)));
        assert_eq!(after, before, "{}: a tag moved", engine.name);
    }
}

/// What goes wrong, and what the message has to explain.
#[test]
#[ignore = "needs engines: run tests/run"]
fn known_troubles_are_explained() {
    for engine in engines() {
        for (script, meaning) in [
            ("echo x >/dev/full", "the disk is full"),
            ("kill -KILL $$", "something killed the command"),
        ] {
            let stack = SmallStack::new("rdspec-trouble");
            stack.edit("components/tool.toml", "echo building the tool", script);
            let (_, told) = stack.expect(&engine, &["build", "base", "--network", "host"], 4);
            assert!(told.contains(meaning), "{}: {script}: {told}", engine.name);
        }
        let stack = SmallStack::new("rdspec-trouble");
        let nowhere = ["build", "base", "--network", "host", "--base", "127.0.0.1:9/no/such:image"];
        let (_, told) = stack.expect(&engine, &nowhere, 4);
        assert!(
            told.contains("the base image is not in the engine's store"),
            "{}: {told}",
            engine.name
        );
        assert!(!has_image(&engine, &stack.image("base")), "{}", engine.name);
        if engine.kind() == "docker" {
            let mut command = stack.command(&engine, &["build", "base"]);
            // Named by its full path, since the engine's own wrapper sets the address.
            let output = command
                .env("PATH", "/usr/bin:/bin")
                .env("DOCKER_HOST", "unix:///nowhere.sock")
                .output()
                .unwrap();
            let told = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(4), "{}: {told}", engine.name);
            assert!(
                told.contains("the engine's daemon does not answer"),
                "{}: {told}",
                engine.name
            );
        }
    }
}

#[test]
#[ignore = "needs engines: run tests/run"]
fn a_signal_stops_the_build_in_good_order() {
    for engine in engines() {
        let stack = SmallStack::new("rdspec-stopped");
        stack.edit("components/tool.toml", "echo building the tool", "echo begun; sleep 271.828");
        let temporary = stack.root().join("tmp");
        std::fs::create_dir(&temporary).unwrap();
        let mut child = stack
            .command(&engine, &["build", "--network", "host"])
            .env("TMPDIR", &temporary)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let begun = lines.by_ref().map(Result::unwrap).find(|line| line.contains("tool: runs"));
        assert!(begun.is_some(), "{}: the build did not begin", engine.name);
        let pid = child.id().to_string();
        assert!(
            std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success()
        );
        let rest: Vec<String> = lines.map(Result::unwrap).collect();
        assert_eq!(child.wait().unwrap().code(), Some(130), "{}: {rest:?}", engine.name);
        assert!(rest.iter().any(|line| line.contains("every tag is as it was")), "{rest:?}");
        assert!(!has_image(&engine, &stack.image("base")), "{}", engine.name);
        let left: Vec<_> = std::fs::read_dir(&temporary).unwrap().flatten().collect();
        let own =
            left.iter().filter(|file| file.file_name().to_string_lossy().starts_with("rdspec"));
        assert_eq!(own.count(), 0, "{}: {left:?}", engine.name);
        assert!(!still_sleeps("271.828"), "{}: the script still runs", engine.name);
    }
}

/// Whether a process `sleep SECONDS` is there after a moment.
fn still_sleeps(seconds: &str) -> bool {
    for _ in 0..50 {
        let pattern = format!("sleep {seconds}");
        let found = std::process::Command::new("pgrep").args(["-fx", &pattern]).output().unwrap();
        if !found.status.success() {
            return false;
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    true
}

#[test]
#[ignore = "needs engines: run tests/run"]
fn measurements_reach_the_profile_and_the_plan() {
    for engine in engines() {
        let stack = SmallStack::new("rdspec-measured");
        let comment =
            "# kept by hand\nversion = 1\n\n[layers.default.base.tool]\nrate = 0.5 # mine\n";
        stack.write("profile.toml", comment);
        let call = ["build", "--network", "host", "--no-cache", "--record"];
        stack.expect(&engine, &call, 0);
        let profile = std::fs::read_to_string(stack.root().join("spec/profile.toml")).unwrap();
        assert!(profile.starts_with("# kept by hand\n"), "{profile}");
        assert!(profile.contains("rate = 0.5 # mine"), "{profile}");
        let plan = engine
            .command(env!("CARGO_BIN_EXE_rdspec"))
            .arg("-C")
            .arg(stack.root())
            .args(["plan", "left", "--format", "json"])
            .output()
            .unwrap();
        let plan: serde_json::Value = serde_json::from_slice(&plan.stdout).unwrap();
        let layer = &plan[0]["layers"][0];
        assert_eq!(layer["measured"], true, "{}: {plan}", engine.name);
        assert!(layer["seconds"].as_f64().unwrap() >= 3.0, "{}: {plan}", engine.name);
        assert!(profile.contains("[layers.default.left.left]"), "{profile}");
        if engine.kind() != "buildah" {
            let bytes = profile.split("[layers.default.base.tool]").nth(1).unwrap();
            let bytes = bytes.lines().find_map(|line| line.strip_prefix("bytes = ")).unwrap();
            assert!(bytes.parse::<u64>().unwrap() >= 100_000, "{}: {profile}", engine.name);
        }
    }
}
