use std::io::Read as _;

use tar::{Builder, EntryType};

use super::super::archive::Blob;
use super::super::digest::Digest;
use super::super::fixture::{gzip, header, tar_of, tar_of_link, zstd};
use super::super::{Entry, EntryKind, Layer, Limits, Reading};
use super::scan;

/// Reads a blob and verifies it.
fn read(
    stored: &[u8],
    digest: Option<Digest>,
    diff_id: Digest,
    limits: &Limits,
) -> anyhow::Result<Layer> {
    let blob = Blob { name: "blob".to_owned(), digest, size: None };
    scan(stored, &Reading { limits, keep: &|_| None })?.verified(&blob, diff_id)
}

fn read_tar(tar: &[u8]) -> anyhow::Result<Layer> {
    read(tar, None, Digest::of(tar), &Limits::default())
}

fn entries(tar: &[u8]) -> Vec<Entry> {
    read_tar(tar).unwrap().entries
}

/// The whole message of the error that reading gives.
fn refusal(tar: &[u8]) -> String {
    format!("{:#}", read_tar(tar).unwrap_err())
}

#[test]
fn every_kind_with_its_metadata() {
    let mut builder = Builder::new(Vec::new());
    let mut directory = header("./etc/", EntryType::Directory, 0);
    directory.set_mode(0o40_755);
    directory.set_mtime(1_700_000_000);
    directory.set_cksum();
    builder.append(&directory, std::io::empty()).unwrap();
    let mut file = header("./etc/a", EntryType::Regular, 3);
    file.set_mode(0o104_755);
    file.set_uid(1000);
    file.set_gid(3_000_000);
    file.set_cksum();
    builder.append(&file, b"abc".as_slice()).unwrap();
    let mut device = header("dev/null", EntryType::Char, 0);
    device.set_device_major(1).unwrap();
    device.set_device_minor(3).unwrap();
    device.set_cksum();
    builder.append(&device, std::io::empty()).unwrap();
    builder.append(&header("run/pipe", EntryType::Fifo, 0), std::io::empty()).unwrap();
    let tar = builder.into_inner().unwrap();

    let layer = read_tar(&tar).unwrap();
    assert_eq!(layer.size, tar.len() as u64);
    let [directory, file, device, pipe] = layer.entries.as_slice() else { panic!("four entries") };
    assert_eq!((directory.path.as_str(), &directory.kind), ("etc", &EntryKind::Directory));
    assert_eq!((directory.mode, directory.mtime), (0o755, 1_700_000_000));
    assert_eq!((file.mode, file.uid, file.gid), (0o4755, 1000, 3_000_000));
    assert_eq!(file.kind, EntryKind::File { size: 3, sha256: Digest::of(b"abc") });
    assert_eq!(device.kind, EntryKind::CharacterDevice { major: 1, minor: 3 });
    assert_eq!(pipe.kind, EntryKind::Fifo);
}

#[test]
fn links() {
    let link = &entries(&tar_of_link("bin", EntryType::Symlink, "../../anything"))[0];
    assert_eq!(link.kind, EntryKind::Symlink { target: "../../anything".to_owned() });
    let link = &entries(&tar_of_link("b", EntryType::Link, "./a"))[0];
    assert_eq!(link.kind, EntryKind::HardLink { target: "a".to_owned() });
    assert!(refusal(&tar_of_link("b", EntryType::Link, "../a")).contains("leads out"));
    assert!(refusal(&tar_of_link("b", EntryType::Symlink, "")).contains("no target"));
}

#[test]
fn gnu_long_names() {
    let name = format!("{}/file", "d".repeat(150));
    let target = "t".repeat(200);
    let mut builder = Builder::new(Vec::new());
    let mut long = header("", EntryType::Symlink, 0);
    builder.append_link(&mut long, &name, &target).unwrap();
    let found = entries(&builder.into_inner().unwrap());
    assert_eq!((found.len(), &found[0].path), (1, &name));
    assert_eq!(found[0].kind, EntryKind::Symlink { target });
}

