//! What should not be in a layer: keys, caches, leftovers, files that anybody may write or that run as somebody else.
//!
//! Takes an image and the number of its base's layers, gives findings, gathered by folder where there are many of a
//! kind. Each layer is looked at by itself: what a later layer deletes has still been shipped.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::image::content::PrivateKey;
use crate::image::hygiene::{self, Category};
use crate::image::{Entry, EntryKind, Image, Layer, caches, path};

/// Files of one kind in one layer.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What is wrong with them.
    pub kind: Kind,
    /// What exactly, in words.
    pub what: String,
    /// The layer that stores them.
    pub layer: usize,
    /// The file, or the folder that they lie in.
    pub path: String,
    /// How many they are.
    pub files: usize,
    /// Bytes of their contents.
    pub bytes: u64,
}

/// What is wrong, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A private key, by its content.
    PrivateKey,
    /// A private key, by its name.
    KeyByName,
    /// An identity that every container of the image would share.
    MachineIdentity,
    /// A file that anybody may write, or a directory in which anybody may replace files.
    WorldWritable,
    /// A file that runs as its owner or group.
    SetId,
    /// The cache of a package manager.
    PackageCache,
    /// Another cache.
    Cache,
    /// A temporary file.
    Temporary,
    /// A log.
    Log,
    /// The copy of a database before it was rewritten.
    Backup,
}

/// Names that private keys have by convention: OpenSSH's (ssh-keygen(1)) and GnuPG's (gpg(1)).
const KEY_NAMES: &[&str] = &["id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "secring.gpg"];

/// The folder in which GnuPG keeps private keys.
const GNUPG_KEYS: &str = "private-keys-v1.d";

/// The findings of all layers from number `base_layers` on, by kind, layer and path.
pub fn find(image: &Image, base_layers: usize) -> Vec<Finding> {
    let mut found = Found::default();
    for finding in hygiene::find(image, base_layers) {
        found.leftover(finding);
    }
    for (number, layer) in image.layers.iter().enumerate().skip(base_layers) {
        for (at, entry) in layer.entries.iter().enumerate() {
            found.entry(number, layer, at, entry);
        }
    }
    let findings = found.0.into_iter().map(|((kind, layer, path, what), (files, bytes))| Finding {
        kind,
        what,
        layer,
        path,
        files,
        bytes,
    });
    findings.collect()
}

/// Findings by kind, layer, path and words: how many files, and bytes.
#[derive(Default)]
struct Found(BTreeMap<(Kind, usize, String, String), (usize, u64)>);

impl Found {
    fn add(&mut self, kind: Kind, layer: usize, path: &str, what: &str, bytes: u64) {
        let key = (kind, layer, format!("/{path}"), what.to_owned());
        let (files, sum) = self.0.entry(key).or_default();
        *files += 1;
        *sum += bytes;
    }

    /// What a build left behind. Caches of package managers and keys are found below, with more to say.
    fn leftover(&mut self, finding: hygiene::Finding) {
        let hygiene::Finding { layer, path, bytes, category } = finding;
        let folder = path::split(&path).map_or("", |(folder, _)| folder);
        let (kind, at, what) = match category {
            Category::Cache if caches::of(&path).is_some() => return,
            Category::Cache => (Kind::Cache, folder, "cache"),
            Category::Temporary => (Kind::Temporary, folder, "temporary"),
            Category::Log => (Kind::Log, path.as_str(), "log"),
            Category::Backup => (Kind::Backup, path.as_str(), "copy before a change"),
            Category::Secret => return,
            Category::MachineIdentity => {
                (Kind::MachineIdentity, path.as_str(), "must differ from machine to machine")
            }
        };
        self.add(kind, layer, at, what, bytes);
    }

    fn entry(&mut self, layer: usize, content: &Layer, at: usize, entry: &Entry) {
        let path = entry.path.as_str();
        let EntryKind::File { size, .. } = entry.kind else {
            let is_open = entry.mode & 0o1002 == 0o002 && entry.kind == EntryKind::Directory;
            if is_open {
                let what = format!("directory with mode {:04o}", entry.mode);
                self.add(Kind::WorldWritable, layer, path, &what, 0);
            }
            return;
        };
        match content.keys.get(&at) {
            Some(key) => self.add(Kind::PrivateKey, layer, path, &key_words(path, *key), size),
            None if is_called_key(path) && size > 0 => {
                self.add(Kind::KeyByName, layer, path, "named like a private key", size);
            }
            None => {}
        }
        if entry.mode & 0o6000 != 0 {
            let what = format!("mode {:04o}, owner {}:{}", entry.mode, entry.uid, entry.gid);
            self.add(Kind::SetId, layer, path, &what, size);
        }
        if entry.mode & 0o002 != 0 {
            let what = format!("file with mode {:04o}", entry.mode);
            self.add(Kind::WorldWritable, layer, path, &what, size);
        }
        if let Some(cache) = caches::of(path) {
            let what = format!("cache of {}", cache.manager);
            self.add(Kind::PackageCache, layer, cache.folder, &what, size);
        }
    }
}

fn key_words(path: &str, key: PrivateKey) -> String {
    let is_of_host = is_host_key(path);
    format!("{}{}", if is_of_host { "host key: " } else { "" }, key.name())
}

fn is_host_key(path: &str) -> bool {
    path.starts_with("etc/ssh/ssh_host_") || path == "etc/ssl/private/ssl-cert-snakeoil.key"
}

fn is_called_key(path: &str) -> bool {
    let Some((folder, name)) = path::split(path) else { return false };
    let is_host_key = is_host_key(path) && name.strip_suffix(".pub").is_none();
    let of_gnupg =
        folder.rsplit('/').next() == Some(GNUPG_KEYS) && name.strip_suffix(".key").is_some();
    is_host_key || of_gnupg || KEY_NAMES.contains(&name)
}
