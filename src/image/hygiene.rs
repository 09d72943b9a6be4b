//! Files that no layer should have: what a build leaves behind, and what belongs to one machine.
//!
//! Takes an image and the number of its base's layers, gives one finding for each such file that one of
//! our layers *stores*: a file that a later layer deletes has still been shipped. Whiteouts of such files
//! are welcome, and never a finding; directories are none either, except below the temporary ones.
//!
//! Left out: `__pycache__`, since Debian's packages and pip make it on purpose, once, and programs start
//! slower without it; apt's empty skeleton (`var/lib/apt/lists/partial`, `var/cache/apt/archives/partial`
//! and their `lock` files), which apt makes again each time it runs.

use serde::Serialize;

use super::{EntryKind, Image, pattern};

/// A file that should not be there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The layer that stores it.
    pub layer: usize,
    /// The file.
    pub path: String,
    /// Bytes of content; 0 for links and for empty files, which are findings too.
    pub bytes: u64,
    /// What is wrong with it.
    pub category: Category,
}

/// What is wrong with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// A cache that the program fills again.
    Cache,
    /// A temporary file, or the state of something running.
    Temporary,
    /// A log.
    Log,
    /// The copy that a program keeps of its database before it rewrites it.
    Backup,
    /// A key that every container of the image would share.
    Secret,
    /// An identity or a random seed that must differ from machine to machine.
    MachineIdentity,
}

struct Rule {
    pattern: &'static str,
    category: Category,
}

const fn rule(pattern: &'static str, category: Category) -> Rule {
    Rule { pattern, category }
}

/// Files of apt's empty skeleton: exceptions to the rules.
const SKELETON: &[&str] = &["var/lib/apt/lists/lock", "var/cache/apt/archives/lock"];

/// An empty one tells systemd to make an identity at the first start (machine-id(5)).
const MACHINE_ID: &str = "etc/machine-id";

/// Directories whose content is temporary, directories in it included.
const TEMPORARY: &[&str] = &["tmp/**", "var/tmp/**"];

const RULES: &[Rule] = &[
    rule("var/cache/apt/*.bin", Category::Cache),
    rule("var/cache/apt/archives/*", Category::Cache),
    rule("var/cache/apt/archives/partial/*", Category::Cache),
    rule("var/lib/apt/lists/**", Category::Cache),
    rule("var/cache/ldconfig/aux-cache", Category::Cache),
    rule("root/.cache/**", Category::Cache),
    rule("home/*/.cache/**", Category::Cache),
    rule("etc/skel/.cache/**", Category::Cache),
    rule("tmp/**", Category::Temporary),
    rule("var/tmp/**", Category::Temporary),
    rule("run/**", Category::Temporary),
    rule("var/log/**", Category::Log),
    rule("etc/passwd-", Category::Backup),
    rule("etc/group-", Category::Backup),
    rule("etc/shadow-", Category::Backup),
    rule("etc/gshadow-", Category::Backup),
    rule("etc/subuid-", Category::Backup),
    rule("etc/subgid-", Category::Backup),
    rule("var/lib/dpkg/*-old", Category::Backup),
    rule("var/cache/debconf/*-old", Category::Backup),
    rule("etc/ssh/ssh_host_*_key*", Category::Secret),
    rule("etc/ssl/private/ssl-cert-snakeoil.key", Category::Secret),
    rule("etc/ssl/certs/ssl-cert-snakeoil.pem", Category::Secret),
    rule(MACHINE_ID, Category::MachineIdentity),
    rule("var/lib/dbus/machine-id", Category::MachineIdentity),
    rule("var/lib/systemd/random-seed", Category::MachineIdentity),
    rule("var/lib/urandom/random-seed", Category::MachineIdentity),
    rule("etc/GNUstep/gdomap_probes", Category::MachineIdentity),
];

