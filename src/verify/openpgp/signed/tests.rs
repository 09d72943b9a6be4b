//! Signatures made by GnuPG, held against gpgv: both believe the same, by gpgv's status lines (its exit code accepts
//! signatures of revoked keys).

#![allow(clippy::disallowed_methods, reason = "GnuPG is a program, and works on files")]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use super::super::Certificate;

const DATA: &[u8] = b"what is signed\n";

/// 2026-01-01.
const NOW: u64 = 1_767_225_600;

/// A home of GnuPG that vanishes.
struct Gpg(TempDir);

impl Gpg {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("data"), DATA).unwrap();
        Self(home)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new(program);
        command.env("GNUPGHOME", self.0.path()).env("LC_ALL", "C").current_dir(self.0.path());
        let output = command.args(arguments).stdin(Stdio::null()).output();
        output.unwrap_or_else(|error| {
            panic!("this test needs {program}, of the packages gpg and gpgv: {error}")
        })
    }

    fn gpg(&self, arguments: &[&str]) {
        let time = format!("--faked-system-time={}!", NOW - 1000);
        let fixed = ["--batch", "--yes", "--pinentry-mode", "loopback", "--passphrase", "", &time];
        let output = self.command("gpg", &[&fixed[..], arguments].concat());
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    fn certificate(&self, name: &str) -> Certificate {
        let _ = fs::remove_file(self.path("key"));
        self.gpg(&["--output", "key", "--export", name]);
        Certificate::parse(&fs::read(self.path("key")).unwrap()).unwrap()
    }

    /// Whether gpgv believes a detached signature.
    fn gpgv(&self, signature: &str, data: &str) -> bool {
        let keyring = self.path("key");
        let output = self.command(
            "gpgv",
            &["--status-fd", "1", "--keyring", keyring.to_str().unwrap(), signature, data],
        );
        let status = String::from_utf8_lossy(&output.stdout);
        let says =
            |word: &str| status.lines().any(|line| line.starts_with(&format!("[GNUPG:] {word}")));
        says("GOODSIG") && says("VALIDSIG") && !says("REVKEYSIG") && !says("EXPKEYSIG")
    }

    fn ours(&self, certificate: &Certificate, signature: &str, data: &str) -> Result<(), String> {
        let signature = fs::read(self.path(signature)).unwrap();
        let open = || fs::File::open(self.path(data));
        certificate.verify_detached(&signature, open, NOW)
    }
}

impl Drop for Gpg {
    fn drop(&mut self) {
        // The agent of this home alone.
        self.command("gpgconf", &["--kill", "gpg-agent"]);
    }
}

#[test]
fn good_signatures_are_believed_and_changed_ones_not() {
    for algorithm in ["rsa2048", "ed25519"] {
        let gpg = Gpg::new();
        gpg.gpg(&["--quick-generate-key", "good@example.org", algorithm, "sign", "never"]);
        gpg.gpg(&["--output", "sig", "--detach-sign", "data"]);
        gpg.gpg(&["--output", "sig.asc", "--armor", "--detach-sign", "data"]);
        let certificate = gpg.certificate("good@example.org");
        for signature in ["sig", "sig.asc"] {
            assert_eq!(gpg.ours(&certificate, signature, "data"), Ok(()), "{algorithm}");
            assert!(gpg.gpgv(signature, "data"), "{algorithm}");
        }
        fs::write(gpg.path("other"), b"what is Signed\n").unwrap();
        assert_eq!(
            gpg.ours(&certificate, "sig", "other"),
            Err("is not one of these bytes".to_owned())
        );
        assert!(!gpg.gpgv("sig", "other"));
        let bytes = fs::read(gpg.path("sig")).unwrap();
        fs::write(gpg.path("cut"), &bytes[..bytes.len() - 3]).unwrap();
        assert!(gpg.ours(&certificate, "cut", "data").is_err());
        fs::write(gpg.path("empty"), b"").unwrap();
        assert!(gpg.ours(&certificate, "empty", "data").is_err());
    }
}

#[test]
fn a_signature_of_another_key_says_nothing() {
    let gpg = Gpg::new();
    for name in ["one@example.org", "two@example.org"] {
        gpg.gpg(&["--quick-generate-key", name, "ed25519", "sign", "never"]);
    }
    gpg.gpg(&["--local-user", "two@example.org", "--output", "sig", "--detach-sign", "data"]);
    let certificate = gpg.certificate("one@example.org");
    let why = gpg.ours(&certificate, "sig", "data").unwrap_err();
    assert!(why.starts_with("is of no key of "), "{why}");
    assert!(!gpg.gpgv("sig", "data"));
    // Beside one of the right key it does no harm.
    gpg.gpg(&["--local-user", "one@example.org", "--output", "own", "--detach-sign", "data"]);
    let both = [fs::read(gpg.path("sig")).unwrap(), fs::read(gpg.path("own")).unwrap()].concat();
    fs::write(gpg.path("both"), both).unwrap();
    assert_eq!(gpg.ours(&certificate, "both", "data"), Ok(()));
}

