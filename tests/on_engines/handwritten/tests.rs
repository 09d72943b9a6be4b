//! What the measurement relies on, without an engine: nothing of the spec is missing where it is written by hand.

use std::path::Path;

use rdspec::compile::compile;
use rdspec::plan::script::ScriptKind;
use rdspec::render::File;
use rdspec::workspace::Workspace;

use super::{Original, context};

#[test]
fn every_image_of_the_desktop_can_be_written_by_hand() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = compile(&Workspace::new(repository).load().unwrap()).unwrap().output.unwrap();
    let variant = output.stack.variants.iter().find(|one| one.name.as_str() == "debian").unwrap();
    for plan in output.plan.images.iter().filter(|plan| plan.variant == variant.name) {
        let packages = "dpkg\nbash\n".to_owned();
        let written = context(&Original { output: &output, variant, plan, packages });
        let text = |file: &File| String::from_utf8(file.bytes.to_vec()).unwrap();
        parse_dockerfile::parse(&text(written.get("Dockerfile").unwrap())).unwrap();
        let given = output.tree.subtree(&plan.folder);
        for (path, file) in given.under("resources/files") {
            let same = |other: &File| other.bytes == file.bytes;
            assert!(written.iter().any(|(_, other)| same(other)), "{}: no {path}", plan.name);
        }
        let tools: String =
            written.under("resources/tools").map(|(_, file)| text(file) + "\n").collect();
        let installed: Vec<&str> = tools.split_whitespace().collect();
        let calls = plan.scripts.iter().filter_map(|script| match &script.kind {
            ScriptKind::Apt(apt) => Some(&apt.transactions),
            _ => None,
        });
        // What ends in `-` is kept out, and so nowhere.
        for package in calls.flatten().flat_map(|call| &call.packages) {
            let found = package.ends_with('-') || installed.contains(&package.as_str());
            assert!(found, "{}: nothing installs {package}", plan.name);
        }
    }
}
