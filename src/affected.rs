//! Which images a change of the spec touches, by which of their layers and checks, and what of the spec did it.
//!
//! Takes two compiled specs, gives every image whose build context differs between them, or whose parent's does: any byte
//! and any mode of what `generate` writes for it, no more and no less. It never reads a disk, and never guesses: whether
//! an image is affected is told by the bytes alone, and what is said of layers and files only explains it.

mod causes;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::compile::Output;
use crate::model::Name;
use crate::plan::report::{self, Change, Reported, report};
use crate::plan::{ImagePlan, Plan};
use crate::render::FileTree;
use crate::source::SpecFiles;

/// A spec with what it compiled to.
#[derive(Clone, Copy, Debug)]
pub struct Side<'spec> {
    /// Its files.
    pub files: &'spec SpecFiles,
    /// What they compiled to.
    pub output: &'spec Output,
}

/// What a change touches.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Affected {
    /// The images to build, parents before children.
    pub images: Vec<Image>,
    /// Images that the change takes out of the stack.
    pub removed: Vec<Removed>,
}

/// An image that is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Removed {
    /// Its name.
    pub image: String,
    /// Its variant.
    pub variant: String,
}

/// An image that a change touches.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Image {
    /// Its name.
    pub image: String,
    /// Its variant.
    pub variant: String,
    /// The image of the stack that it is built on.
    pub parent: Option<String>,
    /// The parent, where that is affected.
    pub follows: Option<String>,
    /// Whether the earlier spec has no such image, or nothing that this rdspec could compare.
    pub is_new: bool,
    /// Its own layers that are new, changed, or gone.
    pub layers: Vec<Layer>,
    /// Whether layers stand in another order.
    pub is_reordered: bool,
    /// What is otherwise in the rest of its Dockerfile: `base`, `environment`, `entrypoint` and the like.
    pub settings: Vec<&'static str>,
    /// Checks that are new, changed, or gone: of its own components and of its parents', which it has to pass, too.
    pub checks: Vec<Check>,
    /// Every file of its build context that differs, by its path there.
    pub files: Vec<String>,
    /// What of the spec did that.
    pub causes: Vec<Cause>,
    /// Files of its build context that the earlier revision keeps otherwise than this rdspec writes them of its spec: those of
    /// another rdspec, or of a spec that somebody changed without `rdspec generate`.
    pub written_otherwise: Vec<String>,
}

/// A layer that a change touches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Layer {
    /// Its name, as `rdspec plan` has it.
    pub name: String,
    /// What happens to it.
    pub change: Fate,
    /// The components that it belongs to; none where it belongs to the stack.
    pub components: Vec<String>,
}

/// The checks of a component that a change touches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// The component.
    pub component: String,
    /// What happens to them.
    pub change: Fate,
}

/// What a change does to a part of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// It was not there.
    New,
    /// It is otherwise.
    Changed,
    /// It is gone.
    Removed,
}

impl Fate {
    /// As people say it.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Removed => "removed",
        }
    }
}

/// A file of the spec that did it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Cause {
    /// The file, from the folder of the stack: `spec/components/cron.toml`.
    pub file: String,
    /// The component whose file or resource it is.
    pub component: Option<String>,
}

impl Image {
    /// Whether its own context differs, whatever its parent does.
    pub fn is_touched_itself(&self) -> bool {
        self.is_new || !self.files.is_empty() || !self.written_otherwise.is_empty()
    }
}

/// What the change from one spec to another touches. `committed` is what the earlier revision keeps as its output, where
/// it keeps any: another rdspec may have written it.
///
/// # Errors
/// A defect of rdspec: see [`compile`](crate::compile::compile).
pub fn affected(
    before: Side<'_>,
    after: Side<'_>,
    committed: Option<&FileTree>,
) -> anyhow::Result<Affected> {
    let reports = report(after.output, Some(before.output));
    let mut images: Vec<Image> = Vec::new();
    for (plan, report) in after.output.plan.images.iter().zip(&reports) {
        let earlier = same_image(&before.output.plan, plan);
        let kept = committed.zip(earlier).map(|(tree, earlier)| tree.subtree(&earlier.folder));
        let mut image = match (&kept, earlier) {
            // What was built from the earlier revision is what it keeps, whatever its spec says.
            (Some(kept), _)
                if differing(kept, &after.output.tree.subtree(&plan.folder)).is_empty() =>
            {
                same(plan)
            }
            (Some(kept), Some(earlier)) => Image {
                written_otherwise: differing(kept, &before.output.tree.subtree(&earlier.folder)),
                ..compared(before.output, after.output, plan, Some(earlier), report)
            },
            _ => compared(before.output, after.output, plan, earlier, report),
        };
        image.follows = plan.parent.as_ref().map(ToString::to_string).filter(|parent| {
            let is_parent =
                |other: &Image| other.image == *parent && other.variant == image.variant;
            images.iter().any(is_parent)
        });
        if image.is_touched_itself() || image.follows.is_some() {
            images.push(image);
        }
    }
    causes::find(before, after, &mut images)?;
    let gone = before.output.plan.images.iter();
    let gone = gone.filter(|plan| same_image(&after.output.plan, plan).is_none());
    let removed = gone
        .map(|plan| Removed { image: plan.name.to_string(), variant: plan.variant.to_string() });
    Ok(Affected { removed: removed.collect(), images })
}

/// Every image of a spec, where there is nothing to compare it with.
pub fn everything(output: &Output) -> Affected {
    let images: Vec<Image> = output.plan.images.iter().map(|plan| new(plan, output)).collect();
    Affected { images, removed: Vec::new() }
}

