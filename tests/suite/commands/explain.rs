//! `rdspec explain` and `rdspec completions`.

use rdspec::diagnostic::Code;
use serde_json::Value;

use crate::harness::{rdspec, run, tool};

#[test]
fn a_code_is_explained() {
    for name in ["unknown-key", "error[unknown-key]"] {
        let text = run(rdspec().args(["explain", name])).expect(0).stdout;
        assert!(
            text.starts_with("unknown-key (error)\n\nA key that the language does not have."),
            "{text}"
        );
    }
}

#[test]
fn every_code_is_listed_with_a_sentence() {
    let text = run(rdspec().args(["explain"])).expect(0).stdout;
    assert_eq!(text.lines().count(), Code::ALL.len());
    let json = run(rdspec().args(["explain", "--format", "json"])).expect(0).stdout;
    let all: Vec<Value> = serde_json::from_str(&json).unwrap();
    for entry in &all {
        let summary = entry["summary"].as_str().unwrap();
        assert!(summary.ends_with('.') && !summary.starts_with(' '), "{entry}");
    }
    assert!(all.iter().any(|entry| entry["severity"] == "warning"));
}

#[test]
fn an_unknown_code_gets_a_hint() {
    let said = run(rdspec().args(["explain", "unknwon-key"])).expect(2).stderr;
    assert!(said.contains("did you mean `unknown-key`?"), "{said}");
    let said = run(rdspec().args(["explain", "zebra"])).expect(2).stderr;
    assert!(said.contains("`rdspec explain` lists all codes"), "{said}");
}

#[test]
fn shells_get_completions_that_know_the_commands() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let text = run(rdspec().args(["completions", shell])).expect(0).stdout;
        for word in ["generate", "check", "completions"] {
            assert!(text.contains(word), "{shell} lacks {word}");
        }
    }
    let script = run(rdspec().args(["completions", "bash"])).expect(0).stdout;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("completions.sh");
    std::fs::write(&file, script).unwrap();
    run(tool("bash", "bash").arg("-n").arg(file)).expect(0);
}
