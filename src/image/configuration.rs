//! The configuration of an image: how a container starts, and how the image came to be.
//!
//! Takes the JSON document, gives typed fields and the digests of the layers. It never fills a default:
//! what the image does not set is empty here.
//!
//! Source: OCI image-spec, config.md; Docker image specification v1.2, "Image JSON Field Descriptions",
//! for `Healthcheck`, which OCI reserves. Fields that engines write as `null` count as absent.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Deserializer, Serialize};

use super::digest::Digest;

/// What an image's configuration says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Configuration {
    /// RFC 3339 time, as written.
    pub created: Option<String>,
    /// Such as `amd64`.
    pub architecture: String,
    /// Such as `linux`.
    pub os: String,
    /// Such as `v8`.
    pub variant: Option<String>,
    /// User, or user and group, that a container runs as; empty is root.
    pub user: String,
    /// `NAME=value`, in order.
    pub env: Vec<String>,
    /// The start of the command, in exec form.
    pub entrypoint: Option<Vec<String>>,
    /// Its default arguments.
    pub cmd: Option<Vec<String>>,
    /// Working directory; empty is the root.
    pub working_dir: String,
    /// Such as `8080/tcp`.
    pub exposed_ports: BTreeSet<String>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// How the engine tests a container.
    pub healthcheck: Option<Healthcheck>,
    /// Such as `SIGTERM`.
    pub stop_signal: Option<String>,
    /// Absolute paths of volumes.
    pub volumes: BTreeSet<String>,
    /// The steps of the build, from the bottom up.
    pub history: Vec<History>,
}

/// A health check. Times are in nanoseconds; 0 inherits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all(deserialize = "PascalCase"), default)]
pub struct Healthcheck {
    /// `NONE`, or `CMD` with arguments, or `CMD-SHELL` with a line.
    #[serde(deserialize_with = "or_default")]
    pub test: Vec<String>,
    /// Time between two checks.
    pub interval: i64,
    /// Time after which a check has failed.
    pub timeout: i64,
    /// Time in which failures do not count.
    pub start_period: i64,
    /// Time between checks in the start period.
    pub start_interval: i64,
    /// Failures in a row that make a container unhealthy.
    pub retries: i64,
}

/// One step of the build.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct History {
    /// RFC 3339 time, as written.
    pub created: Option<String>,
    /// The step.
    pub created_by: Option<String>,
    /// Who or what made it.
    pub author: Option<String>,
    /// What the builder remarks.
    pub comment: Option<String>,
    /// Whether it made no layer.
    pub empty_layer: bool,
}

impl Configuration {
    /// For each of `layers` layers the step that made it: the steps without `empty_layer`, in order.
    ///
    /// The history is optional, and squashing builders leave ones that do not fit the layers: then nothing
    /// is known, and nothing is guessed.
    pub fn created_by(&self, layers: usize) -> Vec<Option<String>> {
        let steps: Vec<Option<String>> = self
            .history
            .iter()
            .filter(|step| !step.empty_layer)
            .map(|step| step.created_by.clone())
            .collect();
        if steps.len() == layers { steps } else { vec![None; layers] }
    }
}

#[derive(Deserialize)]
struct Document {
    created: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    architecture: String,
    #[serde(default, deserialize_with = "or_default")]
    os: String,
    variant: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    config: Execution,
    rootfs: RootFilesystem,
    #[serde(default, deserialize_with = "or_default")]
    history: Vec<History>,
}

#[derive(Deserialize)]
struct RootFilesystem {
    #[serde(default, deserialize_with = "or_default")]
    diff_ids: Vec<String>,
}

/// The `config` object. Its sets are JSON objects with empty values.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Execution {
    #[serde(deserialize_with = "or_default")]
    user: String,
    #[serde(deserialize_with = "or_default")]
    env: Vec<String>,
    entrypoint: Option<Vec<String>>,
    cmd: Option<Vec<String>>,
    #[serde(deserialize_with = "or_default")]
    working_dir: String,
    #[serde(deserialize_with = "or_default")]
    exposed_ports: BTreeMap<String, serde_json::Value>,
    #[serde(deserialize_with = "or_default")]
    labels: BTreeMap<String, String>,
    healthcheck: Option<Healthcheck>,
    stop_signal: Option<String>,
    #[serde(deserialize_with = "or_default")]
    volumes: BTreeMap<String, serde_json::Value>,
}

fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Reads the document; gives also the digests of the uncompressed layers, from the bottom up.
pub fn parse(bytes: &[u8]) -> Result<(Configuration, Vec<Digest>)> {
    let document: Document = serde_json::from_slice(bytes).context("image configuration")?;
    let diff_ids = document.rootfs.diff_ids.iter().map(|digest| digest.parse());
    let diff_ids = diff_ids.collect::<Result<_>>().context("rootfs.diff_ids")?;
    let execution = document.config;
    let configuration = Configuration {
        created: document.created,
        architecture: document.architecture,
        os: document.os,
        variant: document.variant.filter(|variant| !variant.is_empty()),
        user: execution.user,
        env: execution.env,
        entrypoint: execution.entrypoint,
        cmd: execution.cmd,
        working_dir: execution.working_dir,
        exposed_ports: execution.exposed_ports.into_keys().collect(),
        labels: execution.labels,
        healthcheck: execution.healthcheck,
        stop_signal: execution.stop_signal.filter(|signal| !signal.is_empty()),
        volumes: execution.volumes.into_keys().collect(),
        history: document.history,
    };
    Ok((configuration, diff_ids))
}

#[cfg(test)]
mod tests {
    use super::{Configuration, History, parse};

    #[test]
    fn every_field() {
        let text = r#"{
            "created": "2024-01-01T00:00:00Z", "architecture": "arm64", "os": "linux", "variant": "v8",
            "config": {
                "User": "1000:100", "Env": ["A=b=c", "D="], "Entrypoint": ["/init"], "Cmd": null,
                "WorkingDir": "/home", "ExposedPorts": {"80/tcp": {}, "53/udp": {}},
                "Labels": {"k": "v"}, "StopSignal": "SIGINT", "Volumes": {"/data": {}},
                "Healthcheck": {"Test": ["CMD-SHELL", "true"], "Interval": 30000000000, "Retries": 3}
            },
            "rootfs": {"type": "layers", "diff_ids": []},
            "history": [{"created_by": "a", "empty_layer": true}]
        }"#;
        let (configuration, diff_ids) = parse(text.as_bytes()).unwrap();
        assert!(diff_ids.is_empty());
        assert_eq!(configuration.user, "1000:100");
        assert_eq!(configuration.env, ["A=b=c", "D="]);
        assert_eq!(configuration.entrypoint, Some(vec!["/init".to_owned()]));
        assert_eq!(configuration.cmd, None);
        assert_eq!(configuration.exposed_ports.iter().collect::<Vec<_>>(), ["53/udp", "80/tcp"]);
        assert_eq!(configuration.volumes.iter().collect::<Vec<_>>(), ["/data"]);
        assert_eq!(configuration.stop_signal.as_deref(), Some("SIGINT"));
        let check = configuration.healthcheck.unwrap();
        assert_eq!((check.interval, check.retries, check.timeout), (30_000_000_000, 3, 0));
        assert!(configuration.history[0].empty_layer);
    }

    #[test]
    fn null_is_absent() {
        let text = r#"{"config": {"Env": null, "Labels": null, "Volumes": null, "Healthcheck": null},
            "rootfs": {"diff_ids": null}, "history": null}"#;
        assert_eq!(parse(text.as_bytes()).unwrap().0, Configuration::default());
        assert!(parse(br#"{"rootfs": {"diff_ids": ["md5:abc"]}}"#).is_err());
        assert!(parse(b"{}").is_err());
    }

    #[test]
    fn empty_steps_make_no_layer() {
        let step = |text: &str, empty_layer| History {
            created_by: Some(text.to_owned()),
            empty_layer,
            ..History::default()
        };
        let history = vec![
            step("ADD", false),
            step("ENV", true),
            step("RUN a", false),
            step("CMD", true),
            step("RUN b", false),
        ];
        let configuration = Configuration { history, ..Configuration::default() };
        let names = |layers| configuration.created_by(layers);
        assert_eq!(names(3), ["ADD", "RUN a", "RUN b"].map(|text| Some(text.to_owned())));
        assert_eq!(names(2), [None, None], "a history that does not fit tells nothing");
    }
}
