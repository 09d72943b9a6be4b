//! `rdspec verify` of apt repositories: what the pinned key signed, and nothing else.

use super::key::Key;
use super::published::{DISTS, Published, component, gz, index, stack, xz};
use super::{Answer, Fake, GITHUB, command, stack_with};
use crate::harness::{Run, Stack, run};

const IN_RELEASE: &str = "/debian/dists/stable/InRelease";

fn verify(stack: &Stack, fake: &Fake, arguments: &[&str]) -> Run {
    run(&mut command(stack, fake, &[&["verify"], arguments].concat()))
}

/// Fails unless it ends with the status, and says all of this of the one repository.
#[track_caller]
fn refused(stack: &Stack, fake: &Fake, deep: bool, status: i32, said: &[&str]) {
    let old = stack.path("spec/components/tool.toml");
    let before = std::fs::read(&old).unwrap();
    let arguments: &[&str] = if deep { &["--deep"] } else { &[] };
    let run = verify(stack, fake, arguments).expect(status);
    for part in said {
        assert!(run.stdout.contains(part), "no {part:?} in\n{}", run.stdout);
    }
    assert_eq!(std::fs::read(&old).unwrap(), before);
}

fn plain(bytes: &[u8]) -> Vec<u8> {
    bytes.to_vec()
}

#[test]
fn a_repository_that_its_key_signed_verifies() {
    let (fake, key) = (Fake::start(), Key::new());
    let stack = stack(&fake, &key);
    let mut published = Published::new("Packages.xz", xz, &["1.0-1", "1.1-1"]);
    published.fields.push_str("Acquire-By-Hash: yes\n");
    published.serve(&fake, &key);
    for at in [0, 1] {
        fake.serve(&published.by_hash(at), Answer::ok(&published.indexes[at].1));
    }
    let run = verify(&stack, &fake, &[]).expect(0);
    let row = format!("signed  spec/components/tool.toml:6  {}{DISTS}\n", fake.address());
    assert_eq!(run.stdout, row);
    assert!(fake.asked(&published.by_hash(0)).is_empty());
    assert!(verify(&stack, &fake, &["--deep"]).expect(0).stdout.starts_with("the same"));
    // By their sums, so that they do not change on the way.
    assert_eq!(
        (fake.asked(&published.by_hash(0)).len(), fake.asked(&published.by_hash(1)).len()),
        (1, 1)
    );
    assert!(fake.asked(&format!("{DISTS}main/binary-amd64/Packages.xz")).is_empty());
    let run = verify(&stack, &fake, &["--format", "json"]).expect(0);
    let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(json["repositories"][0]["status"], "signed");
    assert_eq!(json["repositories"][0]["place"], "spec/components/tool.toml:6");
}

#[test]
fn an_index_without_its_sum_as_a_name_is_had_by_its_name_in_any_form() {
    let (fake, key) = (Fake::start(), Key::new());
    let stack = stack(&fake, &key);
    for (form, pack) in
        [("Packages.xz", xz as fn(&[u8]) -> Vec<u8>), ("Packages.gz", gz), ("Packages", plain)]
    {
        let mut published = Published::new(form, pack, &["1.0-1"]);
        published.fields.push_str("Acquire-By-Hash: yes\n");
        published.serve(&fake, &key);
        verify(&stack, &fake, &["--deep"]).expect(0);
        assert_eq!(fake.asked(&format!("{DISTS}main/binary-arm64/{form}")).len(), 1, "{form}");
    }
    // What is listed need not be kept, in each form.
    let mut published = Published::new("Packages.gz", gz, &["1.0-1"]);
    let kept = Published::new("Packages", plain, &["1.0-1"]);
    published.indexes.extend(kept.indexes.iter().cloned());
    published.serve(&fake, &key);
    for architecture in ["amd64", "arm64"] {
        fake.serve(&format!("{DISTS}main/binary-{architecture}/Packages.gz"), Answer::status(404));
    }
    verify(&stack, &fake, &["--deep"]).expect(0);
    fake.serve(&format!("{DISTS}main/binary-arm64/Packages"), Answer::status(404));
    refused(&stack, &fake, true, 4, &["gone", "main/binary-arm64/Packages is not there (404)"]);
}

