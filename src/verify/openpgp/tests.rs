use std::io::Read;

use super::*;

const STAYS: &str = include_str!("../../../tests/keys/stays.asc");
const EXPIRES: &str = include_str!("../../../tests/keys/expires-2027.asc");

fn binary(armored: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    Dearmor::new(armored.as_bytes()).read_to_end(&mut bytes).unwrap();
    bytes
}

/// What GnuPG 2.2 prints of the two keys.
#[test]
fn facts_are_those_that_gnupg_tells() {
    let stays = Certificate::parse(STAYS.as_bytes()).unwrap();
    assert_eq!(stays.fingerprint, "6811205F8B4857E6E18ABBCB79F0F9C83536B49D");
    assert_eq!(stays.user_ids, ["Repository of the tests <tests@example.org>"]);
    let stays = stays.validity();
    assert_eq!((stays.created, stays.ends(), stays.revoked), (1_767_225_600, None, false));
    assert_eq!(stays.signing_keys.len(), 1);
    assert!(!stays.ends_before(u64::MAX));
    let expires = Certificate::parse(EXPIRES.as_bytes()).unwrap();
    assert_eq!(expires.fingerprint, "D8CBC416AE16E1131219F61DAA18B354CED78EAE");
    let expires = expires.validity();
    let end = expires.ends().unwrap();
    assert_eq!(end / 86_400, 20_819, "2027-01-01, at noon");
    assert!(expires.ends_before(end + 1) && !expires.ends_before(end));
}

#[test]
fn armored_and_binary_files_hold_the_same_key() {
    let armored = Certificate::parse(STAYS.as_bytes()).unwrap();
    let plain = Certificate::parse(&binary(STAYS)).unwrap();
    assert!(armored.armored && !plain.armored);
    assert_eq!(Certificate { armored: true, ..plain }, armored);
}

#[test]
fn only_exactly_one_public_key_passes() {
    let problem = |bytes: &[u8]| Certificate::parse(bytes).unwrap_err();
    let both = [binary(STAYS), binary(EXPIRES)].concat();
    assert!(problem(&both).contains("2 primary keys"));
    assert!(problem(format!("{STAYS}{EXPIRES}").as_bytes()).contains("2 blocks"));
    assert!(problem(STAYS.replace('\n', "\r\n").as_bytes()).contains("carriage returns"));
    let mut secret = binary(STAYS);
    secret[0] = 0x80 | 5 << 2 | secret[0] & 3;
    assert!(problem(&secret).contains("secret key"));
    for bytes in [
        &b""[..],
        b"text",
        b"\xff",
        b"\x99\xff",
        b"\x98\xff\x04",
        &[0x9b, 0, 0],
        &binary(STAYS)[..60],
    ] {
        problem(bytes);
    }
    // The first octets of a GnuPG keybox, which apt does not read.
    problem(b"\0\0\0\x20\x01\x01\0\x02KBXf");
}

#[test]
fn a_changed_signature_says_nothing() {
    let mut bytes = binary(EXPIRES);
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let certificate = Certificate::parse(&bytes).unwrap();
    assert_eq!(certificate.validity().expires, None);
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>, at: usize, with: u8) {
        let _ = Certificate::parse(&bytes).map(|certificate| certificate.validity());
        let mut key = binary(STAYS);
        let at = at % key.len();
        key[at] = with;
        let _ = Certificate::parse(&key).map(|certificate| certificate.validity());
    }
}
