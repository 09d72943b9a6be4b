//! What takes longer than a default run may: the whole desktop of `spec/`, variant `debian`, with R and QGIS.
//! `tests/run --desktop` runs these, `tests/run` names them as left out.

use std::path::Path;

use crate::dev_measured::{self, Desktop};
use crate::harness::engines;
use crate::{guarantees, measured, rebuild, reproducible, small_desktop, workflow};

const BASE: &str = "k8scc01covidacr.azurecr.io/remote-desktop-base:master-debian";
const R: &str = "k8scc01covidacr.azurecr.io/remote-desktop-r:master-debian";
const GEOMATICS: &str = "k8scc01covidacr.azurecr.io/remote-desktop-geomatics:master-debian";

const DEBIAN: &[&str] = &["--variant", "debian"];

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The engines besides the first that build the desktop's base. podman is left out: its builder is buildah's.
const ALSO_BASE: &[&str] = &["docker26", "buildah"];

#[test]
#[ignore = "takes long: run tests/run --desktop"]
fn the_desktop_builds_and_works_and_keeps_its_guarantees() {
    let engines = engines();
    let (first, others) = engines.split_first().unwrap();
    first.build(repository(), DEBIAN);
    let folder = |name: &str| repository().join("generated/debian").join(name);
    for (image, name) in [(BASE, "base"), (R, "r"), (GEOMATICS, "geomatics")] {
        guarantees::checks_pass(first, image, &folder(name));
    }
    guarantees::fonts_are_cached(first, GEOMATICS);
    guarantees::are_kept(first, GEOMATICS);
    let tree = guarantees::are_kept(first, BASE);
    rebuild::reruns_nothing(first, repository(), "debian", DEBIAN);
    for engine in others {
        if !ALSO_BASE.contains(&engine.name.as_str()) {
            println!("{}: not built here", engine.name);
            continue;
        }
        engine.build(repository(), &["--variant", "debian", "base"]);
        guarantees::checks_pass(engine, BASE, &folder("base"));
        let other = guarantees::are_kept(engine, BASE);
        guarantees::same_tree(&first.name, &tree, &engine.name, &other);
    }
}

#[test]
#[ignore = "takes long: run tests/run --desktop"]
fn two_cold_builds_of_the_desktop_give_the_same_files() {
    let engines = engines();
    let (first, _) = engines.split_first().unwrap();
    reproducible::two_cold_builds_agree(first, repository(), DEBIAN, &[BASE, R, GEOMATICS]);
}

#[test]
#[ignore = "takes long: run tests/run --desktop"]
fn the_desktop_is_smaller_and_faster_to_build_than_the_same_written_by_hand() {
    let mut engines = engines();
    let engine = engines.find(|engine| engine.kind() == "docker").unwrap();
    measured::report(&engine, repository(), "debian");
}

#[test]
#[ignore = "takes long: run tests/run --desktop"]
fn so_is_the_small_desktop() {
    let mut engines = engines();
    let engine = engines.find(|engine| engine.kind() == "docker").unwrap();
    measured::report(&engine, &small_desktop::folder(&engine), "debian");
}

#[test]
#[ignore = "takes long: run tests/run --desktop"]
fn a_late_change_of_the_desktop_is_the_same_as_in_place_and_sooner_there() {
    let mut engines = engines();
    let engine = engines.find(|engine| engine.kind() == "docker").unwrap();
    dev_measured::report(&engine, Desktop::Whole);
}

#[test]
#[ignore = "takes long: run tests/run --desktop"]
fn so_is_a_late_change_of_the_small_desktop() {
    let mut engines = engines();
    let engine = engines.find(|engine| engine.kind() == "docker").unwrap();
    dev_measured::report(&engine, Desktop::Small);
}

#[test]
#[ignore = "takes long: run tests/run --desktop"]
fn the_workflow_publishes_the_desktop_and_what_a_change_touches() {
    workflow::publishes_the_desktop();
}
