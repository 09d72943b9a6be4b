//! Experiments through the command line: `rdspec dev`, `rdspec dev promote`, `rdspec dev reset` and what they say.

mod kept;
mod mistakes;

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use rdspec::dev::experiments::{Experiments, apply};
use rdspec::diagnostic::Diagnostics;
use rdspec::source::ChangedFile;
use rdspec::workspace::Workspace;

use super::dev::{CHILD, built, command, dev, dockerfile};
use crate::harness::{Run, Stack, compiled, contents, files_below, run};

const EXPERIMENTS: &str = r#"# What is tried this week
[experiments.search]
install = ["ripgrep"]
env = { PAGER = "less" }

# A theme for everybody
[experiments.theme.copy."/usr/share/theme"]
"#;

/// A built stack with experiments on the image `child`.
fn stack() -> Stack {
    let stack = built();
    stack.write("spec/dev/child.toml", EXPERIMENTS);
    stack.write("spec/dev/child/theme/dark.css", "dark\n");
    stack
}

/// The bytes of every file of the spec.
fn spec(stack: &Stack) -> BTreeMap<String, Vec<u8>> {
    let files = files_below(&stack.path("spec")).into_iter();
    files.map(|(path, file)| (path, file.bytes)).collect()
}

#[track_caller]
fn says(run: &Run, words: &[&str]) {
    let said = format!("{}{}", run.stdout, run.stderr);
    for words in words {
        assert!(said.contains(words), "no {words:?} in {said}");
    }
}

#[test]
fn a_late_layer_that_fails_names_the_line_of_the_experiment() {
    let stack = stack();
    let told = "#5 [2/4] RUN bash /run/dev.apt.sh\n#5 0.1 E: Unable to locate package ripgrep\n#5 ERROR: exit code: 100";
    let mut dev = command(&stack, &["dev", "child"]);
    let run = run(dev.env("FAIL_ON", "-dev").env("FAIL_WITH", told)).expect(4);
    says(&run, &["--> spec/dev/child.toml:3:", "3 | install = [\"ripgrep\"]", "this package"]);
}

/// The experiment changes a file, and what fails is another value of it.
#[test]
fn a_late_layer_that_fails_names_the_value_that_is_at_fault() {
    let stack = stack();
    let search = "[experiments.search]\ncomponent = \"tool\"\nenv = { PAGER = \"less\" }\n";
    stack.write("spec/dev/child.toml", search);
    std::fs::remove_dir_all(stack.path("spec/dev/child")).unwrap();
    stack.edit("spec/components/tool.toml", "\"sudo\"", "\"sudo\", \"treee\"");
    stack.edit("spec/components/tool.toml", "\"echo building\"", "\"echo building\"\nundo = \":\"");
    let told = "#5 [3/5] RUN bash /run/dev.apt.sh\n#5 0.1 E: Unable to locate package treee\n#5 ERROR: exit code: 100";
    let mut dev = command(&stack, &["dev", "child"]);
    let run = run(dev.env("FAIL_ON", "-dev").env("FAIL_WITH", told)).expect(4);
    says(&run, &["--> spec/components/tool.toml:4:21", "this package"]);
}

#[test]
fn experiments_are_tried_and_touch_nothing_else() {
    let stack = stack();
    stack.rdspec(&["generate"]).expect(0);
    let before = (spec(&stack), stack.generated());
    says(&stack.rdspec(&["check"]).expect(0), &["nothing to report"]);
    stack.rdspec(&["generate", "--check"]).expect(0);
    let run = dev(&stack, &["child"]).expect(0);
    says(
        &run,
        &[
            "spec/dev/child.toml tries search, theme",
            "Packages that come: ripgrep",
            "Files of theme",
        ],
    );
    assert!(dockerfile(&stack).contains("PAGER=less"), "{}", dockerfile(&stack));
    // They are on the image that is meant, not below it.
    says(&dev(&stack, &["base"]).expect(0), &["nothing differs from what was built"]);
    assert_eq!((spec(&stack), stack.generated()), before);
    // What is built is what is without them.
    let build = run_build(&stack);
    assert!(!build.stderr.contains("tries"), "{}", build.stderr);
    says(&dev(&stack, &["child"]).expect(0), &["Packages that come: ripgrep"]);
}

