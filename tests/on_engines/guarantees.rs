//! What holds for every image that rdspec builds, read off its layers: no byte twice, nothing temporary, its checks pass,
//! the same tree on every engine.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rdspec::image::compare::{Options, compare};
use rdspec::image::tree::Tree;
use rdspec::image::{Image, efficiency, hygiene, shared_databases, waste};

use crate::harness::{BASE_LAYERS, Engine};

/// The least efficiency of our layers, by dive's definition.
pub(crate) const LEAST_EFFICIENCY: f64 = 0.995;

/// Where two engines may differ: a pattern of paths, and why.
const BETWEEN_ENGINES: &[(&str, &str)] = &[
    ("run/apt", "Docker 20.10 leaves the mount point of a folder below /run, empty"),
    ("run/sudoers.rules", "Docker 20.10 leaves the mount point of a folder below /run, empty"),
    (
        "etc/hosts",
        "the first RUN of buildah and podman leaves the file that they mount there, empty",
    ),
    (
        "usr/lib/*/gtk-2.0/*/immodules.cache",
        "GTK 2 lists its input modules in the order in which the file system has them",
    ),
];

/// Every guarantee that can be read off the layers; gives the tree.
pub(crate) fn are_kept(engine: &Engine, image: &str) -> Tree {
    let image = engine.image(image);
    no_byte_twice(engine, &image);
    nothing_temporary(engine, &image);
    Tree::of(&image.layers).unwrap()
}

/// Paths, types, modes, owners and contents agree between engines, apart from what is explained.
pub(crate) fn same_tree(left_name: &str, left: &Tree, right_name: &str, right: &Tree) {
    let options = Options {
        mtimes: false,
        except: BETWEEN_ENGINES.iter().map(|(pattern, _)| (*pattern).to_owned()).collect(),
    };
    let differences = compare(left, right, &options);
    for difference in compare(left, right, &Options::default()) {
        println!("{left_name} and {right_name} differ: {difference}");
    }
    assert!(differences.is_empty(), "{left_name} and {right_name} differ: {differences:#?}");
}

/// The checks of an image pass in a container of it: those of the folder that was generated for it.
pub(crate) fn checks_pass(engine: &Engine, image: &str, generated: &Path) {
    /// Containers have the ports of the machine here, and two desktops want the same ones.
    static PORTS: Mutex<()> = Mutex::new(());
    let _ports = PORTS.lock().unwrap_or_else(PoisonError::into_inner);
    let script = std::fs::read_to_string(generated.join("checks.sh")).unwrap();
    let output = engine.run_in(image, &["bash", "-s"], &script);
    let text = String::from_utf8_lossy(&output.stdout);
    println!("{}: {image}\n{text}", engine.name);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: checks of {image} failed:\n{text}\n{error}", engine.name);
    let passed = text.lines().filter(|line| line.starts_with("ok ")).count();
    assert!(passed > 10, "{}: only {passed} checks ran", engine.name);
}

/// A container finds a valid cache of each folder with fonts, and reads no font when it starts.
pub(crate) fn fonts_are_cached(engine: &Engine, image: &str) {
    let output = engine.run_in(image, &["fc-cache", "--system-only", "--verbose"], "");
    let text = String::from_utf8_lossy(&output.stdout);
    let stale: Vec<&str> = text.lines().filter(|line| line.contains(": caching, ")).collect();
    assert_eq!(stale, [""; 0], "{}: {image} has no valid cache of these fonts", engine.name);
    assert!(
        text.contains("existing cache is valid"),
        "{}: {image} has no fonts: {text}",
        engine.name
    );
}

fn no_byte_twice(engine: &Engine, image: &Image) {
    let records = waste::find(image, BASE_LAYERS).unwrap();
    let split = shared_databases::split(records);
    for record in &split.other {
        println!("{}: {record:?}", engine.name);
    }
    let bytes: u64 = split.other.iter().map(|record| record.bytes).sum();
    assert_eq!(bytes, 0, "{}: bytes stored twice outside the shared databases", engine.name);
    let score = efficiency::of(&image.layers[BASE_LAYERS..]).score;
    let mut shared: BTreeMap<&str, u64> = BTreeMap::new();
    for record in &split.shared {
        *shared.entry(&record.path).or_default() += record.bytes;
    }
    let total: u64 = shared.values().sum();
    println!("{}: efficiency {score:.5}, shared databases {total} bytes", engine.name);
    let mut largest: Vec<_> = shared.into_iter().collect();
    largest.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    for (path, bytes) in largest.into_iter().take(8) {
        println!("{}: {bytes:>9} {path}", engine.name);
    }
    assert!(score >= LEAST_EFFICIENCY, "{}: efficiency {score}", engine.name);
}

fn nothing_temporary(engine: &Engine, image: &Image) {
    let findings = hygiene::find(image, BASE_LAYERS);
    assert!(findings.is_empty(), "{}: {findings:#?}", engine.name);
}
