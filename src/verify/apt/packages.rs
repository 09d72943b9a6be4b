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

    /// One package, as xz 5.4 packs it.
    const XZ: &[u8] = b"\xfd\x37\x7a\x58\x5a\x00\x00\x01\x69\x22\xde\x36\x02\x00\x21\x01\x16\x00\x00\x00\x74\x2f\xe5\xa3\xe0\x00\x3d\x00\x3b\x5d\x00\x28\x18\x48\x66\xdb\xda\x30\x85\xfe\x16\xf0\x82\x61\x73\x5e\x39\xad\x73\xb6\x24\xea\xa6\x2a\x97\x38\x17\x23\xc2\x84\xe4\x9e\x0a\x00\xfd\x5b\xd4\x72\xa7\x95\x1f\xa2\x08\x69\xc1\x63\x50\x21\xb7\xde\xb4\x4d\xa4\x80\xd7\x30\xf0\xd0\xc0\xc0\x00\x00\x5c\x24\x11\xe7\x00\x01\x53\x3e\x17\xa6\x71\x70\x90\x42\x99\x0d\x01\x00\x00\x00\x00\x01\x59\x5a";

    #[test]
    fn xz_is_unpacked_and_its_end_is_due() {
        assert_eq!(read("Packages.xz", XZ).unwrap()[0].filename, "tool.deb");
        assert!(read("Packages.xz", &XZ[..XZ.len() - 20]).is_err());
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>, at in 0..XZ.len(), with: u8) {
            let mut changed = XZ.to_vec();
            changed[at] = with;
            let _ = read("Packages.xz", &changed);
            for form in ["Packages.xz", "Packages.gz", "Packages"] {
                let _ = read(form, &bytes);
            }
        }
    }
}