fn run_build(stack: &Stack) -> Run {
    run(&mut command(stack, &["build"])).expect(0)
}

#[test]
fn promote_writes_what_was_tried() {
    let stack = stack();
    let workspace = Workspace::new(stack.root());
    let files = workspace.load().unwrap();
    let plain = compiled(&files);
    let mut found = Diagnostics::default();
    let read = Experiments::read(&files, &plain, &mut found);
    let tried = apply(&files, &plain, &read.of_chain("child"), |_| true, &mut found).unwrap();
    dev(&stack, &["child"]).expect(0);
    let late = dockerfile(&stack);

    let before = spec(&stack);
    let shown = dev(&stack, &["promote", "--dry-run"]).expect(0);
    assert_eq!(spec(&stack), before, "a dry run writes nothing");
    let promoted = dev(&stack, &["promote"]).expect(0);
    assert_eq!(shown.stdout, promoted.stdout);
    says(
        &promoted,
        &[
            "--- a/spec/stack.toml",
            "+components = [\"extra\", \"search\", \"theme\"]",
            "--- a/spec/dev/child.toml\n+++ /dev/null",
            "promoted search, theme: ",
            "`rdspec generate`",
        ],
    );
    assert!(!stack.path("spec/dev").exists());
    let mut wanted = contents(&tried.files);
    wanted.retain(|path, _| !path.starts_with("dev/"));
    assert_eq!(contents(&workspace.load().unwrap()), wanted);
    // The same layers differ from what was built as before, and a full build has them.
    dev(&stack, &["child"]).expect(0);
    assert_eq!(dockerfile(&stack), late);
    run_build(&stack);
    says(&dev(&stack, &["child"]).expect(0), &["nothing differs from what was built"]);
    says(&dev(&stack, &["promote"]).expect(0), &["there are no experiments in spec/dev/"]);
}

#[test]
fn a_part_of_the_experiments_is_promoted_or_dropped_and_the_rest_keeps_its_comments() {
    let stack = stack();
    dev(&stack, &["promote", "child", "search"]).expect(0);
    let left = fs::read_to_string(stack.path("spec/dev/child.toml")).unwrap();
    assert_eq!(left, "\n# A theme for everybody\n[experiments.theme.copy.\"/usr/share/theme\"]\n");
    let component = fs::read_to_string(stack.path("spec/components/search.toml")).unwrap();
    assert!(component.starts_with("# What is tried this week\nsummary = "), "{component}");
    assert!(stack.path("spec/dev/child/theme/dark.css").exists(), "the other one copies it");

    let before = spec(&stack);
    stack.write("spec/dev/child.toml", EXPERIMENTS.replace("search", "find"));
    let run = dev(&stack, &["reset", "child", "theme"]).expect(0);
    says(&run, &["-[experiments.theme.copy.\"/usr/share/theme\"]", "-dark"]);
    let left = fs::read_to_string(stack.path("spec/dev/child.toml")).unwrap();
    assert!(left.starts_with("# What is tried this week\n[experiments.find]\n"), "{left}");
    assert!(!left.contains("theme") && !stack.path("spec/dev/child").exists(), "{left}");
    let mut after = spec(&stack);
    after.retain(|path, _| !path.starts_with("dev/"));
    assert!(after.iter().all(|(path, bytes)| before.get(path) == Some(bytes)));
}

#[test]
fn reset_drops_what_it_shows_and_keeps_what_it_cannot_show() {
    let stack = stack();
    stack.write("spec/dev/child/theme/logo.png", [0x89, b'P', 0xff]);
    let before = spec(&stack);
    let shown = dev(&stack, &["reset", "--dry-run"]).expect(0);
    assert_eq!(spec(&stack), before, "a dry run drops nothing");
    let run = dev(&stack, &["reset"]).expect(0);
    assert_eq!(shown.stdout, run.stdout);
    for line in EXPERIMENTS.lines() {
        says(&run, &[&format!("-{line}\n")]);
    }
    says(
        &run,
        &["-dark\n", "spec/dev/child/theme/logo.png is no text that could be shown, so it stays"],
    );
    assert!(!stack.path("spec/dev/child.toml").exists());
    assert!(stack.path("spec/dev/child/theme/logo.png").exists());
    // What has mistakes can be dropped as well.
    stack.write("spec/dev/base.toml", "[experiments");
    dev(&stack, &["reset", "base"]).expect(0);
    assert!(!stack.path("spec/dev/base.toml").exists());
}

