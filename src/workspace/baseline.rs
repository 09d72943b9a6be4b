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

/// An image that was built.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Built {
    /// The engine that has it.
    pub engine: String,
    /// Its id there.
    pub id: String,
    /// The tag under which it is kept, so that no later build takes it away.
    pub kept: String,
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
        let staged = tempfile::Builder::new()
            .prefix(".new-")
            .tempdir_in(&parent)
            .with_context(|| format!("writing to {}", parent.display()))?;
        for path in files.paths() {
            let Some(bytes) = files.get(path) else { continue };
            write(&staged.path().join(SPEC).join(path), bytes)?;
        }
        write(&staged.path().join(RECORD), &serde_json::to_vec_pretty(built)?)?;
        match fs::remove_dir_all(&place) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("removing {}", place.display()));
            }
            _ => {}
        }
        let staged = staged.keep();
        fs::rename(&staged, &place).with_context(|| format!("writing {}", place.display()))
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

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let write = || {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, bytes)
    };
    write().with_context(|| format!("writing {}", path.display()))
}
