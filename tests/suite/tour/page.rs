//! The tour of README.md: its commands with what they print, and how both are compared.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A command of the tour with what it prints; `…` stands for any text, alone on a line for any lines.
pub(crate) struct Step {
    pub(crate) command: String,
    pub(crate) printed: Vec<String>,
    /// Whether it is in a block that says so: it builds something.
    pub(crate) needs_engine: bool,
}

/// README.md.
pub(crate) fn readme() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap()
}

/// The commands of a page, in its order.
pub(crate) fn steps(page: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for block in page.split("```console").skip(1) {
        let (word, block) = block.split_once('\n').unwrap();
        let needs_engine = word == " engine";
        assert!(needs_engine || word.is_empty(), "a block of no known kind: {word:?}");
        for line in block.split("```").next().unwrap().lines() {
            if let Some(command) = line.strip_prefix("$ ") {
                let command = command.to_owned();
                steps.push(Step { command, printed: Vec::new(), needs_engine });
                continue;
            }
            let step = steps.last_mut().unwrap();
            match line.strip_prefix('>') {
                Some(more) if step.printed.is_empty() => {
                    step.command.push('\n');
                    step.command.push_str(more.strip_prefix(' ').unwrap_or(more));
                }
                _ => step.printed.push(line.to_owned()),
            }
        }
    }
    steps
}

/// Runs commands one after the other in a folder and those below it that they enter. Each has to print what the page says.
/// `shell` sees what a user's would, and nothing else of this machine.
pub(crate) fn walk(steps: &[Step], folder: &Path, shell: impl Fn() -> Command) -> PathBuf {
    let mut at = folder.to_owned();
    for Step { command, printed, .. } in steps {
        let output = shell()
            .args(["-c", &format!("{{ {command}\n}} 2>&1")])
            .current_dir(&at)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_NAME"), "t")))
            .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_EMAIL"), "t@example.org")))
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert!(
            matches(printed, &lines),
            "$ {command}\nREADME.md says:\n{}\n\nit printed:\n{text}",
            printed.join("\n")
        );
        if let Some((_, below)) = command.split_once(" && cd ") {
            at = at.join(below);
        }
    }
    at
}

/// Whether a line is as the page says, where `…` is any text.
fn line_matches(pattern: &str, line: &str) -> bool {
    let mut parts = pattern.split('…');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = line.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

fn matches(pattern: &[String], lines: &[&str]) -> bool {
    match pattern {
        [] => lines.is_empty(),
        [any, rest @ ..] if any == "…" => {
            (0..=lines.len()).any(|skipped| matches(rest, &lines[skipped..]))
        }
        [first, rest @ ..] => {
            lines.first().is_some_and(|line| line_matches(first, line))
                && matches(rest, &lines[1..])
        }
    }
}
