//! The late Dockerfile of each kind of change, and what cannot be done late.

use std::fmt::Write;

use rdspec::dev::{self, Late, Refusal, Request};
use rdspec::plan::TOOLS;
use rdspec::render::render_late;
use rdspec::source::SpecFiles;

use crate::harness::{compiled, contents};
use crate::spec_case;

/// The change of a spec: a file, what is in it, and what is to be in its place.
type Edit<'text> = (&'text str, &'text str, &'text str);

fn spec() -> SpecFiles {
    spec_case::parse(include_bytes!("spec.txt"))
}

fn changed(edits: &[Edit<'_>]) -> Result<Late, Vec<Refusal>> {
    let before = compiled(&spec());
    let mut files = contents(&spec());
    for (path, old, new) in edits {
        let text = String::from_utf8(files[*path].clone()).unwrap();
        assert!(text.contains(old), "{path} has no {old:?}");
        files.insert((*path).to_owned(), text.replace(old, new).into_bytes());
    }
    let after = compiled(&SpecFiles::new("spec", files));
    let (variant, image, base) = ("default", "child", "demo-child:latest-built");
    dev::difference(&Request { before: &before, after: &after, variant, image, base })
}

/// The Dockerfile and the scripts, without what all scripts have in common.
#[track_caller]
fn shown(edits: &[Edit<'_>]) -> String {
    let late = changed(edits).unwrap_or_else(|refusals| panic!("refused: {refusals:#?}"));
    let tree = render_late(&late).unwrap();
    let mut text = String::from_utf8(tree.get("Dockerfile").unwrap().bytes.to_vec()).unwrap();
    for (path, file) in tree.under(TOOLS) {
        let script = String::from_utf8_lossy(&file.bytes).into_owned();
        let own = script.split("\nunset LD_LIBRARY_PATH").nth(1).unwrap();
        let own = own.split("# Nothing temporary reaches the layer").next().unwrap();
        write!(text, "\n==> {path}\nunset LD_LIBRARY_PATH{own}").unwrap();
    }
    text
}

macro_rules! shows {
    ($($name:ident: $edits:expr,)*) => {$(
        #[test]
        fn $name() {
            insta::with_settings!({ snapshot_path => "../../snapshots/dev", prepend_module_to_snapshot => false }, {
                insta::assert_snapshot!(stringify!($name), shown($edits));
            });
        }
    )*};
}

shows! {
    a_changed_file_is_copied_over: &[("components/tool.toml", "green", "blue")],
    a_file_that_is_gone_is_removed_with_its_directories: &[("components/tool.toml", "[files.\"/etc/tool/deep/settings.conf\"]\ncontent = \"colour = green\\n\"\n", "")],
    a_package_that_comes_is_installed: &[("components/tool.toml", "\"jq\"", "\"jq\", \"tree\"")],
    a_package_that_goes_is_purged_with_what_it_brought: &[("components/tool.toml", "\"jq\"", "")],
    a_new_pin_is_installed_over_the_old_one_and_what_uses_it_runs: &[("components/pinned.toml", "1.0", "1.1"), ("components/pinned.toml", "3e1f", "3e2f")],
    a_changed_script_runs_after_its_undo: &[("components/made.toml", "echo one", "echo two")],
    variables_ports_and_programs_are_stated_in_full: &[("components/tool.toml", "COLOUR = \"green\"", "SHAPE = \"round\""), ("components/tool.toml", "ports = [8080]", "ports = [8081]")],
    a_component_that_is_gone_leaves_nothing: &[("stack.toml", ", \"going\"", "")],
    python_packages_are_installed_anew: &[("components/wheels.toml", "2.31.0", "2.32.0")],
}

#[test]
fn what_cannot_be_done_late_is_said_with_reason_and_alternative() {
    let cases: &[(&str, &[Edit<'_>])] = &[
        ("the base image is debian:trixie", &[("stack.toml", "debian:bookworm", "debian:trixie")]),
        (
            "the user is 1001:1000 and was 1000:1000",
            &[("stack.toml", "name = \"jovyan\"", "name = \"jovyan\"\nuid = 1001")],
        ),
        (
            "the name of the user is rocky",
            &[("stack.toml", "name = \"jovyan\"", "name = \"rocky\"")],
        ),
        ("the date of the packages is 2026-12-01", &[("stack.toml", "2026-11-23", "2026-12-01")]),
        (
            "source-date-epoch is 5",
            &[("stack.toml", "name = \"demo\"", "name = \"demo\"\nsource-date-epoch = 5")],
        ),
        (
            "the account server has the id 2999",
            &[("components/going.toml", "uid = 2001", "uid = 2999")],
        ),
        (
            "the volume /srv/data is gone",
            &[("components/extra.toml", "volumes = [\"/srv/data\"]", "")],
        ),
        (
            "jq comes with recommended packages",
            &[("components/tool.toml", "[\"jq\"]", "[\"jq\"]\nrecommends = true")],
        ),
    ];
    for (expected, edits) in cases {
        let refusals = match changed(edits) {
            Ok(late) => panic!("{expected}: done late, as {:#?}", late.plan.layers),
            Err(refusals) => refusals,
        };
        let found = refusals.iter().find(|refusal| refusal.what.starts_with(expected));
        let found = found.unwrap_or_else(|| panic!("{expected}: refused is {refusals:#?}"));
        assert!(!found.why.is_empty() && !found.instead.is_empty());
    }
}

#[test]
fn a_script_without_an_undo_does_not_run_twice() {
    let refusals = changed(&[("components/bare.toml", "echo one", "echo two")]).unwrap_err();
    assert_eq!(refusals.len(), 1, "{refusals:#?}");
    assert_eq!(refusals[0].what, "the script of bare has to run again: it changed");
    // What is said now serves for what was done then.
    let edits =
        [("components/bare.toml", "run = \"echo one\"", "run = \"echo two\"\nundo = \":\"")];
    assert!(changed(&edits).is_ok());
}

#[test]
fn what_used_a_download_that_is_gone_runs_again() {
    let (_, pinned) = include_str!("spec.txt").split_once("[downloads.pinned]").unwrap();
    let (pinned, _) = pinned.split_once("-- ").unwrap();
    let block = format!("[downloads.pinned]{pinned}");
    let late = changed(&[("components/pinned.toml", &block, "")]).unwrap();
    let scripts: Vec<&str> = late.plan.scripts.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(scripts, ["dev.undo.consumer.sh", "dev.remove.sh", "consumer.sh"]);
}

#[test]
fn nothing_differs_from_itself() {
    let late = changed(&[]).unwrap();
    assert!(!late.is_change && late.plan.layers.is_empty());
    // An undo is for dev alone: it changes no image.
    let late = changed(&[("components/made.toml", "rm -r /opt/made", "rm -rf /opt/made")]).unwrap();
    assert!(!late.is_change);
}
