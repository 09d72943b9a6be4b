//! Node packages, built from a lock, with archives on loopback: what stays behind, what is refused.

use std::fs;
use std::process::Command;

use rdspec::image::tree::Tree;
use rdspec::image::{hygiene, shared_databases, waste};
use tempfile::TempDir;

use crate::harness::{BASE_LAYERS, engines, tail, write_spec};
use crate::loopback::Server;

const IMAGE: &str = "rdspec-node-base:test";

const STACK: &str = r#"
[stack]
name = "rdspec-node"
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
components = ["node", "greeter"]
"#;

const GREETER: &str = r#"
summary = "A program in JavaScript"
needs = ["node"]

[npm]
prefix = "/opt/greeter"
manifest = "package.json"
lock = "package-lock.json"
"#;

/// Writes a package's archive; prints its hash as a lock has it.
const ARCHIVE: &str = r##"
import base64, hashlib, io, json, sys, tarfile
manifest = {"name": "greeter", "version": "1.0.0", "bin": {"rdspec-greeter": "greet.js"},
            "scripts": {"postinstall": "touch /opt/ran-a-script"}}
texts = {"package/package.json": json.dumps(manifest),
         "package/greet.js": "#!/usr/bin/env node\nconsole.log('hello from node')\n"}
with tarfile.open(sys.argv[1], "w:gz") as archive:
    for path, text in texts.items():
        member = tarfile.TarInfo(path)
        member.size, member.uid, member.gid, member.mode = len(text), 1000, 1000, 0o777
        archive.addfile(member, io.BytesIO(text.encode()))
digest = hashlib.sha512(open(sys.argv[1], "rb").read()).digest()
print("sha512-" + base64.b64encode(digest).decode(), end="")
"##;

fn lock(url: &str, integrity: &str) -> String {
    let dependencies = r#""dependencies": { "greeter": "^1.0.0" }"#;
    format!(
        r#"{{ "name": "x", "lockfileVersion": 3, "requires": true, "packages": {{
            "": {{ "name": "x", {dependencies} }},
            "node_modules/greeter": {{ "version": "1.0.0", "resolved": "{url}", "integrity": "{integrity}",
                "hasInstallScript": true, "bin": {{ "rdspec-greeter": "greet.js" }} }}
        }} }}"#
    )
}

/// The stack, and the address of the archive.
fn stack() -> (TempDir, String) {
    let (folder, work) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let archive = work.path().join("greeter.tgz");
    let output = Command::new("python3").args(["-c", ARCHIVE]).arg(&archive).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let integrity = String::from_utf8(output.stdout).unwrap();
    let url = Server::own().serve("/greeter/-/greeter-1.0.0.tgz", &fs::read(archive).unwrap());
    write_spec(folder.path(), "stack.toml", STACK);
    let node = "summary = \"npm\"\n[apt]\npackages = [\"npm\"]\n";
    write_spec(folder.path(), "components/node.toml", node);
    write_spec(folder.path(), "components/greeter.toml", GREETER);
    let manifest = r#"{ "name": "x", "dependencies": { "greeter": "^1.0.0" } }"#;
    write_spec(folder.path(), "resources/greeter/package.json", manifest);
    write_spec(folder.path(), "resources/greeter/package-lock.json", &lock(&url, &integrity));
    (folder, url)
}

#[test]
#[ignore = "needs engines: run tests/run"]
fn node_packages_come_from_the_lock_and_leave_nothing_behind() {
    // One engine is enough: how locks are mounted is tested on all of them with Python, and Debian's npm is 400 packages.
    let mut engines = engines();
    let engine = engines.next().unwrap();
    let (stack, url) = stack();
    engine.build(stack.path(), &[]);
    let image = engine.image(IMAGE);
    let built = Tree::of(&image.layers).unwrap();
    for path in ["opt/greeter/node_modules/greeter/greet.js", "opt/greeter/package-lock.json"] {
        let node = built.get(path).unwrap_or_else(|| panic!("{}: no {path}", engine.name));
        assert_eq!((node.uid, node.gid), (0, 0), "{}: {path}", engine.name);
        assert_eq!(node.mode & 0o022, 0, "{}: {path}", engine.name);
    }
    for path in ["opt/ran-a-script", "run/greeter.package-lock.json"] {
        assert!(built.get(path).is_none(), "{}: {path} is there", engine.name);
    }
    let findings = hygiene::find(&image, BASE_LAYERS);
    assert!(findings.is_empty(), "{}: {findings:#?}", engine.name);
    let split = shared_databases::split(waste::find(&image, BASE_LAYERS).unwrap());
    let other: Vec<_> = split.other.iter().filter(|record| record.bytes > 0).collect();
    assert!(other.is_empty(), "{}: {other:#?}", engine.name);
    let program = "/opt/greeter/node_modules/.bin/rdspec-greeter";
    let output = engine.run_in(IMAGE, &[program], "");
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(text, "hello from node\n", "{}", engine.name);

    let other = format!("sha512-{}==", "A".repeat(86));
    let path = "resources/greeter/package-lock.json";
    let good = fs::read_to_string(stack.path().join("spec").join(path)).unwrap();
    write_spec(stack.path(), path, &lock(&url, &other));
    let output = engine.rdspec_build(stack.path(), &[]);
    write_spec(stack.path(), path, &good);
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{}: {}", engine.name, tail(&text));
    assert!(text.contains("EINTEGRITY"), "{}: {}", engine.name, tail(&text));
}
