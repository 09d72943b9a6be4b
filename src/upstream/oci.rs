//! Container registries, by the OCI distribution spec: the tags of a repository, and what a tag is.
//!
//! The digest of a manifest or an index is computed here from the bytes that came, and has to be what the registry says of
//! them and what was asked for. What is asked of docker's own registry is asked of its mirrors first, as docker does.
//!
//! | module | takes | gives |
//! |---|---|---|
//! | [`name`] | the name of an image as people write it | its registry and its repository there |
//! | [`login`] | docker's configuration | who the user is to which registry |
//! | [`challenge`] | `WWW-Authenticate` headers | what a registry wants to see |
//! | [`client`] | an address | its document, with a token or a login where the registry wants one |

pub mod login;
pub mod name;

mod challenge;
mod client;

use std::collections::BTreeSet;

use reqwest::Url;
use serde::Deserialize;

use super::http::{Document, Failure, Http, Kind, public};
use super::{Datasource, Release, json, nonsense, time};
use crate::image::digest::Digest;
use client::Client;
use login::Logins;
use name::ImageName;

/// What a tag can be: an index of images for several platforms or one image, as OCI and as docker call them.
const MANIFESTS: &str = "application/vnd.oci.image.index.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, \
    application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.v2+json";

/// How many tags a page is to have; registries may give fewer.
const PAGE: usize = 1000;

/// How many pages are read: more tags than any registry has, so that one that leads in a circle is noticed.
const PAGES: usize = 100;

/// What the machine knows of registries.
#[derive(Clone, Debug, Default)]
pub struct Registries {
    /// Who the user is to them.
    pub logins: Logins,
    /// The addresses of mirrors of docker's registry, in the order of asking.
    pub mirrors: Vec<String>,
}

/// A repository of a registry, and of the mirrors that may have it, too.
pub struct Repository<'a> {
    repository: String,
    clients: Vec<Client<'a>>,
}

/// What a tag or a digest stands for.
#[derive(Debug)]
pub struct Manifest {
    /// The digest of its bytes.
    pub digest: Digest,
    /// Whether the registry says the same.
    pub is_stated: bool,
    url: String,
    body: Body,
}

/// An image index (OCI image spec, image-index.md) or an image manifest (manifest.md), by what it has.
#[derive(Debug, Deserialize)]
struct Body {
    manifests: Option<Vec<Descriptor>>,
    config: Option<Descriptor>,
}

#[derive(Debug, Deserialize)]
struct Descriptor {
    digest: String,
    platform: Option<Platform>,
}

/// What an image runs on (OCI image spec, image-index.md and config.md).
#[derive(Debug, Deserialize)]
struct Platform {
    os: String,
    architecture: String,
}

/// An image's configuration (OCI image spec, config.md).
#[derive(Debug, Deserialize)]
struct Configuration {
    #[serde(flatten)]
    platform: Platform,
    created: Option<String>,
}

#[derive(Deserialize)]
struct Tags {
    /// Some registries write null for none.
    tags: Option<Vec<String>>,
}

impl<'a> Repository<'a> {
    /// The repository of an image's name, whose tag does not matter.
    pub fn of(name: &str, registries: &'a Registries) -> Self {
        let name = ImageName::parse(name);
        let mut clients = Vec::new();
        if name.is_on_hub() {
            let mirrors = registries.mirrors.iter();
            clients.extend(mirrors.map(|mirror| Client::of_mirror(mirror, &registries.logins)));
        }
        clients.push(Client::of(&name.registry, &registries.logins));
        Self { repository: name.repository, clients }
    }

    /// All tags, page by page.
    ///
    /// # Errors
    /// The registry cannot be asked, or gives what it should not.
    pub fn tags(&self, http: &Http) -> Result<Vec<String>, Failure> {
        self.on_first(|client| {
            let mut url = client.url(&self.repository, &format!("tags/list?n={PAGE}"));
            let mut all = Vec::new();
            for _ in 0..PAGES {
                let document = client.document(http, &url, &self.repository, "application/json")?;
                let page: Tags = json(&url, &document.body)?;
                all.extend(page.tags.unwrap_or_default());
                match next(&url, &document)? {
                    Some(next) => url = next,
                    None => return Ok(all),
                }
            }
            Err(nonsense(&url, &format!("its tags have more than {PAGES} pages")))
        })
    }

