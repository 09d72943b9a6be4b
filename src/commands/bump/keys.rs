//! Keys of repositories that end soon: where the spec says that their publisher has them, the same key with a later end
//! takes the place of the file. Another key never does.

use std::collections::BTreeMap;

use super::look::Problem;
use crate::bump::keys::{Succession, succession};
use crate::commands::VERIFICATION_FAILED;
use crate::model::Stack;
use crate::model::apt::RepositoryKey;
use crate::model::download::Url;
use crate::upstream::http::{Failure, Http, Kind};
use crate::verify::expiry::{NOTICE_DAYS, date};
use crate::verify::openpgp::Certificate;

/// The longest file of a key: those with many signatures of others have some hundred KiB.
const LONGEST: usize = 4 << 20;

/// A key that ends soon, and where it is published.
#[derive(Debug)]
pub(super) struct Ending<'stack> {
    /// What it is called on the command line.
    pub name: String,
    /// The component of its repository.
    pub component: &'stack str,
    key: &'stack RepositoryKey,
    url: &'stack Url,
}

/// What becomes of such a key.
#[derive(Debug)]
pub(super) enum Fate {
    /// The publisher has nothing newer.
    Stays,
    /// The file is replaced.
    Renewed {
        /// Its path below the spec.
        path: String,
        /// Its new bytes.
        bytes: Vec<u8>,
        /// When the key ends now, for people.
        ends: String,
    },
    /// It cannot be had, or is not to be believed.
    Failed(Problem),
}

/// The keys of a stack that end within [`NOTICE_DAYS`] of `now`, in seconds since 1970, or have ended, and whose
/// publishers have an address: each once, by its name. Those that last are left alone, as a new file of a key is a new
/// layer of an image.
pub(super) fn ending(stack: &Stack, now: u64) -> Vec<Ending<'_>> {
    let images = stack.variants.iter().flat_map(|variant| &variant.images);
    let mut all = BTreeMap::new();
    for component in images.flat_map(|image| &image.components) {
        for repository in &component.apt.repositories {
            let key = &repository.key;
            let ends = key.certificate.validity().ends_before(now + NOTICE_DAYS * 86_400);
            if let Some(url) = key.url.as_ref().filter(|_| ends) {
                let name = format!("{}.key", repository.name);
                let one = Ending { name, component: component.name.as_str(), key, url };
                all.entry(&key.span).or_insert(one);
            }
        }
    }
    all.into_values().collect()
}

impl Ending<'_> {
    /// Until when the key is believed, for people.
    pub(super) fn ends(&self) -> String {
        shown(self.key.certificate.validity().ends())
    }

    /// Asks the publisher for the key.
    pub(super) fn after(&self, http: &Http) -> Fate {
        self.fetched(http).unwrap_or_else(Fate::Failed)
    }

    fn fetched(&self, http: &Http) -> Result<Fate, Problem> {
        let url = &self.url.text;
        let bytes = http.document(url, &[])?.body;
        let nonsense = |why: &str| Problem::from(Failure::new(url, Kind::Nonsense(format!("the key file {why}"))));
        if bytes.len() > LONGEST {
            return Err(nonsense("is longer than a key is"));
        }
        let published = Certificate::parse(&bytes).map_err(|why| nonsense(&why))?;
        let pinned = &self.key.certificate;
        match succession(pinned, &published) {
            Succession::NoLater => Ok(Fate::Stays),
            Succession::Later(ends) => {
                Ok(Fate::Renewed { path: self.key.path.clone(), bytes, ends: shown(ends) })
            }
            Succession::Revoked => Err(distrusted(
                format!("{url}: the key was revoked by its owner"),
                "believe nothing that it signed; ask the publisher for the new key and its fingerprint, by a way that you trust",
            )),
            Succession::Another(fingerprint) => Err(distrusted(
                format!("{url} has another key, {fingerprint}, and {} is pinned", pinned.fingerprint),
                "ask the publisher, by a way that you trust, which key is theirs; only then put its file and its fingerprint into the spec",
            )),
        }
    }
}

fn shown(ends: Option<u64>) -> String {
    ends.map_or_else(|| "never".to_owned(), date)
}

fn distrusted(message: String, help: &str) -> Problem {
    Problem { message, help: Some(help.to_owned()), status: VERIFICATION_FAILED }
}
