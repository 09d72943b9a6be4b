//! One image of a compiled spec with its parents: what its layers do, as the plan says it.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::compile::Output;
use crate::model::component::Component;
use crate::model::{self, Name, Stack};
use crate::plan::script::{ComponentScript, ScriptKind};
use crate::plan::{ImagePlan, Instruction, Mount, Run};

/// An image and all that it extends, root first.
#[derive(Debug)]
pub(super) struct Side<'output> {
    pub(super) output: &'output Output,
    pub(super) images: Vec<&'output model::Image>,
    pub(super) plans: Vec<&'output ImagePlan>,
}

/// A component's script and all that it reads.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlannedScript<'output> {
    /// Which image of the chain has it.
    pub(super) image: usize,
    pub(super) component: &'output Component,
    pub(super) script: &'output ComponentScript,
    pub(super) run: &'output Run,
}

impl<'output> Side<'output> {
    /// The image of a name, if the spec has it.
    pub(super) fn of(output: &'output Output, variant: &str, image: &str) -> Option<Self> {
        let variant = output.stack.variants.iter().find(|other| other.name.as_str() == variant)?;
        let last = variant.images.iter().find(|other| other.name.as_str() == image)?;
        let images = variant.chain(last);
        let plan = |image: &&model::Image| {
            let plans = output.plan.images.iter();
            plans.into_iter().find(|plan| plan.variant == variant.name && plan.name == image.name)
        };
        let plans: Vec<&ImagePlan> = images.iter().filter_map(plan).collect();
        (plans.len() == images.len()).then_some(Self { output, images, plans })
    }

    pub(super) fn stack(&self) -> &'output Stack {
        &self.output.stack
    }

    /// The image itself, the last of its chain.
    pub(super) fn last(&self) -> Option<&'output ImagePlan> {
        self.plans.last().copied()
    }

    /// Every component of the chain, with the position of its image.
    pub(super) fn components(&self) -> impl Iterator<Item = (usize, &'output Component)> {
        self.images.iter().enumerate().flat_map(|(at, image)| {
            image.components.iter().map(move |component| (at, component.as_ref()))
        })
    }

    /// The component of a name.
    pub(super) fn component(&self, name: &Name) -> Option<(usize, &'output Component)> {
        self.components().find(|(_, component)| component.name == *name)
    }

    /// Every script of the chain.
    pub(super) fn scripts(
        &self,
    ) -> impl Iterator<Item = (&'output ImagePlan, &'output ScriptKind)> {
        let of =
            |plan: &'output ImagePlan| plan.scripts.iter().map(move |script| (plan, &script.kind));
        self.plans.clone().into_iter().flat_map(of)
    }

    /// The scripts of components, in the order in which they run.
    pub(super) fn component_scripts(&self) -> Vec<PlannedScript<'output>> {
        let mut found = Vec::new();
        for (image, plan) in self.plans.iter().enumerate() {
            for layer in &plan.layers {
                let Instruction::Run(run) = &layer.instruction else { continue };
                let script = plan.scripts.iter().find(|script| script.name == run.script);
                let Some(ScriptKind::Component(script)) = script.map(|script| &script.kind) else {
                    continue;
                };
                let component = layer.owners.first().and_then(|name| self.component(name));
                let Some((_, component)) = component else { continue };
                found.push(PlannedScript { image, component, script, run });
            }
        }
        found
    }

    /// A file of an image's build context.
    pub(super) fn file(&self, plan: &ImagePlan, path: &str) -> Option<&'output Bytes> {
        self.output.tree.get(&format!("{}/{path}", plan.folder)).map(|file| &file.bytes)
    }

    /// The files of an image's build context that a RUN sees besides its own script, by path.
    pub(super) fn seen(&self, image: usize, run: &Run) -> BTreeMap<String, Bytes> {
        let mut files = BTreeMap::new();
        let Some(plan) = self.plans.get(image) else { return files };
        let own = format!("{}/{}", crate::plan::TOOLS, run.script);
        for mount in &run.mounts {
            let Mount::Bind { source, .. } = mount else { continue };
            let folder = format!("{}/", plan.folder);
            for (path, file) in self.output.tree.under(&format!("{folder}{source}")) {
                let Some(path) = path.strip_prefix(&folder).filter(|path| *path != own) else {
                    continue;
                };
                files.insert(path.to_owned(), file.bytes.clone());
            }
        }
        files
    }

    /// The variables of the container.
    pub(super) fn environment(&self) -> BTreeMap<String, String> {
        self.plans.iter().flat_map(|plan| plan.configuration.environment.clone()).collect()
    }
}
