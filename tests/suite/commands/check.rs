//! `rdspec check`: all findings on stdout, for people and for scripts, and the status that they give.

use serde_json::Value;

use crate::harness::{Stack, files_below};

fn json(stack: &Stack, status: i32) -> Vec<Value> {
    let run = stack.rdspec(&["-q", "check", "--format", "json"]).expect(status);
    assert_eq!(run.stderr, "");
    serde_json::from_str(&run.stdout).unwrap()
}

#[test]
fn a_good_spec_has_nothing_to_report_whatever_was_generated() {
    let stack = Stack::small();
    let run = stack.rdspec(&["check"]).expect(0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", "nothing to report\n"));
    assert!(json(&stack, 0).is_empty());
    assert!(!stack.path("generated").exists());
}

#[test]
fn warnings_are_findings() {
    let stack = Stack::small();
    stack.write("spec/resources/tool/extra", "");
    let run = stack.rdspec(&["check"]).expect(1);
    assert!(run.stdout.starts_with("warning[unused-resource]: nothing uses "), "{}", run.stdout);
    assert_eq!(run.stderr, "1 warning\n");
    let found = json(&stack, 1);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["code"], "unused-resource");
    assert_eq!(found[0]["severity"], "warning");
    assert_eq!(found[0]["file"], "spec/resources/tool/extra");
}

#[test]
fn all_errors_are_reported_with_their_places() {
    let stack = Stack::small();
    stack.edit("spec/components/tool.toml", "[script]", "[scirpt]");
    stack.write("spec/components/extra.toml", "summary = \"é\"; x = 1\n");
    stack.write("spec/resources/tool/extra", "");
    let before = files_below(stack.root());
    let run = stack.rdspec(&["check"]).expect(2);
    assert!(run.stdout.contains("error[unknown-key]: "), "{}", run.stdout);
    assert!(run.stdout.contains("error[toml-syntax]: "), "{}", run.stdout);
    assert!(run.stderr.starts_with("2 errors"), "{}", run.stderr);
    let found = json(&stack, 2);
    assert_eq!(files_below(stack.root()), before, "check wrote something");
    let syntax = &found[0];
    assert_eq!(syntax["code"], "toml-syntax");
    assert_eq!(syntax["file"], "spec/components/extra.toml");
    assert_eq!((&syntax["line"], &syntax["column"]), (&1.into(), &14.into()), "{syntax}");
    let key = &found[1];
    assert_eq!(key["code"], "unknown-key");
    assert_eq!(key["severity"], "error");
    assert_eq!(key["message"], "a component has no key `scirpt`");
    assert_eq!(key["label"], "unknown key");
    assert_eq!(key["help"], "did you mean `script`?");
    assert_eq!((&key["line"], &key["column"]), (&6.into(), &2.into()));
    assert_eq!(key["end"], serde_json::json!({ "line": 6, "column": 8 }));
    assert_eq!(key["related"], serde_json::json!([]));
}

#[test]
fn other_places_are_related() {
    let stack = Stack::small();
    stack.edit(
        "spec/components/extra.toml",
        "/etc/extra/deep/folder/extra.conf\"]",
        "/etc/tool/settings.conf\"]",
    );
    let found = json(&stack, 2);
    let other = found.iter().flat_map(|found| found["related"].as_array().unwrap()).next().unwrap();
    assert_eq!(other["file"], "spec/components/tool.toml");
    assert!(other["line"].as_u64().unwrap() > 1, "{other}");
}

#[test]
fn no_spec_is_a_mistake_of_usage() {
    let stack = Stack::small();
    std::fs::remove_dir_all(stack.path("spec")).unwrap();
    let run = stack.rdspec(&["check", "--format", "json"]).expect(2);
    assert_eq!(run.stdout, "");
    assert!(run.stderr.starts_with("error: there is no spec in "), "{}", run.stderr);
}

#[test]
fn a_key_that_has_expired_is_a_finding_of_check_alone_and_can_be_accepted() {
    let stack = Stack::small();
    let key = include_str!("../../keys/expired-2020.asc");
    stack.write("spec/resources/tool/vendor.asc", key);
    let repository = "[apt.repositories.vendor]\nuri = \"https://packages.example.org/debian\"\n\
        suites = [\"stable\"]\ncomponents = [\"main\"]\nkey = \"vendor.asc\"\n\
        fingerprint = \"0B065486DAC0FF37E0F506B75854E1474B102678\"\n";
    stack.edit("spec/components/tool.toml", "[script]", &format!("{repository}\n[script]"));
    let run = stack.rdspec(&["check"]).expect(1);
    let message = "warning[expired-key]: the key of `vendor` expired on 2020-01-31";
    assert!(run.stdout.starts_with(message), "{}", run.stdout);
    let run = stack.rdspec(&["generate"]).expect(0);
    assert!(!run.stderr.contains("expired-key"), "{}", run.stderr);
    let accepted = format!("[accept]\nexpired-key = \"the vendor is gone\"\n\n{repository}");
    stack.edit("spec/components/tool.toml", repository, &accepted);
    assert_eq!(stack.rdspec(&["check"]).expect(0).stderr, "nothing to report\n");
    let run = stack.rdspec(&["generate", "--check"]).expect(0);
    assert!(!run.stderr.contains("unused-accept"), "{}", run.stderr);
}
