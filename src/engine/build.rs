//! Builds one image.
#![expect(clippy::disallowed_methods, reason = "times what engines do")]

use std::collections::{BTreeMap, VecDeque};
use std::ffi::OsString;
use std::fmt;
use std::path::Path;
use std::time::Instant;

use super::interrupt::Interrupt;
use super::output::{Event, Reader};
use super::secret::SecretFile;
use super::{Engine, EngineName, failure, process};

/// Lines of a layer's output that a failure shows.
const TAIL: usize = 30;

/// What to build.
#[derive(Debug)]
pub struct BuildRequest<'request> {
    /// The folder with the Dockerfile.
    pub context: &'request Path,
    /// The tag that the image gets.
    pub reference: &'request str,
    /// What FROM gets.
    pub base: &'request str,
    /// The network of RUN instructions.
    pub network: Option<&'request str>,
    /// Whether every layer is built anew.
    pub no_cache: bool,
    /// Files that scripts read and no layer gets.
    pub secrets: &'request [SecretFile],
}

/// A build that has not made its image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The layer that failed, by its number among those of the Dockerfile; none where no layer is at fault.
    pub layer: Option<usize>,
    /// The end of what was printed in that layer or, without one, by the engine.
    pub log: Vec<String>,
    /// How the engine put it.
    pub message: String,
    /// What it means and what to do, where that is known.
    pub meaning: Option<&'static str>,
    /// Whether it was stopped on request.
    pub interrupted: bool,
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

/// The end of what each layer, and the engine itself, has printed.
#[derive(Debug, Default)]
struct Tails {
    layers: BTreeMap<usize, VecDeque<String>>,
    engine: VecDeque<String>,
    failed: Option<usize>,
}

impl Tails {
    fn note(&mut self, event: &Event) {
        let (tail, text) = match event {
            Event::Printed { layer, text } => (self.layers.entry(*layer).or_default(), text),
            Event::Said { text } => (&mut self.engine, text),
            Event::Finished { layer, .. } | Event::Cached { layer } => {
                self.layers.remove(layer);
                return;
            }
            Event::Failed { layer } => {
                self.failed = Some(*layer);
                return;
            }
            Event::Started { .. } => return,
        };
        if tail.len() == TAIL {
            tail.pop_front();
        }
        tail.push_back(text.clone());
    }

    fn failure(mut self, status: &str, interrupted: bool) -> Failure {
        let log = self.failed.and_then(|layer| self.layers.remove(&layer));
        let last = self.engine.iter().rev().find(|line| line.to_lowercase().contains("error"));
        let last = last.or_else(|| self.engine.back());
        let message = last.map_or_else(|| status.to_owned(), |line| format!("{line} ({status})"));
        let all = log.iter().flatten().chain(&self.engine).map(String::as_str);
        let meaning = failure::meaning(all);
        let log = log.unwrap_or(self.engine).into();
        Failure { layer: self.failed, log, message, meaning, interrupted }
    }
}

/// Builds one image, and tells what happens in its layers as it does.
///
/// # Errors
/// The engine cannot be started, or the build fails or is stopped.
pub fn build(
    engine: &Engine,
    request: &BuildRequest<'_>,
    interrupt: &Interrupt,
    on_event: &mut dyn FnMut(Event),
) -> Result<(), Failure> {
    let mut command = engine.command();
    command.args(arguments(engine.kind(), request));
    let mut reader = Reader::new(engine.kind());
    let mut tails = Tails::default();
    let mut handle = |events: Vec<Event>| {
        for event in events {
            tails.note(&event);
            on_event(event);
        }
    };
    let started = Instant::now();
    let status = process::stream(command, interrupt, |line, now| handle(reader.line(line, now)));
    let success = status.as_ref().is_ok_and(std::process::ExitStatus::success);
    handle(reader.end(success, started.elapsed()));
    let interrupted = interrupt.signal().is_some();
    match status {
        Ok(status) if status.success() && !interrupted => Ok(()),
        Ok(status) => {
            Err(tails.failure(&format!("{} ended with {status}", engine.name()), interrupted))
        }
        Err(error) => Err(tails.failure(&format!("{error:#}"), interrupted)),
    }
}

/// The arguments of a build. `--layers` makes podman and buildah keep a cache, `--format docker` keeps HEALTHCHECK,
/// which the OCI format does not have, `--force-rm` leaves no container of a failed build.
fn arguments(kind: EngineName, request: &BuildRequest<'_>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = vec!["build".into()];
    match kind {
        EngineName::Docker => arguments.push("--progress=plain".into()),
        EngineName::Podman | EngineName::Buildah => {
            arguments.extend(["--layers", "--force-rm", "--format", "docker"].map(Into::into));
        }
    }
    if let Some(network) = request.network {
        arguments.extend(["--network".into(), network.into()]);
    }
    if request.no_cache {
        arguments.push("--no-cache".into());
    }
    for secret in request.secrets {
        arguments.extend(["--secret".into(), secret.argument()]);
    }
    arguments.extend(["--build-arg".into(), format!("BASE={}", request.base).into()]);
    arguments.extend(["--tag".into(), request.reference.into(), request.context.into()]);
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(kind: EngineName) -> String {
        let request = BuildRequest {
            context: Path::new("ctx"),
            reference: "a:b",
            base: "c:d",
            network: Some("host"),
            no_cache: false,
            secrets: &[],
        };
        let words = arguments(kind, &request);
        words.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn buildah_and_podman_are_asked_for_layers_and_health_checks() {
        assert_eq!(
            text(EngineName::Buildah),
            "build --layers --force-rm --format docker --network host --build-arg BASE=c:d --tag a:b ctx"
        );
        assert_eq!(text(EngineName::Podman), text(EngineName::Buildah));
        assert_eq!(
            text(EngineName::Docker),
            "build --progress=plain --network host --build-arg BASE=c:d --tag a:b ctx"
        );
    }

    #[test]
    fn a_failure_shows_the_end_of_the_layer_that_failed() {
        let mut tails = Tails::default();
        for line in 0..50 {
            tails.note(&Event::Printed { layer: 1, text: format!("line {line}") });
            tails.note(&Event::Printed { layer: 2, text: "of another".to_owned() });
        }
        tails.note(&Event::Said { text: "ERROR: exit code: 137".to_owned() });
        tails.note(&Event::Failed { layer: 1 });
        let failure = tails.failure("docker ended with 1", false);
        assert_eq!(failure.layer, Some(1));
        assert_eq!(failure.log.len(), TAIL);
        assert_eq!(failure.log.last().map(String::as_str), Some("line 49"));
        assert_eq!(failure.message, "ERROR: exit code: 137 (docker ended with 1)");
        assert!(failure.meaning.unwrap().contains("memory"));
    }
}
