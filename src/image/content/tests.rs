//! What is seen in contents, wherever chunks end.

use super::super::digest::Digest;
use super::{CHUNK, Keep, Looker, PrivateKey, Seen, key};

fn seen(content: &[u8], keep: Option<Keep>) -> Seen {
    Looker::new().look(content, content.len() as u64, keep, 1000).unwrap()
}

fn armor(label: &str, headers: &str) -> String {
    let line = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW";
    format!("-----BEGIN {label}-----\n{headers}{line}\n-----END {label}-----\n")
}

#[test]
fn keys_of_every_kind() {
    for (label, headers, kind) in [
        ("PRIVATE KEY", "", PrivateKey::Pem),
        ("RSA PRIVATE KEY", "", PrivateKey::Pem),
        (
            "RSA PRIVATE KEY",
            "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n",
            PrivateKey::EncryptedPem,
        ),
        ("ENCRYPTED PRIVATE KEY", "", PrivateKey::EncryptedPem),
        ("OPENSSH PRIVATE KEY", "", PrivateKey::OpenSsh),
        ("PGP PRIVATE KEY BLOCK", "Version: 1\n\n", PrivateKey::OpenPgp),
    ] {
        let text = armor(label, headers);
        assert_eq!(seen(text.as_bytes(), None).key, Some(kind), "{label}");
        let windows = text.replace('\n', "\r\n");
        assert_eq!(seen(windows.as_bytes(), None).key, Some(kind), "{label} with \\r\\n");
        assert_eq!(seen(format!("cert\n{text}").as_bytes(), None).key, Some(kind));
    }
}

#[test]
fn words_about_keys_are_no_keys() {
    for text in [
        armor("CERTIFICATE", ""),
        armor("PUBLIC KEY", ""),
        armor("PGP PUBLIC KEY BLOCK", ""),
        "-----BEGIN PRIVATE KEY-----".to_owned(),
        "-----BEGIN PRIVATE KEY-----\0-----END".to_owned(),
        "-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----\n".to_owned(),
        format!("    {}", armor("PRIVATE KEY", "")),
        format!("printf '{}'", armor("PRIVATE KEY", "")),
    ] {
        assert_eq!(seen(text.as_bytes(), None).key, None, "{text}");
    }
}

#[test]
fn a_key_is_found_wherever_it_lies() {
    let text = armor("PRIVATE KEY", "");
    let first = key::REACH + CHUNK;
    for around in [first, first - key::REACH, first + CHUNK, first + 2 * CHUNK - 1] {
        for at in (around - 90)..(around + 20) {
            let mut content = vec![b'x'; at];
            content.push(b'\n');
            content.extend_from_slice(text.as_bytes());
            content.resize(content.len() + 3 * CHUNK, b'y');
            let seen = seen(&content, None);
            assert_eq!(seen.key, Some(PrivateKey::Pem), "at {at}");
            assert_eq!(seen.sha256, Digest::of(&content));
            assert_eq!(seen.size, content.len() as u64);
        }
    }
}

fn kept(content: &str, keep: Keep) -> (String, bool) {
    let kept = seen(content.as_bytes(), Some(keep)).kept.unwrap();
    (String::from_utf8(kept.bytes).unwrap(), kept.cut)
}

#[test]
fn fields_of_records() {
    let fields = &["Package", "Version"];
    let text = "Package: a\nStatus: x\nversion: 1\nDescription: d\n Version: no\n\n\nPackage: b\n";
    let all = kept(text, Keep::Fields(fields));
    assert_eq!(all, ("Package: a\nversion: 1\n\nPackage: b\n".to_owned(), false));
    let first = kept(text, Keep::FirstFields(fields));
    assert_eq!(first, ("Package: a\nversion: 1\n".to_owned(), false));
    let long = format!("Other: {}\nPackage: z\n", "x".repeat(3 * CHUNK));
    assert_eq!(kept(&long, Keep::Fields(fields)).0, "Package: z\n");
}

#[test]
fn what_is_kept_has_a_bound() {
    assert_eq!(kept(&"x".repeat(1000), Keep::Whole), ("x".repeat(1000), false));
    assert_eq!(kept(&"x".repeat(1001), Keep::Whole), ("x".repeat(1000), true));
    let many = "Package: p\n\n".repeat(CHUNK);
    let (text, cut) = kept(&many, Keep::Fields(&["Package"]));
    assert!(cut && text.len() == 1000);
}

#[test]
fn a_content_longer_than_stated_is_an_error() {
    assert!(Looker::new().look(b"four".as_slice(), 3, None, 0).is_err());
}
