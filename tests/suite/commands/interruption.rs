//! `generate` that is killed: every file is old or new, and the next run mends the rest.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rdspec::source::SpecFiles;

use crate::harness::{Stack, contents, spec};

/// This repository's spec on another day and with other texts, so that nearly every file changes.
fn changed() -> SpecFiles {
    let files = spec();
    let mut contents = contents(&files);
    for bytes in contents.values_mut() {
        let text = String::from_utf8(bytes.clone()).unwrap();
        let text = text.replace("2026-11-23", "2026-11-24").replace("master", "other");
        *bytes = text.replace("\nsummary = \"", "\nsummary = \"New: ").into_bytes();
    }
    SpecFiles::new(files.root(), contents)
}

fn replace_spec(stack: &Stack, files: &SpecFiles) {
    for path in files.paths() {
        stack.write(&format!("spec/{path}"), files.get(path).unwrap());
    }
}

#[test]
fn a_killed_run_leaves_every_file_old_or_new_and_the_next_one_mends_all() {
    let (before, after) = (spec(), changed());
    let old = generated(&before);
    let new = generated(&after);
    let time = {
        let stack = Stack::new(&after);
        let start = Instant::now();
        stack.rdspec(&["generate"]).expect(0);
        start.elapsed()
    };
    let mut interrupted = 0;
    for attempt in 0..20_u32 {
        let stack = Stack::new(&before);
        stack.rdspec(&["generate"]).expect(0);
        replace_spec(&stack, &after);
        let mut child = stack
            .command(&["generate", "--quiet"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Spread over the whole run, and a little irregular.
        std::thread::sleep(
            time * attempt / 20 + Duration::from_micros(u64::from(attempt) * 137 % 500),
        );
        let _ = child.kill();
        interrupted += usize::from(child.wait().unwrap().code().is_none());
        for (path, bytes) in files(&stack) {
            let known = [old.get(&path), new.get(&path)];
            let is_ours = !path.contains(".rdspec-");
            assert!(!is_ours || known.contains(&Some(&bytes)), "{path} is neither old nor new");
        }
        for path in old.keys().filter(|path| new.contains_key(*path)) {
            assert!(stack.path("generated").join(path).exists(), "{path} is gone");
        }
        stack.rdspec(&["generate"]).expect(0);
        let mended = files(&stack);
        let extra: Vec<&String> = mended.keys().filter(|path| !new.contains_key(*path)).collect();
        assert!(extra.is_empty(), "left over after a killed run: {extra:?}");
        assert_eq!(mended, new);
        stack.rdspec(&["generate", "--check"]).expect(0);
    }
    assert!(interrupted > 0, "every run ended before it was killed");
}

/// The files and their bytes, without folders.
fn files(stack: &Stack) -> std::collections::BTreeMap<String, Vec<u8>> {
    let files = stack.generated().into_iter();
    files.filter(|(path, _)| !path.ends_with('/')).map(|(path, file)| (path, file.bytes)).collect()
}

fn generated(spec: &SpecFiles) -> std::collections::BTreeMap<String, Vec<u8>> {
    let stack = Stack::new(spec);
    stack.rdspec(&["generate"]).expect(0);
    files(&stack)
}

/// What a killed run wrote, and did not put in its place, is not mistaken for output, and does not stay for ever.
#[test]
fn what_a_killed_run_left_behind_goes_with_the_next_run() {
    let stack = Stack::small_and_generated();
    // The second time, nothing else is to be written.
    for date in ["2026-11-23", "2026-11-24"] {
        let left = stack.path("generated/.rdspec-tmp-aB3xYz");
        fs::create_dir_all(left.join("0/resources")).unwrap();
        fs::write(left.join("0/Dockerfile"), "half a Dockerf").unwrap();
        stack.edit("spec/stack.toml", date, "2026-11-24");
        stack.rdspec(&["generate"]).expect(0);
        assert!(!left.exists(), "the temporary folder of a killed run is left for ever");
    }
}
