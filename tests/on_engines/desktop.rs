//! The small desktop, variant `debian`: built by each kind of builder, checked inside, read back byte by byte, compared
//! between engines. [`whole_chain`](crate::whole_chain) does so with everything in it, and takes as much longer.

use std::sync::Mutex;

use crate::harness::{both_kinds_of_engines, side_by_side};
use crate::{guarantees, small_desktop};

#[test]
#[ignore = "needs engines: run tests/run"]
fn the_small_desktop_builds_and_works_and_keeps_its_guarantees() {
    let trees = Mutex::new(Vec::new());
    side_by_side(both_kinds_of_engines(), |engine| {
        let stack = small_desktop::build(engine);
        let generated = stack.join("generated/debian/base");
        guarantees::checks_pass(engine, small_desktop::IMAGE, &generated);
        guarantees::fonts_are_cached(engine, small_desktop::IMAGE);
        let tree = guarantees::are_kept(engine, small_desktop::IMAGE);
        trees.lock().unwrap().push((engine.name.clone(), tree));
    });
    let trees = trees.into_inner().unwrap();
    let ((first, expected), others) = trees.split_first().unwrap();
    for (name, tree) in others {
        guarantees::same_tree(first, expected, name, tree);
    }
}
