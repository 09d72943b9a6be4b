//! The desktop of `spec/`, variant `debian`: the whole chain built unmodified on one engine, its base on two more,
//! checked inside, read back byte by byte, compared between engines.

use std::collections::BTreeMap;
use std::path::Path;

use rdspec::image::compare::{Options, compare};
use rdspec::image::tree::Tree;
use rdspec::image::{Image, efficiency, hygiene, shared_databases, waste};

use crate::harness::{BASE_LAYERS, Engine, engines};

const BASE: &str = "k8scc01covidacr.azurecr.io/remote-desktop-base:master-debian";
const R: &str = "k8scc01covidacr.azurecr.io/remote-desktop-r:master-debian";
const GEOMATICS: &str = "k8scc01covidacr.azurecr.io/remote-desktop-geomatics:master-debian";

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Where two engines may differ: a pattern of paths, and why.
const EXPLAINED: &[(&str, &str)] = &[
    ("run/apt", "Docker 20.10 leaves the mount point of a folder below /run, empty"),
    ("run/sudoers.rules", "Docker 20.10 leaves the mount point of a folder below /run, empty"),
    (
        "etc/hosts",
        "the first RUN of buildah and podman leaves the file that they mount there, empty",
    ),
    (
        "usr/lib/*/gtk-2.0/*/immodules.cache",
        "GTK 2 lists its input modules in the order in which the file system has them",
    ),
];

/// The engines besides the first that build the desktop's base. podman is left out: its builder is buildah's.
const ALSO_BASE: &[&str] = &["docker26", "buildah"];

#[test]
#[ignore = "needs engines: run tests/run"]
fn the_desktop_builds_and_works_and_keeps_its_guarantees() {
    let engines = engines();
    let (first, others) = engines.split_first().unwrap();
    first.build(repository(), &["--variant", "debian"]);
    for (image, name) in [(BASE, "base"), (R, "r"), (GEOMATICS, "geomatics")] {
        checks_pass(first, image, name);
    }
    keeps_its_guarantees(first, GEOMATICS);
    let tree = keeps_its_guarantees(first, BASE);
    for engine in others {
        if !ALSO_BASE.contains(&engine.name.as_str()) {
            println!("{}: not built here", engine.name);
            continue;
        }
        engine.build(repository(), &["--variant", "debian", "base"]);
        checks_pass(engine, BASE, "base");
        let other = keeps_its_guarantees(engine, BASE);
        same_tree(&first.name, &tree, &engine.name, &other);
    }
}

/// Every guarantee that can be read off the layers.
fn keeps_its_guarantees(engine: &Engine, image: &str) -> Tree {
    let image = engine.image(image);
    no_byte_twice(engine, &image);
    nothing_temporary(engine, &image);
    Tree::of(&image.layers).unwrap()
}

/// Paths, types, modes, owners and contents agree, apart from what is explained.
fn same_tree(left_name: &str, left: &Tree, right_name: &str, right: &Tree) {
    let options = Options {
        mtimes: false,
        except: EXPLAINED.iter().map(|(pattern, _)| (*pattern).to_owned()).collect(),
    };
    let differences = compare(left, right, &options);
    for difference in compare(left, right, &Options::default()) {
        println!("{left_name} and {right_name} differ: {difference}");
    }
    assert!(differences.is_empty(), "{left_name} and {right_name} differ: {differences:#?}");
}

fn checks_pass(engine: &Engine, image: &str, name: &str) {
    let path = repository().join(format!("generated/debian/{name}/checks.sh"));
    let script = std::fs::read_to_string(path).unwrap();
    let output = engine.run_in(image, &["bash", "-s"], &script);
    let text = String::from_utf8_lossy(&output.stdout);
    println!("{}: {name}\n{text}", engine.name);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: checks of {name} failed:\n{text}\n{error}", engine.name);
    let passed = text.lines().filter(|line| line.starts_with("ok ")).count();
    assert!(passed > 10, "{}: only {passed} checks ran", engine.name);
}

fn no_byte_twice(engine: &Engine, image: &Image) {
    let records = waste::find(image, BASE_LAYERS).unwrap();
    let split = shared_databases::split(records);
    for record in &split.other {
        println!("{}: {record:?}", engine.name);
    }
    let bytes: u64 = split.other.iter().map(|record| record.bytes).sum();
    assert_eq!(bytes, 0, "{}: bytes stored twice outside the shared databases", engine.name);
    let score = efficiency::of(&image.layers[BASE_LAYERS..]).score;
    let mut shared: BTreeMap<&str, u64> = BTreeMap::new();
    for record in &split.shared {
        *shared.entry(&record.path).or_default() += record.bytes;
    }
    let total: u64 = shared.values().sum();
    println!("{}: efficiency {score:.5}, shared databases {total} bytes", engine.name);
    let mut largest: Vec<_> = shared.into_iter().collect();
    largest.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    for (path, bytes) in largest.into_iter().take(8) {
        println!("{}: {bytes:>9} {path}", engine.name);
    }
    assert!(score >= 0.995, "{}: efficiency {score}", engine.name);
}

fn nothing_temporary(engine: &Engine, image: &Image) {
    let findings = hygiene::find(image, BASE_LAYERS);
    assert!(findings.is_empty(), "{}: {findings:#?}", engine.name);
}
