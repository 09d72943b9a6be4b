//! What speaks for the bytes of a new version, from the strongest to none.

use std::fmt;

use crate::model::upstream::Proof;

/// How well a file is proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// Nothing but that it was served.
    None,
    /// A list of sums that lies beside the file says the same.
    Checksum,
    /// The interface of the source says the same.
    Api,
    /// A list of sums that a pinned key signed says the same.
    SignedChecksum,
    /// A pinned key signed the file.
    Signature,
}

impl Evidence {
    /// Whether it is as much as a spec asks for.
    pub fn reaches(self, floor: Proof) -> bool {
        let least = match floor {
            Proof::None => Self::None,
            Proof::Checksum => Self::Checksum,
            Proof::Api => Self::Api,
            Proof::Signature => Self::SignedChecksum,
        };
        self >= least
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::None => "none",
            Self::Checksum => "checksum",
            Self::Api => "api",
            Self::SignedChecksum => "signed checksum",
            Self::Signature => "signature",
        })
    }
}

/// The names under which upstreams publish the sum of a file, or of all files of a release; `{}` is the file's name.
const LISTS: &[&str] = &[
    "{}.sha256",
    "{}.sha256sum",
    "{}.sha256.txt",
    "SHA256SUMS",
    "SHA256SUMS.txt",
    "SHASUMS256.txt",
    "sha256sums.txt",
    "sha256sum.txt",
    "checksums.txt",
    "checksums.sha256",
];

/// The names that a list with the sum of a file can have.
pub fn lists_for(file: &str) -> impl Iterator<Item = String> {
    LISTS.iter().map(move |name| name.replace("{}", file))
}

/// Whether a file of a release is a list of sums by its name alone, as `tool_1.2_checksums.txt`.
pub fn is_list(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let is_list = [
        "checksums.txt",
        "sha256sums",
        "sha256sums.txt",
        "shasums256.txt",
        "sha256sum.txt",
        "checksums.sha256",
    ];
    is_list.iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_floor_is_reached_by_itself_and_by_what_is_stronger() {
        assert!(Evidence::Api.reaches(Proof::Checksum) && Evidence::Api.reaches(Proof::Api));
        assert!(!Evidence::Checksum.reaches(Proof::Api));
        assert!(Evidence::SignedChecksum.reaches(Proof::Signature));
        assert!(!Evidence::Api.reaches(Proof::Signature));
        assert!(Evidence::None.reaches(Proof::None));
    }
}
