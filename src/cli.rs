//! Command line arguments: types only.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::engine::EngineName;
use crate::engine::container::Ids;
use crate::engine::secret::SecretFile;
use crate::model::names::Tag;
use crate::model::size;

/// Compiles a declarative spec of a stack of container images into Dockerfiles and install scripts.
#[derive(Debug, Parser)]
#[command(version, disable_help_subcommand = true, propagate_version = true)]
#[command(
    after_help = "Exit codes: 0 done; 1 drift or findings; 2 the spec or the usage is wrong; \
                        3 verification failed; 4 the disk, the network or an engine failed; \
                        128 and the number of a signal that stopped it."
)]
pub struct Cli {
    /// Work on the stack in this folder
    #[arg(short = 'C', long = "directory", global = true, value_name = "DIR", default_value = ".")]
    pub directory: PathBuf,

    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,

    /// Say only what went wrong
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Show everything that an engine prints
    #[arg(short, long, global = true)]
    pub verbose: bool,

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
    /// Report every mistake and finding of the spec, without the network
    Check(Check),
    /// Start a small stack that builds, in a folder without one
    Init(Init),
    /// List the images, or show the resolved spec of one with the origin of each value
    Show(Show),
    /// Show the layers of images, what they cost, and what a change rebuilds
    Plan(Plan),
    /// Print the language of the spec: JSON Schema for editors, or the reference
    Schema(Schema),
    /// Say what a diagnostic means, or list all of them
    Explain(Explain),
    /// Print a script that completes the command line in a shell
    Completions(Completions),
    /// Build images, parents first, with the engine of this machine
    Build(Build),
    /// Build only what differs from the last build, on top of it
    Dev(Dev),
    /// Run the checks of images in containers, as their user or as clusters would
    Test(Test),
    /// Build an image and run it, with its ports on this machine
    Run(Run),
    /// Build an image and look around in it
    Shell(Shell),
    /// Push built images to the stack's registry
    Push(Push),
    /// Remove this stack's old images from the engine
    Clean(Clean),
    /// Show where the bytes of a built image are, whose they are, and which are for nothing
    Audit(Audit),
    /// Show what changed between two built images
    Diff(Diff),
}

impl Command {
    /// Whether what the command is for are diagnostics, on stdout.
    pub fn results_are_diagnostics(&self) -> bool {
        matches!(self, Self::Check(_))
    }
}

/// How results are written to stdout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For scripts: one JSON value.
    Json,
}

/// Arguments of `rdspec init`.
#[derive(Debug, Args)]
pub struct Init {
    /// The name of the stack; made of the folder's name where none is given
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
}

/// Arguments of `rdspec show`.
#[derive(Debug, Args)]
pub struct Show {
    /// The image to show; without it, all images are listed
    #[arg(value_name = "IMAGE")]
    pub image: Option<String>,

    /// The variant to show
    #[arg(long, value_name = "NAME")]
    pub variant: Option<String>,

    /// How to write it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Format,
}

/// Arguments of `rdspec explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// The code of the diagnostic, such as unknown-key
    #[arg(value_name = "CODE")]
    pub code: Option<String>,

    /// How to write it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Format,
}

/// Arguments of `rdspec completions`.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

/// Arguments of `rdspec plan`.
#[derive(Debug, Args)]
pub struct Plan {
    /// The image to show; all of them where none is named
    #[arg(value_name = "IMAGE")]
    pub image: Option<String>,

    /// The variant to show; the default variant where none is named
    #[arg(long, value_name = "NAME")]
    pub variant: Option<String>,

    /// Show what the change since a git revision rebuilds
    #[arg(long, value_name = "REV")]
    pub since: Option<String>,

    /// How to write the plan
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Format,
}

/// Arguments of `rdspec schema`.
#[derive(Debug, Args)]
pub struct Schema {
    /// Of what
    #[arg(value_name = "WHAT")]
    pub subject: SchemaSubject,
}

/// What `rdspec schema` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaSubject {
    /// JSON Schema of stack.toml.
    Stack,
    /// JSON Schema of the files in components/.
    Component,
    /// Every key of both, as Markdown.
    Reference,
}

/// Arguments of `rdspec check`.
#[derive(Debug, Args)]
pub struct Check {
    /// How to write the findings
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Format,
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

/// Which images of which variant, and the engine that has or makes them.
#[derive(Debug, Args)]
pub struct Target {
    /// The variant; the default variant where none is named
    #[arg(long, value_name = "NAME")]
    pub variant: Option<String>,

    /// The engine; the first of docker, podman and buildah on this machine where none is named
    #[arg(long, value_name = "ENGINE")]
    pub engine: Option<EngineName>,

    /// The tag in place of the stack's own; a variant's name follows it as ever
    #[arg(long = "tag", value_name = "TAG", value_parser = Tag::parse)]
    pub tags: Vec<Tag>,
}

/// How images are built.
#[derive(Debug, Args)]
pub struct Building {
    /// The network of builds and containers, as the engine calls it (for example `host`)
    #[arg(long, value_name = "MODE")]
    pub network: Option<String>,

