//! `rdspec add`: writes an entry of a component with its pin proven, the same way as `rdspec bump` moves one.
//!
//! Everything is looked up, downloaded and proven before anything is written; what it makes of the spec is compiled, and
//! shown as a diff.

mod apt;
mod download;
mod draft;
mod name;
mod pip;

use anyhow::bail;

use super::bump::configuration::addresses;
use super::printable::printable;
use super::problem::Problem;
use super::{DONE, Session, WRONG, spec_change, transfers};
use crate::bump::pins::MINIMUM_AGE;
use crate::cli::add::{Add, What};
use crate::model::Stack;
use crate::source::SpecFiles;
use crate::upstream::Addresses;
use crate::upstream::http::{Http, Settings};
use draft::Draft;

/// Whom to ask, and for what.
struct Asked<'a> {
    session: &'a Session,
    http: Http,
    addresses: Addresses,
    /// The spec as it is.
    stack: &'a Stack,
    /// What time it is, in seconds since 1970.
    now: i64,
    /// How long a version must have been out, in seconds.
    minimum_age: i64,
}

/// The spec with what was added, or why it was not.
type Added<'spec> = Result<Draft<'spec>, Problem>;

/// Runs the command.
///
/// # Errors
/// An unknown component, what is there already, or a file that cannot be read or written.
pub fn run(session: &Session, arguments: &Add) -> anyhow::Result<u8> {
    let files = session.workspace.load()?;
    let Some(output) = session.compile_files(&files)? else { return Ok(WRONG) };
    let place = match &arguments.what {
        What::Apt(arguments) => &arguments.place,
        What::Download(arguments) => &arguments.place,
        What::Pip(arguments) => &arguments.place,
    };
    let draft = Draft::of(&files, place)?;
    let asked = Asked {
        session,
        http: Http::new(Settings { watch: transfers::watch(session), ..Settings::default() })?,
        addresses: addresses(),
        stack: &output.stack,
        now: i64::try_from(super::now())?,
        minimum_age: MINIMUM_AGE.seconds(),
    };
    let added = match &arguments.what {
        What::Apt(arguments) => apt::add(&asked, draft, arguments)?,
        What::Download(arguments) => download::add(&asked, &draft, arguments)?,
        What::Pip(arguments) => pip::add(&asked, draft, arguments)?,
    };
    match added {
        Ok(draft) => finish(session, &files, &draft, place.dry_run),
        Err(problem) => {
            session.complain(&printable(&format!("error: {}", problem.message)));
            if let Some(help) = &problem.help {
                session.complain(&printable(&format!("help: {help}")));
            }
            session.complain("nothing was written");
            Ok(problem.status)
        }
    }
}

/// Compiles the changed spec, shows what changes, and writes it with what is generated from it.
fn finish(
    session: &Session,
    before: &SpecFiles,
    draft: &Draft<'_>,
    dry_run: bool,
) -> anyhow::Result<u8> {
    let after = draft.after();
    let Some(output) = session.compile_files(&after)? else {
        bail!("with what was to be added the spec has errors; nothing was written");
    };
    let changes = before.changes_to(&after);
    spec_change::show(session, before.root(), &changes);
    if !dry_run {
        spec_change::write(session, before, &changes, output)?;
    }
    Ok(DONE)
}
