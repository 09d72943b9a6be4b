//! An apt repository as a publisher makes it, on a server of the tests.

use super::key::Key;
use super::{Answer, Fake, stack_with, sum};
use crate::harness::{Stack, run, tool};

/// What its Release file says, and the files that it lists.
pub(super) struct Published {
    /// The folder of the Release file, from the first `/` to the last.
    pub(super) folder: &'static str,
    /// The fields of the Release file before its sums.
    pub(super) fields: String,
    /// The indexes: where they are below the folder, and their bytes.
    pub(super) indexes: Vec<(String, Vec<u8>)>,
}

/// The folder of the usual repository.
pub(super) const DISTS: &str = "/debian/dists/stable/";

/// An index of the package `tool` in these versions.
pub(super) fn index(architecture: &str, versions: &[&str]) -> Vec<u8> {
    let one = |version: &&str| {
        let bytes = deb(version, architecture);
        format!(
            "Package: tool\nVersion: {version}\nArchitecture: {architecture}\nFilename: pool/tool_{version}_{architecture}.deb\nSize: {}\nSHA256: {}\n\n",
            bytes.len(),
            sum(&bytes)
        )
    };
    versions.iter().map(one).collect::<String>().into_bytes()
}

/// The bytes of a package.
pub(super) fn deb(version: &str, architecture: &str) -> Vec<u8> {
    format!("tool {version} for {architecture}\n").into_bytes()
}

pub(super) fn xz(bytes: &[u8]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    std::fs::write(&path, bytes).unwrap();
    run(tool("xz", "xz-utils").arg(&path)).expect(0);
    std::fs::read(folder.path().join("index.xz")).unwrap()
}

pub(super) fn gz(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

impl Published {
    /// Indexes of `main` for both architectures, each packed and named by `form`.
    pub(super) fn new(form: &str, pack: fn(&[u8]) -> Vec<u8>, versions: &[&str]) -> Self {
        let indexes = ["amd64", "arm64"].map(|architecture| {
            let path = format!("main/binary-{architecture}/{form}");
            (path, pack(&index(architecture, versions)))
        });
        let fields = "Suite: stable\nArchitectures: amd64 arm64\nComponents: main\n".to_owned();
        Self { folder: DISTS, fields, indexes: indexes.into() }
    }

    /// The text of the Release file.
    pub(super) fn release(&self) -> String {
        let line = |(path, bytes): &(String, Vec<u8>)| {
            format!(" {} {:>8} {path}\n", sum(bytes), bytes.len())
        };
        let sums = self.indexes.iter().map(line).collect::<Vec<_>>().concat();
        format!("Date: Sat, 10 Feb 2024 11:07:25 UTC\n{}SHA256:\n{sums}", self.fields)
    }

    /// Serves the indexes by their names.
    pub(super) fn serve_indexes(&self, fake: &Fake) {
        for (path, bytes) in &self.indexes {
            fake.serve(&format!("{}{path}", self.folder), Answer::ok(bytes));
        }
    }

    /// Where an index is by its sum.
    pub(super) fn by_hash(&self, at: usize) -> String {
        let (path, bytes) = &self.indexes[at];
        let below = path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
        format!("{}{below}by-hash/SHA256/{}", self.folder, sum(bytes))
    }

    /// Serves all of it, signed.
    pub(super) fn serve(&self, fake: &Fake, key: &Key) {
        self.serve_indexes(fake);
        let signed = key.signed(self.release().as_bytes(), "--clear-sign");
        fake.serve(&format!("{}InRelease", self.folder), Answer::ok(&signed));
    }
}

/// A component with the repository.
pub(super) fn component(uri: &str, key: &Key) -> String {
    format!(
        "summary = \"A tool\"\n\n[apt]\npackages = [\"tool\"]\n\n[apt.repositories.vendor]\nuri = \"{uri}\"\n\
         suites = [\"stable\"]\ncomponents = [\"main\"]\nkey = \"vendor.asc\"\nfingerprint = \"{}\"\n",
        key.fingerprint
    )
}

/// A stack whose tool is of the repository.
pub(super) fn stack(fake: &Fake, key: &Key) -> Stack {
    let stack = stack_with(&component(&format!("{}/debian", fake.address()), key));
    stack.write("spec/resources/tool/vendor.asc", &key.public);
    stack
}
