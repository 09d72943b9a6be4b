//! `rdspec ci github`, and the workflow as a part of what is generated.

use std::fs;

use crate::harness::{Stack, rdspec, run};

const PATH: &str = ".github/workflows/images.yml";

fn with_table() -> Stack {
    let stack = Stack::small();
    stack.edit("spec/stack.toml", "[variants.two]", "[ci]\nbranch = \"trunk\"\n\n[variants.two]");
    stack.write("Cargo.toml", "");
    stack
}

#[test]
fn with_a_table_it_is_generated_and_compared_like_everything_else() {
    let stack = with_table();
    let run = stack.rdspec(&["generate"]).expect(0);
    assert!(run.stderr.contains("wrote .github/workflows/images.yml\n"), "{}", run.stderr);
    stack.rdspec(&["generate", "--check"]).expect(0);
    stack.rdspec(&["ci", "github", "--check"]).expect(0);
    stack.edit(PATH, "- trunk", "- main");
    for command in [&["generate", "--check"][..], &["ci", "github", "--check"]] {
        let run = stack.rdspec(command).expect(1);
        assert!(run.stdout.contains("-      - main\n+      - trunk\n"), "{}", run.stdout);
        assert!(run.stdout.contains(&format!("--- a/{PATH}\n")), "{}", run.stdout);
    }
    let run = stack.rdspec(&["generate"]).expect(0);
    assert_eq!(run.stderr, format!("wrote {PATH}\n"));
    stack.rdspec(&["generate", "--check"]).expect(0);
}

#[test]
fn without_a_table_it_is_written_when_asked_for_and_compared_when_asked_for() {
    let stack = Stack::small_and_generated();
    assert!(!stack.path(".github").exists());
    let run = stack.rdspec(&["ci", "github", "--check"]).expect(1);
    assert!(run.stderr.contains("run `rdspec ci github` and commit"), "{}", run.stderr);
    let run = stack.rdspec(&["ci", "github"]).expect(0);
    assert!(run.stderr.contains("say in [ci.rdspec] where it comes from"), "{}", run.stderr);
    let text = fs::read_to_string(stack.path(PATH)).unwrap();
    assert!(text.contains("Written by `rdspec ci github` from spec/stack.toml"), "{text}");
    stack.rdspec(&["ci", "github", "--check"]).expect(0);
    stack.edit(PATH, "- main", "- mine");
    stack.rdspec(&["generate"]).expect(0);
    stack.rdspec(&["generate", "--check"]).expect(0);
    assert!(fs::read_to_string(stack.path(PATH)).unwrap().contains("- mine"));
}

/// A team that comes from a workflow of its own has it under this very name.
#[test]
fn a_workflow_of_somebody_else_stays() {
    let mine = "# By hand\nname: Mine\n";
    let stack = with_table();
    stack.write(PATH, mine);
    for command in [&["generate"][..], &["generate", "--check"], &["ci", "github"]] {
        let run = stack.rdspec(command).expect(2);
        assert!(run.stderr.contains(&format!("{PATH} is no file of rdspec")), "{}", run.stderr);
        assert_eq!(fs::read_to_string(stack.path(PATH)).unwrap(), mine);
    }
    assert!(!stack.path("generated").exists());
    stack.write(PATH, "");
    stack.rdspec(&["generate"]).expect(0);
    stack.rdspec(&["generate", "--check"]).expect(0);
}

#[test]
fn a_stack_below_the_top_of_a_repository_hears_of_it() {
    let stack = with_table();
    let says = "the stack lies below that of";
    assert!(!stack.rdspec(&["generate"]).expect(0).stderr.contains(says));
    let below = stack.path("below");
    fs::create_dir(&below).unwrap();
    fs::rename(stack.path("spec"), below.join("spec")).unwrap();
    fs::create_dir(stack.path(".git")).unwrap();
    let run = run(rdspec().arg("-C").arg(below).arg("generate")).expect(0);
    assert!(run.stderr.contains(says), "{}", run.stderr);
}

/// What is published from here is what is tested from here.
#[test]
fn both_workflows_of_this_repository_are_of_one_branch() {
    let root = crate::harness::repository();
    let images = fs::read_to_string(root.join(PATH)).unwrap();
    let (_, branch) = images.split_once("    branches:\n      - ").unwrap();
    let branch = branch.lines().next().unwrap();
    let test = fs::read_to_string(root.join(".github/workflows/test.yml")).unwrap();
    assert!(test.contains(&format!("branches: [{branch}]")), "{branch}");
}

#[test]
fn without_the_source_that_it_compiles_it_is_written_with_a_warning_and_check_finds_it() {
    let stack = with_table();
    fs::remove_file(stack.path("Cargo.toml")).unwrap();
    for command in [&["generate"][..], &["ci", "github"]] {
        let run = stack.rdspec(command).expect(0);
        assert_eq!(run.stderr.matches("warning").count(), 1, "{}", run.stderr);
        assert!(run.stderr.contains("warning[missing-source]: "), "{}", run.stderr);
        assert!(run.stderr.contains("| [ci]\n"), "{}", run.stderr);
    }
    let run = stack.rdspec(&["check"]).expect(1);
    assert!(run.stdout.contains("there is no Cargo.toml"), "{}", run.stdout);
    stack.edit("spec/stack.toml", "[ci]\n", "[ci]\nrdspec = { path = \"tools/rdspec\" }\n");
    stack.write("Cargo.toml", "");
    let run = stack.rdspec(&["check"]).expect(1);
    assert!(run.stdout.contains("there is no tools/rdspec/Cargo.toml"), "{}", run.stdout);
    stack.write("tools/rdspec/Cargo.toml", "");
    stack.rdspec(&["check"]).expect(0);
    // It can be accepted, and no command that does not look for it says that this is for nothing.
    fs::remove_file(stack.path("tools/rdspec/Cargo.toml")).unwrap();
    let accept = "[accept]\nmissing-source = \"a submodule\"\n\n[ci]\n";
    stack.edit("spec/stack.toml", "[ci]\n", accept);
    for command in [&["check"][..], &["generate"], &["plan"]] {
        let run = stack.rdspec(command).expect(0);
        assert!(!run.stderr.contains("warning"), "{}", run.stderr);
    }
}

#[test]
fn a_stack_that_is_published_nowhere_has_none() {
    let stack = Stack::small();
    stack.edit("spec/stack.toml", "registry = \"registry.example.org\"\n", "");
    let run = stack.rdspec(&["ci", "github"]).expect(2);
    assert!(run.stderr.contains("registry = \"…\" in [stack]"), "{}", run.stderr);
    stack.rdspec(&["ci", "gitlab"]).expect(2);
}

#[test]
fn other_files_of_the_folder_stay_and_one_image_leaves_the_workflow_alone() {
    let stack = with_table();
    stack.write(".github/workflows/mine.yml", "name: mine\n");
    stack.write("README.md", "mine");
    stack.rdspec(&["generate", "base"]).expect(0);
    assert!(!stack.path(PATH).exists());
    stack.rdspec(&["generate"]).expect(0);
    stack.edit("spec/stack.toml", "[ci]\nbranch = \"trunk\"\n", "");
    stack.rdspec(&["generate"]).expect(0);
    for kept in [".github/workflows/mine.yml", "README.md", PATH] {
        assert!(stack.path(kept).exists(), "{kept}");
    }
}
