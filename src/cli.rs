//! Command line arguments: types only.

pub mod add;
pub mod delivery;
pub mod engines;
pub mod images;
pub mod reference;
pub mod stack;
pub mod upstreams;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use self::add::Add;
use self::delivery::{Bake, Ci};
use self::engines::{Build, Clean, Dev, Push, Run, Shell, Test};
use self::images::{Audit, Diff};
use self::stack::{Affected, Docs, Graph, Sbom, Why};
use self::upstreams::{Bump, Verify};

/// The version of the package and the commit that this program is made of, where the build script knows it.
const VERSION: &str = env!("RDSPEC_VERSION");

/// Compiles a declarative spec of a stack of container images into Dockerfiles and install scripts.
#[derive(Debug, Parser)]
#[command(version = VERSION, disable_help_subcommand = true, propagate_version = true)]
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
    /// List the images that a change touches, and why
    Affected(Affected),
    /// Say what brings a package, a path, a port, a variable, a user or a service into an image
    Why(Why),
    /// Draw the images of the stack with their components or layers: a tree, Mermaid, DOT or SVG
    Graph(Graph),
    /// Write tables of what each image holds, in Markdown
    Docs(Docs),
    /// Print the bill of materials of an image in SPDX, from the spec or from a built image
    Sbom(Sbom),
    /// Print the language of the spec, as JSON Schema for editors or as the reference, or the reference of commands
    Schema(Schema),
    /// Say what a diagnostic means, or list all of them
    Explain(Explain),
    /// Print a script that completes the command line in a shell
    Completions(Completions),
    /// Build images, parents first, with the engine of this machine
    Build(Build),
    /// Write the file with which `docker buildx bake` builds the images, here or on a team's builders
    Bake(Bake),
    /// Write the workflow that builds, checks and publishes the images on the team's forge
    Ci(Ci),
    /// Build only what differs from the last build, on top of it
    Dev(Dev),
    /// Move downloads and base images to newer versions, with their bytes proven
    Bump(Bump),
    /// Write an entry of a component, with its pin proven
    Add(Add),
    /// Ask whether upstreams still serve what is pinned, and whether keys are still good
    Verify(Verify),
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
    /// JSON Schema of the files in dev/.
    Experiments,
    /// Every key of all of them, as Markdown.
    Reference,
    /// Every command with its arguments and options, as Markdown.
    Commands,
}

/// Arguments of `rdspec check`.
#[derive(Debug, Args)]
#[command(after_help = "Exits with 1 if there are warnings, with 2 if there are errors.")]
pub struct Check {
    /// How to write the findings
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Format,
}

/// Arguments of `rdspec generate`.
#[derive(Debug, Args)]
#[command(after_help = "With --check, exits with 1 if generated/ is not what the spec says.")]
pub struct Generate {
    /// Write nothing; print what would change, and exit with 1 if anything would
    #[arg(long)]
    pub check: bool,

    /// Only these images, in every variant that has them
    #[arg(value_name = "IMAGE")]
    pub images: Vec<String>,
}