#[test]
fn a_signature_beside_the_release_file_is_as_good() {
    let (fake, key) = (Fake::start(), Key::new());
    let stack = stack(&fake, &key);
    refused(&stack, &fake, false, 4, &["gone", "stable/InRelease is not there (404)"]);
    fake.serve(IN_RELEASE, Answer::status(403).body("not for you"));
    refused(&stack, &fake, false, 4, &["stable/InRelease is refused (403): not for you"]);
    let published = Published::new("Packages.gz", gz, &["1.0-1"]);
    published.serve_indexes(&fake);
    let release = published.release();
    fake.serve(&format!("{DISTS}Release"), Answer::ok(release.as_bytes()));
    refused(&stack, &fake, false, 3, &["stable/Release is not signed: there is neither"]);
    let signature = key.signed(release.as_bytes(), "--detach-sign");
    fake.serve(&format!("{DISTS}Release.gpg"), Answer::ok(&signature));
    verify(&stack, &fake, &["--deep"]).expect(0);
    fake.serve(&format!("{DISTS}Release"), Answer::ok(release.replace("2024", "2025").as_bytes()));
    refused(
        &stack,
        &fake,
        false,
        3,
        &["not to be believed", "the signature is not one of these bytes"],
    );
}

#[test]
fn a_repository_without_components_has_one_index() {
    let (fake, key) = (Fake::start(), Key::new());
    let stack = stack(&fake, &key);
    let component = "spec/components/tool.toml";
    stack.edit(component, "suites = [\"stable\"]\ncomponents = [\"main\"]", "suites = [\"./\"]");
    let both = [index("amd64", &["1.0-1"]), index("arm64", &["1.0-1"])].concat();
    let mut published = Published::new("Packages", plain, &[]);
    published.folder = "/debian/";
    published.indexes = vec![("Packages.gz".to_owned(), gz(&both))];
    published.serve(&fake, &key);
    let run = verify(&stack, &fake, &["--deep"]).expect(0);
    assert!(run.stdout.ends_with("/debian/\n"), "{}", run.stdout);
    stack.edit(component, "\"./\"", "\"flat/\"");
    published.folder = "/debian/flat/";
    published.serve(&fake, &key);
    verify(&stack, &fake, &["--deep"]).expect(0);
    published.indexes.clear();
    published.serve(&fake, &key);
    refused(&stack, &fake, false, 4, &["flat/Release: it lists no index of packages"]);
}

#[test]
fn nobody_but_the_pinned_key_is_believed() {
    let (fake, key, other) = (Fake::start(), Key::new(), Key::new());
    let stack = stack(&fake, &key);
    let published = Published::new("Packages.gz", gz, &["1.0-1"]);
    published.serve(&fake, &other);
    let wrong = format!("the signature is of no key of {}", key.fingerprint);
    refused(&stack, &fake, false, 3, &["not to be believed  spec/components/tool.toml:6", &wrong]);

    let signed =
        String::from_utf8(key.signed(published.release().as_bytes(), "--clear-sign")).unwrap();
    for tampered in [
        signed.replace("Suite: stable", "Suite: testing"),
        signed.replace("main/binary-arm64", "main/binary-armhf"),
    ] {
        assert_ne!(tampered, signed);
        fake.serve(IN_RELEASE, Answer::ok(tampered.as_bytes()));
        refused(&stack, &fake, false, 3, &["the signature is not one of these bytes"]);
    }
    // What stands around the signed text is none of it.
    for unsigned in [
        format!("Suite: x\n\n{signed}"),
        published.release(),
        signed[..signed.len() / 2].to_owned(),
    ] {
        fake.serve(IN_RELEASE, Answer::ok(unsigned.as_bytes()));
        refused(&stack, &fake, false, 3, &["not to be believed: the signature cannot be read"]);
    }
    published.serve(&fake, &key);
    verify(&stack, &fake, &[]).expect(0);
    stack.write("spec/resources/tool/vendor.asc", key.revoked());
    refused(&stack, &fake, false, 3, &["the signature is of a key that was revoked"]);
}

/// All suites of a repository are signed by its key, so one can be served in the place of another.
#[test]
fn another_suite_is_not_taken_for_the_one_that_is_meant() {
    let (fake, key) = (Fake::start(), Key::new());
    let stack = stack(&fake, &key);
    let mut published = Published::new("Packages.gz", gz, &["1.0-1"]);
    published.fields = published.fields.replace("Suite: stable", "Suite: unstable\nCodename: sid");
    published.serve(&fake, &key);
    refused(
        &stack,
        &fake,
        false,
        3,
        &["is of another suite, unstable or sid, and stable was asked for", "help: name the suite"],
    );
    published.fields = published.fields.replace("Codename: sid", "Codename: stable");
    published.serve(&fake, &key);
    verify(&stack, &fake, &[]).expect(0);
    published.fields = "Architectures: amd64 arm64\nComponents: main\n".to_owned();
    published.serve(&fake, &key);
    verify(&stack, &fake, &[]).expect(0);
}

#[test]
fn a_key_that_has_expired_signs_nothing() {
    let (fake, key) = (Fake::start(), Key::expired());
    let stack = stack(&fake, &key);
    Published::new("Packages.gz", gz, &["1.0-1"]).serve(&fake, &key);
    refused(&stack, &fake, false, 3, &["the signature is of a key that has expired", "help: "]);
    assert!(
        verify(&stack, &fake, &[]).stderr.contains("the key of `vendor` expired on 2020-01-31")
    );
}

