//! The configuration of a late image: everything stated in full, and what a Dockerfile cannot take back.

use std::collections::{BTreeMap, BTreeSet};

use super::side::Side;
use super::{Refusal, list};
use crate::plan::configuration::{Configuration, STANDARD_PATH};

/// What a container of a late image is like.
#[derive(Debug)]
pub(super) struct Stated {
    pub(super) configuration: Configuration,
    pub(super) stops_healthcheck: bool,
    pub(super) remarks: Vec<String>,
    /// Whether it differs from the baseline's.
    pub(super) is_change: bool,
}

/// The configuration of an image with what it has from its parents.
fn whole(side: &Side<'_>) -> Option<Configuration> {
    let last = &side.last()?.configuration;
    let labels: BTreeMap<String, String> =
        side.plans.iter().flat_map(|plan| plan.configuration.labels.clone()).collect();
    let ports: BTreeSet<u16> =
        side.plans.iter().flat_map(|plan| plan.configuration.ports.clone()).collect();
    let volumes: BTreeSet<String> =
        side.plans.iter().flat_map(|plan| plan.configuration.volumes.clone()).collect();
    Some(Configuration {
        environment: side.environment().into_iter().collect(),
        labels: labels.into_iter().collect(),
        ports: ports.into_iter().collect(),
        volumes: volumes.into_iter().collect(),
        working_directory: side
            .plans
            .iter()
            .rev()
            .find_map(|plan| plan.configuration.working_directory.clone()),
        stop_signal: last.stop_signal.clone(),
        healthcheck: last.healthcheck.clone(),
        user: last.user.clone(),
        entrypoint: last.entrypoint.clone(),
        command: last.command.clone(),
    })
}

/// States the configuration; what is gone gets the value that comes nearest to none, with a remark where a program
/// could tell the difference.
pub(super) fn stated(
    before: &Side<'_>,
    after: &Side<'_>,
    refusals: &mut Vec<Refusal>,
) -> Option<Stated> {
    let (old, mut new) = (whole(before)?, whole(after)?);
    let is_change = old != new;
    let mut remarks = Vec::new();
    let gone = |old: &[(String, String)], new: &[(String, String)]| -> Vec<String> {
        let is_gone = |name: &&String| new.iter().all(|(other, _)| other != *name);
        old.iter().map(|(name, _)| name).filter(is_gone).cloned().collect()
    };
    let variables = gone(&old.environment, &new.environment);
    for name in &variables {
        let value = if name == "PATH" { STANDARD_PATH } else { "" };
        new.environment.push((name.clone(), value.to_owned()));
    }
    new.environment.sort();
    let emptied: Vec<&str> =
        variables.iter().map(String::as_str).filter(|name| *name != "PATH").collect();
    if !emptied.is_empty() {
        remarks.push(format!(
            "no Dockerfile can take a variable away: {} {} empty until a full build",
            list(emptied.iter().copied()),
            if emptied.len() == 1 { "is" } else { "are" }
        ));
    }
    let labels = gone(&old.labels, &new.labels);
    if !labels.is_empty() {
        let names = list(labels.iter().map(String::as_str));
        remarks.push(format!(
            "no Dockerfile can take a label away: until a full build, {names} says nothing"
        ));
        new.labels.extend(labels.into_iter().map(|name| (name, String::new())));
        new.labels.sort();
    }
    let ports: Vec<String> = old
        .ports
        .iter()
        .filter(|port| !new.ports.contains(port))
        .map(ToString::to_string)
        .collect();
    if !ports.is_empty() {
        let names = list(ports.iter().map(String::as_str));
        remarks.push(format!("the image still exposes {names}: only a full build takes that away"));
    }
    for volume in old.volumes.iter().filter(|volume| !new.volumes.contains(volume)) {
        refusals.push(Refusal::build(
            format!("the volume {volume} is gone"),
            "an image keeps every volume of the image below it",
        ));
    }
    reset(&old, &mut new);
    let stops_healthcheck = old.healthcheck.is_some() && new.healthcheck.is_none();
    Some(Stated { configuration: new, stops_healthcheck, remarks, is_change })
}

/// Gives what is gone the value that it has where no image says anything.
fn reset(old: &Configuration, new: &mut Configuration) {
    if old.working_directory.is_some() && new.working_directory.is_none() {
        new.working_directory = Some("/".to_owned());
    }
    if old.stop_signal.is_some() && new.stop_signal.is_none() {
        new.stop_signal = Some("SIGTERM".to_owned());
    }
    if old.entrypoint.is_some() && new.entrypoint.is_none() {
        new.entrypoint = Some(Vec::new());
    }
    if old.command.is_some() && new.command.is_none() {
        new.command = Some(Vec::new());
    }
}
