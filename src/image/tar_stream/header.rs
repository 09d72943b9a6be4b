//! The 512 bytes before each member of a tar archive.
//!
//! Takes a block, gives its fields as numbers and bytes; it applies no extension.
//!
//! Offsets: POSIX.1-2017 pax, "ustar Interchange Format". Base-256 numbers: GNU tar manual, "Basic Tar Format".

use std::ops::Range;

use anyhow::{Context as _, Result, bail, ensure};

/// Bytes of a block.
pub const BLOCK: usize = 512;

const MODE: Range<usize> = 100..108;
const UID: Range<usize> = 108..116;
const GID: Range<usize> = 116..124;
const SIZE: Range<usize> = 124..136;
const MTIME: Range<usize> = 136..148;
const CHECKSUM: Range<usize> = 148..156;
const KIND: usize = 156;
const LINK_NAME: Range<usize> = 157..257;
const MAJOR: Range<usize> = 329..337;
const MINOR: Range<usize> = 337..345;

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberKind {
    /// A regular file.
    File,
    /// A further name of an earlier member.
    HardLink,
    /// A symbolic link.
    Symlink,
    /// A character device.
    CharacterDevice,
    /// A block device.
    BlockDevice,
    /// A directory.
    Directory,
    /// A named pipe.
    Fifo,
}

impl MemberKind {
    pub(super) fn is_device(self) -> bool {
        matches!(self, Self::CharacterDevice | Self::BlockDevice)
    }
}

/// A header whose checksum is right.
pub(super) struct Header([u8; BLOCK]);

impl Header {
    /// Checks the sum, which old writers computed over signed bytes.
    pub(super) fn new(block: &[u8; BLOCK]) -> Result<Self> {
        let (mut unsigned, mut signed) = (0_i64, 0_i64);
        for (index, byte) in block.iter().enumerate() {
            let byte = if CHECKSUM.contains(&index) { b' ' } else { *byte };
            unsigned += i64::from(byte);
            signed += i64::from(byte.cast_signed());
        }
        let stated = number(&block[CHECKSUM]).context("checksum of a tar header")?;
        ensure!(stated == unsigned || stated == signed, "a tar header has the wrong checksum");
        Ok(Self(*block))
    }

    pub(super) fn kind_byte(&self) -> u8 {
        self.0[KIND]
    }

    /// The name, with the prefix field of the formats that have one there.
    pub(super) fn name(&self) -> Vec<u8> {
        let name = string(&self.0[..100]);
        let prefix = match &self.0[257..265] {
            b"ustar\x0000" if &self.0[508..512] == b"tar\0" => string(&self.0[345..476]),
            b"ustar\x0000" => string(&self.0[345..500]),
            _ => b"",
        };
        if prefix.is_empty() { name.to_vec() } else { [prefix, name].join(&b'/') }
    }

    pub(super) fn link_name(&self) -> Vec<u8> {
        string(&self.0[LINK_NAME]).to_vec()
    }

    /// The kind; in archives older than POSIX a directory is a file whose name ends in `/`.
    pub(super) fn kind(&self, name: &[u8]) -> Result<MemberKind> {
        Ok(match self.kind_byte() {
            0 if name.ends_with(b"/") => MemberKind::Directory,
            b'0' | b'7' | 0 => MemberKind::File,
            b'1' => MemberKind::HardLink,
            b'2' => MemberKind::Symlink,
            b'3' => MemberKind::CharacterDevice,
            b'4' => MemberKind::BlockDevice,
            b'5' => MemberKind::Directory,
            b'6' => MemberKind::Fifo,
            b'S' => bail!("sparse files are not supported, as the OCI layer specification advises"),
            other => bail!("unknown member type `{}`", other.escape_ascii()),
        })
    }

    pub(super) fn size(&self) -> Result<u64> {
        u64::try_from(number(&self.0[SIZE]).context("size")?).context("negative size")
    }

    pub(super) fn mode(&self) -> Result<u32> {
        self.word(MODE).context("mode")
    }

    pub(super) fn uid(&self) -> Result<u32> {
        self.word(UID).context("uid")
    }

    pub(super) fn gid(&self) -> Result<u32> {
        self.word(GID).context("gid")
    }

    pub(super) fn mtime(&self) -> Result<i64> {
        number(&self.0[MTIME]).context("mtime")
    }

    pub(super) fn device(&self) -> Result<(u32, u32)> {
        Ok((self.word(MAJOR).context("device")?, self.word(MINOR).context("device")?))
    }

    fn word(&self, field: Range<usize>) -> Result<u32> {
        Ok(u32::try_from(number(&self.0[field])?)?)
    }
}

fn string(field: &[u8]) -> &[u8] {
    field.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// Octal digits between blanks, or base 256 when the first bit is set.
fn number(field: &[u8]) -> Result<i64> {
    if let Some((first, rest)) = field.split_first().filter(|(first, _)| **first & 0x80 != 0) {
        // Bit 0x40 is the sign of a two's complement number.
        let start = if first & 0x40 == 0 {
            i64::from(first & 0x3f)
        } else {
            i64::from(first & 0x3f) - 0x40
        };
        let value = rest.iter().try_fold(start, |value, byte| {
            value.checked_mul(256).and_then(|value| value.checked_add(i64::from(*byte)))
        });
        return value.context("a base-256 number is out of range");
    }
    let digits = field.trim_ascii_start();
    let end = digits.iter().position(|byte| matches!(byte, 0 | b' ')).unwrap_or(digits.len());
    let (digits, tail) = digits.split_at(end);
    ensure!(
        tail.iter().all(|byte| matches!(byte, 0 | b' ')),
        "`{}` is no number",
        field.escape_ascii()
    );
    digits.iter().try_fold(0_i64, |value, digit| match digit {
        b'0'..=b'7' => Ok(value * 8 + i64::from(digit - b'0')),
        _ => bail!("`{}` is no octal number", field.escape_ascii()),
    })
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers() {
        assert_eq!(number(b"0000644\0").unwrap(), 0o644);
        assert_eq!(number(b"   644 \0").unwrap(), 0o644);
        assert_eq!(number(b"\0\0\0\0\0\0\0\0").unwrap(), 0);
        assert_eq!(number(b"777777777777").unwrap(), 0o777_777_777_777);
        assert_eq!(number(b"\x80\0\0\0\0\0\0\0\0\x01\0\0").unwrap(), 65_536);
        assert_eq!(number(b"\xff\xff\xff\xff\xff\xff\xff\xff").unwrap(), -1);
    }

    #[test]
    fn absurd_numbers() {
        for field in [
            b"\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff".as_slice(),
            b"12z4567\0",
            b"12 34\0\0\0",
            b"-1\0",
        ] {
            assert!(number(field).is_err(), "{}", field.escape_ascii());
        }
    }
}
