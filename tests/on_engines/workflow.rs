//! The workflow, run: the steps of the generated file, in bash, from an empty registry to published images; then what a
//! change rebuilds, and what is kept from being published.
//!
//! Left out, and said so in the output: the list of contents (SBOM), for which buildx needs a scanner's image that cannot be
//! had here. The workflow's own switch for it is off.

pub(crate) mod expression;
pub(crate) mod project;
pub(crate) mod published;
pub(crate) mod runner;
pub(crate) mod stand_ins;

use std::collections::BTreeMap;

use serde_json::Value;

use self::expression::Context;
use self::project::Project;
use self::published::{Published, tags};
use self::runner::{Ended, Job, Runner};
use crate::harness::{Engine, Engines, docker_with_containerd};

/// The images of the small project, each after its parent.
const IMAGES: [&str; 3] = ["base", "r", "geomatics"];

/// What became of the jobs.
type Jobs = BTreeMap<String, Job>;

/// Runs the workflow on machines that have nothing of each other.
fn run(engine: &Engine, project: &Project, context: Context, finds: bool) -> Jobs {
    run_some(engine, project, context, [finds, false], &[])
}

fn run_some(
    engine: &Engine,
    project: &Project,
    context: Context,
    [finds_vulnerabilities, loses_layers]: [bool; 2],
    only: &[&str],
) -> Jobs {
    println!(
        "{}, without SBOM (its scanner is an image that cannot be had here)",
        context["github.event_name"]
    );
    let renew = || forget(engine, &project.registry.address);
    let jobs = Runner {
        engine,
        repository: project.root(),
        context,
        switches: &[("SBOM", "false")],
        only,
        finds_vulnerabilities,
        loses_layers,
        renew: &renew,
    }
    .run();
    renew();
    jobs
}

/// Takes everything of a registry, and every layer that was built, from the engine.
fn forget(engine: &Engine, registry: &str) {
    let filter = format!("reference={registry}/*");
    let list = ["image", "ls", "--filter", &filter, "--format", "{{.Repository}}:{{.Tag}}"];
    let list = engine.program().args(list).output().unwrap();
    for name in String::from_utf8(list.stdout).unwrap().lines() {
        let removed = engine.program().args(["image", "rm", "--force", name]).output().unwrap();
        assert!(removed.status.success(), "{}", String::from_utf8_lossy(&removed.stderr));
    }
    let pruned = engine.program().args(["builder", "prune", "--all", "--force"]).output().unwrap();
    assert!(pruned.status.success(), "{}", String::from_utf8_lossy(&pruned.stderr));
}

fn engine(engines: &mut Engines) -> Engine {
    engines.next().unwrap()
}

#[track_caller]
fn ended(jobs: &Jobs, wanted: &[(&str, Ended)]) {
    for (id, ended) in wanted {
        assert_eq!(jobs[*id].ended, *ended, "{id}:\n{}", jobs[*id].log);
    }
}

#[track_caller]
fn publishes(project: &Project, jobs: &Jobs) {
    ended(jobs, &[("check", Ended::Success)]);
    for name in IMAGES {
        ended(jobs, &[(&project.job(name), Ended::Success)]);
    }
    ended(jobs, &[("published", Ended::Success)]);
    for id in ["affected", "bump", "verify"] {
        ended(jobs, &[(id, Ended::Skipped)]);
    }
}

/// The images that the change of a pull request touches, in the order of building.
fn affected(jobs: &Jobs) -> Vec<String> {
    let affected: Value = serde_json::from_str(&jobs["check"].outputs["affected"]).unwrap();
    let names = affected["include"].as_array().unwrap().iter();
    names.map(|one| one["image"].as_str().unwrap().to_owned()).collect()
}

fn images(project: &Project, tag: &str) -> [Published; 3] {
    let Project { registry, name, suffix, .. } = project;
    IMAGES.map(|image| {
        published::image(registry, &format!("{name}-{image}"), &format!("{tag}{suffix}"))
    })
}

/// Every tag is there, the digests chain, and the list names them.
fn assert_published(project: &Project, jobs: &Jobs, tag: &str) -> [Published; 3] {
    let head = project.head();
    let found = images(project, &head);
    for other in ["main", tag] {
        assert_eq!(images(project, other), found, "{other}");
    }
    let registry = &project.registry.address;
    let reference = |name: &str| {
        let digest = &jobs[&project.job(name)].outputs["digest"];
        format!("{registry}/{}-{name}@{digest}", project.name)
    };
    for (name, published) in IMAGES.iter().zip(&found) {
        assert!(published.is_attested, "{name} has no provenance");
        let wanted = format!("{registry}/{}-{name}@{}", project.name, published.digest);
        assert_eq!(reference(name), wanted);
    }
    for pair in found.windows(2) {
        let (parent, child) = (&pair[0].layers, &pair[1].layers);
        assert!(child.len() > parent.len() && child.starts_with(parent), "{parent:?} {child:?}");
    }
    let kept = &jobs["published"].artifacts;
    let list: Value = serde_json::from_slice(&kept["images.json"]).unwrap();
    let references = IMAGES.map(reference);
    assert_eq!(list, serde_json::json!({ "commit": head, "images": references }));
    let map: Value = serde_json::from_slice(&kept["images.configmap.json"]).unwrap();
    assert_eq!(map["kind"], "ConfigMap");
    assert_eq!(map["metadata"]["name"], format!("{}-images", project.name));
    assert_eq!(map["data"]["images"], references.join("\n"));
    found
}

