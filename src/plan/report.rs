//! What a plan means for rebuilding: the cost of each layer, of the order, and of a change.
//!
//! Takes compiled specs, gives numbers. The costs are estimates (see [`estimate`](super::estimate)).

use std::collections::BTreeMap;

use serde::Serialize;

use super::{ImagePlan, Instruction, Layer, order};
use crate::compile::Output;
use crate::render::{FileTree, digest};

/// The layers of one image and what they cost.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Image {
    /// Its variant.
    pub variant: String,
    /// Its name.
    pub image: String,
    /// What it is built on.
    pub base: String,
    /// Seconds of a full build, without its parents.
    pub seconds: f64,
    /// Expected seconds of a rebuild, changes of its parents included.
    pub expected_seconds: f64,
    /// The same, were the layers in the order in which the spec lists the components.
    pub as_written_seconds: f64,
    /// The same in the worst order that precedence allows.
    pub worst_seconds: f64,
    /// Seconds that the change rebuilds; none where no change is looked at.
    pub rebuilt_seconds: Option<f64>,
    /// Its layers, in order.
    pub layers: Vec<Reported>,
    /// Names of layers that the change removes.
    pub removed: Vec<String>,
}

/// One layer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reported {
    /// Its name.
    pub name: String,
    /// `run` or `copy`.
    pub instruction: &'static str,
    /// The components that it belongs to; none where it belongs to the stack.
    pub owners: Vec<String>,
    /// Seconds to build it.
    pub seconds: f64,
    /// How likely it is to change between two builds.
    pub rate: f64,
    /// Bytes that it adds, where they were measured.
    pub bytes: Option<u64>,
    /// Whether the seconds were measured.
    pub measured: bool,
    /// A digest of everything that it reads.
    pub inputs: String,
    /// The files of the build context that it reads.
    pub reads: Vec<String>,
    /// What the change does to it; none where no change is looked at.
    pub change: Option<Change>,
}

/// What a change of the spec does to a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// It comes from the cache.
    Kept,
    /// It is new.
    New,
    /// What it does or reads has changed.
    Changed,
    /// It is as it was, but something before it is not.
    Follows,
}

/// Reports every image of a spec; with `before`, also what the change from there rebuilds.
pub fn report(output: &Output, before: Option<&Output>) -> Vec<Image> {
    let mut images: Vec<Image> = Vec::with_capacity(output.plan.images.len());
    for plan in &output.plan.images {
        let parents = || output.plan.ancestry(plan).skip(1);
        let above = unchanged(parents());
        let mut image = costs(plan, above);
        image.layers = layers(plan, &output.tree.subtree(&plan.folder));
        if let Some(before) = before {
            let parent_is_rebuilt = parents().next().is_some_and(|parent| {
                images
                    .iter()
                    .find(|image| {
                        image.image == parent.name.as_str()
                            && image.variant == parent.variant.as_str()
                    })
                    .is_some_and(|image| {
                        image.layers.iter().any(|layer| layer.change != Some(Change::Kept))
                    })
            });
            compare(&mut image, plan, before, parent_is_rebuilt);
        }
        images.push(image);
    }
    images
}

/// How likely images are not to change between two builds.
fn unchanged<'plan>(images: impl Iterator<Item = &'plan ImagePlan>) -> f64 {
    let of_image =
        |image: &ImagePlan| image.estimates.iter().map(|layer| 1.0 - layer.estimate.rate).product();
    images.map(of_image).fold(1.0, |all, image: f64| all * image)
}

fn costs(plan: &ImagePlan, above: f64) -> Image {
    Image {
        variant: plan.variant.to_string(),
        image: plan.name.to_string(),
        base: plan.base.clone(),
        seconds: plan.estimates.iter().map(|layer| layer.estimate.seconds).sum(),
        expected_seconds: expected(plan, above, &order::best(&plan.choices)),
        as_written_seconds: expected(plan, above, &order::by_wish(&plan.choices, &plan.written)),
        worst_seconds: expected(plan, above, &order::worst(&plan.choices)),
        rebuilt_seconds: None,
        layers: Vec::new(),
        removed: Vec::new(),
    }
}

