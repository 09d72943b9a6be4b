//! Archives that somebody made to do harm: each is refused with a message, soon, and nothing is written anywhere.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use flate2::write::GzEncoder;
use serde_json::{Value, json};
use tar::EntryType;
use tempfile::TempDir;

use crate::built::{BuiltImage, Tar, header, sha256};
use crate::harness::{Run, files_below, rdspec, run, tool};

/// Long enough for the slowest machine, far from a hang.
const SOON: Duration = Duration::from_secs(120);

/// A kind of harm: its name, the bytes of an archive, and a word of the message that refuses it.
type Case = (&'static str, Vec<u8>, &'static str);

fn with_layer(layer: Vec<u8>) -> Vec<u8> {
    BuiltImage::new("hostile:1").layer("step", layer).archive()
}

/// An archive with these documents.
fn with_manifest(manifest: &Value, others: &[(&str, &[u8])]) -> Vec<u8> {
    let manifest = manifest.to_string();
    let files: Vec<(&str, &[u8])> =
        others.iter().copied().chain([("manifest.json", manifest.as_bytes())]).collect();
    Tar::of(&files)
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

/// Harm in the layers.
fn layers() -> Vec<Case> {
    let one = || Tar::new();
    let bomb = |bytes| std::io::repeat(0).take(bytes);
    let zstd_bomb = ruzstd::encoding::compress_to_vec(
        bomb(280 << 20),
        ruzstd::encoding::CompressionLevel::Fastest,
    );
    let cut = |bytes: Vec<u8>, at: usize| bytes[..bytes.len() - at].to_vec();
    let gzipped = gzip(Tar::of(&[("a", &[7; 100_000])]).as_slice());
    let plain = sha256(&Tar::of(&[("a", &[7; 100_000])]));
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

/// Harm in what holds the layers together.
fn documents() -> Vec<Case> {
    let good = || Tar::of(&[("a", b"x")]);
    let archive = || with_layer(good());
    let one = json!([{"Config": "c", "RepoTags": null, "Layers": []}]);
    let open = |tar: Vec<u8>| tar[..tar.len() - 1024].to_vec();
    let linked = |target: &str| {
        let start = open(with_manifest(&one, &[]));
        [start, Tar::new().link("c", EntryType::Symlink, target).bytes()].concat()
    };
    let twice = [open(archive()), Tar::of(&[("manifest.json", b"[]")])].concat();
    let members = (0..70_000).fold(Tar::new(), |tar, n| tar.file(&n.to_string(), 0o644, b""));
    let nested = "[".repeat(100_000);
    let layers = vec!["x"; 5000];
    let absurd = json!([{"Config": "c", "RepoTags": null, "Layers": layers}]);
    let empty = sha256(b"");
    let diff_ids = vec![format!("sha256:{empty}"); 5000];
    let configuration = json!({"rootfs": {"diff_ids": diff_ids}}).to_string();
    vec![
        (
            "a name that leads out of the archive",
            Tar::new()
                .raw(&header(b"../manifest.json", EntryType::Regular, 2, 0o644), b"[]")
                .bytes(),
            "leads out",
        ),
        ("a link out of the archive", linked("../../../etc/passwd"), "leads out"),
        ("an absolute link", linked("/etc/passwd"), "leads out"),
        ("a link to itself", linked("c"), "never end"),
        ("two members of one name", twice, "twice"),
        ("members without end", members.bytes(), "absurd"),
        (
            "a configuration outside",
            with_manifest(&json!([{"Config": "../../etc/passwd", "Layers": []}]), &[]),
            "leads out",
        ),
        (
            "a manifest that nests without end",
            Tar::of(&[("manifest.json", nested.as_bytes())]),
            "manifest.json",
        ),
        (
            "a manifest of nine megabytes",
            Tar::of(&[("manifest.json", &vec![b' '; 9 << 20])]),
            "manifest.json",
        ),
        (
            "layers without end",
            with_manifest(&absurd, &[("c", configuration.as_bytes())]),
            "absurd",
        ),
        (
            "a layer that is not there",
            with_manifest(
                &json!([{"Config": "c", "Layers": ["gone"]}]),
                &[("c", format!(r#"{{"rootfs": {{"diff_ids": ["sha256:{empty}"]}}}}"#).as_bytes())],
            ),
            "no gone",
        ),
        ("an archive cut inside a layer", archive()[..700].to_vec(), "cut off"),
        ("a header cut off", archive()[..300].to_vec(), "cut off"),
        ("nothing at all", Vec::new(), "no image archive"),
    ]
}

/// Runs `rdspec audit` on an archive in a folder; the time is bounded.
fn audit(folder: &Path, image: &str, stdin: Option<&[u8]>) -> Run {
    let mut command = rdspec();
    command.arg("-C").arg(folder).args(["audit", image]).current_dir(folder);
    let Some(bytes) = stdin else { return run(&mut command) };
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    std::thread::scope(|scope| {
        // It may stop reading long before the end, which is its right.
        scope.spawn(move || drop(pipe.write_all(bytes)));
        let output = child.wait_with_output().unwrap();
        Run {
            status: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    })
}

#[track_caller]
fn refused(run: &Run, name: &str, word: &str) {
    let text = &run.stderr;
    assert!(matches!(run.status, Some(2 | 4)), "{name}: {run:?}");
    assert!(text.starts_with("error: "), "{name}: {text}");
    assert!(text.contains(word), "{name}: `{word}` is not in {text}");
    assert!(!text.contains("panicked"), "{name}: {text}");
    assert_eq!(run.stdout, "", "{name}");
}

#[test]
fn every_kind_of_harm_is_refused_in_a_file_and_in_a_pipe() {
    let cases = [layers(), documents()].concat();
    assert!(cases.len() >= 40);
    for (name, bytes, word) in cases {
        let folder = TempDir::new().unwrap();
        let archive = folder.path().join("image.tar");
        fs::write(&archive, &bytes).unwrap();
        let before = files_below(folder.path());
        let start = Instant::now();
        let run = audit(folder.path(), "./image.tar", None);
        refused(&run, name, word);
        let run = audit(folder.path(), "-", Some(&bytes));
        refused(&run, name, if word == "cut off" { "" } else { word });
        assert!(start.elapsed() < SOON, "{name} took {:?}", start.elapsed());
        assert_eq!(files_below(folder.path()), before, "{name} wrote something");
    }
}

#[test]
fn an_archive_that_ends_anywhere_is_refused() {
    let layer = Tar::of(&[("etc/a", &[1; 700]), ("etc/b", &[2; 700])]);
    let bytes = BuiltImage::new("x:1").layer("a", layer).archive();
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("image.tar");
    // What follows the last member is the end marker.
    for length in (0..bytes.len() - 1536).step_by(311) {
        fs::write(&path, &bytes[..length]).unwrap();
        refused(&audit(folder.path(), "./image.tar", None), &format!("{length} bytes"), "");
    }
    fs::write(&path, &bytes).unwrap();
    audit(folder.path(), "./image.tar", None).expect(0);
}

/// A layout with one image, or what a test makes of its index.
fn layout(folder: &Path, index: impl FnOnce(Value) -> Value) {
    let blobs = folder.join("blobs/sha256");
    fs::create_dir_all(&blobs).unwrap();
    let put = |kind: &str, bytes: &[u8]| {
        let digest = sha256(bytes);
        fs::write(blobs.join(&digest), bytes).unwrap();
        json!({"mediaType": kind, "digest": format!("sha256:{digest}"), "size": bytes.len()})
    };
    let image = BuiltImage::new("x:1").layer("a", Tar::of(&[("a", b"x")]));
    let config = put("application/vnd.oci.image.config.v1+json", &image.configuration());
    let layer = put("application/vnd.oci.image.layer.v1.tar", &image.layers[0].1);
    let manifest = json!({"schemaVersion": 2, "config": config, "layers": [layer]}).to_string();
    let manifest = put("application/vnd.oci.image.manifest.v1+json", manifest.as_bytes());
    fs::write(folder.join("index.json"), index(manifest).to_string()).unwrap();
}

#[test]
fn layouts_that_lead_elsewhere_are_refused() {
    let whole = |manifest: Value| json!({"schemaVersion": 2, "manifests": [manifest]});
    let check = |name: &str, word: &str, spoil: &dyn Fn(&Path)| {
        let folder = TempDir::new().unwrap();
        let inner = folder.path().join("layout");
        layout(&inner, whole);
        audit(folder.path(), "./layout", None).expect(0);
        spoil(&inner);
        let start = Instant::now();
        refused(&audit(folder.path(), "./layout", None), name, word);
        assert!(start.elapsed() < SOON, "{name}");
    };
    let a_blob = |folder: &Path| {
        let blobs = fs::read_dir(folder.join("blobs/sha256")).unwrap();
        let mut paths: Vec<_> = blobs.map(|entry| entry.unwrap().path()).collect();
        paths.sort_by_key(|path| fs::metadata(path).unwrap().len());
        paths.pop().unwrap()
    };
    check("blobs in another folder", "leads out", &|folder| {
        let elsewhere = folder.parent().unwrap().join("elsewhere");
        fs::rename(folder.join("blobs"), &elsewhere).unwrap();
        std::os::unix::fs::symlink(elsewhere, folder.join("blobs")).unwrap();
    });
    check("an index that is a file of the machine", "leads out", &|folder| {
        fs::remove_file(folder.join("index.json")).unwrap();
        std::os::unix::fs::symlink("/etc/hostname", folder.join("index.json")).unwrap();
    });
    check("a blob that is a device", "leads out", &|folder| {
        let blob = a_blob(folder);
        fs::remove_file(&blob).unwrap();
        std::os::unix::fs::symlink("/dev/zero", blob).unwrap();
    });
    check("a blob that is a named pipe", "is no file", &|folder| {
        let blob = a_blob(folder);
        fs::remove_file(&blob).unwrap();
        run(tool("mkfifo", "coreutils").arg(blob)).expect(0);
    });
    check("a blob that is a link to itself", "", &|folder| {
        let blob = a_blob(folder);
        fs::remove_file(&blob).unwrap();
        std::os::unix::fs::symlink(&blob, &blob).unwrap();
    });
    check("a blob of another size", "descriptor says", &|folder| {
        fs::write(a_blob(folder), b"short").unwrap();
    });
    check("another blob of the same size", "digest", &|folder| {
        let blob = a_blob(folder);
        let mut bytes = fs::read(&blob).unwrap();
        bytes[600] ^= 1;
        fs::write(&blob, bytes).unwrap();
    });
    check("a digest of another kind", "sha256", &|folder| {
        let index = fs::read_to_string(folder.join("index.json")).unwrap();
        fs::write(folder.join("index.json"), index.replace("sha256:", "md5:")).unwrap();
    });
}

#[test]
fn indexes_of_indexes_end() {
    let folder = TempDir::new().unwrap();
    layout(folder.path(), |manifest| {
        // Each index holds the next a hundred times: ten to the tenth of them, in five files.
        let kind = "application/vnd.oci.image.index.v1+json";
        let mut inner = manifest;
        for _ in 0..5 {
            let index = json!({"schemaVersion": 2, "manifests": vec![inner; 100]}).to_string();
            let digest = sha256(index.as_bytes());
            fs::write(folder.path().join("blobs/sha256").join(&digest), &index).unwrap();
            let digest = format!("sha256:{digest}");
            inner = json!({"mediaType": kind, "digest": digest, "size": index.len()});
        }
        json!({"schemaVersion": 2, "manifests": [inner]})
    });
    let start = Instant::now();
    refused(&audit(folder.path(), ".", None), "indexes", "nested too deeply");
    assert!(start.elapsed() < SOON);
}

#[test]
fn what_is_only_odd_is_read() {
    let odd = Tar::new()
        .raw(&header(b"/absolute", EntryType::Regular, 1, 0o644), b"x")
        .raw(&header(b"caf\xe9", EntryType::Regular, 1, 0o644), b"x")
        .raw(&header(b"pipe", EntryType::Fifo, 0, 0o644), b"")
        .raw(&header(b"null", EntryType::Char, 0, 0o666), b"")
        .link("loop", EntryType::Symlink, "loop")
        .link("out", EntryType::Symlink, "../../../../etc/passwd")
        .file("twice", 0o644, b"first")
        .file("twice", 0o644, b"second")
        .directory("d", 0o755)
        .file("d/.wh..wh..opq", 0o644, b"")
        .bytes();
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("image.tar"), with_layer(odd)).unwrap();
    let run = audit(folder.path(), "./image.tar", None).expect(0);
    assert!(run.stdout.contains("/absolute"), "{}", run.stdout);
    assert!(run.stdout.contains("caf\u{fffd}e9"), "{}", run.stdout);
}
