//! Indexes of packages: which versions a repository has, where, and what their bytes are.

use std::io::Read;

use flate2::bufread::MultiGzDecoder;
use lzma_rust2::XzReader;

use super::stanza::{Stanza, stanzas};
use crate::image::digest::Digest;

/// The longest index, unpacked: that of all of Debian has a tenth of it.
const LONGEST: u64 = 512 << 20;

/// The memory that unpacking may take, in KiB: `xz -9` wants 65 MiB (xz(1)).
const MEMORY: u32 = 128 << 10;

/// A package of one version for one architecture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version: deb-version(7).
    pub version: String,
    /// An architecture, or `all`.
    pub architecture: String,
    /// Where it is, below the address of the repository.
    pub filename: String,
    /// What its bytes are.
    pub sha256: Option<Digest>,
    /// How many there are.
    pub size: Option<u64>,
}

/// The packages of an index, which is compressed as its name says.
///
/// # Errors
/// It is no index; in a few words that continue "it …".
pub fn read(name: &str, bytes: &[u8]) -> Result<Vec<Package>, String> {
    let mut text = Vec::new();
    let plain: Box<dyn Read + '_> = match name.rsplit_once('.') {
        Some((_, "xz")) => Box::new(XzReader::new_mem_limit(bytes, true, MEMORY)),
        Some((_, "gz")) => Box::new(MultiGzDecoder::new(bytes)),
        _ => Box::new(bytes),
    };
    let read = plain.take(LONGEST + 1).read_to_end(&mut text);
    read.map_err(|error| format!("cannot be unpacked: {error}"))?;
    if text.len() as u64 > LONGEST {
        return Err(format!("has more than {} MiB when it is unpacked", LONGEST >> 20));
    }
    let text = String::from_utf8(text).map_err(|_| "is not in UTF-8")?;
    stanzas(&text).map(package).collect()
}

fn package(stanza: Stanza<'_>) -> Result<Package, String> {
    let name = stanza.field("Package");
    let needed = |field: &str| {
        let of = name.map_or_else(String::new, |name| format!(" {name}"));
        let value = stanza.field(field).filter(|value| !value.is_empty());
        value.map(str::to_owned).ok_or_else(|| format!("is no index: a package{of} has no {field}"))
    };
    let filename = needed("Filename")?;
    Ok(Package {
        name: needed("Package")?,
        version: needed("Version")?,
        architecture: needed("Architecture")?,
        filename: filename.strip_prefix("./").unwrap_or(&filename).to_owned(),
        sha256: stanza.field("SHA256").and_then(Digest::from_hexadecimal),
        size: stanza.field("Size").and_then(|size| size.parse().ok()),
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    const INDEX: &str = "Package: tool\nVersion: 1:2.0-1\nArchitecture: amd64\nFilename: ./pool/tool.deb\nSize: 7\nSHA256: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\nDescription: a\n Version: 9\n\n";

    #[test]
    fn every_compression_gives_the_same() {
        let plain = read("Packages", INDEX.as_bytes()).unwrap();
        assert_eq!((plain.len(), plain[0].version.as_str()), (1, "1:2.0-1"));
        assert_eq!((plain[0].filename.as_str(), plain[0].size), ("pool/tool.deb", Some(7)));
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(INDEX.as_bytes()).unwrap();
        let gzip = gzip.finish().unwrap();
        assert_eq!(read("Packages.gz", &gzip).unwrap(), plain);
        assert_eq!(read("Packages", b"").unwrap(), []);
        assert!(read("Packages.gz", &gzip[..20]).unwrap_err().contains("cannot be unpacked"));
        assert!(read("Packages.xz", &gzip).unwrap_err().contains("cannot be unpacked"));
    }

    #[test]
    fn what_is_no_index_is_refused() {
        for (bad, why) in [
            ("<html>\n", "has no Filename"),
            ("Package: tool\nFilename: x\n", "a package tool has no Version"),
            ("Filename: x\n", "has no Package"),
        ] {
            let found = read("Packages", bad.as_bytes()).unwrap_err();
            assert!(found.contains(why), "{found}");
        }
        assert!(read("Packages", b"Package: \xff\n").unwrap_err().contains("UTF-8"));
    }
}
