//! What an engine prints while it builds, as events of layers.
//!
//! Takes lines, gives [`Event`]s. A layer is known by its number among the instructions of the Dockerfile that make
//! one (RUN, COPY, WORKDIR), from 0. Scripts print what they like, also lines that look like an engine's: then an event
//! comes too early or is missing, which changes what is shown and never what is built.

mod buildah;
mod buildkit;

use std::time::Duration;

use super::EngineName;

/// Something that happened in a build.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A layer begins; whether it is taken from the cache is not known yet.
    Started {
        /// Its number.
        layer: usize,
    },
    /// A layer is taken from the cache.
    Cached {
        /// Its number.
        layer: usize,
    },
    /// What runs in a layer has printed a line.
    Printed {
        /// Its number.
        layer: usize,
        /// The line, without escape sequences.
        text: String,
    },
    /// A layer is made.
    Finished {
        /// Its number.
        layer: usize,
        /// Seconds that it took.
        seconds: f64,
    },
    /// A layer has failed.
    Failed {
        /// Its number.
        layer: usize,
    },
    /// The engine itself says something.
    Said {
        /// The line, without escape sequences.
        text: String,
    },
}

/// Reads the output of one build.
#[derive(Debug)]
pub struct Reader(Dialect);

#[derive(Debug)]
enum Dialect {
    BuildKit(buildkit::Reader),
    Buildah(buildah::Reader),
}

impl Reader {
    /// A reader of what this engine prints.
    pub fn new(engine: EngineName) -> Self {
        Self(match engine {
            EngineName::Docker => Dialect::BuildKit(buildkit::Reader::default()),
            EngineName::Podman | EngineName::Buildah => {
                Dialect::Buildah(buildah::Reader::default())
            }
        })
    }

    /// Reads a line that came so long after the start.
    pub fn line(&mut self, line: &str, now: Duration) -> Vec<Event> {
        let line = plain(line);
        match &mut self.0 {
            Dialect::BuildKit(reader) => reader.line(&line, now),
            Dialect::Buildah(reader) => reader.line(&line, now),
        }
    }

    /// The engine has ended, well or not.
    pub fn end(&mut self, success: bool, now: Duration) -> Vec<Event> {
        match &mut self.0 {
            Dialect::BuildKit(_) => Vec::new(),
            Dialect::Buildah(reader) => reader.end(success, now),
        }
    }
}

/// A line as a terminal would leave it: what was written over is gone, and so are escape sequences and other control
/// characters, which could do more than print.
fn plain(line: &str) -> String {
    let line = line.trim_end_matches('\r');
    let last = line.rsplit('\r').next().unwrap_or_default();
    let mut text = String::with_capacity(last.len());
    let mut characters = last.chars().peekable();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            // ECMA-48: a control sequence is `ESC [`, parameters, and one byte from `@` to `~`; others are short.
            if characters.next_if_eq(&'[').is_some() {
                let _ = characters.find(|c| ('@'..='~').contains(c));
            } else {
                let _ = characters.next();
            }
        } else if character == '\t' || !character.is_control() {
            text.push(character);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn what_a_terminal_would_not_show_is_gone() {
        assert_eq!(plain("\u{1b}[1;31mred\u{1b}[0m\u{7} end"), "red end");
        assert_eq!(plain("10 %\r 20 %\r"), " 20 %");
        assert_eq!(plain("a\tb\u{1b}c"), "a\tb");
    }
}
