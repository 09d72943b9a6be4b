//! `rdspec diff`, on images that are made here as engines save them.

use serde_json::{Value, json};

use crate::built::{BuiltImage, Tar};
use crate::harness::{Run, rdspec, run};

/// Compares two images.
fn diff(old: &BuiltImage, new: &BuiltImage, arguments: &[&str]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let old = old.save(&folder.path().join("old.tar"));
    let new = new.save(&folder.path().join("new.tar"));
    run(rdspec().arg("diff").arg(old).arg(new).args(arguments))
}

fn status(packages: &[(&str, &str)]) -> Vec<u8> {
    let record = |(name, version): &(&str, &str)| {
        format!(
            "Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\nDescription: {name}\n long text\n\n"
        )
    };
    packages.iter().map(record).collect::<String>().into_bytes()
}

fn old() -> BuiltImage {
    let tar = Tar::new()
        .file(
            "var/lib/dpkg/status",
            0o644,
            &status(&[("bash", "5.2-1"), ("gone", "1"), ("same", "3")]),
        )
        .file(
            "opt/v/site-packages/a-1.dist-info/METADATA",
            0o644,
            b"Metadata-Version: 2.1\nName: a\nVersion: 1\n\nText",
        )
        .file("usr/lib/node_modules/n/package.json", 0o644, br#"{"name": "n", "version": "1.0.0"}"#)
        .file("opt/c/conda-meta/z-1.0-h0.json", 0o644, b"{}")
        .file("opt/r/library/cli/DESCRIPTION", 0o644, b"Package: cli\nVersion: 1.0\nBuilt: R 4.2\n")
        .file("etc/changed", 0o644, b"before")
        .file("etc/removed", 0o644, b"x")
        .bytes();
    let mut image = BuiltImage::new("x:old").layer("a", tar);
    image.config = json!({
        "User": "1000", "Env": ["A=1", "B=2"], "Entrypoint": ["/init"], "Labels": {"k": "v"},
        "ExposedPorts": {"80/tcp": {}}
    });
    image
}

fn new() -> BuiltImage {
    let tar = Tar::new()
        .file(
            "var/lib/dpkg/status",
            0o644,
            &status(&[("bash", "5.2-2"), ("same", "3"), ("come", "9")]),
        )
        .file("opt/v/site-packages/a-2.dist-info/METADATA", 0o644, b"Name: a\nVersion: 2\n")
        .file("opt/v/site-packages/.wh.a-1.dist-info", 0o644, b"")
        .file("usr/lib/node_modules/n/package.json", 0o644, br#"{"name": "n", "version": "1.1.0"}"#)
        .file("opt/c/conda-meta/.wh.z-1.0-h0.json", 0o644, b"")
        .file("opt/c/conda-meta/z-1.1-h0.json", 0o644, b"{}")
        .file("opt/r/library/cli/DESCRIPTION", 0o644, b"Package: cli\nVersion: 1.1\nBuilt: R 4.2\n")
        .file("etc/changed", 0o600, b"after")
        .file("etc/.wh.removed", 0o644, b"")
        .file("etc/added", 0o644, b"12345")
        .bytes();
    let mut image = old().layer("b", tar);
    "x:new".clone_into(&mut image.name);
    image.config = json!({
        "User": "1000", "Env": ["A=1", "B=3"], "Entrypoint": ["/init", "-x"], "Labels": {},
        "ExposedPorts": {"80/tcp": {}, "81/tcp": {}}
    });
    image
}

#[test]
fn packages_settings_and_files_that_changed_are_listed() {
    let run = diff(&old(), &new(), &["--format", "json"]).expect(1);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let line = |change: &Value| {
        let versions = |side: &str| {
            change[side]
                .as_array()
                .unwrap()
                .iter()
                .map(|v| v.as_str().unwrap())
                .collect::<Vec<_>>()
                .join(",")
        };
        format!(
            "{} {} {}>{}",
            change["manager"].as_str().unwrap(),
            change["name"].as_str().unwrap(),
            versions("old"),
            versions("new")
        )
    };
    let packages: Vec<String> = report["packages"].as_array().unwrap().iter().map(line).collect();
    assert_eq!(
        packages,
        [
            "dpkg bash 5.2-1>5.2-2",
            "dpkg come >9",
            "dpkg gone 1>",
            "python a 1>2",
            "node n 1.0.0>1.1.0",
            "conda z 1.0 h0>1.1 h0",
            "r cli 1.0>1.1",
        ]
    );
    let settings: Vec<&str> = report["settings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|setting| setting["name"].as_str().unwrap())
        .collect();
    assert_eq!(settings, ["entrypoint", "label k", "port 81/tcp", "variable B"]);
    let paths: Vec<&str> = report["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file["path"].as_str().unwrap())
        .collect();
    for path in ["etc/added", "etc/changed", "etc/removed", "var/lib/dpkg/status"] {
        assert!(paths.contains(&path), "{path} is not in {paths:?}");
    }
}

#[test]
fn the_text_is_short_unless_every_file_is_asked_for() {
    let text = diff(&old(), &new(), &[]).expect(1).stdout;
    for line in [
        "packages: 1 added, 1 removed, 5 changed",
        "~  dpkg    bash  5.2-1 -> 5.2-2",
        "+  dpkg    come  9",
        "-  dpkg    gone  1",
        r#"~  entrypoint   ["/init"] -> ["/init", "-x"]"#,
        r#"~  variable B   "2" -> "3""#,
        "+  port 81/tcp  exposed",
        "/etc/added",
    ] {
        assert!(text.contains(line), "`{line}` is not in\n{text}");
    }
    assert!(!text.contains("/etc/changed: mode"), "{text}");
    let text = diff(&old(), &new(), &["--files"]).expect(1).stdout;
    assert!(text.contains("/etc/changed: mode 0644, 0600"), "{text}");
    assert!(text.contains("/etc/removed: only left"), "{text}");
}

#[test]
fn the_same_is_the_same_however_it_is_layered() {
    let text = diff(&old(), &old(), &[]).expect(0).stdout;
    assert!(text.contains("nothing differs"), "{text}");
    let two = BuiltImage::new("x:2")
        .layer("a", Tar::of(&[("a", b"1"), ("gone", b"x")]))
        .layer("b", Tar::of(&[(".wh.gone", b""), ("b", b"2")]));
    let one = BuiltImage::new("x:1").layer("a", Tar::of(&[("b", b"2"), ("a", b"1")]));
    diff(&two, &one, &["--mtimes"]).expect(0);
}

#[test]
fn what_is_explained_and_times_are_left_out() {
    let with = |content: &[u8]| {
        let tar = Tar::new()
            .file("var/cache/ldconfig/aux-cache", 0o644, content)
            .file("var/lib/x/y/z", 0o644, content)
            .bytes();
        BuiltImage::new("x:1").layer("a", tar)
    };
    let (one, other) = (with(b"1"), with(b"2"));
    diff(&one, &other, &[]).expect(1);
    diff(&one, &other, &["--except", "/var/cache/ldconfig/*"]).expect(1);
    let patterns = ["--except", "/var/cache/ldconfig/*", "--except", "var/lib/x/**"];
    diff(&one, &other, &patterns).expect(0);
    let mut header = crate::built::header(b"a", tar::EntryType::Regular, 1, 0o644);
    header.set_mtime(1);
    header.set_cksum();
    let early = BuiltImage::new("x:1").layer("a", Tar::new().raw(&header, b"1").bytes());
    let late = BuiltImage::new("x:1").layer("a", Tar::of(&[("a", b"1")]));
    diff(&early, &late, &[]).expect(0);
    diff(&early, &late, &["--mtimes"]).expect(1);
}
