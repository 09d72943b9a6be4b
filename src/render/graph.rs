//! The picture of a stack, through templates: Mermaid, the DOT language of Graphviz, SVG.
//!
//! Takes a graph, gives text. Templates loop and print; where something is in the SVG is decided in
//! [`crate::graph::layout`].

use minijinja::{Error, context};
use serde::Serialize;

use super::script::data;
use super::templates::Templates;
use crate::graph::layout::picture;
use crate::graph::text::wrapped;
use crate::graph::{Graph, Image};

/// An image as the templates of Mermaid and DOT print it.
#[derive(Serialize)]
struct Node<'graph> {
    name: &'graph str,
    size: String,
    parent: Option<usize>,
    base: Option<&'graph str>,
    /// Its components, some in a line.
    lines: Vec<String>,
    layers: Vec<LayerNode<'graph>>,
}

/// A layer of such an image.
#[derive(Serialize)]
struct LayerNode<'graph> {
    name: &'graph str,
    lines: Vec<String>,
}

/// A flowchart of Mermaid (its documentation, "Flowcharts - Basic Syntax").
///
/// # Errors
/// A template that does not fit its data: a defect of rdspec.
pub fn mermaid(graph: &Graph, with_layers: bool) -> Result<String, Error> {
    render("stack.mmd.j2", graph, with_layers)
}

/// A digraph of Graphviz (its documentation, "DOT Language").
///
/// # Errors
/// As of [`mermaid`].
pub fn dot(graph: &Graph, with_layers: bool) -> Result<String, Error> {
    render("stack.dot.j2", graph, with_layers)
}

/// A picture that needs nothing else: SVG 1.1 with a style of its own.
///
/// # Errors
/// As of [`mermaid`].
pub fn svg(graph: &Graph, with_layers: bool) -> Result<String, Error> {
    let picture = picture(graph, with_layers);
    Templates::new()?.render("stack.svg.j2", context! { picture => data(&picture) })
}

fn render(template: &str, graph: &Graph, with_layers: bool) -> Result<String, Error> {
    let images: Vec<Node<'_>> = graph.images.iter().map(|image| node(image, with_layers)).collect();
    let title = format!("{} ({})", graph.stack, graph.variant);
    Templates::new()?.render(template, context! { title, images => data(&images) })
}

fn node(image: &Image, with_layers: bool) -> Node<'_> {
    let layers = image.layers.iter().filter(|_| with_layers);
    Node {
        name: &image.name,
        size: image.size(),
        parent: image.parent,
        base: image.base.as_deref(),
        lines: if with_layers { Vec::new() } else { wrapped(&image.components) },
        layers: layers
            .map(|layer| LayerNode { name: &layer.name, lines: wrapped(&layer.components) })
            .collect(),
    }
}
