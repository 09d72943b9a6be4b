//! Where registries are, as the machine's own clients have been told: pip, npm, cargo and docker.
#![expect(
    clippy::disallowed_methods,
    reason = "the addresses of registries are the user's configuration, in the environment and in files"
)]

use std::env::var;
use std::fs;
use std::path::PathBuf;

use crate::upstream::Addresses;
use crate::upstream::oci::Registries;
use crate::upstream::oci::login::Logins;

/// The REST interface of GitHub, where `GITHUB_API_URL` (which GitHub's own runners set) names no other.
const GITHUB: &str = "https://api.github.com";

/// The index that is asked where a client has no address configured; `RDSPEC_DEPS_DEV_URL` names a mirror.
const DEPS_DEV: &str = "https://api.deps.dev";

/// The addresses of this machine.
pub(in crate::commands) fn addresses() -> Addresses {
    let set = |name: &str| var(name).ok().filter(|value| !value.is_empty());
    Addresses {
        github: set("GITHUB_API_URL").unwrap_or_else(|| GITHUB.to_owned()),
        github_token: set("GITHUB_TOKEN").or_else(|| set("GH_TOKEN")),
        pypi: set("PIP_INDEX_URL").or_else(of_pip),
        npm: set("npm_config_registry").or_else(|| set("NPM_CONFIG_REGISTRY")).or_else(of_npm),
        crates: of_cargo(),
        registries: of_docker(),
        deps_dev: set("RDSPEC_DEPS_DEV_URL").unwrap_or_else(|| DEPS_DEV.to_owned()),
    }
}

fn home(path: &str) -> Option<PathBuf> {
    Some(PathBuf::from(var("HOME").ok()?).join(path))
}

/// `index-url` of pip's configuration files (pip, "Configuration files"), the nearest to the user first.
fn of_pip() -> Option<String> {
    let configured = var("PIP_CONFIG_FILE").ok().map(PathBuf::from);
    let user = [home(".config/pip/pip.conf"), home(".pip/pip.conf")];
    let files = configured.into_iter().chain(user.into_iter().flatten());
    let files = files.chain(["/etc/xdg/pip/pip.conf".into(), "/etc/pip.conf".into()]);
    files.filter_map(|file| fs::read_to_string(file).ok()).find_map(|text| pip_index(&text))
}

fn pip_index(text: &str) -> Option<String> {
    let mut section = "";
    text.lines().map(str::trim).find_map(|line| {
        if line.starts_with('[') {
            section = line.trim_matches(['[', ']']);
        }
        let (key, value) = line.split_once('=')?;
        let is_index = matches!(section, "global" | "install" | "download")
            && key.trim().replace('_', "-") == "index-url";
        is_index.then(|| value.trim().to_owned())
    })
}

/// `registry` of npm's configuration files (npm, "npmrc").
fn of_npm() -> Option<String> {
    let files = [home(".npmrc"), Some("/etc/npmrc".into()), Some("/usr/local/etc/npmrc".into())];
    let texts = files.into_iter().flatten().filter_map(|file| fs::read_to_string(file).ok());
    texts.into_iter().find_map(|text| npm_registry(&text))
}

fn npm_registry(text: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        (key.trim() == "registry").then(|| value.trim().trim_matches('"').to_owned())
    })
}

/// The sparse index that replaces crates.io in cargo's configuration (The Cargo Book, "Source Replacement").
fn of_cargo() -> Option<String> {
    let folder = var("CARGO_HOME").ok().map(PathBuf::from).or_else(|| home(".cargo"))?;
    let text = fs::read_to_string(folder.join("config.toml")).ok()?;
    cargo_index(&text)
}

fn cargo_index(text: &str) -> Option<String> {
    let configuration: toml::Table = text.parse().ok()?;
    let sources = configuration.get("source")?;
    let name = sources.get("crates-io")?.get("replace-with")?.as_str()?;
    let registry = sources.get(name)?.get("registry")?.as_str()?;
    registry.strip_prefix("sparse+").map(str::to_owned)
}

/// The logins of docker's command line (`docker login`) and the mirrors of its daemon (dockerd, `registry-mirrors`): those
/// of a daemon without root first.
fn of_docker() -> Registries {
    let folder = var("DOCKER_CONFIG").ok().filter(|folder| !folder.is_empty());
    let folder = folder.map(PathBuf::from).or_else(|| home(".docker"));
    let logins = folder.and_then(|folder| fs::read_to_string(folder.join("config.json")).ok());
    let daemons = [home(".config/docker/daemon.json"), Some("/etc/docker/daemon.json".into())];
    let texts = daemons.into_iter().flatten().filter_map(|file| fs::read_to_string(file).ok());
    Registries {
        logins: logins.map(|text| Logins::read(&text)).unwrap_or_default(),
        mirrors: texts.into_iter().find_map(|text| docker_mirrors(&text)).unwrap_or_default(),
    }
}

fn docker_mirrors(text: &str) -> Option<Vec<String>> {
    let configuration: serde_json::Value = serde_json::from_str(text).ok()?;
    let mirrors = configuration.get("registry-mirrors")?.as_array()?;
    Some(mirrors.iter().filter_map(|mirror| mirror.as_str().map(str::to_owned)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_the_clients_write_them() {
        let pip =
            "[install]\ntrusted-host = x\n[global]\nindex_url = https://index.example/simple\n";
        assert_eq!(pip_index(pip).as_deref(), Some("https://index.example/simple"));
        assert_eq!(pip_index("[list]\nindex-url = https://a.example\n"), None);
        let npm = "//npm.example/:_authToken=x\nregistry=https://npm.example/\n";
        assert_eq!(npm_registry(npm).as_deref(), Some("https://npm.example/"));
        let cargo = "[source.crates-io]\nreplace-with = 'near'\n[source.near]\nregistry = 'sparse+https://crates.example/'\n";
        assert_eq!(cargo_index(cargo).as_deref(), Some("https://crates.example/"));
        let docker = r#"{ "registry-mirrors": ["https://mirror.example"] }"#;
        assert_eq!(docker_mirrors(docker), Some(vec!["https://mirror.example".to_owned()]));
        assert_eq!(cargo_index("[source.crates-io]\nreplace-with = 'x'\n"), None);
    }
}
