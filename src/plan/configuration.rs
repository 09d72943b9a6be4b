//! What a container of an image is like: the instructions that add no file.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::component::{Component, Healthcheck, Runtime};
use crate::model::names::{EnvironmentName, Line};
use crate::model::stack::{Base, Image, Stack};
use crate::source::Span;

/// The configuration of one image, as its Dockerfile states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configuration {
    /// Variables that this image adds or overrides.
    pub environment: Vec<(String, String)>,
    /// What is said about the image, by OCI annotation key.
    pub labels: Vec<(String, String)>,
    /// Ports that this image adds.
    pub ports: Vec<u16>,
    /// Volumes that this image adds. They come after every layer, for what is written below a volume is lost.
    pub volumes: Vec<String>,
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
        let mut volumes: Vec<String> =
            own.iter().flat_map(|c| &c.runtime.volumes).map(|(path, _)| path.to_string()).collect();
        volumes.sort_unstable();
        volumes.dedup();
        let mut ports: Vec<u16> =
            own.iter().flat_map(|c| &c.runtime.ports).map(|(port, _)| *port).collect();
        ports.sort_unstable();
        let words = |words: &Vec<crate::model::names::Line>| {
            words.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let own_only = chain.last().map(std::slice::from_ref).unwrap_or_default();
        Self {
            environment: environment(chain),
            labels: labels(stack, chain),
            ports,
            volumes,
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

/// The value of PATH that engines give to a container without one.
pub const STANDARD_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The variables that the last image of a chain adds or changes, as their final values. What is put before comes
/// from the last image first, within an image in the order of the components' names, each element once; then the
/// value of the image nearest to the end that gives one.
fn environment(chain: &[&Image]) -> Vec<(String, String)> {
    let components = |image: &&Image| {
        let mut components: Vec<Arc<Component>> = image.components.clone();
        components.sort_by(|left, right| left.name.cmp(&right.name));
        components
    };
    // From the last image to the first.
    let all: Vec<Arc<Component>> = chain.iter().rev().flat_map(components).collect();
    let own = chain.last().map_or(0, |image| image.components.len());
    let mut names: BTreeSet<&EnvironmentName> = BTreeSet::new();
    for component in all.iter().take(own) {
        names.extend(component.environment.iter().map(|(name, ..)| name));
        names.extend(component.environment_prepend.iter().map(|(name, ..)| name));
    }
    let value = |name: &EnvironmentName| {
        let value = all
            .iter()
            .flat_map(|component| &component.environment)
            .find(|(set, ..)| set == name)
            .map(|(_, value, _)| value.as_str())
            .or((name.as_str() == "PATH").then_some(STANDARD_PATH));
        let mut elements: Vec<&str> = Vec::new();
        let lists = all.iter().flat_map(|component| &component.environment_prepend);
        for (_, first, _) in lists.filter(|(set, ..)| set == name) {
            for element in first.iter().map(Line::as_str) {
                if !elements.contains(&element) {
                    elements.push(element);
                }
            }
        }
        if elements.is_empty() {
            return value.unwrap_or_default().to_owned();
        }
        elements.extend(value.filter(|value| !value.is_empty()));
        elements.join(":")
    };
    names.into_iter().map(|name| (name.to_string(), value(name))).collect()
}

/// The labels of the last image of a chain. A root image says what it is built on; its children inherit that, since
/// the digest of a parent is not known before it is built.
fn labels(stack: &Stack, chain: &[&Image]) -> Vec<(String, String)> {
    let Some(image) = chain.last() else { return Vec::new() };
    let mut labels: BTreeMap<String, String> = BTreeMap::new();
    let mut set = |key: &str, value: String| {
        labels.insert(format!("org.opencontainers.image.{key}"), value);
    };
    set("title", format!("{}-{}", stack.name, image.name));
    if let Base::External(external) = &image.base {
        set("base.name", external.reference.to_string());
        if let Some(digest) = &external.digest {
            set("base.digest", digest.to_string());
        }
    }
    labels.extend(image.labels.iter().map(|(key, value)| (key.clone(), value.to_string())));
    labels.into_iter().collect()
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

#[cfg(test)]
mod tests {
    use crate::compile::compile;
    use crate::source::SpecFiles;

    /// The variables of each image of a spec.
    fn environments(files: &[(&str, &str)]) -> Vec<Vec<(String, String)>> {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()));
        let compiled = compile(&SpecFiles::new("spec", files.collect()));
        let output = compiled.ok().and_then(|compiled| compiled.output);
        let images = output.map(|output| output.plan.images).unwrap_or_default();
        images.into_iter().map(|image| image.configuration.environment).collect()
    }

    #[test]
    fn a_child_that_puts_something_before_restates_the_whole() {
        let stack = "[stack]\nname = 'x'\n[images.base]\nfrom = 'debian:bookworm'\nunpinned = 'x'\n\
            components = ['b', 'a']\n[images.child]\nextends = 'base'\ncomponents = ['c']\n";
        let found = environments(&[
            ("stack.toml", stack),
            (
                "components/a.toml",
                "summary = 'a'\nenvironment = { L = '/l', M = '/m' }\nenvironment-prepend = { PATH = ['/a'] }",
            ),
            (
                "components/b.toml",
                "summary = 'b'\nenvironment-prepend = { PATH = ['/b', '/a'], L = ['/k'] }",
            ),
            (
                "components/c.toml",
                "summary = 'c'\nenvironment = { L = '/n' }\nenvironment-prepend = { PATH = ['/c'] }",
            ),
        ]);
        let standard = super::STANDARD_PATH;
        let pair = |name: &str, value: String| (name.to_owned(), value);
        let base = vec![
            pair("L", "/k:/l".into()),
            pair("M", "/m".into()),
            pair("PATH", format!("/a:/b:{standard}")),
        ];
        let child = vec![pair("L", "/k:/n".into()), pair("PATH", format!("/c:/a:/b:{standard}"))];
        assert_eq!(found, [base, child]);
    }
}
