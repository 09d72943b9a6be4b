//! Which image of the stack a built image is, and which component wrote each of its layers.
//!
//! Takes the compiled spec and an image, gives the owners of its layers, with their places in the spec. It goes by the
//! history that engines keep: a RUN of ours ends in a digest of all that it reads, a COPY in its directory, and their
//! order is that of the plan. What does not fit the plan is nobody's; what is below the first layer that fits is the
//! base image's.

use serde::Serialize;

use super::StackImage;
use crate::compile::Output;
use crate::image::Image;
use crate::plan::estimate::layer_name;
use crate::plan::{ImagePlan, Instruction, Layer};
use crate::render::digest;
use crate::source::SpecFiles;

mod place;
mod step;

pub use place::Place;
use step::Step;

/// Who owns the layers of an image.
#[derive(Clone, Debug)]
pub struct Owned {
    /// The name of the image in the stack.
    pub image: String,
    /// Its variant.
    pub variant: String,
    /// For each layer from the bottom up what it is in the plan.
    pub layers: Vec<Option<Attributed>>,
    /// How many of the lowest layers are not of the stack.
    pub base_layers: usize,
    /// The budget of the image, in bytes.
    pub max_size: Option<u64>,
    /// How many layers the plan has, those of its parents included, without the folders that WORKDIR makes: some engines
    /// make no layer of them.
    pub planned: usize,
    /// How many of those were found.
    pub found: usize,
}

/// What a layer is in the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attributed {
    /// The image of the stack that brings it: this one or a parent.
    pub image: String,
    /// Its name, as `rdspec plan` shows it.
    pub layer: String,
    /// The components that it belongs to, or the stack itself.
    pub owners: Vec<Place>,
    /// Whether it was built from another version of the spec.
    pub is_outdated: bool,
}

impl Owned {
    pub(super) fn summary(&self) -> StackImage {
        StackImage {
            image: self.image.clone(),
            variant: self.variant.clone(),
            found: self.found,
            planned: self.planned,
            outdated: self.layers.iter().flatten().filter(|layer| layer.is_outdated).count(),
        }
    }
}

/// Finds the image of the stack whose plan fits best; none where no layer fits any.
pub fn find(files: &SpecFiles, output: &Output, image: &Image) -> Option<Owned> {
    let steps: Vec<Option<Step<'_>>> =
        image.layers.iter().map(|layer| layer.created_by.as_deref().and_then(Step::of)).collect();
    let fit = |plan| {
        let expected = expected(output, plan);
        let matched = matched(&steps, &expected);
        (plan, expected, matched)
    };
    let fits = output.plan.images.iter().map(fit);
    // Of two that fit as well, the first: the default variant, and the parent before the child.
    let (plan, expected, matched) = fits.reduce(|best, next| {
        let rank = |(plan, expected, matched): &(&ImagePlan, Vec<Expected<'_>>, Vec<Match>)| {
            let exact = matched.iter().flatten().filter(|(_, exact)| *exact).count();
            let all = matched.iter().flatten().count();
            let is_called_so = plan.reference == image.reference;
            (exact + all, is_called_so, std::cmp::Reverse(expected.len()))
        };
        if rank(&next) > rank(&best) { next } else { best }
    })?;
    let base_layers = matched.iter().position(Option::is_some)?;
    let layers = matched.iter().map(|found| {
        let (at, exact) = (*found)?;
        let expected = expected.get(at)?;
        Some(Attributed {
            image: expected.plan.name.to_string(),
            layer: expected.name.clone(),
            owners: expected.owners(files),
            is_outdated: !exact,
        })
    });
    Some(Owned {
        image: plan.name.to_string(),
        variant: plan.variant.to_string(),
        layers: layers.collect(),
        base_layers,
        max_size: plan.max_size,
        planned: expected.iter().filter(|expected| expected.layer.is_some()).count(),
        found: matched
            .iter()
            .flatten()
            .filter(|(at, _)| expected.get(*at).is_some_and(|expected| expected.layer.is_some()))
            .count(),
    })
}

/// The place of a layer among the expected ones, and whether it is exactly that.
type Match = Option<(usize, bool)>;

/// A layer that an image should have.
struct Expected<'plan> {
    plan: &'plan ImagePlan,
    /// None for the directory that WORKDIR makes.
    layer: Option<&'plan Layer>,
    name: String,
    /// The digest in the line of a RUN.
    inputs: String,
}

impl Expected<'_> {
    fn owners(&self, files: &SpecFiles) -> Vec<Place> {
        match self.layer {
            Some(layer) => place::of_layer(files, self.plan, layer),
            None => place::of_working_directory(files, self.plan),
        }
    }

    /// Whether a step is this layer: exactly, or built from another version of the spec.
    fn fits(&self, step: &Step<'_>) -> Option<bool> {
        match (self.layer.map(|layer| &layer.instruction), step) {
            (Some(Instruction::Run(run)), Step::Run { script, inputs }) => {
                (run.script == *script).then_some(self.inputs == *inputs)
            }
            (Some(Instruction::Copy(copy)), Step::Copy { text }) => {
                step::copies(text, &copy.sources, &copy.directory).then_some(true)
            }
            (None, Step::WorkingDirectory { path }) => {
                let wanted = self.plan.configuration.working_directory.as_ref()?;
                (wanted == path).then_some(true)
            }
            _ => None,
        }
    }
}

/// The layers of an image and its parents, from the bottom up.
fn expected<'plan>(output: &'plan Output, image: &'plan ImagePlan) -> Vec<Expected<'plan>> {
    let mut chain: Vec<&ImagePlan> = output.plan.ancestry(image).collect();
    chain.reverse();
    let mut all = Vec::new();
    for plan in chain {
        let context = output.tree.subtree(&plan.folder);
        for layer in &plan.layers {
            let sources = layer.sources();
            let inputs = digest::inputs(&context, sources.into_iter());
            all.push(Expected { plan, layer: Some(layer), name: layer_name(layer), inputs });
        }
        if let Some(directory) = &plan.configuration.working_directory {
            let name = format!("directory {directory}");
            all.push(Expected { plan, layer: None, name, inputs: String::new() });
        }
    }
    all
}

/// For each step the expected layer that it is. Both are in the order of the build, so each match is above the one
/// before; a layer that fits exactly is looked for first, however far above.
fn matched(steps: &[Option<Step<'_>>], expected: &[Expected<'_>]) -> Vec<Match> {
    let mut next = 0;
    let find = |step: &Step<'_>, from: usize, exact: bool| {
        let rest = expected.iter().enumerate().skip(from);
        rest.map(|(at, expected)| (at, expected.fits(step)))
            .find(|(_, fit)| *fit == Some(exact))
            .map(|(at, _)| (at, exact))
    };
    steps
        .iter()
        .map(|step| {
            let step = step.as_ref()?;
            let found = find(step, next, true).or_else(|| find(step, next, false))?;
            next = found.0 + 1;
            Some(found)
        })
        .collect()
}
