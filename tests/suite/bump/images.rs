//! Base images: their digests and tags, as registries have them.

use super::registries::{challenge, login};
use super::{Answer, Fake, command};
use crate::harness::{Run, Stack, run};
use rdspec::image::digest::Digest;

/// The name of the base image in every stack here, without its registry.
const NAME: &str = "team/os";

/// An index of images for platforms; `mark` makes it another one.
fn index(platforms: &[&str], mark: &str) -> String {
    let manifests: Vec<String> = platforms
        .iter()
        .map(|platform| {
            let (os, architecture) = platform.split_once('/').unwrap();
            let digest = Digest::of(format!("{platform}{mark}").as_bytes());
            format!(
                "{{ \"digest\": \"{digest}\", \"platform\": {{ \"os\": \"{os}\", \"architecture\": \"{architecture}\" }} }}"
            )
        })
        .collect();
    format!(
        "{{ \"schemaVersion\": 2, \"manifests\": [{}], \"mark\": \"{mark}\" }}",
        manifests.join(", ")
    )
}

const BOTH: &[&str] = &["linux/amd64", "linux/arm64", "unknown/unknown"];

fn digest(body: &str) -> String {
    Digest::of(body.as_bytes()).to_string()
}

/// Serves a manifest under its digest and under tags.
fn serve(fake: &Fake, body: &str, tags: &[&str]) {
    let digest = digest(body);
    let answer = Answer::json(body).header("Docker-Content-Digest", &digest);
    for reference in tags.iter().copied().chain([digest.as_str()]) {
        fake.serve(&manifest(reference), answer.clone());
    }
}

fn manifest(reference: &str) -> String {
    format!("/v2/{NAME}/manifests/{reference}")
}

fn host(fake: &Fake) -> String {
    fake.address().trim_start_matches("http://").to_owned()
}

/// `stack.toml` with a base image at `1.0` and these lines more about it.
fn spec_of(fake: &Fake, digest: &str, more: &str) -> String {
    format!(
        "[stack]\nname = \"based\"\nplatforms = [\"linux/amd64\", \"linux/arm64\"]\n\n[apt]\nrefresh = \"2026-11-23\"\n\n\
         [images.base]\nfrom = '{}/{NAME}:1.0' # the base\ndigest = \"{digest}\"   # of 1.0\n{more}components = [\"tool\"]\n",
        host(fake)
    )
}

fn stack_of(spec: &str) -> Stack {
    let stack = Stack::small();
    std::fs::remove_dir_all(stack.path("spec")).unwrap();
    stack.write("spec/stack.toml", spec);
    stack.write(
        "spec/components/tool.toml",
        "summary = \"A tool\"\n\n[environment]\nTOOL = \"1\"\n",
    );
    stack
}

fn rdspec(stack: &Stack, fake: &Fake, arguments: &[&str]) -> Run {
    run(&mut command(stack, fake, arguments))
}

#[test]
fn base_images_that_are_there_verify() {
    let fake = Fake::start();
    let old = index(BOTH, "old");
    serve(&fake, &old, &["1.0"]);
    let stack = stack_of(&spec_of(&fake, &digest(&old), ""));
    let verify = |status| rdspec(&stack, &fake, &["verify"]).expect(status).stdout;
    let said = verify(0);
    assert!(said.contains("there  spec/stack.toml:10"), "{said}");
    assert!(!said.contains("its tag"), "{said}");

    // A tag that moved is no fault, and what its digest was is still there.
    let new = index(BOTH, "new");
    serve(&fake, &new, &["1.0"]);
    let said = verify(0);
    assert!(said.contains(&format!("its tag `1.0` is {} now", digest(&new))), "{said}");
    fake.serve(&manifest("1.0"), Answer::status(404));
    assert!(verify(0).contains("its tag `1.0` is not there any more"));

    fake.serve(&manifest(&digest(&old)), Answer::json(&new));
    assert!(verify(3).contains("other bytes"));
    fake.serve(&manifest(&digest(&old)), Answer::status(404));
    let said = verify(4);
    assert!(said.contains("gone") && said.contains("is not there (404)"), "{said}");
    let json = rdspec(&stack, &fake, &["verify", "--format", "json"]).expect(4).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["images"][0]["status"], "gone");
    assert_eq!(json["images"][0]["place"], "spec/stack.toml:10");
}
