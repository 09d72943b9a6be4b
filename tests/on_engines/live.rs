//! `rdspec bump` and `rdspec verify` against the registries that this machine's own clients are configured for, whose
//! addresses are asked of those clients. `tests/run --live` runs them; no other command does.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::harness::{Engine, engines, write_spec};

const STACK: &str = r#"
[stack]
name = "rdspec-live"
tag = "test"
platforms = ["linux/amd64"]

[apt]
refresh = "2026-11-23"

[bootstrap]
packages = ["ca-certificates", "curl"]

[images.base]
from = "rdspec-live-start:test"
unpinned = "made on this machine"
components = ["tool"]
"#;

/// No bytes have it, so that a sum which stays is noticed.
const NOT_YET: &str = "5e0f3f63d8a1c2b4978dd0a41b6cf2e79b35a08c14d6e7f2830b9ac5d1e4f607";

/// A stack with one component, and what rdspec is told of this machine.
struct Live {
    folder: TempDir,
    variables: Vec<(&'static str, String)>,
}

impl Live {
    fn new(component: &str) -> Self {
        let live = Self { folder: tempfile::tempdir().unwrap(), variables: Vec::new() };
        write_spec(live.path(), "stack.toml", STACK);
        write_spec(live.path(), "components/tool.toml", component);
        live
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn rdspec(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rdspec"));
        command.arg("-C").arg(self.path()).args(arguments);
        said(&command.envs(self.variables.iter().cloned()).output().unwrap())
    }

    fn spec(&self) -> String {
        fs::read_to_string(self.path().join("spec/components/tool.toml")).unwrap()
    }

    /// Builds the image with what bump found, and runs a command in it.
    fn built(&self, command: &[&str]) -> String {
        let engines = engines();
        let (engine, _) = engines.split_first().unwrap_or_else(|| panic!("no engine is there"));
        start(engine);
        engine.build(self.path(), &[]);
        said(&engine.run_in("rdspec-live-base:test", command, ""))
    }

    /// Moves the pin from a version, and asks whether what is pinned then is there.
    fn moves_from(&self, old: &str, evidence: &str) {
        let table = self.rdspec(&["bump"]);
        assert!(table.contains(evidence), "{table}");
        let spec = self.spec();
        assert!(!spec.contains(old) && !spec.contains(NOT_YET), "{spec}");
        self.rdspec(&["verify", "--deep"]);
        self.rdspec(&["generate", "--check"]);
        let again = self.rdspec(&["bump", "--check"]);
        assert!(again.contains("current") || again.contains("held"), "{again}");
    }
}

/// Makes the image that all of this starts from: Debian with the certificate authorities of this machine's own, which
/// the network may need, where `update-ca-certificates` finds them.
fn start(engine: &Engine) {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("authorities");
    fs::create_dir(&own).unwrap();
    for entry in fs::read_dir(AUTHORITIES).into_iter().flatten() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), own.join(entry.file_name())).unwrap();
    }
    let dockerfile = format!("FROM debian:bookworm\nCOPY authorities {AUTHORITIES}\n");
    fs::write(folder.path().join("Dockerfile"), dockerfile).unwrap();
    let mut command = engine.program();
    command.env("DOCKER_BUILDKIT", "1").arg("build");
    if engine.kind() == "buildah" {
        command.args(["--isolation", "chroot"]);
    }
    said(&command.args(["--tag", "rdspec-live-start:test"]).arg(folder.path()).output().unwrap());
}

/// Where Debian has the certificate authorities that a machine trusts besides those of its package.
const AUTHORITIES: &str = "/usr/local/share/ca-certificates";

/// What a program says that has to succeed.
fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    text
}

fn asked(program: &str, arguments: &[&str]) -> String {
    said(&Command::new(program).args(arguments).output().unwrap()).trim().to_owned()
}

#[test]
#[ignore = "asks the Python package index that pip is configured for: run tests/run --live"]
fn a_python_package_moves_to_the_newest_and_builds() {
    // What pip asks where nothing is configured is known to pip alone.
    let index = "from pip._internal.cli.main_parser import create_main_parser as _; \
        from pip._internal.commands import create_command; \
        print(create_command('download').parser.get_default_values().index_url)";
    let mut live = Live::new(&format!(
        "summary = \"A module\"\n\n[pip]\nprefix = \"/opt/tool\"\npackages.six = {{ version = \"1.15.0\", sha256 = [\"{}\"] }}\n\n\
         [apt]\npackages = [\"python3-pip\"]\n",
        // six-1.15.0-py2.py3-none-any.whl
        "8b74bedcbbbaca38ff6d7491d76f2b06b3592611af620f8426e82dddb04a5ced"
    ));
    live.variables.push(("PIP_INDEX_URL", asked("python3", &["-c", index])));
    live.moves_from("1.15.0", "api");
    let version = live.built(&["/opt/tool/bin/python", "-c", "import six; print(six.__version__)"]);
    assert!(live.spec().contains(&format!("{:?}", version.trim())), "{version}");
}

#[test]
#[ignore = "asks the registry that npm is configured for: run tests/run --live"]
fn a_node_package_moves_to_the_newest_and_builds() {
    let mut live = Live::new(
        "summary = \"A package\"\n\n[apt]\npackages = [\"npm\"]\n\n[npm]\nprefix = \"/opt/tool\"\n\
         packages = { is-number = \"6.0.0\" }\n\n[accept]\nunverified-package = \"a test\"\n",
    );
    live.variables.push(("npm_config_registry", asked("npm", &["config", "get", "registry"])));
    live.moves_from("6.0.0", "api");
    let version = "console.log(require('/opt/tool/node_modules/is-number/package.json').version)";
    let version = live.built(&["node", "-e", version]);
    assert!(live.spec().contains(&format!("{:?}", version.trim())), "{version}");
}

