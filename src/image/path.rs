//! The names of entries: from the bytes of a tar header to one normal form.
//!
//! Takes bytes, gives a relative path without `.` parts, or refuses it; it never looks at a disk.

use anyhow::{Result, bail, ensure};

/// Normalises the name of an entry or the target of a hard link: `./` and a leading or trailing `/`
/// go, empty parts go; the root is the empty string.
///
/// # Errors
/// When a part is `..`, or the name holds a NUL.
pub fn normalise(name: &[u8]) -> Result<String> {
    let name = text(name)?;
    let mut parts = Vec::new();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => bail!("the path `{name}` leads out of the image"),
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

/// A name as text. Linux allows any bytes: each byte that is not UTF-8 becomes U+FFFD and two hexadecimal
/// digits, and so do the bytes of a real U+FFFD, so that no two names become one.
pub fn text(name: &[u8]) -> Result<String> {
    ensure!(!name.contains(&0), "a name holds a NUL: `{}`", name.escape_ascii());
    let mut text = String::with_capacity(name.len());
    for chunk in name.utf8_chunks() {
        for character in chunk.valid().chars() {
            if character == char::REPLACEMENT_CHARACTER {
                push_escaped(&mut text, "\u{fffd}".as_bytes());
            } else {
                text.push(character);
            }
        }
        push_escaped(&mut text, chunk.invalid());
    }
    Ok(text)
}

fn push_escaped(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        text.push(char::REPLACEMENT_CHARACTER);
        text.extend(
            [byte >> 4, byte & 0xf]
                .map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)])),
        );
    }
}

/// The directory that a path lies in, and its last part; the root has none.
pub fn split(path: &str) -> Option<(&str, &str)> {
    if path.is_empty() { None } else { Some(path.rsplit_once('/').unwrap_or(("", path))) }
}

/// Whether `path` lies below `directory`, at any depth.
pub fn is_below(path: &str, directory: &str) -> bool {
    directory.is_empty() && !path.is_empty()
        || path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
}

/// A path and a name in it.
pub fn join(directory: &str, name: &str) -> String {
    if directory.is_empty() { name.to_owned() } else { format!("{directory}/{name}") }
}

#[cfg(test)]
mod tests {
    use super::{is_below, join, normalise, split};

    #[test]
    fn one_normal_form() {
        for name in ["./usr/bin/", "/usr/bin", "usr//bin", "usr/./bin"] {
            assert_eq!(normalise(name.as_bytes()).unwrap(), "usr/bin");
        }
        assert_eq!(normalise(b"./").unwrap(), "");
        assert_eq!(normalise(b"a/..b/...").unwrap(), "a/..b/...");
    }

    #[test]
    fn escapes_are_refused() {
        for name in ["../etc/passwd", "a/../../b", "/..", "a/.."] {
            assert!(normalise(name.as_bytes()).is_err(), "{name}");
        }
        assert!(normalise(b"a\0b").is_err());
    }

    #[test]
    fn bytes_that_are_not_text_stay_distinct() {
        let raw = normalise(b"a\xff").unwrap();
        assert_eq!(raw, "a\u{fffd}ff");
        assert_ne!(normalise("a\u{fffd}ff".as_bytes()).unwrap(), raw);
        assert_eq!(normalise("fő".as_bytes()).unwrap(), "fő");
    }

    #[test]
    fn relations() {
        assert!(
            is_below("a/b", "a")
                && is_below("a", "")
                && !is_below("ab", "a")
                && !is_below("a", "a")
        );
        assert_eq!(
            (split("a/b/c"), split("a"), split("")),
            (Some(("a/b", "c")), Some(("", "a")), None)
        );
        assert_eq!((join("", "a"), join("a", "b")), ("a".to_owned(), "a/b".to_owned()));
    }
}
