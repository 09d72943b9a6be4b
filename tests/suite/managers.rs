//! Package managers other than apt: what rebuilds what, and in which order a component's script calls them.

use std::collections::BTreeMap;

use rdspec::source::SpecFiles;

use crate::harness::{compiled, contents, packages_spec};
use crate::spec_case;

/// The digest at the end of each RUN line of the image, by the script that it runs.
fn digests(files: &SpecFiles) -> BTreeMap<String, String> {
    let tree = compiled(files).tree;
    let dockerfile = tree.get("base/Dockerfile").unwrap();
    let text = std::str::from_utf8(&dockerfile.bytes).unwrap();
    text.lines()
        .filter_map(|line| {
            let (script, digest) = line.split_once(" # inputs ")?;
            Some((script.rsplit('/').next()?.to_owned(), digest.to_owned()))
        })
        .collect()
}

#[test]
fn a_changed_pin_changes_its_own_layer_alone() {
    let spec = contents(&packages_spec());
    let before = digests(&packages_spec());
    for (path, old, new, layer) in [
        ("components/python.toml", "e909527104", "e909527105", "python.sh"),
        ("components/python.toml", "a=$1", "a=$2", "python.sh"),
        ("resources/python-lock/requirements.txt", "e909527104", "e909527105", "python-lock.sh"),
        ("components/node.toml", "5.9.3", "5.9.4", "node.sh"),
        ("resources/node-lock/package-lock.json", "AAAA==", "AAAQ==", "node-lock.sh"),
        ("resources/node-lock/package.json", "^1.0.0", "~1.0.0", "node-lock.sh"),
        ("components/conda.toml", "py312h1_0", "py312h1_1", "conda.sh"),
        ("components/r.toml", "1.0-19", "1.0-20", "r.sh"),
    ] {
        let mut changed = spec.clone();
        let text = String::from_utf8(changed[path].clone()).unwrap();
        assert!(text.contains(old), "{path} has no {old}");
        changed.insert(path.to_owned(), text.replace(old, new).into_bytes());
        let after = digests(&SpecFiles::new("spec", changed));
        let differing: Vec<&String> =
            before.keys().filter(|script| before[*script] != after[*script]).collect();
        assert_eq!(differing, [layer], "{path}: {old}");
    }
}

/// A component of everything: conda brings what pip uses, and the script sees all of it.
const EVERYTHING: &str = r#"
-- components/tool.toml --
summary = "Everything"

[apt]
packages = ["locales", "npm", "r-base-core"]

[downloads.micromamba]
url = "https://example.org/micromamba-2.0"
sha256 = "a90174f8fecfb1767371015a625a2f7ffc1edafd9110717348e797a46a066edf"
install = { to = "/usr/local/bin/micromamba", mode = "0755" }

[locales]
generate = ["fr_CA.UTF-8"]

[pip]
prefix = "/opt/pip"
python = "/opt/conda/bin/python"

[pip.packages.a]
version = "1"
sha256 = ["a90174f8fecfb1767371015a625a2f7ffc1edafd9110717348e797a46a066edf"]

[npm]
prefix = "/opt/npm"
packages = { a = "1.0.0" }

[r]
repository = "https://cran.example.org/2026-11-01"
packages = { sf = "1.0-19" }

[conda]
prefix = "/opt/conda"
channels = ["conda-forge"]
packages = ["python=3.12.7", "pip=24.3.1"]

[script]
run = "use-it-all"

[accept]
unverified-package = "a test"
"#;

#[test]
fn a_component_installs_in_one_order_whatever_that_of_its_file() {
    let tree = compiled(&spec_case::parse(EVERYTHING.trim_start().as_bytes())).tree;
    let script = tree.get("base/resources/tools/tool.sh").unwrap();
    let text = std::str::from_utf8(&script.bytes).unwrap();
    let steps = [
        "fetch a90174",
        "localedef ",
        "/usr/local/bin/micromamba create",
        "/usr/bin/Rscript ",
        "npm=(/usr/bin/npm ",
        "/opt/conda/bin/python -m venv",
        "use-it-all",
    ];
    let places: Vec<usize> = steps.iter().map(|step| text.find(step).expect(step)).collect();
    assert!(places.is_sorted(), "{places:?}");
    let dockerfile = tree.get("base/Dockerfile").unwrap();
    let text = std::str::from_utf8(&dockerfile.bytes).unwrap();
    for (program, target) in [("conda", "/run/conda"), ("npm", "/run/npm"), ("pip", "/run/pip")] {
        let mount = format!(
            "--mount=type=cache,id={program}-debian-bookworm,target={target},sharing=locked"
        );
        assert!(text.contains(&mount), "no {mount}:\n{text}");
    }
}
