//! Single files that a command changes, of the spec and beside it: read as they are, replaced at once.
#![expect(clippy::disallowed_methods, reason = "this module writes single files of a stack")]

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::Context;

use super::{SPEC, Workspace};

impl Workspace {
    /// The bytes of a file that a command keeps true, by its path from the folder of the stack; none where there is none.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read_document(&self, path: &Path) -> anyhow::Result<Option<Vec<u8>>> {
        read(&self.root.join(path))
    }

    /// Whether there is a file, by its path from the folder of the stack.
    pub fn has_file(&self, path: &str) -> bool {
        self.root.join(path).is_file()
    }

    /// Replaces such a file at once, or makes it, with its folders.
    ///
    /// # Errors
    /// It cannot be written; then it is as it was.
    pub fn write_document(&self, path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
        let path = self.root.join(path);
        let write = || -> anyhow::Result<()> {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            write_whole(&path, bytes)
        };
        write().with_context(|| format!("writing {}", path.display()))
    }

    /// The bytes of a file of the spec; none where there is no such file.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read_spec_file(&self, path: &str) -> anyhow::Result<Option<Vec<u8>>> {
        read(&self.root.join(SPEC).join(path))
    }

    /// Replaces a file of the spec: whoever reads it meanwhile sees the old bytes or the new ones. Its mode stays, and
    /// so does a link that leads to it.
    ///
    /// # Errors
    /// It cannot be written; then it is as it was.
    pub fn replace_spec_file(&self, path: &str, bytes: &[u8]) -> anyhow::Result<()> {
        let path = self.root.join(SPEC).join(path);
        write_whole(&path, bytes).with_context(|| format!("writing {}", path.display()))
    }
}

fn read(path: &Path) -> anyhow::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("reading {}", path.display())),
    }
}

/// Replaces a file at once, or makes it.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = target.parent().context("it lies in no folder")?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    let mode = fs::metadata(&target).map_or(0o644, |file| file.permissions().mode());
    file.as_file().set_permissions(fs::Permissions::from_mode(mode & 0o7777))?;
    file.as_file().sync_all()?;
    file.persist(&target)?;
    Ok(())
}
