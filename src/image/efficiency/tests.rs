use super::super::fixture::{directory, file, layer, whiteout};
use super::super::{Entry, Layer};
use super::of;

fn layers(layers: Vec<Vec<Entry>>) -> Vec<Layer> {
    layers.into_iter().map(layer).collect()
}

/// Minimum and discovered bytes.
fn sums(content: Vec<Vec<Entry>>) -> (u64, u64) {
    let found = of(&layers(content));
    (found.minimum, found.discovered)
}

#[test]
fn an_image_without_waste() {
    let found = of(&layers(vec![vec![file("a", "123")], vec![file("b", "45")]]));
    assert!((found.score - 1.0).abs() < f64::EPSILON);
    assert!((of(&[]).score - 1.0).abs() < f64::EPSILON);
}

#[test]
fn a_rewritten_file_counts_its_smallest_size() {
    assert_eq!(sums(vec![vec![file("a", "123")], vec![file("a", "12345")]]), (3, 8));
}

#[test]
fn a_removed_file_loses_all_its_bytes() {
    assert_eq!(sums(vec![vec![file("a", "123"), file("b", "1")], vec![whiteout("a")]]), (1, 4));
}

#[test]
fn a_removed_directory_counts_on_both_sides() {
    let base = vec![directory("d"), file("d/a", "123"), file("d/b", "1")];
    assert_eq!(sums(vec![base, vec![whiteout("d")]]), (8, 8));
}

#[test]
fn directories_count_as_leaves_of_no_size() {
    // A file whose path is an empty directory elsewhere: the smallest size is 0.
    assert_eq!(sums(vec![vec![file("a", "123")], vec![directory("a")]]), (0, 3));
    assert_eq!(sums(vec![vec![file("a", "123")], vec![directory("a"), file("a/b", "1")]]), (4, 4));
}

#[test]
fn our_layers_alone() {
    let all = layers(vec![vec![file("a", "123")], vec![file("a", "12")], vec![whiteout("a")]]);
    let ours = of(&all[1..]);
    assert_eq!((ours.minimum, ours.discovered), (0, 2));
}
