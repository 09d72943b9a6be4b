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

fn read(stack: &Stack) -> String {
    std::fs::read_to_string(stack.path("spec/stack.toml")).unwrap()
}

fn tags(fake: &Fake, names: &[&str]) {
    let body = format!("{{ \"name\": \"{NAME}\", \"tags\": {names:?} }}");
    fake.serve(&format!("/v2/{NAME}/tags/list?n=1000"), Answer::json(&body));
}

#[test]
fn the_digest_moves_to_what_the_tag_is_now() {
    let fake = Fake::start();
    let (old, new) = (index(BOTH, "old"), index(BOTH, "new"));
    serve(&fake, &old, &["1.0"]);
    let spec = spec_of(&fake, &digest(&old), "");
    let stack = stack_of(&spec);
    let run = rdspec(&stack, &fake, &["bump"]).expect(0);
    assert!(run.stdout.contains("current") && read(&stack) == spec, "{}", run.stdout);

    serve(&fake, &new, &["1.0"]);
    let json = rdspec(&stack, &fake, &["bump", "--check", "--format", "json"]).expect(1).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["pins"][0]["evidence"], "api");
    assert_eq!(json["pins"][0]["component"], serde_json::Value::Null);
    assert_eq!(read(&stack), spec);
    let run = rdspec(&stack, &fake, &["bump", "bsae"]).expect(2);
    assert!(run.stderr.contains("there is no pin `bsae`; did you mean `base`?"), "{}", run.stderr);
    let run = rdspec(&stack, &fake, &["bump"]).expect(0);
    let row = run.stdout.lines().find(|line| line.starts_with("base ")).unwrap();
    let words: Vec<&str> = row.split_whitespace().collect();
    let short = |body: &str| format!("1.0@{}", &digest(body)[7..19]);
    assert_eq!(words, ["base", &short(&old), &short(&new), "-", "api", "new"]);
    assert_eq!(read(&stack), spec.replace(&digest(&old), &digest(&new)));
    let dockerfile = std::fs::read_to_string(stack.path("generated/base/Dockerfile")).unwrap();
    assert!(dockerfile.contains(&digest(&new)));
    assert!(rdspec(&stack, &fake, &["bump", "base"]).expect(0).stdout.contains("current"));
}

#[test]
fn the_tag_moves_where_the_spec_says_which_are_versions() {
    let fake = Fake::start();
    let (old, new, newest) = (index(BOTH, "old"), index(BOTH, "new"), index(&BOTH[..1], "newest"));
    serve(&fake, &old, &["1.0"]);
    serve(&fake, &new, &["1.2"]);
    serve(&fake, &newest, &["1.10"]);
    tags(&fake, &["latest", "1.0", "1.2", "0.9", "1.10", "1.3-rc1", "1.11-slim", "3.0"]);
    let spec = spec_of(&fake, &digest(&old), "upstream = {}\n");
    let stack = stack_of(&spec);
    let run = rdspec(&stack, &fake, &["bump"]).expect(0);
    assert!(
        run.stdout.contains("passed over 1.10: it has no image for linux/arm64"),
        "{}",
        run.stdout
    );
    let moved = spec.replace(":1.0'", ":1.2'").replace(&digest(&old), &digest(&new));
    assert_eq!(read(&stack), moved);

    // One that is named comes over a major version; none goes back.
    serve(&fake, &old, &["3.0"]);
    rdspec(&stack, &fake, &["bump", "base=3.0"]).expect(0);
    assert!(read(&stack).contains(":3.0'"));
    let run = rdspec(&stack, &fake, &["bump", "base=1.2"]).expect(2);
    assert!(
        run.stdout.contains("1.2 is older than 3.0, and a pin never moves back"),
        "{}",
        run.stdout
    );
    let run = rdspec(&stack, &fake, &["bump", "base=3.1"]).expect(2);
    assert!(run.stdout.contains("has no tag for 3.1"), "{}", run.stdout);
}

#[test]
fn an_image_is_as_old_as_it_says() {
    let fake = Fake::start();
    let (old, time) = (index(BOTH, "old"), "2026-01-01T00:00:00Z");
    let made = |created: &str| {
        let config = format!(
            "{{ \"os\": \"linux\", \"architecture\": \"amd64\", \"created\": \"{created}\" }}"
        );
        fake.serve(&format!("/v2/{NAME}/blobs/{}", digest(&config)), Answer::ok(config.as_bytes()));
        let image = format!("{{ \"config\": {{ \"digest\": \"{}\" }} }}", digest(&config));
        serve(&fake, &image, &["1.0"]);
        image
    };
    serve(&fake, &old, &["1.0"]);
    let more = "upstream = { minimum-age = \"3d\" }\n";
    let spec = spec_of(&fake, &digest(&old), more).replace(", \"linux/arm64\"", "");
    let stack = stack_of(&spec);
    tags(&fake, &["1.0"]);
    made("2999-01-01T00:00:00Z");
    let run = rdspec(&stack, &fake, &["bump"]).expect(0);
    assert!(run.stdout.contains("1.0 is held: too young"), "{}", run.stdout);
    assert_eq!(read(&stack), spec);
    let image = made(time);
    rdspec(&stack, &fake, &["bump"]).expect(0);
    assert_eq!(read(&stack), spec.replace(&digest(&old), &digest(&image)));
}

