//! The small desktop, variant `debian`: built on each engine, checked inside, read back byte by byte, compared between
//! engines. [`whole_chain`](crate::whole_chain) does so with everything in it, and takes as much longer.

use crate::harness::engines;
use crate::{guarantees, small_desktop};

#[test]
#[ignore = "needs engines: run tests/run"]
fn the_small_desktop_builds_and_works_and_keeps_its_guarantees() {
    let mut first = None;
    for engine in engines() {
        let stack = small_desktop::build(&engine);
        let generated = stack.join("generated/debian/base");
        guarantees::checks_pass(&engine, small_desktop::IMAGE, &generated);
        guarantees::fonts_are_cached(&engine, small_desktop::IMAGE);
        let tree = guarantees::are_kept(&engine, small_desktop::IMAGE);
        let (name, expected) = first.get_or_insert_with(|| (engine.name.clone(), tree.clone()));
        guarantees::same_tree(name, expected, &engine.name, &tree);
    }
}
