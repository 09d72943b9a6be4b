//! `rdspec push`: built images to the stack's registry.

use serde::Serialize;

use super::build::Work;
use super::{DONE, ENGINE_FAILED, Session};
use crate::cli::Format;
use crate::cli::engines::Push;

/// An image in its registry.
#[derive(Serialize)]
struct Pushed {
    reference: String,
    /// Of its manifest, where the engine tells it.
    digest: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// An unknown image or variant.
pub fn run(session: &Session, arguments: &Push) -> anyhow::Result<u8> {
    let work = match Work::begin(session, &arguments.target)? {
        Ok(work) => work,
        Err(status) => return Ok(status),
    };
    let images = work.images(&arguments.target, &arguments.images, false)?;
    let references: Vec<String> =
        images.iter().flat_map(|image| work.references(image, &arguments.target.tags)).collect();
    push_all(session, &work, &references, arguments.format)
}

/// Pushes images and prints their references, each with its digest. None is pushed unless the engine has all of them.
///
/// # Errors
/// A defect of rdspec.
pub fn push_all(
    session: &Session,
    work: &Work,
    references: &[String],
    format: Format,
) -> anyhow::Result<u8> {
    let missing = references.iter().filter_map(|reference| work.engine.inspect(reference).err());
    let missing: Vec<anyhow::Error> = missing.collect();
    for error in &missing {
        session.complain(&format!("error: {error:#}"));
    }
    if !missing.is_empty() {
        session.complain("nothing was pushed; `rdspec build` builds what is missing");
        return Ok(ENGINE_FAILED);
    }
    let mut pushed = Vec::new();
    for reference in references {
        session.say(&format!("pushing {reference}"));
        let mut show = |line: &str| {
            if session.verbose {
                session.say(&format!("  {line}"));
            }
        };
        match work.engine.push(reference, &work.interrupt, &mut show) {
            Ok(digest) => pushed.push(Pushed { reference: reference.clone(), digest }),
            Err(error) => {
                print(session, &pushed, format)?;
                session.complain(&format!("error: pushing {reference} failed: {error:#}"));
                return Ok(work.interrupt.status().unwrap_or(ENGINE_FAILED));
            }
        }
    }
    print(session, &pushed, format)?;
    Ok(DONE)
}

fn print(session: &Session, pushed: &[Pushed], format: Format) -> anyhow::Result<()> {
    if format == Format::Json {
        return session.print_json(&pushed);
    }
    for Pushed { reference, digest } in pushed {
        let digest = digest.as_ref().map(|digest| format!("@{digest}")).unwrap_or_default();
        session.print(&format!("{reference}{digest}\n"));
    }
    Ok(())
}
