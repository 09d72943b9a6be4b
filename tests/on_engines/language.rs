//! What the language promises beyond packages and scripts, built: a signed archive of the test's own with versions,
//! held and unwanted packages and answers to debconf; links, directories, templates; labels, volumes, paths.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use rdspec::image::tree::{Node, Tree};
use rdspec::image::{hygiene, shared_databases, waste};
use tempfile::TempDir;

use crate::harness::{BASE_LAYERS, engines, side_by_side, tail, write_spec};
use crate::loopback::Server;
use crate::trap_stack::sha256;

const BASE: &str = "rdspec-language-base:test";
const CHILD: &str = "rdspec-language-child:test";

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A Debian package that asks a question when it is configured, and recommends one that nobody wants.
fn package(work: &Path, version: &str) -> Vec<u8> {
    let root = work.join(format!("vendor-{version}"));
    fs::create_dir_all(root.join("DEBIAN")).unwrap();
    let control = format!(
        "Package: rdspec-vendor\nVersion: {version}\nArchitecture: all\nDepends: debconf\nRecommends: tree\n\
         Maintainer: Nobody <nobody@example.org>\nDescription: Asks\n"
    );
    fs::write(root.join("DEBIAN/control"), control).unwrap();
    let templates =
        "Template: rdspec-vendor/colour\nType: string\nDefault: grey\nDescription: Which colour?\n";
    fs::write(root.join("DEBIAN/templates"), templates).unwrap();
    let postinst = "#!/bin/sh\nset -e\n. /usr/share/debconf/confmodule\ndb_get rdspec-vendor/colour\n\
        printf '%s' \"$RET\" >/etc/rdspec-vendor.colour\n";
    fs::write(root.join("DEBIAN/postinst"), postinst).unwrap();
    run(Command::new("chmod").arg("0755").arg(root.join("DEBIAN/postinst")));
    let file = work.join(format!("vendor_{version}.deb"));
    run(Command::new("dpkg-deb").args(["--root-owner-group", "--build"]).arg(&root).arg(&file));
    fs::read(file).unwrap()
}

/// An archive with two versions of the package, signed by a key of its own. Its address, its key, and the key's
/// fingerprint.
struct Archive {
    url: String,
    key: String,
    fingerprint: String,
}

impl Archive {
    fn serve(server: &Server, work: &Path) -> Self {
        let mut index = String::new();
        for version in ["1.0", "2.0"] {
            let bytes = package(work, version);
            let file_name = format!("pool/rdspec-vendor_{version}_all.deb");
            server.serve(&format!("/archive/{file_name}"), &bytes);
            let file = work.join(format!("vendor_{version}.deb"));
            let control = run(Command::new("dpkg-deb").arg("--field").arg(file));
            let (size, sum) = (bytes.len(), sha256(&bytes));
            write!(index, "{control}Filename: {file_name}\nSize: {size}\nSHA256: {sum}\n\n")
                .unwrap();
        }
        let path = "main/binary-amd64/Packages";
        server.serve(&format!("/archive/dists/stable/{path}"), index.as_bytes());
        let release = format!(
            "Origin: rdspec\nSuite: stable\nCodename: stable\nArchitectures: amd64\nComponents: main\n\
             Date: Mon, 23 Nov 2026 00:00:00 UTC\nSHA256:\n {} {} {path}\n",
            sha256(index.as_bytes()),
            index.len()
        );
        let (signed, key, fingerprint) = sign(work, &release);
        let url = server.serve("/archive/dists/stable/InRelease", signed.as_bytes());
        let url = url.strip_suffix("/dists/stable/InRelease").unwrap().to_owned();
        Self { url, key, fingerprint }
    }
}

/// The text with a signature of a new key, that key, and its fingerprint.
fn sign(work: &Path, text: &str) -> (String, String, String) {
    let home = work.join("gnupg");
    fs::create_dir(&home).unwrap();
    run(Command::new("chmod").arg("0700").arg(&home));
    fs::write(work.join("Release"), text).unwrap();
    let gpg = |arguments: &[&str]| {
        let mut command = Command::new("gpg");
        command.arg("--homedir").arg(&home).args([
            "--batch",
            "--quiet",
            "--pinentry-mode=loopback",
        ]);
        run(command.args(["--passphrase", ""]).args(arguments).current_dir(work))
    };
    gpg(&["--quick-generate-key", "Archive <archive@example.org>", "ed25519", "sign", "never"]);
    let signed = gpg(&["--clearsign", "--output", "-", "Release"]);
    let listed = gpg(&["--with-colons", "--list-keys"]);
    let fingerprint = listed.lines().find_map(|line| line.strip_prefix("fpr:::::::::")).unwrap();
    let key = gpg(&["--armor", "--export"]);
    run(Command::new("gpgconf").arg("--homedir").arg(&home).args(["--kill", "all"]));
    (signed, key, fingerprint.trim_end_matches(':').to_owned())
}

const STACK: &str = r#"
[stack]
name = "rdspec-language"
tag = "test"

[stack.labels]
"org.opencontainers.image.title" = "Überall \"$HOME\" \\ 'x'"

[apt]
refresh = "2026-11-23"

[bootstrap]
packages = ["ca-certificates"]

[user]
name = "jovyan"
skeleton = "/skeleton"

[images.base]
from = "debian:bookworm"
unpinned = "made on this machine"
components = ["vendor", "settings"]

[images.child]
extends = "base"
components = ["more"]
"#;

const SETTINGS: &str = r#"
summary = "Files"

[files."/etc/demo/user.conf"]
template = true
content = "{{ user.name }} {{ user.uid }} {{ user.home }} {{ stack.name }}\n"

