//! Whole archives, in every form that engines write.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tar::{Builder, EntryType};
use tempfile::TempDir;

use super::content::Keep;
use super::digest::Digest;
use super::fixture::{Blobs, configuration, gzip, header, tar_of, tar_of_link, zstd};
use super::{Image, Limits, Reading};

fn layers() -> Vec<Vec<u8>> {
    vec![tar_of(&[("a", b"first")]), tar_of(&[("b", b"second"), (".wh.a", b"")])]
}

/// Writes a file into a directory that lives as long as the first value.
fn saved(bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("image.tar");
    write(&path, bytes);
    (folder, path)
}

#[expect(clippy::disallowed_methods, reason = "the tests make the archives that they read")]
fn write(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// Opens the archive in every way that there is: all of them give the same image, or none gives one.
fn open(blobs: &Blobs, reference: Option<&str>) -> anyhow::Result<Image> {
    let tar = blobs.tar();
    let (_folder, path) = saved(&tar);
    let opened = Image::open(&path, reference);
    for stored in [tar.clone(), gzip(&tar), zstd(&tar)] {
        same(&opened, &stream(&stored, reference));
        let (_folder, path) = saved(&stored);
        same(&opened, &Image::open(&path, reference));
    }
    opened
}

fn stream(bytes: &[u8], reference: Option<&str>) -> anyhow::Result<Image> {
    let reading = Reading { limits: &Limits::default(), keep: &|_| None };
    Image::stream(bytes, reference, &reading)
}

#[track_caller]
fn same(left: &anyhow::Result<Image>, right: &anyhow::Result<Image>) {
    assert_eq!(left.as_ref().ok(), right.as_ref().ok());
}

fn refusal(blobs: &Blobs, reference: Option<&str>) -> String {
    format!("{:#}", open(blobs, reference).unwrap_err())
}

fn check(image: &Image) {
    assert_eq!(image.configuration.user, "app");
    assert_eq!(image.layers.len(), 2);
    assert_eq!(image.layers[1].created_by.as_deref(), Some("step 1"));
    assert_eq!(image.layers[1].entries.len(), 2);
    assert_eq!(image.layers[0].diff_id, Digest::of(&layers()[0]));
}

/// What `podman save` and `buildah push docker-archive:` write, with the given tags.
fn podman(tags: &Value) -> Blobs {
    let mut blobs = Blobs::default();
    let config = configuration(&layers());
    let name = format!("{}.json", Digest::of(&config).hexadecimal());
    let mut names = Vec::new();
    for layer in layers() {
        let name = format!("{}.tar", Digest::of(&layer).hexadecimal());
        blobs.set(&name, layer);
        names.push(name);
    }
    blobs.set(&name, config);
    let manifest = json!([{"Config": name, "RepoTags": tags, "Layers": names}]);
    blobs.set("manifest.json", manifest.to_string());
    blobs
}

fn layout(stored: impl Fn(&[u8]) -> Vec<u8>) -> Blobs {
    let mut blobs = Blobs::default();
    let stored = layers().iter().map(|layer| stored(layer)).collect();
    let mut descriptor = blobs.put_image(&layers(), stored);
    descriptor["annotations"] = json!({"org.opencontainers.image.ref.name": "bookworm"});
    blobs.set_index(&[descriptor]);
    blobs
}

#[test]
fn docker_before_25_with_links_between_layers() {
    let same = tar_of(&[("a", b"first")]);
    let config = configuration(&[same.clone(), same.clone()]);
    let name = format!("{}.json", Digest::of(&config).hexadecimal());
    let manifest = json!([{"Config": name, "RepoTags": ["t:1"], "Layers": ["one/layer.tar", "two/layer.tar"]}]);
    let manifest = manifest.to_string();
    let mut bytes = tar_of(&[
        (&name, &config),
        ("one/layer.tar", &same),
        ("manifest.json", manifest.as_bytes()),
    ]);
    bytes.truncate(bytes.len() - 1024);
    bytes.extend(tar_of_link("two/layer.tar", EntryType::Symlink, "../one/layer.tar"));
    let (_folder, path) = saved(&bytes);
    let image = Image::open(&path, None).unwrap();
    assert_eq!(image, stream(&bytes, None).unwrap(), "the manifest may come before a layer");
    assert_eq!(image.reference, "t:1");
    assert_eq!(image.layers[0].entries, image.layers[1].entries);
}

#[test]
fn links_that_never_end_or_lead_out() {
    let manifest = br#"[{"Config": "a", "RepoTags": null, "Layers": []}]"#;
    let start = tar_of(&[("manifest.json", manifest)]);
    let start = &start[..start.len() - 1024];
    for (link, message) in [("a", "never end"), ("../x", "leads out"), ("/etc/passwd", "leads out")]
    {
        let (_folder, path) = saved(&[start, &tar_of_link("a", EntryType::Symlink, link)].concat());
        let error = format!("{:#}", Image::open(&path, None).unwrap_err());
        assert!(error.contains(message), "{error}");
    }
}

#[test]
fn podman_archive() {
    let image = open(&podman(&json!(["localhost/t:latest"])), None).unwrap();
    check(&image);
    assert_eq!(image.reference, "localhost/t:latest");
    let untagged = open(&podman(&Value::Null), None).unwrap();
    assert!(untagged.reference.starts_with("sha256:"));
}

#[test]
fn docker_since_25_has_both_manifests() {
    let mut blobs = layout(<[u8]>::to_vec);
    let path = |bytes: &[u8]| format!("blobs/sha256/{}", Digest::of(bytes).hexadecimal());
    let layers: Vec<String> = layers().iter().map(|layer| path(layer)).collect();
    let config = path(&configuration(&self::layers()));
    let manifest = json!([{"Config": config, "RepoTags": ["t:1"], "Layers": layers}]);
    blobs.set("manifest.json", manifest.to_string());
    let image = open(&blobs, Some("docker.io/library/t:1")).unwrap();
    check(&image);
    assert_eq!(image.reference, "t:1");
}

#[test]
fn oci_archive_with_every_compression() {
    for stored in [<[u8]>::to_vec, gzip, zstd] {
        let image = open(&layout(stored), None).unwrap();
        check(&image);
        assert_eq!(image.reference, "bookworm");
    }
}

#[test]
fn oci_directory() {
    let folder = TempDir::new().unwrap();
    for (name, bytes) in layout(gzip).0 {
        write(&folder.path().join(name), &bytes);
    }
    check(&Image::open(folder.path(), Some("bookworm")).unwrap());
}

#[test]
fn one_of_several_images() {
    let mut blobs = podman(&json!(["one:1", "uno:1"]));
    let mut entries: Vec<Value> = serde_json::from_slice(&blobs.0["manifest.json"]).unwrap();
    let empty = configuration(&[]);
    let name = format!("{}.json", Digest::of(&empty).hexadecimal());
    blobs.set(&name, empty.clone());
    entries.push(json!({"Config": name, "RepoTags": ["two"], "Layers": null}));
    blobs.set("manifest.json", Value::from(entries).to_string());
    let message = refusal(&blobs, None);
    assert!(message.contains("one:1, uno:1") && message.contains("two"), "{message}");
    assert!(refusal(&blobs, Some("three")).contains("no image is called three"));
    check(&open(&blobs, Some("uno:1")).unwrap());
    assert_eq!(open(&blobs, Some("uno:1")).unwrap().reference, "uno:1");
    assert!(open(&blobs, Some("docker.io/library/two:latest")).unwrap().layers.is_empty());
    let by_digest = open(&blobs, Some(&Digest::of(&empty).to_string())).unwrap();
    assert_eq!(by_digest.reference, "two");
}

#[test]
fn platforms_and_attestations() {
    let mut blobs = Blobs::default();
    let index = "application/vnd.oci.image.index.v1+json";
    let mut image = blobs.put_image(&layers(), layers());
    image["platform"] = json!({"os": "linux", "architecture": "amd64"});
    let mut attestation = blobs.put_image(&[], vec![]);
    attestation["annotations"] = json!({"vnd.docker.reference.type": "attestation-manifest"});
    let mut absent = image.clone();
    absent["digest"] = json!(Digest::of(b"not saved").to_string());
    let nested = |manifests: &[&Value]| {
        json!({"schemaVersion": 2, "manifests": manifests}).to_string().into_bytes()
    };
    let mut one = blobs.put(index, nested(&[&image, &attestation, &absent]));
    one["annotations"] = json!({"io.containerd.image.name": "docker.io/library/t:1"});
    blobs.set_index(&[one]);
    let found = open(&blobs, Some("t:1")).unwrap();
    check(&found);
    assert_eq!(found.reference, "docker.io/library/t:1");

    let mut other = blobs.put_image(&layers()[..1], layers()[..1].to_vec());
    other["platform"] = json!({"os": "linux", "architecture": "arm64", "variant": "v8"});
    let mut two = blobs.put(index, nested(&[&image, &other]));
    two["annotations"] = json!({"io.containerd.image.name": "t:1"});
    blobs.set_index(&[two]);
    let message = refusal(&blobs, Some("t:1"));
    assert!(message.contains("linux/arm64/v8") && message.contains("by digest"), "{message}");
    let digest = other["digest"].as_str().unwrap();
    assert_eq!(open(&blobs, Some(digest)).unwrap().layers.len(), 1);
}

#[test]
fn every_blob_is_verified() {
    let whole = layout(gzip);
    for name in whole.0.keys().filter(|name| name.starts_with("blobs/")) {
        let mut damaged = whole.clone();
        let bytes = damaged.0.get_mut(name).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        assert!(open(&damaged, None).is_err(), "{name}");
        let mut longer = whole.clone();
        longer.0.get_mut(name).unwrap().push(b' ');
        let message = refusal(&longer, None);
        assert!(message.contains("its descriptor says"), "{message}");
        let mut missing = whole.clone();
        missing.0.remove(name);
        assert!(open(&missing, None).is_err(), "{name}");
    }
    let mut damaged = podman(&Value::Null);
    let layer = tar_of(&[("a", b"other")]);
    let name = format!("{}.tar", Digest::of(&layers()[0]).hexadecimal());
    damaged.set(&name, layer);
    assert!(refusal(&damaged, None).contains("layer 0"));
}

#[test]
fn layers_and_configuration_must_agree() {
    let mut blobs = podman(&Value::Null);
    let mut manifest: Value = serde_json::from_slice(&blobs.0["manifest.json"]).unwrap();
    manifest[0]["Layers"].as_array_mut().unwrap().pop();
    blobs.set("manifest.json", manifest.to_string());
    assert!(refusal(&blobs, None).contains("names 2 layers, the manifest 1"));
}

#[test]
fn artifacts_are_no_images() {
    let mut blobs = Blobs::default();
    let config = blobs.put("application/vnd.example.chart+json", b"{}".to_vec());
    let manifest = json!({"schemaVersion": 2, "config": config, "layers": []}).to_string();
    let descriptor = blobs.put("application/vnd.oci.image.manifest.v1+json", manifest.into_bytes());
    blobs.set_index(&[descriptor]);
    assert!(refusal(&blobs, None).contains("no container image"));
}

#[test]
fn names_cannot_lead_out() {
    let manifest = json!([{"Config": "../../etc/passwd", "RepoTags": null, "Layers": []}]);
    let mut blobs = Blobs::default();
    blobs.set("manifest.json", manifest.to_string());
    assert!(refusal(&blobs, None).contains("leads out"));
    let folder = TempDir::new().unwrap();
    write(&folder.path().join("manifest.json"), manifest.to_string().as_bytes());
    let error = format!("{:#}", Image::open(folder.path(), None).unwrap_err());
    assert!(error.contains("leads out"), "{error}");
}

#[test]
fn files_that_are_no_archives() {
    for (bytes, message) in [
        (b"BZh91AY&SY".to_vec(), "bzip2"),
        (b"plain text".to_vec(), "no tar archive"),
        (tar_of(&[("a", b"")]), "no image archive"),
        (Vec::new(), "no image archive"),
        (tar_of(&[("manifest.json", b"[]")]), "no image"),
        (tar_of(&[("manifest.json", b"{")]), "manifest.json"),
    ] {
        let (_folder, path) = saved(&bytes);
        let error = format!("{:#}", Image::open(&path, None).unwrap_err());
        assert!(error.contains(message), "{error}");
        let error = format!("{:#}", stream(&bytes, None).unwrap_err());
        assert!(error.contains(message), "{error}");
    }
    assert!(Image::open(Path::new("/nonexistent/image.tar"), None).is_err());
}

#[test]
fn archives_that_are_cut_off() {
    let whole = layout(<[u8]>::to_vec).tar();
    // Up to the last member's content; what follows is the end marker.
    for length in (0..whole.len() - 2048).step_by(509) {
        let (_folder, path) = saved(&whole[..length]);
        assert!(Image::open(&path, None).is_err(), "{length} of {}", whole.len());
        assert!(stream(&whole[..length], None).is_err(), "{length} of {}", whole.len());
    }
    let mut huge = Builder::new(Vec::new());
    huge.append(&header("manifest.json", EntryType::Regular, 1), b"x".as_slice()).unwrap();
    let mut bytes = huge.into_inner().unwrap();
    let mut lie = header("blob", EntryType::Regular, 0);
    lie.as_old_mut().size.copy_from_slice(b"777777777777");
    lie.set_cksum();
    bytes.splice(1024.., lie.as_bytes().iter().copied());
    let (_folder, path) = saved(&bytes);
    let error = format!("{:#}", Image::open(&path, None).unwrap_err());
    assert!(error.contains("cut off"), "{error}");
}

#[test]
fn members_of_one_name_are_refused() {
    let bytes = tar_of(&[("manifest.json", b"[]"), ("./manifest.json", b"[]")]);
    let (_folder, path) = saved(&bytes);
    for error in [Image::open(&path, None).unwrap_err(), stream(&bytes, None).unwrap_err()] {
        assert!(format!("{error:#}").contains("twice"), "{error:#}");
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the tests make the archives that they read")]
fn links_of_a_directory_stay_in_it() {
    let folder = TempDir::new().unwrap();
    let outside = folder.path().join("outside");
    let layout_folder = folder.path().join("layout");
    let blobs = layout(<[u8]>::to_vec);
    for (name, bytes) in &blobs.0 {
        write(&layout_folder.join(name), bytes);
    }
    let link = layout_folder.join("blobs");
    let move_blobs = |to: &Path| {
        std::fs::rename(&link, to).unwrap();
        std::os::unix::fs::symlink(to, &link).unwrap();
    };
    move_blobs(&layout_folder.join("kept"));
    check(&Image::open(&layout_folder, None).unwrap());
    std::fs::remove_file(&link).unwrap();
    std::fs::rename(layout_folder.join("kept"), &link).unwrap();
    move_blobs(&outside);
    let error = format!("{:#}", Image::open(&layout_folder, None).unwrap_err());
    assert!(error.contains("leads out"), "{error}");
}

#[test]
fn contents_that_are_asked_for_are_kept() {
    let blobs = layout(gzip);
    let keep = |path: &str| (path == "b").then_some(Keep::Whole);
    let reading = Reading { limits: &Limits::default(), keep: &keep };
    let image = Image::stream(blobs.tar().as_slice(), None, &reading).unwrap();
    assert!(image.layers[0].kept.is_empty());
    assert_eq!(image.layers[1].kept[&0].bytes, b"second");
}
