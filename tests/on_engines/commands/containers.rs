//! `rdspec test`, `rdspec run`, `rdspec shell`.

use super::SmallStack;
use crate::harness::engines;

#[test]
#[ignore = "needs engines: run tests/run"]
fn checks_run_as_the_user_and_as_clusters_do() {
    let stack = SmallStack::new("rdspec-tested");
    for engine in engines() {
        let (tap, told) = stack.expect(&engine, &["test", "--network", "host"], 0);
        for line in [
            "TAP version 14\n1..3\n# Subtest: base\n    1..3\n    ok 1 - tool: test -s /opt/tool/data\n",
            "\nok 1 - base\n# Subtest: left\n    1..4\n",
            "ok 3 - right\n",
        ] {
            assert!(tap.contains(line), "{}: no {line:?} in\n{tap}", engine.name);
        }
        assert!(told.contains("rdspec-tested-base:test: 3 passed"), "{}: {told}", engine.name);
        let as_other = ["test", "base", "--network", "host", "--as", "12345"];
        let (tap, told) = stack.expect(&engine, &as_other, 1);
        assert!(tap.contains("# SKIP who am I"), "{}: {tap}", engine.name);
        assert!(tap.contains("not ok 3 - tool: touch /tmp/file ~/file"), "{}: {tap}", engine.name);
        assert!(told.contains("1 passed, 1 failed, 1 skipped"), "{}: {told}", engine.name);
        let strict = [
            "test",
            "base",
            "--network",
            "host",
            "--format",
            "json",
            "--no-new-privileges",
            "--read-only",
        ];
        if engine.kind() == "buildah" {
            let (_, told) = stack.expect(&engine, &strict, 4);
            assert!(told.contains("buildah builds and cannot --no-new-privileges"), "{told}");
            continue;
        }
        let (json, _) = stack.expect(&engine, &strict, 0);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json[0]["counts"]["passed"], 3, "{}: {json}", engine.name);
        assert_eq!(json[0]["checks"][2]["component"], "tool", "{}: {json}", engine.name);
        let (privileges, _) = stack.expect(
            &engine,
            &[
                "shell",
                "base",
                "--network",
                "host",
                "--no-new-privileges",
                "--",
                "grep",
                "NoNewPrivs",
                "/proc/self/status",
            ],
            0,
        );
        assert_eq!(privileges, "NoNewPrivs:\t1\n", "{}", engine.name);
    }
}

#[test]
#[ignore = "needs engines: run tests/run"]
fn a_failing_check_fails_the_command_and_shows_what_it_printed() {
    let stack = SmallStack::new("rdspec-unsound");
    stack.edit("components/tool.toml", "test -s /opt/tool/data", "echo seen; false");
    for engine in engines() {
        let (tap, _) = stack.expect(&engine, &["test", "base", "--network", "host"], 1);
        let lines = "    not ok 1 - tool: echo seen; false\n      # seen\n";
        assert!(tap.contains(lines), "{}: {tap}", engine.name);
        assert!(tap.ends_with("not ok 1 - base\n"), "{}: {tap}", engine.name);
    }
}

#[test]
#[ignore = "needs engines: run tests/run"]
fn an_image_is_built_quietly_and_run() {
    let stack = SmallStack::new("rdspec-run");
    for engine in engines() {
        if engine.kind() == "buildah" {
            let (_, told) = stack.expect(&engine, &["run", "base", "--network", "host"], 4);
            assert!(told.contains("name docker or podman"), "{told}");
            continue;
        }
        stack.expect(&engine, &["build", "--network", "host"], 0);
        let (stdout, told) = stack.expect(&engine, &["run", "base", "--network", "host"], 0);
        assert_eq!(stdout, "serving everything as 1000\n", "{}", engine.name);
        assert_eq!(told, "base is at http://localhost:18765/\n", "{}", engine.name);
        let other =
            ["run", "left", "--network", "host", "--no-build", "--as", "7:8", "--", "a b", "$c"];
        let (stdout, _) = stack.expect(&engine, &other, 0);
        assert_eq!(stdout, "serving a b $c as 7\n", "{}", engine.name);
        let (_, told) = stack.expect(&engine, &["run", "--network", "host"], 2);
        assert!(told.contains("which image? There are base, left, right"), "{told}");
    }
}

#[test]
#[ignore = "needs engines: run tests/run"]
fn a_shell_is_the_users_or_roots() {
    let stack = SmallStack::new("rdspec-shell");
    for engine in engines() {
        let call = ["shell", "base", "--network", "host"];
        let (stdout, _) = stack.expect(&engine, &[&call[..], &["--", "id", "-u"]].concat(), 0);
        assert_eq!(stdout, "1000\n", "{}", engine.name);
        let root = ["--root", "--", "sh", "-c", "id -u; exit 5"];
        let (stdout, _) = stack.expect(&engine, &[&call[..], &root].concat(), 5);
        assert_eq!(stdout, "0\n", "{}", engine.name);
    }
}
