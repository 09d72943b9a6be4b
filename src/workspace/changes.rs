//! Several files of the spec that change together: all of them, or none where one cannot be written.
//!
//! A process that is killed between two files cannot take anything back. Then each file is whole, as it was or as it
//! becomes, and nothing goes before all that comes is there. The diff that the command printed says what is left to do.
#![expect(clippy::disallowed_methods, reason = "this module writes files of the spec")]

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::Path;

use anyhow::{Context, bail, ensure};
use rustix::io::Errno;

use super::{SPEC, Workspace, write_whole};
use crate::source::{ChangedFile, SpecFiles};

/// Who has it is the only rdspec that writes the files of a stack, until it is dropped.
#[derive(Debug)]
pub struct Writing {
    _lock: File,
}

impl Workspace {
    /// Waits until no other rdspec writes files of this stack: what one has read, another may be writing.
    ///
    /// The lock is on the folder of the stack, needs no file, and ends with this process. A build, which takes minutes, holds another
    /// one.
    ///
    /// # Errors
    /// The folder cannot be locked.
    pub fn writing(&self) -> anyhow::Result<Writing> {
        let folder = || self.root.display();
        let lock = File::open(&self.root).with_context(|| format!("opening {}", folder()))?;
        match lock.lock() {
            Err(error) if !has_no_locks(&error) => {
                Err(error).with_context(|| format!("locking {}", folder()))
            }
            _ => Ok(Writing { _lock: lock }),
        }
    }

    /// The same for who has read the spec already, from which something else would come if it had changed.
    ///
    /// # Errors
    /// A file has changed, has come or gone, or cannot be read; or the folder cannot be locked.
    pub fn writing_as_read(&self, read: &SpecFiles) -> anyhow::Result<Writing> {
        let writing = self.writing()?;
        let now = self.load()?;
        if let Some(change) = read.changes_to(&now).first() {
            bail!(changed_meanwhile(&change.path));
        }
        Ok(writing)
    }

    /// Writes changes of the spec, each file at once. What comes is there before anything goes. Folders that are empty
    /// afterwards go along.
    ///
    /// # Errors
    /// A file is not as it was read, or cannot be written; then every file is as it was, as far as the disk lets it.
    pub fn change_spec(&self, changes: &[ChangedFile], _writing: &Writing) -> anyhow::Result<()> {
        for change in changes {
            self.is_as_read(change)?;
        }
        let (goes, comes): (Vec<&ChangedFile>, Vec<&ChangedFile>) =
            changes.iter().partition(|change| change.after.is_none());
        let mut done: Vec<&ChangedFile> = Vec::new();
        for change in comes.into_iter().chain(goes) {
            // An editor knows no lock, and may have saved while the others were written.
            let brought = self.is_as_read(change);
            let brought = brought.and_then(|()| self.bring(&change.path, change.after.as_deref()));
            if let Err(error) = brought {
                for earlier in done.into_iter().rev() {
                    // The first error is what is said; the diff that was shown has the bytes.
                    let _ = self.bring(&earlier.path, earlier.before.as_deref());
                }
                return Err(error);
            }
            done.push(change);
        }
        Ok(())
    }

    fn is_as_read(&self, change: &ChangedFile) -> anyhow::Result<()> {
        let found = self.read_spec_file(&change.path)?;
        ensure!(found.as_deref() == change.before.as_deref(), changed_meanwhile(&change.path));
        Ok(())
    }

    /// Gives a file of the spec these bytes, or removes it.
    fn bring(&self, path: &str, bytes: Option<&[u8]>) -> anyhow::Result<()> {
        let spec = self.root.join(SPEC);
        let file = spec.join(path);
        let bring = || -> anyhow::Result<()> {
            let Some(bytes) = bytes else {
                fs::remove_file(&file)?;
                remove_empty(file.parent(), &spec);
                return Ok(());
            };
            if let Some(folder) = file.parent() {
                fs::create_dir_all(folder)?;
            }
            write_whole(&file, bytes)
        };
        bring().with_context(|| format!("writing {}", file.display()))
    }
}

fn changed_meanwhile(path: &str) -> String {
    format!("{SPEC}/{path} has changed meanwhile: nothing was written, run the command once more")
}

/// Whether a file system has no locks, as some in the network have not: better to work without than not at all.
pub fn has_no_locks(error: &io::Error) -> bool {
    error.kind() == ErrorKind::Unsupported || Errno::from_io_error(error) == Some(Errno::NOLCK)
}

/// Removes a folder with nothing in it, and those above it, up to the spec folder.
fn remove_empty(folder: Option<&Path>, spec: &Path) {
    let mut folder = folder;
    while let Some(empty) = folder.filter(|folder| *folder != spec) {
        // A folder with something in it stays, which ends this.
        if fs::remove_dir(empty).is_err() {
            break;
        }
        folder = empty.parent();
    }
}
