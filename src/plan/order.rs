//! The order of an image's package and script layers that costs least to rebuild.
//!
//! With layers 1..n, cost c to build and probability p to change between two builds, layer j is
//! rebuilt when anything at or before it changed: the expected cost is the sum over j of
//! `c_j * (1 - (1-p_1)...(1-p_j))`. Without precedence the best order is by `c (1-p) / p`, descending: dear
//! and stable first. With precedence (an apt class before the scripts of its components, `needs`) the
//! order is searched exactly, in [`search`].

pub mod search;

use std::collections::BTreeMap;

use super::estimate::{Estimate, Estimates};
use crate::model::component::{ChangeClass, Component};
use crate::model::stack::Image;

pub use search::{Weight, best, by_wish, expected_cost, worst};

/// A layer to be placed.
#[derive(Debug)]
pub struct Step<'image> {
    /// What is done in it.
    pub work: Work<'image>,
    /// The name of its layer.
    pub name: String,
    /// What it costs, and how often it changes.
    pub estimate: Estimate,
    /// Positions of the steps that have to come before it.
    pub after: Vec<usize>,
}

/// What is done in a layer.
#[derive(Debug)]
pub enum Work<'image> {
    /// All packages of one change class.
    Packages(ChangeClass),
    /// Downloads and script of a component.
    Component(&'image Component),
}

/// The package and script layers of an image, in no particular order.
pub fn steps<'image>(image: &'image Image, estimates: &Estimates<'_>) -> Vec<Step<'image>> {
    let mut steps = Vec::new();
    let mut classes: BTreeMap<ChangeClass, usize> = BTreeMap::new();
    for class in ChangeClass::ALL {
        let components =
            image.components.iter().filter(|component| component.change_class == class);
        let (mut packages, mut downloads) = (0, 0);
        let mut is_needed = false;
        for component in components {
            is_needed |= component.has_packages();
            packages += component.packages.len();
            downloads += component.package_downloads().count();
        }
        if is_needed {
            // Alternatives and triggers depend on the order of installation, so it is always the same.
            let after = classes.values().copied().collect();
            classes.insert(class, steps.len());
            let name = format!("apt-{}", class.name());
            let estimate = estimates.packages(&name, class, packages, downloads);
            steps.push(Step { work: Work::Packages(class), name, estimate, after });
        }
    }
    let mut scripts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut components: Vec<&Component> = image.components.iter().map(AsRef::as_ref).collect();
    components.sort_by(|left, right| left.name.cmp(&right.name));
    for component in &components {
        if component.has_script() {
            scripts.insert(component.name.as_str(), steps.len());
            steps.push(Step {
                work: Work::Component(component),
                name: component.name.to_string(),
                estimate: estimates.component(component),
                after: Vec::new(),
            });
        }
    }
    for component in &components {
        let Some(&step) = scripts.get(component.name.as_str()) else { continue };
        let mut after = Vec::new();
        for needed in closure(component, &components) {
            if needed.has_packages() {
                after.extend(classes.get(&needed.change_class));
            }
            if needed.name != component.name {
                after.extend(scripts.get(needed.name.as_str()));
            }
        }
        after.sort_unstable();
        after.dedup();
        steps[step].after = after;
    }
    steps
}

/// A component and all of the same image that is laid before it, by `needs` and `after`, directly or not.
pub(crate) fn closure<'image>(
    start: &'image Component,
    components: &[&'image Component],
) -> Vec<&'image Component> {
    let mut reached = vec![start];
    let mut at = 0;
    while let Some(component) = reached.get(at).copied() {
        for (earlier, _) in component.needs.iter().chain(&component.after) {
            let known = reached.iter().any(|other| other.answers_to(earlier));
            let found = components.iter().find(|other| other.answers_to(earlier));
            if let (false, Some(found)) = (known, found) {
                reached.push(found);
            }
        }
        at += 1;
    }
    reached
}

/// What each step weighs.
pub fn weights(steps: &[Step<'_>]) -> Vec<Weight> {
    let weight = |step: &Step<'_>| Weight {
        cost: step.estimate.seconds,
        rate: step.estimate.rate,
        after: step.after.clone(),
    };
    steps.iter().map(weight).collect()
}

/// The place that each step would have in the order of the spec: that of the first component which is in it.
pub fn written(steps: &[Step<'_>], image: &Image) -> Vec<usize> {
    let place = |step: &Step<'_>| {
        let is_in = |component: &Component| match step.work {
            Work::Packages(class) => {
                component.change_class == class && !component.packages.is_empty()
            }
            Work::Component(own) => own.name == component.name,
        };
        image.components.iter().position(|component| is_in(component)).unwrap_or(usize::MAX)
    };
    steps.iter().map(place).collect()
}
