//! `rdspec dev`: builds the difference between what was built and the spec with its experiments, on top of what was built.

pub(super) mod baseline;
mod container;
mod experiments;
mod watch;

pub(super) use baseline::remember;

use std::time::Instant;

use anyhow::{Context, bail};

use self::baseline::Baseline;
use super::build::progress::Progress;
use super::build::{blame, secrets};
use super::{DONE, ENGINE_FAILED, FINDINGS, Session, WRONG, select};
use crate::cli::engines::{Dev, Experiments};
use crate::compile::Output;
use crate::dev::{self, Late, Refusal, Request};
use crate::engine::Engine;
use crate::engine::build::{BuildRequest, Failure, build as build_image};
use crate::engine::interrupt::Interrupt;
use crate::plan::ImagePlan;
use crate::plan::report::{self, report};
use crate::render;
use crate::workspace::output::{OutputFolder, stage, with_manifest};

/// How one turn ended.
enum Turn {
    /// There is nothing to start: an exit status.
    Ended(u8),
    /// An image is there.
    Ready(Box<Ready>),
}

/// An image that can be started.
struct Ready {
    engine: Engine,
    late: Late,
    /// Its name: that of the late image, or of the one that was built where nothing differs.
    image: String,
}

/// Runs the command.
///
/// # Errors
/// An unknown image or variant, nothing to build upon, or a folder that cannot be written.
pub fn run(session: &Session, arguments: &Dev) -> anyhow::Result<u8> {
    match &arguments.action {
        Some(Experiments::Promote(chosen)) => return experiments::promote(session, chosen),
        Some(Experiments::Reset(chosen)) => return experiments::reset(session, chosen),
        None => {}
    }
    let interrupt = Interrupt::install()?;
    if arguments.watch {
        return watch::watch(session, arguments, &interrupt);
    }
    let status = match turn(session, arguments, &interrupt)? {
        Turn::Ended(status) => status,
        Turn::Ready(ready) => container::start(session, arguments, &ready, &interrupt)?,
    };
    Ok(interrupt.status().unwrap_or(status))
}

/// Compares, says what will be done, and does it.
fn turn(session: &Session, arguments: &Dev, interrupt: &Interrupt) -> anyhow::Result<Turn> {
    let files = session.workspace.load()?;
    let Some(plain) = session.compile_reported(&files)? else { return Ok(Turn::Ended(WRONG)) };
    let image = chosen(&plain.0, arguments)?.name.to_string();
    let Some((after, tried)) = experiments::with(session, &files, plain, &image)? else {
        return Ok(Turn::Ended(WRONG));
    };
    let image = chosen(&after, arguments)?;
    let Some(baseline) = Baseline::find(session, arguments, image)? else {
        return Ok(Turn::Ended(WRONG));
    };
    let request = Request {
        before: &baseline.output,
        after: &after,
        variant: image.variant.as_str(),
        image: image.name.as_str(),
        base: &baseline.image,
    };
    let late = match dev::difference(&request) {
        Ok(late) => late,
        Err(refusals) => return Ok(Turn::Ended(refused(session, &refusals))),
    };
    say_what(session, &late);
    if arguments.dry_run {
        return Ok(Turn::Ended(DONE));
    }
    let found = baseline.engine().and_then(|engine| {
        let layers = baseline.layers(&engine, arguments)?;
        Ok((engine, layers))
    });
    let (engine, below) = match found {
        Ok(found) => found,
        Err(error) => return Ok(Turn::Ended(failed(session, &error))),
    };
    if !late.is_change {
        return Ok(Turn::Ready(Box::new(Ready { engine, late, image: baseline.image })));
    }
    if let Some(refusal) = dev::layers::exceeds(below, &late) {
        return Ok(Turn::Ended(refused(session, &[refusal])));
    }
    if !secrets::are_there(session, &[&late.plan], &arguments.secrets) {
        return Ok(Turn::Ended(WRONG));
    }
    match build(session, &engine, arguments, &late, interrupt) {
        Ok(Ok(seconds)) => say_cost(session, &late, seconds, &after, &baseline.output),
        Ok(Err(failure)) => {
            let spec = blame::Spec { files: &files, output: &after, tried: tried.as_ref() };
            blame::report(session, spec, &late.plan, &failure);
            return Ok(Turn::Ended(ENGINE_FAILED));
        }
        Err(error) => return Ok(Turn::Ended(failed(session, &error))),
    }
    let image = late.plan.reference.clone();
    Ok(Turn::Ready(Box::new(Ready { engine, late, image })))
}

