//! Where the images of the two sides may differ: what the manner of writing leaves behind, and what any two builds
//! differ in. Everything else is a difference of content, and fails.

use std::collections::BTreeMap;
use std::io::Write as _;

use rdspec::image::compare::{Difference, Options, What, compare};
use rdspec::image::tree::Tree;
use rdspec::image::{pattern, shared_databases};

/// A pattern of paths, and why they are on one side only or not the same.
const EXPLAINED: &[(&str, &str)] =
    &[("resources", "by hand: the early copies"), ("resources/**", "by hand: the early copies")];

/// Fails on a difference that has no explanation; counts the others.
pub(super) fn are_explained(ours: &Tree, by_hand: &Tree) {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut unexplained = Vec::new();
    for difference in compare(ours, by_hand, &Options::default()) {
        match explanation(&difference) {
            Some(reason) => *counts.entry(reason).or_default() += 1,
            None => unexplained.push(difference.to_string()),
        }
    }
    let mut out = std::io::stderr();
    for (reason, count) in counts {
        writeln!(out, "{count:>6} differences: {reason}").unwrap();
    }
    assert!(unexplained.is_empty(), "the two sides differ:\n{}", unexplained.join("\n"));
}

fn explanation(difference: &Difference) -> Option<String> {
    let path = &difference.path;
    if let Some((_, reason)) = EXPLAINED.iter().find(|(one, _)| pattern::matches(one, path)) {
        return Some((*reason).to_owned());
    }
    match difference.what {
        What::Mode(..) | What::Owner(..) => {
            let top = path.split('/').next().unwrap_or_default();
            Some(format!("rights below /{top}"))
        }
        What::Content(..) => shared_databases::owner(path).map(|database| {
            format!("{} writes its database in the order of packages", database.owner)
        }),
        _ => None,
    }
}
