//! The Dockerfile of an image.

use minijinja::{Error, Value, context};

use super::templates::Templates;
use super::{FileTree, digest};
use crate::model::names::Duration;
use crate::plan::{Copy, ImagePlan, Instruction, Layer, Mount, Run};

/// Renders a Dockerfile; the build context is needed for the digests of what each RUN reads.
pub(super) fn dockerfile(
    templates: &Templates,
    image: &ImagePlan,
    build_context: &FileTree,
) -> Result<String, Error> {
    let layers: Vec<Value> =
        image.layers.iter().map(|layer| instruction(layer, build_context)).collect();
    let configuration = &image.configuration;
    let healthcheck = configuration.healthcheck.as_ref().map(|healthcheck| {
        let command: Vec<String> = healthcheck.command.iter().map(ToString::to_string).collect();
        context! {
            command,
            interval => healthcheck.interval.as_str(),
            timeout => healthcheck.timeout.as_str(),
            start_period => healthcheck.start_period.as_ref().map(Duration::as_str),
            retries => healthcheck.retries,
        }
    });
    templates.render(
        "Dockerfile.j2",
        context! {
            reference => image.reference.as_str(),
            spec => image.spec.as_str(),
            base => image.base.as_str(),
            unpinned => image.unpinned.as_deref(),
            layers,
            environment => super::script::data(&configuration.environment),
            ports => super::script::data(&configuration.ports),
            working_directory => super::script::data(&configuration.working_directory),
            stop_signal => super::script::data(&configuration.stop_signal),
            healthcheck,
            user => configuration.user.as_ref().map(|(uid, name)| context! { uid => *uid, name => name.as_str() }),
            entrypoint => super::script::data(&configuration.entrypoint),
            command => super::script::data(&configuration.command),
        },
    )
}

fn instruction(layer: &Layer, build_context: &FileTree) -> Value {
    match &layer.instruction {
        Instruction::Run(run) => run_instruction(layer, run, build_context),
        Instruction::Copy(copy) => copy_instruction(layer, copy),
    }
}

fn run_instruction(layer: &Layer, run: &Run, build_context: &FileTree) -> Value {
    let mounts: Vec<String> = run
        .mounts
        .iter()
        .map(|mount| match mount {
            Mount::Bind { source, target } => format!("type=bind,source={source},target={target}"),
            Mount::Cache { id, target, locked } => {
                let sharing = if *locked { "locked" } else { "shared" };
                format!("type=cache,id={id},target={target},sharing={sharing}")
            }
        })
        .collect();
    let inputs = run.mounts.iter().filter_map(|mount| match mount {
        Mount::Bind { source, .. } => Some(source.as_str()),
        Mount::Cache { .. } => None,
    });
    context! {
        kind => "run",
        comment => layer.comment.as_str(),
        mounts,
        script => run.script.as_str(),
        inputs => digest::inputs(build_context, inputs),
    }
}

fn copy_instruction(layer: &Layer, copy: &Copy) -> Value {
    // Words with spaces only work in the JSON form.
    let json = copy.sources.iter().chain([&copy.directory]).any(|path| path.contains(' '));
    let words: Vec<String> = copy.sources.iter().chain([&copy.directory]).cloned().collect();
    context! {
        kind => "copy",
        comment => layer.comment.as_str(),
        mode => copy.mode.to_string(),
        owner => copy.owner.map(|(uid, gid)| format!("{uid}:{gid}")),
        words,
        json,
    }
}
