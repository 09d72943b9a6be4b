//! Experiments of each kind: what they become in the spec, and the late layers that try them.

use std::collections::BTreeMap;
use std::fmt::Write;

use proptest::prelude::*;
use rdspec::compile::Output;
use rdspec::dev::experiments::{self, Experiments, Tried};
use rdspec::dev::{self, Request};
use rdspec::diagnostic::{Diagnostics, Severity};
use rdspec::plan::TOOLS;
use rdspec::render::render_late;
use rdspec::source::SpecFiles;
use rdspec::splice::{Edit, splice};
use rdspec::workspace::diff::unified;

use crate::harness::{compiled, contents};
use crate::spec_case;

/// The spec with experiments on an image, and files beside them.
fn spec(image: &str, text: &str) -> SpecFiles {
    let mut files = contents(&spec_case::parse(include_bytes!("spec.txt")));
    files.insert(format!("dev/{image}.toml"), text.as_bytes().to_vec());
    for (path, text) in [("theme/dark.css", "dark\n"), ("theme/deep/light.css", "light\n")] {
        files.insert(format!("dev/{image}/{path}"), text.as_bytes().to_vec());
    }
    SpecFiles::new("spec", files)
}

#[track_caller]
fn tried(image: &str, text: &str) -> (Output, Tried, Output) {
    let files = spec(image, text);
    let plain = compiled(&files);
    let mut found = Diagnostics::default();
    let read = Experiments::read(&files, &plain, &mut found);
    let tried = experiments::apply(&files, &plain, &read.of_chain("child"), |_| true, &mut found);
    let tried = tried.unwrap_or_else(|| panic!("{:#?}", found.into_sorted()));
    let after = experiments::compiled(&files, &[], &tried).unwrap();
    let output = after.output.unwrap_or_else(|| panic!("{:#?}", after.diagnostics));
    (plain, tried, output)
}

/// What becomes of the spec, and the late layers.
#[track_caller]
fn shown(image: &str, text: &str) -> String {
    let (before, tried, after) = tried(image, text);
    let mut shown = String::new();
    for changed in &tried.changed {
        shown += &unified(&changed.path, changed.before.as_deref(), changed.after.as_deref());
    }
    let (variant, image, base) = ("default", "child", "demo-child:latest-built");
    let request = Request { before: &before, after: &after, variant, image, base };
    let late = dev::difference(&request).unwrap_or_else(|refusals| panic!("{refusals:#?}"));
    for layer in &late.plan.layers {
        writeln!(shown, "==> layer: {}", layer.comment).unwrap();
    }
    shown
}

macro_rules! shows {
    ($($name:ident: $image:expr, $text:expr,)*) => {$(
        #[test]
        fn $name() {
            insta::with_settings!({ snapshot_path => "../../snapshots/dev", prepend_module_to_snapshot => false }, {
                insta::assert_snapshot!(stringify!($name), shown($image, $text));
            });
        }
    )*};
}

shows! {
    an_experiment_becomes_a_component_at_the_end: "child", "[experiments.search]\nsummary = \"Search\"\ninstall = [\"ripgrep\", { default = \"fd-find\" }]\nenv = { RIPGREP_CONFIG_PATH = \"/etc/ripgreprc\" }\nrun = \"rg --version\"\n\n[experiments.search.write.\"/etc/ripgreprc\"]\ncontent = \"--smart-case\\n\"\nmode = \"0640\"\n\n[experiments.search.copy.\"/usr/share/theme\"]\n",
    what_is_owned_changes_where_it_is: "child", "[experiments.owned]\nenv = { COLOUR = \"blue\" }\ninstall = [\"jq\"]\n[experiments.owned.write.\"/etc/tool/deep/settings.conf\"]\ncontent = \"colour = blue\\n\"\nmode = \"0600\"\n",
    an_experiment_before_a_component_is_done_before_what_uses_it: "child", "[experiments.patch]\nbefore = \"consumer\"\nrun = '''\necho patch >/opt/patch\n'''\nundo = \"rm /opt/patch\"\n[experiments.patch.write.\"/etc/patch it.conf\"]\ncontent = \"patch\\n\"\nmode = \"0600\"\n",
    a_script_grows_in_its_component: "base", "[experiments.more]\ncomponent = \"made\"\nrun = \"echo two >/opt/made/two\"\nundo = \"rm /opt/made/two\"\nwritable = [\"/opt/made\", \"/opt/more\"]\n",
    what_is_removed_goes_where_it_is: "base", "[experiments.less]\n[experiments.less.remove]\npackages = [\"jq\", \"nano\"]\npaths = [\"/usr/local/bin/going\"]\ncomponents = [\"wheels\"]\n",
}

