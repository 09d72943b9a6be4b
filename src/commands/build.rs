//! `rdspec build`: the chain in order, each image on the parent that was just built.
//!
//! Images get a tag of their own while they are built, and those that the user knows when all of them are there: a
//! failure in the middle of a chain leaves every tag as it was.

pub mod blame;
pub mod chain;
pub mod farm;
pub mod lock;
pub mod progress;
pub mod record;
pub mod secrets;

use self::chain::Built;
use super::push::push_all;
use super::{DONE, ENGINE_FAILED, Session, WRONG, select};
use crate::cli::engines::{Build, Building, Target};
use crate::compile::Output;
use crate::engine::Engine;
use crate::engine::interrupt::Interrupt;
use crate::model::reference::Tag;
use crate::plan::ImagePlan;
use crate::source::SpecFiles;
use crate::workspace::state::BuiltImage;

/// A spec that compiles, the images that a command is about, and the engine that has them.
#[derive(Debug)]
pub struct Work {
    /// The files of the spec.
    pub files: SpecFiles,
    /// What they compile to.
    pub output: Output,
    /// The engine.
    pub engine: Engine,
    /// Whether the user wants to stop.
    pub interrupt: Interrupt,
}

/// Why there is nothing to work on: the exit status, after everything has been said.
pub type Stopped = u8;

impl Work {
    /// Compiles the spec and finds the engine.
    ///
    /// # Errors
    /// The spec folder cannot be read, or signals cannot be watched.
    pub fn begin(session: &Session, target: &Target) -> anyhow::Result<Result<Self, Stopped>> {
        let files = session.workspace.load()?;
        let Some(output) = session.compile_files(&files)? else { return Ok(Err(WRONG)) };
        // An unknown variant is the user's mistake, whatever engines there are.
        select::of_variant(&output.plan, target.variant.as_deref())?;
        let engine = match Engine::find(target.engine) {
            Ok(engine) => engine,
            Err(error) => {
                session.complain(&format!("error: {error:#}"));
                return Ok(Err(ENGINE_FAILED));
            }
        };
        Ok(Ok(Self { files, output, engine, interrupt: Interrupt::install()? }))
    }

    /// The images of a command's list, parents first; with parents also those that they are built on.
    ///
    /// # Errors
    /// An unknown image or variant.
    pub fn images(
        &self,
        target: &Target,
        names: &[String],
        parents: bool,
    ) -> anyhow::Result<Vec<&ImagePlan>> {
        let of_variant = select::of_variant(&self.output.plan, target.variant.as_deref())?;
        if names.is_empty() {
            return Ok(of_variant);
        }
        let mut wanted: Vec<&str> = Vec::new();
        for name in names {
            let mut next = Some(name.as_str());
            while let Some(name) = next {
                let image = select::named(&of_variant, name)?;
                wanted.push(image.name.as_str());
                next = image.parent.as_ref().map(crate::model::Name::as_str).filter(|_| parents);
            }
        }
        Ok(of_variant.into_iter().filter(|image| wanted.contains(&image.name.as_str())).collect())
    }

    /// The names that an image gets: under the given tags, or under the stack's own.
    pub fn references(&self, image: &ImagePlan, tags: &[Tag]) -> Vec<String> {
        let stack = &self.output.stack;
        let variant = stack.variants.iter().find(|variant| variant.name == image.variant);
        match variant.filter(|_| !tags.is_empty()) {
            Some(variant) => {
                tags.iter().map(|tag| stack.reference_with(variant, &image.name, tag)).collect()
            }
            None => vec![image.reference.clone()],
        }
    }

    /// The name under which a command finds an image: the first of [`Self::references`].
    pub fn reference(&self, image: &ImagePlan, tags: &[Tag]) -> String {
        self.references(image, tags).into_iter().next().unwrap_or_default()
    }
}

/// How a command builds.
#[derive(Debug)]
pub struct Request<'request> {
    /// Which variant, which tags.
    pub target: &'request Target,
    /// How.
    pub building: &'request Building,
    /// Whether every layer is built anew.
    pub no_cache: bool,
    /// Whether to say nothing as long as every layer comes from the cache.
    pub quietly: bool,
}

/// Runs the command.
///
/// # Errors
/// An unknown image or variant, or a build context that cannot be written.
pub fn run(session: &Session, arguments: &Build) -> anyhow::Result<u8> {
    let work = match Work::begin(session, &arguments.target)? {
        Ok(work) => work,
        Err(status) => return Ok(status),
    };
    let images = work.images(&arguments.target, &arguments.images, true)?;
    if let Some(builder) = &arguments.builder {
        return farm::build(session, &work, &images, arguments, builder);
    }
    let request = Request {
        target: &arguments.target,
        building: &arguments.building,
        no_cache: arguments.no_cache,
        quietly: false,
    };
    let built = match build(session, &work, &images, &request)? {
        Ok(built) => built,
        Err(status) => return Ok(status),
    };
    if arguments.record {
        record::record(session, &work, &arguments.target, &built)?;
    }
    if arguments.push {
        let references: Vec<String> = images
            .iter()
            .flat_map(|image| work.references(image, &arguments.target.tags))
            .collect();
        return push_all(session, &work, &references, crate::cli::Format::Text);
    }
    Ok(DONE)
}

/// Builds images, parents first, and gives them their tags when all of them are there.
///
/// # Errors
/// A build context that cannot be written.
pub fn build<'work>(
    session: &Session,
    work: &'work Work,
    images: &[&'work ImagePlan],
    request: &Request<'_>,
) -> anyhow::Result<Result<Vec<Built<'work>>, Stopped>> {
    if !secrets::are_there(session, images, &request.building.secrets) {
        return Ok(Err(WRONG));
    }
    let Some(_lock) = lock::wait(session, &work.interrupt)? else {
        return Ok(Err(work.interrupt.status().unwrap_or(ENGINE_FAILED)));
    };
    let built = match chain::build(session, work, images, request)? {
        Ok(built) => built,
        Err(status) => return Ok(Err(status)),
    };
    if let Err(error) = name_all(session, work, &built, request) {
        session.complain(&format!("error: {error:#}"));
        return Ok(Err(ENGINE_FAILED));
    }
    Ok(Ok(built))
}

/// Gives every image its names, then takes away those under which they were built.
fn name_all(
    session: &Session,
    work: &Work,
    built: &[Built<'_>],
    request: &Request<'_>,
) -> anyhow::Result<()> {
    for image in built {
        for reference in work.references(image.image, &request.target.tags) {
            work.engine.tag(&image.unfinished, &reference)?;
            if !request.quietly {
                session.say(&format!("built {reference}"));
            }
        }
    }
    for image in built.iter().rev() {
        work.engine.untag(&image.unfinished)?;
    }
    remember(session, work, built, request)
}

/// Notes what was built here, for `rdspec clean` and `rdspec dev`.
fn remember(
    session: &Session,
    work: &Work,
    built: &[Built<'_>],
    request: &Request<'_>,
) -> anyhow::Result<()> {
    let known = session.workspace.built_images()?;
    let mut images = known.clone();
    for Built { image, .. } in built {
        let references = work.references(image, &request.target.tags);
        let Some(first) = references.first() else { continue };
        // All of them are names of one image.
        let id = work.engine.inspect(first)?.id;
        super::dev::remember(session, work, image, first, &id);
        for reference in references {
            let engine = work.engine.name().to_owned();
            let image = BuiltImage { engine, id: id.clone(), reference };
            images.retain(|other| *other != image);
            images.push(image);
        }
    }
    if images == known { Ok(()) } else { session.workspace.remember_built_images(&images) }
}
