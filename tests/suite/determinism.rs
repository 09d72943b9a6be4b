//! The same spec gives the same bytes and modes: whatever the machine, and whatever order things are written in.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, UNIX_EPOCH};

use proptest::prelude::*;
use rdspec::source::SpecFiles;

use crate::harness::{
    Stack, compiled, contents, nasty_spec, packages_spec, rdspec, run, spec, tool,
};

/// The files of `generated`, with their modes.
type Files = BTreeMap<String, (Vec<u8>, u32)>;

/// What `generate` writes for this repository's spec in an ordinary environment.
fn reference() -> Files {
    let stack = Stack::new(&spec());
    stack.rdspec(&["generate"]).expect(0);
    only_files(&stack)
}

fn only_files(stack: &Stack) -> Files {
    let mut files = stack.generated_bytes();
    files.retain(|path, _| !path.ends_with('/'));
    files
}

/// What a changed command or folder writes must be the same.
#[track_caller]
fn assert_same(name: &str, reference: &Files, stack: &Stack, command: &mut Command) {
    run(command).expect(0);
    let files = only_files(stack);
    assert_eq!(
        files.keys().collect::<Vec<_>>(),
        reference.keys().collect::<Vec<_>>(),
        "the list of files differs: {name}"
    );
    for (path, file) in &files {
        assert!(reference[path].0 == file.0, "the bytes of {path} differ: {name}");
        assert_eq!(reference[path].1, file.1, "the mode of {path} differs: {name}");
    }
}

#[test]
fn environment_and_directory_change_nothing() {
    let reference = reference();
    let home = tempfile::tempdir().unwrap();
    let variables: &[(&str, &str)] = &[
        ("TZ", "Pacific/Kiritimati"),
        ("TZ", "America/St_Johns"),
        ("LANG", "tr_TR.UTF-8"),
        ("LC_ALL", "tr_TR.UTF-8"),
        ("LC_ALL", "C"),
        ("LC_ALL", "fr_CA.ISO-8859-1"),
        ("LANGUAGE", "fr"),
        ("HOME", home.path().to_str().unwrap()),
        ("HOME", "/nonexistent"),
        ("USER", "somebody"),
        ("HOSTNAME", "elsewhere"),
        ("SOURCE_DATE_EPOCH", "1"),
        ("RUST_BACKTRACE", "1"),
        ("NO_COLOR", "1"),
        ("COLUMNS", "20"),
    ];
    for (name, value) in variables {
        let stack = Stack::new(&spec());
        let mut command = stack.command(&["generate"]);
        assert_same(&format!("{name}={value}"), &reference, &stack, command.env(name, value));
    }
    for folder in [Path::new("/"), home.path()] {
        let stack = Stack::new(&spec());
        let mut command = stack.command(&["generate"]);
        assert_same(&folder.display().to_string(), &reference, &stack, command.current_dir(folder));
    }
    let stack = Stack::new(&spec());
    let mut inside = rdspec();
    assert_same("no -C", &reference, &stack, inside.arg("generate").current_dir(stack.root()));
    let stack = Stack::new(&spec());
    let mut below = rdspec();
    below.args(["generate", "-C", ".."]).current_dir(stack.path("spec"));
    assert_same("-C ..", &reference, &stack, &mut below);
}

#[test]
fn the_umask_changes_no_byte_and_no_mode() {
    let reference = reference();
    for (path, (_, mode)) in &reference {
        assert!(matches!(mode, 0o644 | 0o755), "{path} has the mode {mode:o}");
    }
    for umask in ["077", "000", "027", "0777"] {
        let stack = Stack::new(&spec());
        if umask == "0777" {
            // Nothing could be written into folders made under it.
            stack.rdspec(&["generate"]).expect(0);
            for (path, _) in only_files(&stack) {
                fs::remove_file(stack.path("generated").join(path)).unwrap();
            }
        }
        let mut command = tool("sh", "dash");
        command
            .env_clear()
            .args(["-c", &format!("umask {umask}; exec \"$@\""), "sh"])
            .arg(env!("CARGO_BIN_EXE_rdspec"))
            .arg("-C")
            .arg(stack.root())
            .arg("generate");
        assert_same(&format!("umask {umask}"), &reference, &stack, &mut command);
    }
}

