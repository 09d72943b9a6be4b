//! Downloads of every kind and locales, built: what arrives, whose it is, what stays behind, what is refused.

use std::fs;
use std::path::Path;
use std::process::Command;

use rdspec::image::tree::Tree;
use rdspec::image::{hygiene, shared_databases, waste};
use tempfile::TempDir;

use crate::harness::{BASE_LAYERS, engines, side_by_side, tail, write_spec};
use crate::loopback::Server;
use crate::trap_stack::sha256;

const IMAGE: &str = "rdspec-packages-base:test";

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A Debian package `rdspec-NAME` with a program of this name, which depends on one of the archive.
pub(crate) fn debian_package(folder: &Path, name: &str, version: &str, depends: &str) -> Vec<u8> {
    let root = folder.join(name);
    fs::create_dir_all(root.join("DEBIAN")).unwrap();
    fs::create_dir_all(root.join("usr/bin")).unwrap();
    let program = root.join("usr/bin").join(format!("rdspec-{name}"));
    fs::write(&program, "#!/bin/sh\necho hello from a package\n").unwrap();
    run(Command::new("chmod").args(["-R", "u=rwX,go=rX"]).arg(&root));
    run(Command::new("chmod").arg("0755").arg(program));
    let control = format!(
        "Package: rdspec-{name}\nVersion: {version}\nArchitecture: all\nDepends: {depends}\n\
         Maintainer: Nobody <nobody@example.org>\nDescription: Greets\n"
    );
    fs::write(root.join("DEBIAN/control"), control).unwrap();
    let file = folder.join("package.deb");
    run(Command::new("dpkg-deb").args(["--root-owner-group", "--build"]).arg(&root).arg(&file));
    fs::read(file).unwrap()
}

/// A folder with parts that are wanted and parts that are not, as a tar and as a zip archive.
fn archives(folder: &Path) -> (Vec<u8>, Vec<u8>) {
    let root = folder.join("tool-1/bin");
    fs::create_dir_all(&root).unwrap();
    fs::create_dir_all(folder.join("tool-1/docs")).unwrap();
    fs::write(root.join("run it"), "wanted\n").unwrap();
    fs::write(folder.join("tool-1/docs/manual"), "not wanted\n").unwrap();
    let archive = |program: &str, arguments: &[&str], file: &str| {
        run(Command::new(program).args(arguments).current_dir(folder));
        fs::read(folder.join(file)).unwrap()
    };
    (
        archive("tar", &["--create", "--gzip", "--file=tool.tar.gz", "tool-1"], "tool.tar.gz"),
        archive("python3", &["-m", "zipfile", "-c", "tool.zip", "tool-1"], "tool.zip"),
    )
}

const STACK: &str = r#"
[stack]
name = "rdspec-packages"
tag = "test"

[apt]
refresh = "2026-11-23"

[bootstrap]
packages = ["curl", "unzip"]

[user]
name = "jovyan"
skeleton = "/skeleton"

[images.base]
from = "debian:bookworm"
unpinned = "made on this machine"
components = ["package", "scripts", "personal", "archives", "languages"]
"#;

const LANGUAGES: &str = r#"
summary = "Locales"

[apt]
packages = ["locales"]

[locales]
generate = ["fr_CA.UTF-8", "ca_ES.UTF-8@valencia"]
default = "fr_CA.UTF-8"
"#;

/// One download of a component; `use_` is what becomes of it.
fn download(name: &str, url: &str, bytes: &[u8], use_: &str) -> String {
    let (size, sum) = (bytes.len(), sha256(bytes));
    format!(
        "[downloads.{name}]\nversion = \"1\"\nurl = \"{url}\"\nsize = {size}\nsha256 = \"{sum}\"\n{use_}\n"
    )
}