#[test]
fn keys_that_have_expired_or_are_too_weak_are_not_believed() {
    let gpg = Gpg::new();
    gpg.gpg(&["--quick-generate-key", "ends@example.org", "ed25519", "sign", "seconds=500"]);
    gpg.gpg(&["--output", "sig", "--detach-sign", "data"]);
    let certificate = gpg.certificate("ends@example.org");
    assert_eq!(
        gpg.ours(&certificate, "sig", "data"),
        Err("is of a key that has expired".to_owned())
    );
    assert!(!gpg.gpgv("sig", "data"));

    let gpg = Gpg::new();
    gpg.gpg(&["--quick-generate-key", "weak@example.org", "rsa1024", "sign", "never"]);
    gpg.gpg(&["--output", "sig", "--detach-sign", "data"]);
    let why = gpg.ours(&gpg.certificate("weak@example.org"), "sig", "data").unwrap_err();
    assert_eq!(why, "is of an RSA key of 1024 bits, which is too weak");
}

#[test]
fn weak_digests_and_expired_signatures_are_not_believed() {
    let gpg = Gpg::new();
    gpg.gpg(&["--quick-generate-key", "good@example.org", "rsa2048", "sign", "never"]);
    gpg.gpg(&["--digest-algo", "SHA1", "--output", "sha1", "--detach-sign", "data"]);
    gpg.gpg(&["--default-sig-expire", "seconds=500", "--output", "ended", "--detach-sign", "data"]);
    let certificate = gpg.certificate("good@example.org");
    let why = gpg.ours(&certificate, "sha1", "data").unwrap_err();
    assert!(why.starts_with("is over a digest that is too weak"), "{why}");
    assert_eq!(gpg.ours(&certificate, "ended", "data"), Err("has expired".to_owned()));
    assert!(!gpg.gpgv("ended", "data"));
}

#[test]
fn revoked_keys_are_not_believed() {
    let gpg = Gpg::new();
    gpg.gpg(&["--quick-generate-key", "gone@example.org", "ed25519", "sign", "never"]);
    gpg.gpg(&["--output", "sig", "--detach-sign", "data"]);
    let before = gpg.certificate("gone@example.org");
    assert_eq!(gpg.ours(&before, "sig", "data"), Ok(()));
    let folder = gpg.path("openpgp-revocs.d");
    let file = fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    // GnuPG makes it unusable by a colon, so that nobody imports it by accident.
    let text = fs::read_to_string(file).unwrap().replace(":-----BEGIN", "-----BEGIN");
    fs::write(gpg.path("revocation"), text).unwrap();
    gpg.gpg(&["--import", "revocation"]);
    let after = gpg.certificate("gone@example.org");
    assert_eq!(gpg.ours(&after, "sig", "data"), Err("is of a key that was revoked".to_owned()));
    assert!(!gpg.gpgv("sig", "data"));
}

#[test]
fn subkeys_sign_when_they_are_for_that() {
    let gpg = Gpg::new();
    gpg.gpg(&["--quick-generate-key", "sub@example.org", "ed25519", "cert", "never"]);
    let certificate = gpg.certificate("sub@example.org");
    gpg.gpg(&["--quick-add-key", &certificate.fingerprint, "ed25519", "sign", "never"]);
    gpg.gpg(&["--output", "sig", "--detach-sign", "data"]);
    let certificate = gpg.certificate("sub@example.org");
    assert_eq!(gpg.ours(&certificate, "sig", "data"), Ok(()));
    assert!(gpg.gpgv("sig", "data"));
}

#[test]
fn cleartext_gives_what_is_signed_and_nothing_around_it() {
    let gpg = Gpg::new();
    gpg.gpg(&["--quick-generate-key", "good@example.org", "ed25519", "sign", "never"]);
    gpg.gpg(&["--output", "clear", "--clear-sign", "data"]);
    let certificate = gpg.certificate("good@example.org");
    let message = fs::read_to_string(gpg.path("clear")).unwrap();
    let text = certificate.verify_cleartext(&message, NOW).unwrap();
    assert_eq!(text.replace("\r\n", "\n").trim_end(), "what is signed");
    let changed = message.replace("what is", "what was");
    assert!(certificate.verify_cleartext(&changed, NOW).is_err());
    assert!(certificate.verify_cleartext("what is signed\n", NOW).is_err());
}
