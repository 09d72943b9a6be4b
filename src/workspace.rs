//! The only disk I/O of the compiler: reads the spec folder, compares and writes the output folder.
//!
//! Files are replaced atomically and only where their bytes differ. What rdspec wrote before and does not
//! generate any more is removed; a manifest in the output folder says what it wrote, so that other
//! files are never touched.
#![expect(clippy::disallowed_methods, reason = "this module is where the compiler meets the disk")]

pub mod diff;
mod folders;
pub mod output;
mod revision;
mod staging;
pub mod start;

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::parallel;
use crate::source::SpecFiles;

/// The folder of a stack: `spec` and `generated` lie in it.
#[derive(Clone, Debug)]
pub struct Workspace {
    root: PathBuf,
}

/// The folder that holds the spec.
const SPEC: &str = "spec";

/// The folder that output goes to.
const GENERATED: &str = "generated";

/// A spec is text and small configuration; more than this in one file is a mistake.
const LARGEST_FILE: u64 = 16 * 1024 * 1024;

impl Workspace {
    /// The stack in a folder.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The output folder.
    pub fn generated(&self) -> PathBuf {
        self.root.join(GENERATED)
    }

    /// Reads the spec folder.
    ///
    /// # Errors
    /// There is no spec folder, a file cannot be read or is absurdly large, or a link leads out of it.
    pub fn load(&self) -> anyhow::Result<SpecFiles> {
        let folder = self.root.join(SPEC);
        if !folder.is_dir() {
            bail!(
                "there is no spec in {}: a stack has a folder `{SPEC}` with a stack.toml in it",
                self.root.display()
            );
        }
        let real =
            folder.canonicalize().with_context(|| format!("reading {}", folder.display()))?;
        let mut found = Vec::new();
        read_folder(&folder, &real, "", &mut found)?;
        if found.is_empty() {
            bail!("{} is empty: a stack begins with {SPEC}/stack.toml", folder.display());
        }
        let parts = parallel::map_parts(&found, parallel::FILES, |part| {
            let read = |(key, path): &(String, PathBuf)| Ok((key.clone(), read_file(path)?));
            part.iter().map(read).collect::<anyhow::Result<Vec<_>>>()
        });
        let mut files = Vec::with_capacity(found.len());
        for part in parts {
            files.extend(part?);
        }
        let files = files.into_iter().collect();
        Ok(SpecFiles::new(SPEC, files))
    }
}

fn is_left_by_editors(name: &str) -> bool {
    matches!(name, ".git" | ".DS_Store")
        || name.starts_with(".#")
        || name.ends_with('~')
        || (name.starts_with('.') && name.strip_suffix(".swp").is_some())
}

/// Collects the files below a folder: key in the spec, and path. Links are followed within the spec.
fn read_folder(
    folder: &Path,
    real_root: &Path,
    prefix: &str,
    files: &mut Vec<(String, PathBuf)>,
) -> anyhow::Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    for entry in entries {
        let entry = entry.with_context(|| format!("reading {}", folder.display()))?;
        let path = entry.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            bail!("{} has a name that is not UTF-8", path.display());
        };
        // Editors and systems leave such files behind; no spec means them.
        if is_left_by_editors(name) {
            continue;
        }
        let kind =
            kind(&entry, real_root).with_context(|| format!("reading {}", path.display()))?;
        let key = format!("{prefix}{name}");
        match kind {
            Kind::File => files.push((key, path)),
            Kind::Folder if key.matches('/').count() <= 32 => {
                read_folder(&path, real_root, &format!("{key}/"), files)?;
            }
            Kind::Folder | Kind::Above => bail!("{} leads back into itself", path.display()),
            Kind::Outside => {
                bail!("{} is a link that leads out of the spec folder", path.display())
            }
            Kind::Other => bail!("{} is neither a file nor a folder", path.display()),
        }
    }
    Ok(())
}

/// What an entry of the spec folder is, seen through links.
enum Kind {
    File,
    Folder,
    /// A folder that the spec lies in.
    Above,
    /// Something that does not lie in the spec.
    Outside,
    Other,
}

fn kind(entry: &fs::DirEntry, real_root: &Path) -> io::Result<Kind> {
    let mut file_type = entry.file_type()?;
    if file_type.is_symlink() {
        let real = entry.path().canonicalize()?;
        if !real.starts_with(real_root) {
            return Ok(Kind::Outside);
        }
        file_type = fs::metadata(&real)?.file_type();
        if file_type.is_dir() && real_root.starts_with(&real) {
            return Ok(Kind::Above);
        }
    }
    Ok(if file_type.is_dir() {
        Kind::Folder
    } else if file_type.is_file() {
        Kind::File
    } else {
        Kind::Other
    })
}

fn read_file(path: &Path) -> anyhow::Result<Vec<u8>> {
    let read = || -> io::Result<(u64, Vec<u8>)> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        let mut bytes = Vec::new();
        if length <= LARGEST_FILE {
            bytes.reserve_exact(usize::try_from(length).unwrap_or(0) + 1);
            file.take(LARGEST_FILE + 1).read_to_end(&mut bytes)?;
        }
        Ok((length.max(bytes.len() as u64), bytes))
    };
    let (length, bytes) = read().with_context(|| format!("reading {}", path.display()))?;
    if length > LARGEST_FILE {
        bail!(
            "{} has {length} bytes; a spec file has at most {LARGEST_FILE}. Large data belongs into a download",
            path.display(),
        );
    }
    Ok(bytes)
}
