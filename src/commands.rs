//! One module a command, each thin: arguments to the library, the library's answer to text.

pub mod add;
pub mod affected;
pub mod audit;
pub mod bake;
pub mod build;
pub mod built;
pub mod bump;
pub mod check;
pub mod ci;
pub mod clean;
pub mod completions;
pub mod container;
pub mod dev;
pub mod diff;
pub mod docs;
pub mod explain;
pub mod generate;
pub mod graph;
pub mod init;
mod jobs;
mod output;
pub mod plan;
mod printable;
mod problem;
pub mod push;
pub mod run;
pub mod sbom;
pub mod schema;
pub mod select;
pub mod shell;
pub mod show;
mod spec_change;
pub mod table;
pub mod test;
mod transfers;
pub mod verify;
pub mod why;

use std::io::{IsTerminal, Write};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::cli::{Cli, Color, Command};
use crate::compile::{Compiled, Output, compile, compile_in};
use crate::diagnostic::render::{Style, render};
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::SpecFiles;
use crate::surroundings::Surroundings;
use crate::workspace::Workspace;

/// Exit status: done, or nothing to report.
pub const DONE: u8 = 0;
/// Exit status: drift or findings.
pub const FINDINGS: u8 = 1;
/// Exit status: the spec or the usage is wrong.
pub const WRONG: u8 = 2;
/// Exit status: bytes are not those that they should be.
pub const VERIFICATION_FAILED: u8 = 3;
/// Exit status: the disk, the network or an engine failed: nobody's text is wrong, and trying again may help.
pub const ENGINE_FAILED: u8 = 4;

/// The exit status of several failures. Bytes that are not what they should be must not go under in anything else, and what the
/// network did may pass.
fn gravest(statuses: impl Iterator<Item = u8>) -> Option<u8> {
    statuses.min_by_key(|status| match *status {
        VERIFICATION_FAILED => 0,
        ENGINE_FAILED => 1,
        _ => 2,
    })
}

/// What the commands share: where the stack is, and how to talk.
#[derive(Debug)]
pub struct Session {
    /// The stack.
    pub workspace: Workspace,
    /// How diagnostics look.
    pub style: Style,
    /// Whether to be silent about what went well.
    pub quiet: bool,
    /// Whether to show everything that an engine prints.
    pub verbose: bool,
}

/// Runs a command line; gives the exit status.
pub fn run(cli: &Cli) -> u8 {
    let session = Session {
        workspace: Workspace::new(&cli.directory),
        style: style(cli),
        quiet: cli.quiet,
        verbose: cli.verbose,
    };
    let result = match &cli.command {
        Command::Generate(arguments) => generate::run(&session, arguments),
        Command::Check(arguments) => check::run(&session, arguments),
        Command::Init(arguments) => init::run(&session, arguments),
        Command::Show(arguments) => show::run(&session, arguments),
        Command::Explain(arguments) => explain::run(&session, arguments),
        Command::Completions(arguments) => Ok(completions::run(&session, arguments)),
        Command::Plan(arguments) => plan::run(&session, arguments),
        Command::Affected(arguments) => affected::run(&session, arguments),
        Command::Why(arguments) => why::run(&session, arguments),
        Command::Graph(arguments) => graph::run(&session, arguments),
        Command::Docs(arguments) => docs::run(&session, arguments),
        Command::Sbom(arguments) => sbom::run(&session, arguments),
        Command::Schema(arguments) => schema::run(&session, arguments),
        Command::Build(arguments) => build::run(&session, arguments),
        Command::Bake(arguments) => bake::run(&session, arguments),
        Command::Ci(arguments) => ci::run(&session, arguments),
        Command::Dev(arguments) => dev::run(&session, arguments),
        Command::Bump(arguments) => bump::run(&session, arguments),
        Command::Add(arguments) => add::run(&session, arguments),
        Command::Verify(arguments) => verify::run(&session, arguments),
        Command::Test(arguments) => test::run(&session, arguments),
        Command::Run(arguments) => run::run(&session, arguments),
        Command::Shell(arguments) => shell::run(&session, arguments),
        Command::Push(arguments) => push::run(&session, arguments),
        Command::Clean(arguments) => clean::run(&session, arguments),
        Command::Audit(arguments) => audit::run(&session, arguments),
        Command::Diff(arguments) => diff::run(&session, arguments),
    };
    result.unwrap_or_else(|error| {
        session.complain(&format!("error: {error:#}"));
        let of_disk = error.chain().any(|cause| cause.downcast_ref::<std::io::Error>().is_some());
        if of_disk { ENGINE_FAILED } else { WRONG }
    })
}

/// What time it is, in seconds since 1970: what has expired, and how old something is, are matters of today.
/// Before 1970 nothing has expired.
#[expect(clippy::disallowed_methods, reason = "commands may ask the clock; the library is told")]
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[expect(
    clippy::disallowed_methods,
    reason = "NO_COLOR is a convention of terminals, not of specs"
)]
fn style(cli: &Cli) -> Style {
    let coloured = match cli.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            let terminal = if cli.command.results_are_diagnostics() {
                std::io::stdout().is_terminal()
            } else {
                std::io::stderr().is_terminal()
            };
            terminal && !refused
        }
    };
    if coloured { Style::Coloured } else { Style::Plain }
}

impl Session {
    /// Whether stderr is a terminal, where progress can move.
    pub fn has_terminal(&self) -> bool {
        std::io::stderr().is_terminal()
    }

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

    /// Prints a result as one JSON value to stdout.
    ///
    /// # Errors
    /// A value that JSON cannot hold, which is a defect of rdspec.
    pub fn print_json(&self, value: &impl serde::Serialize) -> anyhow::Result<()> {
        let mut text = serde_json::to_string_pretty(value)?;
        text.push('\n');
        self.print(&text);
        Ok(())
    }

    /// Compiles the spec and prints its diagnostics; none when it has errors.
    ///
    /// # Errors
    /// The spec folder cannot be read.
    pub fn compile(&self) -> anyhow::Result<Option<Output>> {
        self.compile_files(&self.workspace.load()?)
    }

    /// The same with the findings that come with the place: what is written beside the spec folder has to fit it.
    ///
    /// # Errors
    /// As of [`Session::compile`].
    pub fn compile_in_place(&self) -> anyhow::Result<Option<Output>> {
        let files = self.workspace.load()?;
        let has_file = |path: &str| self.workspace.has_file(path);
        let place = Surroundings { has_file: Some(&has_file), ..Surroundings::default() };
        let Compiled { output, diagnostics } = compile_in(&files, place)?;
        self.report(&diagnostics, &files);
        Ok(output)
    }

    /// Compiles files of a spec and prints their diagnostics; none when they have errors.
    ///
    /// # Errors
    /// A defect of rdspec.
    pub fn compile_files(&self, files: &SpecFiles) -> anyhow::Result<Option<Output>> {
        Ok(self.compile_reported(files)?.map(|(output, _)| output))
    }

    /// The same, with the findings that were printed.
    fn compile_reported(
        &self,
        files: &SpecFiles,
    ) -> anyhow::Result<Option<(Output, Vec<Diagnostic>)>> {
        let Compiled { output, diagnostics } = compile(files)?;
        self.report(&diagnostics, files);
        Ok(output.map(|output| (output, diagnostics)))
    }

    fn report(&self, diagnostics: &[Diagnostic], files: &SpecFiles) {
        let mut errors = 0_usize;
        for diagnostic in diagnostics {
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
