//! Harm in what holds the layers together: the archive, its manifest, its configuration.

use serde_json::json;
use tar::EntryType;

use super::{Case, with_layer, with_manifest};
use crate::built::{Tar, header, sha256};

/// Harm in what holds the layers together.
pub(in super::super) fn all() -> Vec<Case> {
    let good = || Tar::of(&[("a", b"x")]);
    let archive = || with_layer(good());
    let one = json!([{"Config": "c", "RepoTags": null, "Layers": []}]);
    let open = |tar: Vec<u8>| tar[..tar.len() - 1024].to_vec();
    let linked = |target: &str| {
        let start = open(with_manifest(&one, &[]));
        [start, Tar::new().link("c", EntryType::Symlink, target).bytes()].concat()
    };
    let twice = [open(archive()), Tar::of(&[("manifest.json", b"[]")])].concat();
    let members = (0..70_000).fold(Tar::new(), |tar, n| tar.file(&n.to_string(), 0o644, b""));
    let nested = "[".repeat(100_000);
    let layers = vec!["x"; 5000];
    let absurd = json!([{"Config": "c", "RepoTags": null, "Layers": layers}]);
    let empty = sha256(b"");
    let diff_ids = vec![format!("sha256:{empty}"); 5000];
    let configuration = json!({"rootfs": {"diff_ids": diff_ids}}).to_string();
    vec![
        (
            "a name that leads out of the archive",
            Tar::new()
                .raw(&header(b"../manifest.json", EntryType::Regular, 2, 0o644), b"[]")
                .bytes(),
            "leads out",
        ),
        ("a link out of the archive", linked("../../../etc/passwd"), "leads out"),
        ("an absolute link", linked("/etc/passwd"), "leads out"),
        ("a link to itself", linked("c"), "never end"),
        ("two members of one name", twice, "twice"),
        ("members without end", members.bytes(), "absurd"),
        (
            "a configuration outside",
            with_manifest(&json!([{"Config": "../../etc/passwd", "Layers": []}]), &[]),
            "leads out",
        ),
        (
            "a manifest that nests without end",
            Tar::of(&[("manifest.json", nested.as_bytes())]),
            "manifest.json",
        ),
        (
            "a manifest of nine megabytes",
            Tar::of(&[("manifest.json", &vec![b' '; 9 << 20])]),
            "manifest.json",
        ),
        (
            "layers without end",
            with_manifest(&absurd, &[("c", configuration.as_bytes())]),
            "absurd",
        ),
        (
            "a layer that is not there",
            with_manifest(
                &json!([{"Config": "c", "Layers": ["gone"]}]),
                &[("c", format!(r#"{{"rootfs": {{"diff_ids": ["sha256:{empty}"]}}}}"#).as_bytes())],
            ),
            "no gone",
        ),
        ("an archive cut inside a layer", archive()[..700].to_vec(), "cut off"),
        ("a header cut off", archive()[..300].to_vec(), "cut off"),
        ("nothing at all", Vec::new(), "no image archive"),
    ]
}
