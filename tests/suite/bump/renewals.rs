//! Keys of repositories that end soon, and where their publishers have them.

use super::key::Key;
use super::published::{Published, gz, stack};
use super::{Answer, Fake, bump, command, spec};
use crate::harness::{Stack, run};

const KEY: &str = "spec/resources/tool/vendor.asc";

/// A stack whose repository says where its key is.
fn told(fake: &Fake, key: &Key) -> Stack {
    let stack = stack(fake, key);
    let url = format!("key = \"vendor.asc\"\nkey-url = \"{}/vendor.asc\"", fake.address());
    stack.edit("spec/components/tool.toml", "key = \"vendor.asc\"", &url);
    stack.rdspec(&["generate", "--quiet"]).expect(0);
    stack
}

fn file(stack: &Stack) -> Vec<u8> {
    std::fs::read(stack.path(KEY)).unwrap()
}

#[track_caller]
fn refused(stack: &Stack, fake: &Fake, status: i32, said: &[&str]) {
    let before = (spec(stack), file(stack));
    let run = bump(stack, fake, &[]).expect(status);
    for part in said {
        assert!(run.stdout.contains(part), "no {part:?} in\n{}", run.stdout);
    }
    assert_eq!((spec(stack), file(stack)), before);
}

#[test]
fn the_same_key_with_a_later_end_takes_the_place_of_its_file() {
    let (fake, key) = (Fake::start(), Key::expiring("30d"));
    let stack = told(&fake, &key);
    Published::new("Packages.gz", gz, &["1.0-1"]).serve(&fake, &key);
    run(&mut command(&stack, &fake, &["verify"])).expect(1);
    let later = key.expire_in("2y");
    fake.serve("/vendor.asc", Answer::ok(&later));
    let old = spec(&stack);
    bump(&stack, &fake, &["--check"]).expect(1);
    assert_eq!(file(&stack), key.public);
    let bumped = bump(&stack, &fake, &[]).expect(0);
    assert!(bumped.stdout.contains("vendor.key  "), "{}", bumped.stdout);
    assert!(bumped.stdout.contains("fingerprint  new"), "{}", bumped.stdout);
    assert_eq!((file(&stack), spec(&stack)), (later, old));
    assert!(bumped.stdout.contains("This rebuilds:"), "{}", bumped.stdout);
    stack.rdspec(&["generate", "--check"]).expect(0);
    run(&mut command(&stack, &fake, &["verify"])).expect(0);
}

#[test]
fn another_key_is_never_accepted_by_itself() {
    let (fake, key, other) = (Fake::start(), Key::expiring("30d"), Key::new());
    let stack = told(&fake, &key);
    fake.serve("/vendor.asc", Answer::ok(&other.public));
    let another =
        format!("has another key, {}, and {} is pinned", other.fingerprint, key.fingerprint);
    refused(&stack, &fake, 3, &[&another, "help: ask the publisher, by a way that you trust"]);
    fake.serve("/vendor.asc", Answer::ok(&key.revoked()));
    refused(&stack, &fake, 3, &["the key was revoked by its owner"]);
}

/// Whoever can serve the address could bring back what the owner has taken back.
#[test]
fn an_older_state_of_the_key_undoes_nothing() {
    let (fake, key) = (Fake::start(), Key::expiring("30d"));
    let lasting = key.expire_in("5y");
    // Signatures have times of whole seconds.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let ending = key.expire_in("20d");
    let stack = told(&fake, &key);
    stack.write(KEY, &ending);
    stack.rdspec(&["generate", "--quiet"]).expect(0);
    fake.serve("/vendor.asc", Answer::ok(&lasting));
    refused(&stack, &fake, 3, &["has an older state of the key", "to undo a revocation"]);
    let (fake, key) = (Fake::start(), Key::expiring("30d"));
    let stack = told(&fake, &key);
    let lasting = key.expire_in("5y");
    stack.write(KEY, key.revoked());
    fake.serve("/vendor.asc", Answer::ok(&lasting));
    let before = file(&stack);
    let run = bump(&stack, &fake, &["vendor.key"]);
    assert!(matches!(run.status, Some(2 | 3)), "{}{}", run.stdout, run.stderr);
    assert_eq!(file(&stack), before);
}

#[test]
fn a_key_that_ends_no_later_changes_nothing() {
    let (fake, key) = (Fake::start(), Key::expiring("30d"));
    let stack = told(&fake, &key);
    fake.serve("/vendor.asc", Answer::ok(&key.public));
    refused(&stack, &fake, 0, &["vendor.key  ", "current"]);
    fake.serve("/vendor.asc", Answer::ok(&key.expire_in("10d")));
    refused(&stack, &fake, 0, &["vendor.key  ", "current"]);
}

#[test]
fn what_is_no_key_replaces_none() {
    let (fake, key) = (Fake::start(), Key::expiring("30d"));
    let stack = told(&fake, &key);
    refused(&stack, &fake, 4, &["vendor.asc is not there (404)"]);
    fake.serve("/vendor.asc", Answer::ok(b"<html>moved"));
    refused(&stack, &fake, 4, &["the key file is no OpenPGP public key"]);
    fake.serve("/vendor.asc", Answer::redirect("http://repository.example/vendor.asc"));
    refused(&stack, &fake, 4, &["which is not https"]);
}

/// A new file of a key is a new layer, so one that lasts is left alone until somebody names it.
#[test]
fn a_key_that_lasts_is_asked_for_by_its_name_alone() {
    let (fake, key) = (Fake::start(), Key::expiring("90d"));
    let stack = told(&fake, &key);
    bump(&stack, &fake, &[]).expect(0);
    assert!(fake.asked("/vendor.asc").is_empty());
    let later = key.expire_in("2y");
    fake.serve("/vendor.asc", Answer::ok(&later));
    bump(&stack, &fake, &["vendor.key"]).expect(0);
    assert_eq!(file(&stack), later);
    let run = bump(&stack, &fake, &["vendor.key=2"]).expect(2);
    assert!(run.stderr.contains("`vendor.key` is a key, and has no versions"), "{}", run.stderr);
    let url = format!("key-url = \"{}/vendor.asc\"\n", fake.address());
    stack.edit("spec/components/tool.toml", &url, "");
    let run = bump(&stack, &fake, &["vendor.key"]).expect(2);
    assert!(run.stderr.contains("its repository has no `key-url`"), "{}", run.stderr);
}