#[test]
fn the_late_script_of_an_experiment_is_that_of_the_promoted_component() {
    let text = "[experiments.patch]\nbefore = \"consumer\"\nrun = \"echo patch >/opt/patch\"\n";
    let (before, _, after) = tried("child", text);
    let (variant, image, base) = ("default", "child", "demo-child:latest-built");
    let late = dev::difference(&Request { before: &before, after: &after, variant, image, base });
    let tree = render_late(&late.unwrap()).unwrap();
    let promoted = after.tree.get(&format!("base/{TOOLS}/patch.sh")).unwrap();
    let own = |text: &[u8]| {
        let text = String::from_utf8_lossy(text).into_owned();
        text.split("\n# A home and a temporary folder").nth(1).unwrap().to_owned()
    };
    let late = tree.get(&format!("{TOOLS}/patch.sh")).unwrap();
    assert_eq!(own(&late.bytes), own(&promoted.bytes));
    let dockerfile = String::from_utf8_lossy(&tree.get("Dockerfile").unwrap().bytes).into_owned();
    insta::with_settings!({ snapshot_path => "../../snapshots/dev", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("the_late_dockerfile_of_an_experiment", dockerfile);
    });
}

#[test]
fn a_spec_is_the_same_with_and_without_experiments() {
    let with = spec("base", "[experiments.x]\ninstall = [\"tree\"]\n");
    let without = spec_case::parse(include_bytes!("spec.txt"));
    assert_eq!(compiled(&with).tree, compiled(&without).tree);
    // Even where they are no TOML.
    assert_eq!(compiled(&spec("base", "[experiments")).tree, compiled(&without).tree);
}

#[test]
fn experiments_of_a_parent_are_tried_on_its_children() {
    let files = spec("base", "[experiments.x]\ninstall = [\"tree\"]\n");
    let plain = compiled(&files);
    let read = Experiments::read(&files, &plain, &mut Diagnostics::default());
    assert_eq!(read.of_chain("child").len(), 1);
    let files = spec("child", "[experiments.x]\ninstall = [\"tree\"]\n");
    let read = Experiments::read(&files, &plain, &mut Diagnostics::default());
    assert!(read.of_chain("base").is_empty());
}

/// A component of which a variant has lists and variables of its own, with resources.
const VARIED: &str = r#"-- stack.toml --
[stack]
name = "demo"

[apt]
refresh = "2026-11-23"

[images.base]
from = "debian:bookworm"
unpinned = "local"
components = ["tool"]

[variants.two]
-- components/tool.toml --
summary = "A tool"

[apt]
packages = ["jq", { default = "bsdtar", two = "libarchive-tools" }]

[files."/etc/tool/a.conf"]

[files."/etc/tool/b.conf"]
source = "shared.conf"

[files."/etc/tool/c.conf"]
source = "shared.conf"

[environment]
COLOUR = "one"

[script]
source = "build.sh"
undo = ":"

[variants.two.apt]
packages = ["jq"]

[variants.two.environment]
COLOUR = "two"
-- resources/tool/a.conf --
a
-- resources/tool/shared.conf --
shared
-- resources/tool/build.sh --
echo built
"#;

/// The spec with varied experiments, or what is wrong with them.
fn varied(text: &str) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let files = spec_case::parse(format!("{VARIED}-- dev/base.toml --\n{text}\n").as_bytes());
    let plain = compiled(&files);
    let mut found = Diagnostics::default();
    let read = Experiments::read(&files, &plain, &mut found);
    let tried = experiments::apply(&files, &plain, &read.of_chain("base"), |_| true, &mut found);
    let Some(tried) = tried else { return Err(format!("{:#?}", found.into_sorted())) };
    compiled(&tried.files);
    Ok(contents(&tried.files))
}

#[test]
fn what_a_variant_has_in_its_place_changes_as_well_and_resources_stay_resources() {
    let text = "[experiments.x]\ncomponent = 'tool'\ninstall = ['tree']\nenv = { COLOUR = 'tried' }\nrun = 'echo more'\nundo = ':'\n\
        write.'/etc/tool/a.conf' = { content = 'tried', mode = '0600' }\nremove = { packages = ['jq', 'bsdtar', 'libarchive-tools'] }";
    let files = varied(text).unwrap();
    let text = |path: &str| String::from_utf8(files[path].clone()).unwrap();
    let component = text("components/tool.toml");
    assert_eq!(component.matches("packages = [\"tree\"]").count(), 2, "{component}");
    assert_eq!(component.matches("COLOUR = \"tried\"").count(), 2, "{component}");
    assert!(component.contains("[files.\"/etc/tool/a.conf\"]\nmode = \"0600\"\n"), "{component}");
    assert_eq!(text("resources/tool/a.conf"), "tried");
    assert_eq!(text("resources/tool/build.sh"), "echo built\necho more\n");
    assert!(component.contains("\nundo = \":\"\n"), "{component}");
}

