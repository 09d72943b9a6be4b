//! The Dockerfile of an image.

use minijinja::{Error, Value, context};

use bytes::Bytes;

use super::shared::{Key, Shared};
use super::templates::Templates;
use super::{FileTree, digest};
use crate::dev::Late;
use crate::model::names::Duration;
use crate::plan::{Copy, ImagePlan, Instruction, Layer, Mount, Run};

/// Renders a Dockerfile; the build context is needed for the digests of what each RUN reads.
pub(super) fn dockerfile<'plan>(
    templates: &Templates,
    shared: &Shared<'plan>,
    image: &'plan ImagePlan,
    late: Option<&Late>,
    build_context: &FileTree,
) -> Result<String, Error> {
    let layers = image.layers.iter().map(|layer| match &layer.instruction {
        Instruction::Run(run) => {
            Ok(run_instruction(layer, run, &inputs(shared, run, build_context)?))
        }
        Instruction::Copy(copy) => Ok(copy_instruction(layer, copy)),
    });
    let layers = layers.collect::<Result<Vec<Value>, Error>>()?;
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
        if late.is_some() { "dev.Dockerfile.j2" } else { "Dockerfile.j2" },
        context! {
            remarks => late.map(|late| late.remarks.clone()),
            stops_healthcheck => late.is_some_and(|late| late.stops_healthcheck),
            reference => image.reference.as_str(),
            spec => image.spec.as_str(),
            base => image.base.as_str(),
            unpinned => image.unpinned.as_deref(),
            layers,
            environment => super::script::data(&configuration.environment),
            labels => super::script::data(&configuration.labels),
            volumes => super::script::data(&configuration.volumes),
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

/// The digest of all that a RUN reads.
fn inputs<'plan>(
    shared: &Shared<'plan>,
    run: &'plan Run,
    build_context: &FileTree,
) -> Result<Bytes, Error> {
    let sources: Vec<&str> = run
        .mounts
        .iter()
        .filter_map(|mount| match mount {
            Mount::Bind { source, .. } => Some(source.as_str()),
            Mount::Cache { .. } | Mount::Secret { .. } => None,
        })
        .collect();
    let digest = || Ok(digest::inputs(build_context, sources.iter().copied()));
    match sources.as_slice() {
        // Most read their script alone, which other images may have too.
        [source] if let Some(file) = build_context.get(source) => {
            shared.get(Key::Inputs(file.bytes.as_ptr().addr(), source), digest)
        }
        _ => digest().map(Bytes::from),
    }
}

fn run_instruction(layer: &Layer, run: &Run, inputs: &[u8]) -> Value {
    let mounts: Vec<String> = run
        .mounts
        .iter()
        .map(|mount| match mount {
            Mount::Bind { source, target } => format!("type=bind,source={source},target={target}"),
            Mount::Cache { id, target, locked } => {
                let sharing = if *locked { "locked" } else { "shared" };
                format!("type=cache,id={id},target={target},sharing={sharing}")
            }
            Mount::Secret { id, target, uid } => {
                format!("type=secret,id={id},required=true,target={target},mode=0400,uid={uid}")
            }
        })
        .collect();
    context! {
        kind => "run",
        comment => layer.comment.as_str(),
        mounts,
        script => run.script.as_str(),
        inputs => String::from_utf8_lossy(inputs),
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
