//! `rdspec dev` on an engine, and what it makes beside what a build in place makes.
//!
//! `rdspec diff` decides whether two images are the same: packages, files, what a container is like. A difference that
//! is left in place is one of [`EXPLAINED`], or of those that the caller explains.

use std::path::Path;

use serde_json::Value;

use crate::harness::Engine;

/// A pattern of paths, or the name of a setting, and why it may differ.
pub(crate) type Explained = (&'static str, &'static str);

/// Where every late image may differ from one that was built in place.
pub(crate) const EXPLAINED: &[Explained] = &[
    (
        "etc/group",
        "a group that comes late is written behind those that are there; `same` compares the lines",
    ),
    ("etc/gshadow", "as etc/group"),
    ("etc/passwd", "as etc/group: an account that comes late is behind the others"),
    ("etc/shadow", "as etc/passwd"),
    (
        "var/lib/dpkg/status",
        "apt tells dpkg the priorities of the archive when it removes a package; `same` compares what is installed",
    ),
    (
        "var/lib/apt/extended_states",
        "apt notes packages in the order in which they came; `same` compares what it notes",
    ),
    ("run/apt", "Docker 20.10 leaves the mount point of a folder below /run, empty"),
    ("run/*.inputs", "as run/apt"),
    ("run/downloads", "as run/apt"),
    ("run/sudoers.rules", "as run/apt"),
];

/// What programs of the image say of what those files and the databases of packages hold.
const SAYS: &str = "for database in group gshadow passwd shadow; do getent $database | sort; done; apt-mark showmanual; apt-mark showauto; dpkg --list; \
    dpkg --get-selections";

/// Runs `rdspec dev` on an engine; whether it succeeded, and what it says.
pub(crate) fn dev(engine: &Engine, stack: &Path, arguments: &[&str]) -> (bool, String) {
    let output = engine
        .command(env!("CARGO_BIN_EXE_rdspec"))
        .arg("-C")
        .arg(stack)
        .args(["dev", "--network", "host"])
        .args(arguments)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let text = format!("{}{text}", String::from_utf8_lossy(&output.stdout));
    (output.status.success(), text)
}

/// What is late and what is in place are the same, but for what is explained.
pub(crate) fn same(engine: &Engine, late: &str, in_place: &str, also: &[Explained]) {
    let says = |image: &str| {
        let output = engine.run_in(image, &["bash", "-c", SAYS], "");
        String::from_utf8(output.stdout).unwrap()
    };
    let (left, right) = (says(late), says(in_place));
    let only = |some: &str, other: &str| -> Vec<String> {
        some.lines().filter(|line| !other.lines().any(|l| l == *line)).map(str::to_owned).collect()
    };
    let found = (only(&left, &right), only(&right, &left));
    assert_eq!(found, (vec![], vec![]), "{}: {late} and {in_place} say", engine.name);
    let found = differences(engine, late, in_place, also);
    assert!(
        found.is_empty(),
        "{}: {late} and {in_place} differ:\n{}",
        engine.name,
        found.join("\n")
    );
}

/// The differences that nothing explains, as `rdspec diff` finds them.
fn differences(engine: &Engine, late: &str, in_place: &str, also: &[Explained]) -> Vec<String> {
    let explained = || EXPLAINED.iter().chain(also);
    let mut diff = engine.command(env!("CARGO_BIN_EXE_rdspec"));
    diff.args(["diff", "--engine", engine.kind(), "--format", "json"]);
    diff.args(explained().map(|(pattern, _)| format!("--except={pattern}")));
    let output = diff.args([late, in_place]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}: {said}", engine.name);
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let list = |name: &str| found[name].as_array().unwrap().clone();
    let is_explained = |setting: &Value| {
        let name = setting["name"].as_str().unwrap();
        explained().any(|(explained, _)| *explained == name)
    };
    let settings = list("settings").into_iter().filter(|setting| !is_explained(setting));
    let all = list("packages").into_iter().chain(settings).chain(list("files"));
    all.map(|difference| difference.to_string()).collect()
}
