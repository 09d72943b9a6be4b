//! Python environments, built: from an index on loopback, with their hashes; what stays behind, what is refused.

use std::fs;
use std::process::Command;

use rdspec::image::tree::Tree;
use rdspec::image::{hygiene, shared_databases, waste};
use tempfile::TempDir;

use crate::harness::{BASE_LAYERS, engines, side_by_side, tail, write_spec};
use crate::loopback::Server;
use crate::trap_stack::sha256;

const IMAGE: &str = "rdspec-python-base:test";

const STACK: &str = r#"
[stack]
name = "rdspec-python"
tag = "test"

[apt]
refresh = "2026-11-23"

[bootstrap]
packages = ["curl"]

[user]
name = "jovyan"
skeleton = "/skeleton"

[images.base]
from = "debian:bookworm"
unpinned = "made on this machine"
components = ["python", "alone", "locked"]
"#;

/// Writes a wheel ("binary distribution format"): a module, a program, and what it depends on.
const WHEEL: &str = r#"
import sys, zipfile
file, name, version, depends = sys.argv[1:]
info = f"{name}-{version}.dist-info"
texts = {
    f"{name}.py": f"version = '{version}'\ndef greet():\n    print('hello from {name}')\n",
    f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    + (f"Requires-Dist: {depends}\n" if depends else ""),
    f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    f"{info}/entry_points.txt": f"[console_scripts]\nrdspec-{name} = {name}:greet\n",
}
record = f"{info}/RECORD"
texts[record] = "".join(f"{path},,\n" for path in [*texts, record])
with zipfile.ZipFile(file, "w") as wheel:
    for path, text in texts.items():
        wheel.writestr(zipfile.ZipInfo(path), text)
"#;

/// Serves a wheel and its page of the index, below `/simple`; gives its SHA-256.
pub(crate) fn serve(server: &Server, name: &str, version: &str, depends: &str) -> String {
    let work = tempfile::tempdir().unwrap();
    let file = format!("{name}-{version}-py3-none-any.whl");
    let path = work.path().join(&file);
    let mut python = Command::new("python3");
    python.args(["-c", WHEEL]).arg(&path).args([name, version, depends]);
    assert!(python.status().unwrap().success());
    let bytes = fs::read(path).unwrap();
    let url = server.serve(&format!("/wheels/{file}"), &bytes);
    let page = format!("<!DOCTYPE html><html><body><a href=\"{url}\">{file}</a></body></html>");
    server.serve(&format!("/simple/{name}/"), page.as_bytes());
    sha256(&bytes)
}

fn stack() -> TempDir {
    let (server, folder) = (Server::own(), tempfile::tempdir().unwrap());
    let parts = serve(&server, "parts", "1.0", "");
    let whole = serve(&server, "whole", "1.0", "parts");
    let index = server.serve("/simple", b"");
    let component = |name: &str, text: &str| {
        let text = format!("summary = \"{name}\"\n{text}");
        write_spec(folder.path(), &format!("components/{name}.toml"), &text);
    };
    write_spec(folder.path(), "stack.toml", STACK);
    component("python", "[apt]\npackages = [\"python3-pip\"]\n");
    let needs = "needs = [\"python\"]\n[pip]\n";
    component(
        "alone",
        &format!(
            "{needs}prefix = \"/opt/alone\"\nindex = \"{index}\"\n[pip.packages.whole]\nversion = \"1.0\"\nsha256 = [\"{whole}\"]\n"
        ),
    );
    component(
        "locked",
        &format!(
            "{needs}prefix = \"/opt/locked\"\nindex = \"{index}\"\nrequirements = \"requirements.txt\"\n"
        ),
    );
    let lock =
        format!("whole==1.0 \\\n  --hash=sha256:{whole}\nparts==1.0 --hash=sha256:{parts}\n");
    write_spec(folder.path(), "resources/locked/requirements.txt", &lock);
    folder
}

#[test]
#[ignore = "needs engines: run tests/run"]
fn python_environments_are_whole_and_leave_nothing_behind() {
    side_by_side(engines(), |engine| {
        let stack = stack();
        engine.build(stack.path(), &[]);
        let image = engine.image(IMAGE);
        let built = Tree::of(&image.layers).unwrap();
        let site = "opt/alone/lib/python3.11/site-packages";
        for path in [
            "opt/alone/bin/rdspec-whole",
            &format!("{site}/whole.py"),
            &format!("{site}/__pycache__/whole.cpython-311.pyc"),
            "opt/locked/bin/rdspec-parts",
        ] {
            let node = built.get(path).unwrap_or_else(|| panic!("{}: no {path}", engine.name));
            assert_eq!((node.uid, node.gid), (0, 0), "{}: {path}", engine.name);
            assert_eq!(node.mode & 0o022, 0, "{}: {path}", engine.name);
        }
        for path in
            [&format!("{site}/parts.py"), &format!("{site}/pip"), "run/locked.requirements.txt"]
        {
            assert!(built.get(path).is_none(), "{}: {path} is there", engine.name);
        }
        let findings = hygiene::find(&image, BASE_LAYERS);
        assert!(findings.is_empty(), "{}: {findings:#?}", engine.name);
        let split = shared_databases::split(waste::find(&image, BASE_LAYERS).unwrap());
        let other: Vec<_> = split.other.iter().filter(|record| record.bytes > 0).collect();
        assert!(other.is_empty(), "{}: {other:#?}", engine.name);
        let script = r#"
            set -eu
            test "$(/opt/alone/bin/rdspec-whole)" = 'hello from whole'
            test "$(/opt/locked/bin/rdspec-parts)" = 'hello from parts'
            # The bytecode serves, whatever the times of files: the low bits of its flags say "by hash".
            test "$(od -An -tx1 -j4 -N4 /opt/alone/lib/python3.11/site-packages/__pycache__/whole.cpython-311.pyc)" = ' 03 00 00 00'
        "#;
        let output = engine.run_in(IMAGE, &["bash", "-s"], script);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {error}", engine.name);
    });
}

#[test]
#[ignore = "needs engines: run tests/run"]
fn python_packages_of_other_bytes_or_with_something_missing_fail_the_build() {
    let stack = stack();
    let alone = stack.path().join("spec/components/alone.toml");
    let lock = stack.path().join("spec/resources/locked/requirements.txt");
    let (good, good_lock) =
        (fs::read_to_string(&alone).unwrap(), fs::read_to_string(&lock).unwrap());
    let sum = good.lines().find(|line| line.starts_with("sha256")).unwrap().to_owned();
    let whole = good_lock.lines().take(2).collect::<Vec<_>>().join("\n");
    for engine in engines() {
        let other = format!("sha256 = [\"{}\"]", sha256(b"other bytes"));
        for (component, requirements, message) in [
            (good.replace(&sum, &other), good_lock.clone(), "DO NOT MATCH THE HASHES"),
            (good.clone(), whole.clone(), "parts"),
        ] {
            fs::write(&alone, component).unwrap();
            fs::write(&lock, requirements).unwrap();
            let output = engine.rdspec_build(stack.path(), &[]);
            let text = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(4), "{}: {}", engine.name, tail(&text));
            assert!(text.contains(message), "{}: {}", engine.name, tail(&text));
        }
    }
}
