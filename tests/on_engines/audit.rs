//! `rdspec audit` and `rdspec diff` of what each engine built, read out of its store through a pipe.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{Engine, engines};

const BASE: &str = "rdspec-audit-base:test";
const CHILD: &str = "rdspec-audit-child:test";
const BAD: &str = "rdspec-audit-bad:test";

const STACK: &str = r#"
[stack]
name = "rdspec-audit"
tag = "test"
max-size = "400 MB"

[bootstrap]
packages = []

[user]
name = "jovyan"
skeleton = "/skeleton"

[images.base]
from = "debian:bookworm"
unpinned = "local"
components = ["maker", "files"]

[images.child]
extends = "base"
components = ["more"]
"#;

const MAKER: &str = r#"summary = "Makes something large"

[script]
run = "mkdir -p /opt/made && head -c 3000000 /dev/urandom >/opt/made/noise"
"#;

const FILES: &str = r#"summary = "Files"

[files."/etc/demo/motd"]
content = "hello\n"
"#;

const MORE: &str = r#"summary = "More of them"

[files."/etc/demo/more"]
content = "more\n"

[environment]
DEMO = "1"
"#;

/// Everything that an audit is to find, in layers 1 and 2.
const DOCKERFILE: &str = r"FROM debian:bookworm
RUN mkdir -p /opt/app /root/.ssh /root/.cache/pip/http \
 && head -c 2000000 /dev/urandom >/opt/app/large && head -c 1000000 /dev/urandom >/opt/app/temporary \
 && ( echo '-----BEGIN OPENSSH PRIVATE KEY-----' \
   && echo b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW \
   && echo '-----END OPENSSH PRIVATE KEY-----' ) >/root/.ssh/deploy \
 && echo cached >/root/.cache/pip/http/one && cp /bin/true /opt/app/runner && chmod 4755 /opt/app/runner
RUN chmod 0600 /opt/app/large && rm /opt/app/temporary
";

struct Fixture {
    folder: TempDir,
}

