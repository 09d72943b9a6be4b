//! Arguments of the commands that tell about a stack as a whole.

use clap::{Args, ValueEnum};

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
