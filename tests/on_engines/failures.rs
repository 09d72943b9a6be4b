//! Builds that have to fail, and what they say.

use crate::harness::{Engine, engines, tail};
use crate::trap_stack::{Fixture, archive, sha256};

#[test]
#[ignore = "needs engines: run tests/run"]
fn a_failing_command_fails_the_build_with_its_name() {
    for engine in engines() {
        for (script, shown) in [
            ("true | false | true\necho unreachable-$((1 + 1))", "true | false | true"),
            ("value=$(false; echo x)\necho unreachable-$((1 + 1)) \"$value\"", "false; echo x"),
            (
                "wrong() { cat /does/not/exist; }\nwrong\necho unreachable-$((1 + 1))",
                "cat /does/not/exist",
            ),
        ] {
            let mut fixture = Fixture::new();
            fixture.stack.set(
                "components/tool.toml",
                &format!("summary = \"Fails\"\n\n[script]\nrun = '''\n{script}\n'''\n"),
            );
            fixture.write();
            let output = fixture.try_build(&engine);
            let text = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(4), "{}: {}", engine.name, tail(&text));
            assert!(text.contains("tool.sh: line "), "{}: {}", engine.name, tail(&text));
            assert!(text.contains(shown), "{}: {}", engine.name, tail(&text));
            assert!(!text.contains("unreachable-2"), "{}: {}", engine.name, tail(&text));
        }
    }
}

#[test]
#[ignore = "needs engines: run tests/run"]
fn a_wrong_checksum_fails_the_build_before_anything_is_unpacked() {
    for engine in engines() {
        let mut fixture = Fixture::new();
        let first = archive("first");
        // A pin that no cache can hold, and bytes that are no archive: an attempt to unpack them would say so.
        let pin = sha256(format!("never seen by {}", engine.name).as_bytes());
        fixture.stack.edit("components/tool.toml", &sha256(&first), &pin);
        let old = fixture.server.serve("/tool-1.tar.gz", &first);
        let url = fixture.server.serve("/tampered.tar.gz", b"something else");
        fixture.stack.edit("components/tool.toml", &old, &url);
        fixture.write();
        let output = fixture.try_build(&engine);
        expect_refusal(&engine, &output, &url, &pin);
    }
}

fn expect_refusal(engine: &Engine, output: &std::process::Output, url: &str, wanted: &str) {
    let text = String::from_utf8_lossy(&output.stderr);
    let served = sha256(b"something else");
    assert_eq!(output.status.code(), Some(4), "{}: {}", engine.name, tail(&text));
    let message = format!("{url}: the SHA-256 is {served}, wanted is {wanted}");
    assert!(text.contains(&message), "{}: {}", engine.name, tail(&text));
    assert!(!text.contains("tar: "), "{}: {}", engine.name, tail(&text));
    assert!(!text.contains("gzip: "), "{}: {}", engine.name, tail(&text));
}
