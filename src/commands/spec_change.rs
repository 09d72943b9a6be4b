//! A change of the spec by a command: shown as a diff, then written, with what is generated from it.

use super::Session;
use crate::compile::Output;
use crate::source::{ChangedFile, SpecFiles};
use crate::workspace::diff::unified;
use crate::workspace::output::{OutputFolder, with_manifest};

/// How messages call a file of the spec; `root` is what they call its folder.
fn display(root: &str, change: &ChangedFile) -> String {
    format!("{root}/{}", change.path)
}

/// Prints what changes, as a unified diff.
pub(super) fn show(session: &Session, root: &str, changes: &[ChangedFile]) {
    for change in changes {
        let path = display(root, change);
        session.print(&unified(&path, change.before.as_deref(), change.after.as_deref()));
    }
}

/// Writes changes of the spec as it was read, which is not generated from here.
///
/// # Errors
/// The spec is not as it was read, or something cannot be written: as of
/// [`Workspace::change_spec`](crate::workspace::Workspace::change_spec).
pub(super) fn write_spec(
    session: &Session,
    read: &SpecFiles,
    changes: &[ChangedFile],
) -> anyhow::Result<()> {
    let writing = session.workspace.writing_as_read(read)?;
    session.workspace.change_spec(changes, &writing)
}

/// Writes changes of the spec as it was read, then what it compiles to with them.
///
/// # Errors
/// As of [`write_spec`], or the output cannot be written.
pub(super) fn write(
    session: &Session,
    read: &SpecFiles,
    changes: &[ChangedFile],
    output: Output,
) -> anyhow::Result<()> {
    let writing = session.workspace.writing_as_read(read)?;
    let folder = OutputFolder::new(session.workspace.generated());
    let tree = with_manifest(output.tree);
    let generated = folder.changes(&tree)?;
    session.workspace.change_spec(changes, &writing)?;
    for change in changes {
        session.say(&format!("wrote {}", display(read.root(), change)));
    }
    folder.write(&tree, &generated)?;
    for change in &generated {
        session.say(&format!("wrote generated/{}", change.path));
    }
    Ok(())
}