    /// Build on this image instead of the base image of the spec
    #[arg(long, value_name = "IMAGE")]
    pub base: Option<String>,

    /// A file that a script of the spec reads as a secret; no layer gets it
    #[arg(long = "secret", value_name = "id=NAME,src=FILE")]
    pub secrets: Vec<SecretFile>,

    /// How many images that do not build on each other are built at once; only docker builds more than one
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..))]
    pub jobs: u8,
}

/// How clusters run containers.
#[derive(Debug, Args)]
pub struct AsClusters {
    /// Run with these ids, whatever the image says; the group is 0 where none is given
    #[arg(long = "as", value_name = "UID[:GID]")]
    pub ids: Option<Ids>,

    /// Let no process gain privileges: sudo and other setuid programs have no effect
    #[arg(long)]
    pub no_new_privileges: bool,

    /// Make the image's files read-only; the home, /tmp and /run are empty and writable, as volumes are
    #[arg(long)]
    pub read_only: bool,
}

/// Arguments of `rdspec build`.
#[derive(Debug, Args)]
pub struct Build {
    /// The images to build, with their parents; all of them where none is named
    #[arg(value_name = "IMAGE")]
    pub images: Vec<String>,

    /// Which variant, on which engine.
    #[command(flatten)]
    pub target: Target,

    /// How.
    #[command(flatten)]
    pub building: Building,

    /// Do not use layers of earlier builds
    #[arg(long)]
    pub no_cache: bool,

    /// Push the images when all of them are built
    #[arg(long)]
    pub push: bool,

    /// Write the measured seconds and bytes of each layer to the profile of the spec
    #[arg(long)]
    pub record: bool,
}

/// Arguments of `rdspec test`.
#[derive(Debug, Args)]
pub struct Test {
    /// The images to test; all of them where none is named
    #[arg(value_name = "IMAGE")]
    pub images: Vec<String>,

    /// Which variant, on which engine.
    #[command(flatten)]
    pub target: Target,

    /// How.
    #[command(flatten)]
    pub building: Building,

    /// How clusters run them.
    #[command(flatten)]
    pub clusters: AsClusters,

    /// Test the images as they are, without building them first
    #[arg(long)]
    pub no_build: bool,

    /// How to write the results; the text is TAP 14
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Format,
}

/// Arguments of `rdspec run`.
#[derive(Debug, Args)]
pub struct Run {
    /// The image to run; may be left out where the variant has only one
    #[arg(value_name = "IMAGE")]
    pub image: Option<String>,

    /// Which variant, on which engine.
    #[command(flatten)]
    pub target: Target,

    /// How.
    #[command(flatten)]
    pub building: Building,

    /// How clusters run it.
    #[command(flatten)]
    pub clusters: AsClusters,

    /// Run the image as it is, without building it first
    #[arg(long)]
    pub no_build: bool,

    /// A port of this machine and the container's, in place of the same ports as the image exposes
    #[arg(short, long = "publish", value_name = "PORT:PORT", value_parser = ports)]
    pub publish: Vec<(u16, u16)>,

    /// A volume, as the engine writes it
    #[arg(long = "volume", value_name = "SOURCE:PATH")]
    pub volumes: Vec<String>,

    /// A variable of the container
    #[arg(short, long = "env", value_name = "NAME=VALUE")]
    pub environment: Vec<String>,

    /// Arguments of the image's program in place of its own
    #[arg(last = true, value_name = "ARGUMENT")]
    pub arguments: Vec<std::ffi::OsString>,
}

fn ports(text: &str) -> Result<(u16, u16), String> {
    let (outside, inside) = text.split_once(':').unwrap_or((text, text));
    match (outside.parse(), inside.parse()) {
        (Ok(outside), Ok(inside)) => Ok((outside, inside)),
        _ => Err("it takes PORT or PORT:PORT, of this machine and of the container".to_owned()),
    }
}

/// Arguments of `rdspec shell`.
#[derive(Debug, Args)]
pub struct Shell {
    /// The image to look around in; may be left out where the variant has only one
    #[arg(value_name = "IMAGE")]
    pub image: Option<String>,

    /// Which variant, on which engine.
    #[command(flatten)]
    pub target: Target,

    /// How.
    #[command(flatten)]
    pub building: Building,

    /// How clusters run it.
    #[command(flatten)]
    pub clusters: AsClusters,

    /// Be root
    #[arg(long, conflicts_with = "ids")]
    pub root: bool,

    /// Use the image as it is, without building it first
    #[arg(long)]
    pub no_build: bool,

    /// A command in place of an interactive bash
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<std::ffi::OsString>,
}

/// Arguments of `rdspec push`.
#[derive(Debug, Args)]
pub struct Push {
    /// The images to push; all of them where none is named
    #[arg(value_name = "IMAGE")]
    pub images: Vec<String>,

