//! `rdspec graph`: the images of a stack, what they are built on, and what is in them, as a tree or a picture.

use super::{DONE, Session, WRONG, select};
use crate::cli::stack::{Graph, GraphFormat};
use crate::graph;
use crate::render::graph::{dot, mermaid, svg};

/// Runs the command.
///
/// # Errors
/// An unknown image or variant.
pub fn run(session: &Session, arguments: &Graph) -> anyhow::Result<u8> {
    let Some(output) = session.compile()? else { return Ok(WRONG) };
    let mut images = select::of_variant(&output.plan, arguments.variant.as_deref())?;
    if let Some(name) = &arguments.image {
        let image = select::named(&images, name)?;
        images = output.plan.ancestry(image).collect();
        images.reverse();
    }
    let graph = graph::of(&output, &images);
    let drawn = match arguments.format {
        GraphFormat::Text => Ok(graph::text::tree(&graph, arguments.layers)),
        GraphFormat::Mermaid => mermaid(&graph, arguments.layers),
        GraphFormat::Dot => dot(&graph, arguments.layers),
        GraphFormat::Svg => svg(&graph, arguments.layers),
    };
    let drawn = drawn.map_err(|error| anyhow::anyhow!("a built-in template failed: {error:#}"))?;
    session.print(&drawn);
    Ok(DONE)
}
