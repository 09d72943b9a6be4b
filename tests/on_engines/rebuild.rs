//! A rebuild after no change takes every layer from the cache. The engine's own words decide: a program of its name that
//! stands before it on the PATH calls it and writes down what it says, whatever rdspec makes of that.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rdspec::compile::compile;
use rdspec::workspace::Workspace;

use crate::harness::{Engine, both_kinds_of_engines, engines};
use crate::small_desktop;
use crate::trap_stack::Fixture;

#[test]
#[ignore = "needs engines: run tests/run"]
fn a_rebuild_of_a_small_stack_reruns_nothing() {
    let fixture = Fixture::new();
    for engine in engines() {
        fixture.build(&engine);
        let secret = fixture.secret();
        let arguments: Vec<&str> = secret.iter().map(String::as_str).collect();
        reruns_nothing(&engine, fixture.folder.path(), "default", &arguments);
    }
}

#[test]
#[ignore = "needs engines: run tests/run"]
fn a_rebuild_of_the_small_desktop_reruns_nothing() {
    for engine in both_kinds_of_engines() {
        let stack = small_desktop::build(&engine);
        reruns_nothing(&engine, &stack, "debian", &["--variant", "debian"]);
    }
}

/// Builds a stack that is built already.
pub(crate) fn reruns_nothing(engine: &Engine, stack: &Path, variant: &str, arguments: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let program = folder.path().join(engine.kind());
    let quoted = |path: &Path| format!("'{}'", path.to_str().unwrap());
    let text = format!(
        "#!/bin/bash\n{} \"$@\" > >(tee -a {log}) 2> >(tee -a {log} >&2)\n",
        quoted(&engine.path()),
        log = quoted(&log),
    );
    fs::write(&program, text).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    engine.behind(folder.path()).build(stack, arguments);
    let log = fs::read_to_string(&log).unwrap();
    let steps = if engine.kind() == "docker" { of_buildkit(&log) } else { of_buildah(&log) };
    assert_eq!(steps.run, [""; 0], "{}: not from the cache:\n{log}", engine.name);
    let expected = layers(stack, variant);
    assert_eq!(steps.cached, expected, "{}: layers from the cache:\n{log}", engine.name);
    println!("{}: all {expected} layers of {} are cached", engine.name, stack.display());
}

/// The layers that the plan says the images of a variant have.
fn layers(stack: &Path, variant: &str) -> usize {
    let output = compile(&Workspace::new(stack).load().unwrap()).unwrap().output.unwrap();
    let images = output.plan.images.iter().filter(|image| image.variant.as_str() == variant);
    images.map(rdspec::plan::ImagePlan::layer_count).sum()
}

/// What became of the steps that make layers.
#[derive(Default)]
struct Steps {
    cached: usize,
    run: Vec<String>,
}

/// Lines of BuildKit: `#7 [2/19] RUN ...` names a step, `#7 CACHED` says what became of it.
fn of_buildkit(log: &str) -> Steps {
    let mut named: Vec<(&str, &str)> = Vec::new();
    let mut cached: BTreeSet<usize> = BTreeSet::new();
    for line in log.lines() {
        let Some((number, rest)) =
            line.split_once(' ').filter(|(number, _)| number.starts_with('#'))
        else {
            continue;
        };
        let step = rest.split_once("] ").filter(|(stage, text)| {
            stage.starts_with('[') && stage.contains('/') && makes_a_layer(text)
        });
        if let Some((_, text)) = step {
            // A step is named again when it goes on after another one.
            if !named.contains(&(number, text)) {
                named.push((number, text));
            }
        } else if rest == "CACHED" {
            cached.extend(named.iter().rposition(|(step, _)| *step == number));
        }
    }
    let run = named.iter().enumerate().filter(|(at, _)| !cached.contains(at));
    Steps { cached: cached.len(), run: run.map(|(_, (_, text))| (*text).to_owned()).collect() }
}

/// Lines of buildah, and of podman, which builds with its code: `STEP 5/28: RUN ...`, then `--> Using cache ...`.
fn of_buildah(log: &str) -> Steps {
    let mut steps = Steps::default();
    let mut lines = log.lines().peekable();
    while let Some(line) = lines.next() {
        let step = line.strip_prefix("STEP ").and_then(|rest| rest.split_once(": "));
        let Some((_, text)) = step.filter(|(_, text)| makes_a_layer(text)) else { continue };
        if lines.peek().is_some_and(|next| next.starts_with("--> Using cache")) {
            steps.cached += 1;
        } else {
            steps.run.push(text.to_owned());
        }
    }
    steps
}

fn makes_a_layer(instruction: &str) -> bool {
    ["RUN ", "COPY ", "WORKDIR "].iter().any(|name| instruction.starts_with(name))
}
