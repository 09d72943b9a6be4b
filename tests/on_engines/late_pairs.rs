//! `rdspec dev` between random pairs of specs: a sample of those that the suite compares by a model.
//!
//! The sample is the same each time, so that a failure can be repeated; `RDSPEC_PAIRS` takes more of the same sequence.

use std::fs;
use std::path::Path;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use regex::Regex;

use crate::harness::{Engine, both_kinds_of_engines, side_by_side, tail, write_spec};
use crate::late::{Explained, dev, same};
use crate::loopback::Server;
use crate::random_spec::{Component, files_of, pair};
use crate::trap_stack::{archive, sha256};

/// How many pairs are built where nobody asks for more: each is some minutes of two engines.
const PAIRS: usize = 3;

const CHILD: &str = "rdspec-pairs-child:latest";

/// What a Dockerfile cannot take back.
const EMPTY: &[Explained] = &[
    ("variable ANT", "`rdspec dev` says that it is empty until a full build"),
    ("variable BEE", "as variable ANT"),
    ("variable CAT", "as variable ANT"),
    ("variable DOG", "as variable ANT"),
    ("variable EMU", "as variable ANT"),
];

/// What the scripts of random specs call: all that can be read of a file, an archive or a program. Where an archive is
/// unpacked, a component can have a file of its own, too, which a script does not see that runs before it is copied.
const DIGEST: &str = "digest() { for word; do echo $word; if [[ -f $word ]]; then cat $word; \
    elif [[ -d $word ]]; then find $word/tool-1 -type f | sort | xargs cat; elif type -P $word; then $word --version 2>&1 | sed -n 1p; \
    else echo absent; fi; done; }; ";

#[test]
#[ignore = "needs engines: run tests/run"]
fn random_late_differences_make_what_full_builds_make() {
    let wanted = std::env::var("RDSPEC_PAIRS").map_or(PAIRS, |number| number.parse().unwrap());
    let mut runner = TestRunner::deterministic();
    let pairs: Vec<_> =
        (0..wanted).map(|_| pair().new_tree(&mut runner).unwrap().current()).collect();
    side_by_side(both_kinds_of_engines(), |engine| {
        let server = Server::own();
        for (number, [before, after]) in pairs.iter().enumerate() {
            let folder = tempfile::tempdir().unwrap();
            write(folder.path(), before, &server);
            engine.build(folder.path(), &[]);
            write(folder.path(), after, &server);
            compare(engine, folder.path(), number);
        }
    });
}

/// Builds the difference late, then in full, and compares.
fn compare(engine: &Engine, stack: &Path, number: usize) {
    let (succeeded, said) = dev(engine, stack, &["child"]);
    assert!(succeeded, "{}: pair {number}: {}", engine.name, tail(&said));
    println!("{}: pair {number}\n{said}", engine.name);
    if said.contains("nothing differs") {
        return;
    }
    engine.build(stack, &[]);
    same(engine, &format!("{CHILD}-dev"), CHILD, EMPTY);
}

/// Writes a random spec, with downloads that can be had and scripts that can run.
fn write(stack: &Path, components: &[Option<Component>], server: &Server) {
    let _ = fs::remove_dir_all(stack.join("spec"));
    for (path, text) in files_of(components) {
        let text = String::from_utf8(text).unwrap();
        let text = text.replace("name = 'x'", "name = 'rdspec-pairs'");
        let text = text.replace("run = \"digest ", &format!("run = \"{DIGEST}digest "));
        write_spec(stack, &path, &served(&text, server));
    }
}

/// The text with an address and a sum of a file that is there.
fn served(text: &str, server: &Server) -> String {
    let pin = Regex::new(r#"url = "https://example\.org/([^"]+)"\nsha256 = "[0-9a-f]+""#).unwrap();
    let replaced = pin.replace(text, |found: &regex::Captures<'_>| {
        let name = &found[1];
        let bytes = if name.ends_with(".tar.gz") { archive(name) } else { name.into() };
        let (url, sum) = (server.serve(&format!("/{name}"), &bytes), sha256(&bytes));
        format!("url = \"{url}\"\nsha256 = \"{sum}\"")
    });
    replaced.into_owned()
}
