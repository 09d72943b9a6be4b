//! Writes files beside their places, then moves them there: a reader sees an old file or a new one, and a new
//! folder with all that is in it.
//!
//! Nothing is forced to the disk (fsync): all that is generated can be generated again, and after a power failure
//! `rdspec generate` mends what is not whole, as it compares every byte.
#![expect(clippy::disallowed_methods, reason = "this module writes the output")]

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::folders::Folders;
use crate::parallel;
use crate::render::File;

/// How the name of the folder begins in which files are written, directly below the output folder.
const TEMPORARY: &str = ".rdspec-tmp-";

/// A file to write first, and then to move: itself, or as a part of a new folder.
struct Staged<'tree> {
    at: PathBuf,
    path: &'tree str,
    file: &'tree File,
}

/// Writes files to their paths below `root`, which exists; `files` is sorted by path.
///
/// # Errors
/// A file that cannot be written, or a path that leads through a link.
pub(super) fn write(root: &Path, files: &[(&str, &File)]) -> anyhow::Result<()> {
    if files.is_empty() {
        return Ok(());
    }
    let staging = tempfile::Builder::new()
        .prefix(TEMPORARY)
        .tempdir_in(root)
        .with_context(|| format!("writing to {}", root.display()))?;
    let mut folders = Folders::new(root);
    let mut staged = Vec::with_capacity(files.len());
    // What is moved in the end, each from the folder's entry of its position.
    let mut moves: Vec<&str> = Vec::new();
    for &(path, file) in files {
        let target = folders.first_missing(path)?.unwrap_or(path);
        if moves.last() != Some(&target) {
            moves.push(target);
        }
        let mut at = staging.path().join((moves.len() - 1).to_string());
        let below = path.strip_prefix(target).and_then(|below| below.strip_prefix('/'));
        at.extend(below);
        staged.push(Staged { at, path, file });
    }
    let parts = parallel::map_parts(&staged, parallel::FILES, |part| {
        let mut made = BTreeSet::from([staging.path()]);
        part.iter().try_for_each(|staged| {
            write_file(staged, &mut made)
                .with_context(|| format!("writing {}", root.join(staged.path).display()))
        })
    });
    parts.into_iter().collect::<anyhow::Result<()>>()?;
    for (position, target) in moves.into_iter().enumerate() {
        let target = root.join(target);
        fs::rename(staging.path().join(position.to_string()), &target)
            .with_context(|| format!("writing {}", target.display()))?;
    }
    Ok(())
}

fn write_file<'staged>(
    staged: &'staged Staged<'_>,
    made: &mut BTreeSet<&'staged Path>,
) -> io::Result<()> {
    if let Some(folder) = staged.at.parent() {
        make_folder(folder, made)?;
    }
    let mode = if staged.file.executable { 0o755 } else { 0o644 };
    let mut out = OpenOptions::new().write(true).create_new(true).mode(mode).open(&staged.at)?;
    out.write_all(&staged.file.bytes)?;
    // Whatever the umask took away.
    out.set_permissions(fs::Permissions::from_mode(mode))
}

fn make_folder<'staged>(
    folder: &'staged Path,
    made: &mut BTreeSet<&'staged Path>,
) -> io::Result<()> {
    if made.contains(folder) {
        return Ok(());
    }
    if let Some(above) = folder.parent() {
        make_folder(above, made)?;
    }
    match fs::create_dir(folder) {
        // Another thread has made it.
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    made.insert(folder);
    Ok(())
}

/// Removes what a killed run left behind.
///
/// # Errors
/// Something that cannot be removed.
pub(super) fn remove_leftovers(root: &Path) -> anyhow::Result<()> {
    let Ok(entries) = fs::read_dir(root) else { return Ok(()) };
    for entry in entries.flatten() {
        if entry.file_name().as_encoded_bytes().starts_with(TEMPORARY.as_bytes()) {
            let path = entry.path();
            let folder = entry.file_type().is_ok_and(|file_type| file_type.is_dir());
            if folder { fs::remove_dir_all(&path) } else { fs::remove_file(&path) }
                .with_context(|| format!("removing {}", path.display()))?;
        }
    }
    Ok(())
}
