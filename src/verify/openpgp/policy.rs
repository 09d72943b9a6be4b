//! How strong a signature and its key have to be, and how old a signature may be.
//!
//! One rule for what is signed by a key and for what keys say of themselves and of each other: a digest of SHA-2 or SHA-3
//! of at least 256 bits, RSA of at least 2048 bits. So a self-signature over SHA-1 gives a key nothing here, though gpgv
//! 2.2 still takes it: whoever finds two keys with one such digest can have the one signed in the place of the other.
//! Revocations are not held to it, as a weak one can only take away.

use pgp::crypto::hash::HashAlgorithm;
use pgp::packet::Signature;
use pgp::ser::Serialize;
use pgp::types::{KeyDetails, PublicParams};

/// The least size of an RSA key, in bits.
const LEAST_RSA: u16 = 2048;

const STRONG: [HashAlgorithm; 5] = [
    HashAlgorithm::Sha256,
    HashAlgorithm::Sha384,
    HashAlgorithm::Sha512,
    HashAlgorithm::Sha3_256,
    HashAlgorithm::Sha3_512,
];

/// When a signature was made, in seconds since 1970, if it is over a strong digest and no older than the key that made it.
/// Whether that key made it at all is not looked at.
///
/// # Errors
/// What is wrong with it, in a few words that continue "the signature …".
pub(super) fn sound(signature: &Signature, maker: &impl KeyDetails) -> Result<u64, String> {
    match signature.hash_alg() {
        Some(hash) if STRONG.contains(&hash) => {}
        Some(hash) => return Err(format!("is over a digest that is too weak ({hash})")),
        None => return Err("is of a version that is not known".to_owned()),
    }
    let created = signature.created().ok_or("does not say when it was made")?;
    if created < maker.created_at() {
        return Err("is older than its key".to_owned());
    }
    Ok(u64::from(created.as_secs()))
}

/// Refuses keys that are too short, or of an algorithm that is.
///
/// # Errors
/// What is wrong with it, in a few words that continue "the signature …".
pub(super) fn strong_enough(key: &impl KeyDetails) -> Result<(), String> {
    match key.public_params() {
        PublicParams::RSA(rsa) => {
            // A multiprecision integer begins with how many bits it has (RFC 9580, 3.2).
            let bytes = rsa
                .to_bytes()
                .map_err(|error| format!("is of a key that cannot be read: {error}"))?;
            let bits = bytes.first_chunk().map_or(0, |bits: &[u8; 2]| u16::from_be_bytes(*bits));
            if bits < LEAST_RSA {
                return Err(format!("is of an RSA key of {bits} bits, which is too weak"));
            }
            Ok(())
        }
        PublicParams::DSA(_) | PublicParams::Elgamal(_) => {
            Err("is of a key of an algorithm that is too weak".to_owned())
        }
        _ => Ok(()),
    }
}
