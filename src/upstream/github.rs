//! Releases of a repository on GitHub, and its tags where it has no releases.
//!
//! REST API version 2022-11-28, "List releases" and "List repository tags". Drafts are left out: nobody else sees them.

use serde::Deserialize;

use super::http::{Failure, Http};
use super::{Addresses, Datasource, Release, ReleaseFile, below, json, time};

/// How many pages of a hundred are read: the newest releases are the first.
const PAGES: usize = 10;

pub(super) struct Github<'a> {
    repository: &'a str,
    addresses: &'a Addresses,
}

#[derive(Deserialize)]
struct Listed {
    tag_name: String,
    #[serde(default)]
    draft: bool,
    #[serde(default)]
    prerelease: bool,
    published_at: Option<String>,
    #[serde(default)]
    assets: Vec<Asset>,
}

#[derive(Deserialize)]
struct Asset {
    name: String,
    browser_download_url: String,
    state: String,
    digest: Option<String>,
    /// When it was last uploaded or renamed: an asset can be replaced in a release of any age.
    updated_at: Option<String>,
}

#[derive(Deserialize)]
struct Tag {
    name: String,
}

impl<'a> Github<'a> {
    pub(super) fn new(repository: &'a str, addresses: &'a Addresses) -> Self {
        Self { repository, addresses }
    }

    /// All pages of a list.
    fn list<T: serde::de::DeserializeOwned>(
        &self,
        http: &Http,
        list: &str,
    ) -> Result<Vec<T>, Failure> {
        let path = format!("repos/{}/{list}?per_page=100", self.repository);
        let mut url = below(&self.addresses.github, &path);
        let token = self.addresses.github_token.as_ref().map(|token| format!("Bearer {token}"));
        let mut headers =
            vec![("accept", "application/vnd.github+json"), ("x-github-api-version", "2022-11-28")];
        headers.extend(token.as_ref().map(|token| ("authorization", token.as_str())));
        let mut all = Vec::new();
        for _ in 0..PAGES {
            let document = http.document(&url, &headers)?;
            all.extend(json::<Vec<T>>(&url, &document.body)?);
            // The next page gets the token, so it has to be on the same server.
            match document.next.filter(|next| next.starts_with(&below(&self.addresses.github, "")))
            {
                Some(next) => url = next,
                None => break,
            }
        }
        Ok(all)
    }
}

impl Datasource for Github<'_> {
    fn releases(&self, http: &Http) -> Result<Vec<Release>, Failure> {
        let listed: Vec<Listed> = self.list(http, "releases")?;
        let released: Vec<Release> =
            listed.into_iter().filter(|listed| !listed.draft).map(Release::from).collect();
        if !released.is_empty() {
            return Ok(released);
        }
        let tags: Vec<Tag> = self.list(http, "tags")?;
        Ok(tags.into_iter().map(|tag| Release { name: tag.name, ..Release::default() }).collect())
    }
}

impl From<Listed> for Release {
    fn from(listed: Listed) -> Self {
        Self {
            name: listed.tag_name,
            published: listed.published_at.as_deref().and_then(time),
            prerelease: Some(listed.prerelease),
            withdrawn: None,
            files: listed.assets.into_iter().map(ReleaseFile::from).collect(),
            signed: false,
        }
    }
}

impl From<Asset> for ReleaseFile {
    fn from(asset: Asset) -> Self {
        Self {
            name: asset.name,
            url: asset.browser_download_url,
            integrity: None,
            uploaded: asset.updated_at.as_deref().and_then(time),
            sha256: asset.digest.and_then(|digest| digest.parse().ok()),
            ready: asset.state == "uploaded",
        }
    }
}
