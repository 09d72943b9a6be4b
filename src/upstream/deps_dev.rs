//! deps.dev: a neutral index of packages of several registries (API v3, `GetPackage`). It knows versions and their
//! times, and no files.

use serde::Deserialize;

use super::http::{Failure, Http};
use super::{Addresses, Datasource, Release, below, json, time};

pub(super) struct DepsDev<'a> {
    /// `pypi`, `npm` or `cargo`.
    pub(super) system: &'static str,
    pub(super) package: &'a str,
    pub(super) addresses: &'a Addresses,
}

#[derive(Deserialize)]
struct Package {
    versions: Vec<Listed>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    version_key: VersionKey,
    published_at: Option<String>,
    #[serde(default)]
    is_deprecated: bool,
}

#[derive(Deserialize)]
struct VersionKey {
    version: String,
}

impl Datasource for DepsDev<'_> {
    fn releases(&self, http: &Http) -> Result<Vec<Release>, Failure> {
        // A name of npm has `@` and `/`, which would be parts of the path.
        let name = self.package.replace('@', "%40").replace('/', "%2F");
        let path = format!("v3/systems/{}/packages/{name}", self.system);
        let url = below(&self.addresses.deps_dev, &path);
        let package: Package = json(&url, &http.document(&url, &[])?.body)?;
        Ok(package.versions.into_iter().map(Release::from).collect())
    }
}

impl From<Listed> for Release {
    fn from(listed: Listed) -> Self {
        Self {
            name: listed.version_key.version,
            published: listed.published_at.as_deref().and_then(time),
            withdrawn: listed.is_deprecated.then(|| "deprecated".to_owned()),
            ..Self::default()
        }
    }
}
