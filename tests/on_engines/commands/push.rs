//! `rdspec push` and `build --push`, to a registry on loopback: Debian's docker-registry.

use std::process::Command;

use sha2::{Digest, Sha256};

use super::SmallStack;
use crate::harness::engines;
use crate::registry::Registry;

/// The digest of a manifest, computed from its bytes.
fn digest(registry: &Registry, image: &str, tag: &str) -> String {
    let path = format!("v2/{image}/manifests/{tag}");
    let output = Command::new("curl")
        .args(["--silent", "--fail", "--noproxy", "*"])
        .args(["--header", "Accept: application/vnd.docker.distribution.manifest.v2+json"])
        .arg(format!("http://{}/{path}", registry.address))
        .output()
        .unwrap();
    assert!(output.status.success(), "the registry has no {image}:{tag}");
    let digest = Sha256::digest(&output.stdout);
    digest.iter().fold("sha256:".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

#[test]
#[ignore = "needs engines: run tests/run"]
fn images_are_pushed_and_their_digests_are_those_of_the_registry() {
    let registry = Registry::start();
    for engine in engines() {
        let stack = SmallStack::new("rdspec-pushed");
        let address = format!("name = \"rdspec-pushed\"\nregistry = \"{}\"", registry.address);
        stack.edit("stack.toml", "name = \"rdspec-pushed\"", &address);
        let name = engine.name.as_str();
        let (_, told) = stack.expect(&engine, &["push", "left", "--tag", name], 4);
        assert!(told.contains("nothing was pushed; `rdspec build`"), "{name}: {told}");
        let call = ["build", "left", "--network", "host", "--tag", name, "--push"];
        let (pushed, _) = stack.expect(&engine, &call, 0);
        let line = |image: &str| {
            let digest = digest(&registry, &format!("rdspec-pushed-{image}"), name);
            format!("{}/rdspec-pushed-{image}:{name}@{digest}\n", registry.address)
        };
        assert_eq!(pushed, format!("{}{}", line("base"), line("left")), "{name}");
        let (json, _) =
            stack.expect(&engine, &["push", "left", "--tag", name, "--format", "json"], 0);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json[0]["digest"], digest(&registry, "rdspec-pushed-left", name), "{name}");
    }
}

#[test]
#[ignore = "needs engines: run tests/run"]
fn a_registry_that_does_not_answer_is_a_failure() {
    for engine in engines() {
        let stack = SmallStack::new("rdspec-nowhere");
        let nowhere = "name = \"rdspec-nowhere\"\nregistry = \"127.0.0.1:9\"";
        stack.edit("stack.toml", "name = \"rdspec-nowhere\"", nowhere);
        stack.expect(&engine, &["build", "base", "--network", "host"], 0);
        let (stdout, told) = stack.expect(&engine, &["push", "base"], 4);
        assert_eq!(stdout, "");
        assert!(
            told.contains("error: pushing 127.0.0.1:9/rdspec-nowhere-base:test failed"),
            "{told}"
        );
        assert!(told.contains("refused"), "{told}");
    }
}
