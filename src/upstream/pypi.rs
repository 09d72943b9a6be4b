//! A project of a Python package index: the simple repository API in JSON (PEP 503, 691, 700).

use std::collections::BTreeMap;

use reqwest::Url;
use serde::Deserialize;

use super::deps_dev::DepsDev;
use super::http::{Failure, Http};
use super::{Addresses, Datasource, Release, ReleaseFile, below, json, time};
use crate::image::digest::Digest;

struct Pypi<'a> {
    index: &'a str,
    project: &'a str,
}

#[derive(Deserialize)]
struct Project {
    files: Vec<Listed>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Listed {
    filename: String,
    url: String,
    #[serde(default)]
    hashes: BTreeMap<String, String>,
    #[serde(default)]
    yanked: Yanked,
    upload_time: Option<String>,
}

/// `false`, `true`, or why.
#[derive(Deserialize)]
#[serde(untagged)]
enum Yanked {
    Whether(bool),
    Why(String),
}

impl Default for Yanked {
    fn default() -> Self {
        Self::Whether(false)
    }
}

pub(super) fn of<'a>(project: &'a str, addresses: &'a Addresses) -> Box<dyn Datasource + 'a> {
    match &addresses.pypi {
        Some(index) => Box::new(Pypi { index, project }),
        None => Box::new(DepsDev { system: "pypi", package: project, addresses }),
    }
}

impl Datasource for Pypi<'_> {
    fn releases(&self, http: &Http) -> Result<Vec<Release>, Failure> {
        let url = below(self.index, &format!("{}/", normalized(self.project)));
        let accept = [("accept", "application/vnd.pypi.simple.v1+json")];
        let document = http.document(&url, &accept)?;
        let project: Project = json(&url, &document.body)?;
        let mut releases: BTreeMap<String, Release> = BTreeMap::new();
        for file in project.files {
            let Some(version) = version_of(&file.filename) else { continue };
            let release = releases.entry(version.clone()).or_insert_with(|| Release {
                name: version,
                // Taken back where each of its files is.
                withdrawn: Some(String::new()),
                ..Release::default()
            });
            let uploaded = file.upload_time.as_deref().and_then(time);
            // Out since its first file was; those that are taken may have come later.
            release.published = [release.published, uploaded].into_iter().flatten().min();
            match &file.yanked {
                Yanked::Whether(false) => release.withdrawn = None,
                Yanked::Whether(true) => {}
                Yanked::Why(why) => {
                    release.withdrawn = release.withdrawn.take().map(|_| why.clone());
                }
            }
            release.files.push(ReleaseFile {
                url: absolute(&url, &document.url, &file.url),
                uploaded,
                sha256: file.hashes.get("sha256").and_then(|hash| Digest::from_hexadecimal(hash)),
                name: file.filename,
                integrity: None,
                ready: true,
            });
        }
        for release in releases.values_mut() {
            let unsaid = release.withdrawn.as_mut().filter(|why| why.is_empty());
            if let Some(why) = unsaid {
                "yanked".clone_into(why);
            }
        }
        Ok(releases.into_values().collect())
    }
}

/// PEP 503: runs of `-`, `_` and `.` are one `-`; letters are small.
fn normalized(project: &str) -> String {
    let parts = project.split(['-', '_', '.']).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("-").to_ascii_lowercase()
}

/// The version in the name of a wheel (PEP 427) or of an archive of sources (PEP 625).
fn version_of(file: &str) -> Option<String> {
    let version = if let Some(name) = file.strip_suffix(".whl") {
        name.split('-').nth(1)?
    } else {
        let name = [".tar.gz", ".zip", ".tar.bz2"].iter().find_map(|end| file.strip_suffix(end))?;
        name.rsplit_once('-')?.1
    };
    Some(version.to_owned())
}

/// An index may give addresses relative to its page. Who says in the address of the index who asks says it for its files,
/// too, on the same server: the answer's own address has lost it.
fn absolute(asked: &str, page: &str, url: &str) -> String {
    let joined = Url::parse(page).and_then(|page| page.join(url));
    let (Ok(mut joined), Ok(asked)) = (joined, Url::parse(asked)) else { return url.to_owned() };
    if joined.origin() == asked.origin() && joined.username().is_empty() {
        // Addresses of http have room for both, so neither fails.
        let _ = joined.set_username(asked.username());
        let _ = joined.set_password(asked.password());
    }
    joined.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_on_the_server_of_an_index_are_asked_for_by_the_same_person() {
        let asked = "https://me:secret@index.example/simple/tool/";
        let page = "https://index.example/simple/tool/";
        let of = |url: &str| absolute(asked, page, url);
        assert_eq!(of("../../files/a"), "https://me:secret@index.example/files/a");
        assert_eq!(of("https://files.example/a"), "https://files.example/a");
        assert_eq!(of("https://you@index.example/a"), "https://you@index.example/a");
        assert_eq!(absolute(page, page, "a"), "https://index.example/simple/tool/a");
    }

    #[test]
    fn names_and_versions_are_those_of_the_standards() {
        assert_eq!(normalized("Foo__Bar.baz"), "foo-bar-baz");
        for (file, version) in [
            ("six-1.16.0-py2.py3-none-any.whl", Some("1.16.0")),
            ("foo_bar-1.0rc1-1-cp311-abi3-manylinux_2_17_x86_64.whl", Some("1.0rc1")),
            ("foo-bar-2.0.tar.gz", Some("2.0")),
            ("foo-2.0.exe", None),
        ] {
            assert_eq!(version_of(file).as_deref(), version, "{file}");
        }
    }
}
