//! Signatures made by GnuPG, held against gpgv: both believe the same, but for what is too weak here, by gpgv's status
//! lines (its exit code accepts signatures of revoked keys).

#![allow(clippy::disallowed_methods, reason = "GnuPG is a program, and works on files")]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use pgp::packet::{SignatureType, Subpacket, SubpacketData};
use pgp::ser::Serialize;
use pgp::types::KeyDetails;
use tempfile::TempDir;

use super::super::Certificate;

const DATA: &[u8] = b"what is signed\n";

/// 2026-01-01.
const NOW: u64 = 1_767_225_600;

/// When keys and signatures are made.
const MADE: u64 = NOW - 1000;

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
        self.gpg_at(MADE, arguments);
    }

    /// Runs gpg, for which it is some time.
    fn gpg_at(&self, time: u64, arguments: &[&str]) {
        let time = format!("--faked-system-time={time}!");
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

    /// A key for certificates, with a subkey that signs, whose binding signatures are made with some options of gpg.
    fn with_subkey(&self, options: &[&str]) -> Certificate {
        self.gpg(&["--quick-generate-key", "sub@example.org", "rsa2048", "cert", "never"]);
        let primary = self.certificate("sub@example.org").fingerprint;
        self.gpg(&[options, &["--quick-add-key", &primary, "rsa2048", "sign", "never"]].concat());
        self.gpg(&["--output", "sig", "--detach-sign", "data"]);
        self.certificate("sub@example.org")
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

const NOT_OWN: &str = "is of a key without a strong signature of its own about itself";
const NOT_BOUND: &str = "is of a key that the primary key does not bind by a strong signature";
const NOT_BOUND_IN_TURN: &str =
    "is of a key that does not bind its primary key in turn by a strong signature";

#[test]
fn what_a_key_says_of_itself_over_a_weak_digest_is_not_believed() {
    // gpgv refuses MD5 alone.
    for (algorithm, gpgv) in [("MD5", false), ("SHA1", true), ("SHA256", true)] {
        let gpg = Gpg::new();
        let make = ["--cert-digest-algo", algorithm, "--quick-generate-key", "weak@example.org"];
        gpg.gpg(&[&make[..], &["rsa2048", "sign", "never"]].concat());
        gpg.gpg(&["--allow-weak-digest-algos", "--output", "sig", "--detach-sign", "data"]);
        let certificate = gpg.certificate("weak@example.org");
        let ours = gpg.ours(&certificate, "sig", "data");
        assert_eq!(gpg.gpgv("sig", "data"), gpgv, "{algorithm}");
        if algorithm == "SHA256" {
            assert_eq!(ours, Ok(()));
        } else {
            assert_eq!(ours, Err(NOT_OWN.to_owned()), "{algorithm}");
            assert!(certificate.validity().signing_keys.is_empty(), "{algorithm}");
        }
    }
    // The same key, once it says so anew.
    let gpg = Gpg::new();
    let weak = ["--cert-digest-algo", "SHA1", "--quick-generate-key", "weak@example.org"];
    gpg.gpg(&[&weak[..], &["rsa2048", "sign", "never"]].concat());
    gpg.gpg(&["--output", "sig", "--detach-sign", "data"]);
    let fingerprint = gpg.certificate("weak@example.org").fingerprint;
    let again = ["--cert-digest-algo", "SHA256", "--quick-set-expire", &fingerprint, "20y"];
    gpg.gpg_at(MADE + 100, &again);
    let renewed = gpg.certificate("weak@example.org");
    assert_eq!(gpg.ours(&renewed, "sig", "data"), Ok(()));
    assert!(gpg.gpgv("sig", "data"));
}

#[test]
fn a_subkey_is_bound_by_strong_signatures_in_both_directions() {
    let gpg = Gpg::new();
    let certificate =
        gpg.with_subkey(&["--allow-weak-key-signatures", "--cert-digest-algo", "SHA1"]);
    assert_eq!(gpg.ours(&certificate, "sig", "data"), Err(NOT_BOUND.to_owned()));
    assert!(certificate.validity().signing_keys.is_empty());
    assert!(gpg.gpgv("sig", "data"));
    // gpg makes the one signature anew, and takes the other over.
    let subkey = format!("{:X}", certificate.key.public_subkeys[0].fingerprint());
    let again = ["--cert-digest-algo", "SHA256", "--quick-set-expire"];
    let of = [certificate.fingerprint.as_str(), "20y", subkey.as_str()];
    gpg.gpg_at(MADE + 100, &[again, of].concat());
    let certificate = gpg.certificate("sub@example.org");
    assert_eq!(gpg.ours(&certificate, "sig", "data"), Err(NOT_BOUND_IN_TURN.to_owned()));
    assert!(certificate.validity().signing_keys.is_empty());
    assert!(gpg.gpgv("sig", "data"));
}

#[test]
fn a_subkey_binds_its_primary_key_in_turn() {
    let gpg = Gpg::new();
    let mut certificate = gpg.with_subkey(&[]);
    assert_eq!(gpg.ours(&certificate, "sig", "data"), Ok(()));
    assert!(gpg.gpgv("sig", "data"));
    // gpg leaves it unsigned, so it can be taken out.
    let binding = &mut certificate.key.public_subkeys[0].signatures[0];
    let parts = binding.config().unwrap().unhashed_subpackets();
    let is_back = |part: &Subpacket| matches!(part.data, SubpacketData::EmbeddedSignature(_));
    let at = parts.into_iter().position(is_back).unwrap();
    binding.unhashed_subpacket_remove(at).unwrap();
    fs::write(gpg.path("key"), certificate.key.to_bytes().unwrap()).unwrap();
    assert_eq!(gpg.ours(&certificate, "sig", "data"), Err(NOT_BOUND_IN_TURN.to_owned()));
    assert!(certificate.validity().signing_keys.is_empty());
    assert!(!gpg.gpgv("sig", "data"));
}

#[test]
fn revoked_subkeys_are_not_believed() {
    for digest in ["SHA256", "SHA1"] {
        let gpg = Gpg::new();
        let before = gpg.with_subkey(&[]);
        fs::write(gpg.path("answers"), "key 1\nrevkey\ny\n0\n\ny\nsave\n").unwrap();
        let answers = gpg.path("answers");
        let mut options = vec!["--command-file", answers.to_str().unwrap(), "--no-tty"];
        options.extend(["--cert-digest-algo", digest, "--edit-key", &before.fingerprint]);
        gpg.gpg_at(MADE + 100, &options);
        let after = gpg.certificate("sub@example.org");
        let revocation = after.key.public_subkeys[0].signatures.iter();
        let mut revocation =
            revocation.filter(|one| one.typ() == Some(SignatureType::SubkeyRevocation));
        let hash = revocation.next().unwrap().hash_alg().unwrap();
        assert_eq!(hash.to_string(), digest, "the revocation");
        assert_eq!(gpg.ours(&after, "sig", "data"), Err("is of a key that was revoked".to_owned()));
        assert!(after.validity().signing_keys.is_empty());
        assert!(!gpg.gpgv("sig", "data"));
    }
}

#[test]
fn a_signature_is_not_older_than_its_key() {
    let gpg = Gpg::new();
    gpg.gpg(&["--quick-generate-key", "good@example.org", "ed25519", "sign", "never"]);
    let sign = ["--ignore-time-conflict", "--output", "sig", "--detach-sign", "data"];
    gpg.gpg_at(MADE - 1, &sign);
    let certificate = gpg.certificate("good@example.org");
    assert_eq!(gpg.ours(&certificate, "sig", "data"), Err("is older than its key".to_owned()));
    assert!(!gpg.gpgv("sig", "data"));
    gpg.gpg_at(MADE, &sign);
    assert_eq!(gpg.ours(&certificate, "sig", "data"), Ok(()));
    assert!(gpg.gpgv("sig", "data"));

    // Nor is what the key says of itself, here of its second name alone.
    let add = ["--ignore-time-conflict", "--quick-add-uid", "good@example.org", "old@example.org"];
    gpg.gpg_at(MADE - 1, &add);
    fs::remove_file(gpg.path("key")).unwrap();
    let second = ["--export-filter", "keep-uid=uid=old@example.org", "--output", "key"];
    gpg.gpg(&[&second[..], &["--export", "good@example.org"]].concat());
    let certificate = Certificate::parse(&fs::read(gpg.path("key")).unwrap()).unwrap();
    assert_eq!(certificate.user_ids, ["old@example.org"]);
    assert_eq!(gpg.ours(&certificate, "sig", "data"), Err(NOT_OWN.to_owned()));
    assert!(!gpg.gpgv("sig", "data"));
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
