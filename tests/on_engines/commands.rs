//! The commands that drive engines, as a user types them: build, test, run, shell, push, clean.

mod build;
mod clean;
mod containers;
mod push;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::harness::{Engine, retried, write_spec};

/// A stack of one parent and two children that need no package, so that its builds take seconds.
pub(crate) struct SmallStack {
    folder: TempDir,
    name: &'static str,
}

const STACK: &str = r#"
[stack]
name = "@NAME@"
tag = "test"

[user]
name = "jovyan"

[images.base]
from = "debian:bookworm"
unpinned = "a local image"
components = ["tool"]

[images.left]
extends = "base"
components = ["left"]

[images.right]
extends = "base"
components = ["right"]
"#;

const TOOL: &str = r##"
summary = "A tool"

[script]
run = '''
echo building the tool
install -d /opt/tool
head -c 100000 /dev/zero >/opt/tool/data
'''

[files."/usr/local/bin/serve"]
content = "#!/bin/sh\necho \"serving $* as $(id -u)\"\n"
mode = "0755"

[runtime]
entrypoint = ["/usr/local/bin/serve"]
command = ["everything"]
ports = [18765]

[check]
run = [
    "test -s /opt/tool/data",
    "test \"$(id -un)\" = jovyan || { echo who am I; exit 77; }",
    "touch /tmp/file ~/file",
]
"##;

const CHILD: &str = r#"
summary = "A child"

[script]
run = "echo a child begins; sleep 3"

[check]
run = "true"
"#;

impl SmallStack {
    /// The stack, under a name that no other test uses.
    pub(crate) fn new(name: &'static str) -> Self {
        let stack = Self { folder: tempfile::tempdir().unwrap(), name };
        stack.write("stack.toml", &STACK.replace("@NAME@", name));
        stack.write("components/tool.toml", TOOL);
        stack.write("components/left.toml", CHILD);
        stack.write("components/right.toml", CHILD);
        stack
    }

    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    /// The name of an image.
    pub(crate) fn image(&self, image: &str) -> String {
        format!("{}-{image}:test", self.name)
    }

    /// Writes a file of the spec.
    pub(crate) fn write(&self, path: &str, text: &str) {
        write_spec(self.root(), path, text);
    }

    /// Replaces text in a file of the spec; it has to be there.
    pub(crate) fn edit(&self, path: &str, old: &str, new: &str) {
        let text = fs::read_to_string(self.root().join("spec").join(path)).unwrap();
        assert!(text.contains(old), "{path} has no {old:?}");
        self.write(path, &text.replace(old, new));
    }

    /// rdspec with this stack and an engine; the command's name is the first argument.
    pub(crate) fn command(&self, engine: &Engine, arguments: &[&str]) -> Command {
        let mut command = engine.command(env!("CARGO_BIN_EXE_rdspec"));
        let (name, rest) = arguments.split_first().unwrap();
        command.arg("-C").arg(self.root()).args([name, "--engine", engine.kind()]).args(rest);
        command
    }

    /// Runs it.
    pub(crate) fn rdspec(&self, engine: &Engine, arguments: &[&str]) -> Output {
        retried(|| self.command(engine, arguments).output().unwrap())
    }

    /// Runs it and expects an exit status; gives stdout and stderr.
    #[track_caller]
    pub(crate) fn expect(
        &self,
        engine: &Engine,
        arguments: &[&str],
        status: i32,
    ) -> (String, String) {
        let output = self.rdspec(engine, arguments);
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(
            output.status.code(),
            Some(status),
            "{}: {arguments:?}\n{stdout}\n{stderr}",
            engine.name
        );
        (stdout, stderr)
    }
}

/// Whether an engine has an image.
pub(crate) fn has_image(engine: &Engine, reference: &str) -> bool {
    !image_id(engine, reference).is_empty()
}

/// The id of an image, empty where there is none.
pub(crate) fn image_id(engine: &Engine, reference: &str) -> String {
    let mut command = engine.command(engine.kind());
    match engine.kind() {
        "buildah" => command.args(["inspect", "--type", "image", "--format", "{{.FromImageID}}"]),
        _ => command.args(["image", "inspect", "--format", "{{.Id}}"]),
    };
    let output = command.arg(reference).output().unwrap();
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
