//! Random pairs of specs: what `affected` says of them against two whole outputs, written to folders and compared byte by
//! byte.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proptest::prelude::*;
use rdspec::affected::{Affected, Side, affected};
use rdspec::compile::Output;
use rdspec::render::FileTree;
use rdspec::source::SpecFiles;
use rdspec::workspace::output::{OutputFolder, with_manifest};

use crate::dev::random_spec::{Component, files_of, pair};
use crate::harness::{compiled, files_below, nasty_spec};

/// Files of an output folder, with their modes.
type Written = BTreeMap<String, (Vec<u8>, u32)>;

/// Everything that `generate` writes for a spec.
fn written(tree: &FileTree) -> Written {
    let folder = tempfile::tempdir().unwrap();
    let tree = with_manifest(tree.clone());
    let output = OutputFolder::new(folder.path());
    output.write(&tree, &output.changes(&tree).unwrap()).unwrap();
    let files = files_below(folder.path()).into_iter();
    files
        .filter(|(path, _)| !path.ends_with('/'))
        .map(|(path, file)| (path, (file.bytes, file.mode)))
        .collect()
}

/// What lies in the folder of an image.
fn of_image<'files>(
    files: &'files Written,
    folder: &str,
) -> BTreeMap<&'files Path, &'files (Vec<u8>, u32)> {
    let files = files.iter().map(|(path, file)| (Path::new(path), file));
    files.filter_map(|(path, file)| Some((path.strip_prefix(folder).ok()?, file))).collect()
}

/// The images that have to be built anew: by variant and name, with whether their own files differ.
fn expected(before: &Output, after: &Output) -> BTreeMap<(String, String), bool> {
    let (old, new) = (written(&before.tree), written(&after.tree));
    let mut found: BTreeMap<(String, String), bool> = BTreeMap::new();
    for plan in &after.plan.images {
        let key = |name: &str| (plan.variant.to_string(), name.to_owned());
        let differs = of_image(&old, &plan.folder) != of_image(&new, &plan.folder);
        let follows =
            plan.parent.as_ref().is_some_and(|parent| found.contains_key(&key(parent.as_str())));
        if differs || follows {
            found.insert(key(plan.name.as_str()), differs);
        }
    }
    found
}

fn said(found: &Affected) -> BTreeMap<(String, String), bool> {
    let images = found.images.iter();
    images
        .map(|image| ((image.variant.clone(), image.image.clone()), image.is_touched_itself()))
        .collect()
}

/// Compares both, and that every image has its reasons and no image has those of another.
fn check(before: &SpecFiles, after: &SpecFiles) -> Affected {
    let (old, new) = (compiled(before), compiled(after));
    let sides = [Side { files: before, output: &old }, Side { files: after, output: &new }];
    let found = affected(sides[0], sides[1], Some(&old.tree)).unwrap();
    assert_eq!(said(&found), expected(&old, &new));
    let paths: BTreeSet<&str> = before.paths().chain(after.paths()).collect();
    let changed: BTreeSet<String> = paths
        .into_iter()
        .filter(|path| before.get(path) != after.get(path))
        .map(|path| format!("spec/{path}"))
        .collect();
    for image in &found.images {
        let explained = !image.layers.is_empty()
            || !image.settings.is_empty()
            || !image.checks.is_empty()
            || image.is_reordered
            || image.is_new
            // Prose is in comments alone.
            || image.files.iter().all(|path| path == "Dockerfile" || path.starts_with("resources/"));
        assert!(explained, "{image:#?}");
        assert_eq!(image.causes.is_empty(), !image.is_touched_itself(), "{image:#?}");
        assert!(image.causes.iter().all(|cause| changed.contains(&cause.file)), "{image:#?}");
        assert_eq!(image.written_otherwise, Vec::<String>::new());
    }
    found
}

fn files(components: &[Option<Component>]) -> SpecFiles {
    SpecFiles::new("spec", files_of(components))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn exactly_the_images_whose_files_differ_and_their_children_are_affected([before, after] in pair()) {
        check(&files(&before), &files(&after));
    }

    #[test]
    fn a_spec_that_is_the_same_touches_nothing([spec, _] in pair()) {
        let found = check(&files(&spec), &files(&spec));
        prop_assert_eq!(found, Affected { images: Vec::new(), removed: Vec::new() });
    }
}

/// One byte of each file of a spec that uses everything, put at its end, in turn.
#[test]
fn any_changed_file_of_a_spec_touches_what_it_changes() {
    let before = nasty_spec();
    let mut touched = 0;
    for path in before.paths() {
        let bytes = [before.get(path).unwrap(), &b"\n# a comment\n"[..]].concat();
        let after = before.with_one(path, Some(&bytes.into()));
        if rdspec::compile::compile(&after).unwrap().output.is_none() {
            continue;
        }
        let found = check(&before, &after);
        if path.ends_with(".toml") {
            assert!(found.images.is_empty(), "{path}: {found:#?}");
        }
        touched += usize::from(!found.images.is_empty());
    }
    assert!(touched > 0, "no resource of the spec is in an image");
}
