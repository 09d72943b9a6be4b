//! Where upstreams publish what speaks for the bytes of a new version.

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