#[test]
fn an_old_state_of_a_repository_is_not_served_for_ever() {
    let (fake, key) = (Fake::start(), Key::new());
    let stack = stack(&fake, &key);
    let mut published = Published::new("Packages.gz", gz, &["1.0-1"]);
    published.fields.push_str("Valid-Until: Sat, 17 Feb 2024 11:07:25 UTC\n");
    published.serve(&fake, &key);
    refused(&stack, &fake, false, 3, &["was valid until 2024-02-17T11:07:25Z", "help: "]);
    let future = published.release().replace("Feb 2024", "Feb 2999");
    fake.serve(IN_RELEASE, Answer::ok(&key.signed(future.as_bytes(), "--clear-sign")));
    refused(&stack, &fake, false, 3, &["is from the future, of 2999-02-10T11:07:25Z"]);
    for (text, said) in [
        ("no fields\n", "it is no Release file"),
        ("Date: Sat, 10 Feb 2024 11:07:25 UTC\nMD5Sum:\n", "no SHA-256 sums"),
    ] {
        fake.serve(IN_RELEASE, Answer::ok(&key.signed(text.as_bytes(), "--clear-sign")));
        refused(&stack, &fake, false, 4, &["failed", said]);
    }
}

#[test]
fn an_index_has_the_bytes_that_were_signed_for() {
    let (fake, key) = (Fake::start(), Key::new());
    let stack = stack(&fake, &key);
    let published = Published::new("Packages.gz", gz, &["1.0-1"]);
    published.serve(&fake, &key);
    let path = format!("{DISTS}main/binary-arm64/Packages.gz");
    fake.serve(&path, Answer::ok(&gz(&index("arm64", &["6.6-6"]))));
    verify(&stack, &fake, &[]).expect(0);
    refused(
        &stack,
        &fake,
        true,
        3,
        &["binary-arm64/Packages.gz has ", "and the signed Release file says", "try again later"],
    );
    let mut nonsense = Published::new("Packages.gz", plain, &["1.0-1"]);
    nonsense.serve(&fake, &key);
    refused(&stack, &fake, true, 4, &["Packages.gz: it cannot be unpacked"]);
    nonsense = Published::new("Packages", plain, &[]);
    nonsense.indexes[1].1 = b"<html>\n".to_vec();
    nonsense.serve(&fake, &key);
    refused(&stack, &fake, true, 4, &["Packages: it is no index: a package has no Filename"]);
}

#[test]
fn an_index_of_every_component_and_architecture_is_due() {
    let (fake, key) = (Fake::start(), Key::new());
    let stack = stack(&fake, &key);
    let mut published = Published::new("Packages.gz", gz, &["1.0-1"]);
    published.indexes.pop();
    published.fields = "Architectures: amd64 armhf\nComponents: main\n".to_owned();
    published.serve(&fake, &key);
    refused(
        &stack,
        &fake,
        false,
        4,
        &["lists no packages of `main` for arm64: it has no architecture `arm64`"],
    );
    // Who takes one architecture alone misses nothing.
    let component = "spec/components/tool.toml";
    stack.edit(
        component,
        "components = [\"main\"]",
        "components = [\"main\"]\narchitectures = [\"amd64\"]",
    );
    verify(&stack, &fake, &["--deep"]).expect(0);
    stack.edit(component, "components = [\"main\"]", "components = [\"mian\"]");
    refused(&stack, &fake, false, 4, &["it has no component `mian`; did you mean `main`?"]);
}

#[test]
fn servers_that_fail_are_no_forgers() {
    let (fake, key) = (Fake::start(), Key::new());
    let stack = stack(&fake, &key);
    fake.serve(IN_RELEASE, Answer::status(500));
    refused(&stack, &fake, false, 4, &["failed", "the server failed (500) (after 4 tries)"]);
    fake.serve(IN_RELEASE, Answer::ok(b"\n<html>log in"));
    refused(&stack, &fake, false, 4, &["gave a page"]);
    fake.serve(IN_RELEASE, Answer::redirect("http://repository.example/InRelease"));
    refused(
        &stack,
        &fake,
        false,
        4,
        &["redirects to http://repository.example/InRelease, which is not https"],
    );
}

