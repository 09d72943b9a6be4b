//! Downloads, as the scripts that fetch them see them.

use serde::Serialize;

use super::Mount;
use crate::model::Component;
use crate::model::download::{ArchiveFormat, Artifact, Download, DownloadAction};

/// Where the cache of downloads is mounted.
pub const DOWNLOADS: &str = "/run/downloads";

/// The cache of downloads: files by their SHA-256.
pub(crate) fn cache() -> Mount {
    Mount::Cache { id: "rdspec-downloads".to_owned(), target: DOWNLOADS, locked: false }
}

/// One download.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Fetch {
    /// Its name.
    pub name: String,
    /// How many bytes it has, or `any`.
    pub size: String,
    /// What to fetch on each architecture.
    pub artifacts: Vec<FetchArtifact>,
    /// `install`, `unpack`, `package` or `script`.
    pub action: &'static str,
    /// Where it goes; the file's name below the scratch folder for a package.
    pub to: String,
    /// Permission bits of an installed file.
    pub mode: String,
    /// Leading directories to drop from an archive's paths.
    pub strip: u8,
    /// The option by which tar reads it, or `zip`.
    pub format: &'static str,
    /// Whether a part of the archive is taken.
    pub selects: bool,
    /// The variable by which the component's script finds it.
    pub variable: String,
}

/// A file to fetch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct FetchArtifact {
    /// As dpkg calls the architecture.
    pub architecture: &'static str,
    /// What the bytes must be.
    pub sha256: String,
    /// Where they are.
    pub urls: Vec<String>,
    /// What is taken from the archive, if it is not everything.
    pub select: Vec<String>,
    /// What the file is called where a script gets it: some programs tell by the name what it is.
    pub file: String,
}

impl Fetch {
    /// A download that a component's own script fetches.
    pub(super) fn of(download: &Download) -> Self {
        let mut fetch = Self {
            name: download.name.to_string(),
            size: download.size.as_ref().map_or("any".to_owned(), ToString::to_string),
            artifacts: download.artifacts.iter().map(|file| artifact(download, file)).collect(),
            action: "package",
            to: download.action.target().map(ToString::to_string).unwrap_or_default(),
            mode: String::new(),
            strip: 0,
            format: "",
            selects: download.artifacts.iter().any(|artifact| !artifact.select.is_empty()),
            variable: String::new(),
        };
        match &download.action {
            DownloadAction::Package => {}
            DownloadAction::Install { mode, .. } => {
                fetch.action = "install";
                fetch.mode = mode.to_string();
            }
            DownloadAction::Unpack { strip, format, .. } => {
                fetch.action = "unpack";
                fetch.strip = *strip;
                fetch.format = tar_option(*format);
            }
            DownloadAction::Script { variable } => {
                fetch.action = "script";
                fetch.variable = variable.to_string();
            }
        }
        fetch
    }

    /// A Debian package, which shares its script with those of other components.
    pub(crate) fn of_package(component: &Component, download: &Download) -> Self {
        let name = format!("{}.{}", component.name, download.name);
        Self { to: format!("{name}.deb"), name, ..Self::of(download) }
    }
}

fn artifact(download: &Download, artifact: &Artifact) -> FetchArtifact {
    let file = artifact.urls.first().map(crate::model::download::Url::file_name);
    FetchArtifact {
        architecture: artifact.architecture.name(),
        sha256: artifact.sha256.to_string(),
        urls: artifact.urls.iter().map(|url| url.text.clone()).collect(),
        select: artifact.select.iter().map(|path| path.as_str().to_owned()).collect(),
        file: file
            .filter(|name| !matches!(*name, "" | "." | ".."))
            .map_or_else(|| download.name.to_string(), ToOwned::to_owned),
    }
}

/// tar(1): the option that names the compression.
fn tar_option(format: ArchiveFormat) -> &'static str {
    match format {
        ArchiveFormat::Tar => "",
        ArchiveFormat::TarGzip => "--gzip",
        ArchiveFormat::TarXz => "--xz",
        ArchiveFormat::TarBzip2 => "--bzip2",
        ArchiveFormat::TarZstd => "--zstd",
        ArchiveFormat::Zip => "zip",
    }
}
