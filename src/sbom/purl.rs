//! Package URLs: ECMA-427, `pkg:type/namespace/name@version?qualifiers`.

use super::Distribution;
use crate::model::pip::PythonName;

/// A package URL that is being written.
#[derive(Clone, Debug)]
pub(super) struct Purl {
    path: String,
    version: Option<String>,
    /// In the order of their names, which is that of the standard.
    qualifiers: Vec<(&'static str, String)>,
}

impl Purl {
    /// A package of a type; `/` in its name ends a part of its name space.
    pub(super) fn of(kind: &str, name: &str) -> Self {
        let parts: Vec<String> = name.split('/').map(|part| encoded(part, "")).collect();
        Self { path: format!("{kind}/{}", parts.join("/")), version: None, qualifiers: Vec::new() }
    }

    pub(super) fn version(mut self, version: Option<&str>) -> Self {
        self.version = version.map(|version| encoded(version, ":"));
        self
    }

    /// Adds a qualifier; they come in the order of their names.
    pub(super) fn qualifier(mut self, name: &'static str, value: Option<String>) -> Self {
        let value = value.filter(|value| !value.is_empty());
        self.qualifiers.extend(value.map(|value| (name, encoded(&value, ":/"))));
        self
    }

    pub(super) fn text(&self) -> String {
        let version = self.version.as_ref().map(|text| format!("@{text}")).unwrap_or_default();
        let qualifiers: Vec<String> =
            self.qualifiers.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let question = if qualifiers.is_empty() { "" } else { "?" };
        format!("pkg:{}{version}{question}{}", self.path, qualifiers.join("&"))
    }

    /// A package of Debian or of what descends from it.
    pub(super) fn deb(
        distribution: &Distribution,
        name: &str,
        version: Option<&str>,
        architecture: Option<&str>,
    ) -> String {
        let vendor = if distribution.name.is_empty() { "debian" } else { &distribution.name };
        Self::of("deb", &format!("{vendor}/{name}"))
            .version(version)
            .qualifier("arch", architecture.map(str::to_owned))
            .qualifier("distro", Some(distribution.release.clone()))
            .text()
    }

    /// A package of Python, by the one spelling of its name.
    pub(super) fn pypi(name: &str, version: Option<&str>) -> String {
        let name = PythonName::parse(name).map_or(name.to_owned(), |name| name.normalized());
        Self::of("pypi", &name).version(version).text()
    }

    /// A package of Node; its scope is a name space.
    pub(super) fn npm(name: &str, version: Option<&str>) -> String {
        Self::of("npm", &name.to_lowercase()).version(version).text()
    }

    /// An image of a registry. A name without a registry is one of Docker Hub.
    pub(super) fn image(repository: &str, tag: &str, digest: Option<&str>) -> String {
        let name = repository.rsplit('/').next().unwrap_or(repository).to_lowercase();
        let first = repository.split('/').next().unwrap_or_default();
        let has_host =
            repository.contains('/') && (first.contains(['.', ':']) || first == "localhost");
        let location = match (has_host, repository.contains('/')) {
            (true, _) => repository.to_owned(),
            (false, true) => format!("docker.io/{repository}"),
            (false, false) => format!("docker.io/library/{repository}"),
        };
        Self::of("oci", &name)
            .version(digest)
            .qualifier("repository_url", Some(location))
            .qualifier("tag", Some(tag.to_owned()))
            .text()
    }
}

/// Percent-encoding of everything but letters, digits, `.`, `-`, `_`, `~` and some others.
fn encoded(text: &str, others: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        let c = char::from(byte);
        if c.is_ascii_alphanumeric() || ".-_~".contains(c) || others.contains(c) {
            encoded.push(c);
        } else {
            encoded.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    encoded
}

fn digit(nibble: u8) -> char {
    char::from_digit(nibble.into(), 16).unwrap_or('0').to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::super::Distribution;
    use super::Purl;

    #[test]
    fn they_are_those_of_the_standard() {
        let bookworm = Distribution { name: "debian".to_owned(), release: "debian-12".to_owned() };
        assert_eq!(
            Purl::deb(&bookworm, "libstdc++6", Some("1:12.2.0+1~x"), Some("amd64")),
            "pkg:deb/debian/libstdc%2B%2B6@1:12.2.0%2B1~x?arch=amd64&distro=debian-12"
        );
        assert_eq!(Purl::pypi("Ruamel_YAML", Some("0.18")), "pkg:pypi/ruamel-yaml@0.18");
        assert_eq!(Purl::npm("@types/node", Some("1.0.0")), "pkg:npm/%40types/node@1.0.0");
        assert_eq!(Purl::npm("yarn", None), "pkg:npm/yarn");
        assert_eq!(
            Purl::image("ubuntu", "24.04", Some("sha256:0a")),
            "pkg:oci/ubuntu@sha256:0a?repository_url=docker.io/library/ubuntu&tag=24.04"
        );
        assert_eq!(
            Purl::image("localhost:5000/a/b", "c", None),
            "pkg:oci/b?repository_url=localhost:5000/a/b&tag=c"
        );
        let generic = Purl::of("generic", "tool").version(Some("1.0 é"));
        assert_eq!(
            generic.qualifier("download_url", Some("https://a.org/?b=c&d".to_owned())).text(),
            "pkg:generic/tool@1.0%20%C3%A9?download_url=https://a.org/%3Fb%3Dc%26d"
        );
    }
}
