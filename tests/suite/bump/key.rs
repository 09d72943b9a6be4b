//! OpenPGP keys, made by gpg for one test each.

use std::fs;
use std::path::Path;

use crate::harness::{run, tool};

/// A key with its secret part.
pub(super) struct Key {
    home: tempfile::TempDir,
    /// What time it is for gpg, where that is not now.
    time: Option<&'static str>,
    /// The public part, in ASCII armor.
    pub(super) public: Vec<u8>,
    pub(super) fingerprint: String,
}

impl Key {
    /// A key that never expires.
    pub(super) fn new() -> Self {
        Self::made(None, "never")
    }

    /// A key of this lifetime, made now.
    pub(super) fn expiring(lifetime: &str) -> Self {
        Self::made(None, lifetime)
    }

    /// A key that signs, and has expired, in the year 2020.
    pub(super) fn expired() -> Self {
        Self::made(Some("20200101T000000!"), "30d")
    }

    fn made(time: Option<&'static str>, lifetime: &str) -> Self {
        let mut key = Self {
            home: tempfile::tempdir().unwrap(),
            time,
            public: Vec::new(),
            fingerprint: String::new(),
        };
        key.gpg(&["--quick-generate-key", "tool@example.org", "ed25519", "sign", lifetime]);
        key.public = key.exported();
        let listed = key.gpg(&["--with-colons", "--fingerprint"]);
        let line = listed.lines().find(|line| line.starts_with("fpr:")).unwrap();
        line.split(':').nth(9).unwrap().clone_into(&mut key.fingerprint);
        key
    }

    /// The public part as it is now.
    pub(super) fn exported(&self) -> Vec<u8> {
        self.gpg(&["--armor", "--export"]).into_bytes()
    }

    /// Gives it another lifetime, from now on.
    pub(super) fn expire_in(&self, lifetime: &str) -> Vec<u8> {
        self.gpg(&["--quick-set-expire", &self.fingerprint, lifetime]);
        self.exported()
    }

    /// The public part after its revocation.
    pub(super) fn revoked(&self) -> Vec<u8> {
        let made = format!("openpgp-revocs.d/{}.rev", self.fingerprint);
        let text = fs::read_to_string(self.home.path().join(made)).unwrap();
        let ready = self.home.path().join("revocation");
        // gpg puts a colon before it, against accidents.
        fs::write(&ready, text.replace(":-----BEGIN", "-----BEGIN")).unwrap();
        self.gpg(&["--import", ready.to_str().unwrap()]);
        self.exported()
    }

    fn gpg(&self, arguments: &[&str]) -> String {
        let mut command = tool("gpg", "gnupg");
        command.env("GNUPGHOME", self.home.path()).env("LC_ALL", "C");
        command.args(["--batch", "--yes", "--pinentry-mode", "loopback", "--passphrase", ""]);
        if let Some(time) = self.time {
            command.args(["--faked-system-time", time]);
        }
        run(command.args(arguments)).expect(0).stdout
    }

    pub(super) fn signed(&self, bytes: &[u8], how: &str) -> Vec<u8> {
        let path = |name: &str| self.home.path().join(name);
        fs::write(path("data"), bytes).unwrap();
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        self.gpg(&["--output", &text(&path("out")), how, &text(&path("data"))]);
        fs::read(path("out")).unwrap()
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        // The agent of this home alone.
        let _ = tool("gpgconf", "gnupg")
            .env("GNUPGHOME", self.home.path())
            .args(["--kill", "gpg-agent"])
            .status();
    }
}
