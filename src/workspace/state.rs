//! What rdspec remembers of a stack on this machine, in the folder `.rdspec` beside the spec. The folder keeps itself out
//! of git; without it, nothing but memory is lost.
#![expect(clippy::disallowed_methods, reason = "this module keeps state on disk")]

use std::fs;
use std::path::PathBuf;

use anyhow::Context;

use super::{Workspace, write_whole};

/// The folder of the state.
pub(super) const STATE: &str = ".rdspec";

/// The images that were built here, one a line, the oldest first.
const BUILT: &str = "built";

/// An image that was built here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuiltImage {
    /// The engine that has it.
    pub engine: String,
    /// The digest of its configuration.
    pub id: String,
    /// The name that it got.
    pub reference: String,
}

impl Workspace {
    /// The folder of the state, made where it is missing.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn state_folder(&self) -> anyhow::Result<PathBuf> {
        let folder = self.root.join(STATE);
        let make = || -> std::io::Result<()> {
            fs::create_dir_all(&folder)?;
            let ignore = folder.join(".gitignore");
            if !ignore.exists() {
                fs::write(ignore, "*\n")?;
            }
            Ok(())
        };
        make().with_context(|| format!("making {}", folder.display()))?;
        Ok(folder)
    }

    /// The images that were built here, the oldest first.
    ///
    /// # Errors
    /// The list cannot be read.
    pub fn built_images(&self) -> anyhow::Result<Vec<BuiltImage>> {
        let path = self.root.join(STATE).join(BUILT);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error).with_context(|| format!("reading {}", path.display())),
        };
        let image = |line: &str| {
            let mut words = line.split(' ').map(str::to_owned);
            Some(BuiltImage { engine: words.next()?, id: words.next()?, reference: words.next()? })
        };
        Ok(text.lines().filter_map(image).collect())
    }

    /// Replaces the list of images that were built here.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn remember_built_images(&self, images: &[BuiltImage]) -> anyhow::Result<()> {
        let path = self.state_folder()?.join(BUILT);
        let lines = images
            .iter()
            .map(|image| format!("{} {} {}\n", image.engine, image.id, image.reference));
        write_whole(&path, lines.collect::<String>().as_bytes())
            .with_context(|| format!("writing {}", path.display()))
    }
}
