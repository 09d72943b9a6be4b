//! Releases of a repository on GitHub, and its tags where it has no releases.
//!
//! REST API version 2022-11-28, "List releases" and "List repository tags". Drafts are left out: nobody else sees them.

use serde::Deserialize;

use super::http::{Failure, Http, public};
use super::{Addresses, Datasource, Release, ReleaseFile, below, json, nonsense, time};

/// How many pages of a hundred are read: nobody may ask more than sixty times an hour without a token.
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

    /// The first pages of a list, and whether they are all of it.
    fn list<T: serde::de::DeserializeOwned>(
        &self,
        http: &Http,
        list: &str,
    ) -> Result<(Vec<T>, bool), Failure> {
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
            let Some(next) = document.next else { return Ok((all, true)) };
            // The next page gets the token, so it has to be on the same server.
            if !next.starts_with(&below(&self.addresses.github, "")) {
                let why = format!("its next page is {}, on another server", public(&next));
                return Err(nonsense(&url, &why));
            }
            url = next;
        }
        Ok((all, false))
    }

    /// Tags come in the order of their names, so that the newest may be on any page: all, or none.
    fn tags(&self, http: &Http) -> Result<Vec<Tag>, Failure> {
        let (tags, is_all) = self.list(http, "tags")?;
        if is_all {
            return Ok(tags);
        }
        let url = below(&self.addresses.github, &format!("repos/{}/tags", self.repository));
        let advice = "name the repository by `git` and its address instead of by `github`: \
            git lists all tags at once";
        let failure = nonsense(&url, &format!("its tags have more than {PAGES} pages"));
        Err(failure.advised(advice.to_owned()))
    }
}

impl Datasource for Github<'_> {
    fn releases(&self, http: &Http) -> Result<Vec<Release>, Failure> {
        // Releases come newest first. What is beyond the last page that is read is older than a thousand others: if any that
        // fits a `tag` is read, so is the newest that does, and if none is, that is said where tags are looked through.
        let (listed, _) = self.list::<Listed>(http, "releases")?;
        let released: Vec<Release> =
            listed.into_iter().filter(|listed| !listed.draft).map(Release::from).collect();
        if !released.is_empty() {
            return Ok(released);
        }
        let tags = self.tags(http)?.into_iter();
        Ok(tags.map(|tag| Release { name: tag.name, ..Release::default() }).collect())
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
