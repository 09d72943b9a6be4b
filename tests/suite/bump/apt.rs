//! `rdspec bump` of packages that are pinned to a version, and that a repository of the spec has.

use super::key::Key;
use super::published::{DISTS, Published, gz, index, stack};
use super::{Answer, Fake, bump, refused, spec};
use crate::harness::Stack;

const FILE: &str = "spec/components/tool.toml";
const IN_RELEASE: &str = "/debian/dists/stable/InRelease";

/// A stack whose package `tool` is pinned, with whatever else stands in `[apt.versions]`.
fn pinned(fake: &Fake, key: &Key, others: &str) -> Stack {
    let stack = stack(fake, key);
    let versions = format!(
        "packages = [\"tool\", \"git\"]\nversions = {{ tool = '1.9-1'{others} }} # exactly\n"
    );
    stack.edit(FILE, "packages = [\"tool\"]\n", &versions);
    stack
}

#[test]
fn a_package_moves_to_the_newest_version_by_the_order_of_debian() {
    let (fake, key) = (Fake::start(), Key::new());
    let stack = pinned(&fake, &key, "");
    let old = spec(&stack);
    let versions = ["1.9-1", "1.10~rc1-1", "1.10-1", "1.10-1+b1", "0.5-1"];
    Published::new("Packages.gz", gz, &versions).serve(&fake, &key);
    let run = bump(&stack, &fake, &[]).expect(0);
    assert!(
        run.stdout.contains("tool         1.9-1       1.10-1+b1  -    signature  new"),
        "{}",
        run.stdout
    );
    assert_eq!(spec(&stack), old.replace("tool = '1.9-1'", "tool = '1.10-1+b1'"));
    assert!(run.stdout.contains("This rebuilds:\n  base/apt-normal"), "{}", run.stdout);
    stack.rdspec(&["generate", "--check"]).expect(0);
    assert!(bump(&stack, &fake, &["--check"]).expect(0).stdout.contains("current"));
}

#[test]
fn the_spec_says_which_versions_of_a_package_are_taken() {
    let (fake, key) = (Fake::start(), Key::new());
    let stack = pinned(&fake, &key, "");
    let rules = "\n[bump.tool]\nallow = \"<1.11-1\"\n";
    stack.write(FILE, format!("{}{rules}", spec(&stack)));
    Published::new("Packages.gz", gz, &["1.9-1", "1.10-1", "1.11-1"]).serve(&fake, &key);
    let run = bump(&stack, &fake, &[]).expect(0);
    assert!(run.stdout.contains("tool: 1.11-1 is held: outside of `allow`"), "{}", run.stdout);
    assert!(spec(&stack).contains("tool = '1.10-1'"), "{}", spec(&stack));
}

#[test]
fn a_version_that_an_architecture_lacks_is_passed_over() {
    let (fake, key) = (Fake::start(), Key::new());
    let stack = pinned(&fake, &key, "");
    let mut published = Published::new("Packages.gz", gz, &["1.9-1", "1.10-1", "1.11-1"]);
    published.indexes[1].1 = gz(&index("arm64", &["1.9-1", "1.10-1"]));
    published.serve(&fake, &key);
    let run = bump(&stack, &fake, &[]).expect(0);
    assert!(run.stdout.contains("passed over 1.11-1: it is not there for arm64"), "{}", run.stdout);
    assert!(spec(&stack).contains("tool = '1.10-1'"), "{}", spec(&stack));
    published.indexes[1].1 = gz(&index("arm64", &["1.10-1"]));
    published.serve(&fake, &key);
    refused(&stack, &fake, 4, &["1.11-1: it is not there for arm64"]);
}

#[test]
fn a_package_of_the_distribution_stays_with_the_reason() {
    let (fake, key) = (Fake::start(), Key::new());
    let stack = pinned(&fake, &key, ", git = \"1:2.39.5-0\"");
    Published::new("Packages.gz", gz, &["1.9-1"]).serve(&fake, &key);
    let run = refused(&stack, &fake, 0, &["git: no repository of the spec has it"]);
    assert!(run.stdout.contains("fixed"), "{}", run.stdout);
    // Without any repository nobody is asked.
    stack.write(
        FILE,
        "summary = \"Git\"\n[apt]\npackages = [\"git\"]\nversions = { git = \"1:2.39.5-0\" }\n",
    );
    std::fs::remove_file(stack.path("spec/resources/tool/vendor.asc")).unwrap();
    refused(&stack, &fake, 0, &["git: no repository of the spec has it"]);
}

