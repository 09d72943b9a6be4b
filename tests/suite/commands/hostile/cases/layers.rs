//! Harm in the layers: their names, their headers, and how they are stored.

use std::io::Read;

use flate2::write::GzEncoder;
use serde_json::json;
use tar::EntryType;

use super::{Case, with_layer, with_manifest};
use crate::built::{Tar, header, sha256};

/// All of it.
pub(in super::super) fn all() -> Vec<Case> {
    [names(), headers(), blobs()].concat()
}

/// Names and links that lead somewhere.
fn names() -> Vec<Case> {
    let one = Tar::new;
    let raw_name = |name: &[u8]| one().raw(&header(name, EntryType::Regular, 0, 0o644), b"");
    vec![
        ("a name that leads out", with_layer(raw_name(b"../../etc/cron.d/x").bytes()), "leads out"),
        (
            "a name that leads out in the middle",
            with_layer(raw_name(b"a/../../x").bytes()),
            "leads out",
        ),
        (
            "a hard link that leads out",
            with_layer(one().link("a", EntryType::Link, "../../etc/passwd").bytes()),
            "leads out",
        ),
        (
            "a hard link to itself",
            with_layer(one().link("a", EntryType::Link, "a").bytes()),
            "itself",
        ),
        (
            "hard links in a ring",
            with_layer(
                one().link("a", EntryType::Link, "b").link("b", EntryType::Link, "a").bytes(),
            ),
            "no earlier entry",
        ),
        (
            "a file below a link",
            with_layer(
                one().link("a", EntryType::Symlink, "/etc").file("a/passwd", 0o644, b"x").bytes(),
            ),
            "no directory",
        ),
        ("the root as a file", with_layer(raw_name(b"./").bytes()), "root"),
        ("a whiteout of nothing", with_layer(raw_name(b"a/.wh.").bytes()), "whiteout"),
        ("a whiteout of the parent", with_layer(raw_name(b"a/.wh...").bytes()), "whiteout"),
        ("a file below a whiteout", with_layer(raw_name(b".wh.a/b").bytes()), "whiteout"),
        (
            "a whiteout with content",
            with_layer(one().file(".wh.a", 0o644, b"x").bytes()),
            "whiteout",
        ),
        ("a name with a NUL in it", with_layer(pax(b"12 path=a\0b\n", 1)), "NUL"),
        (
            "a path of a mebibyte",
            with_layer(one().file(&"d/".repeat(500_000), 0o644, b"").bytes()),
            "absurd",
        ),
        ("directories without end", with_layer(many_directories()), "absurd"),
    ]
}

/// Headers that lie.
fn headers() -> Vec<Case> {
    vec![
        ("a sparse file", with_layer(lie(b"a", b'S', b"00000000000\0", b"")), "sparse"),
        (
            "a member of no known kind",
            with_layer(lie(b"a", b'Z', b"00000000000\0", b"")),
            "unknown member type",
        ),
        (
            "a size that is negative",
            with_layer(lie(b"a", b'0', b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", b"")),
            "negative size",
        ),
        (
            "a size beyond all numbers",
            with_layer(lie(b"a", b'0', b"\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", b"")),
            "out of range",
        ),
        (
            "a size of an exbibyte",
            with_layer(lie(b"a", b'0', b"\x80\0\0\0\x10\0\0\0\0\0\0\0", b"")),
            "absurd",
        ),
        (
            "a size that is no number",
            with_layer(lie(b"a", b'0', b"12x\0\0\0\0\0\0\0\0\0", b"")),
            "no octal number",
        ),
        (
            "a wrong checksum",
            with_layer({
                let mut tar = Tar::of(&[("a", b"x")]);
                tar[0] = b'b';
                tar
            }),
            "checksum",
        ),
        (
            "an extended header of a gibibyte",
            with_layer(lie(b"a", b'x', b"10000000000\0", b"")),
            "absurd",
        ),
        (
            "extended headers without end",
            with_layer(pax(b"13 comment=x\n", 1000)),
            "extension headers",
        ),
        ("a record longer than its header", with_layer(pax(b"99 path=x\n", 1)), "does not fit"),
        ("a record with a negative size", with_layer(pax(b"11 size=-1\n", 1)), "no number"),
    ]
}

/// Layers that are not what they are said to be.
fn blobs() -> Vec<Case> {
    let bomb = |bytes| std::io::repeat(0).take(bytes);
    let zstd_bomb = ruzstd::encoding::compress_to_vec(
        bomb(280 << 20),
        ruzstd::encoding::CompressionLevel::Fastest,
    );
    let cut = |bytes: Vec<u8>, at: usize| bytes[..bytes.len() - at].to_vec();
    let tar = Tar::of(&[("a", &vec![7; 100_000])]);
    let (gzipped, plain) = (gzip(tar.as_slice()), sha256(&tar));
    vec![
        ("a bomb of gzip", stored_as(&gzip(bomb(280 << 20)), &plain), "bomb"),
        ("a bomb of zstd", stored_as(&zstd_bomb, &plain), "bomb"),
        ("a cut layer", stored_as(&cut(gzipped.clone(), 30), &plain), "layer 0"),
        (
            "garbage after a layer",
            stored_as(&[gzipped.clone(), b"garbage".to_vec()].concat(), &plain),
            "layer 0",
        ),
        ("another layer", stored_as(&gzipped, &sha256(b"other")), "digest"),
        ("a layer compressed with xz", stored_as(b"\xfd7zXZ\0rest", &plain), "xz"),
    ]
}

fn gzip(mut plain: impl Read) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::copy(&mut plain, &mut encoder).unwrap();
    encoder.finish().unwrap()
}

/// The archive of an image whose layer is stored so, under the digest of the plain one.
fn stored_as(stored: &[u8], diff_id: &str) -> Vec<u8> {
    let configuration = json!({
        "architecture": "amd64", "os": "linux", "config": {},
        "rootfs": {"type": "layers", "diff_ids": [format!("sha256:{diff_id}")]}
    });
    let manifest = json!([{"Config": "c.json", "RepoTags": ["x:1"], "Layers": ["l/layer.tar"]}]);
    let configuration = configuration.to_string();
    with_manifest(&manifest, &[("c.json", configuration.as_bytes()), ("l/layer.tar", stored)])
}

/// A member with a name, a kind and a size that are written as they are.
fn lie(name: &[u8], kind: u8, size: &[u8; 12], content: &[u8]) -> Vec<u8> {
    let mut header = header(name, EntryType::Regular, 0, 0o644);
    header.as_old_mut().linkflag = [kind];
    header.as_old_mut().size = *size;
    header.set_cksum();
    Tar::new().raw(&header, content).bytes()
}

fn pax(records: &[u8], times: usize) -> Vec<u8> {
    let header = header(b"pax", EntryType::XHeader, records.len() as u64, 0o644);
    let tar = (0..times).fold(Tar::new(), |tar, _| tar.raw(&header, records));
    tar.file("a", 0o644, b"").bytes()
}

/// Names so deep that each makes two thousand directories which no entry describes.
fn many_directories() -> Vec<u8> {
    let name = |first: usize| format!("{first}/{}f", "d/".repeat(2000));
    (0..40).fold(Tar::new(), |tar, first| tar.file(&name(first), 0o644, b"")).bytes()
}