    /// What a tag is now, or what a digest stands for.
    ///
    /// # Errors
    /// The registry cannot be asked, does not have it, or gives other bytes than it says.
    pub fn manifest(&self, http: &Http, reference: &str) -> Result<Manifest, Failure> {
        self.on_first(|client| {
            let url = client.url(&self.repository, &format!("manifests/{reference}"));
            let document = client.document(http, &url, &self.repository, MANIFESTS)?;
            let digest = Digest::of(&document.body);
            let said = document.digest.as_deref().and_then(|said| said.parse().ok());
            agree(&url, digest, said, "the registry says")?;
            agree(&url, digest, reference.parse().ok(), "asked for was")?;
            let body: Body = json(&url, &document.body)?;
            if body.manifests.is_none() && body.config.is_none() {
                return Err(nonsense(&url, "it is neither an image index nor an image manifest"));
            }
            Ok(Manifest { digest, is_stated: said.is_some(), url, body })
        })
    }

    /// The platforms that a manifest has an image for, as `linux/amd64`.
    ///
    /// # Errors
    /// As of [`Self::manifest`].
    pub fn platforms(&self, http: &Http, manifest: &Manifest) -> Result<BTreeSet<String>, Failure> {
        if let Some(manifests) = &manifest.body.manifests {
            let platforms = manifests.iter().filter_map(|one| one.platform.as_ref());
            return Ok(platforms.map(Platform::name).collect());
        }
        Ok([self.configuration(http, manifest)?.platform.name()].into())
    }

    /// When the image of a platform was made, in seconds since 1970, as its maker says.
    ///
    /// # Errors
    /// As of [`Self::manifest`].
    pub fn created(
        &self,
        http: &Http,
        manifest: &Manifest,
        platform: &str,
    ) -> Result<Option<i64>, Failure> {
        let is_it =
            |one: &&Descriptor| one.platform.as_ref().is_some_and(|known| known.name() == platform);
        let configuration = match &manifest.body.manifests {
            None => self.configuration(http, manifest)?,
            Some(manifests) => match manifests.iter().find(is_it) {
                None => return Ok(None),
                Some(one) => self.configuration(http, &self.manifest(http, &one.digest)?)?,
            },
        };
        Ok(configuration.created.as_deref().and_then(time))
    }

    fn configuration(&self, http: &Http, manifest: &Manifest) -> Result<Configuration, Failure> {
        let Some(config) = &manifest.body.config else {
            return Err(nonsense(&manifest.url, "it is no image"));
        };
        let Ok(asked) = config.digest.parse() else {
            return Err(nonsense(&manifest.url, "its configuration has no SHA-256"));
        };
        self.on_first(|client| {
            let url = client.url(&self.repository, &format!("blobs/{}", config.digest));
            let document = client.document(http, &url, &self.repository, "*/*")?;
            agree(&url, Digest::of(&document.body), Some(asked), "asked for was")?;
            json(&url, &document.body)
        })
    }

    /// What the first registry gives that has it; where none does, why the last one, which is its own, has it not.
    /// Wrong bytes are not asked for elsewhere.
    fn on_first<T>(&self, ask: impl Fn(&Client<'_>) -> Result<T, Failure>) -> Result<T, Failure> {
        let mut last = None;
        for client in &self.clients {
            match ask(client) {
                Err(failure) if !failure.is_about_bytes() => last = Some(failure),
                done => return done,
            }
        }
        Err(last.unwrap_or_else(|| Failure::new(&self.repository, Kind::Missing(404))))
    }
}

/// Registries do not say when a tag came.
impl Datasource for Repository<'_> {
    fn releases(&self, http: &Http) -> Result<Vec<Release>, Failure> {
        let tags = self.tags(http)?.into_iter();
        Ok(tags.map(|name| Release { name, ..Release::default() }).collect())
    }
}

impl Platform {
    fn name(&self) -> String {
        format!("{}/{}", self.os, self.architecture)
    }
}

/// The address of the next page of a list (OCI distribution spec, "Listing Tags"), which may be relative. It gets the
/// same token, so it has to be on the same server.
fn next(url: &str, document: &Document) -> Result<Option<String>, Failure> {
    let Some(next) = &document.next else { return Ok(None) };
    let page = Url::parse(&document.url).and_then(|page| page.join(next));
    match (Url::parse(url), page) {
        (Ok(asked), Ok(next)) if asked.origin() == next.origin() => Ok(Some(next.into())),
        _ => Err(nonsense(url, &format!("its next page is {}, on another server", public(next)))),
    }
}

fn agree(url: &str, ours: Digest, other: Option<Digest>, whose: &str) -> Result<(), Failure> {
    match other {
        Some(other) if other != ours => {
            Err(Failure::new(url, Kind::OtherBytes(format!("it has {ours}, and {whose} {other}"))))
        }
        _ => Ok(()),
    }
}
