//! Arguments of the commands that ask upstreams.

use clap::Args;

use super::Format;

/// Arguments of `rdspec bump`.
#[derive(Debug, Args)]
#[command(
    after_help = "With --check, exits with 1 if there is something newer; with 3 if bytes are not those that they should be."
)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Bump {
    /// The pins to move, each to its newest version or to the one that is given; all of them where none is named
    #[arg(value_name = "NAME[=VERSION]")]
    pub names: Vec<String>,

    /// Only pins of this group
    #[arg(long, value_name = "GROUP", conflicts_with = "names")]
    pub group: Option<String>,

    /// Show what would change, and write nothing
    #[arg(long)]
    pub dry_run: bool,

    /// Write nothing, and exit with 1 if there is something newer
    #[arg(long, conflicts_with = "dry_run")]
    pub check: bool,

    /// Write what could be moved even if something else could not; exits as if nothing had been written
    #[arg(long)]
    pub keep_going: bool,

    /// Take the bytes that a download's address serves now for its version, though they are others than those of its pin
    #[arg(long, value_name = "NAME", conflicts_with_all = ["names", "group"])]
    pub repin: Vec<String>,

    /// Ask nobody: use the answers of the last time
    #[arg(long)]
    pub offline: bool,

    /// Write the result as the text of a pull request, in Markdown, without the diff
    #[arg(long, conflicts_with = "format")]
    pub pr_body: bool,

    /// How to write the result
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Format,
}

/// Arguments of `rdspec verify`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exits with 1 if a key ends soon, with 3 if bytes are not those that are pinned."
)]
pub struct Verify {
    /// Download every file and compare its bytes with the pin; without it, every address only has to answer
    #[arg(long)]
    pub deep: bool,

    /// How to write the result
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Format,
}
