//! `rdspec completions`: a script that completes the command line in a shell.

use clap::CommandFactory;

use super::{DONE, Session};
use crate::cli::{Cli, Completions};

/// Runs the command.
pub fn run(session: &Session, arguments: &Completions) -> u8 {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "rdspec", &mut script);
    session.print(&String::from_utf8_lossy(&script));
    DONE
}
