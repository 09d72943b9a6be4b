//! Signatures on data: believed where a key of the certificate made them that may sign and is neither revoked nor expired
//! at the time that the caller brings, and where both are as strong as the [policy](super::policy) asks.

use std::io::Read;

use pgp::composed::{
    CleartextSignedMessage, Deserializable, DetachedSignature, SignedPublicSubKey,
};
use pgp::packet::{PublicKey, Signature, SignatureType};
use pgp::types::KeyDetails;

use super::Certificate;
use super::bindings::{expiry, newest_own, primary_signs, subkey_signs};
use super::policy::{sound, strong_enough};

/// How far clocks may be apart, in seconds: a signature from later than that was not made yet.
const SKEW: u64 = 86_400;

/// A key of a certificate that could sign.
enum Signer<'key> {
    Primary(&'key PublicKey),
    Subkey(&'key SignedPublicSubKey),
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
        Self::accepts(signature, &signer, now).map_err(|why| Reason(1, why))?;
        let verified = match &signer {
            Signer::Primary(key) => signature.verify(*key, data),
            Signer::Subkey(subkey) => signature.verify(&subkey.key, data),
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
        let is_it = |subkey: &&SignedPublicSubKey| {
            is_named(&subkey.key.fingerprint(), &subkey.key.legacy_key_id())
        };
        self.key.public_subkeys.iter().find(is_it).map(Signer::Subkey)
    }

    /// Whether the certificate lets a key sign, at `now`.
    fn trusts(&self, signer: &Signer<'_>, now: u64) -> Result<(), String> {
        let validity = self.validity();
        if validity.revoked {
            return Err("is of a key that was revoked".to_owned());
        }
        // What it says of itself says what its subkeys are for, too.
        strong_enough(&self.key.primary_key)?;
        let own = newest_own(&self.key)
            .ok_or("is of a key without a strong signature of its own about itself")?;
        let expires = match signer {
            Signer::Primary(_) => {
                primary_signs(own)?;
                None
            }
            Signer::Subkey(subkey) => {
                strong_enough(&subkey.key)?;
                expiry(&subkey.key, subkey_signs(&self.key, subkey)?)
            }
        };
        if [validity.expires, expires].into_iter().flatten().any(|end| end <= now) {
            return Err("is of a key that has expired".to_owned());
        }
        Ok(())
    }

    /// Whether a signature is of a kind, a strength and an age that are believed.
    fn accepts(signature: &Signature, signer: &Signer<'_>, now: u64) -> Result<(), String> {
        if !matches!(signature.typ(), Some(SignatureType::Binary | SignatureType::Text)) {
            return Err("is none on data".to_owned());
        }
        let created = match signer {
            Signer::Primary(key) => sound(signature, *key)?,
            Signer::Subkey(subkey) => sound(signature, &subkey.key)?,
        };
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

/// Why a signature is not believed, and how near it was to that.
struct Reason(u8, String);

/// Of several signatures, why the one that was nearest to being believed is not.
fn worst(reasons: Vec<Reason>) -> String {
    let nearest = reasons.into_iter().max_by_key(|Reason(near, _)| *near);
    nearest.map_or_else(|| "is not there: the file has none".to_owned(), |Reason(_, why)| why)
}

#[cfg(test)]
mod tests;
