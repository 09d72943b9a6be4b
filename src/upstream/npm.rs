//! A package of an npm registry: its document ("packument") with the times of its versions.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::deps_dev::DepsDev;
use super::http::{Failure, Http};
use super::{Addresses, Datasource, Release, ReleaseFile, below, json, time};

struct Npm<'a> {
    registry: &'a str,
    package: &'a str,
}

#[derive(Deserialize)]
struct Package {
    versions: BTreeMap<String, Listed>,
    #[serde(default)]
    time: BTreeMap<String, serde_json::Value>,
}

#[derive(Deserialize)]
struct Listed {
    dist: Distribution,
    deprecated: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Distribution {
    tarball: String,
    integrity: Option<String>,
}

pub(super) fn of<'a>(package: &'a str, addresses: &'a Addresses) -> Box<dyn Datasource + 'a> {
    match &addresses.npm {
        Some(registry) => Box::new(Npm { registry, package }),
        None => Box::new(DepsDev { system: "npm", package, addresses }),
    }
}

impl Datasource for Npm<'_> {
    fn releases(&self, http: &Http) -> Result<Vec<Release>, Failure> {
        // A scope is one part of the path with its package.
        let url = below(self.registry, &self.package.replace('/', "%2F"));
        let document = http.document(&url, &[("accept", "application/json")])?;
        let package: Package = json(&url, &document.body)?;
        let release = |(version, listed): (String, Listed)| {
            let published = package.time.get(&version).and_then(serde_json::Value::as_str);
            let Distribution { tarball, integrity } = listed.dist;
            let name = tarball.rsplit('/').next().unwrap_or_default().to_owned();
            Release {
                published: published.and_then(time),
                withdrawn: listed.deprecated.and_then(withdrawn),
                files: vec![ReleaseFile {
                    name,
                    url: tarball,
                    uploaded: None,
                    sha256: None,
                    integrity,
                    ready: true,
                }],
                name: version,
                ..Release::default()
            }
        };
        Ok(package.versions.into_iter().map(release).collect())
    }
}

/// `deprecated` is a reason, and sometimes `false` or empty where it was taken back.
fn withdrawn(deprecated: serde_json::Value) -> Option<String> {
    match deprecated {
        serde_json::Value::String(why) if !why.is_empty() => Some(why),
        serde_json::Value::Bool(true) => Some("deprecated".to_owned()),
        _ => None,
    }
}
