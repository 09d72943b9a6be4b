//! apt, asked what it would fetch from repositories. It replaces `$(ARCH)`, which is its own feature (sources.list(5)) and in no
//! string here.

use std::collections::BTreeMap;

use rdspec::render::FileTree;

use super::super::Arrived;
use super::finished;
use crate::harness::tool;

/// What apt would fetch from each repository: the lines of its Release file and of its package index, by the number in
/// the name of its file.
fn repositories(tree: &FileTree) -> BTreeMap<usize, (String, String)> {
    let folder = tempfile::tempdir().unwrap();
    let mut numbers = Vec::new();
    // apt reads the files in the order of their names, which is the tree's.
    for (path, file) in tree.iter().filter(|(path, _)| path.ends_with(".sources")) {
        let (_, name) = path.rsplit_once('/').unwrap();
        numbers.push(name["r".len()..name.len() - ".sources".len()].parse().unwrap());
        // Without a key apt tells what it would fetch after the Release file, too.
        let text = std::str::from_utf8(&file.bytes).unwrap();
        let lines = text.split_inclusive('\n').filter(|line| !line.starts_with("Signed-By: "));
        std::fs::write(folder.path().join(name), lines.collect::<String>()).unwrap();
    }
    let path = folder.path().display();
    let mut command = tool("apt-get", "apt");
    command.args([
        "update",
        "--print-uris",
        "-oAPT::Architecture=amd64",
        "-oAPT::Architectures=amd64",
    ]);
    command.args(["-oAcquire::Languages=none", "-oDir::Etc::sourcelist=/dev/null"]);
    command
        .arg(format!("-oDir::Etc::sourceparts={path}"))
        .arg(format!("-oDir::State::lists={path}/none"));
    let text = String::from_utf8(finished(command.env("LC_ALL", "C.UTF-8"), b"")).unwrap();
    let line = |line: &str| {
        let (address, _) = line.rsplit_once("' ").unwrap();
        address.strip_prefix('\'').unwrap().to_owned()
    };
    let lines = |last: &str| -> Vec<String> {
        let lines = text.lines().map(line).filter(|line| !line.contains("/binary-all/"));
        lines.filter(|line| line.rsplit('/').next().unwrap().starts_with(last)).collect()
    };
    let (releases, indexes) = (lines("InRelease"), lines("Packages"));
    assert_eq!((releases.len(), indexes.len()), (numbers.len(), numbers.len()), "{text}");
    numbers.into_iter().zip(releases.into_iter().zip(indexes)).collect()
}

/// The addresses of repositories whose suite is `stable`.
pub(in super::super) fn addresses(tree: &FileTree) -> Arrived {
    let address = |line: &str| line.strip_suffix("/dists/stable/InRelease").unwrap().to_owned();
    repositories(tree).into_iter().map(|(at, (release, _))| (at, address(&release))).collect()
}

/// The suites of repositories at the addresses that their numbers give.
pub(in super::super) fn suites(tree: &FileTree) -> Arrived {
    let suite = |(at, (release, _)): (usize, (String, String))| {
        let path = release.strip_prefix(&format!("https://example.org/r{at}/")).unwrap();
        let suite = match path.strip_prefix("dists/") {
            Some(path) => path.strip_suffix("/InRelease").unwrap(),
            None => path.strip_suffix("InRelease").unwrap(),
        };
        (at, percent_decoded(suite))
    };
    repositories(tree).into_iter().map(suite).collect()
}

/// The components of repositories whose suite is `stable`.
pub(in super::super) fn components(tree: &FileTree) -> Arrived {
    let component = |(at, (_, index)): (usize, (String, String))| {
        let start = format!("https://example.org/r{at}/dists/stable/");
        let path = index.strip_prefix(&start).unwrap();
        let (component, _) = path.rsplit_once("/binary-amd64/Packages").unwrap();
        (at, percent_decoded(component))
    };
    repositories(tree).into_iter().map(component).collect()
}

/// apt writes what is special in a URI as `%` and two hexadecimal digits.
fn percent_decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend(&part.as_bytes()[2..]);
    }
    String::from_utf8(bytes).unwrap()
}
