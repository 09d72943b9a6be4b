//! Arguments of the commands that have an engine build, run or remove something.

use clap::{Args, Subcommand};

use super::Format;
use crate::engine::EngineName;
use crate::engine::container::Ids;
use crate::engine::secret::SecretFile;
use crate::model::reference::Tag;

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

/// Which images run in containers, how they are built before, and how they run.
#[derive(Debug, Args)]
pub struct Containers {
    /// Which variant, on which engine.
    #[command(flatten)]
    pub target: Target,

    /// How they are built.
    #[command(flatten)]
    pub building: Building,

    /// How clusters run them.
    #[command(flatten)]
    pub clusters: AsClusters,

    /// Take the images as they are, without building them first
    #[arg(long)]
    pub no_build: bool,
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

    /// Build all with `docker buildx bake` on this builder of buildx, which may be on other machines
    #[arg(long, value_name = "NAME", conflicts_with = "record")]
    pub builder: Option<String>,

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
#[command(after_help = "Exits with 1 if a check failed.")]
pub struct Test {
    /// The images to test; all of them where none is named
    #[arg(value_name = "IMAGE")]
    pub images: Vec<String>,

    /// How.
    #[command(flatten)]
    pub containers: Containers,

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

    /// How.
    #[command(flatten)]
    pub containers: Containers,

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

    /// How.
    #[command(flatten)]
    pub containers: Containers,

    /// Be root
    #[arg(long, conflicts_with = "ids")]
    pub root: bool,

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

/// What becomes of the experiments of an image.
#[derive(Debug, Subcommand)]
pub enum Experiments {
    /// Make experiments of spec/dev part of the spec, and show what that changes
    Promote(Chosen),
    /// Drop experiments of spec/dev, and show what they were
    Reset(Chosen),
}

/// Which experiments are meant.
#[derive(Debug, Args)]
pub struct Chosen {
    /// The image; may be left out where only one has experiments
    #[arg(value_name = "IMAGE")]
    pub image: Option<String>,

    /// The experiments; all of the image where none is named
    #[arg(value_name = "EXPERIMENT")]
    pub experiments: Vec<String>,

    /// Show what would be done, and write nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Arguments of `rdspec dev`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exits with 1 if the change cannot be laid on top, or if what it started failed."
)]
#[command(args_conflicts_with_subcommands = true)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub struct Dev {
    /// What becomes of experiments, in place of trying them.
    #[command(subcommand)]
    pub action: Option<Experiments>,

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
