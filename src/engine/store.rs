//! The images that an engine has: names, sizes, registries.

use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use serde::Deserialize;

use super::interrupt::Interrupt;
use super::{Engine, EngineName, failure, process};

/// An image in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The digest of its configuration.
    pub id: String,
    /// Its names; none where it is dangling.
    pub tags: Vec<String>,
    /// Bytes, shared layers included, where the engine counts them.
    pub size: Option<u64>,
}

impl Engine {
    /// Runs a short call to its end and gives its stdout.
    ///
    /// # Errors
    /// The engine cannot be started, or fails; then with its own words and, where it is known, what they mean.
    pub fn ask(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let mut command = self.command();
        let output = command
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("starting {}", self.name()))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.success() {
            return Ok(text);
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let call = format!(
            "{} {}",
            self.name(),
            arguments.iter().take(2).copied().collect::<Vec<_>>().join(" ")
        );
        let meaning =
            failure::meaning(said.lines()).map(|what| format!("\n{what}")).unwrap_or_default();
        bail!("{call} ended with {}: {}{meaning}", output.status, said.trim())
    }

    /// Gives an image a further name, and takes it from whichever has it.
    ///
    /// # Errors
    /// As of [`Self::ask`].
    pub fn tag(&self, image: &str, reference: &str) -> anyhow::Result<()> {
        self.ask(&["tag", image, reference]).map(drop)
    }

    /// Takes a name away; what has no name and no child afterwards is removed.
    ///
    /// # Errors
    /// As of [`Self::ask`].
    pub fn remove(&self, image: &str) -> anyhow::Result<()> {
        self.ask(&["rmi", image]).map(drop)
    }

    /// Takes a name away from an image that has another one. It removes nothing.
    ///
    /// # Errors
    /// As of [`Self::ask`].
    pub fn untag(&self, reference: &str) -> anyhow::Result<()> {
        // docker has no `untag`; its `rmi` of one of several names is one.
        self.remove(reference)
    }

    /// The history of an image, the newest entry first; none where the engine does not tell (buildah).
    ///
    /// # Errors
    /// As of [`Self::ask`].
    pub fn history(&self, image: &str) -> anyhow::Result<Option<Vec<HistoryEntry>>> {
        let mut call = vec!["history", "--no-trunc", "--format"];
        match self.kind() {
            EngineName::Docker => {
                call.extend(["{{.Size}} {{.CreatedBy}}", "--human=false", image]);
                Ok(Some(self.ask(&call)?.lines().filter_map(HistoryEntry::parse).collect()))
            }
            EngineName::Podman => {
                call.extend(["json", image]);
                let entries = serde_json::from_str(&self.ask(&call)?)
                    .with_context(|| format!("reading podman's history of {image}"))?;
                Ok(Some(entries))
            }
            EngineName::Buildah => Ok(None),
        }
    }

    /// What the store knows of an image.
    ///
    /// # Errors
    /// As of [`Self::ask`], for example that there is no such image.
    pub fn inspect(&self, image: &str) -> anyhow::Result<Stored> {
        if self.kind() == EngineName::Buildah {
            return self.inspect_with_buildah(image);
        }
        let text = self.ask(&["image", "inspect", image])?;
        let found: Vec<Inspected> = serde_json::from_str(&text)
            .with_context(|| format!("reading what {} says of {image}", self.name()))?;
        let found =
            found.into_iter().next().with_context(|| format!("there is no image {image}"))?;
        Ok(Stored { id: found.id, tags: found.repo_tags.unwrap_or_default(), size: found.size })
    }

    fn inspect_with_buildah(&self, image: &str) -> anyhow::Result<Stored> {
        let text = self.ask(&["inspect", "--type", "image", image])?;
        let found: BuildahInspected = serde_json::from_str(&text)
            .with_context(|| format!("reading what buildah says of {image}"))?;
        let listed: Vec<BuildahListed> =
            serde_json::from_str(&self.ask(&["images", "--no-trunc", "--json"])?)
                .context("reading buildah's images")?;
        let own = listed.into_iter().find(|listed| listed.id.ends_with(&found.id));
        let tags = own.and_then(|listed| listed.names).unwrap_or_default();
        Ok(Stored { id: found.id, tags, size: None })
    }

    /// Pushes an image, and gives the digest of its manifest where the engine tells it.
    ///
    /// # Errors
    /// As of [`Self::ask`], or it was stopped.
    pub fn push(
        &self,
        reference: &str,
        interrupt: &Interrupt,
        on_line: &mut dyn FnMut(&str),
    ) -> anyhow::Result<Option<String>> {
        let folder = tempfile::tempdir().context("making a folder for the digest")?;
        let file = folder.path().join("digest");
        let mut command = self.command();
        command.arg("push");
        if self.kind() != EngineName::Docker {
            command.arg("--digestfile").arg(&file);
            // As docker does: a registry on this very machine needs no certificate.
            if is_loopback(reference) {
                command.arg("--tls-verify=false");
            }
        }
        let digest = self.pushed(command.arg(reference), interrupt, on_line)?;
        let written = std::fs::File::open(&file).ok();
        Ok(digest.or_else(|| written.and_then(|file| std::io::read_to_string(file).ok())))
    }

    fn pushed(
        &self,
        command: &mut Command,
        interrupt: &Interrupt,
        on_line: &mut dyn FnMut(&str),
    ) -> anyhow::Result<Option<String>> {
        let mut digest = None;
        let mut last = Vec::new();
        let command = std::mem::replace(command, Command::new(self.name()));
        let status = process::stream(command, interrupt, |line, _| {
            // docker: `latest: digest: sha256:… size: 1234`
            let found = line.split_once("digest: ").map(|(_, rest)| rest.split(' ').next());
            digest = found.flatten().map(str::to_owned).or(digest.take());
            last.push(line.to_owned());
            on_line(line);
        })?;
        if status.success() {
            return Ok(digest);
        }
        let meaning = failure::meaning(last.iter().map(String::as_str));
        let meaning = meaning.map(|what| format!("\n{what}")).unwrap_or_default();
        let last = last.last().cloned().unwrap_or_default();
        bail!("{} push ended with {status}: {last}{meaning}", self.name())
    }
}

/// Whether the registry of a reference is on this machine.
fn is_loopback(reference: &str) -> bool {
    let registry = reference.split('/').next().unwrap_or_default();
    let host = registry.rsplit_once(':').map_or(registry, |(host, _)| host);
    host == "localhost" || host == "[::1]" || host.starts_with("127.")
}

/// An entry of an image's history.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct HistoryEntry {
    /// Bytes of its layer.
    pub size: u64,
    /// The instruction that made it.
    #[serde(rename = "CreatedBy")]
    pub created_by: String,
}

impl HistoryEntry {
    fn parse(line: &str) -> Option<Self> {
        let (size, created_by) = line.trim().split_once(' ')?;
        Some(Self { size: size.parse().ok()?, created_by: created_by.to_owned() })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Inspected {
    id: String,
    repo_tags: Option<Vec<String>>,
    size: Option<u64>,
}

#[derive(Deserialize)]
struct BuildahInspected {
    #[serde(rename = "FromImageID")]
    id: String,
}

#[derive(Deserialize)]
struct BuildahListed {
    id: String,
    names: Option<Vec<String>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registries_of_this_machine() {
        for reference in ["localhost:5000/a:b", "127.0.0.1:5000/a", "[::1]:5000/a:b"] {
            assert!(is_loopback(reference), "{reference}");
        }
        for reference in ["registry.example.org/a:b", "localhost.example.org/a", "a:b"] {
            assert!(!is_loopback(reference), "{reference}");
        }
    }
}