#[test]
fn a_repository_that_is_not_believed_moves_nothing() {
    let (fake, key, other) = (Fake::start(), Key::new(), Key::new());
    let stack = pinned(&fake, &key, "");
    let published = Published::new("Packages.gz", gz, &["1.10-1"]);
    published.serve(&fake, &other);
    refused(&stack, &fake, 3, &["tool: ", "the signature is of no key of ", "help: "]);
    published.serve(&fake, &key);
    fake.serve(&format!("{DISTS}main/binary-amd64/Packages.gz"), Answer::ok(&gz(b"")));
    refused(&stack, &fake, 3, &["and the signed Release file says"]);
    fake.serve(IN_RELEASE, Answer::status(503));
    refused(&stack, &fake, 4, &["the server failed (503)"]);
    fake.serve(IN_RELEASE, Answer::status(404));
    refused(&stack, &fake, 4, &["InRelease is not there (404)"]);
}

#[test]
fn a_version_of_a_package_can_be_asked_for_and_never_an_older_one() {
    let (fake, key) = (Fake::start(), Key::new());
    let stack = pinned(&fake, &key, "");
    Published::new("Packages.gz", gz, &["1.8-1", "1.9-1", "1.10-1", "1.11-1"]).serve(&fake, &key);
    let run = bump(&stack, &fake, &["tool=1.8-1"]).expect(2);
    assert!(run.stdout.contains("1.8-1 is older than 1.9-1"), "{}", run.stdout);
    let run = bump(&stack, &fake, &["tool=1.10-2"]).expect(2);
    assert!(run.stdout.contains("did you mean `1.10-1`?"), "{}", run.stdout);
    bump(&stack, &fake, &["tool=1.10-1"]).expect(0);
    assert!(spec(&stack).contains("tool = '1.10-1'"));
}

#[test]
fn a_repository_is_read_once_for_all_who_ask() {
    let (fake, key) = (Fake::start(), Key::new());
    let stack = pinned(&fake, &key, ", git = \"1:2.39.5-0\"");
    Published::new("Packages.gz", gz, &["1.9-1"]).serve(&fake, &key);
    bump(&stack, &fake, &[]).expect(0);
    assert_eq!(fake.asked(IN_RELEASE).len(), 1);
    assert_eq!(fake.asked(&format!("{DISTS}main/binary-amd64/Packages.gz")).len(), 1);
}

#[test]
fn a_package_that_others_have_comes_after_its_component() {
    let (fake, key) = (Fake::start(), Key::new());
    let stack = pinned(&fake, &key, "");
    let other =
        "summary = \"Other\"\n[apt]\npackages = [\"tool\"]\nversions = { tool = \"1.9-1\" }\n";
    stack.write("spec/components/other.toml", other);
    stack.edit("spec/stack.toml", "[images.base]", "[images.second]\nfrom = \"debian:bookworm\"\nunpinned = \"made for a test\"\ncomponents = [\"other\"]\n\n[images.base]");
    Published::new("Packages.gz", gz, &["1.9-1", "1.10-1"]).serve(&fake, &key);
    // The second image has no repository.
    let run = bump(&stack, &fake, &[]).expect(0);
    assert!(run.stdout.contains("other/tool: no repository of the spec has it"), "{}", run.stdout);
    let row = run.stdout.lines().find(|line| line.starts_with("tool/tool ")).unwrap();
    assert_eq!(row.split_whitespace().collect::<Vec<_>>()[1..3], ["1.9-1", "1.10-1"]);
    assert!(spec(&stack).contains("tool = '1.10-1'"));
    let run = bump(&stack, &fake, &["tool"]).expect(2);
    assert!(run.stderr.contains("there is no"), "{}", run.stderr);
}
