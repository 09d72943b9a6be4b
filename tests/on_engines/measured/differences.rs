//! Where the images of the two sides may differ: what the manner of writing leaves behind, and what any two builds
//! differ in. Everything else is a difference of content, and fails.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use rdspec::image::compare::{Difference, Options, What, compare};
use rdspec::image::tree::Tree;
use rdspec::image::{pattern, shared_databases};

/// A pattern of paths, and why they are on one side only or not the same.
const EXPLAINED: &[(&str, &str)] = &[
    ("resources", EARLY),
    ("resources/**", EARLY),
    ("usr/bin/clean-layer.sh", EARLY),
    ("usr/bin/fix-permissions.sh", EARLY),
    ("home/jovyan/**", "by hand: the home, which its copy does not replace"),
    ("var/log/**", LEFT_BEHIND),
    ("etc/group-", LEFT_BEHIND),
    ("etc/gshadow-", LEFT_BEHIND),
    ("etc/passwd-", LEFT_BEHIND),
    ("etc/shadow-", LEFT_BEHIND),
    ("run/adduser", LEFT_BEHIND),
    ("run/screen", LEFT_BEHIND),
    ("etc/GNUstep/gdomap_probes", LEFT_BEHIND),
    ("var/cache/debconf/*-old", LEFT_BEHIND),
    ("var/cache/ldconfig/aux-cache", LEFT_BEHIND),
    ("var/lib/dpkg/*-old", LEFT_BEHIND),
    ("var/lib/sgml-base/*.old", LEFT_BEHIND),
    ("var/lib/ucf/hashfile.*", LEFT_BEHIND),
    ("var/lib/ucf/registry.*", LEFT_BEHIND),
    ("run/apt", MOUNT_POINT),
    ("run/sudoers.rules", MOUNT_POINT),
    ("var/cache/apt/archives", "by hand: the folder went with what was in it"),
    ("var/cache/apt/archives/partial", "by hand: the folder went with what was in it"),
];

const EARLY: &str = "by hand: what is copied early, for the build alone";
const MOUNT_POINT: &str = "ours: an empty mount point, which Docker 20.10 leaves";
const LEFT_BEHIND: &str = "by hand: logs, backups and caches of the build, which no step removes";

/// Checks of the spec that fail by hand: rights are wider there than they should be.
const WIDER_RIGHTS: &[&str] = &["rsyslog: test ! -w /var/log"];

/// Whether a line of TAP, of a check that failed, is what the manner of writing by hand leads to.
pub(super) fn fails_by_hand(line: &str) -> bool {
    WIDER_RIGHTS.iter().any(|check| line.ends_with(check))
}

/// Fails on a difference that has no explanation; counts the others.
pub(super) fn are_explained(ours: &Tree, by_hand: &Tree) {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut unexplained = Vec::new();
    for difference in compare(ours, by_hand, &Options::default()) {
        match explanation(&difference) {
            Some(reason) => *counts.entry(reason).or_default() += 1,
            None => unexplained.push(difference.to_string()),
        }
    }
    let mut out = std::io::stderr();
    for (reason, count) in counts {
        writeln!(out, "{count:>6} differences: {reason}").unwrap();
    }
    assert!(unexplained.is_empty(), "the two sides differ:\n{}", unexplained.join("\n"));
}

fn explanation(difference: &Difference) -> Option<String> {
    let path = &difference.path;
    if let Some((_, reason)) = EXPLAINED.iter().find(|(one, _)| pattern::matches(one, path)) {
        return Some((*reason).to_owned());
    }
    match difference.what {
        What::Mode(..) | What::Owner(..) => {
            let top = path.split('/').next().unwrap_or_default();
            Some(format!("rights below /{top}"))
        }
        What::Content(..) if Path::new(path).extension().is_some_and(|one| one == "pyc") => {
            Some("compiled Python names the hash of its source, by hand its time".to_owned())
        }
        What::Content(..) => shared_databases::owner(path).map(|database| {
            format!("{} writes its database in the order of packages", database.owner)
        }),
        _ => None,
    }
}
