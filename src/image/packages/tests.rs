//! Packages of every manager, read out of layers.

use super::super::content::{Keep, Kept};
use super::super::fixture::{file, image, whiteout};
use super::super::tree::Tree;
use super::super::{Entry, Image};
use super::{Packages, keep, of};

/// Layers with these files, each kept as a reader would keep it.
fn image_of(layers: &[&[(&str, &str)]]) -> Image {
    let entries = |files: &[(&str, &str)]| -> Vec<Entry> {
        files.iter().map(|(path, content)| file(path, content)).collect()
    };
    let mut image = image(layers.iter().map(|files| entries(files)).collect());
    for (layer, files) in image.layers.iter_mut().zip(layers) {
        for (number, (path, content)) in files.iter().enumerate() {
            if keep(path).is_some() {
                layer.kept.insert(number, Kept { bytes: content.as_bytes().to_vec(), cut: false });
            }
        }
    }
    image
}

fn packages(image: &Image) -> Packages {
    of(image, &Tree::of(&image.layers).unwrap())
}

/// One line a package.
fn list(image: &Image) -> Vec<String> {
    let packages = packages(image);
    assert_eq!(packages.unreadable, [""; 0]);
    let line = |(package, versions): (&super::Package, &std::collections::BTreeSet<String>)| {
        let place = package.place.as_deref().unwrap_or("-");
        let versions: Vec<&str> = versions.iter().map(String::as_str).collect();
        format!("{} {} {} {place}", package.manager, package.name, versions.join(","))
    };
    packages.versions.iter().map(line).collect()
}

#[test]
fn every_manager() {
    let status = "Package: a\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1:2-3\n\n\
        Package: gone\nStatus: deinstall ok config-files\nArchitecture: all\nVersion: 1\n\n\
        Package: libx\nStatus: hold ok installed\nArchitecture: amd64\nVersion: 1\n\n\
        Package: libx\nStatus: install ok installed\nArchitecture: i386\nVersion: 1\n";
    let image = image_of(&[&[
        ("var/lib/dpkg/status", status),
        ("var/lib/dpkg/status.d/base", "Package: tzdata\nVersion: 2026a\n"),
        ("var/lib/dpkg/status.d/base.md5sums", "0123  etc/x\n"),
        (
            "opt/v/lib/python3.11/site-packages/A_b-1.0.dist-info/METADATA",
            "Name: A.b\nVersion: 1.0\n",
        ),
        ("usr/lib/node_modules/npm/package.json", r#"{"name": "npm", "version": "9.2.0"}"#),
        ("usr/lib/node_modules/@s/p/package.json", r#"{"name": "@s/p", "version": "3"}"#),
        (
            "usr/lib/node_modules/npm/node_modules/abbrev/package.json",
            r#"{"name": "abbrev", "version": "1"}"#,
        ),
        ("usr/lib/node_modules/npm/dist/package.json", r#"{"type": "module"}"#),
        ("opt/conda/conda-meta/ca-certificates-2024.7.4-hbcca054_0.json", "{}"),
        ("opt/conda/conda-meta/history", "==> x <==\n"),
        ("opt/r/library/cli/DESCRIPTION", "Package: cli\nVersion: 3.6\nBuilt: R 4.2.2\n"),
        ("usr/src/cli/DESCRIPTION", "Package: cli\nVersion: 3.6\n"),
    ]]);
    assert_eq!(
        list(&image),
        [
            "dpkg a 1:2-3 -",
            "dpkg libx:amd64 1 -",
            "dpkg libx:i386 1 -",
            "dpkg tzdata 2026a -",
            "Python A.b 1.0 /opt/v/lib/python3.11/site-packages",
            "Node @s/p 3 /usr/lib/node_modules",
            "Node npm 9.2.0 /usr/lib/node_modules",
            "conda ca-certificates 2024.7.4 hbcca054_0 /opt/conda",
            "R cli 3.6 /opt/r/library",
        ]
    );
}

#[test]
fn what_the_uppermost_layer_says_counts() {
    let path = "var/lib/dpkg/status";
    let image = image_of(&[
        &[(path, "Package: a\nVersion: 1\n"), ("x", ""), ("opt/c/conda-meta/a-1-0.json", "")],
        &[("y", ""), (path, "Package: a\nVersion: 2\n")],
    ]);
    assert_eq!(list(&image), ["dpkg a 2 -", "conda a 1 0 /opt/c"]);
    let mut image = image;
    image.layers[1].entries.push(whiteout("opt"));
    assert_eq!(list(&image), ["dpkg a 2 -"]);
}

#[test]
fn what_cannot_be_read_is_named() {
    let path = "usr/lib/node_modules/x/package.json";
    let mut image = image_of(&[&[(path, "{"), ("opt/c/conda-meta/odd.json", "")]]);
    assert_eq!(packages(&image).unreadable, ["opt/c/conda-meta/odd.json", path]);
    image = image_of(&[&[("var/lib/dpkg/status", "Package: a\nVersion: 1\n")]]);
    image.layers[0].kept.get_mut(&0).unwrap().cut = true;
    assert_eq!(packages(&image).unreadable, ["var/lib/dpkg/status"]);
}

#[test]
fn only_what_is_read_is_kept() {
    assert_eq!(keep("usr/bin/bash"), None);
    assert_eq!(keep("opt/c/conda-meta/a-1-0.json"), None, "its name says it all");
    assert!(matches!(keep("var/lib/dpkg/status"), Some(Keep::Fields(_))));
    assert_eq!(keep("a/node_modules/b/node_modules/c/package.json"), None);
}
