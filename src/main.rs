//! The `rdspec` command: arguments in, exit status out.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    ExitCode::from(rdspec::commands::run(&rdspec::cli::Cli::parse()))
}
