//! The tour of README.md: each of its commands is run, and prints what the page says.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::harness::repository;

/// A command of the tour with what it prints; `…` stands for any text, alone on a line for any lines.
struct Step {
    command: String,
    printed: Vec<String>,
}

fn steps() -> Vec<Step> {
    let page = fs::read_to_string(repository().join("README.md")).unwrap();
    let mut steps: Vec<Step> = Vec::new();
    for block in page.split("```console\n").skip(1) {
        for line in block.split("```").next().unwrap().lines() {
            if let Some(command) = line.strip_prefix("$ ") {
                steps.push(Step { command: command.to_owned(), printed: Vec::new() });
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

#[test]
fn every_command_prints_what_the_page_says() {
    let steps = steps();
    assert!(steps.len() > 12, "only {} commands", steps.len());
    let folder = tempfile::tempdir().unwrap();
    let programs = Path::new(env!("CARGO_BIN_EXE_rdspec")).parent().unwrap();
    let mut at = folder.path().to_owned();
    for Step { command, printed } in steps {
        let output = Command::new("/bin/sh")
            .args(["-c", &format!("{{ {command}\n}} 2>&1")])
            .current_dir(&at)
            .env_clear()
            .env("PATH", format!("{}:/usr/bin:/bin", programs.display()))
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_NAME"), "t")))
            .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_EMAIL"), "t@example.org")))
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert!(
            matches(&printed, &lines),
            "$ {command}\nREADME.md says:\n{}\n\nit printed:\n{text}",
            printed.join("\n")
        );
        if let Some((_, below)) = command.split_once(" && cd ") {
            at = at.join(below);
        }
    }
}
