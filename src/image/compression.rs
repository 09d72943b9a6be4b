//! The compression of layers: none, gzip or zstd, told by the first bytes.
//!
//! Takes a compressed stream, gives the plain one, never more than a window of it in memory. The media
//! type is not asked: engines mislabel, and the digest of the plain stream decides (OCI image-spec,
//! layer.md, "`+gzip` Media Types" and "`+zstd` Media Types").

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::rc::Rc;

use anyhow::{Result, bail};
use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// How a stream is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    None,
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
}

const ZSTD_FRAME: u32 = 0xFD2F_B528;
/// RFC 8878, "Skippable Frames": 16 numbers that differ in the low four bits.
const ZSTD_SKIPPABLE: u32 = 0x184D_2A50;

impl Compression {
    /// Tells from the first bytes of a stream.
    ///
    /// # Errors
    /// When they are those of a compression that no layer may have.
    pub fn detect(start: &[u8]) -> Result<Self> {
        if start.starts_with(&[0x1f, 0x8b]) {
            return Ok(Self::Gzip);
        }
        if start.starts_with(b"BZh") || start.starts_with(b"\xfd7zXZ\0") {
            bail!("compressed with bzip2 or xz; a layer is plain, gzip or zstd");
        }
        match start.first_chunk().map(|magic| u32::from_le_bytes(*magic)) {
            Some(magic) if magic == ZSTD_FRAME || magic & !0xf == ZSTD_SKIPPABLE => Ok(Self::Zstd),
            _ => Ok(Self::None),
        }
    }
}

/// Bytes up to which a stream may expand as it likes; a bomb has more.
const HARMLESS: u64 = 256 << 20;
/// How many plain bytes a stored one may stand for beyond that. DEFLATE's limit is 1032 (zlib, "Maximum Compression
/// Factor"), which only runs of one byte come near; files that somebody needs stay below 20.
const MAXIMUM_EXPANSION: u64 = 500;

/// The plain stream of a compressed one. What expands as nothing but a bomb does is an error.
pub fn decompress<'a>(mut source: impl Read + 'a) -> Result<Box<dyn Read + 'a>> {
    let mut start = Vec::new();
    source.by_ref().take(6).read_to_end(&mut start)?;
    let compression = Compression::detect(&start)?;
    let stored = Rc::new(Cell::new(0));
    let source = Counted { source: Cursor::new(start).chain(source), count: Rc::clone(&stored) };
    let source = BufReader::with_capacity(1 << 16, source);
    Ok(match compression {
        Compression::None => Box::new(source),
        Compression::Gzip => Box::new(Bounded::new(MultiGzDecoder::new(source), stored)),
        Compression::Zstd => {
            let decoder = FrameDecoder::new();
            Box::new(Bounded::new(ZstdReader { source, decoder, in_frame: false }, stored))
        }
    })
}

/// Counts what is read through it.
struct Counted<R> {
    source: R,
    count: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.source.read(buffer)?;
        self.count.set(self.count.get().saturating_add(length as u64));
        Ok(length)
    }
}

/// A plain stream that knows how many bytes it was made of.
struct Bounded<R> {
    plain: R,
    count: u64,
    stored: Rc<Cell<u64>>,
}

