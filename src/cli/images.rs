//! Arguments of the commands that read built images.

use std::str::FromStr;

use clap::Args;

use super::Format;
use crate::engine::EngineName;
use crate::model::size;

/// Arguments of `rdspec audit`.
#[derive(Debug, Args)]
#[command(after_help = "Exits with 1 if a budget is exceeded, of the spec or of these options.")]
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
#[command(after_help = "Exits with 1 if the images differ.")]
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
