//! Files that the spec decides: written where they differ, or compared. What `generate`, `bake` and `ci` have in common.

use std::path::Path;

use anyhow::ensure;

use super::{DONE, FINDINGS, Session};
use crate::render::FileTree;
use crate::workspace::Writing;
use crate::workspace::diff::{Change, ChangeKind};
use crate::workspace::output::{OutputFolder, with_manifest};

/// What the first lines of every file say that lies where others could have put one of their own.
const MARK: &str = "Written by `rdspec";

/// Whether rdspec has written a file, or nobody has written anything into it.
fn is_ours(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    text.is_empty() || text.lines().take(5).any(|line| line.contains(MARK))
}

/// Files of one folder, and how those on the disk differ.
pub(super) struct Files {
    folder: OutputFolder,
    /// How messages call the folder, with a `/` where it has a name.
    name: &'static str,
    tree: FileTree,
    changes: Vec<Change>,
    /// How many files were compared.
    count: usize,
}

impl Files {
    /// The output folder, with what rdspec wrote there earlier and does not generate any more.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub(super) fn generated(session: &Session, tree: FileTree) -> anyhow::Result<Self> {
        let folder = OutputFolder::new(session.workspace.generated());
        Self::compared(folder, "generated/", with_manifest(tree))
    }

    /// The folder of the stack itself, where rdspec never removes anything, and writes over nothing that is not its own.
    ///
    /// # Errors
    /// A file that cannot be read, or that somebody else has written.
    pub(super) fn beside(session: &Session, tree: FileTree) -> anyhow::Result<Self> {
        let files = Self::compared(OutputFolder::new(session.workspace.root()), "", tree)?;
        for Change { path, .. } in &files.changes {
            let found = session.workspace.read_document(Path::new(path))?;
            ensure!(
                found.is_none_or(|bytes| is_ours(&bytes)),
                "{path} is no file of rdspec: its first lines do not say {MARK:?}. Move it to another name first"
            );
        }
        if files.count > 0
            && let Some(repository) = session.workspace.repository_above()
        {
            session.say(&format!(
                "warning: workflows are run of the top folder of a repository alone, and the stack lies below that of {}",
                repository.display()
            ));
        }
        Ok(files)
    }

    fn compared(folder: OutputFolder, name: &'static str, tree: FileTree) -> anyhow::Result<Self> {
        let changes = folder.changes(&tree)?;
        let count = tree.iter().count();
        Ok(Self { folder, name, tree, changes, count })
    }

    /// Forgets everything but some paths.
    pub(super) fn only(&mut self, is_wanted: impl Fn(&str) -> bool) {
        self.count = self.tree.iter().filter(|(path, _)| is_wanted(path)).count();
        self.changes.retain(|change| is_wanted(&change.path));
    }
}

/// Keeps other commands from writing the files of the stack, from before the spec is read to the end of this one, which writes unless
/// it only compares.
///
/// # Errors
/// As of [`Workspace::writing`](crate::workspace::Workspace::writing).
pub(super) fn hold(session: &Session, compares: bool) -> anyhow::Result<Option<Writing>> {
    // Where there is no spec, reading it says so.
    let writes = !compares && session.workspace.has_spec();
    writes.then(|| session.workspace.writing()).transpose()
}

/// Writes what differs.
///
/// # Errors
/// A file that cannot be written.
pub(super) fn write(session: &Session, all: &[Files]) -> anyhow::Result<u8> {
    for Files { folder, name, tree, changes, .. } in all {
        folder.write(tree, changes)?;
        for change in changes {
            let verb = if change.kind == ChangeKind::Obsolete { "removed" } else { "wrote" };
            session.say(&format!("{verb} {name}{}", change.path));
        }
    }
    if all.iter().all(|files| files.changes.is_empty()) {
        up_to_date(session, all);
    }
    Ok(DONE)
}

/// Prints how the disk differs, and `fix`, which mends it.
///
/// # Errors
/// A file that cannot be read.
pub(super) fn check(session: &Session, all: &[Files], fix: &str) -> anyhow::Result<u8> {
    for Files { folder, tree, changes, .. } in all {
        for change in changes {
            session.print(&folder.diff(tree, change)?);
        }
    }
    let text = match all.iter().map(|files| files.changes.len()).sum() {
        0 => {
            up_to_date(session, all);
            return Ok(DONE);
        }
        1 => "1 file differs".to_owned(),
        many => format!("{many} files differ"),
    };
    session.complain(&format!("{text} from what the spec says. To mend it, {fix}"));
    Ok(FINDINGS)
}

fn up_to_date(session: &Session, all: &[Files]) {
    let count: usize = all.iter().map(|files| files.count).sum();
    let text = if count == 1 { "1 file is".to_owned() } else { format!("{count} files are") };
    session.say(&format!("{text} up to date"));
}