#[test]
fn order_times_and_modes_of_the_spec_files_change_nothing() {
    let reference = reference();
    let files = spec();
    for (seed, mode) in [(1_u64, 0o600), (2, 0o777), (3, 0o444), (4, 0o640)] {
        let stack = Stack::small();
        fs::remove_dir_all(stack.path("spec")).unwrap();
        let mut paths: Vec<&str> = files.paths().collect();
        paths.sort_by_key(|path| scrambled(path, seed));
        for (at, path) in paths.into_iter().enumerate() {
            stack.write(&format!("spec/{path}"), files.get(path).unwrap());
            let on_disk = stack.path(&format!("spec/{path}"));
            let time = UNIX_EPOCH + Duration::from_secs(at as u64 * 86_400 * seed);
            fs::File::options().append(true).open(&on_disk).unwrap().set_modified(time).unwrap();
            fs::set_permissions(&on_disk, fs::Permissions::from_mode(mode)).unwrap();
        }
        let mut command = stack.command(&["generate"]);
        assert_same(&format!("order {seed}, mode {mode:o}"), &reference, &stack, &mut command);
    }
}

/// A number that looks random and is the same on each run.
fn scrambled(path: &str, seed: u64) -> u64 {
    path.bytes().fold(seed ^ 0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[test]
fn twenty_runs_write_the_same() {
    let reference = reference();
    for repetition in 0..20 {
        let stack = Stack::new(&spec());
        let mut command = stack.command(&["generate"]);
        assert_same(&format!("repetition {repetition}"), &reference, &stack, &mut command);
    }
}

/// A TOML value on one line, with the keys of all its tables in an order that `seed` chooses.
fn reordered(value: &toml::Value, seed: u64) -> String {
    match value {
        toml::Value::Table(table) => format!("{{ {} }}", entries(table, seed).join(", ")),
        toml::Value::Array(array) => {
            let elements: Vec<String> = array.iter().map(|value| reordered(value, seed)).collect();
            format!("[{}]", elements.join(", "))
        }
        // JSON's escapes are TOML's.
        toml::Value::String(text) => {
            serde_json::to_string(text).unwrap().replace('\u{7f}', "\\u007f")
        }
        other => other.to_string(),
    }
}

fn entries(table: &toml::Table, seed: u64) -> Vec<String> {
    let mut keys: Vec<&String> = table.keys().collect();
    keys.sort_by_key(|key| scrambled(key, seed));
    keys.into_iter()
        .map(|key| {
            format!("{} = {}", serde_json::to_string(key).unwrap(), reordered(&table[key], seed))
        })
        .collect()
}

/// The same spec with the keys of every table, and the components of every image, in another order.
fn shuffled(files: &SpecFiles, seed: u64) -> SpecFiles {
    let mut contents = contents(files);
    for (path, bytes) in &mut contents {
        if Path::new(path).extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let mut table: toml::Table = std::str::from_utf8(bytes).unwrap().parse().unwrap();
        if let Some(images) = table.get_mut("images").and_then(toml::Value::as_table_mut) {
            for (_, image) in images.iter_mut() {
                let components = image.get_mut("components").unwrap().as_array_mut().unwrap();
                components.sort_by_key(|name| scrambled(name.as_str().unwrap(), seed));
            }
        }
        *bytes = (entries(&table, seed).join("\n") + "\n").into_bytes();
    }
    SpecFiles::new(files.root(), contents)
}

/// Everything that a build reads: all of the output but the list of checks, which follows the list of components.
fn what_a_build_reads(files: &SpecFiles) -> BTreeMap<String, Vec<u8>> {
    let tree = compiled(files).tree.into_files().into_iter();
    let mut files: BTreeMap<String, Vec<u8>> =
        tree.map(|(path, file)| (path, file.bytes.to_vec())).collect();
    files.retain(|path, _| !path.ends_with("/checks.sh"));
    files
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_keys_and_components_changes_no_script_and_no_digest(seed in any::<u64>()) {
        for files in [spec(), nasty_spec(), packages_spec()] {
            let (before, after) = (what_a_build_reads(&files), what_a_build_reads(&shuffled(&files, seed)));
            prop_assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
            for (path, bytes) in &before {
                prop_assert_eq!(
                    String::from_utf8_lossy(bytes),
                    String::from_utf8_lossy(&after[path]),
                    "{} follows the order of the spec",
                    path
                );
            }
        }
    }

    #[test]
    fn a_spec_that_is_compiled_twice_gives_the_same(seed in any::<u64>()) {
        let files = shuffled(&nasty_spec(), seed);
        let (first, second) = (compiled(&files), compiled(&files));
        prop_assert_eq!(first.tree, second.tree);
    }
}
