//! The output folder: what differs from a file tree, and writing it.
#![expect(clippy::disallowed_methods, reason = "this module writes the output")]

use std::collections::BTreeSet;
use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::diff::{Change, ChangeKind, generated, unified};
use crate::render::{File, FileTree};

/// The list of what rdspec wrote, in the output folder, one path a line.
const MANIFEST: &str = ".rdspec-manifest";

/// How the name of a file begins that is being written, and becomes the real one by renaming.
const TEMPORARY: &str = ".rdspec-tmp-";

/// An output folder on disk.
#[derive(Debug)]
pub struct OutputFolder {
    root: PathBuf,
}

impl OutputFolder {
    /// The output folder at a path; it need not exist.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Every file that a write would change, sorted by path.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn changes(&self, tree: &FileTree) -> anyhow::Result<Vec<Change>> {
        let mut changes = Vec::new();
        for (path, file) in tree.iter() {
            if let Some(kind) = self.difference(path, file)? {
                changes.push(Change { path: path.to_owned(), kind });
            }
        }
        for path in self.manifest()? {
            if tree.get(&path).is_none() && self.read(&path)?.is_some() {
                changes.push(Change { path, kind: ChangeKind::Obsolete });
            }
        }
        changes.sort_by(|left, right| left.path.cmp(&right.path));
        Ok(changes)
    }

    /// The unified diff of a change.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn diff(&self, tree: &FileTree, change: &Change) -> anyhow::Result<String> {
        if change.kind == ChangeKind::Executable {
            let (old, new) = match tree.get(&change.path) {
                Some(file) if file.executable => ("100644", "100755"),
                _ => ("100755", "100644"),
            };
            return Ok(format!("{}\nold mode {old}\nnew mode {new}\n", change.path));
        }
        let old = self.read(&change.path)?;
        Ok(unified(&change.path, old.as_deref(), generated(tree, change)))
    }

    /// Writes some of the changes: new and changed files atomically, then obsolete ones are removed, the
    /// manifest last, so that neither an interrupted write nor one of a single image forgets a file.
    ///
    /// # Errors
    /// A file that cannot be written, or a path that leads through a link.
    pub fn write(&self, tree: &FileTree, changes: &[Change]) -> anyhow::Result<()> {
        self.check_places(tree, changes)?;
        let (manifest, others): (Vec<&Change>, Vec<&Change>) =
            changes.iter().partition(|change| change.path == MANIFEST);
        // First what was and what will be: whatever happens in between, nothing is orphaned.
        let mut paths: BTreeSet<String> = self.manifest()?.into_iter().collect();
        if !manifest.is_empty() {
            paths.extend(tree.iter().map(|(path, _)| path.to_owned()).filter(|p| p != MANIFEST));
            self.write_manifest(&paths)?;
        }
        // A file can be in the way of a folder of its name, so what is obsolete goes first.
        for change in others.iter().filter(|change| change.kind == ChangeKind::Obsolete) {
            self.remove_file(&change.path)?;
        }
        for change in others.iter().filter(|change| change.kind != ChangeKind::Obsolete) {
            if let Some(file) = tree.get(&change.path) {
                self.write_file(&change.path, file)?;
            }
        }
        if !manifest.is_empty() {
            let mut kept = BTreeSet::new();
            for path in paths {
                if tree.get(&path).is_some() || self.read(&path)?.is_some() {
                    kept.insert(path);
                }
            }
            self.write_manifest(&kept)?;
        }
        Ok(())
    }

    /// Refuses to begin where a folder that is not rdspec's own is in the place of a file, and removes what a
    /// killed run left half-written.
    fn check_places(&self, tree: &FileTree, changes: &[Change]) -> anyhow::Result<()> {
        let obsolete: BTreeSet<&str> = changes
            .iter()
            .filter(|change| change.kind == ChangeKind::Obsolete)
            .map(|change| change.path.as_str())
            .collect();
        for change in changes.iter().filter(|change| change.kind == ChangeKind::Missing) {
            let path = self.path(&change.path)?;
            if path.is_dir() && !path.is_symlink() {
                let below = format!("{}/", change.path);
                let own = obsolete.range(below.as_str()..).next();
                if own.is_none_or(|path| !path.starts_with(&below)) {
                    bail!("{} is a folder in the place of a generated file", path.display());
                }
            }
        }
        let folders: BTreeSet<&str> = tree
            .iter()
            .map(|(path, _)| path.rsplit_once('/').map_or("", |(folder, _)| folder))
            .collect();
        for folder in folders {
            let Ok(entries) = fs::read_dir(self.root.join(folder)) else { continue };
            for entry in entries.flatten() {
                if entry.file_name().as_encoded_bytes().starts_with(TEMPORARY.as_bytes()) {
                    let path = entry.path();
                    fs::remove_file(&path)
                        .with_context(|| format!("removing {}", path.display()))?;
                }
            }
        }
        Ok(())
    }

    fn write_manifest(&self, paths: &BTreeSet<String>) -> anyhow::Result<()> {
        let bytes = manifest_text(paths.iter().map(String::as_str)).into_bytes();
        self.write_file(MANIFEST, &File { bytes, executable: false })
    }

    fn difference(&self, path: &str, file: &File) -> anyhow::Result<Option<ChangeKind>> {
        let Some(bytes) = self.read(path)? else { return Ok(Some(ChangeKind::Missing)) };
        if bytes != file.bytes || self.path(path)?.is_symlink() {
            return Ok(Some(ChangeKind::Content));
        }
        let target = self.path(path)?;
        let mode = fs::metadata(&target)
            .with_context(|| format!("reading {}", target.display()))?
            .permissions()
            .mode();
        Ok((file.executable != (mode & 0o100 != 0)).then_some(ChangeKind::Executable))
    }

    fn manifest(&self) -> anyhow::Result<Vec<String>> {
        let text = self.read(MANIFEST)?.unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        // A path of the manifest is only believed if rdspec could have written it.
        Ok(text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#') && !line.contains('\0'))
            .filter(|line| line.split('/').all(|part| !matches!(part, "" | "." | "..")))
            .map(ToOwned::to_owned)
            .collect())
    }

    /// The path of an output file, refused if a link on the way would lead somewhere else.
    fn path(&self, path: &str) -> anyhow::Result<PathBuf> {
        let mut full = self.root.clone();
        for part in path.split('/') {
            if full.is_symlink() {
                bail!("{} is a link; output is never written through one", full.display());
            }
            full.push(part);
        }
        Ok(full)
    }

    fn read(&self, path: &str) -> anyhow::Result<Option<Vec<u8>>> {
        let path = self.path(path)?;
        if fs::metadata(&path).is_ok_and(|file| !file.is_file() && !file.is_dir()) {
            bail!("{} is in the place of a generated file, and is none", path.display());
        }
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::IsADirectory
                ) =>
            {
                Ok(None)
            }
            Err(error) => Err(error).with_context(|| format!("reading {}", path.display())),
        }
    }

    fn write_file(&self, path: &str, file: &File) -> anyhow::Result<()> {
        let path = self.path(path)?;
        let folder = path.parent().unwrap_or(Path::new("."));
        let write = || -> std::io::Result<()> {
            fs::create_dir_all(folder)?;
            let mut temporary = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(folder)?;
            temporary.write_all(&file.bytes)?;
            let mode = if file.executable { 0o755 } else { 0o644 };
            temporary.as_file().set_permissions(fs::Permissions::from_mode(mode))?;
            temporary.persist(&path)?;
            Ok(())
        };
        write().with_context(|| format!("writing {}", path.display()))
    }

    /// Removes a file and the folders that it leaves empty.
    fn remove_file(&self, path: &str) -> anyhow::Result<()> {
        let full = self.path(path)?;
        fs::remove_file(&full).with_context(|| format!("removing {}", full.display()))?;
        for folder in full.ancestors().skip(1) {
            if folder == self.root || fs::remove_dir(folder).is_err() {
                break;
            }
        }
        Ok(())
    }
}

