//! Experiments of `rdspec dev`: what is tried late is what the promoted spec builds.

use crate::dev_stack::DevStack;
use crate::harness::{Engine, both_kinds_of_engines, side_by_side, tail};
use crate::late::{dev, same};

/// The last of the images that the stack builds.
const CHILD: &str = "rdspec-tried-child:test";

/// Few layers, with something of each kind that experiments change.
const FILES: &[(&str, &str)] = &[
    (
        "stack.toml",
        r#"
[stack]
name = "rdspec-tried"
tag = "test"

[apt]
refresh = "2026-11-23"

[user]
name = "jovyan"
skeleton = "/skeleton"

[images.base]
from = "debian:bookworm"
unpinned = "made on this machine"
components = ["consumer", "made", "passing", "settings"]

[images.child]
extends = "base"
components = ["extra"]
"#,
    ),
    (
        "components/consumer.toml",
        r#"summary = "A script that looks for what comes before it"

[script]
run = "cat /opt/patch /etc/patch/* >/opt/seen 2>/dev/null || :"
undo = "rm /opt/seen"
"#,
    ),
    (
        "components/made.toml",
        r#"summary = "A script that can be taken back"

[script]
run = "mkdir /opt/made && echo one >/opt/made/one"
undo = "rm -r /opt/made"
"#,
    ),
    (
        "components/passing.toml",
        "summary = \"Something that goes\"\n\n[files.\"/opt/passing/file\"]\ncontent = \"passing\\n\"\n",
    ),
    (
        "components/settings.toml",
        r#"summary = "What experiments change where it is"

[apt]
packages = ["jq"]

[files."/etc/settings/a.conf"]
content = "a = 1\n"

[links."/usr/local/bin/link"]
to = "/bin/true"

[environment]
SETTING = "one"
"#,
    ),
    (
        "components/extra.toml",
        r#"summary = "What proves the image"

[check]
run = [
    "grep a /etc/settings/a.conf",
    "test -e /opt/made/one",
]
"#,
    ),
];

/// Experiments of every kind, on the child of the image that most of them are about.
const EXPERIMENTS: &str = r#"
# At the end, as a component of its own
[experiments.search]
install = ["tree"]
env = { SETTING = "tried", COMES = "tried" }
run = "tree --version >/opt/search.txt"
copy."/usr/share/theme" = { source = "theme" }
write."/usr/share/search.conf" = { content = "search\n", mode = "0640" }

[experiments.patch]
before = "consumer"
run = "echo patch >/opt/patch"
undo = "rm /opt/patch"
write."/etc/patch/patch.conf" = { content = "early\n", mode = "0600" }

[experiments.own]
user = "user"
run = "mkdir -p ~/.config/own && echo own >~/.config/own/own"

[experiments.settings.write."/etc/settings/a.conf"]
content = "a = 2\n"

[experiments.more]
component = "made"
run = "echo two >/opt/made/two"
undo = ":"

[experiments.less.remove]
packages = ["jq"]
paths = ["/usr/local/bin/link"]
components = ["passing"]
"#;

/// Runs rdspec on a stack; its standard output.
fn rdspec(engine: &Engine, stack: &DevStack, arguments: &[&str]) -> String {
    let mut command = engine.command(env!("CARGO_BIN_EXE_rdspec"));
    let output = command.arg("-C").arg(stack.path()).args(arguments).output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {arguments:?}: {printed}\n{told}", engine.name);
    printed
}

#[test]
#[ignore = "needs engines: run tests/run"]
fn experiments_make_what_the_promoted_spec_builds() {
    side_by_side(both_kinds_of_engines(), |engine| {
        let mut stack = DevStack::of(FILES);
        engine.build(stack.path(), &[]);
        stack.change(|files| {
            files.insert("dev/child.toml".to_owned(), EXPERIMENTS.to_owned());
            files.insert("dev/child/theme/dark.css".to_owned(), "dark\n".to_owned());
        });
        let (succeeded, said) = dev(engine, stack.path(), &["child"]);
        assert!(succeeded, "{}: {}", engine.name, tail(&said));
        println!("{said}");
        let late = format!("{CHILD}-dev");
        let seen = engine.run_in(&late, &["cat", "/opt/seen"], "");
        let seen = String::from_utf8_lossy(&seen.stdout).into_owned();
        assert_eq!(seen, "patch\nearly\n", "{}: what comes before is there before", engine.name);

        rdspec(engine, &stack, &["dev", "promote"]);
        assert!(!stack.path().join("spec/dev").exists());
        engine.build(stack.path(), &[]);
        same(engine, &late, CHILD, &[]);
        let test = ["test", "--no-build", "--engine", engine.kind(), "--network", "host"];
        assert!(rdspec(engine, &stack, &test).contains("ok 2 - child"), "{}", engine.name);
    });
}