/// The image of the same name and variant.
fn same_image<'plan>(plan: &'plan Plan, image: &ImagePlan) -> Option<&'plan ImagePlan> {
    plan.images.iter().find(|other| other.name == image.name && other.variant == image.variant)
}

/// An image with all that there is of it.
fn new(plan: &ImagePlan, output: &Output) -> Image {
    let context = output.tree.subtree(&plan.folder);
    let layers = plan.layers.iter().zip(&plan.estimates).map(|(layer, estimated)| Layer {
        name: estimated.name.clone(),
        change: Fate::New,
        components: names(&layer.owners),
    });
    let checks = checks_by_component(plan);
    let checks = checks
        .into_keys()
        .map(|component| Check { component: component.to_string(), change: Fate::New });
    Image {
        follows: plan.parent.as_ref().map(ToString::to_string),
        is_new: true,
        layers: layers.collect(),
        checks: checks.collect(),
        files: context.iter().map(|(path, _)| path.to_owned()).collect(),
        ..same(plan)
    }
}

/// An image of which nothing differs.
fn same(plan: &ImagePlan) -> Image {
    Image {
        image: plan.name.to_string(),
        variant: plan.variant.to_string(),
        parent: plan.parent.as_ref().map(ToString::to_string),
        follows: None,
        is_new: false,
        layers: Vec::new(),
        is_reordered: false,
        settings: Vec::new(),
        checks: Vec::new(),
        files: Vec::new(),
        causes: Vec::new(),
        written_otherwise: Vec::new(),
    }
}

/// What differs in an image itself.
fn compared(
    before: &Output,
    after: &Output,
    plan: &ImagePlan,
    earlier: Option<&ImagePlan>,
    report: &report::Image,
) -> Image {
    let Some(earlier) = earlier else { return new(plan, after) };
    let (old, new) = (before.tree.subtree(&earlier.folder), after.tree.subtree(&plan.folder));
    let files = differing(&old, &new);
    let touched = |layer: &Reported| {
        let change = match layer.change? {
            Change::New => Fate::New,
            Change::Changed => Fate::Changed,
            Change::Kept | Change::Follows => return None,
        };
        Some(Layer { name: layer.name.clone(), change, components: layer.owners.clone() })
    };
    let gone = earlier.layers.iter().zip(&earlier.estimates);
    let gone = gone.filter(|(_, estimated)| report.removed.contains(&estimated.name)).map(
        |(layer, estimated)| Layer {
            name: estimated.name.clone(),
            change: Fate::Removed,
            components: names(&layer.owners),
        },
    );
    Image {
        layers: report.layers.iter().filter_map(touched).chain(gone).collect(),
        is_reordered: kept_order(earlier, plan) != kept_order(plan, earlier),
        settings: settings(earlier, plan),
        checks: checks(earlier, plan),
        files,
        ..same(plan)
    }
}

/// The layers of an image that another one has, too, in their order.
fn kept_order<'plan>(image: &'plan ImagePlan, other: &ImagePlan) -> Vec<&'plan str> {
    let has = |name: &str| other.estimates.iter().any(|estimated| estimated.name == name);
    let names = image.estimates.iter().map(|estimated| estimated.name.as_str());
    names.filter(|name| has(name)).collect()
}

/// The paths of two contexts at which their files differ, in bytes or modes.
fn differing(old: &FileTree, new: &FileTree) -> Vec<String> {
    let paths: BTreeSet<&str> = old.iter().chain(new.iter()).map(|(path, _)| path).collect();
    let differs = |path: &&str| old.get(path) != new.get(path);
    paths.into_iter().filter(differs).map(str::to_owned).collect()
}

fn names(owners: &[Name]) -> Vec<String> {
    let unique: BTreeSet<&Name> = owners.iter().collect();
    unique.into_iter().map(ToString::to_string).collect()
}

/// What is otherwise in the parts of a Dockerfile that make no layer.
fn settings(before: &ImagePlan, after: &ImagePlan) -> Vec<&'static str> {
    let mut found = Vec::new();
    if before.base != after.base || before.unpinned != after.unpinned {
        found.push("base");
    }
    let (old, new) = (&before.configuration, &after.configuration);
    let differs = [
        ("environment", old.environment != new.environment),
        ("labels", old.labels != new.labels),
        ("ports", old.ports != new.ports),
        ("volumes", old.volumes != new.volumes),
        ("working-directory", old.working_directory != new.working_directory),
        ("stop-signal", old.stop_signal != new.stop_signal),
        ("healthcheck", old.healthcheck != new.healthcheck),
        ("user", old.user != new.user),
        ("entrypoint", old.entrypoint != new.entrypoint),
        ("command", old.command != new.command),
    ];
    found.extend(differs.iter().filter(|(_, differs)| *differs).map(|(name, _)| *name));
    found
}

/// The components whose checks differ.
fn checks(before: &ImagePlan, after: &ImagePlan) -> Vec<Check> {
    let (old, new) = (checks_by_component(before), checks_by_component(after));
    let components: BTreeSet<&Name> = old.keys().chain(new.keys()).copied().collect();
    let change = |component: &&Name| match (old.get(*component), new.get(*component)) {
        (None, _) => Some(Fate::New),
        (_, None) => Some(Fate::Removed),
        (old, new) => (old != new).then_some(Fate::Changed),
    };
    let changed = components.into_iter().filter_map(|component| {
        Some(Check { component: component.to_string(), change: change(&component)? })
    });
    changed.collect()
}

fn checks_by_component(plan: &ImagePlan) -> BTreeMap<&Name, Vec<&str>> {
    let mut found: BTreeMap<&Name, Vec<&str>> = BTreeMap::new();
    for (component, command) in &plan.checks {
        found.entry(component).or_default().push(command);
    }
    found
}
