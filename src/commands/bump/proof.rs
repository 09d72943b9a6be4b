//! The bytes of one file of a new version, and what speaks for them.

use super::beside::Beside;
use crate::commands::VERIFICATION_FAILED;
use crate::commands::problem::Problem;
use crate::image::digest::Digest;
use crate::model::upstream::Evidence;
use crate::model::upstream::{Proof, Upstream};
use crate::upstream::http::{Failure, Http, Kind, public};
use crate::upstream::{Release, ReleaseFile};

/// A file that was downloaded and hashed here.
#[derive(Clone, Debug)]
pub(in crate::commands) struct Proven {
    pub(in crate::commands) sha256: Digest,
    pub(in crate::commands) size: u64,
    pub(in crate::commands) evidence: Evidence,
}

/// Why a file is not taken.
pub(in crate::commands) enum Unproven {
    /// It does not exist, or not yet.
    Lacking(String),
    /// It could not be had.
    Failure(Failure),
    /// What is said of it is not what it is, or too little.
    Wrong(Problem),
}

impl From<Failure> for Unproven {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

/// How many names of other files are shown where one is missing.
const NEAR: usize = 3;

/// Downloads a file and compares what is said of it.
pub(in crate::commands) fn prove(
    http: &Http,
    upstream: Option<&Upstream>,
    url: &str,
    release: Option<&Release>,
) -> Result<Proven, Unproven> {
    let signer = upstream.and_then(|upstream| upstream.signer.as_ref());
    let files = release.map_or(&[][..], |release| release.files.as_slice());
    let (name, listed) = listed(upstream, url, release);
    if let Some(file) = listed.filter(|file| !file.ready) {
        return Err(Unproven::Lacking(format!("{} is still being uploaded", file.name)));
    }
    let signed_list = release.is_some_and(|release| release.signed);
    if listed.is_none() && (signed_list || files.iter().any(|file| same_place(&file.url, url))) {
        return Err(Unproven::Lacking(missing(name, files)));
    }
    // What is beside a file that the release does not have is beside it at its own address.
    let beside = Beside { http, url, files: if listed.is_some() { files } else { &[] } };
    let (downloaded, signed) = match signer {
        None => (http.download(url, &mut std::io::sink())?, false),
        Some(signer) => {
            let mut file = tempfile::tempfile().map_err(|error| disk(url, &error))?;
            let downloaded = http.download(url, &mut file)?;
            (downloaded, beside.signed(name, signer, &file)?)
        }
    };
    let mut evidence = if signed { Evidence::Signature } else { Evidence::None };
    if let Some(said) = listed.and_then(|file| file.sha256) {
        let (who, proof) = if signed_list {
            ("the index of the repository, which its pinned key signed,", Evidence::Signature)
        } else {
            ("the interface of the upstream", Evidence::Api)
        };
        agree(url, downloaded.sha256, said, who)?;
        evidence = evidence.max(proof);
    }
    for list in beside.lists_of(name)? {
        agree(url, downloaded.sha256, list.sum, &list.url)?;
        evidence = evidence.max(match signer {
            Some(signer) if beside.list_is_signed(&list, name, signer)? => Evidence::SignedChecksum,
            _ => Evidence::Checksum,
        });
    }
    // Who pins a key wants its signature: without that it would be enough to take the signature away.
    let least = if signer.is_some() { Proof::Signature } else { Proof::None };
    let floor = upstream
        .and_then(|upstream| upstream.require.as_ref())
        .map_or(least, |require| require.value);
    if !evidence.reaches(floor) {
        let floor =
            Proof::ALL.iter().find(|(_, proof)| *proof == floor).map_or("", |(name, _)| name);
        return Err(Unproven::Wrong(Problem {
            message: format!(
                "{} is proven by {evidence}, and the spec requires {floor:?}",
                public(url)
            ),
            help: Some("see whether the upstream still publishes sums beside the file".to_owned()),
            status: VERIFICATION_FAILED,
        }));
    }
    Ok(Proven { sha256: downloaded.sha256, size: downloaded.size, evidence })
}

/// The name of the file at an address, and what its release says of it: the file of that address, else the one of its name.
pub(super) fn listed<'a>(
    upstream: Option<&'a Upstream>,
    url: &'a str,
    release: Option<&'a Release>,
) -> (&'a str, Option<&'a ReleaseFile>) {
    let files = release.map_or(&[][..], |release| release.files.as_slice());
    let by_url = files.iter().find(|file| file.url == url);
    let asset = upstream.and_then(|upstream| upstream.asset.as_ref());
    let name = match (by_url, asset) {
        (Some(file), _) => file.name.as_str(),
        (None, Some(asset)) => asset.value.as_str(),
        (None, None) => {
            url.split(['?', '#']).next().unwrap_or(url).rsplit('/').next().unwrap_or_default()
        }
    };
    (name, by_url.or_else(|| files.iter().find(|file| file.name == name)))
}

fn disk(url: &str, error: &std::io::Error) -> Failure {
    Failure::new(url, Kind::Disk(error.to_string()))
}

fn agree(url: &str, ours: Digest, said: Digest, who: &str) -> Result<(), Unproven> {
    if ours == said {
        return Ok(());
    }
    Err(Unproven::Wrong(Problem {
        message: format!("{} has {ours}, and {} says {said}", public(url), public(who)),
        help: Some("do not use it before you know why: ask the upstream".to_owned()),
        status: VERIFICATION_FAILED,
    }))
}

/// Whether two addresses are in one folder.
fn same_place(left: &str, right: &str) -> bool {
    let folder = |url: &str| url.rsplit_once('/').map(|(folder, _)| folder.to_owned());
    folder(left) == folder(right)
}

/// The files whose names are nearest to one that is not there: most often it was renamed.
fn missing(name: &str, files: &[ReleaseFile]) -> String {
    let mut near: Vec<(usize, &str)> = files
        .iter()
        .map(|file| (strsim::damerau_levenshtein(name, &file.name), file.name.as_str()))
        .collect();
    near.sort_unstable();
    let near: Vec<&str> = near.iter().take(NEAR).map(|(_, name)| *name).collect();
    format!("the release has no {name}; it has {}", near.join(", "))
}
