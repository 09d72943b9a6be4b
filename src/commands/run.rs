//! `rdspec run`: an image as the spec describes it, running, with its ports on this machine.

use super::build::Work;
use super::container::in_one_image;
use super::{DONE, ENGINE_FAILED, Session};
use crate::cli::engines::Run;
use crate::engine::container::Container;
use crate::plan::ImagePlan;

/// Runs the command.
///
/// # Errors
/// An unknown image or variant, or a build context that cannot be written.
pub fn run(session: &Session, arguments: &Run) -> anyhow::Result<u8> {
    in_one_image(
        session,
        &arguments.containers,
        arguments.image.as_ref(),
        |work, image, container| start(session, arguments, work, image, container),
    )
}

fn start<'request>(
    session: &Session,
    arguments: &'request Run,
    work: &Work,
    image: &ImagePlan,
    mut container: Container<'request>,
) -> u8 {
    container.volumes = &arguments.volumes;
    container.environment = &arguments.environment;
    if !arguments.arguments.is_empty() {
        let entrypoint = image.configuration.entrypoint.iter().flatten().map(Into::into);
        container.command = Some(entrypoint.chain(arguments.arguments.iter().cloned()).collect());
    }
    let exposed = exposed(work, image);
    let open: Vec<u16> = if container.network == Some("host") {
        exposed
    } else {
        let same = || exposed.iter().map(|port| (*port, *port)).collect();
        let published = &arguments.publish;
        container.ports = if published.is_empty() { same() } else { published.clone() };
        container.ports.iter().map(|(outside, _)| *outside).collect()
    };
    for port in open {
        session.say(&format!("{} is at http://localhost:{port}/", image.name));
    }
    let status = match work.engine.run_here(&container, &work.interrupt) {
        Ok(status) => status,
        Err(error) => {
            session.complain(&format!("error: {error:#}"));
            return ENGINE_FAILED;
        }
    };
    // Whoever stops it wants it to end.
    if status.success() || work.interrupt.signal().is_some() {
        return DONE;
    }
    session.complain(&format!("error: {} ended with {status}", work.engine.name()));
    ENGINE_FAILED
}

/// The ports that an image and its parents expose, sorted.
fn exposed(work: &Work, image: &ImagePlan) -> Vec<u16> {
    let chain = work.output.plan.ancestry(image);
    let mut ports: Vec<u16> = chain.flat_map(|image| &image.configuration.ports).copied().collect();
    ports.sort_unstable();
    ports.dedup();
    ports
}
