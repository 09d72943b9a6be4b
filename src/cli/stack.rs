//! Arguments of the commands that tell about a stack as a whole.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Format;
use crate::engine::EngineName;

/// Arguments of `rdspec affected`.
#[derive(Debug, Args)]
pub struct Affected {
    /// The git revision that the change begins at
    #[arg(long, value_name = "REV")]
    pub since: String,

    /// Only the images of this variant
    #[arg(long, value_name = "NAME")]
    pub variant: Option<String>,

    /// How to write the images
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: AffectedFormat,
}

/// How `rdspec affected` writes its result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum AffectedFormat {
    /// For people.
    #[default]
    Text,
    /// For scripts: one JSON value.
    Json,
    /// For a workflow of GitHub: the matrix of a job, as one line of JSON.
    GithubMatrix,
}

/// Arguments of `rdspec why`.
#[derive(Debug, Args)]
pub struct Why {
    /// A package, a download, a path, a port, a variable, a user, a service, a route or a component
    #[arg(value_name = "WHAT")]
    pub what: String,

    /// The variant to look at; the default variant where none is named
    #[arg(long, value_name = "NAME")]
    pub variant: Option<String>,

    /// Follow what the spec does not name through the packages of a built image, up to one of the spec: as IMAGE of `rdspec audit`
    #[arg(long, value_name = "IMAGE")]
    pub built: Option<String>,

    /// Whose image it is; the first of docker, podman and buildah on this machine where none is named
    #[arg(long, value_name = "ENGINE", requires = "built")]
    pub engine: Option<EngineName>,

    /// How to write it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Format,
}

/// Arguments of `rdspec graph`.
#[derive(Debug, Args)]
pub struct Graph {
    /// The image to show with all that it is built on; without it, all images
    #[arg(value_name = "IMAGE")]
    pub image: Option<String>,

    /// The variant to show; the default variant where none is named
    #[arg(long, value_name = "NAME")]
    pub variant: Option<String>,

    /// Show the layers of each image with their components
    #[arg(long)]
    pub layers: bool,

    /// How to draw it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: GraphFormat,
}

/// How `rdspec graph` draws.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum GraphFormat {
    /// A tree of text.
    #[default]
    Text,
    /// A flowchart of Mermaid, which Markdown of several forges shows.
    Mermaid,
    /// The language of Graphviz.
    Dot,
    /// A picture that needs nothing else.
    Svg,
}

/// Arguments of `rdspec docs`.
#[derive(Debug, Args)]
pub struct Docs {
    /// The image to tell of; without it, all images
    #[arg(value_name = "IMAGE")]
    pub image: Option<String>,

    /// The variant to tell of; the default variant where none is named
    #[arg(long, value_name = "NAME")]
    pub variant: Option<String>,

    /// Write to this file, from the folder of the stack, in place of stdout
    #[arg(long, value_name = "FILE")]
    pub write: Option<PathBuf>,

    /// Write nothing; print how the file differs, and exit with 1 if it does
    #[arg(long, requires = "write")]
    pub check: bool,
}

/// Arguments of `rdspec sbom`.
#[derive(Debug, Args)]
pub struct Sbom {
    /// The image
    #[arg(value_name = "IMAGE")]
    pub image: String,

    /// The variant; the default variant where none is named
    #[arg(long, value_name = "NAME")]
    pub variant: Option<String>,

    /// Read the databases of the built image, too: as IMAGE of `rdspec audit`; that of the stack where none is named
    #[arg(long, value_name = "REFERENCE", num_args = 0..=1)]
    pub built: Option<Option<String>>,

    /// Whose image it is; the first of docker, podman and buildah on this machine where none is named
    #[arg(long, value_name = "ENGINE", requires = "built")]
    pub engine: Option<EngineName>,
}
