//! OpenPGP certificates (RFC 9580): which key a file holds, and until when it can sign.
//!
//! Takes the bytes of a key file, gives the facts that decide whether apt will believe a repository. It is pure: what
//! has expired is asked with a time that the caller brings.

mod bindings;
mod policy;
mod signed;

use std::collections::BTreeSet;
use std::io::Read;

use bindings::{expiry, is_revoked, newest_own, primary_signs, subkey_signs};
use pgp::armor::Dearmor;
use pgp::composed::{Deserializable, SignedPublicKey};
use pgp::packet::Signature;
use pgp::types::{KeyDetails, KeyVersion};

/// A primary key with what belongs to it. Reading one costs little; its signatures are verified when
/// [`validity`](Certificate::validity) is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The fingerprint of the primary key: upper-case hexadecimal, 40 digits for version 4, 64 for version 6.
    pub fingerprint: String,
    /// Whose it is, in the order of the file; bytes that are not UTF-8 are replaced.
    pub user_ids: Vec<String>,
    /// Whether the file is in ASCII armor.
    pub armored: bool,
    key: SignedPublicKey,
}

/// What a primary key says of itself, with signatures that verify. Times are seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validity {
    /// When the primary key was made.
    pub created: u64,
    /// When the primary key, and with it every subkey, stops being valid.
    pub expires: Option<u64>,
    /// Whether the file holds a revocation of the primary key by itself.
    pub revoked: bool,
    /// The keys whose signatures on data are believed until they expire: the primary key, if it may sign, and subkeys that
    /// may and are not revoked. None where the primary key has no sound signature about itself.
    pub signing_keys: Vec<SigningKey>,
}

/// A key that can sign data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningKey {
    /// Its fingerprint.
    pub fingerprint: String,
    /// When it was made, in seconds since 1970.
    pub created: u64,
    /// When it expires by itself, in seconds since 1970.
    pub expires: Option<u64>,
}

impl Certificate {
    /// Reads a file that holds exactly one certificate, binary or in ASCII armor.
    ///
    /// # Errors
    /// What is wrong with the file, in a few words that continue "the key file …".
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        // The first octet of a packet has its highest bit set (RFC 9580, 4.2); armor is ASCII.
        let armored = bytes.first().is_some_and(u8::is_ascii);
        let binary = if armored { dearmor(bytes)? } else { bytes.to_vec() };
        let tags = packet_tags(&binary)
            .ok_or("is no OpenPGP key: it is not a sequence of packets (RFC 9580)")?;
        if tags.iter().any(|tag| SECRET_KEY_TAGS.contains(tag)) {
            return Err(
                "holds a secret key, which must never be in an image or a repository".into()
            );
        }
        let primary_keys: Vec<&u8> = tags.iter().filter(|tag| **tag == PUBLIC_KEY_TAG).collect();
        match primary_keys.len() {
            0 => return Err("holds no public key".into()),
            1 => {}
            more => return Err(format!("holds {more} primary keys; one repository has one key")),
        }
        let key = SignedPublicKey::from_bytes(binary.as_slice())
            .map_err(|error| format!("holds a key that cannot be read: {error}"))?;
        if !matches!(key.version(), KeyVersion::V4 | KeyVersion::V6) {
            return Err("holds a key of another version than 4 or 6".into());
        }
        let user_ids = key.details.users.iter();
        Ok(Self {
            fingerprint: fingerprint(&key),
            user_ids: user_ids.map(|user| String::from_utf8_lossy(user.id.id()).into()).collect(),
            armored,
            key,
        })
    }

    /// Verifies its signatures about itself, and tells what they say.
    pub fn validity(&self) -> Validity {
        let key = &self.key;
        let created = u64::from(key.created_at().as_secs());
        let revoked = key
            .details
            .revocation_signatures
            .iter()
            .any(|signature| signature.verify_key(&key.primary_key).is_ok());
        let Some(own) = newest_own(key) else {
            return Validity { created, expires: None, revoked, signing_keys: Vec::new() };
        };
        let expires = expiry(key, own);
        let mut signing_keys = Vec::new();
        if primary_signs(own).is_ok() {
            signing_keys.push(SigningKey { fingerprint: fingerprint(key), created, expires });
        }
        for subkey in &key.public_subkeys {
            let Ok(binding) = subkey_signs(key, subkey) else { continue };
            signing_keys.push(SigningKey {
                fingerprint: fingerprint(&subkey.key),
                created: u64::from(subkey.created_at().as_secs()),
                expires: expiry(&subkey.key, binding),
            });
        }
        Validity { created, expires, revoked, signing_keys }
    }

    /// Whether another file of the same key knows at least what this one does: its revocations, and what it last said of
    /// itself. An older state of a key is as well signed as the newest.
    pub fn is_known_to(&self, other: &Self) -> bool {
        let said = |one: &Self| {
            newest_own(&one.key).and_then(Signature::created).map(pgp::types::Timestamp::as_secs)
        };
        said(self) <= said(other) && self.revocations().is_subset(&other.revocations())
    }

    /// The fingerprints of the primary key and the subkeys that the file revokes.
    fn revocations(&self) -> BTreeSet<String> {
        let key = &self.key;
        let subkeys = key.public_subkeys.iter().filter(|subkey| is_revoked(key, subkey));
        let mut revoked: BTreeSet<String> =
            subkeys.map(|subkey| fingerprint(&subkey.key)).collect();
        if self.validity().revoked {
            revoked.insert(self.fingerprint.clone());
        }
        revoked
    }
}

