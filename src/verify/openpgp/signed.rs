//! Signatures on data, believed by a policy: by a key of the certificate that may sign, is neither revoked nor expired
//! at the time that the caller brings, and is strong enough; over a digest of SHA-2 or SHA-3.

use std::io::Read;

use pgp::composed::{CleartextSignedMessage, Deserializable, DetachedSignature};
use pgp::crypto::hash::HashAlgorithm;
use pgp::packet::{PublicKey, PublicSubkey, Signature, SignatureType};
use pgp::ser::Serialize;
use pgp::types::{KeyDetails, PublicParams};

use super::{Certificate, expiry, may_sign, newest, newest_own};

/// How far clocks may be apart, in seconds: a signature from later than that was not made yet.
const SKEW: u64 = 86_400;

/// The least size of an RSA key, in bits.
const LEAST_RSA: u16 = 2048;

/// A key of a certificate that could sign.
enum Signer<'key> {
    Primary(&'key PublicKey),
    Subkey(&'key PublicSubkey),
}

impl Certificate {
    /// Whether one of the detached signatures in a file is of this certificate over `data`, and believed at `now`, in
    /// seconds since 1970. `data` is opened anew for each.
    ///
    /// # Errors
    /// Why none is, in a few words that continue "the signature …".
    pub fn verify_detached<R: Read>(
        &self,
        signatures: &[u8],
        mut data: impl FnMut() -> std::io::Result<R>,
        now: u64,
    ) -> Result<(), String> {
        let (signatures, _) = DetachedSignature::from_reader_many(signatures)
            .map_err(|error| format!("cannot be read: {error}"))?;
        let mut reasons = Vec::new();
        for signature in signatures {
            let signature = signature.map_err(|error| format!("cannot be read: {error}"))?;
            let data = data().map_err(|error| format!("cannot be verified: {error}"))?;
            match self.believes(&signature.signature, data, now) {
                Ok(()) => return Ok(()),
                Err(reason) => reasons.push(reason),
            }
        }
        Err(worst(reasons))
    }

    /// The text of a message in the cleartext signature framework (RFC 9580, 7), if a signature of this certificate on it
    /// is believed at `now`, in seconds since 1970. Nothing before or after what is signed is given.
    ///
    /// # Errors
    /// Why none is, in a few words that continue "the signature …".
    pub fn verify_cleartext(&self, message: &str, now: u64) -> Result<String, String> {
        let (message, _) = CleartextSignedMessage::from_string(message)
            .map_err(|error| format!("cannot be read: {error}"))?;
        let text = message.signed_text();
        let mut reasons = Vec::new();
        for signature in message.signatures() {
            match self.believes(signature, text.as_bytes(), now) {
                Ok(()) => return Ok(text),
                Err(reason) => reasons.push(reason),
            }
        }
        Err(worst(reasons))
    }

    fn believes(&self, signature: &Signature, data: impl Read, now: u64) -> Result<(), Reason> {
        let Some(signer) = self.signer(signature) else {
            return Err(Reason(0, format!("is of no key of {}", self.fingerprint)));
        };
        self.trusts(&signer, now).map_err(|why| Reason(1, why))?;
        Self::accepts(signature, now).map_err(|why| Reason(1, why))?;
        let verified = match &signer {
            Signer::Primary(key) => signature.verify(*key, data),
            Signer::Subkey(key) => signature.verify(*key, data),
        };
        verified.map_err(|_| Reason(2, "is not one of these bytes".to_owned()))
    }

    /// The key that a signature names.
    fn signer(&self, signature: &Signature) -> Option<Signer<'_>> {
        let fingerprints = signature.issuer_fingerprint();
        let ids = signature.issuer_key_id();
        let is_named = |fingerprint: &pgp::types::Fingerprint, id: &pgp::types::KeyId| {
            if fingerprints.is_empty() {
                ids.contains(&id)
            } else {
                fingerprints.contains(&fingerprint)
            }
        };
        let primary = &self.key.primary_key;
        if is_named(&primary.fingerprint(), &primary.legacy_key_id()) {
            return Some(Signer::Primary(primary));
        }
        let subkeys = self.key.public_subkeys.iter().map(|subkey| &subkey.key);
        subkeys
            .into_iter()
            .find(|key| is_named(&key.fingerprint(), &key.legacy_key_id()))
            .map(Signer::Subkey)
    }

    /// Whether the certificate lets a key sign, at `now`.
    fn trusts(&self, signer: &Signer<'_>, now: u64) -> Result<(), String> {
        let validity = self.validity();
        if validity.revoked {
            return Err("is of a key that was revoked".to_owned());
        }
        if validity.expires.is_some_and(|end| end <= now) {
            return Err("is of a key that has expired".to_owned());
        }
        match signer {
            Signer::Primary(key) => {
                strong_enough(key.public_params())?;
                let own =
                    newest_own(&self.key).ok_or("is of a key without a signature of its own")?;
                if may_sign(own, true) { Ok(()) } else { Err(NOT_FOR_SIGNING.to_owned()) }
            }
            Signer::Subkey(key) => {
                strong_enough(key.public_params())?;
                self.trusts_subkey(key, now)
            }
        }
    }

    /// A subkey is bound by the primary key, and for signing it has to bind that in turn (RFC 9580, 5.2.1.9): else
    /// somebody else's key could be claimed.
    fn trusts_subkey(&self, key: &PublicSubkey, now: u64) -> Result<(), String> {
        let primary = &self.key.primary_key;
        let subkey = self.key.public_subkeys.iter().find(|subkey| subkey.key == *key);
        let signatures = subkey.map_or(&[][..], |subkey| subkey.signatures.as_slice());
        let own = |kind: SignatureType| {
            signatures.iter().filter(move |signature| {
                signature.typ() == Some(kind)
                    && signature.verify_subkey_binding(primary, key).is_ok()
            })
        };
        if own(SignatureType::SubkeyRevocation).next().is_some() {
            return Err("is of a key that was revoked".to_owned());
        }
        let binding = newest(own(SignatureType::SubkeyBinding));
        let binding = binding.ok_or("is of a key that the primary key does not bind")?;
        if !may_sign(binding, false) {
            return Err(NOT_FOR_SIGNING.to_owned());
        }
        let back = binding.embedded_signature();
        if back.is_none_or(|back| back.verify_primary_key_binding(key, primary).is_err()) {
            return Err("is of a key that does not bind its primary key in turn".to_owned());
        }
        let created = u64::from(key.created_at().as_secs());
        if expiry(created, binding).is_some_and(|end| end <= now) {
            return Err("is of a key that has expired".to_owned());
        }
        Ok(())
    }

    /// Whether a signature is of a kind, a strength and an age that are believed.
    fn accepts(signature: &Signature, now: u64) -> Result<(), String> {
        if !matches!(signature.typ(), Some(SignatureType::Binary | SignatureType::Text)) {
            return Err("is none on data".to_owned());
        }
        let hash = signature.hash_alg();
        let strong = [
            HashAlgorithm::Sha256,
            HashAlgorithm::Sha384,
            HashAlgorithm::Sha512,
            HashAlgorithm::Sha3_256,
            HashAlgorithm::Sha3_512,
        ];
        match hash {
            Some(hash) if strong.contains(&hash) => {}
            Some(hash) => return Err(format!("is over a digest that is too weak ({hash})")),
            None => return Err("is of a version that is not known".to_owned()),
        }
        let created = signature.created().map(|time| u64::from(time.as_secs()));
        let created = created.ok_or("does not say when it was made")?;
        if created > now.saturating_add(SKEW) {
            return Err("is from the future".to_owned());
        }
        let lifetime = signature.signature_expiration_time().map(|time| u64::from(time.as_secs()));
        if lifetime.is_some_and(|lifetime| lifetime > 0 && created + lifetime <= now) {
            return Err("has expired".to_owned());
        }
        Ok(())
    }
}

const NOT_FOR_SIGNING: &str = "is of a key that is not for signing";

/// Why a signature is not believed, and how near it was to that.
struct Reason(u8, String);

/// Of several signatures, why the one that was nearest to being believed is not.
fn worst(reasons: Vec<Reason>) -> String {
    let nearest = reasons.into_iter().max_by_key(|Reason(near, _)| *near);
    nearest.map_or_else(|| "is not there: the file has none".to_owned(), |Reason(_, why)| why)
}

fn strong_enough(parameters: &PublicParams) -> Result<(), String> {
    match parameters {
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

#[cfg(test)]
mod tests;