#[test]
fn pax_overrides() {
    let name = format!("ü/{}", "n".repeat(300));
    let mut builder = Builder::new(Vec::new());
    let records: [(&str, &[u8]); 6] = [
        ("path", name.as_bytes()),
        ("size", b"5"),
        ("uid", b"3000000000"),
        ("gid", b"7"),
        ("mtime", b"1700000000.75"),
        ("SCHILY.xattr.security.capability", b"\x01\0\0\x02\xff"),
    ];
    builder.append_pax_extensions(records).unwrap();
    let mut tar = builder.into_inner().unwrap();
    tar.truncate(tar.len() - 1024);
    // The header itself says 0 bytes, as it does for files over 8 GiB.
    tar.extend(header("short", EntryType::Regular, 0).as_bytes());
    tar.extend(b"hello");
    tar.resize(tar.len().next_multiple_of(512), 0);
    tar.extend(tar_of(&[("next", b"x")]));

    let found = entries(&tar);
    assert_eq!(found.len(), 2, "the size of the PAX header moves the next entry");
    assert_eq!(
        (found[0].path.as_str(), found[0].uid, found[0].gid),
        (name.as_str(), 3_000_000_000, 7)
    );
    assert_eq!(found[0].mtime, 1_700_000_000);
    assert_eq!(found[0].kind, EntryKind::File { size: 5, sha256: Digest::of(b"hello") });
    assert_eq!(found[0].xattrs["security.capability"], b"\x01\0\0\x02\xff");
    assert!(found[1].xattrs.is_empty() && found[1].uid == 0);
}

#[test]
fn whiteouts() {
    let tar = tar_of(&[
        ("a/.wh.gone", b""),
        ("b/.wh..wh..opq", b""),
        (".wh..wh..opq", b""),
        (".wh..wh.plnk/1.2", b"aufs"),
        (".wh..wh.aufs", b""),
        (".wh.top", b""),
    ]);
    let found: Vec<(String, EntryKind)> =
        entries(&tar).into_iter().map(|entry| (entry.path, entry.kind)).collect();
    let expected = [
        ("a/gone", EntryKind::Whiteout),
        ("b", EntryKind::Opaque),
        ("", EntryKind::Opaque),
        ("top", EntryKind::Whiteout),
    ];
    assert_eq!(found, expected.map(|(path, kind)| (path.to_owned(), kind)));
}

#[test]
fn hostile_whiteouts() {
    for name in [".wh.", "a/.wh..", "a/.wh...", ".wh.dir/file"] {
        assert!(read_tar(&tar_of(&[(name, b"")])).is_err(), "{name}");
    }
    assert!(refusal(&tar_of(&[(".wh.a", b"hidden bytes")])).contains("content"));
}

#[test]
fn traversal_is_refused() {
    for name in ["../etc/passwd", "a/../../b", "/../x"] {
        assert!(refusal(&tar_of(&[(name, b"")])).contains("leads out of the image"), "{name}");
    }
    assert_eq!(entries(&tar_of(&[("/etc/x", b"")]))[0].path, "etc/x");
    assert!(refusal(&tar_of(&[("./", b"")])).contains("root"));
}

#[test]
fn truncation_is_refused() {
    let tar = tar_of(&[("a", &[7; 2000])]);
    for length in [100, 512, 600, 2511, 2512] {
        let message = refusal(&tar[..length]);
        assert!(
            message.contains("cut off") || message.contains("end of file"),
            "{length}: {message}"
        );
    }
    // All of the content is there: some writers leave out the end marker.
    assert_eq!(entries(&tar[..512 + 2048]).len(), 1);
}

#[test]
fn headers_that_lie_are_refused() {
    let mut huge = header("a", EntryType::Regular, 0);
    huge.as_old_mut().size.copy_from_slice(b"\x80\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff");
    huge.set_cksum();
    assert!(read_tar(huge.as_bytes()).is_err());
    huge.as_old_mut().size.copy_from_slice(b"777777777777");
    huge.set_cksum();
    assert!(read_tar(huge.as_bytes()).is_err());

    let mut wrong = header("a", EntryType::Regular, 0);
    wrong.as_old_mut().name[0] = b'b';
    assert!(refusal(wrong.as_bytes()).contains("checksum"));

    let mut long = header("././@LongLink", EntryType::GNULongName, 1 << 30);
    long.set_cksum();
    assert!(refusal(long.as_bytes()).contains("absurd"));
    assert!(refusal(header("a", EntryType::GNUSparse, 0).as_bytes()).contains("sparse"));
    assert!(
        refusal(header("a", EntryType::new(b'V'), 0).as_bytes()).contains("unknown member type")
    );
    assert!(read_tar(&[1; 1024]).is_err());

    let mut gap = tar_of(&[]);
    gap.truncate(512);
    gap.extend(tar_of(&[("a", b"")]));
    assert!(refusal(&gap).contains("empty block"));
}

