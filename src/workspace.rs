//! The only disk I/O of the compiler: reads the spec folder, compares and writes the output folder.
//!
//! Files are replaced atomically and only where their bytes differ. What rdspec wrote before and does not
//! generate any more is removed; a manifest in the output folder says what it wrote, so that other
//! files are never touched.
#![expect(clippy::disallowed_methods, reason = "this module is where the compiler meets the disk")]

pub mod diff;
pub mod output;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

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
        let mut files = BTreeMap::new();
        read_folder(&folder, &real, "", &mut files)?;
        if files.is_empty() {
            bail!("{} is empty: a stack begins with {SPEC}/stack.toml", folder.display());
        }
        Ok(SpecFiles::new(SPEC, files))
    }
}

fn is_left_by_editors(name: &str) -> bool {
    matches!(name, ".git" | ".DS_Store")
        || name.starts_with(".#")
        || name.ends_with('~')
        || (name.starts_with('.') && name.strip_suffix(".swp").is_some())
}

fn read_folder(
    folder: &Path,
    real_root: &Path,
    prefix: &str,
    files: &mut BTreeMap<String, Vec<u8>>,
) -> anyhow::Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    for entry in entries {
        let path = entry.with_context(|| format!("reading {}", folder.display()))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            bail!("{} has a name that is not UTF-8", path.display());
        };
        // Editors and systems leave such files behind; no spec means them.
        if is_left_by_editors(name) {
            continue;
        }
        let real = path.canonicalize().with_context(|| format!("reading {}", path.display()))?;
        if !real.starts_with(real_root) {
            bail!("{} is a link that leads out of the spec folder", path.display());
        }
        let key = format!("{prefix}{name}");
        let metadata =
            fs::metadata(&path).with_context(|| format!("reading {}", path.display()))?;
        if metadata.is_dir() {
            if real_root.starts_with(&real) || key.matches('/').count() > 32 {
                bail!("{} leads back into itself", path.display());
            }
            read_folder(&path, real_root, &format!("{key}/"), files)?;
        } else if metadata.is_file() {
            if metadata.len() > LARGEST_FILE {
                bail!(
                    "{} has {} bytes; a spec file has at most {LARGEST_FILE}. Large data belongs into a download",
                    path.display(),
                    metadata.len()
                );
            }
            let bytes = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
            files.insert(key, bytes);
        } else {
            bail!("{} is neither a file nor a folder", path.display());
        }
    }
    Ok(())
}
