//! Reads what `checks.sh` prints: TAP, version 14 (testanything.org), of one level.

use serde::Serialize;

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It holds.
    Passed,
    /// It does not hold.
    Failed,
    /// It says itself that it does not apply here.
    Skipped,
}

impl Outcome {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Its component.
    pub component: String,
    /// The first line of its command.
    pub command: String,
    /// What came of it.
    pub outcome: Outcome,
    /// What it printed, where it failed, or why it was skipped.
    pub output: Vec<String>,
}

/// Collects checks from lines.
#[derive(Debug, Default)]
pub struct Reader {
    planned: Option<usize>,
    checks: Vec<Check>,
    rest: Vec<String>,
}

impl Reader {
    /// Reads a line.
    pub fn line(&mut self, line: &str) {
        if let Some(check) = check(line) {
            self.checks.push(check);
        } else if let Some(planned) = line.strip_prefix("1..") {
            self.planned = planned.parse().ok();
        } else if let Some(output) = line.strip_prefix("  # ") {
            if let Some(check) = self.checks.last_mut() {
                check.output.push(output.to_owned());
            }
        } else if !line.starts_with("TAP version") {
            self.rest.push(line.to_owned());
        }
    }

    /// Whether all checks that were planned have ended.
    pub fn is_complete(&self) -> bool {
        self.planned == Some(self.checks.len())
    }

    /// Lines that are no TAP: what an engine said.
    pub fn rest(&self) -> &[String] {
        &self.rest
    }

    /// The checks, in their order.
    pub fn into_checks(self) -> Vec<Check> {
        self.checks
    }
}

/// `ok 3 - component: command`, `not ok …`, `ok … # SKIP reason`.
fn check(line: &str) -> Option<Check> {
    let (passed, rest) = match line.strip_prefix("not ok ") {
        Some(rest) => (false, rest),
        None => (true, line.strip_prefix("ok ")?),
    };
    let (number, title) = rest.split_once(" - ")?;
    number.parse::<usize>().ok()?;
    let (title, skipped) = match title.rsplit_once(" # SKIP") {
        Some((title, reason)) => (title, Some(reason.trim().to_owned())),
        None => (title, None),
    };
    let (component, command) = title.split_once(": ")?;
    let outcome = match (passed, &skipped) {
        (_, Some(_)) => Outcome::Skipped,
        (true, None) => Outcome::Passed,
        (false, None) => Outcome::Failed,
    };
    let output = skipped.into_iter().filter(|reason| !reason.is_empty()).collect();
    // What checks.sh escapes, since TAP reads a directive behind a hash.
    let command = command.replace("\\#", "#");
    Some(Check { component: component.to_owned(), command, outcome, output })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_checks_print() {
        let mut reader = Reader::default();
        let text = "TAP version 14\n1..3\nok 1 - a: true \\# x\nnot ok 2 - b: false\n  # one\n  # two\nbash: warning\nok 3 - c: sudo -n # SKIP no sudo here";
        text.lines().for_each(|line| reader.line(line));
        assert!(reader.is_complete());
        assert_eq!(reader.rest(), ["bash: warning"]);
        let checks = reader.into_checks();
        assert_eq!(checks[0].command, "true # x");
        assert_eq!(checks[1].outcome, Outcome::Failed);
        assert_eq!(checks[1].output, ["one", "two"]);
        assert_eq!(checks[2].outcome, Outcome::Skipped);
        assert_eq!(checks[2].output, ["no sudo here"]);
    }

    #[test]
    fn checks_that_were_cut_off_are_not_complete() {
        let mut reader = Reader::default();
        reader.line("1..2");
        reader.line("ok 1 - a: true");
        assert!(!reader.is_complete());
    }
}
