//! Arguments of `rdspec add`.

use clap::{Args, Subcommand};

/// Arguments of `rdspec add`.
#[derive(Debug, Args)]
pub struct Add {
    /// What is added.
    #[command(subcommand)]
    pub what: What,
}

/// What is added.
#[derive(Debug, Subcommand)]
pub enum What {
    /// Debian packages of the archives
    Apt(AddApt),
    /// A file, fetched and hashed
    Download(AddDownload),
    /// Python packages, with the sums of their wheels
    Pip(AddPip),
}

/// Where it is added.
#[derive(Debug, Args)]
pub struct Place {
    /// The component that gets it
    #[arg(short, long, value_name = "NAME")]
    pub component: String,

    /// Make the component
    #[arg(long, requires = "summary")]
    pub new: bool,

    /// What the new component is, in one line
    #[arg(long, value_name = "TEXT", requires = "new")]
    pub summary: Option<String>,

    /// The image that gets the new component; none has to be named where there is only one
    #[arg(long, value_name = "NAME", requires = "new")]
    pub image: Option<String>,

    /// Show what would change, and write nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Arguments of `rdspec add apt`.
#[derive(Debug, Args)]
pub struct AddApt {
    /// The names of the packages
    #[arg(value_name = "PACKAGE", required = true)]
    pub names: Vec<String>,

    /// Where they are added.
    #[command(flatten)]
    pub place: Place,
}

/// Arguments of `rdspec add download`.
#[derive(Debug, Args)]
pub struct AddDownload {
    /// Where the file is; {{ arch }} and {{ machine }} stand for the architecture as dpkg and as uname call it
    #[arg(value_name = "URL")]
    pub url: String,

    /// What it is called in the spec; made of the file's name where none is given
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,

    /// Where its versions are, and which of them are wanted, as keys of `upstream`: github=owner/tool
    #[arg(long, value_name = "KEY=VALUE")]
    pub upstream: Vec<String>,

    /// Put it in place as this file, which can be run
    #[arg(long, value_name = "PATH", group = "action")]
    pub install: Option<String>,

    /// Unpack it into this new folder
    #[arg(long, value_name = "PATH", group = "action")]
    pub unpack: Option<String>,

    /// How many leading folders of the archive's paths are dropped
    #[arg(long, value_name = "NUMBER", requires = "unpack", value_parser = clap::value_parser!(u8).range(0..10))]
    pub strip: Option<u8>,

    /// Hand it to the component's script
    #[arg(long, group = "action")]
    pub script: bool,

    /// Install it as a Debian package, as what ends in .deb is
    #[arg(long, group = "action")]
    pub deb: bool,

    /// Where it is added.
    #[command(flatten)]
    pub place: Place,
}

/// Arguments of `rdspec add pip`.
#[derive(Debug, Args)]
pub struct AddPip {
    /// The packages, each at its newest version or at the one that is given
    #[arg(value_name = "NAME[==VERSION]", required = true)]
    pub names: Vec<String>,

    /// The new folder of the environment, for a component that has none yet
    #[arg(long, value_name = "PATH")]
    pub prefix: Option<String>,

    /// Where they are added.
    #[command(flatten)]
    pub place: Place,
}
