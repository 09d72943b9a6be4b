//! `rdspec ci`: writes the workflow that builds, checks and publishes the images of a stack.
//!
//! `rdspec generate` writes it, too, where the spec has a table `[ci]`; this command does not need one.

use anyhow::{Context, bail};

use super::output::{self, Files};
use super::{Session, WRONG};
use crate::cli::delivery::{self, Forge};
use crate::compile::Output;
use crate::model::ci::Ci;
use crate::plan;
use crate::render::{FileTree, workflow};
use crate::surroundings::{WHERE_FROM, no_source};

/// Runs the command.
///
/// # Errors
/// A stack that is published nowhere, or a file that cannot be read or written.
pub fn run(session: &Session, arguments: &delivery::Ci) -> anyhow::Result<u8> {
    let _writing = output::hold(session, arguments.check)?;
    let Some(output) = session.compile_in_place()? else { return Ok(WRONG) };
    let tree = match arguments.forge {
        Forge::Github => github(&output)?,
    };
    warn_of_source(session, &output);
    let files = [Files::beside(session, tree)?];
    if arguments.check {
        let fix = format!("run `rdspec ci github` and commit {}", workflow::PATH);
        return output::check(session, &files, &fix);
    }
    output::write(session, &files)
}

/// Without a table there is no place in the spec at which the compiler could say that the source of rdspec is missing.
fn warn_of_source(session: &Session, output: &Output) {
    if output.stack.ci.is_none() && !session.workspace.has_file("Cargo.toml") {
        session.say(&format!("warning: {}: {WHERE_FROM}", no_source("Cargo.toml")));
    }
}

fn github(output: &Output) -> anyhow::Result<FileTree> {
    let Output { stack, plan, .. } = output;
    let ci = match &stack.ci {
        Some(ci) => ci.clone(),
        None => stack
            .variants
            .first()
            .and_then(|variant| Ci::defaults(&variant.name))
            .context("a stack has variants")?,
    };
    let Some(planned) = plan::workflow::plan(stack, plan, &ci) else {
        bail!(
            "the stack is published nowhere: say where in {}/stack.toml, registry = \"…\" in [stack]",
            stack.root
        )
    };
    let file = workflow::workflow(&planned).context("a built-in template failed")?;
    Ok([(workflow::PATH.to_owned(), file)].into_iter().collect())
}
