//! Builds images, each after its parent, those that do not build on each other side by side where the engine can.

use std::collections::BTreeMap;
use std::sync::mpsc::{Sender, channel};
use std::time::Instant;

use anyhow::Context;

use super::progress::Progress;
use super::{Request, Stopped, Work, blame};
use crate::commands::{ENGINE_FAILED, Session};
use crate::engine::EngineName;
use crate::engine::build::{self, BuildRequest, Failure};
use crate::engine::output::Event;
use crate::plan::ImagePlan;
use crate::workspace::output::stage;

/// What a reference ends in while its image is being built. One at a time, so that a build that was killed leaves one
/// image behind, which the next build takes over, and not one each time.
pub const UNFINISHED: &str = "-unfinished";

/// An image that was built.
#[derive(Debug)]
pub struct Built<'plan> {
    /// The image.
    pub image: &'plan ImagePlan,
    /// The name under which it was built.
    pub unfinished: String,
    /// Seconds of each layer that was not taken from the cache, by its number.
    pub seconds: BTreeMap<usize, f64>,
}

/// What a building thread says of its image, by position.
enum Message {
    Happened(usize, Event),
    Ended(usize, anyhow::Result<Result<(), Failure>>),
}

/// The name of an image while it is being built.
fn unfinished(work: &Work, image: &ImagePlan, request: &Request<'_>) -> String {
    format!("{}{UNFINISHED}", work.reference(image, &request.target.tags))
}

/// Builds images, parents first in the list.
///
/// # Errors
/// A build context that cannot be written.
#[expect(clippy::disallowed_methods, reason = "times what engines do")]
pub fn build<'work>(
    session: &Session,
    work: &'work Work,
    images: &[&'work ImagePlan],
    request: &Request<'_>,
) -> anyhow::Result<Result<Vec<Built<'work>>, Stopped>> {
    let most = match work.engine.kind() {
        EngineName::Docker => usize::from(request.building.jobs),
        // Their storage and their locked cache mounts are for one build at a time.
        EngineName::Podman | EngineName::Buildah => 1,
    };
    let named: Vec<(&ImagePlan, String)> =
        images.iter().map(|&image| (image, work.reference(image, &request.target.tags))).collect();
    let mut progress = Progress::new(session, &named, work.engine.name(), request.quietly);
    let mut state = State::new(work, images, request);
    let mut defect = None;
    std::thread::scope(|scope| {
        let (sender, messages) = channel();
        loop {
            while state.running < most
                && state.failures.is_empty()
                && work.interrupt.signal().is_none()
            {
                let Some(at) = state.next() else { break };
                let sender = sender.clone();
                progress.begun(at, &state.base(at), Instant::now());
                state.begun(at);
                let (image, reference, base) =
                    (images[at], state.built[at].unfinished.clone(), state.base(at));
                scope.spawn(move || {
                    let ended = build_one(work, image, &reference, &base, request, at, &sender);
                    let _ = sender.send(Message::Ended(at, ended));
                });
            }
            if state.running == 0 {
                break;
            }
            let Ok(message) = messages.recv() else { break };
            match message {
                Message::Happened(at, event) => {
                    progress.happened(at, &event);
                    if let Event::Finished { layer, seconds } = event {
                        state.built[at].seconds.insert(layer, seconds);
                    }
                }
                Message::Ended(at, ended) => {
                    let failure = match ended {
                        Ok(ended) => ended.err(),
                        Err(error) => {
                            defect = Some(error);
                            None
                        }
                    };
                    progress.ended(at, failure.is_none() && defect.is_none(), Instant::now());
                    state.ended(at, failure);
                    if defect.is_some() {
                        break;
                    }
                }
            }
        }
    });
    progress.close();
    if let Some(error) = defect {
        return Err(error);
    }
    let spec = blame::Spec { files: &work.files, output: &work.output, tried: None };
    for (at, failure) in &state.failures {
        blame::report(session, spec, images[*at], failure);
    }
    if let Some(status) = work.interrupt.status() {
        session.complain("stopped; every tag is as it was");
        return Ok(Err(status));
    }
    Ok(if state.failures.is_empty() { Ok(state.built) } else { Err(ENGINE_FAILED) })
}

/// Which images are built, are being built, or wait.
struct State<'work, 'call> {
    images: &'call [&'work ImagePlan],
    built: Vec<Built<'work>>,
    /// Whether each has begun, and whether it has ended well.
    progress: Vec<(bool, bool)>,
    parents: Vec<Option<usize>>,
    bases: Vec<String>,
    running: usize,
    failures: Vec<(usize, Failure)>,
}

impl<'work, 'call> State<'work, 'call> {
    fn new(work: &Work, images: &'call [&'work ImagePlan], request: &Request<'_>) -> Self {
        let parents: Vec<Option<usize>> = images
            .iter()
            .map(|image| {
                let parent = image.parent.as_ref()?;
                images
                    .iter()
                    .position(|other| other.name == *parent && other.variant == image.variant)
            })
            .collect();
        let built: Vec<Built<'work>> = images
            .iter()
            .map(|&image| Built {
                image,
                unfinished: unfinished(work, image, request),
                seconds: BTreeMap::new(),
            })
            .collect();
        let bases = images
            .iter()
            .zip(&parents)
            .map(|(image, parent)| match (parent, &image.parent, &request.building.base) {
                (Some(parent), ..) => built[*parent].unfinished.clone(),
                (None, None, Some(base)) => base.clone(),
                _ => image.base.clone(),
            })
            .collect();
        let progress = vec![(false, false); images.len()];
        Self { images, built, progress, parents, bases, running: 0, failures: Vec::new() }
    }

    fn base(&self, at: usize) -> String {
        self.bases[at].clone()
    }

    /// An image that has not begun and whose parent is there.
    fn next(&self) -> Option<usize> {
        (0..self.images.len()).find(|&at| {
            let parent_is_there = self.parents[at].is_none_or(|parent| self.progress[parent].1);
            !self.progress[at].0 && parent_is_there
        })
    }

    fn begun(&mut self, at: usize) {
        self.progress[at].0 = true;
        self.running += 1;
    }

    fn ended(&mut self, at: usize, failure: Option<Failure>) {
        self.running -= 1;
        self.progress[at].1 = failure.is_none();
        self.failures.extend(failure.map(|failure| (at, failure)));
    }
}

fn build_one(
    work: &Work,
    image: &ImagePlan,
    reference: &str,
    base: &str,
    request: &Request<'_>,
    at: usize,
    sender: &Sender<Message>,
) -> anyhow::Result<Result<(), Failure>> {
    let folder = tempfile::Builder::new()
        .prefix("rdspec-build-")
        .tempdir()
        .context("making a folder for the build context")?;
    stage(folder.path(), &work.output.tree.subtree(&image.folder), image.source_date_epoch)?;
    let request = BuildRequest {
        context: folder.path(),
        reference,
        base,
        network: request.building.network.as_deref(),
        no_cache: request.no_cache,
        secrets: &request.building.secrets,
    };
    Ok(build::build(&work.engine, &request, &work.interrupt, &mut |event| {
        let _ = sender.send(Message::Happened(at, event));
    }))
}
