//! `rdspec clean`: the stack's own old images, and nobody else's.

use std::fs;

use super::{SmallStack, has_image, image_id};
use crate::harness::{Engine, engines};

/// An image of somebody else on an image of the stack, without a name.
fn derive(engine: &Engine, from: &str, name: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("Dockerfile"), format!("FROM {from}\nENV OF=another\n")).unwrap();
    let mut command = engine.command(engine.kind());
    let status = command.args(["build", "--tag", name]).arg(folder.path()).output().unwrap().status;
    assert!(status.success(), "{}", engine.name);
    image_id(engine, name)
}

#[test]
#[ignore = "needs engines: run tests/run"]
fn old_images_of_the_stack_go_and_those_of_others_stay() {
    for engine in engines() {
        let stack = SmallStack::new("rdspec-clean");
        let build = ["build", "base", "left", "--network", "host"];
        stack.expect(&engine, &build, 0);
        let first = image_id(&engine, &stack.image("left"));
        let base = image_id(&engine, &stack.image("base"));
        derive(&engine, &stack.image("base"), "rdspec-others:derived");
        let keep = engine
            .command(engine.kind())
            .args(["tag", &stack.image("base"), "rdspec-others:kept"])
            .status();
        assert!(keep.unwrap().success());
        stack.edit("components/left.toml", "a child begins", "another child begins");
        stack.edit("components/tool.toml", "building the tool", "building another tool");
        stack.expect(&engine, &build, 0);
        let second = image_id(&engine, &stack.image("left"));
        assert_ne!(first, second, "{}", engine.name);

        let (shown, told) = stack.expect(&engine, &["clean"], 0);
        let short: String = first.trim_start_matches("sha256:").chars().take(12).collect();
        assert!(shown.contains(&short), "{}: no {short} in\n{shown}", engine.name);
        assert!(shown.contains("no name any more"), "{}: {shown}", engine.name);
        assert!(told.contains("nothing was removed; --yes removes them"), "{told}");
        assert!(has_image(&engine, &first), "{}: removed without a yes", engine.name);

        stack.expect(&engine, &["clean", "--yes"], 0);
        assert!(!has_image(&engine, &first), "{}", engine.name);
        assert_eq!(image_id(&engine, &stack.image("left")), second, "{}", engine.name);
        assert!(has_image(&engine, "rdspec-others:derived"), "{}", engine.name);
        assert_eq!(image_id(&engine, "rdspec-others:kept"), base, "{}", engine.name);
        let (shown, told) = stack.expect(&engine, &["clean", "--yes"], 0);
        assert_eq!(shown, "", "{}", engine.name);
        assert!(told.contains("has no old images of `rdspec-clean`"), "{}: {told}", engine.name);

        // An image that the spec does not have any more, and another tag.
        let text = fs::read_to_string(stack.root().join("spec/stack.toml")).unwrap();
        let without =
            text.replace("[images.left]\nextends = \"base\"\ncomponents = [\"left\"]\n", "");
        stack.write("stack.toml", &without);
        fs::remove_file(stack.root().join("spec/components/left.toml")).unwrap();
        let (shown, _) = stack.expect(&engine, &["clean", "--yes"], 0);
        assert!(shown.contains("not in the spec any more"), "{}: {shown}", engine.name);
        assert!(!has_image(&engine, &second), "{}: {shown}", engine.name);
        assert!(has_image(&engine, &stack.image("base")), "{}", engine.name);
    }
}