/// The image that is meant.
fn chosen<'output>(output: &'output Output, arguments: &Dev) -> anyhow::Result<&'output ImagePlan> {
    let of_variant = select::of_variant(&output.plan, arguments.variant.as_deref())?;
    match (&arguments.image, of_variant.as_slice()) {
        (Some(name), _) => select::named(&of_variant, name),
        (None, [only]) => Ok(only),
        (None, several) => {
            let names: Vec<&str> = several.iter().map(|image| image.name.as_str()).collect();
            bail!("which image is meant? `rdspec dev IMAGE` takes one of {}", names.join(", "))
        }
    }
}

/// Says all reasons at once.
fn refused(session: &Session, refusals: &[Refusal]) -> u8 {
    for Refusal { what, why, instead } in refusals {
        session.complain(&format!(
            "error: {what}\n  this cannot be done on top of what was built: {why}\n  {instead}"
        ));
    }
    FINDINGS
}

fn failed(session: &Session, error: &anyhow::Error) -> u8 {
    session.complain(&format!("error: {error:#}"));
    ENGINE_FAILED
}

/// Says what is going to be done, before anything is.
fn say_what(session: &Session, late: &Late) {
    if !late.is_change {
        session.say("nothing differs from what was built");
        return;
    }
    session.say(&format!("{} on {}:", late.plan.reference, late.plan.base));
    for layer in &late.plan.layers {
        session.say(&format!("  {}", layer.comment));
    }
    session.say("  what the container is like, in full");
    for remark in &late.remarks {
        session.say(&format!("  not as after a full build: {remark}"));
    }
}

/// Builds; the seconds that it took. What was built before stays when it fails.
#[expect(clippy::disallowed_methods, reason = "a person waits for it, so it is timed")]
fn build(
    session: &Session,
    engine: &Engine,
    arguments: &Dev,
    late: &Late,
    interrupt: &Interrupt,
) -> anyhow::Result<Result<f64, Failure>> {
    let tree = render::render_late(late)
        .map_err(|error| anyhow::anyhow!("a built-in template failed: {error:#}"))?;
    let shown = OutputFolder::new(session.workspace.late(&late.plan.folder)?);
    let listed = with_manifest(tree.clone());
    shown.write(&listed, &shown.changes(&listed)?)?;
    let folder = tempfile::Builder::new()
        .prefix("rdspec-dev-")
        .tempdir()
        .context("making a folder for the build context")?;
    stage(folder.path(), &tree, late.plan.source_date_epoch)?;
    let request = BuildRequest {
        context: folder.path(),
        reference: &late.plan.reference,
        base: &late.plan.base,
        network: arguments.network.as_deref(),
        no_cache: false,
        secrets: &arguments.secrets,
    };
    let begin = Instant::now();
    let mut progress =
        Progress::new(session, &[(&late.plan, late.plan.reference.clone())], engine.name(), false);
    progress.begun(0, &late.plan.base, begin);
    let built = build_image(engine, &request, interrupt, &mut |event| {
        progress.happened(0, &event);
    });
    progress.ended(0, built.is_ok(), Instant::now());
    progress.close();
    drop(progress);
    Ok(built.map(|()| begin.elapsed().as_secs_f64()))
}

/// Says what it took, and what a build in place is estimated to take.
fn say_cost(session: &Session, late: &Late, seconds: f64, after: &Output, before: &Output) {
    let images = report(after, Some(before));
    let plan = &late.plan;
    let mut of_variant = after.plan.images.iter().filter(|image| image.variant == plan.variant);
    let in_place = of_variant.find(|image| image.name == plan.name);
    let (mut rebuilt, mut full) = (0.0, 0.0);
    for of_chain in in_place.into_iter().flat_map(|image| after.plan.ancestry(image)) {
        let is_it = |image: &&report::Image| {
            image.image == of_chain.name.as_str() && image.variant == plan.variant.as_str()
        };
        let image = images.iter().find(is_it);
        rebuilt += image.and_then(|image| image.rebuilt_seconds).unwrap_or_default();
        full += image.map_or(0.0, |image| image.seconds);
    }
    session.say(&format!(
        "built {} in {seconds:.1} s; in place, the same change is estimated to take {rebuilt:.0} s, a full build {full:.0} s",
        plan.reference
    ));
}
