//! `rdspec diff`: what changed between two built images.

mod text;

use super::{DONE, FINDINGS, Session, built};
use crate::cli::Format;
use crate::cli::images::Diff;
use crate::comparison;
use crate::image::{compare, packages};

/// Runs the command.
///
/// # Errors
/// An image that cannot be read.
pub fn run(session: &Session, arguments: &Diff) -> anyhow::Result<u8> {
    let open = |name: &str| built::open(name, arguments.engine, &packages::keep);
    let old = open(&arguments.old)?;
    let new = open(&arguments.new)?;
    let options = compare::Options {
        mtimes: arguments.mtimes,
        except: arguments
            .except
            .iter()
            .map(|pattern| pattern.trim_start_matches('/').to_owned())
            .collect(),
    };
    let comparison = comparison::compare(&old, &new, &options)?;
    match arguments.format {
        Format::Json => session.print_json(&comparison)?,
        Format::Text => session.print(&text::write(&comparison, arguments.files)),
    }
    Ok(if comparison.is_same() { DONE } else { FINDINGS })
}
