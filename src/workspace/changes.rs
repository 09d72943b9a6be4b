//! Several files of the spec that change together: all of them, or none where one cannot be written.
//!
//! A process that is killed between two files cannot take anything back. Then each file is whole, as it was or as it
//! becomes, and nothing goes before all that comes is there. The diff that the command printed says what is left to do.
#![expect(clippy::disallowed_methods, reason = "this module writes files of the spec")]

use std::fs;
use std::path::Path;

use anyhow::{Context, ensure};

use super::{SPEC, Workspace, write_whole};
use crate::source::ChangedFile;

impl Workspace {
    /// Writes changes of the spec, each file at once. What comes is there before anything goes. Folders that are empty
    /// afterwards go along.
    ///
    /// # Errors
    /// A file is not as it was read, or cannot be written; then every file is as it was, as far as the disk lets it.
    pub fn change_spec(&self, changes: &[ChangedFile]) -> anyhow::Result<()> {
        for change in changes {
            let found = self.read_spec_file(&change.path)?;
            ensure!(
                found.as_deref() == change.before.as_deref(),
                "{SPEC}/{} has changed meanwhile: nothing was written, run the command once more",
                change.path
            );
        }
        let (goes, comes): (Vec<&ChangedFile>, Vec<&ChangedFile>) =
            changes.iter().partition(|change| change.after.is_none());
        let mut done: Vec<&ChangedFile> = Vec::new();
        for change in comes.into_iter().chain(goes) {
            if let Err(error) = self.bring(&change.path, change.after.as_deref()) {
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
