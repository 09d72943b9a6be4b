//! Command line arguments: types only.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::engine::EngineName;

/// Compiles a declarative spec of a stack of container images into Dockerfiles and install scripts.
#[derive(Debug, Parser)]
#[command(version, disable_help_subcommand = true, propagate_version = true)]
#[command(
    after_help = "Exit codes: 0 done; 1 drift or findings; 2 the spec or the usage is wrong; \
                        3 verification failed; 4 the network or an engine failed."
)]
pub struct Cli {
    /// Work on the stack in this folder
    #[arg(short = 'C', long = "directory", global = true, value_name = "DIR", default_value = ".")]
    pub directory: PathBuf,

    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,

    /// Say only what went wrong
    #[arg(short, long, global = true)]
    pub quiet: bool,

    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write the Dockerfiles and scripts to generated/
    Generate(Generate),
    /// Build images, parents first, with the engine of this machine
    Build(Build),
}

/// Arguments of `rdspec generate`.
#[derive(Debug, Args)]
pub struct Generate {
    /// Write nothing; print what would change, and exit with 1 if anything would
    #[arg(long)]
    pub check: bool,

    /// Only these images, in every variant that has them
    #[arg(value_name = "IMAGE")]
    pub images: Vec<String>,
}

/// Arguments of `rdspec build`.
#[derive(Debug, Args)]
pub struct Build {
    /// The images to build, with their parents; all of them where none is named
    #[arg(value_name = "IMAGE")]
    pub images: Vec<String>,

    /// The variant to build; the default variant where none is named
    #[arg(long, value_name = "NAME")]
    pub variant: Option<String>,

    /// What builds; the first of docker, podman and buildah on this machine where none is named
    #[arg(long, value_name = "ENGINE")]
    pub engine: Option<EngineName>,

    /// The network of the RUN instructions, as the engine calls it (for example `host`)
    #[arg(long, value_name = "MODE")]
    pub network: Option<String>,

    /// Build on this image instead of the base image of the spec
    #[arg(long, value_name = "IMAGE")]
    pub base: Option<String>,

    /// Do not use layers of earlier builds
    #[arg(long)]
    pub no_cache: bool,
}
