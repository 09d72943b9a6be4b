//! `rdspec ci`: writes the workflow that builds, checks and publishes the images of a stack.
//!
//! `rdspec generate` writes it, too, where the spec has a table `[ci]`; this command does not need one.

use std::path::Path;

use anyhow::{Context, bail};

use super::output::{self, Files};
use super::{Session, WRONG};
use crate::cli::delivery::{self, Forge};
use crate::compile::Output;
use crate::model::ci::{Ci, Install};
use crate::plan;
use crate::render::{FileTree, workflow};

/// Runs the command.
///
/// # Errors
/// A stack that is published nowhere, or a file that cannot be read or written.
pub fn run(session: &Session, arguments: &delivery::Ci) -> anyhow::Result<u8> {
    let _writing = output::hold(session, arguments.check)?;
    let Some(output) = session.compile()? else { return Ok(WRONG) };
    let tree = match arguments.forge {
        Forge::Github => github(&output)?,
    };
    warn_of_source(session, &output)?;
    let files = [Files::beside(session, tree)?];
    if arguments.check {
        let fix = format!("run `rdspec ci github` and commit {}", workflow::PATH);
        return output::check(session, &files, &fix);
    }
    output::write(session, &files)
}

/// Says that the workflow cannot install rdspec from where nobody has its source. What is said of it in the spec nobody
/// reads there, as the compiler sees no folder but the spec's.
fn warn_of_source(session: &Session, output: &Output) -> anyhow::Result<()> {
    let path = match output.stack.ci.as_ref().map(|ci| &ci.rdspec) {
        None => ".",
        Some(Install::Source(path)) => path.as_str(),
        Some(Install::Program { .. } | Install::Image { .. }) => return Ok(()),
    };
    let manifest = Path::new(path).join("Cargo.toml");
    if session.workspace.read_document(&manifest)?.is_none() {
        session.say(&format!(
            "warning: the workflow installs rdspec from its source in {path:?}, and there is no {}. Say in [ci.rdspec] where it \
             comes from: url and sha256 of a release, or an image with its digest",
            manifest.display()
        ));
    }
    Ok(())
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
