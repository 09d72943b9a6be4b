//! `rdspec bump` and `rdspec verify` of a base image in a real registry, with what skopeo says of it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::registry::{LOGIN, Registry};
use crate::trap_stack::sha256;

/// An OCI layout with an image for each of some architectures; `mark` makes it another one.
fn layout(folder: &Path, mark: &str, architectures: &[&str]) {
    let blobs = folder.join("blobs/sha256");
    fs::create_dir_all(&blobs).unwrap();
    let blob = |kind: &str, bytes: &[u8]| {
        fs::write(blobs.join(sha256(bytes)), bytes).unwrap();
        let media_type = format!("application/vnd.oci.image.{kind}");
        json!({ "mediaType": media_type, "digest": format!("sha256:{}", sha256(bytes)), "size": bytes.len() })
    };
    let mut archive = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(mark.len() as u64);
    archive.append_data(&mut header, "mark", mark.as_bytes()).unwrap();
    let tree = archive.into_inner().unwrap();
    let layer = blob("layer.v1.tar", &tree);
    let manifests: Vec<Value> = architectures
        .iter()
        .map(|architecture| {
            let config = json!({
                "os": "linux", "architecture": architecture, "created": "2026-01-01T00:00:00Z", "config": {},
                "rootfs": { "type": "layers", "diff_ids": [format!("sha256:{}", sha256(&tree))] },
            });
            let config = blob("config.v1+json", config.to_string().as_bytes());
            let media_type = "application/vnd.oci.image.manifest.v1+json";
            let manifest = json!({ "schemaVersion": 2, "mediaType": media_type, "config": config, "layers": [layer] });
            let mut manifest = blob("manifest.v1+json", manifest.to_string().as_bytes());
            manifest["platform"] = json!({ "os": "linux", "architecture": architecture });
            manifest
        })
        .collect();
    let media_type = "application/vnd.oci.image.index.v1+json";
    let index = json!({ "schemaVersion": 2, "mediaType": media_type, "manifests": manifests });
    let mut top = blob("index.v1+json", index.to_string().as_bytes());
    top["annotations"] = json!({ "org.opencontainers.image.ref.name": "image" });
    let index = json!({ "schemaVersion": 2, "manifests": [top] });
    fs::write(folder.join("index.json"), index.to_string()).unwrap();
    fs::write(folder.join("oci-layout"), "{ \"imageLayoutVersion\": \"1.0.0\" }").unwrap();
}

fn skopeo(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("skopeo").args(arguments).output().unwrap_or_else(|_| {
        panic!("this test needs skopeo: install it, or run tests/run, which does")
    });
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// A stack on the image `team/os`, and the user's configuration of docker.
struct Stack {
    folder: TempDir,
    registry: Registry,
}

impl Stack {
    fn new() -> Self {
        let (folder, registry) = (tempfile::tempdir().unwrap(), Registry::start_with_login());
        let spec = format!(
            "[stack]\nname = \"based\"\nplatforms = [\"linux/amd64\", \"linux/arm64\"]\n\n[apt]\nrefresh = \"2026-11-23\"\n\n\
             [images.base]\nfrom = \"{}/team/os:1.0\"\ndigest = \"sha256:{}\"\nupstream = {{ minimum-age = \"3d\" }}\ncomponents = [\"tool\"]\n",
            registry.address,
            "5".repeat(64)
        );
        fs::create_dir_all(folder.path().join("spec/components")).unwrap();
        fs::write(folder.path().join("spec/stack.toml"), spec).unwrap();
        let tool = "summary = \"A tool\"\n\n[environment]\nTOOL = \"1\"\n";
        fs::write(folder.path().join("spec/components/tool.toml"), tool).unwrap();
        Self { folder, registry }
    }

    fn reference(&self, tag: &str) -> String {
        format!("docker://{}/team/os:{tag}", self.registry.address)
    }

    fn push(&self, tag: &str, architectures: &[&str]) {
        let folder = tempfile::tempdir().unwrap();
        layout(folder.path(), tag, architectures);
        let from = format!("oci:{}:image", folder.path().display());
        let login = format!("{}:{}", LOGIN.0, LOGIN.1);
        let call = ["copy", "--quiet", "--all", "--dest-tls-verify=false", "--dest-creds", &login];
        skopeo(&[&call[..], &[&from, &self.reference(tag)]].concat());
    }

    fn rdspec(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rdspec"));
        command.arg("-C").arg(self.folder.path()).args(arguments);
        command.env("DOCKER_CONFIG", self.folder.path()).output().unwrap()
    }

    fn expect(&self, arguments: &[&str], status: i32) -> String {
        let output = self.rdspec(arguments);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{text}{told}");
        text
    }

    fn spec(&self) -> String {
        fs::read_to_string(self.folder.path().join("spec/stack.toml")).unwrap()
    }
}

#[test]
#[ignore = "needs docker-registry and skopeo: run tests/run"]
fn a_base_image_moves_to_what_the_registry_has() {
    let stack = Stack::new();
    for (tag, architectures) in
        [("1.0", &["amd64", "arm64"][..]), ("1.1", &["amd64", "arm64"]), ("1.2", &["amd64"])]
    {
        stack.push(tag, architectures);
    }
    let before = stack.spec();
    assert!(stack.expect(&["bump"], 4).contains("is refused (401)"));
    assert!(stack.expect(&["verify"], 4).contains("is refused (401)"));
    // `me:secret`, as docker writes it.
    let auths = json!({ "auths": { &stack.registry.address: { "auth": "bWU6c2VjcmV0" } } });
    fs::write(stack.folder.path().join("config.json"), auths.to_string()).unwrap();
    assert!(stack.expect(&["verify"], 4).contains("gone"));

    let told = stack.expect(&["bump"], 0);
    assert!(told.contains("passed over 1.2: it has no image for linux/arm64"), "{told}");
    let login = format!("{}:{}", LOGIN.0, LOGIN.1);
    let raw = ["inspect", "--raw", "--tls-verify=false", "--creds", &login];
    let raw = skopeo(&[&raw[..], &[&stack.reference("1.1")]].concat());
    let digest = sha256(&raw);
    let after = before.replace("os:1.0", "os:1.1").replace(&"5".repeat(64), &digest);
    assert_eq!(stack.spec(), after);
    assert!(stack.expect(&["verify"], 0).contains("there"));
    assert!(stack.expect(&["bump", "--check"], 4).contains("1.2: it has no image for linux/arm64"));

    let delete = ["delete", "--tls-verify=false", "--creds", &login];
    skopeo(&[&delete[..], &[&stack.reference("1.1")]].concat());
    assert!(stack.expect(&["verify"], 4).contains("gone"));
}
