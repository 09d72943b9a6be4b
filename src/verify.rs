//! What proves that bytes are those that a spec means.
//!
//! Takes bytes, gives facts about them. It never fetches anything, and never asks what time it is.

pub mod apt;
pub mod checksums;
pub mod expiry;
pub mod openpgp;
