//! The digest that ends a RUN line: over everything that the RUN reads.
//!
//! buildah's cache does not look at the content behind a bind mount and would reuse a stale layer;
//! with the digest in the line, the text of the Dockerfile decides, on every engine.

use sha2::{Digest, Sha256};

use super::FileTree;

/// How many hexadecimal digits of the SHA-256 are printed: enough that two contents never meet.
const DIGITS: usize = 16;

/// The digest of the files at or below some paths of a build context: their paths and bytes. Their modes
/// and times are no part of it, since scripts depend on neither.
pub fn inputs<'path>(tree: &FileTree, paths: impl Iterator<Item = &'path str>) -> String {
    let mut hasher = Sha256::new();
    for path in paths {
        for (path, file) in tree.under(path) {
            for part in [path.as_bytes(), &*file.bytes] {
                hasher.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
                hasher.update(part);
            }
        }
    }
    hex(&hasher.finalize())[..DIGITS].to_owned()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        for nibble in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(nibble.into(), 16));
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::super::File;
    use super::*;

    fn tree(files: &[(&str, &str)]) -> FileTree {
        let mut tree = FileTree::default();
        for (path, text) in files {
            let file = File { bytes: text.as_bytes().to_vec().into(), executable: false };
            tree.insert((*path).to_owned(), file);
        }
        tree
    }

    #[test]
    fn it_covers_names_and_bytes_of_what_is_read_and_nothing_else() {
        let base = tree(&[("a/x", "1"), ("a/y", "2"), ("b", "3")]);
        let digest = |tree: &FileTree| inputs(tree, ["a"].into_iter());
        assert_eq!(digest(&base), digest(&tree(&[("a/x", "1"), ("a/y", "2"), ("b", "changed")])));
        assert_ne!(digest(&base), digest(&tree(&[("a/x", "1"), ("a/y", "3")])));
        assert_ne!(digest(&base), digest(&tree(&[("a/x", "1"), ("a/z", "2")])));
        assert_ne!(digest(&base), digest(&tree(&[("a/x", "12"), ("a/y", "")])));
    }

    #[test]
    fn it_is_sha_256_as_others_compute_it() {
        assert_eq!(hex(&Sha256::digest(b""))[..8], *"e3b0c442");
    }
}
