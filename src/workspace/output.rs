//! The output folder: what differs from a file tree, and writing it.
#![expect(clippy::disallowed_methods, reason = "this module writes the output")]

use std::collections::BTreeSet;
use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::diff::{Change, ChangeKind, generated, unified};
use super::folders::{Folders, is_absence, parent};
use super::staging;
use crate::parallel;
use crate::render::{File, FileTree};

/// The list of what rdspec wrote, in the output folder, one path a line.
pub(super) const MANIFEST: &str = ".rdspec-manifest";

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
        let files: Vec<(&str, &File)> = tree.iter().collect();
        let parts = parallel::map_parts(&files, parallel::FILES, |part| {
            let mut folders = Folders::new(&self.root);
            let mut buffer = Vec::new();
            let mut changes = Vec::new();
            for (path, file) in part {
                if let Some(kind) = difference(&mut folders, path, file, &mut buffer)? {
                    changes.push(Change { path: (*path).to_owned(), kind });
                }
            }
            Ok(changes)
        });
        let mut changes = parts.into_iter().collect::<anyhow::Result<Vec<_>>>()?.concat();
        // The manifest of what is in the tree names nothing else.
        let same_manifest =
            tree.get(MANIFEST).is_some() && changes.iter().all(|change| change.path != MANIFEST);
        if !same_manifest {
            for path in self.manifest()? {
                if tree.get(&path).is_none() && self.read(&path)?.is_some() {
                    changes.push(Change { path, kind: ChangeKind::Obsolete });
                }
            }
            changes.sort_by(|left, right| left.path.cmp(&right.path));
        }
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

    /// Writes some of the changes, sorted by path: new and changed files atomically, then obsolete ones are removed,
    /// the manifest last, so that neither an interrupted write nor one of a single image forgets a file.
    ///
    /// # Errors
    /// A file that cannot be written, or a path that leads through a link.
    pub fn write(&self, tree: &FileTree, changes: &[Change]) -> anyhow::Result<()> {
        staging::remove_leftovers(&self.root)?;
        if changes.is_empty() {
            return Ok(());
        }
        self.check_places(changes)?;
        fs::create_dir_all(&self.root)
            .with_context(|| format!("writing {}", self.root.display()))?;
        let (manifest, others): (Vec<&Change>, Vec<&Change>) =
            changes.iter().partition(|change| change.path == MANIFEST);
        // First what was and what will be: whatever happens in between, nothing is orphaned.
        let earlier = self.manifest()?;
        let mut paths: BTreeSet<&str> = earlier.iter().map(String::as_str).collect();
        if !manifest.is_empty() {
            paths.extend(tree.iter().map(|(path, _)| path).filter(|path| *path != MANIFEST));
            self.write_manifest(&paths)?;
        }
        // A file can be in the way of a folder of its name, so what is obsolete goes first.
        for change in others.iter().filter(|change| change.kind == ChangeKind::Obsolete) {
            self.remove_file(&change.path)?;
        }
        let written: Vec<(&str, &File)> = others
            .iter()
            .filter_map(|change| Some((change.path.as_str(), tree.get(&change.path)?)))
            .collect();
        staging::write(&self.root, &written)?;
        if !manifest.is_empty() {
            let before = paths.len();
            for path in &earlier {
                if tree.get(path).is_none() && self.read(path)?.is_none() {
                    paths.remove(path.as_str());
                }
            }
            if paths.len() < before {
                self.write_manifest(&paths)?;
            }
        }
        Ok(())
    }

    /// Refuses to begin where a folder that is not rdspec's own is in the place of a file.
    fn check_places(&self, changes: &[Change]) -> anyhow::Result<()> {
        let obsolete: BTreeSet<&str> = changes
            .iter()
            .filter(|change| change.kind == ChangeKind::Obsolete)
            .map(|change| change.path.as_str())
            .collect();
        let mut folders = Folders::new(&self.root);
        for change in changes.iter().filter(|change| change.kind == ChangeKind::Missing) {
            if !folders.exists(parent(&change.path).unwrap_or_default())? {
                continue;
            }
            let path = folders.checked(&change.path)?;
            if fs::symlink_metadata(&path).is_ok_and(|file| file.is_dir()) {
                let below = format!("{}/", change.path);
                let own = obsolete.range(below.as_str()..).next();
                if own.is_none_or(|path| !path.starts_with(&below)) {
                    bail!("{} is a folder in the place of a generated file", path.display());
                }
            }
        }
        Ok(())
    }

    fn write_manifest(&self, paths: &BTreeSet<&str>) -> anyhow::Result<()> {
        let bytes = manifest_text(paths.iter().copied()).into();
        staging::write(&self.root, &[(MANIFEST, &File { bytes, executable: false })])
    }

    fn manifest(&self) -> anyhow::Result<Vec<String>> {
        let text = self.read(MANIFEST)?.unwrap_or_default();
        Ok(manifest_paths(&text).collect())
    }

    fn read(&self, path: &str) -> anyhow::Result<Option<Vec<u8>>> {
        let path = Folders::new(&self.root).checked(path)?;
        if fs::metadata(&path).is_ok_and(|file| !file.is_file() && !file.is_dir()) {
            bail!("{} is in the place of a generated file, and is none", path.display());
        }
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if is_absence(error.kind()) || error.kind() == ErrorKind::IsADirectory => {
                Ok(None)
            }
            Err(error) => Err(error).with_context(|| format!("reading {}", path.display())),
        }
    }

    /// Removes a file and the folders that it leaves empty.
    fn remove_file(&self, path: &str) -> anyhow::Result<()> {
        let full = Folders::new(&self.root).checked(path)?;
        fs::remove_file(&full).with_context(|| format!("removing {}", full.display()))?;
        for folder in full.ancestors().skip(1) {
            if folder == self.root || fs::remove_dir(folder).is_err() {
                break;
            }
        }
        Ok(())
    }
}

