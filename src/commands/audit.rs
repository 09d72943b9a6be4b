//! `rdspec audit`: where the bytes of a built image are, whose they are, and which of them are for nothing.

mod text;

use super::{DONE, FINDINGS, Session, WRONG, built};
use crate::audit::{self, Options, owners};
use crate::cli::Format;
use crate::cli::images::{Audit, Percentage};

/// Runs the command. A folder without a spec is no mistake: then nobody owns the layers.
///
/// # Errors
/// An image that cannot be read.
pub fn run(session: &Session, arguments: &Audit) -> anyhow::Result<u8> {
    let stack = if session.workspace.has_spec() {
        let files = session.workspace.load()?;
        let Some(output) = session.compile_files(&files)? else { return Ok(WRONG) };
        Some((files, output))
    } else {
        None
    };
    let image = built::open(&arguments.image, arguments.engine, &|_| None)?;
    let owned = stack.as_ref().and_then(|(files, output)| owners::find(files, output, &image));
    if stack.is_some() && owned.is_none() {
        session.say("no layer of the image is of the stack in this folder: nobody owns them");
    }
    let options = Options {
        base_layers: arguments.base_layers,
        min_efficiency: arguments.min_efficiency.map(Percentage::share),
        max_size: arguments.max_size.map(|size| size.0),
        worst: arguments.worst,
    };
    let report = audit::audit(&image, owned.as_ref(), &options)?;
    match arguments.format {
        Format::Json => session.print_json(&report)?,
        Format::Text => session.print(&text::write(&report)),
    }
    let exceeded: Vec<&audit::Budget> =
        report.budgets.iter().filter(|budget| budget.exceeded).collect();
    for budget in &exceeded {
        session.complain(&format!("error: {budget}"));
    }
    Ok(if exceeded.is_empty() { DONE } else { FINDINGS })
}
