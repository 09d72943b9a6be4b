//! Archives that somebody made to do harm: each is refused with a message, soon, and nothing is written anywhere.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tar::EntryType;
use tempfile::TempDir;

use crate::built::{BuiltImage, Tar, header, sha256};
use crate::harness::{Run, files_below, rdspec, run, tool};

mod cases;

/// Long enough for the slowest machine, far from a hang.
const SOON: Duration = Duration::from_secs(120);

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
    let cases = [cases::layers::all(), cases::documents::all()].concat();
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
    fs::write(folder.path().join("image.tar"), cases::with_layer(odd)).unwrap();
    let run = audit(folder.path(), "./image.tar", None).expect(0);
    assert!(run.stdout.contains("/absolute"), "{}", run.stdout);
    assert!(run.stdout.contains("caf\u{fffd}e9"), "{}", run.stdout);
}
