//! What a difference is taken from and laid upon: what `rdspec build` has last built, or a git revision.

use anyhow::{Context, ensure};
use clap::ValueEnum;

use super::super::Session;
use super::super::build::Work;
use crate::cli::engines::Dev;
use crate::compile::{Output, compile};
use crate::engine::{Engine, EngineName};
use crate::plan::ImagePlan;
use crate::render::digest::inputs;
use crate::source::SpecFiles;
use crate::workspace::baseline::Built;

/// A spec and the image that was built from it.
pub(super) struct Baseline {
    pub(super) output: Output,
    /// The name of the image.
    pub(super) image: String,
    /// Its id, where it was kept.
    id: Option<String>,
    engine: Option<EngineName>,
}

/// What the tag of an image ends in that is kept as it was last built.
pub(in crate::commands) const KEPT: &str = "-built";

/// The name under which the image that was built is kept.
fn kept(reference: &str) -> String {
    format!("{reference}{KEPT}")
}

/// Remembers what an image was built from, and keeps the image. A build is not worse for what cannot be remembered.
pub(in crate::commands) fn remember(
    session: &Session,
    work: &Work,
    image: &ImagePlan,
    reference: &str,
    id: &str,
) {
    let remember = || {
        let kept = kept(reference);
        work.engine.tag(reference, &kept)?;
        let built = Built {
            engine: work.engine.name().to_owned(),
            id: id.to_owned(),
            kept,
            written: Some(written(&work.output, image)),
        };
        session.workspace.keep_built(&image.folder, &work.files, &built)
    };
    if let Err(error) = remember() {
        session.say(&format!("`rdspec dev` will not know {reference}: {error:#}"));
    }
}

/// A digest of all that was written for an image and those that it extends.
fn written(output: &Output, image: &ImagePlan) -> String {
    inputs(&output.tree, output.plan.ancestry(image).map(|image| image.folder.as_str()))
}

/// Says it where this rdspec would write another thing from the spec that was built than the one that built it: a
/// difference between two specs, both written by this one, does not have that.
fn compare_writers(session: &Session, built: &Built, output: &Output, image: &ImagePlan) {
    let same = |plan: &&ImagePlan| plan.folder == image.folder;
    let Some(image) = output.plan.images.iter().find(same) else { return };
    if built.written.as_ref().is_some_and(|then| *then != written(output, image)) {
        session.say(&format!(
            "another rdspec built {}: this one writes other scripts from the same spec, and only `rdspec build {}` runs them",
            built.kept, image.name
        ));
    }
}

impl Baseline {
    /// Finds what the arguments mean; none where its spec has errors, which are said.
    pub(super) fn find(
        session: &Session,
        arguments: &Dev,
        image: &ImagePlan,
    ) -> anyhow::Result<Option<Self>> {
        if let Some(revision) = &arguments.base {
            let files = session
                .workspace
                .load_revision(revision)
                .with_context(|| format!("reading the spec of {revision}"))?;
            let Some(output) = compiled(session, &files, &format!("of {revision}"))? else {
                return Ok(None);
            };
            let same = |plan: &&ImagePlan| plan.name == image.name && plan.variant == image.variant;
            let built = output.plan.images.iter().find(same);
            let built =
                built.with_context(|| format!("{revision} has no image `{}`", image.name))?;
            let name = built.reference.clone();
            session.say(&format!("{name} is taken for what {revision} builds"));
            return Ok(Some(Self { image: name, output, id: None, engine: arguments.engine }));
        }
        let built = session.workspace.built(&image.folder)?;
        let (built, files) = built.with_context(|| {
            format!(
                "{} was not built here yet: run `rdspec build {}` first, or name what it was built from with --base REV",
                image.reference, image.name
            )
        })?;
        let engine = EngineName::from_str(&built.engine, false).ok();
        ensure!(
            arguments.engine.is_none() || arguments.engine == engine,
            "{} was last built with {}: leave --engine out, or build it with the other engine first",
            image.reference,
            built.engine
        );
        let Some(output) = compiled(session, &files, "that was built")? else { return Ok(None) };
        compare_writers(session, &built, &output, image);
        Ok(Some(Self { output, image: built.kept, id: Some(built.id), engine }))
    }

    /// The engine that has the image.
    pub(super) fn engine(&self) -> anyhow::Result<Engine> {
        Engine::find(self.engine)
    }

    /// How many layers the image has, which has to be there and the one that is meant.
    pub(super) fn layers(&self, engine: &Engine, arguments: &Dev) -> anyhow::Result<usize> {
        let found = engine.id(&self.image)?;
        let again = match &arguments.image {
            Some(name) => format!("rdspec build {name}"),
            None => "rdspec build".to_owned(),
        };
        let found = found.with_context(|| {
            format!("{} is gone from {}: run `{again}` once more", self.image, engine.name())
        })?;
        ensure!(
            self.id.as_ref().is_none_or(|id| *id == found),
            "{} is another image than the one that was built: run `{again}` once more",
            self.image
        );
        engine.layers(&self.image)
    }
}

/// A spec of former days, compiled by this rdspec.
fn compiled(session: &Session, files: &SpecFiles, which: &str) -> anyhow::Result<Option<Output>> {
    let compiled = compile(files)?;
    if compiled.output.is_none() {
        session.complain(&format!(
            "error: the spec {which} has errors for this version of rdspec; `rdspec build` gives a new one to start from"
        ));
    }
    Ok(compiled.output)
}
