//! Experiments that cannot be tried: what is said, and that nothing is written.

use std::fs;

use super::{says, spec};
use crate::commands::dev::{built, dev};

/// An image, its experiments, and what is said about them.
const CASES: &[(&str, &str, &[&str])] = &[
    (
        "bsae",
        "[experiments.x]\ninstall = ['tree']",
        &["error[unknown-image]", "no image `bsae`", "did you mean `base`?"],
    ),
    (
        "base",
        "[experiments.x]\nbefore = 'tol'\nrun = 'true'",
        &[
            "error[unknown-component]",
            "spec/dev/base.toml:2:10",
            "`tol` is no component of the image `base` or its parents",
            "did you mean `tool`?",
        ],
    ),
    (
        "base",
        "[experiments.x]\nbefore = 'extra'\nrun = 'true'",
        &[
            "`extra` is no component of the image `base`",
            "it is one of `child`: try this in spec/dev/child.toml",
        ],
    ),
    (
        "base",
        "[experiments.x]\ncomponent = 'tol'\nrun = 'true'",
        &["error[unknown-component]", "did you mean `tool`?"],
    ),
    (
        "base",
        "[experiments.x]\ninstal = ['tree']",
        &["error[unknown-key]", "[experiments.x] has no key `instal`", "did you mean `install`?"],
    ),
    ("base", "[experiments.x]\ninstall = 'tree'", &["error[wrong-type]", "write it as a list"]),
    (
        "base",
        "[experiments.x]\ninstall = ['Tree!']",
        &["error[bad-package-name]", "spec/dev/base.toml:2:12"],
    ),
    (
        "base",
        "[experiments.x.write.'etc/x']\ncontent = 'x'",
        &["error[bad-path]", "spec/dev/base.toml:1:22"],
    ),
    (
        "base",
        "[experiments.x.write.'/etc/x']\ncontent = 'x'\nmode = '999'",
        &["error[bad-mode]", "spec/dev/base.toml"],
    ),
    (
        "base",
        "[experiments.x.copy.'/etc/x']\nsource = 'theme'",
        &["error[missing-file]", "there is no spec/dev/base/theme"],
    ),
    (
        "base",
        "[experiments.x.copy.'/etc/x']\nsource = '../stack.toml'",
        &["error[bad-resource-path]"],
    ),
    (
        "base",
        "[experiments.tool]\nrun = 'true'",
        &["there is a component `tool` already", "`component = \"tool\"`"],
    ),
    (
        "base",
        "[experiments.X]\nrun = 'true'",
        &["error[bad-name]", "the component `X` contains 'X'"],
    ),
    ("base", "[experiments.x]", &["error[missing-key]", "does nothing"]),
    (
        "base",
        "[experiments.x]\nbefore = 'tool'\nneeds = ['tool']\nrun = 'true'",
        &["error[conflicting-keys]", "keep one of them"],
    ),
    (
        "base",
        "[experiments.x]\nremove = { paths = ['/etc/tool/setting.conf'] }",
        &[
            "error[unknown-value]",
            "no component of `base` or its parents has the path",
            "did you mean `/etc/tool/settings.conf`?",
        ],
    ),
    (
        "base",
        "[experiments.x]\nbefore = 'tool'\n[experiments.x.write.'/etc/tool/settings.conf']\ncontent = 'x'",
        &["has no effect"],
    ),
    (
        "base",
        "[experiments.x]\ncomponent = 'tool'\nrun = 'true'\nuser = 'user'",
        &["the script of `tool` is run by root, this by user"],
    ),
    (
        "base",
        "[experiments.x]\nneeds = ['nothing']\nrun = 'true'",
        &["error[missing-need]", "spec/dev/base.toml:2:10"],
    ),
];

#[test]
fn what_cannot_be_tried_is_said_where_it_is_written_by_check_dev_and_promote() {
    let stack = built();
    let clean = spec(&stack);
    for (image, text, expected) in CASES {
        let path = format!("spec/dev/{image}.toml");
        stack.write(&path, text);
        let before = spec(&stack);
        says(&stack.rdspec(&["check"]).expect(2), expected);
        says(&dev(&stack, &["child"]).expect(2), expected);
        if *image == "base" {
            says(&dev(&stack, &["promote"]).expect(2), expected);
        }
        stack.rdspec(&["generate"]).expect(0);
        assert_eq!(spec(&stack), before, "nothing is written");
        fs::remove_dir_all(stack.path("spec/dev")).unwrap();
    }
    assert_eq!(spec(&stack), clean);
}
