//! The only disk I/O of the compiler: reads the spec folder, compares and writes the output folder.
//!
//! Files are replaced atomically and only where their bytes differ. What rdspec wrote before and does not
//! generate any more is removed; a manifest in the output folder says what it wrote, so that other
//! files are never touched.
#![expect(clippy::disallowed_methods, reason = "this module is where the compiler meets the disk")]

pub mod baseline;
mod changes;
pub mod diff;
mod edit;
mod folders;
pub mod output;
mod revision;
mod staging;
pub mod start;
pub mod state;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use rustix::io::Errno;

pub use self::changes::{Writing, has_no_locks};
use self::edit::write_whole;
use crate::parallel;
use crate::source::{SpecFiles, Unusable};

/// The folder of a stack: `spec` and `generated` lie in it.
#[derive(Clone, Debug)]
pub struct Workspace {
    root: PathBuf,
}

/// The folder that holds the spec.
const SPEC: &str = "spec";

/// The folder that output goes to.
const GENERATED: &str = crate::render::bake::OUTPUT;

/// A spec is text and small configuration; more than this in one file is a mistake.
const LARGEST_FILE: u64 = 16 * 1024 * 1024;

impl Workspace {
    /// The stack in a folder.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The output folder.
    pub fn generated(&self) -> PathBuf {
        self.root.join(GENERATED)
    }

    /// Opens the spec folder, to lock it.
    ///
    /// # Errors
    /// There is none, or it cannot be opened.
    pub fn open_spec(&self) -> anyhow::Result<File> {
        let folder = self.root.join(SPEC);
        File::open(&folder).with_context(|| format!("opening {}", folder.display()))
    }

    /// The folder of the git repository that the stack lies in, if that is not the stack's own.
    pub fn repository_above(&self) -> Option<PathBuf> {
        let root = self.root.canonicalize().ok()?;
        let top = root.ancestors().find(|folder| folder.join(".git").exists())?;
        (top != root).then(|| top.to_owned())
    }

    /// Whether there is a spec folder.
    pub fn has_spec(&self) -> bool {
        self.root.join(SPEC).is_dir()
    }

    /// Reads the spec folder.
    ///
    /// # Errors
    /// There is no spec folder, or a file in it cannot be read.
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
        let mut found = Found::default();
        read_folder(&folder, &real, "", &mut found)?;
        let Found { files: found, mut unusable } = found;
        if found.is_empty() && unusable.is_empty() {
            bail!("{} is empty: a stack begins with {SPEC}/stack.toml", folder.display());
        }
        let parts = parallel::map_parts(&found, parallel::FILES, |part| {
            let read = |(key, path): &(String, PathBuf)| Ok((key.clone(), read_file(path)?));
            part.iter().map(read).collect::<anyhow::Result<Vec<_>>>()
        });
        let mut files = BTreeMap::new();
        for part in parts {
            for (key, content) in part? {
                match content {
                    Ok(bytes) => {
                        files.insert(key, bytes);
                    }
                    Err(why) => {
                        unusable.insert(key, why);
                    }
                }
            }
        }
        Ok(SpecFiles::with_unusable(SPEC, files, unusable))
    }
}

/// What lies in the spec folder.
#[derive(Default)]
struct Found {
    /// Files: key in the spec, and path.
    files: Vec<(String, PathBuf)>,
    /// What is no file of a spec, by key.
    unusable: BTreeMap<String, Unusable>,
}

fn is_left_by_editors(name: &str) -> bool {
    matches!(name, ".git" | ".DS_Store")
        || name.starts_with(".#")
        || name.ends_with('~')
        || (name.starts_with('.') && name.strip_suffix(".swp").is_some())
}

/// Collects the files below a folder. Links are followed within the spec.
fn read_folder(
    folder: &Path,
    real_root: &Path,
    prefix: &str,
    found: &mut Found,
) -> anyhow::Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    for entry in entries {
        let entry = entry.with_context(|| format!("reading {}", folder.display()))?;
        let path = entry.path();
        let name = entry.file_name();
        let Some(name) = name.to_str() else {
            let key = format!("{prefix}{}", name.to_string_lossy());
            found.unusable.insert(key, Unusable::Name);
            continue;
        };
        // Editors and systems leave such files behind; no spec means them.
        if is_left_by_editors(name) {
            continue;
        }
        let key = format!("{prefix}{name}");
        match kind(&entry, real_root).with_context(|| format!("reading {}", path.display()))? {
            Kind::File => found.files.push((key, path)),
            Kind::Folder if key.matches('/').count() <= 32 => {
                read_folder(&path, real_root, &format!("{key}/"), found)?;
            }
            Kind::Folder => {
                found.unusable.insert(key, Unusable::Loop);
            }
            Kind::Unusable(why) => {
                found.unusable.insert(key, why);
            }
        }
    }
    Ok(())
}

/// What an entry of the spec folder is, seen through links.
enum Kind {
    File,
    Folder,
    Unusable(Unusable),
}

fn kind(entry: &fs::DirEntry, real_root: &Path) -> io::Result<Kind> {
    let mut file_type = entry.file_type()?;
    if file_type.is_symlink() {
        let real = match entry.path().canonicalize() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Kind::Unusable(Unusable::Dangling));
            }
            // Links that lead to each other.
            Err(error) if Errno::from_io_error(&error) == Some(Errno::LOOP) => {
                return Ok(Kind::Unusable(Unusable::Loop));
            }
            real => real?,
        };
        if real_root.starts_with(&real) {
            return Ok(Kind::Unusable(Unusable::Loop));
        }
        if !real.starts_with(real_root) {
            return Ok(Kind::Unusable(Unusable::Outside));
        }
        file_type = fs::metadata(&real)?.file_type();
    }
    Ok(if file_type.is_dir() {
        Kind::Folder
    } else if file_type.is_file() {
        Kind::File
    } else {
        Kind::Unusable(Unusable::Special)
    })
}

/// The bytes of a file, or why it is none of a spec.
fn read_file(path: &Path) -> anyhow::Result<Result<Vec<u8>, Unusable>> {
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
        return Ok(Err(Unusable::TooLarge { bytes: length, most: LARGEST_FILE }));
    }
    Ok(Ok(bytes))
}