    /// Which variant, on which engine.
    #[command(flatten)]
    pub target: Target,

    /// How to write the references with their digests
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Format,
}

/// Arguments of `rdspec clean`.
#[derive(Debug, Args)]
pub struct Clean {
    /// The engine; the first of docker, podman and buildah on this machine where none is named
    #[arg(long, value_name = "ENGINE")]
    pub engine: Option<EngineName>,

    /// Remove images under other tags than the stack's own, too
    #[arg(long)]
    pub other_tags: bool,

    /// Remove without asking
    #[arg(long)]
    pub yes: bool,
}

/// Arguments of `rdspec audit`.
#[derive(Debug, Args)]
pub struct Audit {
    /// An image of the engine, or the path of an archive or OCI layout (PATH#NAME where it holds several), or - for an archive on stdin
    #[arg(value_name = "IMAGE")]
    pub image: String,

    /// Whose image it is; the first of docker, podman and buildah on this machine where none is named
    #[arg(long, value_name = "ENGINE")]
    pub engine: Option<EngineName>,

    /// How many of the lowest layers are not ours; found from the spec where it is not given
    #[arg(long, value_name = "N")]
    pub base_layers: Option<usize>,

    /// Exit with 1 if the efficiency of our layers is less
    #[arg(long, value_name = "PERCENT")]
    pub min_efficiency: Option<Percentage>,

    /// Exit with 1 if the layers have more bytes, in place of max-size in the spec
    #[arg(long, value_name = "SIZE")]
    pub max_size: Option<Size>,

    /// How many files to name in each list
    #[arg(long, value_name = "N", default_value = "10")]
    pub worst: usize,

    /// How to write the report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Format,
}

/// Arguments of `rdspec diff`.
#[derive(Debug, Args)]
pub struct Diff {
    /// The image as it was: as IMAGE of `rdspec audit`
    #[arg(value_name = "OLD")]
    pub old: String,

    /// The image as it is
    #[arg(value_name = "NEW")]
    pub new: String,

    /// Whose images they are; the first of docker, podman and buildah on this machine where none is named
    #[arg(long, value_name = "ENGINE")]
    pub engine: Option<EngineName>,

    /// Leave out files: a path in which * stands for a part of a name, and ** at the end for everything below
    #[arg(long, value_name = "PATTERN")]
    pub except: Vec<String>,

    /// Compare the times of files, too
    #[arg(long)]
    pub mtimes: bool,

    /// List every file, not only how many there are in which folder
    #[arg(long)]
    pub files: bool,

    /// How to write the differences
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Format,
}

/// A percentage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Percentage(f64);

impl Percentage {
    /// As a share of 1.
    pub fn share(self) -> f64 {
        self.0 / 100.0
    }
}

impl FromStr for Percentage {
    type Err = String;

    /// Other tools take a share of 1, so what can be one is refused.
    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.strip_suffix('%').unwrap_or(text).trim_end();
        match number.parse::<f64>() {
            Ok(percentage) if percentage > 1.0 && percentage <= 100.0 => Ok(Self(percentage)),
            _ => Err("give a percentage, such as 99.5".to_owned()),
        }
    }
}

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size(pub u64);

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        size::parse(text).map(Self).ok_or_else(|| {
            format!("give a whole number and a unit, such as \"14 GB\": {}", size::units())
        })
    }
}

/// Arguments of `rdspec dev`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub struct Dev {
    /// The image to try the change on, with what changed in its parents
    #[arg(value_name = "IMAGE")]
    pub image: Option<String>,

    /// The variant to build; the default variant where none is named
    #[arg(long, value_name = "NAME")]
    pub variant: Option<String>,

    /// Compare with the spec of a git revision, from which the image was built; not with the last build
    #[arg(long, value_name = "REV")]
    pub base: Option<String>,

    /// Say what would be done, and build nothing
    #[arg(long)]
    pub dry_run: bool,

    /// Start a container of it
    #[arg(long, conflicts_with_all = ["shell", "test", "dry_run"])]
    pub run: bool,

    /// Do it again whenever the spec changes
    #[arg(long, conflicts_with_all = ["shell", "dry_run"])]
    pub watch: bool,

    /// Start a shell in it, as its user
    #[arg(long, conflicts_with_all = ["test", "dry_run"])]
    pub shell: bool,

    /// Run its checks
    #[arg(long, conflicts_with = "dry_run")]
    pub test: bool,

    /// What builds; the engine of the last build where none is named
    #[arg(long, value_name = "ENGINE")]
    pub engine: Option<EngineName>,

    /// The network of the RUN instructions and of the container, as the engine calls it (for example `host`)
    #[arg(long, value_name = "MODE")]
    pub network: Option<String>,

    /// A file that a script of the spec reads as a secret; no layer gets it
    #[arg(long = "secret", value_name = "id=NAME,src=FILE")]
    pub secrets: Vec<SecretFile>,
}
