//! Every kind of mistake: a minimal bad spec in `tests/diagnostics/<code>[.<detail>].txt`, and what
//! rdspec says about it as a snapshot.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use rdspec::compile::{compile, compile_in};
use rdspec::diagnostic::render::{Style, render};
use rdspec::diagnostic::{Code, Severity};
use rdspec::surroundings::Surroundings;

use crate::spec_case;

fn cases() -> Vec<(String, PathBuf)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics");
    let mut cases: Vec<(String, PathBuf)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), path))
        .collect();
    cases.sort();
    cases
}

#[test]
fn every_mistake_is_reported_as_its_snapshot_says() {
    for (name, path) in cases() {
        let files = spec_case::parse(&fs::read(path).unwrap());
        // What only shows with a clock, which is the same in all cases but one.
        let (december_2026, february_2027) = (1_796_083_200, 1_801_440_000);
        let now = if name == "expired-key" { february_2027 } else { december_2026 };
        // Nothing is beside the spec folder.
        let surroundings = Surroundings { now: Some(now), has_file: Some(&|_| false) };
        let compiled = compile_in(&files, surroundings).unwrap();
        let text: Vec<String> = compiled
            .diagnostics
            .iter()
            .map(|diagnostic| render(diagnostic, &files, Style::Plain))
            .collect();
        for (text, diagnostic) in text.iter().zip(&compiled.diagnostics) {
            let head = format!("[{}]: {}", diagnostic.code.name(), diagnostic.message);
            assert!(text.contains(&head), "{name}: the text lacks {head:?}:\n{text}");
            if let Some(part) = &diagnostic.help {
                let first = part.lines().next().unwrap();
                assert!(text.contains(first), "{name}: the text lacks {first:?}:\n{text}");
            }
        }
        let code = name.split('.').next().unwrap();
        assert!(
            compiled.diagnostics.iter().any(|diagnostic| diagnostic.code.name() == code),
            "{name} does not show {code}:\n{}",
            text.join("\n\n")
        );
        // Nothing half-done: output if and only if there is no error.
        let failed = compiled.diagnostics.iter().any(|d| d.severity() == Severity::Error);
        assert_eq!(compiled.output.is_none(), failed, "{name}");
        insta::with_settings!({ snapshot_path => "../snapshots/diagnostics", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name.as_str(), text.join("\n\n"));
        });
    }
}

#[test]
fn every_code_has_a_case() {
    let shown: BTreeSet<String> =
        cases().iter().map(|(name, _)| name.split('.').next().unwrap().to_owned()).collect();
    let missing: Vec<&str> =
        Code::ALL.iter().map(|code| code.name()).filter(|name| !shown.contains(*name)).collect();
    assert!(missing.is_empty(), "no case in tests/diagnostics for {missing:?}");
}

#[test]
fn diagnostics_point_into_the_text_that_they_show() {
    for (name, path) in cases() {
        let files = spec_case::parse(&fs::read(path).unwrap());
        for diagnostic in compile(&files).unwrap().diagnostics {
            let length = files.text(diagnostic.primary.span.file).len();
            assert!(diagnostic.primary.span.end <= length, "{name}: {diagnostic:?}");
            assert!(!diagnostic.message.ends_with('.'), "{name}: {}", diagnostic.message);
        }
    }
}
