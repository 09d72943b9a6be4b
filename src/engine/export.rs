//! The bytes of an image out of an engine's store.
//!
//! Takes a reference, gives the archive that the engine writes, as a stream: nothing is written to the disk, however
//! large the image. It never changes the store.

use std::io::{self, Read};
use std::process::{ChildStderr, Stdio};

use anyhow::{Context, bail, ensure};

use super::{Engine, EngineName};

/// The most of an engine's own words that are kept.
const MAXIMUM_WORDS: u64 = 1 << 16;

/// Has the engine write an image, and `read` read it.
///
/// # Errors
/// The engine cannot be started, has no such image, or fails: each of these is an [`io::Error`]. What `read` says of an
/// archive that the engine wrote to its end.
pub fn export<T>(
    engine: &Engine,
    reference: &str,
    read: impl FnOnce(&mut dyn Read) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    // It would be taken for an option.
    ensure!(!reference.starts_with('-') && !reference.is_empty(), "`{reference}` is no image");
    let mut command = engine.command();
    command.args(arguments(engine.kind(), reference));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let name = engine.name();
    let mut child = command.spawn().with_context(|| format!("starting {name}"))?;
    let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
        bail!("{name} was started without pipes");
    };
    let words = std::thread::spawn(move || words(stderr));
    let mut stream = Ending { inner: stdout, ended: false };
    let mut result = read(&mut stream);
    if result.is_ok() {
        // An engine that cannot write its last bytes fails.
        io::copy(&mut stream, &mut io::sink()).with_context(|| format!("reading from {name}"))?;
    }
    let ended = stream.ended;
    drop(stream);
    if !ended {
        // Nobody wants the rest. The engine may have ended by itself in between, which is no mistake.
        let _ = child.kill();
    }
    let status = child.wait().with_context(|| format!("waiting for {name}"))?;
    let words = words.join().unwrap_or_default();
    // An engine that fails says better what is wrong than what is missing in its output.
    if ended && !status.success() {
        let message = format!("{name} ended with {status}: {}", words.trim());
        result = Err(io::Error::other(message).into());
    }
    result
}

fn arguments(kind: EngineName, reference: &str) -> Vec<String> {
    let words: &[&str] = match kind {
        EngineName::Docker => &["save", reference],
        EngineName::Podman => &["save", "--quiet", "--format", "docker-archive", reference],
        // It has no `save`, and writes the same format to a path.
        EngineName::Buildah => &["push", "--quiet", reference, "docker-archive:/dev/stdout"],
    };
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// What an engine says on stderr, to its end, so that it never waits for a reader.
fn words(mut stderr: ChildStderr) -> String {
    let mut bytes = Vec::new();
    let _ = stderr.by_ref().take(MAXIMUM_WORDS).read_to_end(&mut bytes);
    let _ = io::copy(&mut stderr, &mut io::sink());
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Knows whether its end was reached.
struct Ending<R> {
    inner: R,
    ended: bool,
}

impl<R: Read> Read for Ending<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.ended |= length == 0 && !buffer.is_empty();
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_engine_writes_to_stdout() {
        let text = |kind| arguments(kind, "a:b").join(" ");
        assert_eq!(text(EngineName::Docker), "save a:b");
        assert_eq!(text(EngineName::Podman), "save --quiet --format docker-archive a:b");
        assert_eq!(text(EngineName::Buildah), "push --quiet a:b docker-archive:/dev/stdout");
    }
}
