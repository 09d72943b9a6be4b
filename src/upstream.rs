//! Upstreams asked over the network: which versions there are, and the bytes of files.
//!
//! Takes what a spec says about where versions are found, gives releases as that place lists them. It decides nothing:
//! what is taken is chosen in [`versions`](crate::versions), what is believed in [`verify`](crate::verify).
//!
//! A new kind of place is one file that implements [`Datasource`], and one line in [`of`].

pub mod apt;
pub mod http;
pub mod retry;

mod crates;
mod deps_dev;
mod git;
mod github;
mod json;
mod npm;
pub mod oci;
mod pypi;
mod text;

use crate::image::digest::Digest;
use crate::model::upstream::{Source, Upstream};
use http::{Failure, Http, Kind};
use oci::Registries;

/// A place that knows versions.
pub trait Datasource {
    /// Everything that it lists, in any order.
    ///
    /// # Errors
    /// It cannot be asked, or gives what it should not.
    fn releases(&self, http: &Http) -> Result<Vec<Release>, Failure>;
}

/// One thing that a place lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Release {
    /// A tag, or the version itself.
    pub name: String,
    /// When it came out, in seconds since 1970, where the place says it.
    pub published: Option<i64>,
    /// Whether the place itself calls it unfinished, where it says anything.
    pub prerelease: Option<bool>,
    /// Why it was taken back, if it was.
    pub withdrawn: Option<String>,
    /// The files of it that the place knows.
    pub files: Vec<ReleaseFile>,
    /// Whether these are all of its files, and a pinned key has signed their sums.
    pub signed: bool,
}

impl Release {
    /// When the last of some of its files came, and no earlier than the release itself: a file that is put into an old
    /// release is as new as any other, to whoever takes it.
    pub fn since<'file>(&self, taken: impl IntoIterator<Item = &'file ReleaseFile>) -> Option<i64> {
        taken.into_iter().map(|file| file.uploaded).chain([self.published]).flatten().max()
    }
}

/// A file of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseFile {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub url: String,
    /// When its bytes came there, in seconds since 1970, where the place says it of each file.
    pub uploaded: Option<i64>,
    /// What the place says that its bytes are.
    pub sha256: Option<Digest>,
    /// The same as Subresource Integrity writes it, where the place does.
    pub integrity: Option<String>,
    /// Whether all of it is there: uploads take time.
    pub ready: bool,
}

/// Where registries are, as the user has configured them.
#[derive(Clone, Debug, Default)]
pub struct Addresses {
    /// The REST interface of GitHub.
    pub github: String,
    /// What proves to GitHub who asks.
    pub github_token: Option<String>,
    /// The index of Python packages by PEP 503 and 691.
    pub pypi: Option<String>,
    /// The npm registry.
    pub npm: Option<String>,
    /// The sparse index of crates.
    pub crates: Option<String>,
    /// Who the user is to container registries, and what stands in for docker's.
    pub registries: Registries,
    /// deps.dev, which knows the versions of them all, and is asked for those that have no address.
    pub deps_dev: String,
}

/// The place that an `upstream` names; none for those that are found with an image.
pub fn of<'a>(
    upstream: &'a Upstream,
    addresses: &'a Addresses,
) -> Option<Box<dyn Datasource + 'a>> {
    Some(match &upstream.source.value {
        Source::Github(repository) => Box::new(github::Github::new(repository.as_str(), addresses)),
        Source::Git(url) => Box::new(git::Git { url: &url.text }),
        Source::Pypi(project) => pypi::of(project.as_str(), addresses),
        Source::Npm(package) => npm::of(package.as_str(), addresses),
        Source::Crates(name) => crates::of(name.as_str(), addresses),
        Source::Json(url) => Box::new(json::Json {
            url: &url.text,
            pointer: upstream.pointer.as_ref().map_or("", |pointer| pointer.value.as_str()),
            pattern: upstream.regex.as_ref().map(|regex| &regex.value),
        }),
        Source::Text(url) => Box::new(text::Text {
            url: &url.text,
            pattern: upstream.regex.as_ref().map(|regex| &regex.value),
        }),
        Source::Oci(repository) => {
            Box::new(oci::Repository::of(repository.as_str(), &addresses.registries))
        }
        Source::Apt(_) => return None,
    })
}

/// The place that knows a Python project.
pub fn python_project<'a>(project: &'a str, addresses: &'a Addresses) -> Box<dyn Datasource + 'a> {
    pypi::of(project, addresses)
}

/// The place that knows the versions of a Node package.
pub fn node_package<'a>(package: &'a str, addresses: &'a Addresses) -> Box<dyn Datasource + 'a> {
    npm::of(package, addresses)
}

/// A JSON document of a place.
fn json<T: serde::de::DeserializeOwned>(url: &str, body: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(body).map_err(|error| {
        nonsense(url, &format!("its answer is not what its interface promises: {error}"))
    })
}

fn nonsense(url: &str, why: &str) -> Failure {
    Failure::new(url, Kind::Nonsense(why.to_owned()))
}

/// A time as registries write it (RFC 3339), in seconds since 1970.
fn time(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second)
}

/// An address below another one.
fn below(base: &str, path: &str) -> String {
    format!("{}/{path}", base.trim_end_matches('/'))
}
