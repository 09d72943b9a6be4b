//! Which part of a file an answer has: `Content-Range` (RFC 9110, 14.4).

/// A part of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    first: u64,
    /// The last byte that belongs to it.
    last: u64,
    /// How many bytes the file has, where the server knows it.
    whole: Option<u64>,
}

impl Part {
    /// A part as a header names it; none where that is not valid, or names no bytes.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (unit, rest) = text.split_once(' ')?;
        let (range, whole) = rest.split_once('/')?;
        let (first, last) = range.split_once('-')?;
        let (first, last) = (number(first)?, number(last)?);
        let whole = if whole == "*" { None } else { Some(number(whole)?) };
        let is_valid = first <= last && whole.is_none_or(|whole| last < whole);
        (unit.eq_ignore_ascii_case("bytes") && is_valid).then_some(Self { first, last, whole })
    }

    /// How many bytes the file has, if the part is what follows on the bytes that are there, up to the end of the file.
    /// An earlier answer may have said how many it has, and has to be right.
    ///
    /// # Errors
    /// It is another part, or nothing says where the file ends.
    pub(super) fn completes(self, there: u64, said: Option<u64>) -> Result<u64, &'static str> {
        if self.first != there {
            return Err("it went on at another place than where it was");
        }
        let whole = match (self.whole, said) {
            (Some(whole), Some(said)) if whole != said => {
                return Err("it went on with a file of another size");
            }
            (whole, said) => {
                whole.or(said).ok_or("it went on without saying where the file ends")?
            }
        };
        if self.last.checked_add(1) == Some(whole) {
            Ok(whole)
        } else {
            Err("it went on with a part that does not end where the file does")
        }
    }
}

/// Digits alone: `parse` would take a sign, too.
fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_what_the_header_names() {
        let part = |first, last, whole| Some(Part { first, last, whole });
        for (text, read) in [
            ("bytes 0-0/1", part(0, 0, Some(1))),
            ("bytes 42-1233/1234", part(42, 1233, Some(1234))),
            ("Bytes 42-1233/*", part(42, 1233, None)),
            ("bytes */1234", None),
            ("bytes 5-4/10", None),
            ("bytes 0-10/10", None),
            ("bytes +0-9/10", None),
            ("bytes 0-9", None),
            ("bytes -9/10", None),
            ("bytes=0-9/10", None),
            ("lines 0-9/10", None),
            ("bytes 0-99999999999999999999/*", None),
            ("", None),
        ] {
            assert_eq!(Part::parse(text), read, "{text}");
        }
    }

    #[test]
    fn a_part_completes_only_the_file_that_it_is_of() {
        for (text, said, whole) in [
            ("bytes 300-499/500", None, Some(500)),
            ("bytes 300-499/500", Some(500), Some(500)),
            ("bytes 300-499/*", Some(500), Some(500)),
            ("bytes 300-499/*", None, None),
            ("bytes 300-499/500", Some(600), None),
            ("bytes 300-399/500", None, None),
            ("bytes 300-399/*", Some(500), None),
            ("bytes 299-499/500", None, None),
            ("bytes 0-499/500", None, None),
            ("bytes 300-18446744073709551615/*", Some(500), None),
        ] {
            let completed = Part::parse(text).unwrap().completes(300, said);
            assert_eq!(completed.ok(), whole, "{text} {said:?}");
        }
    }
}
