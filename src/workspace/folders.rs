//! What is known about the folders of an output folder, each looked at once.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

/// Folders of an output folder, by path in it; the empty path is the output folder.
pub(super) struct Folders<'root> {
    root: &'root Path,
    known: BTreeMap<String, bool>,
    /// The folder that was asked for last: files come sorted, so it is often the next one's too.
    last: Option<(String, bool)>,
}

impl<'root> Folders<'root> {
    pub(super) fn new(root: &'root Path) -> Self {
        Self { root, known: BTreeMap::new(), last: None }
    }

    /// Whether a folder exists.
    ///
    /// # Errors
    /// It or a folder above it is a link, which would lead somewhere else.
    pub(super) fn exists(&mut self, folder: &str) -> anyhow::Result<bool> {
        if let Some((last, exists)) = &self.last
            && last == folder
        {
            return Ok(*exists);
        }
        let exists = self.look_up(folder)?;
        self.last = Some((folder.to_owned(), exists));
        Ok(exists)
    }

    fn look_up(&mut self, folder: &str) -> anyhow::Result<bool> {
        if let Some(exists) = self.known.get(folder) {
            return Ok(*exists);
        }
        let exists = match parent(folder) {
            Some(above) if !self.look_up(above)? => false,
            _ => self.look_at(folder)?,
        };
        self.known.insert(folder.to_owned(), exists);
        Ok(exists)
    }

    fn look_at(&self, folder: &str) -> anyhow::Result<bool> {
        let path = self.path(folder);
        match fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_symlink() => {
                bail!("{} is a link; output is never written through one", path.display())
            }
            Ok(metadata) => Ok(metadata.is_dir()),
            Err(error) if is_absence(error.kind()) => Ok(false),
            Err(error) => Err(error).with_context(|| format!("reading {}", path.display())),
        }
    }

    /// The outermost folder on the way to a file that does not exist, if there is one.
    ///
    /// # Errors
    /// A folder on the way is a link.
    pub(super) fn first_missing<'path>(
        &mut self,
        path: &'path str,
    ) -> anyhow::Result<Option<&'path str>> {
        for (at, _) in path.match_indices('/') {
            let folder = path.get(..at).unwrap_or(path);
            if !self.exists(folder)? {
                return Ok(Some(folder));
            }
        }
        Ok(None)
    }

    /// The path of a file of the output folder, refused if a link on the way would lead somewhere else.
    ///
    /// # Errors
    /// A folder on the way is a link.
    pub(super) fn checked(&mut self, path: &str) -> anyhow::Result<PathBuf> {
        self.exists(parent(path).unwrap_or_default())?;
        Ok(self.path(path))
    }

    fn path(&self, path: &str) -> PathBuf {
        if path.is_empty() { self.root.to_owned() } else { self.root.join(path) }
    }
}

/// The folder that something lies in; none for the output folder itself.
pub(super) fn parent(path: &str) -> Option<&str> {
    match path.rsplit_once('/') {
        Some((folder, _)) => Some(folder),
        None => (!path.is_empty()).then_some(""),
    }
}

/// Whether an error says that there is nothing at a path.
pub(super) fn is_absence(error: ErrorKind) -> bool {
    matches!(error, ErrorKind::NotFound | ErrorKind::NotADirectory)
}