#[test]
fn promote_changes_no_byte_but_its_own() {
    let stack = built();
    let component = "\u{feff}# The tool\r\nsummary = 'A tool' # short\r\n\r\n[apt]\r\n# sorted\r\npackages = [\r\n\t'sudo', # why\r\n]\r\n\
        \r\n[environment]\r\n'COLOUR' = 'green' # or blue\r\n\r\n[check]\r\nrun = 'true'";
    stack.write("spec/components/tool.toml", component);
    stack.write("spec/resources/tool/tool", "");
    fs::remove_dir_all(stack.path("spec/resources")).unwrap();
    stack.write("spec/dev/base.toml", "[experiments.x]\ncomponent = 'tool'\ninstall = ['tree']\nenv = { COLOUR = 'blue', SHAPE = 'round' }\nwrite.'/etc/x' = { content = 'x' }\n");
    dev(&stack, &["promote"]).expect(0);
    let after = fs::read_to_string(stack.path("spec/components/tool.toml")).unwrap();
    let wanted = component
        .replace("'sudo', # why\r\n", "'sudo', # why\r\n\t\"tree\",\r\n")
        .replace("'green' # or blue\r\n", "\"blue\" # or blue\r\nSHAPE = \"round\"\r\n")
        + "\r\n\r\n[files.\"/etc/x\"]\r\ncontent = \"x\"\r\n";
    assert_eq!(after, wanted);
    stack.rdspec(&["check"]).expect(0);
}

#[test]
fn work_that_is_in_no_commit_stays_and_is_named() {
    let stack = stack();
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        let identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"];
        run(git.arg("-C").arg(stack.root()).args(identity).args(arguments)).expect(0)
    };
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message", "First"]);
    assert!(!dev(&stack, &["promote", "--dry-run"]).expect(0).stderr.contains("git"));
    stack.edit("spec/stack.toml", "[images.child]", "# mine\n[images.child]");
    stack.edit("spec/dev/child.toml", "less", "more");
    let run = dev(&stack, &["promote"]).expect(0);
    says(
        &run,
        &[
            "spec/stack.toml has changes that git has not: they stay",
            "spec/dev/child.toml was not in git as it is: what it said is in the diff above",
        ],
    );
    let text = fs::read_to_string(stack.path("spec/stack.toml")).unwrap();
    assert!(text.contains("# mine\n[images.child]") && text.contains("\"search\""), "{text}");
}

#[test]
fn all_mistakes_are_said_at_once_with_those_of_the_spec() {
    let stack = built();
    stack.write("spec/dev/base.toml", "[experiments.x]\ninstal = []\n");
    stack.write("spec/dev/child.toml", "[experiments.y]\nrn = ''\n");
    let found = stack.rdspec(&["check"]).expect(2);
    says(&found, &["no key `instal`", "no key `rn`", "2 errors"]);
    stack.edit("spec/components/tool.toml", "[apt]", "[appt]");
    says(&stack.rdspec(&["check"]).expect(2), &["no key `appt`", "no key `instal`", "no key `rn`"]);
}

#[test]
fn which_experiments_are_meant_has_to_be_clear() {
    let stack = stack();
    says(
        &dev(&stack, &["promote", "chid"]).expect(2),
        &["no image `chid`", "did you mean `child`?"],
    );
    says(
        &dev(&stack, &["promote", "base"]).expect(2),
        &["no experiments for `base`: spec/dev/base.toml does not exist"],
    );
    says(
        &dev(&stack, &["promote", "child", "serch"]).expect(2),
        &["no experiment `serch`", "did you mean `search`?"],
    );
    says(&dev(&stack, &["reset", "chid"]).expect(2), &["no experiments for `chid`"]);
    stack.write("spec/dev/base.toml", "[experiments.x]\ninstall = ['tree']\n");
    for what in ["promote", "reset"] {
        says(&dev(&stack, &[what]).expect(2), &["which image is meant?", "base, child"]);
    }
    stack.write("spec/dev/child/other.css", "x");
    says(
        &stack.rdspec(&["check"]).expect(1),
        &["warning[unused-resource]", "no experiment copies spec/dev/child/other.css"],
    );
}

