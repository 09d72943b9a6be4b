//! A component: everything that one file of the spec owns, for one variant.

use std::collections::BTreeMap;

use super::architecture::Architecture;
use super::names::{Duration, Line, Mode, Name, PackageName, Sha256, Signal};
use super::path::AbsolutePath;
use crate::source::Span;

/// Values that the environment of a container or a process has.
pub type Environment = BTreeMap<super::names::EnvironmentName, Line>;

/// How often something changes; the apt packages of an image are installed once for each class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeClass {
    /// Seldom: a few times a year.
    Stable,
    /// Now and then.
    Normal,
    /// Often: browsers, tools that release weekly.
    Volatile,
}

impl ChangeClass {
    /// All classes, in the order of their layers.
    pub const ALL: [Self; 3] = [Self::Stable, Self::Normal, Self::Volatile];

    /// The name in the spec.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::Normal => "normal",
            Self::Volatile => "volatile",
        }
    }
}

/// A component of an image.
#[derive(Debug)]
pub struct Component {
    /// Its name, which is its file's.
    pub name: Name,
    /// Its file, as headers name it: `spec/components/nginx.toml`.
    pub origin: String,
    /// One line about it.
    pub summary: Line,
    /// How often it changes.
    pub change_class: ChangeClass,
    /// Where its file begins, for findings about it as a whole.
    pub span: Span,
    /// Components whose layers come before its own, with the place of each.
    pub needs: Vec<(Name, Span)>,
    /// Debian packages.
    pub packages: Vec<PackageName>,
    /// Whether recommended packages come along.
    pub recommends: bool,
    /// Pinned downloads.
    pub downloads: Vec<Download>,
    /// Files that are copied into the image.
    pub files: Vec<File>,
    /// Shell to run while building.
    pub script: Option<Script>,
    /// Run-time variables, with the place of each.
    pub environment: Vec<(super::names::EnvironmentName, Line, Span)>,
    /// Programs that supervisor keeps running.
    pub services: Vec<Service>,
    /// Exact command lines that the user may run as root.
    pub sudo: Vec<SudoCommand>,
    /// Where the first of them was declared.
    pub sudo_span: Span,
    /// Properties of the container.
    pub runtime: Runtime,
    /// Command lines that prove that it works.
    pub checks: Vec<String>,
}

/// Who owns a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// root:root
    Root,
    /// The image's user and group.
    User,
}

/// A pinned download.
#[derive(Debug)]
pub struct Download {
    /// Its name in the component.
    pub name: Name,
    /// One artifact for each architecture, in the order of the stack's platforms.
    pub artifacts: Vec<Artifact>,
    /// What is done with the verified file.
    pub action: DownloadAction,
    /// Where it was declared.
    pub span: Span,
}

/// A file to fetch.
#[derive(Debug, PartialEq, Eq)]
pub struct Artifact {
    /// For which architecture.
    pub architecture: Architecture,
    /// What the bytes must be.
    pub sha256: Sha256,
    /// Where they are, in the order of trying.
    pub urls: Vec<Url>,
}

/// A URL without user information, in the characters of RFC 3986.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    /// The URL itself.
    pub text: String,
    /// Whether it is https; plain http is only possible to this very machine.
    pub secure: bool,
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
}

impl DownloadAction {
    /// The path that it makes.
    pub fn target(&self) -> &AbsolutePath {
        match self {
            Self::Install { to, .. } | Self::Unpack { to, .. } => to,
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

/// A file that is copied into the image.
#[derive(Debug)]
pub struct File {
    /// Where it lies in the image.
    pub path: AbsolutePath,
    /// Its bytes.
    pub content: Vec<u8>,
    /// Its permission bits.
    pub mode: Mode,
    /// Its owner.
    pub owner: Owner,
    /// Where it was declared.
    pub span: Span,
}

/// Shell to run while building.
#[derive(Debug)]
pub struct Script {
    /// bash, without a shebang.
    pub body: String,
    /// Who runs it.
    pub user: Owner,
    /// Paths that it fills and that the image's user may write.
    pub writable: Vec<AbsolutePath>,
    /// Resource files that it reads: name below the component's resources, and bytes.
    pub inputs: Vec<(String, Vec<u8>)>,
    /// Variables that it sees.
    pub environment: Environment,
}

/// A program that supervisor keeps running.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its name.
    pub name: Name,
    /// Its command line, as supervisor splits it.
    pub command: Line,
    /// Lower starts first.
    pub priority: u32,
    /// Variables that it sees besides the container's.
    pub environment: Environment,
    /// Where it was declared.
    pub span: Span,
}

/// An exact command line that the user may run as root.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SudoCommand {
    /// The program, an absolute path.
    pub program: AbsolutePath,
    /// Exactly these arguments.
    pub arguments: Vec<String>,
}

/// Properties of the container: OCI image spec, "image configuration".
#[derive(Debug, Default)]
pub struct Runtime {
    /// What runs first.
    pub entrypoint: Option<(Vec<Line>, Span)>,
    /// Its arguments.
    pub command: Option<(Vec<Line>, Span)>,
    /// TCP ports that it listens on.
    pub ports: Vec<(u16, Span)>,
    /// Where it starts.
    pub working_directory: Option<(AbsolutePath, Span)>,
    /// What stops it.
    pub stop_signal: Option<(Signal, Span)>,
    /// What asks it whether it is well.
    pub healthcheck: Option<(Healthcheck, Span)>,
}

/// How an engine asks a container whether it is well (Dockerfile reference, HEALTHCHECK).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Healthcheck {
    /// The command; exit status 0 is well.
    pub command: Vec<Line>,
    /// Time between two questions.
    pub interval: Duration,
    /// Time after which a question counts as a failure.
    pub timeout: Duration,
    /// Time at the start in which failures do not count, if there is any.
    pub start_period: Option<Duration>,
    /// How many failures in a row are ill.
    pub retries: u32,
}
