//! The list of images in the archives of `docker save` and of those who write the same.
//!
//! Takes `manifest.json`, gives the blobs of one image.
//!
//! Source: Docker image specification v1.2, "Combined Image JSON + Filesystem Changeset Format". Before
//! version 25 the blobs are `HEX.json` and `ID/layer.tar`, where the identifier is no digest of the layer;
//! since then they are `blobs/sha256/HEX`; podman and buildah write `HEX.json` and `HEX.tar`.

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use super::{Archive, Blob, Candidate, Chosen, Digest, pick};

pub(super) const FILE: &str = "manifest.json";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    config: String,
    repo_tags: Option<Vec<String>>,
    layers: Option<Vec<String>>,
}

pub(super) fn choose(archive: &Archive, reference: Option<&str>) -> Result<Chosen> {
    let document = Blob { name: FILE.to_owned(), digest: None, size: None };
    let bytes = archive.read_small(&document)?;
    let entries: Vec<Entry> = serde_json::from_slice(&bytes).context(FILE)?;
    let mut candidates: Vec<Candidate<Entry>> = Vec::new();
    for entry in entries {
        let names = entry.repo_tags.clone().unwrap_or_default();
        ensure!(!entry.config.is_empty(), "{FILE} names no configuration");
        // An image that was saved under two names can be listed twice.
        let same = |known: &&mut Candidate<Entry>| {
            known.image.config == entry.config && known.image.layers == entry.layers
        };
        match candidates.iter_mut().find(same) {
            Some(known) => known.names.extend(names),
            None => candidates.push(Candidate {
                names,
                digest: digest_in_name(&entry.config),
                platform: None,
                image: entry,
            }),
        }
    }
    let (reference, entry) = pick(candidates, reference)?;
    let configuration = blob(entry.config);
    let layers = entry.layers.unwrap_or_default().into_iter().map(blob).collect();
    Ok(Chosen { reference, configuration, layers })
}

fn blob(name: String) -> Blob {
    Blob { digest: digest_in_name(&name), name, size: None }
}

/// The digest that a blob is named after, if it is.
fn digest_in_name(name: &str) -> Option<Digest> {
    let stem = name
        .strip_prefix("blobs/sha256/")
        .or_else(|| name.strip_suffix(".json"))
        .or_else(|| name.strip_suffix(".tar"))?;
    Digest::from_hexadecimal(stem)
}

#[cfg(test)]
mod tests {
    use super::digest_in_name;

    #[test]
    fn only_digests_are_digests() {
        let hex = "a".repeat(64);
        for name in [format!("blobs/sha256/{hex}"), format!("{hex}.json"), format!("{hex}.tar")] {
            assert!(digest_in_name(&name).is_some(), "{name}");
        }
        for name in
            [format!("{hex}/layer.tar"), "blobs/sha256/x".to_owned(), "repositories".to_owned()]
        {
            assert!(digest_in_name(&name).is_none(), "{name}");
        }
    }
}
