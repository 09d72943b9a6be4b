//! Answers that are kept, to be asked for again only if they changed (RFC 9110, 13).
//!
//! Each is a file named by the digest of its address: a line of JSON about it, then the body. A file that cannot be read
//! or written is as if there were none: the cache saves time, and nothing else depends on it.
#![expect(clippy::disallowed_methods, reason = "this module keeps a cache on disk")]

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use reqwest::header::{self, HeaderMap, HeaderValue};
use serde::{Deserialize, Serialize};

use super::Document;
use crate::image::digest::Digest;

#[derive(Debug)]
pub(super) struct Cache {
    folder: PathBuf,
}

/// The line about an answer.
#[derive(Debug, Deserialize, Serialize)]
struct About {
    /// The digest of the address that was asked for, which may have a password: a check of the file's name.
    asked: String,
    /// The address that gave it.
    url: String,
    /// `ETag`
    tag: Option<String>,
    /// `Last-Modified`
    modified: Option<String>,
    /// The page after it.
    next: Option<String>,
    /// What a container registry said that the digest of the body is.
    #[serde(default)]
    digest: Option<String>,
    /// The digest of the body, so that a file that was cut is none.
    body: String,
}

/// An answer that was kept.
pub(super) struct Kept {
    about: About,
    pub(super) document: Document,
}

impl Kept {
    /// The headers that ask whether it is still the answer.
    pub(super) fn conditions(&self, headers: &mut HeaderMap) {
        let conditions = [
            (header::IF_NONE_MATCH, &self.about.tag),
            (header::IF_MODIFIED_SINCE, &self.about.modified),
        ];
        for (name, text) in conditions {
            if let Some(value) = text.as_ref().and_then(|text| HeaderValue::from_str(text).ok()) {
                headers.insert(name, value);
            }
        }
    }
}

impl Cache {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    fn path(&self, url: &str) -> PathBuf {
        self.folder.join(Digest::of(url.as_bytes()).hexadecimal())
    }

    pub(super) fn get(&self, url: &str) -> Option<Kept> {
        let bytes = fs::read(self.path(url)).ok()?;
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let about: About = serde_json::from_slice(&bytes[..end]).ok()?;
        let body = bytes[end + 1..].to_vec();
        if about.asked != Digest::of(url.as_bytes()).hexadecimal()
            || Digest::of(&body).hexadecimal() != about.body
        {
            return None;
        }
        let document = Document {
            url: about.url.clone(),
            body,
            next: about.next.clone(),
            digest: about.digest.clone(),
        };
        Some(Kept { about, document })
    }

    /// Keeps an answer, if it can be asked for again by a tag or a time.
    pub(super) fn put(&self, url: &str, headers: &HeaderMap, document: &Document) {
        let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        let about = About {
            asked: Digest::of(url.as_bytes()).hexadecimal(),
            url: document.url.clone(),
            tag: text(header::ETAG).map(str::to_owned),
            modified: text(header::LAST_MODIFIED).map(str::to_owned),
            next: document.next.clone(),
            digest: document.digest.clone(),
            body: Digest::of(&document.body).hexadecimal(),
        };
        if about.tag.is_some() || about.modified.is_some() {
            // Without a cache, everything is only slower.
            let _ = self.write(url, &about, &document.body);
        }
    }

    fn write(&self, url: &str, about: &About, body: &[u8]) -> anyhow::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        serde_json::to_writer(&mut file, about)?;
        file.write_all(b"\n")?;
        file.write_all(body)?;
        file.persist(self.path(url))?;
        Ok(())
    }
}