#[test]
fn a_baseline_that_is_gone_and_too_many_layers_lose_no_experiment() {
    let stack = stack();
    let before = spec(&stack);
    let many = run(command(&stack, &["dev", "child"]).env("LAYERS", "126"));
    says(&many.expect(1), &["would have 129 layers, 3 of them late", "engines stack 127"]);
    fs::remove_file(stack.path("store").join(format!("{}-built", CHILD.replace('/', "+"))))
        .unwrap();
    says(&dev(&stack, &["child"]).expect(4), &["is gone from docker", "`rdspec build child`"]);
    // What stands before a script that cannot be taken back is refused with what helps.
    stack.write("spec/dev/child.toml", "[experiments.x]\nbefore = 'tool'\nrun = 'true'\n");
    says(
        &dev(&stack, &["child"]).expect(1),
        &["the script of tool has to run again: it uses what changed in x", "say it as `undo`"],
    );
    stack.write("spec/dev/child.toml", EXPERIMENTS);
    assert_eq!(spec(&stack), before);
}

#[test]
fn what_is_in_the_way_is_found_before_anything_is_written() {
    let stack = stack();
    // A folder where the new component's file would be.
    fs::create_dir_all(stack.path("spec/components/theme.toml/in-the-way")).unwrap();
    let before = spec(&stack);
    let run = dev(&stack, &["promote"]);
    assert_eq!(run.status, Some(4), "{}", run.stderr);
    assert_eq!(spec(&stack), before);
}

fn change(path: &str, before: Option<&str>, after: Option<&str>) -> ChangedFile {
    let bytes = |text: &str| text.as_bytes().to_vec().into();
    ChangedFile { path: path.to_owned(), before: before.map(bytes), after: after.map(bytes) }
}

#[test]
fn a_file_that_cannot_be_written_leaves_every_file_as_it_was() {
    let stack = stack();
    let before = spec(&stack);
    let old = fs::read_to_string(stack.path("spec/stack.toml")).unwrap();
    // The second one is in the way of the third only when it is written.
    let changes = [
        change("stack.toml", Some(&old), Some("new\n")),
        change("a", None, Some("x")),
        change("a/b", None, Some("y")),
        change("dev/child.toml", Some(EXPERIMENTS), None),
    ];
    let workspace = Workspace::new(stack.root());
    let writing = workspace.writing().unwrap();
    let error = workspace.change_spec(&changes, &writing).unwrap_err();
    assert!(format!("{error:#}").contains("spec/a/b"), "{error:#}");
    assert!(!stack.path("spec/a").exists());
    assert_eq!(spec(&stack), before);
}

#[test]
fn a_spec_that_changed_since_it_was_read_is_not_written() {
    let stack = stack();
    let workspace = Workspace::new(stack.root());
    let writing = workspace.writing().unwrap();
    let before = spec(&stack);
    for changed in [
        change("dev/child/theme/dark.css", Some("light\n"), None),
        change("dev/child/theme/dark.css", None, Some("new\n")),
        change("dev/child/theme/none.css", Some("none\n"), None),
    ] {
        let error = workspace.change_spec(&[change("new", None, Some("new\n")), changed], &writing);
        let said = error.unwrap_err().to_string();
        assert!(said.contains("has changed meanwhile: nothing was written"), "{said}");
    }
    assert_eq!(spec(&stack), before);
    let removed = change("dev/child/theme/dark.css", Some("dark\n"), None);
    workspace.change_spec(&[removed], &writing).unwrap();
    assert!(!stack.path("spec/dev/child").exists(), "folders with nothing in them go along");
}