#[test]
fn several_experiments_are_one_edit_each_on_what_the_earlier_ones_made() {
    let text = "[experiments.b]\nrun = 'echo b'\n[experiments.a]\nbefore = 'tool'\ninstall = ['tree']\nrun = 'echo a'\n\
        [experiments.c]\nbefore = 'tool'\ncomponent = 'a'\nwrite.'/etc/c' = { content = 'c' }\n\
        [experiments.d]\nwrite.'/etc/d' = { content = 'd' }\n[experiments.e]\nwrite.'/etc/d' = { content = 'e' }\n";
    let files = varied(text).unwrap();
    let text = |path: &str| String::from_utf8(files[path].clone()).unwrap();
    assert!(text("components/tool.toml").contains("\nneeds = [\"a\"]\n"));
    let a = text("components/a.toml");
    assert!(a.contains("echo a\ninstall -D --mode=0644 \"$INPUTS\"/etc-c /etc/c\n"), "{a}");
    assert!(text("components/b.toml").contains("after = [\"tool\"]"));
    assert!(text("components/d.toml").contains("content = \"e\""));
    assert!(!files.contains_key("components/e.toml"));
}

#[test]
fn what_would_change_more_than_was_meant_is_refused() {
    for (text, message) in [
        (
            "write.'/etc/tool/b.conf' = { content = 'x' }",
            "several files of tool are made from shared.conf",
        ),
        ("remove = { packages = ['bsdtar'] }", "remove all of bsdtar, libarchive-tools"),
        ("component = 'tool'\nrun = 'true'\nuser = 'user'", "run by root, this by user"),
        (
            "component = 'tool'\nrun = 'true'",
            "the script of `tool` has an `undo`, which would not take this `run` back",
        ),
        ("undo = 'true'\ninstall = ['tree']", "`undo` of `x` is about `run`"),
    ] {
        let said = varied(&format!("[experiments.x]\n{text}")).unwrap_err();
        assert!(said.contains(message), "no {message:?} in {said}");
    }
}

/// In the files of this repository's stack, which people laid out as they like.
#[test]
fn what_comes_changes_no_byte_of_the_real_spec() {
    let files = crate::harness::spec();
    let path = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<String>>();
    let entry = toml::Table::from_iter([("content".to_owned(), toml::Value::from("x\n"))]);
    let edits = [
        Edit::Push { path: path(&["needs"]), values: vec!["other".into()] },
        Edit::Push { path: path(&["apt", "packages"]), values: vec!["tree".into()] },
        Edit::Set { path: path(&["environment", "TRIED"]), value: "x".into() },
        Edit::Set { path: path(&["files", "/etc/tried"]), value: entry.into() },
    ];
    let mut tried = 0;
    for file in files.paths().filter(|path| rdspec::parse::component_name(path).is_some()) {
        let text = std::str::from_utf8(files.get(file).unwrap()).unwrap();
        for edit in &edits {
            let found =
                splice(text, edit).unwrap_or_else(|_| panic!("{edit:?} does not fit {file}"));
            assert!(found.iter().all(|one| one.range.is_empty()), "{edit:?} in {file}: {found:?}");
            tried += 1;
        }
    }
    assert!(tried > 100, "{tried}");
}

/// Something of every key, to be mangled.
const EVERYTHING: &str = "[experiments.a]\nbefore = 'consumer'\ninstall = ['tree']\nenv = { COLOUR = 'x', B = 'y' }\nrun = 'true'\nundo = ':'\n\
    copy.'/usr/share/theme' = { source = 'theme', mode = '0600' }\nwrite.'/etc/a' = { content = 'a' }\n\
    [experiments.b]\ncomponent = 'tool'\nneeds = ['made']\nwritable = ['/opt/b']\nuser = 'root'\nrun = 'false'\n\
    [experiments.c.remove]\npackages = ['jq']\npaths = ['/usr/local/bin/going']\ncomponents = ['wheels']\n";

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever somebody types, it is tried or there is an error in the file of the experiments.
    #[test]
    fn mangled_experiments_are_errors_where_they_are(
        start in 0..EVERYTHING.len(), length in 0_usize..12, new in "[a-z'\\[\\]=\\n./{}é\"]{0,4}",
    ) {
        let end = (start + length).min(EVERYTHING.len());
        let text = [&EVERYTHING[..start], &new, &EVERYTHING[end..]].concat();
        let files = spec("base", &text);
        let found = experiments::check(&files, &compiled(&files), &[]).unwrap();
        for finding in &found {
            let path = files.path(finding.primary.span.file);
            prop_assert!(path.starts_with("dev/") || finding.severity() == Severity::Warning, "{finding:#?}");
        }
    }
}
