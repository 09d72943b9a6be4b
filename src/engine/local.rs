//! What images in an engine's store are made of.

use anyhow::Context;

use super::{Engine, EngineName};

impl Engine {
    /// The id of an image; none where the engine has no such image.
    ///
    /// # Errors
    /// The engine cannot be asked.
    pub fn id(&self, reference: &str) -> anyhow::Result<Option<String>> {
        match self.inspect(reference) {
            Ok(stored) => Ok(Some(stored.id)),
            Err(error) => {
                // docker: "No such image"; podman and buildah: "image not known", "does not exist".
                let said = format!("{error:#}").to_lowercase();
                let absent = ["no such image", "image not known", "does not exist", "not found"];
                if absent.iter().any(|words| said.contains(words)) { Ok(None) } else { Err(error) }
            }
        }
    }

    /// How many layers an image has, with those of its base image.
    ///
    /// # Errors
    /// The engine cannot be asked, or has no such image.
    pub fn layers(&self, reference: &str) -> anyhow::Result<usize> {
        let text = match self.kind() {
            EngineName::Buildah => {
                let format = "{{len .OCIv1.RootFS.DiffIDs}}";
                self.ask(&["inspect", "--type", "image", "--format", format, reference])?
            }
            EngineName::Docker | EngineName::Podman => {
                self.ask(&["image", "inspect", "--format", "{{len .RootFS.Layers}}", reference])?
            }
        };
        let text = text.trim();
        text.parse()
            .with_context(|| format!("{} says that {reference} has {text:?} layers", self.name()))
    }
}
