//! What was last built: the spec of each image that was built, and which image came of it.
//!
//! It lies in the folder of the state; whoever removes it loses no more than the
//! possibility to build differences until the next `rdspec build`.
#![expect(clippy::disallowed_methods, reason = "this module keeps what was built on the disk")]

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

use super::{SPEC, Workspace};
use crate::source::SpecFiles;

/// The folder of what was built, in that of the state.
const BASELINES: &str = "baselines";

/// The file that says which image came of a spec.
const RECORD: &str = "image.json";

/// How folders are called that are being written, and those that are being replaced.
const NEW: &str = ".new-";
const OLD: &str = ".old-";

/// An image that was built.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Built {
    /// The engine that has it.
    pub engine: String,
    /// Its id there.
    pub id: String,
    /// The tag under which it is kept, so that no later build takes it away.
    pub kept: String,
    /// What rdspec had written from its spec: of it and of the images that it extends. Records of old have none.
    #[serde(default)]
    pub written: Option<String>,
}

impl Workspace {
    /// The folder for what is built late: never `generated`.
    ///
    /// # Errors
    /// The folder of the state cannot be made.
    pub fn late(&self, image: &str) -> anyhow::Result<PathBuf> {
        Ok(self.state_folder()?.join("dev").join(image))
    }

    /// Keeps the spec of an image that was built, in the place of what was kept before. `image` is its folder in
    /// the output.
    ///
    /// # Errors
    /// A file that cannot be written; what was kept before is then still there.
    pub fn keep_built(&self, image: &str, files: &SpecFiles, built: &Built) -> anyhow::Result<()> {
        let place = self.state_folder()?.join(BASELINES).join(image.replace('/', "+"));
        let parent = place.parent().unwrap_or(&place).to_owned();
        fs::create_dir_all(&parent).with_context(|| format!("making {}", parent.display()))?;
        remove_stale(&parent)?;
        let staged = tempfile::Builder::new()
            .prefix(NEW)
            .tempdir_in(&parent)
            .with_context(|| format!("writing to {}", parent.display()))?;
        for path in files.paths() {
            let Some(bytes) = files.get(path) else { continue };
            write(&staged.path().join(SPEC).join(path), bytes)?;
        }
        write(&staged.path().join(RECORD), &serde_json::to_vec_pretty(built)?)?;
        let aside = tempfile::Builder::new().prefix(OLD).tempdir_in(&parent)?;
        let before = aside.path().join("before");
        match fs::rename(&place, &before) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("moving {}", place.display()));
            }
            _ => {}
        }
        // Each removes itself when it is dropped, with what is in it then.
        fs::rename(staged.path(), &place).or_else(|error| {
            let _ = fs::rename(&before, &place);
            Err(error).with_context(|| format!("writing {}", place.display()))
        })
    }

    /// The spec from which an image was last built, and the image; none where it was not built here.
    ///
    /// # Errors
    /// What was kept cannot be read.
    pub fn built(&self, image: &str) -> anyhow::Result<Option<(Built, SpecFiles)>> {
        let place =
            self.root.join(super::state::STATE).join(BASELINES).join(image.replace('/', "+"));
        let record = match fs::read(place.join(RECORD)) {
            Ok(record) => record,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(error).with_context(|| format!("reading {}", place.display()));
            }
        };
        let Ok(built) = serde_json::from_slice(&record) else {
            bail!(
                "{} says nothing that this version of rdspec understands; `rdspec build` writes it anew",
                place.join(RECORD).display()
            );
        };
        Ok(Some((built, Self::new(place).load()?)))
    }
}

/// Removes what a killed rdspec left: builds of a stack are one at a time.
fn remove_stale(parent: &Path) -> anyhow::Result<()> {
    let entries = fs::read_dir(parent).with_context(|| format!("reading {}", parent.display()))?;
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(NEW) || name.starts_with(OLD) {
            let path = entry.path();
            fs::remove_dir_all(&path).with_context(|| format!("removing {}", path.display()))?;
        }
    }
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let write = || {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, bytes)
    };
    write().with_context(|| format!("writing {}", path.display()))
}
