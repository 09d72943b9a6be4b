//! `rdspec push` and `build --push`, to a registry on loopback: Debian's docker-registry.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::SmallStack;
use crate::harness::engines;

/// A registry that ends with the test.
struct Registry {
    process: Child,
    address: String,
    _folder: TempDir,
}

impl Registry {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = format!("127.0.0.1:{port}");
        let data = folder.path().join("data");
        let configuration = format!(
            "version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {}}}}}\nhttp: {{addr: '{address}'}}\n",
            data.display()
        );
        let file = folder.path().join("config.yml");
        fs::write(&file, configuration).unwrap();
        let process = Command::new("docker-registry")
            .arg("serve")
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|_| {
                panic!("this test needs docker-registry: install it, or run tests/run, which does")
            });
        for _ in 0..100 {
            if TcpStream::connect(&address).is_ok() {
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Self { process, address, _folder: folder }
    }

    /// The digest of a manifest, computed from its bytes.
    fn digest(&self, image: &str, tag: &str) -> String {
        let path = format!("v2/{image}/manifests/{tag}");
        let output = Command::new("curl")
            .args(["--silent", "--fail", "--noproxy", "*"])
            .args(["--header", "Accept: application/vnd.docker.distribution.manifest.v2+json"])
            .arg(format!("http://{}/{path}", self.address))
            .output()
            .unwrap();
        assert!(output.status.success(), "the registry has no {image}:{tag}");
        let digest = Sha256::digest(&output.stdout);
        digest.iter().fold("sha256:".to_owned(), |text, byte| format!("{text}{byte:02x}"))
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
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
            let digest = registry.digest(&format!("rdspec-pushed-{image}"), name);
            format!("{}/rdspec-pushed-{image}:{name}@{digest}\n", registry.address)
        };
        assert_eq!(pushed, format!("{}{}", line("base"), line("left")), "{name}");
        let (json, _) =
            stack.expect(&engine, &["push", "left", "--tag", name, "--format", "json"], 0);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json[0]["digest"], registry.digest("rdspec-pushed-left", name), "{name}");
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
