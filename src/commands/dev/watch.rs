//! `rdspec dev --watch`: a turn whenever the spec has changed and its files have come to rest.
//!
//! It looks at the bytes, so that neither a save that changes nothing nor the half of one starts a turn. When a turn
//! fails, the last good container goes on.

use std::thread::sleep;
use std::time::Duration;

use super::container::{self, Running};
use super::{DONE, Session, Turn, turn};
use crate::cli::engines::Dev;
use crate::engine::interrupt::Interrupt;
use crate::source::SpecFiles;

/// How often the spec is looked at. A change that is the same twice has come to rest.
const INTERVAL: Duration = Duration::from_millis(300);

/// Watches until a signal comes.
///
/// # Errors
/// What makes the first turn impossible: an unknown image, nothing to build upon.
pub(super) fn watch(
    session: &Session,
    arguments: &Dev,
    interrupt: &Interrupt,
) -> anyhow::Result<u8> {
    let mut running = None;
    let mut is_first = true;
    session.workspace.load()?;
    while let Some(files) = at_rest(session, interrupt) {
        match one(session, arguments, interrupt, &mut running) {
            Err(error) if is_first => return Err(error),
            Err(error) => session.complain(&format!("error: {error:#}")),
            Ok(()) => {}
        }
        is_first = false;
        session.say("watching the spec; Ctrl-C ends it");
        let is_same = || same(&files, &session.workspace.load().unwrap_or_default());
        while interrupt.signal().is_none() && is_same() {
            sleep(INTERVAL);
        }
    }
    if let Some(running) = running {
        running.stop(session);
    }
    Ok(interrupt.status().unwrap_or(DONE))
}

/// One turn, and the container that it is for.
fn one(
    session: &Session,
    arguments: &Dev,
    interrupt: &Interrupt,
    running: &mut Option<Running>,
) -> anyhow::Result<()> {
    let ready = match turn(session, arguments, interrupt)? {
        Turn::Ready(ready) => ready,
        Turn::Ended(_) => {
            if running.is_some() {
                session.say("the last good container goes on");
            }
            return Ok(());
        }
    };
    if arguments.run {
        if let Some(before) = running.take() {
            before.stop(session);
        }
        *running = Some(Running::start(arguments, &ready));
    } else {
        container::start(session, arguments, &ready, interrupt)?;
    }
    Ok(())
}

/// The files of the spec, once they are the same twice; none when a signal came.
fn at_rest(session: &Session, interrupt: &Interrupt) -> Option<SpecFiles> {
    let mut last = None;
    while interrupt.signal().is_none() {
        // A file that is being replaced may be missing for a moment, or all of them while git changes branches.
        let now = session.workspace.load().ok();
        if let (Some(before), Some(files)) = (&last, &now)
            && same(before, files)
        {
            return now;
        }
        last = now;
        sleep(INTERVAL);
    }
    None
}

fn same(files: &SpecFiles, others: &SpecFiles) -> bool {
    files.paths().eq(others.paths())
        && files.paths().all(|path| files.get(path) == others.get(path))
}
