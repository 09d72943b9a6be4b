//! Random specs with random experiments: what is tried on top of an image is what the promoted spec builds.

use std::fmt::Write;

use proptest::prelude::*;
use rdspec::compile::Output;
use rdspec::dev::experiments::{self, Experiments};
use rdspec::dev::{self, Request};
use rdspec::diagnostic::Diagnostics;
use rdspec::source::SpecFiles;

use super::pairs::{built, late};
use super::random_spec::{Component, NAMES, PACKAGES, files_of, spec};
use crate::harness::compiled;

/// An experiment of several kinds at once; 0 is for nothing.
#[derive(Clone, Debug)]
struct Experiment {
    installs: u8,
    removes: usize,
    variable: usize,
    writes: u8,
    runs: bool,
    before: Option<usize>,
}

prop_compose! {
    fn experiment()(
        (installs, removes, variable) in (0_u8..16, 0_usize..6, 0_usize..8),
        (writes, runs, before) in (0_u8..3, any::<bool>(), prop::option::of(0..NAMES.len())),
    ) -> Experiment {
        Experiment { installs, removes, variable, writes, runs, before }
    }
}

/// It as TOML, for the image `child`; what the spec has not is left out.
fn text(experiment: &Experiment, components: &[Option<Component>]) -> String {
    let mut text = "# Tried\n[experiments.tried]\n".to_owned();
    let is_there = |at: usize| components.get(at).is_some_and(Option::is_some);
    let installs =
        PACKAGES.iter().enumerate().filter(|(bit, _)| experiment.installs & (1 << bit) != 0);
    let installs: Vec<&str> = installs.map(|(_, name)| *name).chain(["file"]).collect();
    writeln!(text, "install = {installs:?}").unwrap();
    if let Some(before) = experiment.before.filter(|at| is_there(*at)) {
        writeln!(text, "before = {:?}", NAMES[before]).unwrap();
    }
    if experiment.variable > 0 {
        // Of a component, or of nobody.
        let name = NAMES.get(experiment.variable - 1).unwrap_or(&"tried").to_uppercase();
        writeln!(text, "env = {{ {name} = \"tried\" }}").unwrap();
    }
    if experiment.runs {
        writeln!(text, "run = \"digest tried >/opt/tried.txt\"\nundo = \"rm /opt/tried.txt\"")
            .unwrap();
    }
    if experiment.removes > 0 && is_there(experiment.removes - 1) {
        writeln!(text, "remove = {{ components = [{:?}] }}", NAMES[experiment.removes - 1])
            .unwrap();
    }
    if experiment.writes > 0 {
        writeln!(
            text,
            "[experiments.tried.write.\"/opt/tried.conf\"]\ncontent = \"a\"\nmode = \"0600\""
        )
        .unwrap();
    }
    // A path that the first component may have.
    if experiment.writes > 1 {
        writeln!(text, "[experiments.tried.write.\"/etc/ant/deep/file\"]\ncontent = \"b\"")
            .unwrap();
    }
    text
}

/// The spec, in which the component that uses the experiment reads what it makes.
fn spec_with(experiment: &Experiment, components: &[Option<Component>]) -> SpecFiles {
    let mut files = files_of(components);
    if let Some(before) = experiment.before
        && let Some(bytes) = files.get_mut(&format!("components/{}.toml", NAMES[before]))
    {
        let text = String::from_utf8(std::mem::take(bytes)).unwrap();
        *bytes = text
            .replace("run = \"digest ", "run = \"digest /opt/tried.txt /opt/tried.conf ")
            .into_bytes();
    }
    files.insert("dev/child.toml".to_owned(), text(experiment, components).into_bytes());
    SpecFiles::new("spec", files)
}

/// The spec with its experiments; none where they do not fit it, such as a component that others need and that goes.
fn tried(files: &SpecFiles, plain: &Output) -> Option<(SpecFiles, Output)> {
    let mut found = Diagnostics::default();
    let read = Experiments::read(files, plain, &mut found);
    let applied = experiments::apply(files, plain, &read.of_chain("child"), |_| true, &mut found)?;
    let compiled = experiments::compiled(files, &[], &applied).unwrap();
    Some((applied.files, compiled.output?))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_tried_is_what_the_promoted_spec_builds(components in spec(), experiment in experiment()) {
        let files = spec_with(&experiment, &components);
        let before = compiled(&files);
        let found = tried(&files, &before);
        let goes = experiment.removes > 0;
        prop_assert!(found.is_some() || goes, "refused: {}", text(&experiment, &components));
        let Some((promoted, after)) = found else { return Ok(()) };
        let (variant, image, base) = ("default", "child", "x-child:latest-built");
        let difference = dev::difference(&Request { before: &before, after: &after, variant, image, base });
        prop_assert!(difference.is_ok(), "refused: {:#?}", difference);
        prop_assert_eq!(late(&before, &after, &difference.unwrap()), built(&after));
        // The promoted files mean the same to whoever reads them anew, and have nothing left to try.
        let again = compiled(&promoted);
        prop_assert_eq!(&again.tree, &after.tree);
    }
}