/// Adds the list of what is in it to a tree that is to be written to the output folder.
#[must_use]
pub fn with_manifest(mut tree: FileTree) -> FileTree {
    let text = manifest_text(tree.iter().map(|(path, _)| path));
    tree.insert(MANIFEST.to_owned(), File { bytes: text.into_bytes(), executable: false });
    tree
}

fn manifest_text<'path>(paths: impl Iterator<Item = &'path str>) -> String {
    let mut text = String::from(
        "# What `rdspec generate` wrote here, so that it can remove what it no longer generates.\n",
    );
    for path in paths {
        text.push_str(path);
        text.push('\n');
    }
    text
}

/// Writes a build context for an engine: constant modes and times, whatever the umask and the checkout,
/// since both are part of an engine's cache key.
///
/// # Errors
/// A file that cannot be written.
pub fn stage(folder: &Path, tree: &FileTree, epoch: u64) -> anyhow::Result<()> {
    let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(epoch);
    let write = |path: &Path, file: &File| -> std::io::Result<()> {
        let mut folders = Vec::new();
        for parent in path.ancestors().skip(1).take_while(|parent| *parent != folder) {
            folders.push(parent);
        }
        for parent in folders.into_iter().rev() {
            if !parent.is_dir() {
                fs::create_dir(parent)?;
                fs::set_permissions(parent, fs::Permissions::from_mode(0o755))?;
            }
        }
        let mut out = fs::File::create(path)?;
        out.write_all(&file.bytes)?;
        let mode = if file.executable { 0o755 } else { 0o644 };
        out.set_permissions(fs::Permissions::from_mode(mode))?;
        out.set_modified(time)
    };
    for (path, file) in tree.iter() {
        let path = folder.join(path);
        write(&path, file).with_context(|| format!("writing {}", path.display()))?;
    }
    Ok(())
}
