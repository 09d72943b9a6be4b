//! Signatures by a pinned key, on files and on lists of sums.

use super::key::Key;
use super::{Answer, Fake, bump, bytes, component, spec, stack_with, sum};
use crate::harness::{Run, Stack};

/// A stack whose tool is listed as a text, at version 1.1.0, and signed by a key.
fn stack(fake: &Fake, key: &Key) -> Stack {
    fake.serve("/LATEST", Answer::ok(b"tool-1.1.0\n"));
    for architecture in ["amd64", "arm64"] {
        let path = format!("/download/v1.1.0/tool-{architecture}");
        fake.serve(&path, Answer::ok(&bytes("1.1.0", architecture)));
    }
    let upstream = format!(
        "text = \"{}/LATEST\", regex = 'tool-(?<version>.+)', key = \"tool.asc\", fingerprint = \"{}\"",
        fake.address(),
        key.fingerprint
    );
    let stack = stack_with(&component(fake, &upstream));
    stack.write("spec/resources/tool/tool.asc", &key.public);
    stack
}

fn refused(stack: &Stack, fake: &Fake, said: &str) -> Run {
    let old = spec(stack);
    let run = bump(stack, fake, &[]).expect(3);
    assert!(run.stdout.contains(said), "no {said:?} in\n{}", run.stdout);
    assert_eq!(spec(stack), old);
    run
}

#[test]
fn a_signature_on_each_file_proves_it() {
    let (fake, key) = (Fake::start(), Key::new());
    let stack = stack(&fake, &key);
    refused(&stack, &fake, "is proven by none, and the spec requires \"signature\"");
    for architecture in ["amd64", "arm64"] {
        let signature = key.signed(&bytes("1.1.0", architecture), "--detach-sign");
        fake.serve(&format!("/download/v1.1.0/tool-{architecture}.sig"), Answer::ok(&signature));
    }
    let run = bump(&stack, &fake, &[]).expect(0);
    assert!(run.stdout.contains("  signature  new"), "{}", run.stdout);
}

#[test]
fn a_signed_list_of_sums_proves_what_it_lists() {
    let (fake, key) = (Fake::start(), Key::new());
    let lines: String = ["amd64", "arm64"]
        .map(|architecture| {
            format!("{}  tool-{architecture}\n", sum(&bytes("1.1.0", architecture)))
        })
        .concat();
    let list = "/download/v1.1.0/SHA256SUMS";
    let beside = stack(&fake, &key);
    fake.serve(list, Answer::ok(lines.as_bytes()));
    refused(&beside, &fake, "is proven by checksum, and the spec requires \"signature\"");
    fake.serve(&format!("{list}.asc"), Answer::ok(&key.signed(lines.as_bytes(), "--detach-sign")));
    let run = bump(&beside, &fake, &[]).expect(0);
    assert!(run.stdout.contains("signed-checksum"), "{}", run.stdout);

    let fake = Fake::start();
    let stack = stack(&fake, &key);
    let signed = key.signed(lines.as_bytes(), "--clear-sign");
    // A line outside of what is signed proves nothing.
    let nothing = String::from_utf8(key.signed(b"nothing\n", "--clear-sign")).unwrap();
    fake.serve(list, Answer::ok(format!("{lines}{nothing}").as_bytes()));
    for around in [format!("{lines}{nothing}"), format!("{nothing}{lines}")] {
        fake.serve(list, Answer::ok(around.as_bytes()));
        refused(&stack, &fake, "SHA256SUMS: the signature cannot be read");
    }
    fake.serve(list, Answer::ok(&signed));
    bump(&stack, &fake, &[]).expect(0);
}

#[test]
fn a_signature_that_is_not_believed_is_a_failure() {
    let (fake, key, other) = (Fake::start(), Key::new(), Key::new());
    let stack = stack(&fake, &key);
    let file = bytes("1.1.0", "amd64");
    let path = "/download/v1.1.0/tool-amd64.asc";
    fake.serve(path, Answer::ok(&other.signed(&file, "--detach-sign")));
    refused(&stack, &fake, "tool-amd64.asc: the signature is of no key of ");
    fake.serve(path, Answer::ok(&key.signed(b"other bytes", "--detach-sign")));
    refused(&stack, &fake, "the signature is not one of these bytes");
    fake.serve(path, Answer::ok(b"no signature"));
    refused(&stack, &fake, "the signature ");
}

#[test]
fn a_key_is_pinned_by_its_fingerprint() {
    let (fake, key, other) = (Fake::start(), Key::new(), Key::new());
    let stack = stack(&fake, &key);
    stack.write("spec/resources/tool/tool.asc", &other.public);
    let run = bump(&stack, &fake, &[]).expect(2);
    assert!(run.stderr.contains("the key file holds another key"), "{}", run.stderr);
    stack.edit("spec/components/tool.toml", ", key = \"tool.asc\"", "");
    let run = bump(&stack, &fake, &[]).expect(2);
    assert!(run.stderr.contains("put the key into the component's resources"), "{}", run.stderr);
}

