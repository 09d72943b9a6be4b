//! `rdspec shell`: a look around in an image.

use super::container::in_one_image;
use super::{ENGINE_FAILED, Session};
use crate::cli::engines::Shell;
use crate::engine::container::Ids;

/// Runs the command; its exit status is that of the command in the container.
///
/// # Errors
/// An unknown image or variant, or a build context that cannot be written.
pub fn run(session: &Session, arguments: &Shell) -> anyhow::Result<u8> {
    let name = arguments.image.as_ref();
    in_one_image(session, &arguments.containers, name, |work, _, mut container| {
        if arguments.root {
            container.ids = Some(Ids { uid: 0, gid: 0 });
        }
        let command = &arguments.command;
        let shell = || ["bash", "-l"].map(Into::into).into();
        container.command = Some(if command.is_empty() { shell() } else { command.clone() });
        match work.engine.run_here(&container, &work.interrupt) {
            Ok(status) => {
                status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(ENGINE_FAILED)
            }
            Err(error) => {
                session.complain(&format!("error: {error:#}"));
                ENGINE_FAILED
            }
        }
    })
}