#[test]
fn plain_http_is_enough_where_a_signature_verifies() {
    let (fake, key, other) = (Fake::start(), Key::new(), Key::new());
    let stack = stack_with(&component("http://repository.example/debian", &key));
    stack.write("spec/resources/tool/vendor.asc", &key.public);
    // The server stands for the whole network: as a proxy it is asked for whole addresses.
    let proxied = |arguments: &[&str]| {
        run(command(&stack, &fake, arguments).env("http_proxy", fake.address()))
    };
    let mut published = Published::new("Packages.gz", gz, &["1.0-1"]);
    published.folder = "http://repository.example/debian/dists/stable/";
    published.serve(&fake, &key);
    proxied(&["verify", "--deep"]).expect(0);
    // Such a request may be redirected as apt's may.
    let signed = key.signed(published.release().as_bytes(), "--clear-sign");
    let moved = "http://mirror.example/InRelease";
    fake.serve("http://repository.example/debian/dists/stable/InRelease", Answer::redirect(moved));
    fake.serve(moved, Answer::ok(&signed));
    proxied(&["verify", "--deep"]).expect(0);
    let forged = other.signed(published.release().as_bytes(), "--clear-sign");
    fake.serve(moved, Answer::ok(&forged));
    assert!(proxied(&["verify"]).expect(3).stdout.contains("the signature is of no key"));
}

#[test]
fn a_forgery_weighs_more_than_what_is_gone_and_that_more_than_a_key_that_ends_soon() {
    let (fake, key, other) = (Fake::start(), Key::expiring("59d"), Key::new());
    let (_, download) = super::component(&fake, GITHUB)
        .split_once("\n\n")
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    let own = component(&format!("{}/debian", fake.address()), &key);
    let stack = stack_with(&format!("{own}\n{download}"));
    stack.write("spec/resources/tool/vendor.asc", &key.public);
    let published = Published::new("Packages.gz", gz, &["1.0-1"]);
    published.serve(&fake, &key);
    refused(&stack, &fake, false, 4, &["gone", "signed"]);
    published.serve(&fake, &other);
    refused(&stack, &fake, false, 3, &["gone", "not to be believed"]);
    published.serve(&fake, &key);
    for architecture in ["amd64", "arm64"] {
        let bytes = super::bytes("1.0.0", architecture);
        fake.serve(&format!("/download/v1.0.0/tool-{architecture}"), Answer::ok(&bytes));
    }
    let run = verify(&stack, &fake, &[]).expect(1);
    assert!(
        run.stderr.contains("warning[key-expires-soon]: the key of `vendor` expires on "),
        "{}",
        run.stderr
    );
    stack.write("spec/resources/tool/vendor.asc", key.expire_in("62d"));
    verify(&stack, &fake, &[]).expect(0);
}

#[test]
fn the_key_of_an_upstream_is_looked_at_as_that_of_a_repository() {
    let (fake, key) = (Fake::start(), Key::expiring("30d"));
    let upstream = format!("{GITHUB}, key = \"tool.asc\", fingerprint = \"{}\"", key.fingerprint);
    let stack = stack_with(&super::component(&fake, &upstream));
    stack.write("spec/resources/tool/tool.asc", &key.public);
    for architecture in ["amd64", "arm64"] {
        let bytes = super::bytes("1.0.0", architecture);
        fake.serve(&format!("/download/v1.0.0/tool-{architecture}"), Answer::ok(&bytes));
    }
    let run = verify(&stack, &fake, &[]).expect(1);
    assert!(run.stderr.contains("the key of the upstream of `tool` expires on "), "{}", run.stderr);
    stack.write("spec/resources/tool/tool.asc", key.revoked());
    let run = verify(&stack, &fake, &["--format", "json"]).expect(1);
    assert!(run.stdout.contains("the key of the upstream of `tool` was revoked"), "{}", run.stdout);
}

#[test]
fn a_package_that_is_pinned_to_a_version_has_to_be_there_for_every_architecture() {
    let (fake, key) = (Fake::start(), Key::new());
    let stack = stack(&fake, &key);
    let file = "spec/components/tool.toml";
    stack.edit(
        file,
        "[\"tool\"]\n",
        "[\"tool\", \"git\"]\nversions = { tool = \"1.0-1\", git = \"1:2.39.5-0\" }\n",
    );
    let mut published = Published::new("Packages.gz", gz, &["1.0-1", "1.1-1"]);
    published.serve(&fake, &key);
    let run = verify(&stack, &fake, &["--deep"]).expect(0);
    assert!(
        run.stdout.contains("the same  spec/components/tool.toml:5  tool=1.0-1\n"),
        "{}",
        run.stdout
    );
    assert!(!run.stdout.contains("git="), "{}", run.stdout);
    published.indexes[1].1 = gz(&index("arm64", &["1.1-1"]));
    published.serve(&fake, &key);
    verify(&stack, &fake, &[]).expect(0);
    refused(
        &stack,
        &fake,
        true,
        4,
        &["gone", "no repository of the spec has tool=1.0-1 for arm64", "`rdspec bump tool`"],
    );
}
