//! The same stack built twice from nothing gives the same files.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use rdspec::image::compare::{Options, compare};
use rdspec::image::tree::Tree;

use crate::harness::{Engine, engines};
use crate::small_desktop;

/// Where two cold builds may differ: a pattern of paths, and why.
const EXPLAINED: &[(&str, &str)] = &[(
    "usr/lib/*/gtk-2.0/*/immodules.cache",
    "GTK 2 lists its input modules in the order in which the file system has them",
)];

#[test]
#[ignore = "needs engines: run tests/run"]
fn two_cold_builds_of_the_small_desktop_give_the_same_files() {
    // One engine is enough: that the others' files are the same is compared in `desktop`.
    let mut engines = engines();
    let engine = engines.next().unwrap();
    let stack = small_desktop::folder(&engine);
    two_cold_builds_agree(&engine, &stack, &["--variant", "debian"], &[small_desktop::IMAGE]);
}

/// Builds a stack twice with no cache of layers. All but times is the same, apart from what is explained; times are the
/// same for what packages and the spec bring, since only what a build writes itself has that build's time.
pub(crate) fn two_cold_builds_agree(
    engine: &Engine,
    stack: &Path,
    arguments: &[&str],
    images: &[&str],
) {
    let cold: Vec<&str> = arguments.iter().chain(&["--no-cache"]).copied().collect();
    let build = || {
        let began = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        engine.build(stack, &cold);
        let trees = images.iter().map(|image| Tree::of(&engine.image(image).layers).unwrap());
        (i64::try_from(began).unwrap(), trees.collect::<Vec<Tree>>())
    };
    let ((first_began, first), (second_began, second)) = (build(), build());
    for ((image, left), right) in images.iter().zip(&first).zip(&second) {
        let name = format!("{}: two cold builds of {image}", engine.name);
        for difference in compare(left, right, &Options::default()) {
            println!("{name} differ: {difference}");
        }
        let except = EXPLAINED.iter().map(|(pattern, _)| (*pattern).to_owned()).collect();
        let differences = compare(left, right, &Options { mtimes: false, except });
        assert!(differences.is_empty(), "{name} differ: {differences:#?}");
        for (path, node) in left.iter() {
            let Some(other) = right.get(path).filter(|other| other.mtime != node.mtime) else {
                continue;
            };
            assert!(
                node.mtime >= first_began && other.mtime >= second_began,
                "{name} differ: the time of {path}, which neither of them wrote"
            );
        }
    }
}
