//! Names of images as people write them: `ubuntu:24.04` is on docker's registry, `quay.io/team/tool:1` on its own.

/// Docker's registry, as names call it.
const HUB: &str = "docker.io";

/// Where the official images of docker's registry are, whose names have one part.
const OFFICIAL: &str = "library";

/// A name, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageName {
    /// The host of its registry, with a port where it has one.
    pub registry: String,
    /// The repository there.
    pub repository: String,
    /// The tag, where there is one.
    pub tag: Option<String>,
}

impl ImageName {
    /// Takes a name apart, by the rules of the distribution project's `reference` package: the first of several parts is
    /// a host if it has a dot, a port or a capital letter, or is `localhost`.
    pub fn parse(text: &str) -> Self {
        let (name, tag) = match text.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag.to_owned())),
            _ => (text, None),
        };
        let is_host = |first: &str| {
            first.contains(['.', ':'])
                || first == "localhost"
                || first.contains(|c: char| c.is_ascii_uppercase())
        };
        let (registry, repository) = match name.split_once('/') {
            Some(("index.docker.io", rest)) => (HUB, rest),
            Some((host, rest)) if is_host(host) => (host, rest),
            _ => (HUB, name),
        };
        let repository = if registry == HUB && !repository.contains('/') {
            format!("{OFFICIAL}/{repository}")
        } else {
            repository.to_owned()
        };
        Self { registry: registry.to_owned(), repository, tag }
    }

    /// Whether it is on docker's registry.
    pub fn is_on_hub(&self) -> bool {
        self.registry == HUB
    }
}

/// The host that answers for a registry: docker's has another name than its images.
pub(super) fn host(registry: &str) -> &str {
    if registry == HUB { "registry-1.docker.io" } else { registry }
}

/// The registry that a key of docker's configuration means; none for what is no registry's.
pub(super) fn of_key(key: &str) -> Option<&str> {
    let address = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://"));
    let address = address.unwrap_or(key).trim_end_matches('/');
    let host = ["/v1", "/v2"].iter().find_map(|end| address.strip_suffix(end)).unwrap_or(address);
    match host {
        "index.docker.io" | "registry-1.docker.io" => Some(HUB),
        host if host.is_empty() || host.contains('/') => None,
        host => Some(host),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_are_on_dockers_registry() {
        for (text, registry, repository, tag) in [
            ("ubuntu:24.04", HUB, "library/ubuntu", Some("24.04")),
            ("owner/name", HUB, "owner/name", None),
            ("docker.io/debian:x", HUB, "library/debian", Some("x")),
            ("index.docker.io/a/b:x", HUB, "a/b", Some("x")),
            ("quay.io/a/b:1", "quay.io", "a/b", Some("1")),
            ("localhost/a:1", "localhost", "a", Some("1")),
            ("localhost:5000/a", "localhost:5000", "a", None),
            ("Host/a:1", "Host", "a", Some("1")),
        ] {
            let name = ImageName::parse(text);
            assert_eq!(name.registry, registry, "{text}");
            assert_eq!(name.repository, repository, "{text}");
            assert_eq!(name.tag.as_deref(), tag, "{text}");
        }
    }

    #[test]
    fn keys_of_dockers_configuration_are_hosts_or_addresses() {
        for (key, registry) in [
            ("https://index.docker.io/v1/", Some(HUB)),
            ("ghcr.io", Some("ghcr.io")),
            ("https://registry.example:5000/v2/", Some("registry.example:5000")),
            ("quay.io/team", None),
            ("https://", None),
        ] {
            assert_eq!(of_key(key), registry, "{key}");
        }
    }
}
