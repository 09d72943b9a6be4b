//! What the keys of a certificate say of themselves and of each other, by signatures that verify and are
//! [sound](super::policy::sound).

use pgp::composed::{SignedPublicKey, SignedPublicSubKey};
use pgp::packet::{Signature, SignatureType};
use pgp::types::{KeyDetails, Tag, Timestamp};

use super::policy::sound;

pub(super) const NOT_FOR_SIGNING: &str = "is of a key that is not for signing";

/// The newest signature of the primary key about itself or one of its user ids, which says when it expires and what
/// it may do.
pub(super) fn newest_own(key: &SignedPublicKey) -> Option<&Signature> {
    let direct = key
        .details
        .direct_signatures
        .iter()
        .filter(|signature| signature.verify_key(&key.primary_key).is_ok());
    let of_users = key.details.users.iter().flat_map(|user| {
        user.signatures.iter().filter(|signature| {
            signature.typ() != Some(SignatureType::CertRevocation)
                && signature.verify_certification(&key.primary_key, Tag::UserId, &user.id).is_ok()
        })
    });
    newest(direct.chain(of_users), key)
}

/// Whether the primary key lets itself sign data.
///
/// # Errors
/// Why it does not, in a few words that continue "the signature …".
pub(super) fn primary_signs(own: &Signature) -> Result<(), &'static str> {
    // A key without flags may do what its algorithm can (RFC 9580, 5.2.3.29 asks for flags; old keys lack them).
    if may_sign(own, true) { Ok(()) } else { Err(NOT_FOR_SIGNING) }
}

/// The signature by which the primary key lets a subkey sign data, which says when that expires. For signing, a subkey has
/// to bind the primary key in turn (RFC 9580, 5.2.1.9): else somebody else's key could be claimed.
///
/// # Errors
/// Why there is none, in a few words that continue "the signature …".
pub(super) fn subkey_signs<'key>(
    key: &SignedPublicKey,
    subkey: &'key SignedPublicSubKey,
) -> Result<&'key Signature, &'static str> {
    if is_revoked(key, subkey) {
        return Err("is of a key that was revoked");
    }
    let binding = newest(of_subkey(key, subkey, SignatureType::SubkeyBinding), key)
        .ok_or("is of a key that the primary key does not bind by a strong signature")?;
    if !may_sign(binding, false) {
        return Err(NOT_FOR_SIGNING);
    }
    let binds = |back: &Signature| {
        sound(back, &subkey.key).is_ok()
            && back.verify_primary_key_binding(&subkey.key, &key.primary_key).is_ok()
    };
    if binding.embedded_signature().is_some_and(binds) {
        Ok(binding)
    } else {
        Err("is of a key that does not bind its primary key in turn by a strong signature")
    }
}

/// Whether the primary key revokes a subkey, by a signature of any strength.
pub(super) fn is_revoked(key: &SignedPublicKey, subkey: &SignedPublicSubKey) -> bool {
    of_subkey(key, subkey, SignatureType::SubkeyRevocation).next().is_some()
}

/// The signatures of a kind that the primary key has made on a subkey.
fn of_subkey<'key>(
    key: &SignedPublicKey,
    subkey: &'key SignedPublicSubKey,
    kind: SignatureType,
) -> impl Iterator<Item = &'key Signature> {
    subkey.signatures.iter().filter(move |signature| {
        signature.typ() == Some(kind)
            && signature.verify_subkey_binding(&key.primary_key, &subkey.key).is_ok()
    })
}

/// The newest of those signatures of a key that are sound.
fn newest<'key>(
    signatures: impl Iterator<Item = &'key Signature>,
    maker: &impl KeyDetails,
) -> Option<&'key Signature> {
    let sound = signatures.filter(|signature| sound(signature, maker).is_ok());
    sound.max_by_key(|signature| signature.created().map(Timestamp::as_secs))
}

/// RFC 9580, 5.2.3.13: a number of seconds after the key was made; 0 and none are never.
pub(super) fn expiry(key: &impl KeyDetails, signature: &Signature) -> Option<u64> {
    let lifetime = u64::from(signature.key_expiration_time()?.as_secs());
    (lifetime > 0).then_some(u64::from(key.created_at().as_secs()) + lifetime)
}

fn may_sign(signature: &Signature, without_flags: bool) -> bool {
    let flags = signature.key_flags();
    let has_flags = flags.certify()
        || flags.encrypt_comms()
        || flags.encrypt_storage()
        || flags.authentication();
    flags.sign() || (without_flags && !has_flags)
}
