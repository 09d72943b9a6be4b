//! What runs in a container and how it is reached: services of supervisor, routes of the web server.

use super::component::Environment;
use super::names::{Line, Name};
use super::path::AbsolutePath;
use crate::source::Span;

/// A program that supervisor keeps running: `[program:x]` of its configuration file reference. What is absent
/// here is as supervisor has it by default.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its name.
    pub name: Name,
    /// Its command line, as supervisor splits it.
    pub command: Line,
    /// Where that stands.
    pub command_span: Span,
    /// Lower starts first.
    pub priority: u32,
    /// Where it starts.
    pub directory: Option<AbsolutePath>,
    /// Variables that it sees besides the container's.
    pub environment: Environment,
    /// Local TCP ports on which it listens, each with its place.
    pub ports: Vec<(u16, Span)>,
    /// What happens when it ends.
    pub restart: Restart,
    /// Seconds that it has to stay up to count as started; 0 counts at once.
    pub start_seconds: Option<u32>,
    /// How often a start that failed is tried again.
    pub start_retries: Option<u32>,
    /// What asks it to end.
    pub stop_signal: Option<StopSignal>,
    /// Seconds after which it is killed if it does not end.
    pub stop_seconds: Option<u32>,
    /// Where it was declared.
    pub span: Span,
}

/// What supervisor does when a program ends that was up (`autorestart`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restart {
    /// Starts it again.
    Always,
    /// Starts it again unless its exit status is 0.
    OnFailure,
    /// Lets it be.
    Never,
}

impl Restart {
    /// The choices, by their names in the spec.
    pub const CHOICES: &[(&str, Self)] =
        &[("always", Self::Always), ("on-failure", Self::OnFailure), ("never", Self::Never)];

    /// The value of `autorestart`.
    pub fn supervisor(self) -> &'static str {
        match self {
            Self::Always => "true",
            Self::OnFailure => "unexpected",
            Self::Never => "false",
        }
    }
}

/// A signal by which supervisor asks a program to end (`stopsignal`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StopSignal(&'static str);

impl StopSignal {
    /// The choices, by their names in the spec.
    pub const CHOICES: &[(&str, Self)] = &[
        ("TERM", Self("TERM")),
        ("HUP", Self("HUP")),
        ("INT", Self("INT")),
        ("QUIT", Self("QUIT")),
        ("KILL", Self("KILL")),
        ("USR1", Self("USR1")),
        ("USR2", Self("USR2")),
    ];

    /// The value of `stopsignal`.
    pub fn name(self) -> &'static str {
        self.0
    }
}
