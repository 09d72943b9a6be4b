//! What promoting keeps: the bytes of copied files, what other variants have, and the experiments of parents.

use std::fs;

use super::{says, spec, stack};
use crate::commands::dev::{built, dev};

/// Bytes that no diff could bring back.
const BINARY: &[u8] = &[0x89, b'P', 0xff, 0];

#[test]
fn a_copied_file_goes_where_only_a_variant_has_its_path() {
    let stack = built();
    stack.edit("spec/stack.toml", "[images.base]", "[variants.other]\n\n[images.base]");
    let tool = fs::read_to_string(stack.path("spec/components/tool.toml")).unwrap();
    let entry = "\n[variants.other.files.\"/usr/share/logo.png\"]\n";
    stack.write("spec/components/tool.toml", format!("{tool}{entry}"));
    stack.write("spec/resources/tool/logo.png", [0x89, b'O', 0xff]);
    stack.rdspec(&["check"]).expect(0);
    stack.write("spec/dev/base.toml", "[experiments.x.copy.'/usr/share/logo.png']\n");
    stack.write("spec/dev/base/logo.png", BINARY);
    dev(&stack, &["promote"]).expect(0);
    assert_eq!(fs::read(stack.path("spec/resources/tool/logo.png")).unwrap(), BINARY);
    assert!(!stack.path("spec/dev").exists());
}

#[test]
fn a_copied_file_whose_bytes_would_go_nowhere_is_not_removed() {
    let stack = built();
    stack.write(
        "spec/dev/base.toml",
        "[experiments.x.copy.'/usr/share/logo.png']\nsource = 'one.png'\n\
            [experiments.y.copy.'/usr/share/logo.png']\nsource = 'two.png'\n",
    );
    stack.write("spec/dev/base/one.png", BINARY);
    stack.write("spec/dev/base/two.png", [0x89, b'T', 0xff]);
    let before = spec(&stack);
    let run = dev(&stack, &["promote"]).expect(2);
    says(&run, &["spec/dev/base/one.png would be lost", "promote them one after the other"]);
    assert_eq!(spec(&stack), before);
    dev(&stack, &["promote", "base", "x"]).expect(0);
    dev(&stack, &["promote", "base", "y"]).expect(0);
    assert!(!stack.path("spec/dev").exists());
}

#[test]
fn a_copied_file_may_become_text_of_a_component_or_be_there_already() {
    let stack = built();
    stack.write("spec/dev/base.toml", "[experiments.x.copy.'/etc/tool/settings.conf']\n");
    stack.write("spec/dev/base/settings.conf", "a \"quoted\"\n\ttab\n");
    dev(&stack, &["promote"]).expect(0);
    let component = fs::read_to_string(stack.path("spec/components/tool.toml")).unwrap();
    assert!(component.contains("quoted"), "{component}");
    // The same once more changes nothing, and may go as well.
    stack.write("spec/dev/base.toml", "[experiments.x.copy.'/etc/tool/settings.conf']\n");
    stack.write("spec/dev/base/settings.conf", "a \"quoted\"\n\ttab\n");
    dev(&stack, &["promote"]).expect(0);
    assert!(!stack.path("spec/dev").exists());
}

#[test]
fn a_script_that_differs_in_a_variant_grows_in_none() {
    let stack = built();
    stack.edit("spec/stack.toml", "[images.base]", "[variants.other]\n\n[images.base]");
    stack.write("spec/resources/extra/build.sh", "true\n");
    for (plain, varied) in [
        ("", "run = \"a\""),
        ("", "source = \"build.sh\""),
        ("[script]\nrun = \"a\"", "run = \"b\""),
        ("[script]\nrun = \"a\"", "undo = \":\""),
        ("[script]\nrun = \"a\"", "user = \"user\""),
    ] {
        let text = format!(
            "summary = \"More\"\n\n[files.\"/etc/extra\"]\ncontent = \"x\"\n\n{plain}\n[variants.other.script]\n{varied}\n"
        );
        stack.write("spec/components/extra.toml", text);
        stack.write("spec/dev/child.toml", "[experiments.x]\ncomponent = 'extra'\nrun = 'b'\n");
        let before = spec(&stack);
        let run = dev(&stack, &["promote"]).expect(2);
        says(&run, &["the script of `extra` differs between variants", "remove `component`"]);
        assert_eq!(spec(&stack), before);
    }
}

#[test]
fn experiments_of_a_parent_are_promoted_or_dropped_first() {
    let stack = stack();
    stack.write("spec/dev/base.toml", "[experiments.x]\ninstall = ['tree']\n");
    let before = spec(&stack);
    for arguments in [&["promote", "child"][..], &["promote", "child", "search"]] {
        let run = dev(&stack, arguments).expect(2);
        says(
            &run,
            &[
                "tried with the experiments of its parent `base`, in spec/dev/base.toml",
                "run `rdspec dev promote base` or `rdspec dev reset base` first",
            ],
        );
    }
    assert_eq!(spec(&stack), before);
    dev(&stack, &["promote", "base"]).expect(0);
    dev(&stack, &["promote", "child"]).expect(0);
    assert!(!stack.path("spec/dev").exists());
}
