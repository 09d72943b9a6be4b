//! Built images as engines save them, made in memory: layers, a configuration, a manifest.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tar::{Builder, EntryType, Header};

/// A tar that is being written.
pub(crate) struct Tar(Builder<Vec<u8>>);

pub(crate) fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write;
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// A header whose name is written as it is, however hostile.
pub(crate) fn header(name: &[u8], kind: EntryType, size: u64, mode: u32) -> Header {
    let mut header = Header::new_gnu();
    header.as_old_mut().name[..name.len()].copy_from_slice(name);
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(1_700_000_000);
    header.set_size(size);
    header.set_cksum();
    header
}

impl Tar {
    pub(crate) fn new() -> Self {
        Self(Builder::new(Vec::new()))
    }

    /// A tar of regular files.
    pub(crate) fn of(files: &[(&str, &[u8])]) -> Vec<u8> {
        files.iter().fold(Self::new(), |tar, (name, bytes)| tar.file(name, 0o644, bytes)).bytes()
    }

    pub(crate) fn file(mut self, name: &str, mode: u32, bytes: &[u8]) -> Self {
        let mut header = header(b"", EntryType::Regular, bytes.len() as u64, mode);
        self.0.append_data(&mut header, name, bytes).unwrap();
        self
    }

    pub(crate) fn directory(self, name: &str, mode: u32) -> Self {
        self.raw(&header(name.as_bytes(), EntryType::Directory, 0, mode), b"")
    }

    pub(crate) fn link(self, name: &str, kind: EntryType, target: &str) -> Self {
        let mut header = header(name.as_bytes(), kind, 0, 0o777);
        header.set_link_name_literal(target).unwrap();
        header.set_cksum();
        self.raw(&header, b"")
    }

    pub(crate) fn raw(mut self, header: &Header, content: &[u8]) -> Self {
        self.0.append(header, content).unwrap();
        self
    }

    pub(crate) fn bytes(self) -> Vec<u8> {
        self.0.into_inner().unwrap()
    }
}

/// An image: the tar of each layer, and the step that made it.
#[derive(Clone)]
pub(crate) struct BuiltImage {
    pub(crate) name: String,
    pub(crate) layers: Vec<(String, Vec<u8>)>,
    pub(crate) config: Value,
}

impl BuiltImage {
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), layers: Vec::new(), config: json!({}) }
    }

    pub(crate) fn layer(mut self, created_by: &str, tar: Vec<u8>) -> Self {
        self.layers.push((created_by.to_owned(), tar));
        self
    }

    /// The configuration document.
    pub(crate) fn configuration(&self) -> Vec<u8> {
        let diff_ids: Vec<String> =
            self.layers.iter().map(|(_, tar)| format!("sha256:{}", sha256(tar))).collect();
        let mut history: Vec<Value> =
            self.layers.iter().map(|(step, _)| json!({"created_by": step})).collect();
        history.push(json!({"created_by": "CMD [\"bash\"]", "empty_layer": true}));
        let document = json!({
            "architecture": "amd64", "os": "linux", "config": self.config,
            "rootfs": {"type": "layers", "diff_ids": diff_ids}, "history": history
        });
        document.to_string().into_bytes()
    }

    /// What `podman save` writes: layers first, the manifest last.
    pub(crate) fn archive(&self) -> Vec<u8> {
        let mut files: Vec<(String, Vec<u8>)> = Vec::new();
        for (_, tar) in &self.layers {
            let name = format!("{}.tar", sha256(tar));
            if files.iter().all(|(known, _)| *known != name) {
                files.push((name, tar.clone()));
            }
        }
        let names: Vec<String> =
            self.layers.iter().map(|(_, tar)| format!("{}.tar", sha256(tar))).collect();
        let configuration = self.configuration();
        let config_name = format!("{}.json", sha256(&configuration));
        files.push((config_name.clone(), configuration));
        let manifest =
            json!([{"Config": config_name, "RepoTags": [self.name], "Layers": names}]).to_string();
        files.push(("manifest.json".to_owned(), manifest.into_bytes()));
        let files: Vec<(&str, &[u8])> =
            files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
        Tar::of(&files)
    }

    pub(crate) fn save(&self, path: &Path) -> PathBuf {
        std::fs::write(path, self.archive()).unwrap();
        path.to_owned()
    }
}
