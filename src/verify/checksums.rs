//! Files of SHA-256 sums as upstreams publish them.
//!
//! The forms: GNU (`SUM  NAME`, `SUM *NAME`, with a `\` before a line in which the name is escaped), BSD
//! (`SHA256 (NAME) = SUM`), and a lone sum for a file that the address names. Lines may end in CRLF, the text may be
//! UTF-16 with a byte order mark, as PowerShell writes it. Names are exact: a sum of `tool.tar.gz.sig` is none of `tool.tar.gz`.

use std::collections::BTreeSet;
use std::fmt;

use crate::model::names::Sha256;

/// How long a line may be, in bytes: a sum and a name.
const LONGEST_LINE: usize = 8192;

/// Why a file of sums gives none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is no list of SHA-256 sums, in a few words that continue "it …"; so it says nothing.
    NoList(&'static str),
    /// It says so many different things of one name, so at least one is a lie.
    Contradicts {
        /// The name.
        name: String,
        /// How many.
        sums: usize,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoList(why) => f.write_str(why),
            Self::Contradicts { name, sums } => write!(f, "has {sums} different sums for {name:?}"),
        }
    }
}

/// The sum that a file of sums gives for a name; none where it has no line for that name. A lone sum counts only where
/// the list `is_own`, of that file alone.
///
/// # Errors
/// It is no list of sums, or says two things of one name.
pub fn find(bytes: &[u8], name: &str, is_own: bool) -> Result<Option<Sha256>, Fault> {
    let text = decode(bytes).map_err(Fault::NoList)?;
    let lines = || text.lines().map(str::trim_end).filter(|line| !line.trim().is_empty());
    if lines().any(|line| line.len() > LONGEST_LINE) {
        return Err(Fault::NoList("is no list of sums: it has a line of more than 8 KiB"));
    }
    let mut own = lines().filter(|line| !line.starts_with('#'));
    if is_own
        && let (Some(only), None) = (own.next(), own.next())
        && let Some(sum) = sum(only.trim())
    {
        return Ok(Some(sum));
    }
    let entries: Vec<(String, Sha256)> =
        lines().filter_map(|line| gnu(line).or_else(|| bsd(line))).collect();
    if entries.is_empty() {
        return Err(Fault::NoList("has no SHA-256 sum"));
    }
    let sums: BTreeSet<&str> = entries
        .iter()
        .filter(|(entry, _)| is_name(entry, name))
        .map(|(_, sum)| sum.as_str())
        .collect();
    if sums.len() > 1 {
        return Err(Fault::Contradicts { name: name.to_owned(), sums: sums.len() });
    }
    let found = entries.iter().find(|(entry, _)| is_name(entry, name));
    Ok(found.map(|(_, sum)| sum.clone()))
}

/// Lists are often made in the folder of the release: `./NAME` is `NAME`, and a folder before it is where it was built.
fn is_name(entry: &str, name: &str) -> bool {
    entry.rsplit(['/', '\\']).next() == Some(name)
}

fn decode(bytes: &[u8]) -> Result<String, &'static str> {
    let utf16 = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> =
            rest.chunks(2).map(|pair| unit([pair[0], pair.get(1).copied().unwrap_or(0)])).collect();
        String::from_utf16(&units).map_err(|_| "is no text in UTF-16, as which it begins")
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] | rest => {
            String::from_utf8(rest.to_vec()).map_err(|_| "is neither UTF-8 nor UTF-16")
        }
    }
}

fn sum(text: &str) -> Option<Sha256> {
    Sha256::parse(&text.to_ascii_lowercase()).ok()
}

/// `SUM  NAME`: two characters between them, of which the second says how the file was read.
fn gnu(line: &str) -> Option<(String, Sha256)> {
    let (escaped, line) = line.strip_prefix('\\').map_or((false, line), |line| (true, line));
    let (digits, rest) = line.split_at_checked(64)?;
    let sum = sum(digits)?;
    let name = rest.strip_prefix(' ')?;
    let name = name.strip_prefix([' ', '*']).unwrap_or(name).trim_start();
    let name =
        if escaped { name.replace("\\n", "\n").replace("\\\\", "\\") } else { name.to_owned() };
    (!name.is_empty()).then_some((name, sum))
}

/// `SHA256 (NAME) = SUM`.
fn bsd(line: &str) -> Option<(String, Sha256)> {
    let rest = line.strip_prefix("SHA256")?.trim_start().strip_prefix('(')?;
    let (name, digits) = rest.rsplit_once(')')?;
    let sum = sum(digits.trim_start().strip_prefix('=')?.trim())?;
    Some((name.to_owned(), sum))
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    fn found(text: &[u8]) -> Option<String> {
        find(text, "tool.tar.gz", true).unwrap().map(|sum| sum.as_str().to_owned())
    }

    #[test]
    fn every_form_is_read() {
        let upper = A.to_uppercase();
        for text in [
            format!("{A}  tool.tar.gz\n{B}  tool.tar.gz.sig\n"),
            format!("{B} *other\n{A} *tool.tar.gz\n"),
            format!("{B}  x\r\n{upper}  ./tool.tar.gz\r\n"),
            format!("SHA256 (tool.tar.gz) = {A}\nSHA256 (x) = {B}\n"),
            format!("# sums\n{A}\n"),
            A.to_owned(),
            format!("\u{feff}{A}  dist/tool.tar.gz\n{B}  x\n"),
            format!(
                "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{A}  tool.tar.gz\n-----BEGIN PGP SIGNATURE-----\n"
            ),
        ] {
            assert_eq!(found(text.as_bytes()).as_deref(), Some(A), "{text:?}");
        }
        let text = format!("{A}  tool.tar.gz\r\n");
        let little: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        let big: Vec<u8> = [0xfe, 0xff]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_be_bytes))
            .collect();
        assert_eq!(found(&little).as_deref(), Some(A));
        assert_eq!(found(&big).as_deref(), Some(A));
    }

    #[test]
    fn names_are_exact() {
        assert_eq!(found(format!("{A}  tool.tar.gz.sig\n{B}  mytool.tar.gz\n").as_bytes()), None);
        let twice = format!("{A}  tool.tar.gz\n{B}  tool.tar.gz\n");
        assert_eq!(
            find(twice.as_bytes(), "tool.tar.gz", true),
            Err(Fault::Contradicts { name: "tool.tar.gz".to_owned(), sums: 2 })
        );
        let lone = find(A.as_bytes(), "tool.tar.gz", false);
        assert_eq!(lone, Err(Fault::NoList("has no SHA-256 sum")));
    }

    #[test]
    fn what_is_no_list_of_sums_is_refused() {
        for bad in [
            &b"<html>not found</html>"[..],
            b"",
            b"\xff\xfe\x00\xd8\x00\xd8",
            b"\xc3\x28",
            &[b'a'; 9000],
        ] {
            let found = find(bad, "tool.tar.gz", true);
            assert!(matches!(found, Err(Fault::NoList(_))), "{bad:?}");
        }
    }
}
