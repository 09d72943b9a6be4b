//! What differs in how a container is: variables, program, user, ports, labels.
//!
//! Takes two configurations, gives each field that differs, variables and labels one by one. Dates and the history of
//! the build are left out: two builds of the same spec never have the same.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::image::configuration::Configuration;

/// A setting that is not the same in both.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Setting {
    /// Its name: that of the field, of variables and labels with their own name after it.
    pub name: String,
    /// Its value before; none where it was not set.
    pub old: Option<String>,
    /// Its value after.
    pub new: Option<String>,
}

/// Compares two configurations.
pub fn compare(old: &Configuration, new: &Configuration) -> Vec<Setting> {
    let (old, new) = (all(old), all(new));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    names
        .into_iter()
        .filter(|name| old.get(*name) != new.get(*name))
        .map(|name| Setting {
            name: name.clone(),
            old: old.get(name).cloned(),
            new: new.get(name).cloned(),
        })
        .collect()
}

/// Everything that is set, by name.
fn all(configuration: &Configuration) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut set = |name: &str, value: String| {
        if !value.is_empty() {
            all.insert(name.to_owned(), value);
        }
    };
    set("architecture", configuration.architecture.clone());
    set("os", configuration.os.clone());
    set("variant", configuration.variant.clone().unwrap_or_default());
    set("user", configuration.user.clone());
    set(
        "entrypoint",
        configuration.entrypoint.as_ref().map_or_else(String::new, |words| exec(words)),
    );
    set("command", configuration.cmd.as_ref().map_or_else(String::new, |words| exec(words)));
    set("working directory", configuration.working_dir.clone());
    set("stop signal", configuration.stop_signal.clone().unwrap_or_default());
    for port in &configuration.exposed_ports {
        set(&format!("port {port}"), "exposed".to_owned());
    }
    for volume in &configuration.volumes {
        set(&format!("volume {volume}"), "declared".to_owned());
    }
    for (label, value) in &configuration.labels {
        set(&format!("label {label}"), format!("{value:?}"));
    }
    for variable in &configuration.env {
        let (name, value) = variable.split_once('=').unwrap_or((variable, ""));
        set(&format!("variable {name}"), format!("{value:?}"));
    }
    if let Some(check) = &configuration.healthcheck {
        set("health check", format!("{check:?}"));
    }
    all
}

/// A command in the form in which a Dockerfile has it; one without words is none.
fn exec(words: &[String]) -> String {
    if words.is_empty() { String::new() } else { format!("{words:?}") }
}
