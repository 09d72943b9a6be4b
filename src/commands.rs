//! One module a command, each thin: arguments to the library, the library's answer to text.

pub mod build;
pub mod generate;

use std::io::{IsTerminal, Write};

use crate::cli::{Cli, Color, Command};
use crate::compile::{Compiled, Output, compile};
use crate::diagnostic::Severity;
use crate::diagnostic::render::{Style, render};
use crate::source::SpecFiles;
use crate::workspace::Workspace;

/// Exit status: done, or nothing to report.
pub const DONE: u8 = 0;
/// Exit status: drift or findings.
pub const FINDINGS: u8 = 1;
/// Exit status: the spec or the usage is wrong.
pub const WRONG: u8 = 2;
/// Exit status: the network or an engine failed.
pub const ENGINE_FAILED: u8 = 4;

/// What the commands share: where the stack is, and how to talk.
#[derive(Debug)]
pub struct Session {
    /// The stack.
    pub workspace: Workspace,
    /// How diagnostics look.
    pub style: Style,
    /// Whether to be silent about what went well.
    pub quiet: bool,
}

/// Runs a command line; gives the exit status.
pub fn run(cli: &Cli) -> u8 {
    let session = Session {
        workspace: Workspace::new(&cli.directory),
        style: style(cli.color),
        quiet: cli.quiet,
    };
    let result = match &cli.command {
        Command::Generate(arguments) => generate::run(&session, arguments),
        Command::Build(arguments) => build::run(&session, arguments),
    };
    result.unwrap_or_else(|error| {
        session.complain(&format!("error: {error:#}"));
        WRONG
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "NO_COLOR is a convention of terminals, not of specs"
)]
fn style(color: Color) -> Style {
    let coloured = match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            std::io::stderr().is_terminal() && !refused
        }
    };
    if coloured { Style::Coloured } else { Style::Plain }
}

impl Session {
    /// Prints a line of progress to stderr.
    pub fn say(&self, text: &str) {
        if !self.quiet {
            self.complain(text);
        }
    }

    /// Prints a line to stderr. A closed stderr is nobody's mistake.
    pub fn complain(&self, text: &str) {
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }

    /// Prints to stdout; a reader who has gone away ends the output silently.
    pub fn print(&self, text: &str) {
        let _ = std::io::stdout().lock().write_all(text.as_bytes());
    }

    /// Compiles the spec and prints its diagnostics; none when it has errors.
    ///
    /// # Errors
    /// The spec folder cannot be read.
    pub fn compile(&self) -> anyhow::Result<Option<Output>> {
        let files = self.workspace.load()?;
        let compiled = compile(&files)?;
        self.report(&compiled, &files);
        Ok(compiled.output)
    }

    fn report(&self, compiled: &Compiled, files: &SpecFiles) {
        let mut errors = 0_usize;
        for diagnostic in &compiled.diagnostics {
            let is_error = diagnostic.severity() == Severity::Error;
            errors += usize::from(is_error);
            if is_error || !self.quiet {
                self.complain(&format!("{}\n", render(diagnostic, files, self.style)));
            }
        }
        match errors {
            0 => {}
            1 => self.complain("1 error; nothing was generated"),
            many => self.complain(&format!("{many} errors; nothing was generated")),
        }
    }
}
