//! Keys that end, and what their publishers have in their place.
//!
//! A pinned fingerprint is the one thing that says whose signatures are believed, so a file with another key never
//! replaces one by itself. The same key with a later end is a newer file of what is pinned already.

use crate::verify::openpgp::Certificate;

/// What a key that was fetched is to the one that is pinned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Succession {
    /// The same key, which ends later: when, in seconds since 1970, or never.
    Later(Option<u64>),
    /// The same key, which ends no later.
    NoLater,
    /// The same key, which its owner has revoked.
    Revoked,
    /// An older state of the same key: without a revocation that the pinned file has, or what the key last said of itself.
    Older,
    /// Another key, by its fingerprint.
    Another(String),
}

/// Compares what a publisher has with what a spec pins.
pub fn succession(pinned: &Certificate, published: &Certificate) -> Succession {
    if pinned.fingerprint != published.fingerprint {
        return Succession::Another(published.fingerprint.clone());
    }
    let (old, new) = (pinned.validity(), published.validity());
    if old.revoked || new.revoked {
        return Succession::Revoked;
    }
    if !pinned.is_known_to(published) {
        return Succession::Older;
    }
    let never = u64::MAX;
    if new.ends().unwrap_or(never) > old.ends().unwrap_or(never) {
        Succession::Later(new.ends())
    } else {
        Succession::NoLater
    }
}