#[test]
#[ignore = "needs engines: run tests/run"]
fn a_push_publishes_the_chain_and_a_change_what_it_touches() {
    let mut engines = docker_with_containerd();
    let engine = engine(&mut engines);
    let project = Project::new();
    let jobs = run(&engine, &project, project.push(), false);
    publishes(&project, &jobs);
    let first = assert_published(&project, &jobs, "stable");
    assert!(
        jobs["image-base"].log.contains("stand-in: not done: sudo rm -rf"),
        "{}",
        jobs["image-base"].log
    );

    let before = project.head();
    project.edit("components/maps.toml", "100000", "100001");
    project.commit("Larger maps");
    let jobs = run(&engine, &project, project.push(), false);
    publishes(&project, &jobs);
    let second = assert_published(&project, &jobs, "stable");
    // Their scripts make other bytes each time: what is the same comes from the cache in the registry.
    assert_eq!(second[0].manifest, first[0].manifest, "base was built again");
    assert_eq!(second[1].manifest, first[1].manifest, "r was built again");
    assert_ne!(second[2].manifest, first[2].manifest);
    let common = first[2].layers.iter().zip(&second[2].layers).take_while(|(old, new)| old == new);
    assert_eq!(common.count(), first[1].layers.len(), "more or less than its own layers is new");
    assert_eq!(images(&project, &before), first, "what was published has changed");

    project.write("resources/tool/settings.conf", "colour = blue\n");
    project.commit("Blue");
    let jobs = run(&engine, &project, project.push(), false);
    publishes(&project, &jobs);
    let third = assert_published(&project, &jobs, "stable");
    for (old, new) in second.iter().zip(&third) {
        assert_ne!(old.manifest, new.manifest);
    }
}

#[test]
#[ignore = "needs engines: run tests/run"]
fn a_pull_request_builds_what_it_touches_and_pushes_nothing() {
    let mut engines = docker_with_containerd();
    let engine = engine(&mut engines);
    let project = Project::new();
    publishes(&project, &run(&engine, &project, project.push(), false));
    let before = tags(&project.registry);
    let main = project.head();
    project.edit("components/maps.toml", "100000", "100001");
    project.commit("Larger maps");
    let jobs = run(&engine, &project, project.pull_request(&main), false);
    ended(&jobs, &[("affected", Ended::Success), ("image-base", Ended::Skipped)]);
    assert_eq!(affected(&jobs), ["geomatics"]);
    let log = &jobs["affected"].log;
    assert!(
        log.contains("chain-geomatics:stable") && !log.contains("naming to 127.0.0.1/chain-r"),
        "{log}"
    );

    let maps = project.head();
    project.write("resources/tool/settings.conf", "colour = blue\n");
    project.commit("Blue");
    let jobs = run(&engine, &project, project.pull_request(&maps), false);
    ended(&jobs, &[("affected", Ended::Success)]);
    assert_eq!(affected(&jobs), IMAGES);
    let why = std::process::Command::new(env!("CARGO_BIN_EXE_rdspec"))
        .arg("-C")
        .arg(project.root())
        .args(["affected", "--since", &maps])
        .output()
        .unwrap();
    let why = String::from_utf8(why.stdout).unwrap();
    for named in ["tool", "geomatics", "base"] {
        assert!(why.contains(named), "{why}");
    }

    let blue = project.head();
    project.write("../README.md", "About it\n");
    project.commit("Prose");
    let jobs = run(&engine, &project, project.pull_request(&blue), false);
    ended(&jobs, &[("check", Ended::Success), ("affected", Ended::Skipped)]);
    assert_eq!(tags(&project.registry), before, "a pull request has pushed something");
}

