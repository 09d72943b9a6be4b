//! The first files of a new stack.
#![expect(clippy::disallowed_methods, reason = "this module writes the files of a new stack")]

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;

use anyhow::{Context, bail};

use super::{SPEC, Workspace};

/// A file of a new stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFile {
    /// Its path in the folder of the stack.
    pub path: &'static str,
    /// Its text.
    pub text: String,
    /// Whether it is a program.
    pub executable: bool,
}

impl Workspace {
    /// The name of the folder itself, if it has one.
    pub fn folder_name(&self) -> Option<String> {
        let real = self.root.canonicalize().ok()?;
        real.file_name()?.to_str().map(str::to_owned)
    }

    /// Writes the files of a new stack; gives those that were there already and were kept.
    ///
    /// # Errors
    /// The folder has a spec, or a file cannot be written.
    pub fn start(&self, files: &[NewFile]) -> anyhow::Result<Vec<&'static str>> {
        if self.root.join(SPEC).symlink_metadata().is_ok() {
            bail!("{} has a spec already; nothing was written", self.root.display());
        }
        let mut kept = Vec::new();
        for file in files {
            let path = self.root.join(file.path);
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)
                    .with_context(|| format!("making {}", folder.display()))?;
            }
            let mode = if file.executable { 0o755 } else { 0o644 };
            match OpenOptions::new().write(true).create_new(true).mode(mode).open(&path) {
                Ok(mut opened) => opened
                    .write_all(file.text.as_bytes())
                    .with_context(|| format!("writing {}", path.display()))?,
                Err(error) if error.kind() == ErrorKind::AlreadyExists => kept.push(file.path),
                Err(error) => {
                    return Err(error).with_context(|| format!("writing {}", path.display()));
                }
            }
        }
        Ok(kept)
    }
}
