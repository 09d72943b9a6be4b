//! The picture of a stack: its images, what each is built on, and the components and layers of each.
//!
//! Takes the compiled spec, gives data to draw: as a tree of text here, as Mermaid, DOT and SVG through templates
//! ([`crate::render::graph`]). It never compiles, and decides nothing about an image.

pub mod layout;
pub mod text;

use serde::Serialize;

use crate::compile::Output;
use crate::model::Name;
use crate::plan::ImagePlan;

/// The images of a variant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Graph {
    /// The name of the stack.
    pub stack: String,
    /// The variant.
    pub variant: String,
    /// The images, parents before children.
    pub images: Vec<Image>,
}

/// An image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Image {
    /// Its name.
    pub name: String,
    /// The place in [`Graph::images`] of what it is built on; none for a root image.
    pub parent: Option<usize>,
    /// The image from elsewhere that a root image is built on, without its digest.
    pub base: Option<String>,
    /// What it adds, in the order of the spec.
    pub components: Vec<String>,
    /// Its own layers, in order.
    pub layers: Vec<Layer>,
}

/// A layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Layer {
    /// Its name, as `rdspec plan` has it.
    pub name: String,
    /// The components that it belongs to, sorted; none where it is the stack's own.
    pub components: Vec<String>,
}

impl Image {
    /// How much it has: `26 components, 27 layers`.
    pub fn size(&self) -> String {
        let count = |number: usize, thing: &str| match number {
            1 => format!("1 {thing}"),
            number => format!("{number} {thing}s"),
        };
        format!(
            "{}, {}",
            count(self.components.len(), "component"),
            count(self.layers.len(), "layer")
        )
    }
}

/// The graph of some images of one variant, parents before children. What an image is built on is among them, or is no
/// part of the picture.
pub fn of(output: &Output, plans: &[&ImagePlan]) -> Graph {
    let place = |name: &Name| plans.iter().position(|plan| plan.name == *name);
    let image = |plan: &&ImagePlan| Image {
        name: plan.name.to_string(),
        parent: plan.parent.as_ref().and_then(place),
        base: plan.parent.is_none().then(|| without_digest(&plan.base)),
        components: components(output, plan),
        layers: layers(plan),
    };
    Graph {
        stack: output.stack.name.to_string(),
        variant: plans.first().map(|plan| plan.variant.to_string()).unwrap_or_default(),
        images: plans.iter().map(image).collect(),
    }
}

fn without_digest(reference: &str) -> String {
    reference.split('@').next().unwrap_or_default().to_owned()
}

fn components(output: &Output, plan: &ImagePlan) -> Vec<String> {
    let variants = output.stack.variants.iter().filter(|variant| variant.name == plan.variant);
    let mut images = variants.flat_map(|variant| &variant.images);
    let image = images.find(|image| image.name == plan.name);
    let components = image.into_iter().flat_map(|image| &image.components);
    components.map(|component| component.name.to_string()).collect()
}

fn layers(plan: &ImagePlan) -> Vec<Layer> {
    let layers = plan.layers.iter().zip(&plan.estimates);
    layers
        .map(|(layer, estimated)| {
            let mut components: Vec<String> =
                layer.owners.iter().map(ToString::to_string).collect();
            components.sort();
            components.dedup();
            Layer { name: estimated.name.clone(), components }
        })
        .collect()
}
