//! A small stack before and after changes of every kind that `rdspec dev` lays on top.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::harness::write_spec;
use crate::loopback::Server;
use crate::trap_stack::{archive, sha256};

/// The last of the images that it builds.
pub(crate) const CHILD: &str = "rdspec-dev-child:test";

/// The spec in a folder that vanishes.
pub(crate) struct DevStack {
    pub(crate) folder: TempDir,
    files: BTreeMap<String, String>,
}

impl DevStack {
    pub(crate) fn new(server: &Server) -> Self {
        let mut stack = Self::of(FILES);
        let tool = download(server, "/dev-tool-1.tar.gz", "first");
        stack.files.insert("components/tool.toml".to_owned(), tool);
        stack.write();
        stack
    }

    /// A spec of these files.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
        let stack = Self { folder: tempfile::tempdir().unwrap(), files: files.collect() };
        stack.write();
        stack
    }

    /// Changes the spec.
    pub(crate) fn change(&mut self, change: impl FnOnce(&mut BTreeMap<String, String>)) {
        change(&mut self.files);
        self.write();
    }

    /// Replaces text in a file of the spec; it has to be there.
    pub(crate) fn edit(&mut self, path: &str, old: &str, new: &str) {
        let text = self.files.get_mut(path).unwrap();
        assert!(text.contains(old), "{path} has no {old:?}");
        *text = text.replace(old, new);
        self.write();
    }

    fn write(&self) {
        let _ = fs::remove_dir_all(self.path().join("spec"));
        for (path, text) in &self.files {
            write_spec(self.path(), path, text);
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// A component with a download that is unpacked.
pub(crate) fn download(server: &Server, path: &str, content: &str) -> String {
    let bytes = archive(content);
    let (url, sha256) = (server.serve(path, &bytes), sha256(&bytes));
    format!(
        "summary = \"A pinned tool\"\n\n[downloads.tool]\nurl = \"{url}\"\nsha256 = \"{sha256}\"\n\
         unpack = {{ to = \"/opt/vendor/tool\", strip = 1 }}\n\n\
         [files.\"/opt/vendor/tool/etc/site.conf\"]\ncontent = \"of the site\\n\"\n"
    )
}

const FILES: &[(&str, &str)] = &[
    (
        "stack.toml",
        r#"
[stack]
name = "rdspec-dev"
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
components = ["packages", "tool", "made", "user-made", "consumer", "settings", "passing"]

[images.child]
extends = "base"
components = ["extra"]
"#,
    ),
    (
        "components/packages.toml",
        "summary = \"Packages\"\n\n[apt]\npackages = [\"jq\", \"sudo\", \"time\"]\n\n[sudo]\ncommands = [\"/usr/bin/id -u\"]\n",
    ),
    (
        "components/made.toml",
        r#"summary = "A script with an undo"

[script]
run = '''
mkdir -p /opt/made
echo one >/opt/made/one
'''
undo = "rm -r /opt/made"
writable = ["/opt/made"]
"#,
    ),
    (
        "components/user-made.toml",
        r#"summary = "A script of the user"

[script]
user = "user"
run = "mkdir -p ~/.config/made && echo one >~/.config/made/one"
undo = "rm -r ~/.config/made"
"#,
    ),
    (
        "components/consumer.toml",
        r#"summary = "A script that reads the tool"
needs = ["tool"]

[script]
run = "sha256sum </opt/vendor/tool/tool.txt >/opt/tool.sha256"
undo = "rm /opt/tool.sha256"
"#,
    ),
    (
        "components/settings.toml",
        r##"summary = "Files, links and directories"

[files."/etc/settings/a.conf"]
content = "a = 1\n"

[files."/etc/settings/deep/b.conf"]
content = "b = 1\n"

[files."/usr/local/bin/settings"]
content = "#!/bin/sh\necho 1\n"
mode = "0755"

[files."~/.config/settings/c.conf"]
content = "c = 1\n"

[links."/usr/local/bin/link"]
to = "settings"

[directories."/srv/data"]
mode = "0750"
owner = "user"

# The primary group of an account that goes.
[groups.passer]
gid = 3000

[environment]
SETTING = "one"
GONE = "one"

[runtime]
command = ["/usr/local/bin/settings"]
ports = [8080]
"##,
    ),
    (
        "components/passing.toml",
        r#"summary = "Something that goes as a whole"

[apt]
packages = ["moreutils"]

[groups.passing]
gid = 3100

[users.passer]
uid = 3000
group = "passer"
groups = ["passing"]

[files."/opt/passing/deep/file"]
content = "passing\n"

[sudo]
commands = ["/usr/bin/whoami"]

[script]
run = "echo passing >/opt/passing.txt"
undo = "rm /opt/passing.txt"
"#,
    ),
    (
        "components/extra.toml",
        "summary = \"Something more\"\n\n[files.\"/etc/extra.conf\"]\ncontent = \"extra\\n\"\n\n[environment]\nEXTRA = \"1\"\n\n[check]\nrun = \"test -e /etc/extra.conf\"\n",
    ),
];
