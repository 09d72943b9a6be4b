//! Reads tar streams: one member after the other, forwards only.
//!
//! Takes a reader, gives each member's header with what PAX and GNU extensions say about it, and its
//! content as a stream. It never trusts a length: an extension is at most a mebibyte, every number is
//! checked, and a content that ends early is an error. It knows nothing of layers.
//!
//! Sources: POSIX.1-2017 pax, "ustar Interchange Format" and "pax Header Block"; GNU tar manual, "Basic
//! Tar Format" (long names, base-256 numbers). Where they leave a choice, it does as Go's `archive/tar`,
//! which all the engines use.

use std::io::{self, BufRead, Read, Seek};

use anyhow::{Context as _, Result, bail, ensure};

mod header;
mod pax;

use header::Header;
pub use header::{BLOCK, MemberKind};
use pax::Extensions;

/// The longest extension that is read; Go's `archive/tar` has the same limit.
const MAXIMUM_EXTENSION: u64 = 1 << 20;
/// Extensions before one member; writers use one PAX header, or two long names.
const MAXIMUM_EXTENSIONS: usize = 8;

/// A member of a tar archive, all extensions applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// As written.
    pub name: Vec<u8>,
    /// What it is.
    pub kind: MemberKind,
    /// Bytes of content; 0 for everything but regular files.
    pub size: u64,
    /// All bits that the header has.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Seconds since 1970.
    pub mtime: i64,
    /// Major and minor number of a device.
    pub device: (u32, u32),
    /// Target of a link, as written.
    pub link_name: Vec<u8>,
    /// Extended attributes by full name.
    pub xattrs: Vec<(String, Vec<u8>)>,
}

/// Whether a stream that starts so can be a tar archive: with a header whose checksum is right, or an empty block.
pub fn begins(start: &[u8]) -> bool {
    start.first_chunk().is_some_and(|block: &[u8; BLOCK]| {
        block.iter().all(|byte| *byte == 0) || Header::new(block).is_ok()
    })
}

/// A reader that can leave bytes out.
pub trait Skip: Read {
    /// Passes over `length` bytes.
    fn skip(&mut self, length: u64) -> io::Result<()>;
}

/// Leaves bytes out by reading them.
pub struct Forward<R>(pub R);

impl<R: Read> Read for Forward<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl<R: Read> Skip for Forward<R> {
    fn skip(&mut self, length: u64) -> io::Result<()> {
        if io::copy(&mut (&mut self.0).take(length), &mut io::sink())? < length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }
}

/// Leaves bytes out by seeking, and knows where it is.
pub struct Seeking<R> {
    inner: R,
    position: u64,
    length: u64,
}

impl<R: BufRead + Seek> Seeking<R> {
    /// `inner` stands at its start and has `length` bytes.
    pub fn new(inner: R, length: u64) -> Self {
        Self { inner, position: 0, length }
    }
}

impl<R: Read> Read for Seeking<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.position += length as u64;
        Ok(length)
    }
}

impl<R: Read + Seek> Skip for Seeking<R> {
    fn skip(&mut self, length: u64) -> io::Result<()> {
        if length > self.length.saturating_sub(self.position) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let offset = i64::try_from(length).map_err(io::Error::other)?;
        self.inner.seek_relative(offset)?;
        self.position += length;
        Ok(())
    }
}

/// Walks over the members of a tar stream. Reading it gives the content of the current member.
pub struct TarStream<R> {
    source: R,
    /// Bytes of the current member that nobody has read.
    remaining: u64,
    /// Bytes after it up to the next block.
    padding: u64,
}

impl<R: Skip> TarStream<R> {
    /// `source` stands at the first header.
    pub fn new(source: R) -> Self {
        Self { source, remaining: 0, padding: 0 }
    }

