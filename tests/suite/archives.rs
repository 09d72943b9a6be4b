//! What `[apt]` of components and `languages` of the stack come to in scripts and files.

use crate::harness::{compiled, contents, nasty_spec};
use rdspec::source::SpecFiles;

fn text(files: &SpecFiles, path: &str) -> String {
    let tree = compiled(files).tree;
    let file = tree.get(path).unwrap_or_else(|| panic!("there is no {path}"));
    String::from_utf8(file.bytes.to_vec()).unwrap()
}

#[track_caller]
fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in:\n{text}");
    }
}

#[test]
fn one_transaction_pins_keeps_out_holds_and_answers() {
    let script = text(&nasty_spec(), "base/resources/tools/apt-normal.sh");
    has(
        &script,
        &[
            "  'c++-tool=1:2.0~rc1+git-1ubuntu0.1' \\\n",
            "apt_get install --purge --no-install-recommends",
            "  libunwanted0+really- \\\n  unwanted-\n",
            "apt-mark hold c++-tool held\n",
            "  'held archives/empty multiselect ' \\\n",
            "add /run/apt-normal.repositories/vendor.asc /etc/apt/keyrings/vendor.asc\n",
        ],
    );
    // Answers and repositories come before the packages that they are for.
    let at = |part: &str| script.find(part).unwrap();
    assert!(at("debconf-set-selections") < at("apt_get install"));
    assert!(at("\nadd /run/") < at("apt_get --error-on=any update"));
}

/// What one image keeps out does not come back with a child's packages.
#[test]
fn children_keep_out_what_their_parents_do() {
    let script = text(&nasty_spec(), "middle/resources/tools/apt-normal.sh");
    has(&script, &["  unwanted-\n"]);
}

#[test]
fn the_bytes_of_a_key_are_an_input_of_the_layer() {
    let line = |files: &SpecFiles| {
        let dockerfile = text(files, "base/Dockerfile");
        dockerfile.lines().find(|line| line.contains("/run/apt-normal.sh #")).unwrap().to_owned()
    };
    let files = nasty_spec();
    let mut changed = contents(&files);
    let key = changed.get_mut("resources/archives/key with space.asc").unwrap();
    key.extend_from_slice(b"\n");
    assert_ne!(line(&files), line(&SpecFiles::new("spec", changed)));
}

#[test]
fn only_declared_languages_are_written_for_dpkg() {
    let files = nasty_spec();
    let folders: Vec<String> = text(&files, "base/resources/tools/bootstrap.sh")
        .lines()
        .filter_map(|line| line.strip_prefix("path-include=/usr/share/locale/").map(str::to_owned))
        .collect();
    let expected =
        ["en/*", "en@*/*", "en_*/*", "fr/*", "fr@*/*", "fr_*/*", "pt/*", "pt_BR/*", "pt_BR@*/*"];
    assert_eq!(folders, expected);
    let script = text(&without_languages(), "base/resources/tools/bootstrap.sh");
    assert!(!script.contains("dpkg.cfg.d"));
}

fn without_languages() -> SpecFiles {
    let stack = "[stack]\nname = \"x\"\n[apt]\nrefresh = \"2026-11-23\"\n[bootstrap]\n\
        packages = [\"curl\"]\n[images.base]\nfrom = \"debian:bookworm\"\nunpinned = \"local\"\n";
    SpecFiles::new("spec", [("stack.toml".to_owned(), stack.as_bytes().to_vec())].into())
}

#[test]
fn archives_without_snapshots_are_named_where_a_stack_uses_them() {
    let files = nasty_spec();
    let path = "base/resources/apt-normal.repositories/vendor.sources";
    assert!(!text(&files, path).contains("Snapshot:"));
    let mut changed = contents(&files);
    let stack = String::from_utf8(changed["stack.toml"].clone()).unwrap();
    let stack = stack.replace("refresh = \"2026-11-23\"", "snapshot = \"20261123T000000Z\"");
    changed.insert("stack.toml".to_owned(), stack.into_bytes());
    has(&text(&SpecFiles::new("spec", changed), path), &["Snapshot: disable\n"]);
}
