//! `rdspec run`: an image as the spec describes it, running, with its ports on this machine.

use std::io::IsTerminal;

use super::build::Work;
use super::container::{container, one_image, provide};
use super::{DONE, ENGINE_FAILED, Session};
use crate::cli::Run;
use crate::plan::ImagePlan;

/// Runs the command.
///
/// # Errors
/// An unknown image or variant, or a build context that cannot be written.
pub fn run(session: &Session, arguments: &Run) -> anyhow::Result<u8> {
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
    container.volumes = &arguments.volumes;
    container.environment = &arguments.environment;
    container.terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let exposed = exposed(&work, image);
    let on_host = arguments.building.network.as_deref() == Some("host");
    if !on_host {
        container.ports = if arguments.publish.is_empty() {
            exposed.iter().map(|port| (*port, *port)).collect()
        } else {
            arguments.publish.clone()
        };
    }
    let arguments_of_image = &arguments.arguments;
    if !arguments_of_image.is_empty() {
        let entrypoint = image.configuration.entrypoint.iter().flatten().map(Into::into);
        container.command = Some(entrypoint.chain(arguments_of_image.iter().cloned()).collect());
    }
    let open: Vec<u16> = if on_host {
        exposed
    } else {
        container.ports.iter().map(|(outside, _)| *outside).collect()
    };
    for port in open {
        session.say(&format!("{} is at http://localhost:{port}/", image.name));
    }
    let status = match work.engine.run_here(&container, &work.interrupt) {
        Ok(status) => status,
        Err(error) => {
            session.complain(&format!("error: {error:#}"));
            return Ok(ENGINE_FAILED);
        }
    };
    // Whoever stops it wants it to end.
    if status.success() || work.interrupt.signal().is_some() {
        return Ok(DONE);
    }
    session.complain(&format!("error: {} ended with {status}", work.engine.name()));
    Ok(ENGINE_FAILED)
}

/// The ports that an image and its parents expose, sorted.
fn exposed(work: &Work, image: &ImagePlan) -> Vec<u16> {
    let mut ports = Vec::new();
    let mut next = Some(image);
    while let Some(image) = next {
        ports.extend(&image.configuration.ports);
        next = image.parent.as_ref().and_then(|parent| {
            let parent =
                |other: &&ImagePlan| other.name == *parent && other.variant == image.variant;
            work.output.plan.images.iter().find(parent)
        });
    }
    ports.sort_unstable();
    ports.dedup();
    ports
}