    /// The next member, or none at the end of the archive: two empty blocks or, as some writers leave
    /// it, the bare end of the stream. What was not read of the member before is skipped.
    ///
    /// # Errors
    /// When a header is damaged, cut off, or asks for something absurd or unknown.
    pub fn next_member(&mut self) -> Result<Option<Member>> {
        let mut extensions = Extensions::default();
        for _ in 0..=MAXIMUM_EXTENSIONS {
            let Some(header) = self.next_header()? else {
                ensure!(extensions.is_empty(), "the archive ends after an extension header");
                return Ok(None);
            };
            match header.kind_byte() {
                b'x' => {
                    let records = self.extension(&header)?;
                    pax::parse(&records, &mut extensions).context("PAX header")?;
                }
                b'g' => drop(self.extension(&header)?),
                b'L' => extensions.name = Some(trim_nul(self.extension(&header)?)),
                b'K' => extensions.link_name = Some(trim_nul(self.extension(&header)?)),
                _ => return self.member(&header, extensions).map(Some),
            }
        }
        bail!("over {MAXIMUM_EXTENSIONS} extension headers before one member are absurd");
    }

    fn member(&mut self, header: &Header, extensions: Extensions) -> Result<Member> {
        let name = extensions.name.unwrap_or_else(|| header.name());
        let describe = || format!("member `{}`", name.escape_ascii());
        let kind = header.kind(&name).with_context(describe)?;
        let stated = match extensions.size {
            Some(size) => size,
            None => header.size().with_context(describe)?,
        };
        let size = if kind == MemberKind::File { stated } else { 0 };
        self.expect(size).with_context(describe)?;
        Ok(Member {
            kind,
            size,
            mode: header.mode().with_context(describe)?,
            uid: extensions.uid.map_or_else(|| header.uid(), Ok).with_context(describe)?,
            gid: extensions.gid.map_or_else(|| header.gid(), Ok).with_context(describe)?,
            mtime: extensions.mtime.map_or_else(|| header.mtime(), Ok).with_context(describe)?,
            device: if kind.is_device() { header.device().with_context(describe)? } else { (0, 0) },
            link_name: extensions.link_name.unwrap_or_else(|| header.link_name()),
            xattrs: extensions.xattrs,
            name,
        })
    }

    fn extension(&mut self, header: &Header) -> Result<Vec<u8>> {
        let size = header.size()?;
        ensure!(size <= MAXIMUM_EXTENSION, "an extension header of {size} bytes is absurd");
        self.expect(size)?;
        let mut bytes = Vec::new();
        self.read_to_end(&mut bytes).context("extension header")?;
        Ok(bytes)
    }

    fn expect(&mut self, size: u64) -> Result<()> {
        ensure!(i64::try_from(size).is_ok(), "a size of {size} bytes is absurd");
        self.remaining = size;
        self.padding = size.wrapping_neg() % BLOCK as u64;
        Ok(())
    }

    fn next_header(&mut self) -> Result<Option<Header>> {
        let rest = self.remaining + self.padding;
        self.source.skip(rest).context("the archive is cut off inside a member")?;
        (self.remaining, self.padding) = (0, 0);
        let Some(block) = self.block()? else { return Ok(None) };
        if block.iter().any(|byte| *byte != 0) {
            return Header::new(&block).map(Some);
        }
        if self.block()?.is_some_and(|block| block.iter().any(|byte| *byte != 0)) {
            bail!("an empty block stands between two members");
        }
        Ok(None)
    }

    fn block(&mut self) -> Result<Option<[u8; BLOCK]>> {
        let mut block = [0; BLOCK];
        let mut filled = 0;
        while filled < BLOCK {
            match self.source.read(&mut block[filled..]) {
                Ok(0) if filled == 0 => return Ok(None),
                Ok(0) => bail!("the archive is cut off inside a header"),
                Ok(length) => filled += length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Some(block))
    }
}

impl<R: Read> Read for TarStream<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.remaining).unwrap_or(usize::MAX).min(buffer.len());
        let length = self.source.read(&mut buffer[..most])?;
        if length == 0 && most > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.remaining -= length as u64;
        Ok(length)
    }
}

impl<R> TarStream<Seeking<R>> {
    /// The offset in the source at which the content of the current member starts.
    pub fn content_offset(&self) -> u64 {
        self.source.position
    }
}

/// GNU tar ends long names with a NUL.
fn trim_nul(mut name: Vec<u8>) -> Vec<u8> {
    if let Some(end) = name.iter().position(|byte| *byte == 0) {
        name.truncate(end);
    }
    name
}
