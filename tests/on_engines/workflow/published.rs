//! What is in the registry: OCI distribution spec, "pulling manifests" and "listing tags".

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

use crate::registry::{LOGIN, Registry};

/// Media types of what a tag can be.
const MANIFESTS: &str = "Accept: application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json";

/// An image as the registry has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Published {
    /// The digest of what the tag is.
    pub(crate) digest: String,
    /// The digest of the manifest for this computer.
    pub(crate) manifest: String,
    /// The digests of its layers, the lowest first.
    pub(crate) layers: Vec<String>,
    /// Whether something is attested of it.
    pub(crate) is_attested: bool,
}

fn get(registry: &Registry, path: &str, more: &[&str]) -> Option<Vec<u8>> {
    let output = Command::new("curl")
        .args(["--silent", "--fail", "--noproxy", "*"])
        .args(["--user", &format!("{}:{}", LOGIN.0, LOGIN.1)])
        .args(more)
        .arg(format!("http://{}/v2/{path}", registry.address))
        .output()
        .unwrap();
    output.status.success().then_some(output.stdout)
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

/// Every tag of every repository, with the digest that it stands for.
pub(crate) fn tags(registry: &Registry) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let catalog = json(&get(registry, "_catalog", &[]).unwrap());
    for name in catalog["repositories"].as_array().unwrap() {
        let name = name.as_str().unwrap();
        let list = json(&get(registry, &format!("{name}/tags/list"), &[]).unwrap());
        for tag in list["tags"].as_array().into_iter().flatten() {
            let tag = tag.as_str().unwrap();
            found.insert(format!("{name}:{tag}"), digest(registry, name, tag));
        }
    }
    found
}

fn digest(registry: &Registry, name: &str, tag: &str) -> String {
    let head =
        get(registry, &format!("{name}/manifests/{tag}"), &["--head", "--header", MANIFESTS]);
    let head = String::from_utf8(head.unwrap()).unwrap().to_lowercase();
    let line = head.lines().find_map(|line| line.strip_prefix("docker-content-digest: "));
    line.unwrap().trim().to_owned()
}

/// The image of a tag.
pub(crate) fn image(registry: &Registry, name: &str, tag: &str) -> Published {
    let manifest = |reference: &str| {
        let path = format!("{name}/manifests/{reference}");
        json(&get(registry, &path, &["--header", MANIFESTS]).unwrap())
    };
    let digest = digest(registry, name, tag);
    let index = manifest(&digest);
    let of_platform = |one: &&Value| one["platform"]["architecture"] == "amd64";
    let all = index["manifests"].as_array().unwrap();
    let own = all.iter().find(of_platform).unwrap()["digest"].as_str().unwrap().to_owned();
    let attests = |one: &Value| {
        one["annotations"]["vnd.docker.reference.type"] == "attestation-manifest"
            && one["annotations"]["vnd.docker.reference.digest"] == *own
    };
    let is_attested = all.iter().any(attests);
    let layers = manifest(&own)["layers"].as_array().unwrap().clone();
    let layers = layers.iter().map(|layer| layer["digest"].as_str().unwrap().to_owned()).collect();
    Published { digest, manifest: own, layers, is_attested }
}