fn stack() -> TempDir {
    let (server, folder, work) =
        (Server::own(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let package = debian_package(work.path(), "greeter", "1.0", "tree");
    let (tar, zip) = archives(work.path());
    let component = |name: &str, text: &str| {
        let text = format!("summary = \"{name}\"\n{text}");
        write_spec(folder.path(), &format!("components/{name}.toml"), &text);
    };
    write_spec(folder.path(), "stack.toml", STACK);
    write_spec(folder.path(), "components/languages.toml", LANGUAGES);
    let url = server.serve("/greeter_1.0_all.deb", &package);
    component("package", &download("greeter", &url, &package, "deb = true"));
    let url = server.serve("/settings-1.json", b"{}\n");
    let settings = download("settings", &url, b"{}\n", "script = true");
    component(
        "scripts",
        &format!(
            "{settings}\n[script]\nrun = 'install -D --mode=0644 \"$DOWNLOAD_SETTINGS\" /opt/scripts/${{DOWNLOAD_SETTINGS##*/}}'\n"
        ),
    );
    component(
        "personal",
        &format!(
            "{settings}\n[script]\nuser = \"user\"\nrun = 'cat \"$DOWNLOAD_SETTINGS\" >~/settings.json'\n"
        ),
    );
    let select = "strip = 1, select = [\"tool-1/bin\"] }";
    let tar = download(
        "tar",
        &server.serve("/get?tool", &tar),
        &tar,
        &format!("unpack = {{ to = \"/opt/tar-{{{{ version }}}}\", format = \"tar.gz\", {select}"),
    );
    let zip = download(
        "zip",
        &server.serve("/tool-1.zip", &zip),
        &zip,
        &format!("unpack = {{ to = \"/opt/zip\", {select}"),
    );
    component("archives", &format!("{tar}{zip}"));
    folder
}

#[test]
#[ignore = "needs engines: run tests/run"]
fn every_kind_of_download_arrives_and_leaves_nothing_behind() {
    side_by_side(engines(), |engine| {
        let stack = stack();
        engine.build(stack.path(), &[]);
        let image = engine.image(IMAGE);
        let built = Tree::of(&image.layers).unwrap();
        for (path, expected) in [
            ("usr/bin/rdspec-greeter", "0755 0:0"),
            ("opt/scripts/settings-1.json", "0644 0:0"),
            ("skeleton/settings.json", "0644 1000:1000"),
            ("opt/tar-1/bin/run it", "0644 0:0"),
            ("opt/zip/bin/run it", "0644 0:0"),
            ("usr/lib/locale/fr_CA.utf8/LC_CTYPE", "0644 0:0"),
            ("usr/lib/locale/ca_ES.utf8@valencia/LC_CTYPE", "0644 0:0"),
        ] {
            let node = built.get(path).unwrap_or_else(|| panic!("{}: no {path}", engine.name));
            let rights = format!("{:04o} {}:{}", node.mode, node.uid, node.gid);
            assert_eq!(rights, expected, "{}: {path}", engine.name);
        }
        for path in ["opt/tar-1/docs", "opt/zip/docs", "usr/lib/locale/locale-archive"] {
            assert!(built.get(path).is_none(), "{}: {path} is there", engine.name);
        }
        let is_package = |path: &str| Path::new(path).extension().is_some_and(|end| end == "deb");
        assert!(!built.iter().any(|(path, _)| is_package(path)), "{}", engine.name);
        let findings = hygiene::find(&image, BASE_LAYERS);
        assert!(findings.is_empty(), "{}: {findings:#?}", engine.name);
        let split = shared_databases::split(waste::find(&image, BASE_LAYERS).unwrap());
        let other: Vec<_> = split.other.iter().filter(|record| record.bytes > 0).collect();
        assert!(other.is_empty(), "{}: {other:#?}", engine.name);
        let script = r#"
            set -eu
            test "$LANG" = fr_CA.UTF-8
            test "$(date --date=2026-02-03 +%A)" = mardi
            test "$(rdspec-greeter)" = 'hello from a package'
            dpkg --status tree >/dev/null
            test "$(cat '/opt/tar-1/bin/run it' '/opt/zip/bin/run it' | sort --unique)" = wanted
        "#;
        let output = engine.run_in(IMAGE, &["bash", "-s"], script);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {error}", engine.name);
    });
}

#[test]
#[ignore = "needs engines: run tests/run"]
fn a_wrong_size_or_sum_of_a_package_fails_before_it_is_installed() {
    let stack = stack();
    let path = stack.path().join("spec/components/package.toml");
    let good = fs::read_to_string(&path).unwrap();
    let line = |key: &str| good.lines().find(|line| line.starts_with(key)).unwrap().to_owned();
    for engine in engines() {
        // A pin that no cache holds.
        let sum =
            format!("sha256 = \"{}\"", sha256(format!("seen by no {}", engine.name).as_bytes()));
        let other_sum = good.replace(&line("sha256"), &sum);
        let larger = other_sum.replace(&line("size"), "size = 9000000");
        let smaller = other_sum.replace(&line("size"), "size = 7");
        for (text, message) in [
            (other_sum.as_str(), "the SHA-256 is "),
            (larger.as_str(), "bytes, wanted are 9000000"),
            (smaller.as_str(), "no verified download of "),
        ] {
            fs::write(&path, text).unwrap();
            let output = engine.rdspec_build(stack.path(), &[]);
            let text = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(4), "{}: {}", engine.name, tail(&text));
            assert!(text.contains(message), "{}: {}", engine.name, tail(&text));
            assert!(
                !text.contains("Setting up rdspec-greeter"),
                "{}: {}",
                engine.name,
                tail(&text)
            );
        }
    }
}
