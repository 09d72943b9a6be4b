//! `rdspec shell`: a look around in an image.

use std::io::IsTerminal;

use super::build::Work;
use super::container::{container, one_image, provide};
use super::{ENGINE_FAILED, Session};
use crate::cli::Shell;
use crate::engine::container::Ids;

/// Runs the command; its exit status is that of the command in the container.
///
/// # Errors
/// An unknown image or variant, or a build context that cannot be written.
pub fn run(session: &Session, arguments: &Shell) -> anyhow::Result<u8> {
    let work = match Work::begin(session, &arguments.target)? {
        Ok(work) => work,
        Err(status) => return Ok(status),
    };
    let image = one_image(&work, &arguments.target, arguments.image.as_ref())?;
    let how = (&arguments.target, &arguments.building);
    if let Err(status) = provide(session, &work, how, &[image], arguments.no_build)? {
        return Ok(status);
    }
    let reference = work.reference(image, &arguments.target.tags);
    let mut container = container(&work, &reference, &arguments.building, &arguments.clusters);
    container.terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    if arguments.root {
        container.ids = Some(Ids { uid: 0, gid: 0 });
    }
    let command = &arguments.command;
    let shell = || ["bash", "-l"].map(Into::into).into();
    container.command = Some(if command.is_empty() { shell() } else { command.clone() });
    match work.engine.run_here(&container, &work.interrupt) {
        Ok(status) => {
            Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(ENGINE_FAILED))
        }
        Err(error) => {
            session.complain(&format!("error: {error:#}"));
            Ok(ENGINE_FAILED)
        }
    }
}
