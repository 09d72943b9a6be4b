//! What became of each pin, for people and for scripts.

use serde::Serialize;

use super::keys::{Fate, Published};
use super::look::Outcome;
use crate::bump::pins::{Fixed, Pin, Subject};
use crate::commands::printable::printable;
use crate::commands::problem::Problem;
use crate::commands::table::{Align, aligned};
use crate::versions::choice::Held;

/// A pin, as it is shown.
#[derive(Debug, Serialize)]
pub(super) struct Row<'a> {
    pub(super) name: &'a str,
    /// The component that has it; none has a base image, or the day of packages.
    pub(super) component: Option<&'a str>,
    pub(super) current: String,
    /// Where it moves to.
    pub(super) new: Option<&'a str>,
    /// How old that version is, in days.
    pub(super) age_days: Option<i64>,
    pub(super) evidence: Option<String>,
    pub(super) status: &'static str,
    /// What is held or passed over, and why; or what failed.
    pub(super) notes: Vec<String>,
    /// What to do about a failure.
    pub(super) help: Option<&'a str>,
}

/// How many versions that are held are named.
const SHOWN: usize = 3;

impl<'a> Row<'a> {
    /// What became of a pin at `now`, in seconds since 1970.
    pub(super) fn of(pin: &'a Pin<'_>, outcome: &'a Outcome, now: i64) -> Self {
        let component = match pin.subject {
            Subject::Image { .. } | Subject::Date(_) => None,
            Subject::Download { .. }
            | Subject::Python { .. }
            | Subject::Node { .. }
            | Subject::Package { .. } => Some(pin.owner),
        };
        Self::staying(&pin.name, component, pin.current.clone()).with(outcome, now)
    }

    fn staying(name: &'a str, component: Option<&'a str>, current: String) -> Self {
        Self {
            name,
            component,
            current,
            new: None,
            age_days: None,
            evidence: None,
            status: "current",
            notes: Vec::new(),
            help: None,
        }
    }

    fn with(self, outcome: &'a Outcome, now: i64) -> Self {
        let row = self;
        match outcome {
            Outcome::Current { held } => {
                let status = if held.is_empty() { "current" } else { "held" };
                Self { status, notes: held_notes(held).collect(), ..row }
            }
            Outcome::Moves(moved) => Self {
                new: Some(&moved.version),
                age_days: moved.published.map(|published| (now - published).max(0) / 86_400),
                evidence: Some(moved.evidence.to_string()),
                status: if moved.version == row.current { "new bytes" } else { "new" },
                notes: moved
                    .passed_over
                    .iter()
                    .map(|why| format!("passed over {why}"))
                    .chain(held_notes(&moved.held))
                    .chain(moved.notes.iter().cloned())
                    .collect(),
                ..row
            },
            Outcome::Stays(why) => Self { status: "fixed", notes: vec![why.clone()], ..row },
            Outcome::Failed(problem) => Self::failed(row, problem),
        }
    }
}

impl<'a> Row<'a> {
    /// What became of a key.
    pub(super) fn of_key(key: &'a Published<'_>, fate: &'a Fate) -> Self {
        let row = Self::staying(&key.name, Some(key.component), key.ends());
        match fate {
            Fate::Stays => row,
            Fate::Renewed { ends, .. } => Self {
                new: Some(ends),
                // The pinned one is what the new file has, too.
                evidence: Some("fingerprint".to_owned()),
                status: "new",
                ..row
            },
            Fate::Failed(problem) => Self::failed(row, problem),
        }
    }

    fn failed(row: Self, problem: &'a Problem) -> Self {
        Self {
            status: "failed",
            notes: vec![problem.message.clone()],
            help: problem.help.as_deref(),
            ..row
        }
    }
}

/// The first of the versions that are held, each with its reason.
fn held_notes(held: &[(String, Held)]) -> impl Iterator<Item = String> + '_ {
    let shown = held.iter().take(SHOWN);
    shown.map(|(version, why)| format!("{version} is held: {}", why.describe()))
}

/// Columns, notes below them, and the layers that are rebuilt. What upstreams say is in all of them, so each is made
/// harmless for a terminal.
pub(super) fn text(rows: &[Row<'_>], fixed: &[Fixed], rebuilt: &[String]) -> String {
    let mut cells =
        vec![["NAME", "CURRENT", "NEW", "AGE", "EVIDENCE", "STATUS"].map(str::to_owned)];
    for row in rows {
        cells.push([
            printable(row.name),
            printable(&row.current),
            printable(row.new.unwrap_or("-")),
            row.age_days.map_or_else(|| "-".to_owned(), |days| format!("{days} d")),
            printable(row.evidence.as_deref().unwrap_or("-")),
            row.status.to_owned(),
        ]);
    }
    for one in fixed {
        let current = printable(one.version.as_deref().unwrap_or("-"));
        let nothing = || "-".to_owned();
        cells.push([
            printable(&one.name),
            current,
            nothing(),
            nothing(),
            nothing(),
            "fixed".to_owned(),
        ]);
    }
    let mut text = aligned(&cells, [Align::Left; 6], 0);
    let notes = rows.iter().flat_map(|row| {
        let help = row.help.map(|help| format!("help: {help}"));
        let notes = row.notes.iter().cloned().chain(help);
        notes.map(|note| format!("{}: {note}", row.name))
    });
    let fixed = fixed.iter().map(|one| format!("{}: {}", one.name, one.why));
    let notes: String = notes.chain(fixed).map(|note| printable(&note) + "\n").collect();
    if !notes.is_empty() {
        text.push('\n');
        text.push_str(&notes);
    }
    if !rebuilt.is_empty() {
        text.push_str("\nThis rebuilds:\n");
        text.extend(rebuilt.iter().map(|layer| format!("  {layer}\n")));
    }
    text.push('\n');
    text
}

/// The same as one JSON value.
pub(super) fn json(rows: &[Row<'_>], fixed: &[Fixed], rebuilt: &[String]) -> serde_json::Value {
    let fixed: Vec<_> = fixed
        .iter()
        .map(|one| serde_json::json!({ "name": one.name, "current": one.version, "why": one.why }))
        .collect();
    serde_json::json!({ "pins": rows, "fixed": fixed, "rebuilds": rebuilt })
}
