//! The order of an image's package and script layers that costs least to rebuild.
//!
//! With layers 1..n, cost c to build and probability p to change between two builds, layer j is
//! rebuilt when anything at or before it changed: the expected cost is the sum over j of
//! `c_j * (1 - (1-p_1)...(1-p_j))`. Without precedence the best order is by `c (1-p) / p`, descending: dear
//! and stable first. With precedence (an apt class before the scripts of its components, `needs`) the
//! order is searched exactly, as a shortest path over the sets of layers already placed. Two facts keep
//! that small: among placeable layers that nothing waits for, only the one of the highest ratio can
//! come next in some best order (exchange argument), and few layers are waited for.

use std::collections::BTreeMap;

use crate::model::component::{ChangeClass, Component};
use crate::model::stack::Image;

/// A layer to be placed.
#[derive(Debug)]
pub struct Step<'image> {
    /// What is done in it.
    pub work: Work<'image>,
    /// Seconds to build it, estimated.
    pub cost: f64,
    /// How likely it is to change between two builds, estimated.
    pub rate: f64,
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

/// How likely a layer is to change between two builds: a guess that puts the classes in order.
fn rate(class: ChangeClass) -> f64 {
    match class {
        ChangeClass::Stable => 0.02,
        ChangeClass::Normal => 0.10,
        ChangeClass::Volatile => 0.35,
    }
}

/// Seconds of an apt transaction: its start, and each package with what it brings.
const APT_SECONDS: (f64, f64) = (8.0, 2.5);

/// Seconds of a component's script, and of each of its downloads.
const SCRIPT_SECONDS: (f64, f64) = (10.0, 15.0);

/// States of the exact search; beyond it the order is by ratio alone.
const SEARCH_LIMIT: usize = 100_000;

