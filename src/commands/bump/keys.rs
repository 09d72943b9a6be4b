//! Keys of repositories that end soon: where the spec says that their publisher has them, the same key with a later end
//! takes the place of the file. Another key never does.

use std::collections::BTreeMap;

use anyhow::{bail, ensure};

use crate::bump::keys::{Succession, succession};
use crate::commands::VERIFICATION_FAILED;
use crate::commands::problem::Problem;
use crate::model::Stack;
use crate::model::apt::RepositoryKey;
use crate::model::download::Url;
use crate::upstream::http::{Failure, Http, Kind};
use crate::verify::expiry::{NOTICE_DAYS, date};
use crate::verify::openpgp::Certificate;

/// The longest file of a key: those with many signatures of others have some hundred KiB.
const LONGEST: usize = 4 << 20;

/// The key of a repository.
#[derive(Debug)]
pub(super) struct Published<'stack> {
    /// What it is called on the command line.
    pub name: String,
    /// The component of its repository.
    pub component: &'stack str,
    key: &'stack RepositoryKey,
    /// Where its publisher has it.
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

/// The keys that are asked for: those that are named, or all that end within [`NOTICE_DAYS`] of `now`, in seconds since
/// 1970, or have ended, and whose publishers have an address. Those that last are left alone, as a new file of a key is a
/// new layer of an image. Gives also the names that are none of a key.
///
/// # Errors
/// A key is named that has no address, or that is to have a version.
pub(super) fn wanted<'stack>(
    stack: &'stack Stack,
    names: &[String],
    all: bool,
    now: u64,
) -> anyhow::Result<(Vec<Published<'stack>>, Vec<String>)> {
    let mut known = BTreeMap::new();
    for component in stack.components() {
        for repository in &component.apt.repositories {
            let name = format!("{}.key", repository.name);
            known.entry(name).or_insert((component.name.as_str(), &repository.key));
        }
    }
    let others = names.iter().filter(|text| !known.contains_key(name_of(text))).cloned().collect();
    let mut wanted = Vec::new();
    for (name, (component, key)) in known {
        let asked = names.iter().find(|text| name_of(text) == name);
        ensure!(
            asked.is_none_or(|text| *text == name),
            "`{name}` is a key, and has no versions: name it alone"
        );
        let ends = || key.certificate.validity().ends_before(now + NOTICE_DAYS * 86_400);
        match &key.url {
            Some(url) if asked.is_some() || all && ends() => {
                wanted.push(Published { name, component, key, url });
            }
            None if asked.is_some() => {
                bail!(
                    "`{name}` cannot be bumped: its repository has no `key-url`, where its publisher has it"
                );
            }
            _ => {}
        }
    }
    Ok((wanted, others))
}

/// What is named, without the version that is asked for.
fn name_of(text: &str) -> &str {
    text.split_once('=').map_or(text, |(name, _)| name)
}

impl Fate {
    /// With which status the command ends, where it failed.
    pub(super) fn failed(&self) -> Option<u8> {
        match self {
            Self::Failed(problem) => Some(problem.status),
            _ => None,
        }
    }
}

impl Published<'_> {
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
        let nonsense = |why: &str| {
            Problem::from(Failure::new(url, Kind::Nonsense(format!("the key file {why}"))))
        };
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
            Succession::Older => Err(distrusted(
                format!(
                    "{url} has an older state of the key, without what the pinned file says of it"
                ),
                "somebody serves an old file, perhaps to undo a revocation: ask the publisher for the newest one",
            )),
            Succession::Revoked => Err(distrusted(
                format!("{url}: the key was revoked by its owner"),
                "believe nothing that it signed; ask the publisher for the new key and its fingerprint, by a way that you trust",
            )),
            Succession::Another(fingerprint) => Err(distrusted(
                format!(
                    "{url} has another key, {fingerprint}, and {} is pinned",
                    pinned.fingerprint
                ),
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
