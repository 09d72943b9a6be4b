//! What an apt repository says of itself (Debian wiki, "DebianRepository/Format"): a Release file, which is signed and lists
//! the sums of the indexes, and indexes of packages, which list those of the packages.
//!
//! Takes texts whose signature or sum somebody has verified, gives facts. It is what ties the one to the other: a sum in
//! an index is as good as the signature on the Release file that lists that index.

pub mod packages;
pub mod release;
mod stanza;
