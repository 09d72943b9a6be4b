//! `rdspec add`: entries of components, written where they belong and with nothing else changed.

use crate::harness::{Run, Stack};

const COMPONENT: &str = "\u{feff}# A tool\r\nsummary = 'A tool'\r\n\r\n[apt] # from the archive\r\npackages = [\r\n    'jq', # reads JSON\r\n]\r\n";

/// A stack with one component and two images.
fn stack() -> Stack {
    let stack = Stack::small();
    std::fs::remove_dir_all(stack.path("spec")).unwrap();
    stack.write("spec/stack.toml", STACK);
    stack.write("spec/components/tool.toml", COMPONENT);
    stack.write("spec/components/late.toml", "summary = \"Late\"\n[environment]\nLATE = \"1\"\n");
    stack
}

const STACK: &str = "\
[stack]
name = \"added\"

[apt]
refresh = \"2026-11-23\"

[images.base] # the first
from = \"debian:bookworm\"
unpinned = \"made for a test\"
components = ['tool'] # one

[images.late]
extends = \"base\"
components = [\"late\"]
";

fn read(stack: &Stack, path: &str) -> String {
    std::fs::read_to_string(stack.path(path)).unwrap()
}

fn add(stack: &Stack, arguments: &[&str]) -> Run {
    stack.rdspec(&[&["add"], arguments].concat())
}

#[test]
fn packages_come_at_the_end_of_their_list() {
    let stack = stack();
    let run = add(&stack, &["apt", "git", "curl", "--component", "tool"]).expect(0);
    let after =
        COMPONENT.replace("reads JSON\r\n", "reads JSON\r\n    \"git\",\r\n    \"curl\",\r\n");
    assert_eq!(read(&stack, "spec/components/tool.toml"), after);
    assert!(run.stdout.contains("+    \"git\","), "{}", run.stdout);
    assert!(run.stderr.contains("when the image is built"), "{}", run.stderr);
    stack.rdspec(&["generate", "--check"]).expect(0);
    assert!(read(&stack, "generated/base/Dockerfile").contains("tool"));
}

#[test]
fn lists_of_variants_get_what_they_lack() {
    let stack = stack();
    stack.edit("spec/stack.toml", "[images.late]", "[variants.other]\n\n[images.late]");
    let own = format!("{COMPONENT}\r\n[variants.other.apt]\r\npackages = ['git']\r\n");
    stack.write("spec/components/tool.toml", &own);
    add(&stack, &["apt", "git", "--component", "tool"]).expect(0);
    let after = own.replace("reads JSON\r\n", "reads JSON\r\n    \"git\",\r\n");
    assert_eq!(read(&stack, "spec/components/tool.toml"), after);
    add(&stack, &["apt", "zip", "--component", "tool"]).expect(0);
    let after = after.replace("    \"git\",\r\n", "    \"git\",\r\n    \"zip\",\r\n");
    let after = after.replace("['git']", "['git', \"zip\"]");
    assert_eq!(read(&stack, "spec/components/tool.toml"), after);
}

#[test]
fn a_component_is_made_where_that_is_asked_for() {
    let stack = stack();
    let run = add(&stack, &["apt", "git", "--component", "tol"]).expect(2);
    assert!(run.stderr.contains("did you mean `tool`?"), "{}", run.stderr);
    let new = ["apt", "git", "--component", "vcs", "--new", "--summary", "Version \"control\""];
    let run = add(&stack, &new).expect(2);
    assert!(
        run.stderr.contains("which image gets `vcs`? --image takes one of base, late"),
        "{}",
        run.stderr
    );
    let run = add(&stack, &[&new[..], &["--image", "lat"]].concat()).expect(2);
    assert!(run.stderr.contains("did you mean `late`?"), "{}", run.stderr);
    assert_eq!(read(&stack, "spec/stack.toml"), STACK);

    add(&stack, &[&new[..], &["--image", "base"]].concat()).expect(0);
    let made = "summary = \"Version \\\"control\\\"\"\n\n[apt]\npackages = [\"git\"]\n";
    assert_eq!(read(&stack, "spec/components/vcs.toml"), made);
    let listed = STACK.replace("['tool'] # one", "['tool', \"vcs\"] # one");
    assert_eq!(read(&stack, "spec/stack.toml"), listed);
    stack.rdspec(&["generate", "--check"]).expect(0);
    let run = add(&stack, &[&new[..], &["--image", "base"]].concat()).expect(2);
    assert!(run.stderr.contains("there is a component `vcs` already"), "{}", run.stderr);
}

#[test]
fn what_is_wrong_or_there_already_changes_nothing() {
    let stack = stack();
    for (names, said) in [
        (&["jq"][..], "spec/components/tool.toml has the package `jq` already"),
        (&["git", "git"], "`git` is named twice"),
        (&["Git"], "the package \"Git\" contains 'G'"),
        (&["git=1"], "an exact version goes into `versions`"),
    ] {
        let run = add(&stack, &[&["apt", "--component", "tool"], names].concat()).expect(2);
        assert!(run.stderr.contains(said), "{names:?}: {}", run.stderr);
        assert_eq!(read(&stack, "spec/components/tool.toml"), COMPONENT);
    }
    let run = add(&stack, &["apt", "git", "--component", "tool", "--dry-run"]).expect(0);
    assert!(run.stdout.contains("+    \"git\","), "{}", run.stdout);
    assert_eq!(read(&stack, "spec/components/tool.toml"), COMPONENT);
    assert!(!stack.path("generated").exists());
}