#[test]
fn extensions_without_a_member_or_without_end_are_refused() {
    let mut builder = Builder::new(Vec::new());
    builder.append_pax_extensions([("path", b"a".as_slice())]).unwrap();
    assert!(refusal(&builder.into_inner().unwrap()).contains("ends after an extension"));
    let mut builder = Builder::new(Vec::new());
    for _ in 0..20 {
        builder.append_pax_extensions([("comment", b"a".as_slice())]).unwrap();
    }
    assert!(refusal(&builder.into_inner().unwrap()).contains("extension headers"));
}

#[test]
fn compressed_layers() {
    let tar = tar_of(&[("a", b"content")]);
    for stored in [tar.clone(), gzip(&tar), zstd(&tar)] {
        let blob_digest = Digest::of(&stored);
        let layer =
            read(stored.as_slice(), Some(blob_digest), Digest::of(&tar), &Limits::default())
                .unwrap();
        assert_eq!((layer.entries.len(), layer.size), (1, tar.len() as u64));
    }
    assert_eq!(entries(b"").len(), 0, "an empty layer of no bytes at all");
}

#[test]
fn digests_must_match() {
    let tar = tar_of(&[("a", b"content")]);
    let stored = gzip(&tar);
    let (right, wrong) = (Digest::of(&tar), Digest::of(b"other"));
    let limits = Limits::default();
    let error = read(stored.as_slice(), None, wrong, &limits).unwrap_err().to_string();
    assert!(error.contains("uncompressed layer"), "{error}");
    let error = read(stored.as_slice(), Some(wrong), right, &limits).unwrap_err().to_string();
    assert!(error.contains("the blob"), "{error}");
    // Bytes after the end marker are part of the digest as well.
    let longer = [tar.clone(), vec![0; 512]].concat();
    assert!(read(longer.as_slice(), None, right, &limits).is_err());
    assert!(read(longer.as_slice(), None, Digest::of(&longer), &limits).is_ok());
}

#[test]
fn limits_hold() {
    let limits =
        Limits { layer_bytes: 1 << 20, entries: 3, metadata_bytes: 100, ..Limits::default() };
    let read = |tar: Vec<u8>| {
        let digest = Digest::of(&tar);
        let result = read(gzip(&tar).as_slice(), None, digest, &limits);
        result.map_err(|error| format!("{error:#}"))
    };
    assert!(read(tar_of(&[("bomb", &vec![0; 2 << 20])])).unwrap_err().contains("absurd"));
    // The bytes may also come after the end of the archive.
    let tail = [tar_of(&[]), vec![0; 2 << 20]].concat();
    assert!(read(tail).unwrap_err().contains("expands to more"));
    let names = ["a", "b", "c", "d"].map(|name| (name, b"".as_slice()));
    assert!(read(tar_of(&names[..3])).is_ok());
    assert!(read(tar_of(&names)).unwrap_err().contains("3 entries"));
    let long = "n".repeat(60);
    let other = "m".repeat(60);
    assert!(read(tar_of(&[(&long, b""), (&other, b"")])).unwrap_err().contains("names"));
}

#[test]
fn garbage_after_the_magic_is_an_error_not_a_panic() {
    for magic in [b"\x1f\x8b\x08\0".as_slice(), b"\x28\xb5\x2f\xfd"] {
        let mut noise = magic.to_vec();
        // A fixed sequence without pattern.
        let mut state = 1_u32;
        noise.extend((0..4096).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        }));
        assert!(read_tar(&noise).is_err());
    }
    let mut short = Vec::new();
    std::io::repeat(0xff).take(511).read_to_end(&mut short).unwrap();
    assert!(refusal(&short).contains("cut off"));
}