/// The package and script layers of an image, in no particular order.
pub fn steps(image: &Image) -> Vec<Step<'_>> {
    let mut steps = Vec::new();
    let mut classes: BTreeMap<ChangeClass, usize> = BTreeMap::new();
    for class in ChangeClass::ALL {
        let packages: u32 = image
            .components
            .iter()
            .filter(|component| component.change_class == class)
            .map(|component| u32::try_from(component.packages.len()).unwrap_or(u32::MAX))
            .sum();
        if packages > 0 {
            // Alternatives and triggers depend on the order of installation, so it is always the same.
            let after = classes.values().copied().collect();
            classes.insert(class, steps.len());
            let cost = APT_SECONDS.0 + APT_SECONDS.1 * f64::from(packages);
            steps.push(Step { work: Work::Packages(class), cost, rate: rate(class), after });
        }
    }
    let mut scripts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut components: Vec<&Component> = image.components.iter().map(AsRef::as_ref).collect();
    components.sort_by(|left, right| left.name.cmp(&right.name));
    for component in &components {
        if component.script.is_some() || !component.downloads.is_empty() {
            scripts.insert(component.name.as_str(), steps.len());
            let downloads = u32::try_from(component.downloads.len()).unwrap_or(u32::MAX);
            steps.push(Step {
                work: Work::Component(component),
                cost: SCRIPT_SECONDS.0 + SCRIPT_SECONDS.1 * f64::from(downloads),
                rate: rate(component.change_class),
                after: Vec::new(),
            });
        }
    }
    for component in &components {
        let Some(&step) = scripts.get(component.name.as_str()) else { continue };
        let mut after = Vec::new();
        for needed in closure(component, &components) {
            if !needed.packages.is_empty() {
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

/// A component and all that it needs of the same image, directly or not.
fn closure<'image>(
    start: &'image Component,
    components: &[&'image Component],
) -> Vec<&'image Component> {
    let mut reached = vec![start];
    let mut at = 0;
    while let Some(component) = reached.get(at).copied() {
        for (need, _) in &component.needs {
            let known = reached.iter().any(|other| other.name == *need);
            if let (false, Ok(found)) =
                (known, components.binary_search_by(|other| other.name.cmp(need)))
            {
                reached.push(components[found]);
            }
        }
        at += 1;
    }
    reached
}

/// The best order, as positions in `steps`.
pub fn best(steps: &[Step<'_>]) -> Vec<usize> {
    Search::new(steps).and_then(|mut search| search.run()).unwrap_or_else(|| by_ratio(steps))
}

/// The expected seconds of a rebuild in a given order.
pub fn expected_cost(steps: &[Step<'_>], order: &[usize]) -> f64 {
    let mut unchanged = 1.0;
    order
        .iter()
        .map(|&step| {
            unchanged *= 1.0 - steps[step].rate;
            steps[step].cost * (1.0 - unchanged)
        })
        .sum()
}

fn ratio(step: &Step<'_>) -> f64 {
    step.cost * (1.0 - step.rate) / step.rate
}

/// Of the steps that can come next, always the one of the highest ratio.
fn by_ratio(steps: &[Step<'_>]) -> Vec<usize> {
    let mut order: Vec<usize> = Vec::with_capacity(steps.len());
    let mut placed = vec![false; steps.len()];
    while order.len() < steps.len() {
        let ready = (0..steps.len()).filter(|&step| {
            !placed[step] && steps[step].after.iter().all(|&before| placed[before])
        });
        let Some(next) =
            ready.reduce(
                |best, step| {
                    if ratio(&steps[step]) > ratio(&steps[best]) { step } else { best }
                },
            )
        else {
            break; // A circle, which resolve has reported.
        };
        placed[next] = true;
        order.push(next);
    }
    order
}

/// The exact search. A state is the set of steps already placed, as bits.
struct Search<'steps, 'image> {
    steps: &'steps [Step<'image>],
    after: Vec<u128>,
    is_waited_for: Vec<bool>,
    /// The least cost of what is left after a state, and the step that it begins with.
    best: BTreeMap<u128, (f64, usize)>,
}

impl<'steps, 'image> Search<'steps, 'image> {
    fn new(steps: &'steps [Step<'image>]) -> Option<Self> {
        if steps.len() >= 128 {
            return None;
        }
        let mut is_waited_for = vec![false; steps.len()];
        let mut after = Vec::with_capacity(steps.len());
        for step in steps {
            after.push(step.after.iter().fold(0, |set, &before| set | 1_u128 << before));
            step.after.iter().for_each(|&before| is_waited_for[before] = true);
        }
        Some(Self { steps, after, is_waited_for, best: BTreeMap::new() })
    }

    fn run(&mut self) -> Option<Vec<usize>> {
        self.cost_from(0, 1.0)?;
        let mut order = Vec::with_capacity(self.steps.len());
        let mut state = 0;
        while let Some((_, next)) = self.best.get(&state) {
            order.push(*next);
            state |= 1 << next;
        }
        (order.len() == self.steps.len()).then_some(order)
    }

    /// The least expected cost of the steps that are not in `state`; none beyond the limit.
    fn cost_from(&mut self, state: u128, unchanged: f64) -> Option<f64> {
        if let Some((cost, _)) = self.best.get(&state) {
            return Some(*cost);
        }
        if state.count_ones() as usize == self.steps.len() {
            return Some(0.0);
        }
        if self.best.len() >= SEARCH_LIMIT {
            return None;
        }
        let mut least: Option<(f64, usize)> = None;
        for step in self.candidates(state) {
            let still = unchanged * (1.0 - self.steps[step].rate);
            let rest = self.cost_from(state | 1 << step, still)?;
            let cost = self.steps[step].cost * (1.0 - still) + rest;
            if least.is_none_or(|(least, _)| cost < least) {
                least = Some((cost, step));
            }
        }
        let (cost, step) = least?;
        self.best.insert(state, (cost, step));
        Some(cost)
    }

    /// The steps that can come next in some best order.
    fn candidates(&self, state: u128) -> Vec<usize> {
        let ready = (0..self.steps.len())
            .filter(|&step| state & (1 << step) == 0 && self.after[step] & !state == 0);
        let (inner, leaves): (Vec<usize>, Vec<usize>) =
            ready.partition(|&step| self.is_waited_for[step]);
        let leaf = leaves.into_iter().reduce(|best, step| {
            if ratio(&self.steps[step]) > ratio(&self.steps[best]) { step } else { best }
        });
        inner.into_iter().chain(leaf).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn step(cost: f64, rate: f64, after: Vec<usize>) -> Step<'static> {
        Step { work: Work::Packages(ChangeClass::Normal), cost, rate, after }
    }

    fn permutations(steps: &[Step<'_>], placed: &mut Vec<usize>, best: &mut f64) {
        if placed.len() == steps.len() {
            *best = best.min(expected_cost(steps, placed));
            return;
        }
        for next in 0..steps.len() {
            let ready = steps[next].after.iter().all(|before| placed.contains(before));
            if ready && !placed.contains(&next) {
                placed.push(next);
                permutations(steps, placed, best);
                placed.pop();
            }
        }
    }

    #[test]
    fn dear_and_stable_comes_first() {
        let steps = [step(10.0, 0.5, vec![]), step(100.0, 0.01, vec![]), step(100.0, 0.3, vec![])];
        assert_eq!(best(&steps), [1, 2, 0]);
    }

    proptest! {
        #[test]
        fn no_allowed_order_is_cheaper(
            costs in prop::collection::vec((1.0..100.0_f64, 0.01..0.9_f64), 1..7),
            edges in prop::collection::vec((0..7_usize, 0..7_usize), 0..8),
        ) {
            let mut steps: Vec<_> =
                costs.into_iter().map(|(cost, rate)| step(cost, rate, vec![])).collect();
            for (a, b) in edges {
                let (before, behind) = (a.min(b), a.max(b));
                if before < behind && behind < steps.len() {
                    steps[behind].after.push(before);
                }
            }
            let order = best(&steps);
            prop_assert_eq!(order.len(), steps.len());
            let mut least = f64::INFINITY;
            permutations(&steps, &mut Vec::new(), &mut least);
            prop_assert!(expected_cost(&steps, &order) <= least + 1e-9);
        }
    }
}