#[test]
#[ignore = "asks the crate registry that cargo uses: run tests/run --live"]
fn a_crate_moves_to_the_newest_and_builds() {
    let index = crate_index();
    let configuration = asked("curl", &["--fail", "--silent", &format!("{index}config.json")]);
    let configuration: serde_json::Value = serde_json::from_str(&configuration).unwrap();
    let files = configuration["dl"].as_str().unwrap();
    let mut live = Live::new(&format!(
        "summary = \"A crate\"\n\n[downloads.itoa]\nversion = \"1.0.0\"\n\
         url = \"{files}/itoa/{{{{ version }}}}/download\"\nsha256 = \"{NOT_YET}\"\n\
         upstream = {{ crates = \"itoa\" }}\ninstall = {{ to = \"/opt/itoa.crate\", mode = \"0644\" }}\n"
    ));
    let home = live.path().join("cargo");
    fs::create_dir(&home).unwrap();
    let source = format!(
        "[source.crates-io]\nreplace-with = \"here\"\n[source.here]\nregistry = \"sparse+{index}\"\n"
    );
    fs::write(home.join("config.toml"), source).unwrap();
    live.variables.push(("CARGO_HOME", home.to_str().unwrap().to_owned()));
    live.moves_from("version = \"1.0.0\"", "api");
    let manifest = ["tar", "-xzOf", "/opt/itoa.crate", "--wildcards", "*/Cargo.toml"];
    let manifest = live.built(&manifest);
    let version = manifest.lines().find(|line| line.starts_with("version = ")).unwrap();
    assert!(live.spec().contains(version), "{version}");
}

/// The sparse index that cargo has asked on this machine, by the name of its cache.
fn crate_index() -> String {
    let home = std::env::var_os("CARGO_HOME").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cargo"),
        PathBuf::from,
    );
    let caches = fs::read_dir(home.join("registry/index")).unwrap();
    let name = caches.map(|entry| entry.unwrap().file_name().into_string().unwrap()).next();
    let name = name.unwrap_or_else(|| panic!("cargo has asked no registry here yet"));
    let (host, _) = name.rsplit_once('-').unwrap();
    format!("https://{host}/")
}

/// The archive that apt is configured for, as a repository of the spec; what bump finds there is built.
#[test]
#[ignore = "asks the archive that apt is configured for: run tests/run --live"]
fn a_package_of_a_repository_moves_to_the_newest_and_builds() {
    let suite = "bookworm";
    let archive = asked("apt-get", &["indextargets", "--format", "$(RELEASE) $(SITE)"]);
    let mut lines = archive.lines().filter_map(|line| line.split_once(' '));
    let site = lines.find(|(release, _)| *release == suite).map(|(_, site)| site);
    // The base image may have the same archive with another file of keys, so this one is another by its address.
    let site = with_port(site.unwrap_or_else(|| panic!("apt has no archive of Debian 12 here")));
    let fingerprint = signer(&site, suite);
    let mut live = Live::new(&format!(
        "summary = \"A package\"\n\n[apt]\npackages = [\"hello\"]\nversions = {{ hello = \"2.9-1\" }}\n\n\
         [apt.repositories.archive]\nuri = \"{site}\"\nsuites = [\"{suite}\"]\ncomponents = [\"main\"]\n\
         key = \"archive.gpg\"\nfingerprint = \"{fingerprint}\"\n"
    ));
    let key = ["--no-default-keyring", "--keyring", KEYRING, "--export", &fingerprint];
    let key = Command::new("gpg").args(key).output().unwrap().stdout;
    let file = live.path().join("spec/resources/tool/archive.gpg");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, key).unwrap();
    live.variables.push(("TMPDIR", live.path().to_str().unwrap().to_owned()));
    live.moves_from("2.9-1", "signature");
    assert_eq!(live.built(&["hello"]), "Hello, world!\n");
}

/// The same address, with the port that is meant without one.
fn with_port(address: &str) -> String {
    let (scheme, rest) = address.split_once("://").unwrap();
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let port = if scheme == "https" { 443 } else { 80 };
    if host.contains(':') { address.to_owned() } else { format!("{scheme}://{host}:{port}/{path}") }
}

/// The keys of the archive, of Debian's package debian-archive-keyring.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// The first of those keys whose signature of the archive is good: gpgv names it by its whole fingerprint.
fn signer(site: &str, suite: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let release = folder.path().join("InRelease");
    let url = format!("{}/dists/{suite}/InRelease", site.trim_end_matches('/'));
    let release = release.to_str().unwrap();
    asked("curl", &["--fail", "--silent", "--output", release, &url]);
    let output = Command::new("gpgv")
        .args(["--status-fd", "1", "--keyring", KEYRING, release])
        .output()
        .unwrap();
    let status = String::from_utf8_lossy(&output.stdout).into_owned();
    let good = status.lines().skip_while(|line| !line.starts_with("[GNUPG:] GOODSIG "));
    let mut good = good.filter_map(|line| line.strip_prefix("[GNUPG:] VALIDSIG "));
    let valid = good.next();
    let why = || panic!("nobody signed it whose key is in {KEYRING}:\n{status}");
    valid.unwrap_or_else(why).rsplit(' ').next().unwrap().to_owned()
}
