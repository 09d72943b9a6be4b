//! Which files of the spec a difference of an image comes from.
//!
//! Takes two specs, gives the changed files whose change decides something: a file is named where its change alone, made
//! before all others or after all others, changes what is generated for the image. That is asked of the compiler itself, so
//! a comment is never named, and a value that a template of another component takes is. Where neither of the two specs
//! in between compiles, as when a component comes and a list names it, its image is that of its component.

use std::collections::BTreeSet;

use super::{Cause, Image, Side};
use crate::compile::{Output, compile};
use crate::parallel;
use crate::parse::COMPONENTS;
use crate::plan::ImagePlan;
use crate::source::SpecFiles;

/// The folder of what components bring along, in the spec.
const RESOURCES: &str = "resources/";

/// So many specs take longer to compile than a thread takes to start.
const SPECS: usize = 2;

/// What one changed file does alone.
struct Trial<'path> {
    path: &'path str,
    component: Option<&'path str>,
    /// The images whose context it changes, by their folders.
    changes: BTreeSet<String>,
    /// Whether one of the specs in between has errors.
    is_open: bool,
}

/// Fills in the causes of images that are touched themselves.
pub(super) fn find(before: Side<'_>, after: Side<'_>, images: &mut [Image]) -> anyhow::Result<()> {
    if images.iter().all(|image| image.files.is_empty()) {
        return Ok(());
    }
    let paths: BTreeSet<&str> = before.files.paths().chain(after.files.paths()).collect();
    let changed: Vec<&str> =
        paths.into_iter().filter(|path| before.files.get(path) != after.files.get(path)).collect();
    let trials = parallel::map(&changed, SPECS, |path| tried(before, after, path));
    let trials = trials.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
    for image in images.iter_mut().filter(|image| !image.files.is_empty()) {
        let plans = [before, after].map(|side| {
            let mut images = side.output.plan.images.iter();
            images.find(|plan| {
                plan.name.as_str() == image.image && plan.variant.as_str() == image.variant
            })
        });
        let folder = plans.iter().flatten().next_back().map(|plan| plan.folder.as_str());
        let is_cause = |trial: &&Trial<'_>| {
            folder.is_some_and(|folder| trial.changes.contains(folder))
                || trial.is_open
                    && trial.component.is_none_or(|name| is_of(before, after, plans, name))
        };
        image.causes = trials
            .iter()
            .filter(is_cause)
            .map(|trial| Cause {
                file: format!("{}/{}", after.files.root(), trial.path),
                component: trial.component.map(str::to_owned),
            })
            .collect();
    }
    Ok(())
}

/// Whether a component is one of an image's own, on either side.
fn is_of(
    before: Side<'_>,
    after: Side<'_>,
    plans: [Option<&ImagePlan>; 2],
    component: &str,
) -> bool {
    let has = |(side, plan): (Side<'_>, Option<&ImagePlan>)| {
        let Some(plan) = plan else { return false };
        let variants = side.output.stack.variants.iter();
        let images = variants.filter(|one| one.name == plan.variant).flat_map(|one| &one.images);
        let mut components =
            images.filter(|image| image.name == plan.name).flat_map(|image| &image.components);
        components.any(|one| one.name.as_str() == component)
    };
    [before, after].into_iter().zip(plans).any(has)
}

/// The component whose file or resource a file of the spec is.
fn component(path: &str) -> Option<&str> {
    let of_file = path.strip_prefix(COMPONENTS).and_then(|name| name.strip_suffix(".toml"));
    let folder = || path.strip_prefix(RESOURCES).and_then(|rest| rest.split('/').next());
    of_file.or_else(folder)
}

fn tried<'path>(
    before: Side<'_>,
    after: Side<'_>,
    path: &'path str,
) -> anyhow::Result<Trial<'path>> {
    let alone = before.files.with_one(path, after.files.get(path));
    let without = after.files.with_one(path, before.files.get(path));
    let mut trial =
        Trial { path, component: component(path), changes: BTreeSet::new(), is_open: false };
    for (files, other) in [(alone, before.output), (without, after.output)] {
        match compiled(&files)? {
            Some(output) => trial.changes.extend(different_folders(&output, other)),
            None => trial.is_open = true,
        }
    }
    Ok(trial)
}

fn compiled(files: &SpecFiles) -> anyhow::Result<Option<Output>> {
    Ok(compile(files)?.output)
}

/// The folders of images whose contexts differ between two outputs.
fn different_folders(left: &Output, right: &Output) -> BTreeSet<String> {
    let folders: BTreeSet<&str> = [left, right]
        .into_iter()
        .flat_map(|one| &one.plan.images)
        .map(|one| &*one.folder)
        .collect();
    let differs = |folder: &&str| {
        let files = |output: &Output| output.tree.subtree(folder);
        files(left) != files(right)
    };
    folders.into_iter().filter(differs).map(str::to_owned).collect()
}