/// The findings of all layers from number `base_layers` on, by layer, in the order of the tar.
pub fn find(image: &Image, base_layers: usize) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (layer, content) in image.layers.iter().enumerate().skip(base_layers) {
        for entry in &content.entries {
            if let Some(category) = judge(&entry.path, &entry.kind) {
                let bytes = if let EntryKind::File { size, .. } = entry.kind { size } else { 0 };
                findings.push(Finding { layer, path: entry.path.clone(), bytes, category });
            }
        }
    }
    findings
}

fn judge(path: &str, kind: &EntryKind) -> Option<Category> {
    match kind {
        EntryKind::Whiteout | EntryKind::Opaque => return None,
        EntryKind::Directory => {
            let temporary = TEMPORARY.iter().any(|pattern| pattern::matches(pattern, path));
            return temporary.then_some(Category::Temporary);
        }
        // `var/lib/dbus/machine-id` is rightly a link to the one in `etc`, and logs to `/dev/stdout` store none.
        EntryKind::Symlink { .. } if !path.starts_with("tmp/") && !path.starts_with("var/tmp/") => {
            return None;
        }
        EntryKind::File { size: 0, .. } if path == MACHINE_ID => return None,
        _ => {}
    }
    if SKELETON.contains(&path) {
        return None;
    }
    RULES.iter().find(|rule| pattern::matches(rule.pattern, path)).map(|rule| rule.category)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{directory, file, image, symlink, whiteout};
    use super::{Category, find};

    fn categories(entries: Vec<super::super::Entry>) -> Vec<(String, Category)> {
        let image = image(vec![entries]);
        find(&image, 0).into_iter().map(|finding| (finding.path, finding.category)).collect()
    }

    #[test]
    fn every_category() {
        for (path, category) in [
            ("var/cache/apt/pkgcache.bin", Category::Cache),
            ("var/cache/apt/archives/bash_5_amd64.deb", Category::Cache),
            ("var/lib/apt/lists/archive.example.org_dists_x_InRelease", Category::Cache),
            ("root/.cache/pip/http/a", Category::Cache),
            ("home/user/.cache/x", Category::Cache),
            ("var/cache/ldconfig/aux-cache", Category::Cache),
            ("tmp/a/b", Category::Temporary),
            ("run/x.pid", Category::Temporary),
            ("var/log/apt/history.log", Category::Log),
            ("etc/shadow-", Category::Backup),
            ("var/lib/dpkg/status-old", Category::Backup),
            ("var/cache/debconf/templates.dat-old", Category::Backup),
            ("etc/ssh/ssh_host_ed25519_key", Category::Secret),
            ("etc/ssl/private/ssl-cert-snakeoil.key", Category::Secret),
            ("etc/machine-id", Category::MachineIdentity),
            ("var/lib/systemd/random-seed", Category::MachineIdentity),
        ] {
            assert_eq!(categories(vec![file(path, "x")]), [(path.to_owned(), category)]);
        }
    }

    #[test]
    fn what_is_fine() {
        let fine = vec![
            directory("tmp"),
            directory("run/lock"),
            directory("var/log/apt"),
            directory("var/lib/apt/lists/partial"),
            file("var/lib/apt/lists/lock", ""),
            file("etc/machine-id", ""),
            file("usr/lib/python3/__pycache__/a.pyc", "x"),
            symlink("var/lib/dbus/machine-id", "/etc/machine-id"),
            symlink("var/log/nginx/access.log", "/dev/stdout"),
            whiteout("var/log/dpkg.log"),
            whiteout("etc/shadow-"),
        ];
        assert_eq!(categories(fine), []);
    }

    #[test]
    fn empty_files_links_and_directories_of_tmp_are_found() {
        let left = vec![
            directory("tmp/build"),
            symlink("tmp/link", "x"),
            file("var/log/lastlog", ""),
            file("var/lib/dbus/machine-id", ""),
        ];
        assert_eq!(categories(left).len(), 4);
    }

    #[test]
    fn the_base_is_not_ours() {
        let image = image(vec![vec![file("var/log/a", "x")], vec![file("var/log/b", "xy")]]);
        let findings = find(&image, 1);
        assert_eq!(findings.len(), 1);
        assert_eq!((findings[0].layer, findings[0].bytes), (1, 2));
    }
}
