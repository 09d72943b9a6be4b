//! `rdspec build`: the chain in order, each image on the parent that was just built.

use anyhow::Context;

use super::{DONE, ENGINE_FAILED, Session, WRONG, select};
use crate::cli::Build;
use crate::compile::Output;
use crate::engine::{self, BuildRequest, Engine};
use crate::plan::ImagePlan;
use crate::workspace::output::stage;

/// Runs the command.
///
/// # Errors
/// An unknown image or variant, or a build context that cannot be written.
pub fn run(session: &Session, arguments: &Build) -> anyhow::Result<u8> {
    let Some(output) = session.compile()? else { return Ok(WRONG) };
    let images = chain(&output, arguments)?;
    let engine = match Engine::find(arguments.engine) {
        Ok(engine) => engine,
        Err(error) => {
            session.complain(&format!("error: {error:#}"));
            return Ok(ENGINE_FAILED);
        }
    };
    for image in images {
        let base = match (&image.parent, &arguments.base) {
            (None, Some(base)) => base.clone(),
            _ => image.base.clone(),
        };
        session.say(&format!("building {} on {base} with {}", image.reference, engine.name()));
        let folder = tempfile::Builder::new()
            .prefix("rdspec-build-")
            .tempdir()
            .context("making a folder for the build context")?;
        stage(folder.path(), &output.tree.subtree(&image.folder), image.source_date_epoch)?;
        let request = BuildRequest {
            context: folder.path(),
            reference: &image.reference,
            base: &base,
            network: arguments.network.as_deref(),
            no_cache: arguments.no_cache,
        };
        if let Err(error) = engine::build(&engine, &request) {
            session.complain(&format!("error: building {} failed: {error:#}", image.reference));
            return Ok(ENGINE_FAILED);
        }
        session.say(&format!("built {}", image.reference));
    }
    Ok(DONE)
}

/// The images to build, parents first.
fn chain<'output>(
    output: &'output Output,
    arguments: &Build,
) -> anyhow::Result<Vec<&'output ImagePlan>> {
    let of_variant = select::of_variant(&output.plan, arguments.variant.as_deref())?;
    if arguments.images.is_empty() {
        return Ok(of_variant);
    }
    let mut wanted: Vec<&str> = Vec::new();
    for name in &arguments.images {
        let mut next = Some(name.as_str());
        while let Some(name) = next {
            let image = select::named(&of_variant, name)?;
            wanted.push(image.name.as_str());
            next = image.parent.as_ref().map(crate::model::Name::as_str);
        }
    }
    Ok(of_variant.into_iter().filter(|image| wanted.contains(&image.name.as_str())).collect())
}
