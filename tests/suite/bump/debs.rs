//! `rdspec bump` of downloads that are packages of a repository: its signed index knows the versions, and proves the bytes.

use super::key::Key;
use super::published::{Published, component, deb, gz, index};
use super::{Answer, Fake, bump, refused, spec, stack_with, sum};
use crate::harness::Stack;

const FILE: &str = "spec/components/tool.toml";

/// A component with a Debian package as a download, whose versions the repository knows.
fn downloaded(fake: &Fake, key: &Key, upstream: &str) -> Stack {
    let [amd64, arm64] = ["amd64", "arm64"].map(|architecture| sum(&deb("1.9-1", architecture)));
    let address = fake.address();
    let own =
        component(&format!("{address}/debian"), key).replace("[apt]\npackages = [\"tool\"]\n", "");
    let stack = stack_with(&format!(
        "{own}\n[downloads.tool]\nversion = \"1.9-1\"\nurl = \"{address}/debian/pool/tool_{{{{ version }}}}_{{{{ arch }}}}.deb\"\n\
         sha256 = {{ amd64 = \"{amd64}\", arm64 = \"{arm64}\" }}\nupstream = {{ {upstream} }}\ndeb = true\n"
    ));
    stack.write("spec/resources/tool/vendor.asc", &key.public);
    stack
}

fn serve_debs(fake: &Fake, version: &str) {
    for architecture in ["amd64", "arm64"] {
        let path = format!("/debian/pool/tool_{version}_{architecture}.deb");
        fake.serve(&path, Answer::ok(&deb(version, architecture)));
    }
}

#[test]
fn a_signed_index_proves_the_download_of_a_package() {
    let (fake, key) = (Fake::start(), Key::new());
    let stack = downloaded(
        &fake,
        &key,
        "apt = \"tool\", require = \"signature\", key = \"vendor.asc\", fingerprint = \"FP\"",
    );
    stack.edit(FILE, "fingerprint = \"FP\"", &format!("fingerprint = \"{}\"", key.fingerprint));
    Published::new("Packages.gz", gz, &["1.9-1", "1.10-1"]).serve(&fake, &key);
    serve_debs(&fake, "1.10-1");
    fake.serve("/debian/pool/tool_1.10-1_arm64.deb", Answer::ok(b"other bytes"));
    refused(
        &stack,
        &fake,
        3,
        &[
            "tool_1.10-1_arm64.deb has sha256:",
            "the index of the repository, which its pinned key signed, says sha256:",
        ],
    );
    serve_debs(&fake, "1.10-1");
    let run = bump(&stack, &fake, &[]).expect(0);
    assert!(
        run.stdout.contains("tool         1.9-1       1.10-1  -    signature  new"),
        "{}",
        run.stdout
    );
    let new = spec(&stack);
    for architecture in ["amd64", "arm64"] {
        assert!(new.contains(&sum(&deb("1.10-1", architecture))), "{new}");
    }
}

#[test]
fn a_download_of_a_package_needs_a_repository_that_has_it() {
    let (fake, key) = (Fake::start(), Key::new());
    let stack = downloaded(&fake, &key, "apt = \"toool\"");
    Published::new("Packages.gz", gz, &["1.9-1"]).serve(&fake, &key);
    refused(
        &stack,
        &fake,
        2,
        &["no repository of the spec has a package `toool`", "did you mean `tool`?"],
    );
    let text = spec(&stack);
    let (head, rest) = text.split_once("[apt.repositories.vendor]").unwrap();
    let (_, downloads) = rest.split_once("[downloads").unwrap();
    stack.write(FILE, format!("{head}[downloads{downloads}"));
    std::fs::remove_file(stack.path("spec/resources/tool/vendor.asc")).unwrap();
    refused(&stack, &fake, 2, &["the spec declares no repository", "[apt.repositories."]);
}

#[test]
fn a_newest_package_that_an_architecture_lacks_is_passed_over() {
    let (fake, key) = (Fake::start(), Key::new());
    let stack = downloaded(&fake, &key, "apt = \"tool\"");
    let mut published = Published::new("Packages.gz", gz, &["1.9-1", "1.10-1", "1.11-1"]);
    published.indexes[1].1 = gz(&index("arm64", &["1.9-1", "1.10-1"]));
    published.serve(&fake, &key);
    serve_debs(&fake, "1.10-1");
    serve_debs(&fake, "1.11-1");
    let run = bump(&stack, &fake, &[]).expect(0);
    assert!(
        run.stdout.contains("passed over 1.11-1: the release has no tool_1.11-1_arm64.deb"),
        "{}",
        run.stdout
    );
    assert!(spec(&stack).contains("version = \"1.10-1\""));
}

/// The name of a file has no epoch, and its version in the index has one.
#[test]
fn the_version_of_a_package_is_taken_apart_as_a_tag_is() {
    let (fake, key) = (Fake::start(), Key::new());
    let stack = downloaded(&fake, &key, "apt = \"tool\", tag = '1:(?<version>.+)'");
    let mut published = Published::new("Packages.gz", gz, &[]);
    for (at, architecture) in ["amd64", "arm64"].into_iter().enumerate() {
        let listed = index(architecture, &["1.9-1", "1.10-1"]);
        let listed = String::from_utf8(listed).unwrap().replace("Version: ", "Version: 1:");
        published.indexes[at].1 = gz(listed.as_bytes());
    }
    published.serve(&fake, &key);
    serve_debs(&fake, "1.10-1");
    bump(&stack, &fake, &[]).expect(0);
    assert!(spec(&stack).contains("version = \"1.10-1\""), "{}", spec(&stack));
}

/// What is served for a version that the signed index has no more could be anything.
#[test]
fn a_version_that_is_no_longer_listed_is_not_pinned_again() {
    let (fake, key) = (Fake::start(), Key::new());
    let stack = downloaded(&fake, &key, "apt = \"tool\"");
    Published::new("Packages.gz", gz, &["1.10-1"]).serve(&fake, &key);
    serve_debs(&fake, "1.9-1");
    fake.serve("/debian/pool/tool_1.9-1_amd64.deb", Answer::ok(b"other bytes"));
    let old = spec(&stack);
    let run = bump(&stack, &fake, &["--repin", "tool"]).expect(3);
    assert!(run.stdout.contains("no signed index lists 1.9-1 any more"), "{}", run.stdout);
    assert_eq!(spec(&stack), old);
}
