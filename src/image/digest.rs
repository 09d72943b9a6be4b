//! SHA-256 digests, and a reader that computes one while others read.
//!
//! Takes bytes, gives digests; it never decides what a mismatch means.

use std::fmt;
use std::io::{self, Read};
use std::str::FromStr;

use anyhow::{Result, bail, ensure};
use serde::{Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest; prints as `sha256:` and 64 hexadecimal digits (OCI image-spec, descriptor.md, "Digests").
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of bytes in memory.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The 64 hexadecimal digits alone.
    pub fn hexadecimal(&self) -> String {
        let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value)]);
        self.0.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
    }

    /// Reads 64 lower-case hexadecimal digits; anything else is none.
    pub fn from_hexadecimal(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
        }
        Some(Self(bytes))
    }

    /// Fails unless both are the same; `what` names the thing in the message.
    pub fn verify(self, expected: Self, what: &str) -> Result<()> {
        ensure!(self == expected, "{what} has the digest {self}, expected {expected}");
        Ok(())
    }
}

/// The digest of what a hasher was given.
impl From<Sha256> for Digest {
    fn from(hasher: Sha256) -> Self {
        Self(hasher.finalize().into())
    }
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

impl FromStr for Digest {
    type Err = anyhow::Error;

    /// Reads `sha256:` and the digits; other algorithms are refused, for nothing would verify them.
    fn from_str(text: &str) -> Result<Self> {
        match text.strip_prefix("sha256:").and_then(Self::from_hexadecimal) {
            Some(digest) => Ok(digest),
            None => bail!("`{text}` is not a sha256 digest"),
        }
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "sha256:{}", self.hexadecimal())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Hashes and counts what is read through it, and stops at a limit.
pub struct HashingReader<R> {
    inner: R,
    hasher: Sha256,
    count: u64,
    limit: u64,
}

impl<R: Read> HashingReader<R> {
    /// Reads at most `limit` bytes of `inner`; one more is an error.
    pub fn new(inner: R, limit: u64) -> Self {
        Self { inner, hasher: Sha256::new(), count: 0, limit }
    }

    /// Reads what is left, then gives the digest and the number of all bytes.
    pub fn finish(mut self) -> io::Result<(Digest, u64)> {
        io::copy(&mut self, &mut io::sink())?;
        Ok((Digest(self.hasher.finalize().into()), self.count))
    }
}

impl<R: Read> Read for HashingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.count = self.count.saturating_add(length as u64);
        if self.count > self.limit {
            return Err(io::Error::other(format!("expands to more than {} bytes", self.limit)));
        }
        self.hasher.update(&buffer[..length]);
        Ok(length)
    }
}