[files."~/.config/demo.conf"]
mode = "0600"

[links."/usr/local/bin/demo settings"]
to = "../../etc/$demo"

[links."~/volume"]
to = "/srv/data"

[directories."/srv/data"]
owner = "user"
mode = "0750"

[directories."~/.ssh"]
mode = "0700"

[environment-prepend]
PATH = ["/opt/demo/bin"]

[runtime]
volumes = ["/srv/data"]
ports = [8080]
"#;

const MORE: &str = r#"
summary = "What a child adds"

[environment-prepend]
PATH = ["/opt/more/bin"]
"#;

fn stack(archive: &Archive) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| write_spec(folder.path(), path, text);
    let Archive { url, key, fingerprint } = archive;
    let vendor = format!(
        r#"
summary = "A package of an archive of its own"

[apt]
packages = ["rdspec-vendor"]
versions = {{ rdspec-vendor = "1.0" }}
recommends = true
hold = ["rdspec-vendor"]
purge = ["tree"]

[apt.debconf."rdspec-vendor/colour"]
package = "rdspec-vendor"
type = "string"
value = "green \"$HOME\" 'x' \\ y"

[apt.repositories.vendor]
uri = "{url}"
suites = ["stable"]
components = ["main"]
key = "vendor.asc"
fingerprint = "{fingerprint}"
"#
    );
    write("stack.toml", STACK);
    write("components/vendor.toml", &vendor);
    write("components/settings.toml", SETTINGS);
    write("components/more.toml", MORE);
    write("resources/vendor/vendor.asc", key);
    write("resources/settings/demo.conf", "secret\n");
    folder
}

/// Mode, owner, and for a link what it says.
fn described(tree: &Tree, path: &str) -> String {
    let node: &Node = tree.get(path).unwrap_or_else(|| panic!("no {path}"));
    format!("{:04o} {}:{}", node.mode, node.uid, node.gid)
}

#[test]
#[ignore = "needs engines: run tests/run"]
fn an_archive_links_templates_and_volumes_are_as_declared() {
    side_by_side(engines(), |engine| {
        let work = tempfile::tempdir().unwrap();
        let archive = Archive::serve(&Server::own(), work.path());
        let stack = stack(&archive);
        let name = &engine.name;
        engine.build(stack.path(), &[]);
        let image = engine.image(CHILD);
        let tree = Tree::of(&image.layers).unwrap();
        for (path, expected) in [
            ("etc/demo/user.conf", "0644 0:0"),
            ("skeleton/.config/demo.conf", "0600 1000:1000"),
            ("skeleton/.config", "0755 1000:1000"),
            ("skeleton/.ssh", "0700 1000:1000"),
            ("srv/data", "0750 1000:1000"),
            ("etc/apt/sources.list.d/vendor.sources", "0644 0:0"),
            ("etc/apt/keyrings/vendor.asc", "0644 0:0"),
        ] {
            assert_eq!(described(&tree, path), expected, "{name}: {path}");
        }
        let configuration = &image.configuration;
        let label = configuration.labels.get("org.opencontainers.image.title");
        assert_eq!(label.map(String::as_str), Some("Überall \"$HOME\" \\ 'x'"), "{name}");
        assert!(configuration.volumes.contains("/srv/data"), "{name}: {configuration:?}");
        assert!(configuration.exposed_ports.contains("8080/tcp"), "{name}: {configuration:?}");
        let script = r#"
            set -eu
            case $PATH in /opt/more/bin:/opt/demo/bin:/usr/*) ;; *) echo "PATH is $PATH"; exit 1 ;; esac
            test "$(cat /etc/demo/user.conf)" = 'jovyan 1000 /home/jovyan rdspec-language'
            test "$(readlink '/usr/local/bin/demo settings')" = '../../etc/$demo'
            test "$(readlink /skeleton/volume)" = /srv/data
            test "$(dpkg-query --show --showformat '${Version}' rdspec-vendor)" = 1.0
            test "$(apt-mark showhold)" = rdspec-vendor
            ! dpkg-query --show tree 2>/dev/null
            test "$(cat /etc/rdspec-vendor.colour)" = "green \"\$HOME\" 'x' \\ y"
            touch /srv/data/mine
        "#;
        let output = engine.run_in(CHILD, &["bash", "-s"], script);
        let said = [output.stdout, output.stderr].concat();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&said));
        let findings = hygiene::find(&image, BASE_LAYERS);
        assert!(findings.is_empty(), "{name}: {findings:#?}");
        let split = shared_databases::split(waste::find(&image, BASE_LAYERS).unwrap());
        let other: Vec<_> = split.other.iter().filter(|record| record.bytes > 0).collect();
        assert!(other.is_empty(), "{name}: {other:#?}");
        assert_eq!(engine.image(BASE).configuration.user, "1000", "{name}");
    });
}

#[test]
#[ignore = "needs engines: run tests/run"]
fn an_archive_that_another_key_signed_is_refused() {
    let (work, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = Server::own();
    let mut archive = Archive::serve(&server, work.path());
    // The same archive, and a key that did not sign it.
    let (_, key, fingerprint) = sign(other.path(), "");
    (archive.key, archive.fingerprint) = (key, fingerprint);
    let stack = stack(&archive);
    for engine in engines() {
        let output = engine.rdspec_build(stack.path(), &["base"]);
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(4), "{}: {}", engine.name, tail(&text));
        assert!(text.contains("NO_PUBKEY"), "{}: {}", engine.name, tail(&text));
        assert!(!text.contains("Setting up rdspec-vendor"), "{}: {}", engine.name, tail(&text));
    }
}
