//! Downloads: pinned files, where they are, and what becomes of them.

use super::architecture::Architecture;
use super::license::License;
use super::names::{EnvironmentName, Line, Mode, Name, Sha256};
use super::path::AbsolutePath;
use super::upstream::{Evidence, Upstream};
use crate::source::{Span, Spanned};

/// A pinned download.
#[derive(Debug)]
pub struct Download {
    /// Its name in the component.
    pub name: Name,
    /// Its version, where the spec writes it.
    pub version: Option<Spanned<Line>>,
    /// Its own variables, by name.
    pub variables: Vec<(String, Spanned<Line>)>,
    /// How many bytes the file has, where the spec says it.
    pub size: Option<Spanned<u64>>,
    /// One artifact for each architecture, in the order of the stack's platforms.
    pub artifacts: Vec<Artifact>,
    /// What proved its bytes when it was pinned, where the spec says it.
    pub evidence: Option<Spanned<Evidence>>,
    /// What is done with the verified file.
    pub action: DownloadAction,
    /// Its licence, where the spec says it.
    pub license: Option<License>,
    /// Where new versions are found.
    pub upstream: Option<Upstream>,
    /// Where it was declared.
    pub span: Span,
}

impl Download {
    /// Whether it is a Debian package, which is installed with those of the archives.
    pub fn is_package(&self) -> bool {
        matches!(self.action, DownloadAction::Package)
    }
}

/// A file to fetch.
#[derive(Debug, PartialEq, Eq)]
pub struct Artifact {
    /// For which architecture.
    pub architecture: Architecture,
    /// What the bytes must be, and where that is written.
    pub sha256: Spanned<Sha256>,
    /// Where they are, in the order of trying.
    pub urls: Vec<Url>,
    /// What is taken from the archive, by the paths in it; everything where there is none.
    pub select: Vec<RelativePath>,
}

/// A URL without user information, in the characters of RFC 3986.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    /// The URL itself.
    pub text: String,
    /// Whether it is https; plain http is only possible to this very machine.
    pub secure: bool,
}

impl Url {
    /// The last part of its path, which is empty where the path ends in `/`.
    pub fn file_name(&self) -> &str {
        let path = self.text.split(['?', '#']).next().unwrap_or_default();
        path.rsplit('/').next().unwrap_or_default()
    }
}

/// A path inside of an archive: relative, without `.` (but for a leading `./`) and `..`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RelativePath(String);

impl RelativePath {
    /// Checks a path.
    ///
    /// # Errors
    /// What is wrong with it, in a few words that continue "it …".
    pub fn parse(text: &str) -> Result<Self, String> {
        let plain = text.strip_prefix("./").unwrap_or(text);
        if plain.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return Err("is not how an archive lists a path: no `/` at its beginning or end, none doubled, no `.` or `..` part".into());
        }
        if let Some(bad) = plain.chars().find(|c| c.is_control()) {
            return Err(format!("contains {bad:?}"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The path itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is done with a verified download.
#[derive(Debug)]
pub enum DownloadAction {
    /// Put in place as one file.
    Install {
        /// Where.
        to: AbsolutePath,
        /// With which permission bits.
        mode: Mode,
    },
    /// Unpacked into a new directory.
    Unpack {
        /// Where.
        to: AbsolutePath,
        /// How many leading directories of the archive's paths are dropped.
        strip: u8,
        /// The archive's format.
        format: ArchiveFormat,
    },
    /// Installed as a Debian package, in the apt transaction of the component's change class.
    Package,
    /// Handed to the component's script.
    Script {
        /// The variable that holds its path.
        variable: EnvironmentName,
    },
}

impl DownloadAction {
    /// The path that it makes, if it makes one that the spec names.
    pub fn target(&self) -> Option<&AbsolutePath> {
        match self {
            Self::Install { to, .. } | Self::Unpack { to, .. } => Some(to),
            Self::Package | Self::Script { .. } => None,
        }
    }
}

/// An archive format, told by the URL's file name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArchiveFormat {
    /// `.tar`
    Tar,
    /// `.tar.gz`, `.tgz`
    TarGzip,
    /// `.tar.xz`
    TarXz,
    /// `.tar.bz2`
    TarBzip2,
    /// `.tar.zst`
    TarZstd,
    /// `.zip`
    Zip,
}

impl ArchiveFormat {
    /// The format of a file name.
    pub fn of(file_name: &str) -> Option<Self> {
        const ENDINGS: &[(&str, ArchiveFormat)] = &[
            (".tar", ArchiveFormat::Tar),
            (".tar.gz", ArchiveFormat::TarGzip),
            (".tgz", ArchiveFormat::TarGzip),
            (".tar.xz", ArchiveFormat::TarXz),
            (".txz", ArchiveFormat::TarXz),
            (".tar.bz2", ArchiveFormat::TarBzip2),
            (".tar.zst", ArchiveFormat::TarZstd),
            (".zip", ArchiveFormat::Zip),
        ];
        ENDINGS.iter().find(|(ending, _)| file_name.ends_with(ending)).map(|(_, format)| *format)
    }

    /// The package of the program that unpacks it, where the base image may lack it.
    pub fn package(self) -> Option<&'static str> {
        match self {
            Self::Tar | Self::TarGzip => None,
            Self::TarXz => Some("xz-utils"),
            Self::TarBzip2 => Some("bzip2"),
            Self::TarZstd => Some("zstd"),
            Self::Zip => Some("unzip"),
        }
    }
}
