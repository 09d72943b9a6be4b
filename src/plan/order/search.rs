//! The exact search for the cheapest, or the dearest, order of layers.
//!
//! An order is a shortest path over the sets of layers already placed. Two facts keep that small: among placeable
//! layers that nothing waits for, only the one of the highest ratio `c (1-p) / p` can come next in some best order
//! (exchange argument; the lowest for the worst order), and few layers are waited for.

use std::collections::BTreeMap;

/// What a layer weighs in an order.
#[derive(Clone, Debug)]
pub struct Weight {
    /// Seconds to build it.
    pub cost: f64,
    /// How likely it is to change between two builds.
    pub rate: f64,
    /// Positions of the layers that have to come before it.
    pub after: Vec<usize>,
}

/// States of the exact search; beyond it the order is by ratio alone.
const SEARCH_LIMIT: usize = 100_000;

/// Which order is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Goal {
    Cheapest,
    Dearest,
}

impl Goal {
    /// Whether one number is nearer to the goal than another.
    fn prefers(self, number: f64, other: f64) -> bool {
        match self {
            Self::Cheapest => number < other,
            Self::Dearest => number > other,
        }
    }
}

/// The order of the least expected cost, as positions in `steps`.
pub fn best(steps: &[Weight]) -> Vec<usize> {
    search(steps, Goal::Cheapest)
}

/// The order of the greatest expected cost that precedence allows.
pub fn worst(steps: &[Weight]) -> Vec<usize> {
    search(steps, Goal::Dearest)
}

fn search(steps: &[Weight], goal: Goal) -> Vec<usize> {
    Search::new(steps, goal)
        .and_then(|mut search| search.run())
        .unwrap_or_else(|| by_ratio(steps, goal))
}

/// The order that comes nearest to a wish: always the placeable layer of the lowest wish.
pub fn by_wish(steps: &[Weight], wishes: &[usize]) -> Vec<usize> {
    greedy(steps, |step, best| wishes.get(step) < wishes.get(best))
}

/// The expected seconds of a rebuild in a given order.
pub fn expected_cost(steps: &[Weight], order: &[usize]) -> f64 {
    let mut unchanged = 1.0;
    order
        .iter()
        .map(|&step| {
            unchanged *= 1.0 - steps[step].rate;
            steps[step].cost * (1.0 - unchanged)
        })
        .sum()
}

fn ratio(step: &Weight) -> f64 {
    step.cost * (1.0 - step.rate) / step.rate
}

/// Of the steps that can come next, always the one of the ratio nearest to the goal.
fn by_ratio(steps: &[Weight], goal: Goal) -> Vec<usize> {
    greedy(steps, |step, best| goal.prefers(ratio(&steps[best]), ratio(&steps[step])))
}

/// Of the steps that can come next, always the first one that none is preferred to.
fn greedy(steps: &[Weight], is_preferred: impl Fn(usize, usize) -> bool) -> Vec<usize> {
    let mut order: Vec<usize> = Vec::with_capacity(steps.len());
    let mut placed = vec![false; steps.len()];
    while order.len() < steps.len() {
        let ready = (0..steps.len()).filter(|&step| {
            !placed[step] && steps[step].after.iter().all(|&before| placed[before])
        });
        let Some(next) =
            ready.reduce(|best, step| if is_preferred(step, best) { step } else { best })
        else {
            break; // A circle, which resolve has reported.
        };
        placed[next] = true;
        order.push(next);
    }
    order
}

/// The exact search. A state is the set of steps already placed, as bits.
struct Search<'steps> {
    steps: &'steps [Weight],
    after: Vec<u128>,
    is_waited_for: Vec<bool>,
    goal: Goal,
    /// The cost nearest to the goal of what is left after a state, and the step that it begins with.
    best: BTreeMap<u128, (f64, usize)>,
}

impl<'steps> Search<'steps> {
    fn new(steps: &'steps [Weight], goal: Goal) -> Option<Self> {
        if steps.len() >= 128 {
            return None;
        }
        let mut is_waited_for = vec![false; steps.len()];
        let mut after = Vec::with_capacity(steps.len());
        for step in steps {
            after.push(step.after.iter().fold(0, |set, &before| set | 1_u128 << before));
            step.after.iter().for_each(|&before| is_waited_for[before] = true);
        }
        Some(Self { steps, after, is_waited_for, goal, best: BTreeMap::new() })
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

    /// The expected cost nearest to the goal of the steps that are not in `state`; none beyond the limit.
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
            if least.is_none_or(|(least, _)| self.goal.prefers(cost, least)) {
                least = Some((cost, step));
            }
        }
        let (cost, step) = least?;
        self.best.insert(state, (cost, step));
        Some(cost)
    }

    /// The steps that can come next in some order that reaches the goal.
    fn candidates(&self, state: u128) -> Vec<usize> {
        let ready = (0..self.steps.len())
            .filter(|&step| state & (1 << step) == 0 && self.after[step] & !state == 0);
        let (inner, leaves): (Vec<usize>, Vec<usize>) =
            ready.partition(|&step| self.is_waited_for[step]);
        let leaf = leaves.into_iter().reduce(|best, step| {
            let nearer = self.goal.prefers(ratio(&self.steps[best]), ratio(&self.steps[step]));
            if nearer { step } else { best }
        });
        inner.into_iter().chain(leaf).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn step(cost: f64, rate: f64, after: Vec<usize>) -> Weight {
        Weight { cost, rate, after }
    }

    fn permutations(steps: &[Weight], placed: &mut Vec<usize>, range: &mut (f64, f64)) {
        if placed.len() == steps.len() {
            let cost = expected_cost(steps, placed);
            *range = (range.0.min(cost), range.1.max(cost));
            return;
        }
        for next in 0..steps.len() {
            let ready = steps[next].after.iter().all(|before| placed.contains(before));
            if ready && !placed.contains(&next) {
                placed.push(next);
                permutations(steps, placed, range);
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
        fn no_allowed_order_is_cheaper_or_dearer(
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
            let mut range = (f64::INFINITY, 0.0);
            permutations(&steps, &mut Vec::new(), &mut range);
            prop_assert!(expected_cost(&steps, &order) <= range.0 + 1e-9);
            prop_assert!(expected_cost(&steps, &worst(&steps)) >= range.1 - 1e-9);
        }
    }
}