impl Validity {
    /// From when on nothing that it signs is believed: the primary key expires, or the last key that can sign. In
    /// seconds since 1970; none if it never ends.
    pub fn ends(&self) -> Option<u64> {
        let signing = self.signing_keys.iter().map(|key| key.expires.unwrap_or(u64::MAX)).max();
        let end = self.expires.unwrap_or(u64::MAX).min(signing.unwrap_or(0));
        (end < u64::MAX).then_some(end)
    }

    /// Whether it is of no use from `time` on, in seconds since 1970, or was revoked.
    pub fn ends_before(&self, time: u64) -> bool {
        self.revoked || self.ends().is_some_and(|end| end < time)
    }
}

/// Packet type ids of RFC 9580, section 5.
const PUBLIC_KEY_TAG: u8 = 6;
const SECRET_KEY_TAGS: [u8; 2] = [5, 7];

/// The binary content of one block of ASCII armor.
fn dearmor(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "is neither ASCII armor nor binary")?;
    // apt reads armor by lines, and knows no carriage returns.
    if text.contains('\r') {
        return Err("has carriage returns at its line ends, with which apt does not read it".into());
    }
    let blocks = text.lines().filter(|line| line.starts_with("-----BEGIN ")).count();
    if blocks > 1 {
        return Err(format!("holds {blocks} blocks of ASCII armor; one repository has one key"));
    }
    if !text.lines().any(|line| line.trim_end() == "-----BEGIN PGP PUBLIC KEY BLOCK-----") {
        return Err("is no OpenPGP public key: it has no PGP PUBLIC KEY BLOCK".into());
    }
    let mut binary = Vec::new();
    Dearmor::new(bytes)
        .read_to_end(&mut binary)
        .map_err(|error| format!("has ASCII armor that cannot be read: {error}"))?;
    Ok(binary)
}

/// The types of all packets (RFC 9580, 4.2); none where the bytes are not a whole number of packets of known length.
fn packet_tags(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut tags = Vec::new();
    while let Some((&first, after)) = rest.split_first() {
        if first & 0x80 == 0 {
            return None;
        }
        let (tag, length, body) = if first & 0x40 == 0 {
            let octets = match first & 3 {
                0 => 1,
                1 => 2,
                2 => 4,
                _ => return None, // of indeterminate length, which keys are not
            };
            let (length, body) = after.split_at_checked(octets)?;
            ((first >> 2) & 0xf, big_endian(length), body)
        } else {
            let (&one, body) = after.split_first()?;
            let (length, body) = match one {
                0..192 => (usize::from(one), body),
                192..224 => {
                    let (&two, body) = body.split_first()?;
                    (((usize::from(one) - 192) << 8) + usize::from(two) + 192, body)
                }
                255 => {
                    let (length, body) = body.split_at_checked(4)?;
                    (big_endian(length), body)
                }
                _ => return None, // a partial length, which only data packets have
            };
            (first & 0x3f, length, body)
        };
        tags.push(tag);
        rest = body.get(length..)?;
    }
    Some(tags)
}

fn big_endian(octets: &[u8]) -> usize {
    octets.iter().fold(0, |number, &octet| number << 8 | usize::from(octet))
}

fn fingerprint(key: &impl KeyDetails) -> String {
    format!("{:X}", key.fingerprint())
}

#[cfg(test)]
mod tests;
