use super::super::Entry;
use super::super::fixture::{directory, file, hard_link, image, opaque, symlink, whiteout};
use super::{Cause, find, total};

/// Path, bytes and cause of each record.
fn records(layers: Vec<Vec<Entry>>, base_layers: usize) -> Vec<(String, u64, Cause)> {
    let found = find(&image(layers), base_layers).unwrap();
    found.into_iter().map(|record| (record.path, record.bytes, record.cause)).collect()
}

fn expect(layers: Vec<Vec<Entry>>, base_layers: usize, expected: &[(&str, u64, Cause)]) {
    let expected: Vec<(String, u64, Cause)> =
        expected.iter().map(|(path, bytes, cause)| ((*path).to_owned(), *bytes, *cause)).collect();
    assert_eq!(records(layers, base_layers), expected);
}

#[test]
fn copies() {
    let mut changed = file("mode", "12345");
    changed.mode = 0o755;
    let base =
        vec![file("content", "1"), file("same", "123"), file("mode", "12345"), file("alone", "")];
    let upper = vec![file("content", "22"), file("same", "123"), changed, file("other", "123")];
    let expected = [
        ("content", 2, Cause::Rewritten),
        ("mode", 5, Cause::MetadataOnly),
        ("same", 3, Cause::Identical),
    ];
    expect(vec![base, upper], 1, &expected);
}

#[test]
fn the_base_is_not_blamed() {
    let layers = || vec![vec![file("a", "1")], vec![file("a", "2")], vec![file("a", "3")]];
    assert_eq!(records(layers(), 0).len(), 2);
    assert_eq!(records(layers(), 2).len(), 1);
    assert_eq!(records(layers(), 3).len(), 0);
    let found = find(&image(layers()), 2).unwrap();
    assert_eq!((found[0].layer, found[0].hidden_layer, found[0].hidden_bytes), (2, Some(1), 1));
}

#[test]
fn a_file_between_two_copies_does_not_matter() {
    // The path is in the lowest layer only; the layer between has other things.
    expect(
        vec![vec![file("a", "1")], vec![file("b", "1")], vec![file("a", "1")]],
        1,
        &[("a", 1, Cause::Identical)],
    );
}

#[test]
fn deletions_by_every_means() {
    let ours = || vec![file("d/a", "123"), file("d/e/b", "45"), symlink("d/s", "x")];
    let both = [("d/a", 3, Cause::Deleted), ("d/e/b", 2, Cause::Deleted)];
    expect(vec![ours(), vec![whiteout("d")]], 0, &both);
    expect(vec![ours(), vec![opaque("d")]], 0, &both);
    expect(vec![ours(), vec![file("d", "")]], 0, &both);
    expect(vec![ours(), vec![whiteout("d/a")]], 0, &both[..1]);
    expect(vec![ours(), vec![directory("d/a")]], 0, &both[..1]);
}

#[test]
fn what_the_base_stores_costs_us_nothing_but_is_told() {
    let found = find(&image(vec![vec![file("a", "123")], vec![whiteout("a")]]), 1).unwrap();
    assert_eq!((found[0].bytes, found[0].hidden_bytes, found[0].hidden_layer), (0, 3, Some(0)));
    assert_eq!(total(&found), 0);
}

#[test]
fn whiteouts_of_directories_without_files() {
    // A builder that mounts a cache over an empty directory, and then deletes the directory.
    let base = vec![directory("var/cache/x"), file("f", "")];
    expect(vec![base, vec![whiteout("var/cache/x")]], 1, &[("var/cache/x", 0, Cause::Deleted)]);
    expect(vec![vec![], vec![whiteout("nothing")]], 1, &[("nothing", 0, Cause::Deleted)]);
    // Removed and made again: a replacement, no loss.
    expect(vec![vec![directory("d")], vec![whiteout("d"), directory("d")]], 1, &[]);
}

#[test]
fn hidden_and_stored_again_is_a_copy() {
    let layers = vec![vec![file("d/a", "123")], vec![opaque("d"), file("d/a", "123")]];
    expect(layers, 0, &[("d/a", 3, Cause::Identical)]);
    let layers = vec![vec![file("a", "123")], vec![whiteout("a"), file("a", "12")]];
    expect(layers, 0, &[("a", 2, Cause::Rewritten)]);
}

#[test]
fn hard_links_count_once() {
    let base = || vec![file("a", "123"), hard_link("b", "a")];
    // Rewriting one name of a file writes both, as tools do that keep the link.
    let again = [("a", 3, Cause::Identical), ("b", 0, Cause::Identical)];
    expect(vec![base(), base()], 1, &again);
    // One name is left, so the bytes are not dead.
    expect(vec![base(), vec![whiteout("a")]], 0, &[("a", 0, Cause::Deleted)]);
    let all = [("a", 3, Cause::Deleted), ("b", 0, Cause::Deleted)];
    expect(vec![base(), vec![whiteout("a"), whiteout("b")]], 0, &all);
    // A link to a file of a lower layer, over another file, stores nothing.
    let lower = vec![file("a", "123"), file("b", "45")];
    expect(vec![lower, vec![hard_link("b", "a")]], 1, &[("b", 0, Cause::Rewritten)]);
}

#[test]
fn other_kinds_are_no_bytes() {
    let base = vec![symlink("s", "a"), directory("d")];
    let mut changed = directory("d");
    changed.mode = 0o700;
    expect(vec![base, vec![symlink("s", "b"), changed]], 1, &[]);
}
