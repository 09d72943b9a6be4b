//! Arguments of the commands that hand a stack to builders elsewhere.

use clap::{Args, ValueEnum};

/// Arguments of `rdspec bake`.
#[derive(Debug, Args)]
pub struct Bake {
    /// Write nothing; print what would change, and exit with 1 if anything would
    #[arg(long)]
    pub check: bool,
}

/// Arguments of `rdspec ci`.
#[derive(Debug, Args)]
pub struct Ci {
    /// Whose continuous integration
    #[arg(value_name = "FORGE")]
    pub forge: Forge,

    /// Write nothing; print what would change, and exit with 1 if anything would
    #[arg(long)]
    pub check: bool,
}

/// Whose continuous integration builds the images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Forge {
    /// GitHub Actions: .github/workflows/images.yml.
    Github,
}
