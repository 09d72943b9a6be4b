//! `rdspec sbom`: the bill of materials of an image, as SPDX.

use anyhow::Context;

use super::{DONE, Session, WRONG, built, select};
use crate::cli::stack::Sbom;
use crate::image::tree::Tree;
use crate::sbom;

/// Runs the command.
///
/// # Errors
/// An unknown image or variant, or a built image that cannot be read.
pub fn run(session: &Session, arguments: &Sbom) -> anyhow::Result<u8> {
    let files = session.workspace.load()?;
    let Some(output) = session.compile_files(&files)? else { return Ok(WRONG) };
    let images = select::of_variant(&output.plan, arguments.variant.as_deref())?;
    let plan = select::named(&images, &arguments.image)?;
    let document = match &arguments.built {
        None => sbom::of_spec(&files, &output, plan)?,
        Some(reference) => {
            let reference = reference.as_deref().unwrap_or(&plan.reference);
            let image = built::open(reference, arguments.engine, &sbom::built::keep)?;
            let tree = Tree::of(&image.layers)
                .with_context(|| format!("the layers of {} cannot be applied", image.reference))?;
            let found = sbom::built::of_image(&files, &output, plan, &image, &tree)?;
            for path in found.iter().flat_map(|(_, unreadable)| unreadable) {
                session.complain(&format!(
                    "warning: /{path} should tell of packages, and cannot be read"
                ));
            }
            found.map(|(document, _)| document)
        }
    };
    let document = document.context("the plan has an image that the stack has not")?;
    session.print_json(&document)?;
    Ok(DONE)
}