/// The expected seconds of a rebuild with the choices in some order, and all other layers where they are.
fn expected(plan: &ImagePlan, above: f64, order: &[usize]) -> f64 {
    let mut unchanged = above;
    let mut next = order.iter().filter_map(|&choice| plan.choices.get(choice));
    plan.estimates
        .iter()
        .map(|layer| {
            let placed = layer.step.and_then(|_| next.next());
            let (seconds, rate) = placed
                .map_or((layer.estimate.seconds, layer.estimate.rate), |weight| {
                    (weight.cost, weight.rate)
                });
            unchanged *= 1.0 - rate;
            seconds * (1.0 - unchanged)
        })
        .sum()
}

fn layers(plan: &ImagePlan, context: &FileTree) -> Vec<Reported> {
    plan.layers
        .iter()
        .zip(&plan.estimates)
        .map(|(layer, estimated)| {
            let sources = layer.sources();
            let mut owners: Vec<String> = layer.owners.iter().map(ToString::to_string).collect();
            owners.sort();
            owners.dedup();
            Reported {
                name: estimated.name.clone(),
                instruction: match layer.instruction {
                    Instruction::Run(_) => "run",
                    Instruction::Copy(_) => "copy",
                },
                owners,
                seconds: estimated.estimate.seconds,
                rate: estimated.estimate.rate,
                bytes: estimated.estimate.bytes,
                measured: estimated.estimate.is_measured,
                inputs: digest::inputs(context, sources.iter().copied()),
                reads: sources
                    .iter()
                    .flat_map(|source| context.under(source))
                    .map(|(path, _)| path.to_owned())
                    .collect(),
                change: None,
            }
        })
        .collect()
}

/// Everything that decides whether an engine takes a layer from its cache, given that the ones before it are the same.
fn identity(layer: &Layer, reported: &Reported) -> String {
    format!("{:?} {}", layer.instruction, reported.inputs)
}

/// Marks what the change from an earlier spec does to each layer.
fn compare(image: &mut Image, plan: &ImagePlan, before: &Output, parent_is_rebuilt: bool) {
    let same = |other: &&ImagePlan| other.name == plan.name && other.variant == plan.variant;
    let earlier = before.plan.images.iter().find(same);
    let earlier_layers = earlier
        .map(|earlier| layers(earlier, &before.tree.subtree(&earlier.folder)))
        .unwrap_or_default();
    let known: BTreeMap<&str, String> = earlier
        .iter()
        .flat_map(|earlier| earlier.layers.iter().zip(&earlier_layers))
        .map(|(layer, reported)| (reported.name.as_str(), identity(layer, reported)))
        .collect();
    let in_place: Vec<&String> =
        earlier_layers.iter().filter_map(|layer| known.get(layer.name.as_str())).collect();
    let mut is_rebuilt =
        parent_is_rebuilt || earlier.is_some_and(|earlier| earlier.base != plan.base);
    let mut seconds = 0.0;
    for (at, (layer, reported)) in plan.layers.iter().zip(&mut image.layers).enumerate() {
        let identity = identity(layer, reported);
        let change = match known.get(reported.name.as_str()) {
            None => Change::New,
            Some(old) if *old != identity => Change::Changed,
            Some(_) if is_rebuilt || in_place.get(at) != Some(&&identity) => Change::Follows,
            Some(_) => Change::Kept,
        };
        is_rebuilt |= change != Change::Kept;
        seconds += if change == Change::Kept { 0.0 } else { reported.seconds };
        reported.change = Some(change);
    }
    image.rebuilt_seconds = Some(seconds);
    let removed = earlier_layers
        .iter()
        .filter(|old| image.layers.iter().all(|layer| layer.name != old.name))
        .map(|old| old.name.clone());
    image.removed = removed.collect();
}
