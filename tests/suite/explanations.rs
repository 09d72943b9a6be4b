//! What `rdspec explain` says of each code: there is something, and its examples behave as it says.

use rdspec::compile::compile_in;
use rdspec::diagnostic::render::{Style, render};
use rdspec::diagnostic::{Code, Severity};
use rdspec::surroundings::Surroundings;

use crate::spec_case;

/// Codes that no example on a page can show: bytes that are not UTF-8, links, hundreds of lines, OpenPGP keys.
const WITHOUT_EXAMPLES: &[Code] = &[
    Code::NotUtf8,
    Code::UnusableFile,
    Code::TooManyLayers,
    Code::BadRepository,
    Code::DuplicateRepository,
    Code::BadFingerprint,
    Code::BadKey,
    Code::ExpiredKey,
    Code::KeyExpiresSoon,
];

/// The example below a heading: a component, or files with their paths.
fn example(text: &str, heading: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!("\n{heading}:\n\n```toml\n"))?;
    let example = format!("{}\n", rest.split_once("\n```\n")?.0);
    let header = if example.starts_with("-- ") { "" } else { "-- components/tool.toml --\n" };
    Some(format!("{header}{example}"))
}

#[test]
fn every_code_is_explained_in_some_detail() {
    for code in Code::ALL {
        let text = code.explanation();
        assert!(text.len() > 150 && text.ends_with(".\n"), "{}:\n{text}", code.name());
        assert!(text.lines().all(|line| line.trim_end() == line), "{}", code.name());
    }
}

#[test]
fn wrong_examples_show_the_code_and_right_ones_do_not() {
    let mut mistakes = Vec::new();
    for code in Code::ALL.iter().filter(|code| !WITHOUT_EXAMPLES.contains(code)) {
        let text = code.explanation();
        for heading in ["Wrong", "Right"] {
            let name = code.name();
            let Some(example) = example(text, heading) else {
                mistakes.push(format!("{name} has no example {heading:?}"));
                continue;
            };
            let files = spec_case::parse(example.as_bytes());
            let alone = Surroundings { now: None, has_file: Some(&|_| false) };
            let found = compile_in(&files, alone).unwrap().diagnostics;
            let shown = found.iter().any(|one| one.code == *code);
            let failed = found.iter().any(|one| one.severity() == Severity::Error);
            if shown != (heading == "Wrong") || (failed && heading == "Right") {
                let texts = found.iter().map(|one| render(one, &files, Style::Plain));
                mistakes
                    .push(format!("{name}, {heading}:\n{}", texts.collect::<Vec<_>>().join("\n")));
            }
        }
    }
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n\n"));
}