#[test]
#[ignore = "needs engines: run tests/run"]
fn what_exceeds_its_budget_or_has_a_vulnerability_is_not_pushed() {
    let mut engines = docker_with_containerd();
    let engine = engine(&mut engines);
    let project = Project::new();
    publishes(&project, &run(&engine, &project, project.push(), false));
    let before = tags(&project.registry);
    assert_eq!(before.len(), 3 * 5, "three tags, a candidate and a cache each: {before:?}");

    project.edit("components/tool.toml", "100000", "100001");
    project.edit("stack.toml", "[images.base]", "[images.base]\nmax-size = \"1 MB\"");
    project.commit("Too much");
    let jobs = run(&engine, &project, project.push(), false);
    let stopped = [
        ("image-base", Ended::Failure),
        ("image-r", Ended::Skipped),
        ("image-geomatics", Ended::Skipped),
        ("published", Ended::Skipped),
    ];
    ended(&jobs, &stopped);
    let base = &jobs["image-base"];
    assert_eq!(base.failed.as_deref(), Some("Compare it with its budget"), "{}", base.log);
    assert!(base.log.contains("1.0 MB"), "{}", base.log);
    assert_eq!(tags(&project.registry), before);

    project.edit("stack.toml", "max-size = \"1 MB\"\n", "");
    project.commit("A vulnerability");
    let jobs = run(&engine, &project, project.push(), true);
    ended(&jobs, &stopped);
    let base = &jobs["image-base"];
    assert!(base.failed.as_deref().unwrap().starts_with("Scan it"), "{}", base.log);
    assert!(base.log.contains("a vulnerability of CRITICAL,HIGH"), "{}", base.log);
    assert_eq!(tags(&project.registry), before);

    // What is pushed is what was scanned, or nobody gets it: its script makes other bytes each time.
    let jobs = run_some(&engine, &project, project.push(), [false, true], &[]);
    ended(&jobs, &stopped);
    let base = &jobs["image-base"];
    assert_eq!(base.failed.as_deref(), Some("Push it"), "{}", base.log);
    assert!(base.log.contains("is not what was audited and scanned"), "{}", base.log);
    let tagged = |digests: &BTreeMap<String, String>| {
        let mut digests = digests.clone();
        digests.retain(|name, _| !name.contains("candidate") && !name.contains("cache"));
        digests
    };
    assert_eq!(tagged(&tags(&project.registry)), tagged(&before), "a tag has moved");
    let before = tags(&project.registry);

    // What is not generated from the spec, is not built either.
    let workflow = ".github/workflows/images.yml";
    let text = std::fs::read_to_string(project.root().join(workflow)).unwrap();
    project.edit("components/maps.toml", "100000", "100002");
    project.commit("Maps");
    let script = project.root().join("generated/geomatics/resources/tools/maps.sh");
    std::fs::write(&script, std::fs::read_to_string(&script).unwrap().replace("100002", "1"))
        .unwrap();
    assert_eq!(std::fs::read_to_string(project.root().join(workflow)).unwrap(), text);
    project.commit_as_it_is("By hand");
    let jobs = run(&engine, &project, project.push(), false);
    ended(&jobs, &[("check", Ended::Failure), ("image-base", Ended::Skipped)]);
    assert_eq!(tags(&project.registry), before);
}

/// The whole desktop: from nothing, then after a change in one component of the last image; then what exceeds its budget.
pub(crate) fn publishes_the_desktop() {
    let mut engines = docker_with_containerd();
    let engine = engine(&mut engines);
    let project = Project::desktop();
    let jobs = run(&engine, &project, project.push(), false);
    publishes(&project, &jobs);
    let first = assert_published(&project, &jobs, "master");

    let before = project.head();
    project.edit("components/qgis.toml", "View, edit and analyse maps", "Look at maps");
    project.commit("Other words for QGIS");
    let jobs = run(&engine, &project, project.pull_request(&before), false);
    ended(&jobs, &[("affected", Ended::Success)]);
    assert_eq!(affected(&jobs), ["geomatics"]);
    let jobs = run(&engine, &project, project.push(), false);
    publishes(&project, &jobs);
    let second = assert_published(&project, &jobs, "master");
    for (old, new) in first.iter().zip(&second).take(2) {
        assert_eq!(old.manifest, new.manifest, "a parent was built again");
    }
    assert_ne!(first[2].manifest, second[2].manifest);

    let published = tags(&project.registry);
    let before = project.head();
    project.edit("resources/landing/icon.svg", "<svg", "<svg id=\"icon\"");
    project.edit("stack.toml", "[images.base]", "[images.base]\nmax-size = \"1 GB\"");
    project.commit("Another page, and a budget that nothing fits into");
    let checked =
        run_some(&engine, &project, project.pull_request(&before), [false; 2], &["check"]);
    assert_eq!(affected(&checked), IMAGES);
    let jobs = run(&engine, &project, project.push(), false);
    ended(&jobs, &[(&project.job("base"), Ended::Failure), (&project.job("r"), Ended::Skipped)]);
    assert_eq!(tags(&project.registry), published, "something was pushed");
}
