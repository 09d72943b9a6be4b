//! Random pairs of specs: what the late difference makes of the image of the first is what the second makes.

use proptest::prelude::*;
use rdspec::compile::Output;
use rdspec::dev::{self, Late, Request};
use rdspec::render::render_late;
use rdspec::source::SpecFiles;

use super::random_spec::{Component, files_of, pair};
use super::state::State;
use crate::harness::compiled;

fn output(components: &[Option<Component>]) -> Output {
    compiled(&SpecFiles::new("spec", files_of(components)))
}

pub(super) fn built(output: &Output) -> State {
    let mut state = State::default();
    for plan in &output.plan.images {
        state.apply(plan, &output.tree.subtree(&plan.folder));
    }
    state
}

/// The late image; what no Dockerfile can take away is taken away here, as the remarks say.
pub(super) fn late(before: &Output, after: &Output, late: &Late) -> State {
    let mut state = built(before);
    state.apply(&late.plan, &render_late(late).unwrap());
    let whole = built(after);
    for (name, value) in state.environment.clone() {
        if value.is_empty() && !whole.environment.contains_key(&name) {
            assert!(
                late.remarks.iter().any(|remark| remark.contains(&name)),
                "{name} is not named"
            );
            state.environment.remove(&name);
        }
    }
    state
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_late_difference_makes_what_a_full_build_makes([before, after] in pair()) {
        let (before, after) = (output(&before), output(&after));
        let request = Request {
            before: &before, after: &after, variant: "default", image: "child", base: "x-child:latest-built",
        };
        let found = dev::difference(&request);
        prop_assert!(found.is_ok(), "refused: {:#?}", found);
        let found = found.unwrap();
        prop_assert_eq!(late(&before, &after, &found), built(&after));
        prop_assert_eq!(found.is_change, before.tree.subtree("base") != after.tree.subtree("base")
            || before.tree.subtree("child") != after.tree.subtree("child"));
    }
}
