//! A repository with a stack of three images, published to a registry on loopback: one that builds in seconds, or the desktop.

use std::fs;
use std::path::Path;
use std::process::Command;

use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::expression::Context;
use crate::harness::write_spec;
use crate::loopback::Server;
use crate::registry::{LOGIN, Registry};

/// The repository, and where its images go.
pub(crate) struct Project {
    folder: TempDir,
    pub(crate) registry: Registry,
    /// The stack.
    pub(crate) name: &'static str,
    /// What its tags end in.
    pub(crate) suffix: &'static str,
    /// How the jobs of images are called, up to the image.
    jobs: &'static str,
}

const STACK: &str = r#"
[stack]
name = "chain"
registry = "@REGISTRY@"
tag = "stable"
max-size = "8 GB"

[user]
name = "jovyan"

[images.base]
from = "debian:bookworm"
unpinned = "a local image"
components = ["tool"]

[images.r]
extends = "base"
components = ["statistics"]

[images.geomatics]
extends = "r"
components = ["maps"]

[ci]
severity = "high"

[ci.rdspec]
url = "@URL@"
sha256 = "@SHA256@"
"#;

/// Its bytes are others whenever it is built: the same ones are those of the first build.
const COMPONENT: &str = r#"
summary = "What is in @NAME@"

[script]
run = "head -c 100000 /dev/urandom >/opt/@NAME@"
writable = ["/opt/@NAME@"]

[check]
run = "test -s /opt/@NAME@"
"#;

/// The rdspec under test as releases have it: in a folder, packed.
fn release() -> Vec<u8> {
    let program = Path::new(env!("CARGO_BIN_EXE_rdspec"));
    let output = Command::new("tar")
        .args(["--create", "--use-compress-program=gzip -1", "--transform=s,^,rdspec-1.0.0/,"])
        .arg("--directory")
        .arg(program.parent().unwrap())
        .arg(program.file_name().unwrap())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

impl Project {
    fn empty(name: &'static str, suffix: &'static str, jobs: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder, registry: Registry::start_with_login(), name, suffix, jobs }
    }

    /// A small one, committed and generated; its workflow gets the rdspec under test as a release.
    pub(crate) fn new() -> Self {
        let project = Self::empty("chain", "", "image-");
        let release = release();
        let sum = Sha256::digest(&release);
        let sum = sum.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        let url = Server::own().serve("/rdspec-1.0.0-x86_64-linux.tar.gz", &release);
        let stack = STACK
            .replace("@REGISTRY@", &project.registry.address)
            .replace("@URL@", &url)
            .replace("@SHA256@", &sum);
        project.write("stack.toml", &stack);
        for name in ["tool", "statistics", "maps"] {
            let more = match name {
                "tool" => "\n[files.\"/etc/tool/settings.conf\"]\n",
                _ => "",
            };
            let text = format!("{}{more}", COMPONENT.replace("@NAME@", name));
            project.write(&format!("components/{name}.toml"), &text);
        }
        project.write("resources/tool/settings.conf", "colour = green\n");
        project.begin()
    }

    /// The desktop of this repository, of Debian's packages; its workflow compiles rdspec, for which a stand-in copies it.
    pub(crate) fn desktop() -> Self {
        let project = Self::empty("remote-desktop", "-debian", "image-debian-");
        let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("spec");
        let copied = Command::new("cp").arg("-r").arg(spec).arg(project.root()).status().unwrap();
        assert!(copied.success());
        let address = format!("registry = \"{}\"", project.registry.address);
        project.edit("stack.toml", "registry = \"k8scc01covidacr.azurecr.io\"", &address);
        project.edit("stack.toml", "[ci]\n", "[ci]\nvariants = [\"debian\"]\n");
        fs::write(project.root().join("Cargo.toml"), "").unwrap();
        project.begin()
    }

    fn begin(self) -> Self {
        self.git(&["init", "--quiet", "--initial-branch", "main"]);
        self.commit("Three images");
        self
    }

    /// The job of an image.
    pub(crate) fn job(&self, image: &str) -> String {
        format!("{}{image}", self.jobs)
    }

    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file of the spec.
    pub(crate) fn write(&self, path: &str, text: &str) {
        write_spec(self.root(), path, text);
    }

    /// Replaces text in a file of the spec.
    pub(crate) fn edit(&self, path: &str, old: &str, new: &str) {
        let text = fs::read_to_string(self.root().join("spec").join(path)).unwrap();
        assert!(text.contains(old), "{path} has no {old:?}");
        self.write(path, &text.replace(old, new));
    }

    fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .arg("-C")
            .arg(self.root())
            .args(["-c", "user.name=me", "-c", "user.email=me@example.org"])
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// The commit that is checked out.
    pub(crate) fn head(&self) -> String {
        self.git(&["rev-parse", "HEAD"])
    }

    /// Generates, and commits everything.
    pub(crate) fn commit(&self, message: &str) {
        let generate = Command::new(env!("CARGO_BIN_EXE_rdspec"))
            .arg("-C")
            .arg(self.root())
            .arg("generate")
            .output();
        let generate = generate.unwrap();
        assert!(generate.status.success(), "{}", String::from_utf8_lossy(&generate.stderr));
        self.commit_as_it_is(message);
    }

    /// Commits everything, whatever the spec says.
    pub(crate) fn commit_as_it_is(&self, message: &str) {
        self.git(&["add", "."]);
        self.git(&["commit", "--quiet", "--message", message]);
    }

    /// What the workflow knows of a push to the main branch.
    pub(crate) fn push(&self) -> Context {
        let head = self.head();
        [
            ("github.event_name", "push"),
            ("github.event.schedule", ""),
            ("github.sha", head.as_str()),
            ("github.ref", "refs/heads/main"),
            ("github.ref_name", "main"),
            ("github.repository", "team/chain"),
            ("github.actor", "somebody"),
            ("secrets.REGISTRY_USERNAME", LOGIN.0),
            ("secrets.REGISTRY_PASSWORD", LOGIN.1),
            ("stand-in.registry", self.registry.address.as_str()),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    /// What it knows of a pull request from a branch of the same repository.
    pub(crate) fn pull_request(&self, since: &str) -> Context {
        let mut context = self.push();
        for (name, value) in [
            ("github.event_name", "pull_request"),
            ("github.ref", "refs/pull/1/merge"),
            ("github.ref_name", "1/merge"),
            ("github.event.pull_request.base.sha", since),
            ("github.event.pull_request.head.repo.full_name", "team/chain"),
        ] {
            context.insert(name.to_owned(), value.to_owned());
        }
        context
    }
}
