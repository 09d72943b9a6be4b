//! One build of a stack at a time: two would take each other's unfinished parents.

use std::fs::{File, TryLockError};
use std::time::Duration;

use crate::commands::Session;
use crate::engine::interrupt::Interrupt;
use crate::workspace::has_no_locks;

/// How often it is tried again.
const PAUSE: Duration = Duration::from_millis(200);

/// Waits until no other rdspec builds this stack; none where the user does not want to wait.
///
/// The lock is on the spec folder itself, needs no file, and ends with this process.
///
/// # Errors
/// The folder cannot be locked.
pub fn wait(session: &Session, interrupt: &Interrupt) -> anyhow::Result<Option<File>> {
    let folder = session.workspace.open_spec()?;
    let mut said = false;
    loop {
        match folder.try_lock() {
            Ok(()) => return Ok(Some(folder)),
            Err(TryLockError::WouldBlock) if interrupt.signal().is_some() => return Ok(None),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) if has_no_locks(&error) => return Ok(Some(folder)),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        if !said {
            session.say("another rdspec is building this stack; waiting until it has ended");
            said = true;
        }
        std::thread::sleep(PAUSE);
    }
}
