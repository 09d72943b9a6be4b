//! `rdspec check`: every mistake and finding of the spec, without the network. Whether `generated/` is current is
//! the business of `rdspec generate --check`.

use super::{DONE, FINDINGS, Session, WRONG, now};
use crate::cli::{Check, Format};
use crate::compile::compile_in;
use crate::dev::experiments;
use crate::diagnostic::render::render;
use crate::diagnostic::{Severity, json};
use crate::surroundings::Surroundings;

/// Runs the command.
///
/// # Errors
/// The spec folder cannot be read.
pub fn run(session: &Session, arguments: &Check) -> anyhow::Result<u8> {
    let files = session.workspace.load()?;
    let has_file = |path: &str| session.workspace.has_file(path);
    let surroundings = Surroundings { now: Some(now()), has_file: Some(&has_file) };
    let mut compiled = compile_in(&files, surroundings)?;
    if experiments::are_there(&files) {
        let own = match &compiled.output {
            Some(output) => experiments::check(&files, output, &compiled.diagnostics)?,
            None => experiments::check_text(&files),
        };
        compiled.diagnostics.extend(own);
    }
    let found = &compiled.diagnostics;
    match arguments.format {
        Format::Json => session.print_json(&json::reports(found, &files))?,
        Format::Text => {
            for diagnostic in found {
                session.print(&format!("{}\n\n", render(diagnostic, &files, session.style)));
            }
        }
    }
    let errors = found.iter().filter(|found| found.severity() == Severity::Error).count();
    let warnings = found.len() - errors;
    session.say(&match (errors, warnings) {
        (0, 0) => "nothing to report".to_owned(),
        (errors, 0) => count(errors, "error"),
        (0, warnings) => count(warnings, "warning"),
        (errors, warnings) => format!("{}, {}", count(errors, "error"), count(warnings, "warning")),
    });
    Ok(match (errors, warnings) {
        (0, 0) => DONE,
        (0, _) => FINDINGS,
        _ => WRONG,
    })
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
