//! Arguments of the commands that hand a stack to builders elsewhere.

use clap::Args;

/// Arguments of `rdspec bake`.
#[derive(Debug, Args)]
pub struct Bake {
    /// Write nothing; print what would change, and exit with 1 if anything would
    #[arg(long)]
    pub check: bool,
}