impl Fixture {
    fn new() -> Self {
        let fixture = Self { folder: tempfile::tempdir().unwrap() };
        for (path, text) in [
            ("spec/stack.toml", STACK),
            ("spec/components/maker.toml", MAKER),
            ("spec/components/files.toml", FILES),
            ("spec/components/more.toml", MORE),
            ("bad/Dockerfile", DOCKERFILE),
        ] {
            fixture.write(path, text);
        }
        fixture
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Runs rdspec in the stack, on an engine.
    fn rdspec(&self, engine: &Engine, command: &str, arguments: &[&str]) -> Output {
        engine
            .command(env!("CARGO_BIN_EXE_rdspec"))
            .arg("-C")
            .arg(self.root())
            .args([command, "--engine", engine.kind()])
            .args(arguments)
            .output()
            .unwrap()
    }

    /// The JSON of a command that ends with a status.
    #[track_caller]
    fn json(&self, engine: &Engine, command: &str, arguments: &[&str], status: i32) -> Value {
        let output = self.rdspec(engine, command, &[arguments, &["--format", "json"]].concat());
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{}: {error}", engine.name);
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Builds a Dockerfile that rdspec has not written.
    fn build_bad(&self, engine: &Engine) {
        let mut command = engine.command(engine.kind());
        command.env("DOCKER_BUILDKIT", "1").args(["build", "--network", "host", "--tag", BAD]);
        if engine.kind() != "docker" {
            command.arg("--layers");
        }
        let output = command.arg(self.root().join("bad")).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {error}", engine.name);
    }
}

#[test]
#[ignore = "needs engines: run tests/run"]
fn audits_name_the_owner_of_each_layer_and_everything_bad() {
    let fixture = Fixture::new();
    for engine in engines() {
        engine.build(fixture.root(), &[]);
        owners_are_right(&fixture, &engine);
        fixture.build_bad(&engine);
        everything_bad_is_found(&fixture, &engine);
        missing_images_are_the_engines_words(&fixture, &engine);
    }
}

fn owners_are_right(fixture: &Fixture, engine: &Engine) {
    let arguments = [CHILD, "--min-efficiency", "99.5"];
    let report = fixture.json(engine, "audit", &arguments, 0);
    let name = &engine.name;
    assert_eq!(report["reference"], CHILD, "{name}");
    assert_eq!(report["stack_image"]["image"], "child", "{name}");
    assert_eq!(report["stack_image"]["found"], report["stack_image"]["planned"], "{name}");
    assert_eq!(report["stack_image"]["outdated"], 0, "{name}");
    assert_eq!(report["base_layers"], 1, "{name}");
    assert_eq!(report["budgets"][0]["exceeded"], false, "{name}");
    let layers = report["layers"].as_array().unwrap();
    let owners: Vec<String> = layers
        .iter()
        .flat_map(|layer| layer["of"]["owners"].as_array().cloned().unwrap_or_default())
        .map(|owner| format!("{}:{}", owner["file"].as_str().unwrap(), owner["line"]))
        .collect();
    for owner in [
        "spec/components/maker.toml:4",
        "spec/components/files.toml:4",
        "spec/components/more.toml:4",
    ] {
        assert!(owners.iter().any(|found| found == owner), "{name}: {owner} is not in {owners:?}");
    }
    let large = &report["largest"][0];
    assert_eq!(large["path"], "opt/made/noise", "{name}");
    let layer = usize::try_from(large["layers"][0].as_u64().unwrap()).unwrap();
    assert_eq!(layers[layer]["of"]["layer"], "maker", "{name}");
    // A budget that no image keeps.
    fixture.json(engine, "audit", &[CHILD, "--max-size", "1 MB"], 1);
}

fn everything_bad_is_found(fixture: &Fixture, engine: &Engine) {
    let name = &engine.name;
    let arguments = [BAD, "--base-layers", "1", "--min-efficiency", "99.5"];
    let report = fixture.json(engine, "audit", &arguments, 1);
    assert_eq!(report["stack_image"], Value::Null, "{name}");
    assert_eq!(report["wasted"]["stored_again"], 2_000_000, "{name}");
    assert_eq!(report["wasted"]["deleted"], 1_000_000, "{name}");
    let findings = report["findings"].as_array().unwrap();
    for (path, kind) in [
        ("/root/.ssh/deploy", "private-key"),
        ("/root/.cache/pip", "package-cache"),
        ("/opt/app/runner", "set-id"),
    ] {
        let is_it = |finding: &&Value| finding["path"] == path && finding["kind"] == kind;
        assert!(findings.iter().any(|finding| is_it(&finding)), "{name}: {path} in {findings:#?}");
    }
}

fn missing_images_are_the_engines_words(fixture: &Fixture, engine: &Engine) {
    let output = fixture.rdspec(engine, "audit", &["rdspec-audit-nothing:test"]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{}: {error}", engine.name);
    assert!(error.contains("cannot read rdspec-audit-nothing:test"), "{}: {error}", engine.name);
}

#[test]
#[ignore = "needs engines: run tests/run"]
fn two_builds_differ_in_what_was_changed_and_nothing_else() {
    let fixture = Fixture::new();
    // Whoever makes random bytes does not build the same twice.
    let maker = MAKER.replace("/dev/urandom", "/dev/zero");
    fixture.write("spec/components/maker.toml", &maker);
    for engine in engines() {
        let name = &engine.name;
        fixture.write("spec/components/files.toml", FILES);
        engine.build(fixture.root(), &["--no-cache", "base"]);
        let first = fixture.root().join("first.tar");
        save(&engine, BASE, &first);
        let first = first.to_str().unwrap();
        engine.build(fixture.root(), &["--no-cache", "base"]);
        let same = fixture.json(&engine, "diff", &[first, BASE], 0);
        assert_eq!(same["files"], Value::Array(Vec::new()), "{name}");
        fixture.write("spec/components/files.toml", &FILES.replace("hello", "goodbye"));
        engine.build(fixture.root(), &["base"]);
        let report = fixture.json(&engine, "diff", &[first, BASE], 1);
        let files = report["files"].as_array().unwrap();
        let paths: Vec<&str> = files.iter().map(|file| file["path"].as_str().unwrap()).collect();
        assert_eq!(paths, ["etc/demo/motd"], "{name}");
        let except = [first, BASE, "--except", "/etc/demo/*"];
        fixture.json(&engine, "diff", &except, 0);
    }
}

/// Has the engine write an image to a file.
fn save(engine: &Engine, image: &str, to: &Path) {
    let file = fs::File::create(to).unwrap();
    let mut command = engine.command(engine.kind());
    match engine.kind() {
        "docker" => command.args(["save", image]),
        "podman" => command.args(["save", "--quiet", "--format", "docker-archive", image]),
        _ => command.args(["push", "--quiet", image, "docker-archive:/dev/stdout"]),
    };
    // A pipe, since buildah opens its output anew and would begin at the start of a file.
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    std::io::copy(child.stdout.as_mut().unwrap(), &mut &file).unwrap();
    assert!(child.wait().unwrap().success(), "{}", engine.name);
}