/// How a file on disk differs from one of the tree. It is read, into `buffer`, only if its length is the same.
fn difference(
    folders: &mut Folders<'_>,
    path: &str,
    file: &File,
    buffer: &mut Vec<u8>,
) -> anyhow::Result<Option<ChangeKind>> {
    if !folders.exists(parent(path).unwrap_or_default())? {
        return Ok(Some(ChangeKind::Missing));
    }
    let path = folders.checked(path)?;
    let on_disk = match fs::symlink_metadata(&path) {
        Ok(metadata) => metadata,
        Err(error) if is_absence(error.kind()) => return Ok(Some(ChangeKind::Missing)),
        Err(error) => return Err(error).with_context(|| format!("reading {}", path.display())),
    };
    if on_disk.is_symlink() {
        return Ok(Some(ChangeKind::Content));
    }
    if on_disk.is_dir() {
        return Ok(Some(ChangeKind::Missing));
    }
    if !on_disk.is_file() {
        bail!("{} is in the place of a generated file, and is none", path.display());
    }
    let length = file.bytes.len() as u64;
    if on_disk.len() != length {
        return Ok(Some(ChangeKind::Content));
    }
    buffer.clear();
    buffer.reserve(file.bytes.len() + 1);
    fs::File::open(&path)
        .and_then(|on_disk| on_disk.take(length + 1).read_to_end(buffer))
        .with_context(|| format!("reading {}", path.display()))?;
    if buffer[..] != file.bytes[..] {
        return Ok(Some(ChangeKind::Content));
    }
    let executable = on_disk.permissions().mode() & 0o100 != 0;
    Ok((file.executable != executable).then_some(ChangeKind::Executable))
}

/// Adds the list of what is in it to a tree that is to be written to the output folder.
#[must_use]
pub fn with_manifest(mut tree: FileTree) -> FileTree {
    let text = manifest_text(tree.iter().map(|(path, _)| path));
    tree.insert(MANIFEST.to_owned(), File { bytes: text.into(), executable: false });
    tree
}

/// The paths that a manifest lists. One is only believed if rdspec could have written it.
pub(super) fn manifest_paths(text: &[u8]) -> impl Iterator<Item = String> {
    let text = String::from_utf8_lossy(text);
    let paths: Vec<String> = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#') && !line.contains('\0'))
        .filter(|line| line.split('/').all(|part| !matches!(part, "" | "." | "..")))
        .map(ToOwned::to_owned)
        .collect();
    paths.into_iter()
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