impl<R> Bounded<R> {
    fn new(plain: R, stored: Rc<Cell<u64>>) -> Self {
        Self { plain, count: 0, stored }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.plain.read(buffer)?;
        self.count = self.count.saturating_add(length as u64);
        let expansion = self.count / self.stored.get().max(1);
        if self.count > HARMLESS && expansion > MAXIMUM_EXPANSION {
            let message = format!(
                "it expands more than {MAXIMUM_EXPANSION}-fold, as a decompression bomb does"
            );
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        Ok(length)
    }
}

/// Several zstd frames one after the other, as RFC 8878 allows; the decoder itself reads one.
struct ZstdReader<R> {
    source: R,
    decoder: FrameDecoder,
    in_frame: bool,
}

impl<R: BufRead> ZstdReader<R> {
    /// Moves to the next frame that has data; false at the end.
    fn start_frame(&mut self) -> io::Result<bool> {
        while !self.source.fill_buf()?.is_empty() {
            let mut magic = [0; 4];
            self.source.read_exact(&mut magic)?;
            let number = u32::from_le_bytes(magic);
            if number & !0xf == ZSTD_SKIPPABLE {
                let mut length = [0; 4];
                self.source.read_exact(&mut length)?;
                let length = u64::from(u32::from_le_bytes(length));
                if io::copy(&mut (&mut self.source).take(length), &mut io::sink())? < length {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            } else {
                let start = magic.as_slice().chain(&mut self.source);
                self.decoder.reset(start).map_err(io::Error::other)?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The optional checksum at the end of a frame, which the decoder computes but does not compare.
    fn verify_frame(&self) -> io::Result<()> {
        match (self.decoder.get_checksum_from_data(), self.decoder.get_calculated_checksum()) {
            (Some(stated), Some(real)) if stated != real => {
                Err(io::Error::other("the checksum of a zstd frame does not match"))
            }
            _ => Ok(()),
        }
    }
}

impl<R: BufRead> Read for ZstdReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.in_frame {
                self.in_frame = self.start_frame()?;
                if !self.in_frame {
                    return Ok(0);
                }
            }
            if self.decoder.can_collect() > 0 {
                return self.decoder.read(buffer);
            }
            if self.decoder.is_finished() {
                self.verify_frame()?;
                self.in_frame = false;
            } else {
                let one = BlockDecodingStrategy::UptoBlocks(1);
                self.decoder.decode_blocks(&mut self.source, one).map_err(io::Error::other)?;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::{Compression, decompress};

    fn plain(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
        let mut result = Vec::new();
        decompress(bytes).unwrap().read_to_end(&mut result)?;
        Ok(result)
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn members_and_frames_follow_each_other() {
        assert_eq!(plain(b"plain").unwrap(), b"plain");
        assert_eq!(plain(b"").unwrap(), b"");
        assert_eq!(plain(&[gzip(b"a"), gzip(b"b")].concat()).unwrap(), b"ab");
        let frame = |bytes: &[u8]| compress_to_vec(bytes, CompressionLevel::Fastest);
        let skippable = b"\x53\x2a\x4d\x18\x03\0\0\0xyz".to_vec();
        let long = vec![7; 400_000];
        let bytes = [skippable.clone(), frame(&long), skippable, frame(b"b")].concat();
        assert_eq!(plain(&bytes).unwrap(), [long.as_slice(), b"b"].concat());
    }

    #[test]
    fn garbage_and_truncation_are_errors() {
        assert!(plain(b"\x1f\x8b\x08 nothing that inflates").is_err());
        assert!(plain(b"\x28\xb5\x2f\xfd nothing that expands").is_err());
        let gzipped = gzip(&[1; 10_000]);
        assert!(plain(&gzipped[..gzipped.len() - 4]).is_err());
        assert!(plain(&[gzipped, b"tail".to_vec()].concat()).is_err());
        let framed = compress_to_vec(&[1_u8; 10_000][..], CompressionLevel::Fastest);
        assert!(plain(&framed[..framed.len() - 6]).is_err());
        assert!(plain(b"\x53\x2a\x4d\x18\xff\0\0\0xyz").is_err());
    }

    #[test]
    fn bombs_are_told_by_how_they_expand() {
        let bomb = |bytes: u64| {
            let mut encoder =
                flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            std::io::copy(&mut std::io::repeat(0).take(bytes), &mut encoder).unwrap();
            encoder.finish().unwrap()
        };
        let drain =
            |bytes: &[u8]| std::io::copy(&mut decompress(bytes).unwrap(), &mut std::io::sink());
        assert_eq!(drain(&bomb(super::HARMLESS)).unwrap(), super::HARMLESS);
        let error = drain(&bomb(super::HARMLESS + (1 << 20))).unwrap_err().to_string();
        assert!(error.contains("bomb"), "{error}");
    }

    #[test]
    fn other_compressions_are_named() {
        let message = Compression::detect(b"\xfd7zXZ\0").unwrap_err().to_string();
        assert!(message.contains("xz"), "{message}");
        assert!(Compression::detect(b"BZh91AY").is_err());
    }
}