#[test]
fn faults_of_registries_are_explained_and_change_nothing() {
    let fake = Fake::start();
    let (old, new) = (index(BOTH, "old"), index(BOTH, "new"));
    let spec = spec_of(&fake, &digest(&old), "");
    let lying = Answer::json(&new).header("Docker-Content-Digest", &digest(&old));
    let faults = [
        (lying, 3, "and the registry says sha256:"),
        (
            Answer::json(&index(&BOTH[..1], "")),
            4,
            "it has no image for linux/arm64, only for linux/amd64",
        ),
        (Answer::status(404), 4, "is not there (404)"),
        (
            Answer::json("{ \"schemaVersion\": 1 }"),
            4,
            "neither an image index nor an image manifest",
        ),
        (Answer::ok(b"<html>"), 4, "not what its interface promises"),
        (Answer::json(&new).cut(20), 4, "after 4 tries"),
        (challenge("http://auth.example"), 4, "is not https"),
        (Answer::redirect("http://mirror.example/"), 4, "which is not https"),
        (Answer::status(429).header("Retry-After", "3600"), 4, "limit of requests is used up"),
    ];
    std::thread::scope(|scope| {
        for (answer, status, said) in faults {
            let spec = &spec;
            scope.spawn(move || {
                let fake = Fake::start();
                let spec = spec.replace(&spec_host(spec), &host(&fake));
                let stack = stack_of(&spec);
                fake.serve(&manifest("1.0"), answer);
                let run = rdspec(&stack, &fake, &["bump"]);
                assert_eq!(run.status, Some(status), "{said}: {}{}", run.stdout, run.stderr);
                assert!(run.stdout.contains(said), "{said}: {}", run.stdout);
                assert_eq!(read(&stack), spec, "{said}");
                assert!(!stack.path("generated").exists(), "{said}");
            });
        }
    });
}

/// The registry that a spec names.
fn spec_host(spec: &str) -> String {
    let (_, rest) = spec.split_once("from = '").unwrap();
    rest.split_once('/').unwrap().0.to_owned()
}

#[test]
fn a_registry_gets_the_login_for_manifests_too() {
    let fake = Fake::start();
    let (old, new) = (index(BOTH, "old"), index(BOTH, "new"));
    let asks = Answer::status(401).header("WWW-Authenticate", "Basic realm=\"registry\"");
    fake.serve(&manifest("1.0"), Answer::json(&new).only_for("Basic bWU6c2VjcmV0", asks));
    let stack = stack_of(&spec_of(&fake, &digest(&old), ""));
    let folder = login(&fake);
    let mut command = command(&stack, &fake, &["bump"]);
    let run = run(command.env("DOCKER_CONFIG", folder.path())).expect(0);
    assert!(read(&stack).contains(&digest(&new)));
    // The registry said nothing of the digest, so nobody but it speaks for it.
    assert!(run.stdout.contains("none"), "{}", run.stdout);
}

#[test]
fn variants_have_base_images_of_their_own() {
    let fake = Fake::start();
    let (old, new) = (index(BOTH, "old"), index(BOTH, "new"));
    serve(&fake, &old, &["1.0"]);
    serve(&fake, &new, &["2.0"]);
    let stale = digest("stale");
    let plain = spec_of(&fake, &digest(&old), "");
    let own = format!(
        "{plain}\n[variants.other.images.base]\nfrom = \"{}/{NAME}:2.0\"\ndigest = '{stale}'\n\n[variants.local.images.base]\nfrom = \"local:1\"\nunpinned = \"made here\"\n\n[variants.same]\n",
        host(&fake)
    );
    let stack = stack_of(&own);
    let run = rdspec(&stack, &fake, &["bump"]).expect(0);
    for name in ["default/base ", "other/base ", "local/base "] {
        assert!(run.stdout.contains(name), "{name}: {}", run.stdout);
    }
    assert!(!run.stdout.contains("same/base"), "{}", run.stdout);
    assert!(run.stdout.contains("local/base: it has no digest: made here"), "{}", run.stdout);
    assert_eq!(read(&stack), own.replace(&stale, &digest(&new)));
    let run = rdspec(&stack, &fake, &["bump", "local/base"]).expect(2);
    assert!(run.stderr.contains("cannot be bumped: it has no digest: made here"), "{}", run.stderr);
}

#[test]
fn short_names_are_of_dockers_registry_or_its_mirrors() {
    let fake = Fake::start();
    let new = index(BOTH, "new");
    let answer = Answer::json(&new).header("Docker-Content-Digest", &digest(&new));
    fake.serve("/v2/library/os/manifests/1.0", answer);
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(home.path().join(".config/docker")).unwrap();
    let mirrors = format!("{{ \"registry-mirrors\": [\"{}\"] }}", fake.address());
    std::fs::write(home.path().join(".config/docker/daemon.json"), mirrors).unwrap();
    let spec = spec_of(&fake, &digest("old"), "");
    let stack = stack_of(&spec.replace(&format!("{}/{NAME}", host(&fake)), "os"));
    run(command(&stack, &fake, &["bump"]).env("HOME", home.path())).expect(0);
    assert!(read(&stack).contains(&digest(&new)));
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
