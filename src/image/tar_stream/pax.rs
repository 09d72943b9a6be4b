//! The records of a PAX extended header.
//!
//! Takes the bytes of the header, gives what they override in the next member. Keys that say nothing
//! about a layer (access times, comments) are left out.
//!
//! Source: POSIX.1-2017 pax, "pax Header Block"; extended attributes as `SCHILY.xattr.NAME` (star(5)), the
//! form that the engines write.

use anyhow::{Context as _, Result, bail, ensure};

/// What extensions say about the next member.
#[derive(Default)]
pub(super) struct Extensions {
    pub(super) name: Option<Vec<u8>>,
    pub(super) link_name: Option<Vec<u8>>,
    pub(super) size: Option<u64>,
    pub(super) uid: Option<u32>,
    pub(super) gid: Option<u32>,
    pub(super) mtime: Option<i64>,
    pub(super) xattrs: Vec<(String, Vec<u8>)>,
    any: bool,
}

impl Extensions {
    pub(super) fn is_empty(&self) -> bool {
        !self.any && self.name.is_none() && self.link_name.is_none()
    }
}

/// Reads all records of a header into `extensions`.
pub(super) fn parse(mut bytes: &[u8], extensions: &mut Extensions) -> Result<()> {
    extensions.any = true;
    while !bytes.is_empty() {
        let (key, value, rest) = record(bytes)?;
        bytes = rest;
        apply(key, value, extensions).with_context(|| format!("record `{key}`"))?;
    }
    Ok(())
}

/// One record, `LENGTH KEY=VALUE\n`, where the length counts the whole of it.
fn record(bytes: &[u8]) -> Result<(&str, &[u8], &[u8])> {
    let space = bytes.iter().take(20).position(|byte| *byte == b' ').context("no length")?;
    let length: usize = std::str::from_utf8(&bytes[..space])?.parse().context("length")?;
    ensure!(length > space + 1 && length <= bytes.len(), "a length of {length} does not fit");
    let (whole, rest) = bytes.split_at(length);
    let body = whole[space + 1..].strip_suffix(b"\n").context("a record does not end its line")?;
    let equals = body.iter().position(|byte| *byte == b'=').context("a record has no value")?;
    Ok((std::str::from_utf8(&body[..equals])?, &body[equals + 1..], rest))
}

fn apply(key: &str, value: &[u8], extensions: &mut Extensions) -> Result<()> {
    if let Some(name) = key.strip_prefix("SCHILY.xattr.") {
        ensure!(!name.is_empty(), "an extended attribute has no name");
        extensions.xattrs.push((name.to_owned(), value.to_vec()));
        return Ok(());
    }
    if key.starts_with("GNU.sparse.") {
        bail!("sparse files are not supported, as the OCI layer specification advises");
    }
    match key {
        "path" => extensions.name = text(value)?,
        "linkpath" => extensions.link_name = text(value)?,
        "size" => extensions.size = decimal(value)?,
        "uid" => extensions.uid = decimal(value)?,
        "gid" => extensions.gid = decimal(value)?,
        "mtime" => extensions.mtime = seconds(value)?,
        _ => {}
    }
    Ok(())
}

/// An empty value takes the field back to what the header says.
fn text(value: &[u8]) -> Result<Option<Vec<u8>>> {
    ensure!(!value.contains(&0), "the value holds a NUL");
    Ok(Some(value.to_vec()).filter(|value| !value.is_empty()))
}

fn decimal<T: std::str::FromStr>(value: &[u8]) -> Result<Option<T>> {
    let value = std::str::from_utf8(value)?;
    if value.is_empty() {
        return Ok(None);
    }
    ensure!(value.bytes().all(|byte| byte.is_ascii_digit()), "`{value}` is no number");
    match value.parse() {
        Ok(number) => Ok(Some(number)),
        Err(_) => bail!("{value} is absurd"),
    }
}

/// Whole seconds, rounded down, of a decimal fraction that may be negative.
fn seconds(value: &[u8]) -> Result<Option<i64>> {
    let value = std::str::from_utf8(value)?;
    if value.is_empty() {
        return Ok(None);
    }
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    ensure!(fraction.bytes().all(|byte| byte.is_ascii_digit()), "`{value}` is no time");
    let seconds: i64 = whole.parse().with_context(|| format!("`{value}` is no time"))?;
    let below = whole.starts_with('-') && fraction.bytes().any(|byte| byte != b'0');
    Ok(seconds.checked_sub(i64::from(below)))
}

#[cfg(test)]
mod tests {
    use super::{Extensions, parse, seconds};

    fn parsed(bytes: &[u8]) -> anyhow::Result<Extensions> {
        let mut extensions = Extensions::default();
        parse(bytes, &mut extensions).map(|()| extensions)
    }

    #[test]
    fn records() {
        let extensions =
            parsed(b"12 path=a=b\n31 SCHILY.xattr.user.k=\0\n\xffab12\n8 uid=7\n").unwrap();
        assert_eq!(extensions.name.unwrap(), b"a=b");
        assert_eq!(extensions.xattrs, [("user.k".to_owned(), b"\0\n\xffab12".to_vec())]);
        assert_eq!(extensions.uid, Some(7));
    }

    #[test]
    fn damaged_records() {
        for bytes in [
            b"99 path=a\n".as_slice(),
            b"3 path=a\n",
            b"10 path=ab",
            b"7 path\n",
            b"path=a\n",
            b"11 size=-1\n",
            b"30 size=99999999999999999999\n",
            b"10 path=\0\n",
            b"22 GNU.sparse.major=1\n",
            b"18446744073709551616 a=b\n",
        ] {
            assert!(parsed(bytes).is_err(), "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn times_round_down() {
        assert_eq!(seconds(b"1700000000.25").unwrap(), Some(1_700_000_000));
        assert_eq!(seconds(b"-1.5").unwrap(), Some(-2));
        assert_eq!(seconds(b"").unwrap(), None);
        assert!(seconds(b"1.x").is_err());
    }
}
