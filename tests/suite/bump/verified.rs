//! `rdspec verify`: what upstreams still serve.

use super::{Answer, Fake, GITHUB, bytes, command, component, stack_with};
use crate::harness::run;

#[test]
fn what_is_served_is_compared_with_the_pins() {
    let fake = Fake::start();
    let stack = stack_with(&component(&fake, GITHUB));
    let verify =
        |arguments: &[&str]| run(&mut command(&stack, &fake, &[&["verify"], arguments].concat()));
    let path = |architecture| format!("/download/v1.0.0/tool-{architecture}");
    for architecture in ["amd64", "arm64"] {
        fake.serve(&path(architecture), Answer::ok(&bytes("1.0.0", architecture)));
    }
    assert!(verify(&[]).expect(0).stdout.contains("answers  spec/components/tool.toml:7"));
    assert!(verify(&["--deep"]).expect(0).stdout.contains("the same"));

    fake.serve(&path("arm64"), Answer::ok(b"other"));
    verify(&[]).expect(0);
    let deep = verify(&["--deep"]).expect(3);
    assert!(
        deep.stdout.contains("other bytes") && deep.stdout.contains("bump --repin"),
        "{}",
        deep.stdout
    );

    let page = Answer::ok(b"<html>log in").header("Content-Type", "text/html");
    fake.serve(&path("amd64"), page);
    assert!(verify(&[]).expect(4).stdout.contains("gave a page"));
    fake.serve(&path("amd64"), Answer::status(404));
    assert!(verify(&[]).expect(4).stdout.contains("gone"));
    let json: serde_json::Value =
        serde_json::from_str(&verify(&["--format", "json", "--deep"]).expect(3).stdout).unwrap();
    assert_eq!(json["files"][0]["status"], "gone");
}

#[test]
fn an_address_that_knows_no_head_is_asked_in_full() {
    let fake = Fake::start();
    let stack = stack_with(&component(&fake, GITHUB));
    for architecture in ["amd64", "arm64"] {
        let refused = Answer::status(405);
        let served = Answer::ok(&bytes("1.0.0", architecture));
        fake.serve_in_turn(&format!("/download/v1.0.0/tool-{architecture}"), &[refused, served]);
    }
    run(&mut command(&stack, &fake, &["verify"])).expect(0);
}
