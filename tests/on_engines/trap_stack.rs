//! A small stack that steps into every trap: what it does is what a naive generator would get wrong.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use sha2::{Digest, Sha256};

use tempfile::TempDir;

use crate::harness::{Engine, write_spec};
use crate::loopback::Server;

/// The images that it builds.
pub(crate) const BASE: &str = "rdspec-traps-base:test";
pub(crate) const CHILD: &str = "rdspec-traps-child:test";

/// A value that every quoting has to get right.
pub(crate) const NASTY: &str = r#"a "b" 'c' $HOME \d `e` #f %g ;h"#;

/// What is in the secret of the stack.
pub(crate) const TOKEN: &str = "5f0e9c1b-a secret of the traps\n";

/// The files of a spec folder.
pub(crate) struct TrapStack {
    files: BTreeMap<String, String>,
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// A gzip-compressed tar archive with one directory `tool-1` and two files of old times in it.
pub(crate) fn archive(content: &str) -> Vec<u8> {
    let encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let mut builder = tar::Builder::new(encoder);
    for (name, mode) in [("tool-1/tool.txt", 0o644), ("tool-1/bin/run", 0o4755)] {
        let mut header = tar::Header::new_ustar();
        header.set_size(content.len() as u64);
        header.set_mode(mode);
        header.set_mtime(1_000_000_000);
        header.set_uid(4242);
        header.set_gid(4242);
        builder.append_data(&mut header, name, content.as_bytes()).unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

impl TrapStack {
    pub(crate) fn new(server: &Server) -> Self {
        let bytes = archive("first");
        let url = server.serve("/tool-1.tar.gz", &bytes);
        let mut stack = Self { files: BTreeMap::new() };
        stack.set("stack.toml", STACK);
        stack.set("components/packages.toml", PACKAGES);
        stack.set("components/tool.toml", &tool(&url, &sha256(&bytes)));
        stack.set("resources/tool/input.txt", "read by the script\n");
        stack.set("components/writable.toml", WRITABLE);
        stack.set("components/personal.toml", PERSONAL);
        stack.set("components/files.toml", FILES);
        stack.set("resources/files/motd.txt", "first\n");
        stack.set("components/account.toml", ACCOUNT);
        stack.set("components/child.toml", CHILD_COMPONENT);
        stack
    }

    /// Writes or overwrites a file of the spec.
    pub(crate) fn set(&mut self, path: &str, text: &str) {
        self.files.insert(path.to_owned(), text.to_owned());
    }

    /// Replaces text in a file of the spec; it has to be there.
    pub(crate) fn edit(&mut self, path: &str, old: &str, new: &str) {
        let text = &self.files[path];
        assert!(text.contains(old), "{path} has no {old:?}");
        let text = text.replace(old, new);
        self.set(path, &text);
    }

    /// Writes the stack below a folder.
    pub(crate) fn write(&self, folder: &Path) {
        for (path, text) in &self.files {
            write_spec(folder, path, text);
        }
    }
}

/// A stack on disk, with the server of its download.
pub(crate) struct Fixture {
    pub(crate) server: Server,
    pub(crate) stack: TrapStack,
    pub(crate) folder: TempDir,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let server = Server::shared();
        let fixture =
            Self { stack: TrapStack::new(&server), server, folder: tempfile::tempdir().unwrap() };
        fixture.write();
        fixture
    }

    pub(crate) fn write(&self) {
        self.stack.write(self.folder.path());
        fs::write(self.folder.path().join("token"), TOKEN).unwrap();
    }

    /// `--secret` of the stack, as rdspec and the engines take it.
    pub(crate) fn secret(&self) -> [String; 2] {
        let path = self.folder.path().join("token");
        ["--secret".to_owned(), format!("id=trap-token,src={}", path.display())]
    }

    /// What `rdspec build` says of it.
    pub(crate) fn try_build(&self, engine: &Engine) -> Output {
        let secret = self.secret();
        engine.rdspec_build(self.folder.path(), &secret.each_ref().map(String::as_str))
    }

    pub(crate) fn build(&self, engine: &Engine) {
        let secret = self.secret();
        engine.build(self.folder.path(), &secret.each_ref().map(String::as_str));
    }
}

const STACK: &str = r#"
[stack]
name = "rdspec-traps"
tag = "test"

[apt]
refresh = "2026-11-23"

[bootstrap]
packages = ["curl"]

[user]
name = "jovyan"
skeleton = "/skeleton"
groups = ["audio", "childish", "renderers"]

[images.base]
from = "debian:bookworm"
unpinned = "made on this machine"
components = ["packages", "tool", "writable", "personal", "files", "account"]

[images.child]
extends = "base"
components = ["child"]
"#;

/// Packages that make host keys, certificates, a machine-id, accounts and logs when they are installed.
const PACKAGES: &str = r#"
summary = "Packages with secrets of a host"
change-class = "stable"

[apt]
packages = ["dbus", "openssh-server", "ssl-cert", "sudo"]

[sudo]
commands = ["/usr/bin/id -u", "/usr/bin/whoami"]
"#;

fn tool(url: &str, sha256: &str) -> String {
    format!(
        r#"
summary = "A download, and a script with an input"
needs = ["packages"]

[downloads.tool]
url = "{url}"
sha256 = "{sha256}"
unpack = {{ to = "/opt/tool", strip = 1 }}

[script]
run = '''
date +%s%N >/opt/tool/built-at
cp "$INPUTS/input.txt" /opt/tool/
echo noise >/var/log/tool.log
echo noise >"$HOME/.toolrc"
mkdir -p /tmp/left/over /root/.cache && touch /tmp/left/over/file /var/tmp/file /root/.cache/file
'''
inputs = ["input.txt"]
"#
    )
}

/// What a permission fix gets wrong: old times, links to files of lower layers, directories of lower layers.
const WRITABLE: &str = r#"
summary = "A script that fills paths for the user"
needs = ["tool"]

[script]
run = '''
mkdir -p /opt/data/new
echo old >/opt/data/new/old.txt
touch --date=2001-01-01 /opt/data/new/old.txt
ln /opt/data/new/old.txt /opt/data/new/second-name
ln -s /etc/passwd /opt/data/link
cp /usr/bin/true /opt/data/setuid
chmod 4755 /opt/data/setuid
echo new >/opt/tool/new.txt
'''
writable = ["/opt/data", "/opt/tool"]
"#;

const PERSONAL: &str = r#"
summary = "A script of the user"

[script]
user = "user"
run = '''
test "$(id -un)" = jovyan
test "$HOME" = /skeleton
mkdir -p ~/.config/personal
echo yes >~/.config/personal/made
sha256sum <"$SECRET_TRAP_TOKEN" >~/.config/personal/token.sha256
'''
secrets = ["trap-token"]
"#;

/// An account of a service, and what the user may do as it; a secret that root reads.
const ACCOUNT: &str = r#"
summary = "An account of a service"
needs = ["packages"]

[groups.renderers]
gid = 2000

[users.geoserver]
uid = 2001
groups = ["audio", "renderers"]
home = "/var/lib/geoserver"

[sudo.rules.who]
command = "/usr/bin/id -un"
run-as = "geoserver"
tags = ["NOEXEC"]

[sudo.rules.starts-another]
command = "/usr/bin/env true"
run-as = "geoserver"
tags = ["NOSETENV", "NOEXEC"]
unsafe = "it shows that it cannot start another one"

[script]
run = '''
test "$(stat --format='%a %u' "$SECRET_TRAP_TOKEN")" = '400 0'
mkdir /opt/account
sha256sum <"$SECRET_TRAP_TOKEN" >/opt/account/token.sha256
'''
secrets = ["trap-token"]
"#;

const FILES: &str = r##"
summary = "Files with modes and owners"
change-class = "volatile"

[files."/etc/motd.d/10-traps"]
source = "motd.txt"

[files."/etc/traps-secret"]
content = "root only\n"
mode = "0600"

[files."/usr/local/bin/hello"]
content = "#!/bin/sh\necho hello\n"
mode = "0755"

[files."~/.config/personal/settings"]
content = "user = yes\n"
mode = "0640"

[files."~/Desktop/With Space.txt"]
content = "space\n"

[environment]
NASTY = '''a "b" 'c' $HOME \d `e` #f %g ;h'''
PLAIN = "one"

[services.sleeper]
command = "/bin/sleep 100%"

[runtime]
entrypoint = ["/usr/bin/env"]
command = ["hello"]
ports = [8888]
working-directory = "/home/jovyan"
stop-signal = "SIGINT"
healthcheck = { command = ["/bin/true"], interval = "17s" }

[check]
run = "hello"
"##;

const CHILD_COMPONENT: &str = r#"
summary = "What a child overrides"

[groups.childish]
gid = 2003

[users.kid]
uid = 2002
group = "renderers"
groups = ["childish"]
shell = "/bin/sh"

[environment]
PLAIN = "two"

[runtime]
command = ["/bin/echo", "child"]
healthcheck = { command = ["/bin/false"], retries = 5 }
"#;

/// What the tests rely on: the fixture's own files are readable as they were written.
#[test]
fn the_trap_stack_compiles() {
    let fixture = Fixture::new();
    let output = Command::new(env!("CARGO_BIN_EXE_rdspec"))
        .arg("-C")
        .arg(fixture.folder.path())
        .arg("generate")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let script = fixture.folder.path().join("generated/base/resources/tools/tool.sh");
    assert_eq!(fs::metadata(&script).unwrap().permissions().mode() & 0o777, 0o755);
}
