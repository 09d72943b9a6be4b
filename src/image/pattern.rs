//! Patterns over paths, for the lists of shared databases and of files that no layer should have.
//!
//! Takes a pattern and a path, gives yes or no. `*` stands for any run of characters in one part, and
//! `**` as the last part for one part or more; nothing else is special.

/// Whether the whole of `path` fits `pattern`.
pub fn matches(pattern: &str, path: &str) -> bool {
    let mut parts = path.split('/');
    let mut wanted = pattern.split('/').peekable();
    while let Some(want) = wanted.next() {
        let Some(part) = parts.next() else { return false };
        if want == "**" && wanted.peek().is_none() {
            return !part.is_empty();
        }
        if !part_matches(want, part) {
            return false;
        }
    }
    parts.next().is_none()
}

fn part_matches(want: &str, part: &str) -> bool {
    let Some((head, rest)) = want.split_once('*') else { return want == part };
    let Some(mut left) = part.strip_prefix(head) else { return false };
    let mut pieces = rest.split('*').peekable();
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return left.ends_with(piece);
        }
        match left.find(piece) {
            Some(at) => left = &left[at + piece.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars() {
        for (pattern, path) in [
            ("a/b", "a/b"),
            ("usr/share/icons/*/icon-theme.cache", "usr/share/icons/hicolor/icon-theme.cache"),
            ("tmp/**", "tmp/a"),
            ("tmp/**", "tmp/a/b/c"),
            ("etc/ssh/ssh_host_*_key*", "etc/ssh/ssh_host_rsa_key.pub"),
            ("*-old", "status-old"),
            ("a*", "a"),
        ] {
            assert!(matches(pattern, path), "{pattern} {path}");
        }
        for (pattern, path) in [
            ("a/b", "a/b/c"),
            ("a/b", "a"),
            ("tmp/**", "tmp"),
            ("usr/share/icons/*/icon-theme.cache", "usr/share/icons/a/b/icon-theme.cache"),
            ("aba*aba", "aba"),
            ("etc/ssh/ssh_host_*_key*", "etc/ssh/ssh_config"),
        ] {
            assert!(!matches(pattern, path), "{pattern} {path}");
        }
    }
}