#[test]
fn a_list_that_cannot_be_had_is_no_missing_list() {
    let (fake, key) = (Fake::start(), Key::new());
    let stack = stack(&fake, &key);
    stack.edit(
        "spec/components/tool.toml",
        &format!(", key = \"tool.asc\", fingerprint = \"{}\"", key.fingerprint),
        "",
    );
    std::fs::remove_file(stack.path("spec/resources/tool/tool.asc")).unwrap();
    fake.serve("/download/v1.1.0/SHA256SUMS", Answer::status(500));
    let run = bump(&stack, &fake, &[]).expect(4);
    assert!(run.stdout.contains("SHA256SUMS: the server failed (500)"), "{}", run.stdout);
    // Object stores say so of what is not there.
    fake.serve("/download/v1.1.0/SHA256SUMS", Answer::status(403));
    bump(&stack, &fake, &[]).expect(0);
}

#[test]
fn every_list_has_to_agree_and_the_strongest_counts() {
    let (fake, key) = (Fake::start(), Key::new());
    let stack = stack(&fake, &key);
    let mut lines = String::new();
    for architecture in ["amd64", "arm64"] {
        let line = format!("{}  tool-{architecture}\n", sum(&bytes("1.1.0", architecture)));
        let own = format!("/download/v1.1.0/tool-{architecture}.sha256");
        fake.serve(&own, Answer::ok(line.as_bytes()));
        lines.push_str(&line);
    }
    let list = "/download/v1.1.0/SHA256SUMS";
    let other = lines.replace(&sum(&bytes("1.1.0", "amd64")), &sum(b"other bytes"));
    fake.serve(list, Answer::ok(other.as_bytes()));
    refused(&stack, &fake, "SHA256SUMS says sha256:");
    // The lists of the files alone, which come first, are not signed.
    fake.serve(list, Answer::ok(lines.as_bytes()));
    fake.serve(&format!("{list}.asc"), Answer::ok(&key.signed(lines.as_bytes(), "--detach-sign")));
    let run = bump(&stack, &fake, &[]).expect(0);
    assert!(run.stdout.contains("signed-checksum"), "{}", run.stdout);
}

#[test]
fn a_list_that_contradicts_itself_is_a_failure() {
    let (fake, key) = (Fake::start(), Key::new());
    let stack = stack(&fake, &key);
    // Without its key, whatever is proven by nothing would be taken.
    let signer = format!(", key = \"tool.asc\", fingerprint = \"{}\"", key.fingerprint);
    stack.edit("spec/components/tool.toml", &signer, "");
    std::fs::remove_file(stack.path("spec/resources/tool/tool.asc")).unwrap();
    let good = format!("{}  tool-amd64\n", sum(&bytes("1.1.0", "amd64")));
    let bad = format!("{}  tool-amd64\n", sum(b"other bytes"));
    for name in ["SHA256SUMS", "tool-amd64.sha256"] {
        let list = format!("/download/v1.1.0/{name}");
        fake.serve(&list, Answer::ok(bad.as_bytes()));
        refused(&stack, &fake, &format!("{name} says sha256:"));
        for both in [format!("{good}{bad}"), format!("{bad}{good}")] {
            fake.serve(&list, Answer::ok(both.as_bytes()));
            let said = format!("{name} has 2 different sums for \"tool-amd64\"");
            refused(&stack, &fake, &said);
        }
        fake.serve(&list, Answer::status(404));
    }
    bump(&stack, &fake, &[]).expect(0);
}

#[test]
fn what_proves_a_file_that_its_release_does_not_have_is_beside_the_file() {
    let (fake, elsewhere) = (Fake::start(), Fake::start());
    let upstream = "github = \"owner/tool\", tag = 'v(?<version>.+)', require = \"checksum\"";
    let old = component(&fake, upstream).replace(&fake.address(), &elsewhere.address());
    let stack = stack_with(&old);
    super::list(&fake, &[super::release(&fake, "1.1.0", "").replace("tool-a", "source-a")]);
    for architecture in ["amd64", "arm64"] {
        let (path, bytes) =
            (format!("/download/v1.1.0/tool-{architecture}"), bytes("1.1.0", architecture));
        elsewhere.serve(&path, Answer::ok(&bytes));
        elsewhere.serve(&format!("{path}.sha256"), Answer::ok(sum(&bytes).as_bytes()));
    }
    let run = bump(&stack, &fake, &[]).expect(0);
    assert!(run.stdout.contains("checksum"), "{}", run.stdout);
}
