//! What a container of an image is like: the instructions that add no file.

use crate::model::component::{Component, Healthcheck, Runtime};
use crate::model::stack::{Image, Stack};
use crate::source::Span;

/// The configuration of one image, as its Dockerfile states it.
#[derive(Debug)]
pub struct Configuration {
    /// Variables that this image adds or overrides.
    pub environment: Vec<(String, String)>,
    /// Ports that this image adds.
    pub ports: Vec<u16>,
    /// Where a container starts, if this image says so.
    pub working_directory: Option<String>,
    /// What stops a container.
    pub stop_signal: Option<String>,
    /// How an engine asks whether it is well.
    pub healthcheck: Option<Healthcheck>,
    /// Who it runs as: id, and name for the comment.
    pub user: Option<(u32, String)>,
    /// What runs first. Stated in every image: stating it resets the arguments of a parent, so both are
    /// always stated together.
    pub entrypoint: Option<Vec<String>>,
    /// Its arguments.
    pub command: Option<Vec<String>>,
}

impl Configuration {
    /// The configuration of the last image of a chain.
    pub(super) fn of(stack: &Stack, chain: &[&Image]) -> Self {
        let own: Vec<&Component> = chain
            .last()
            .map(|image| image.components.iter().map(AsRef::as_ref).collect())
            .unwrap_or_default();
        let mut environment: Vec<(String, String)> = own
            .iter()
            .flat_map(|component| &component.environment)
            .map(|(name, value, _)| (name.to_string(), value.to_string()))
            .collect();
        environment.sort();
        let mut ports: Vec<u16> =
            own.iter().flat_map(|c| &c.runtime.ports).map(|(port, _)| *port).collect();
        ports.sort_unstable();
        let words = |words: &Vec<crate::model::names::Line>| {
            words.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let own_only = chain.last().map(std::slice::from_ref).unwrap_or_default();
        Self {
            environment,
            ports,
            working_directory: last(own_only, |r| r.working_directory.as_ref())
                .map(ToString::to_string),
            stop_signal: last(chain, |r| r.stop_signal.as_ref()).map(ToString::to_string),
            healthcheck: last(chain, |r| r.healthcheck.as_ref()).cloned(),
            user: stack.user.as_ref().map(|user| (user.uid, user.name.to_string())),
            entrypoint: last(chain, |r| r.entrypoint.as_ref()).map(words),
            command: last(chain, |r| r.command.as_ref()).map(words),
        }
    }
}

/// The value of the image nearest to the end of the chain that has one.
fn last<'chain, T>(
    chain: &[&'chain Image],
    property: impl Fn(&'chain Runtime) -> Option<&'chain (T, Span)>,
) -> Option<&'chain T> {
    chain
        .iter()
        .rev()
        .flat_map(|image| &image.components)
        .find_map(|component| property(&component.runtime))
        .map(|(value, _)| value)
}
