//! `rdspec plan`: layers, costs, the profile, and what a change since a revision rebuilds.

use serde_json::Value;

use crate::harness::{Stack, rdspec, repository, run};

fn plan(stack: &Stack, arguments: &[&str]) -> Vec<Value> {
    let arguments = [&["plan", "--format", "json"], arguments].concat();
    let run = stack.rdspec(&arguments).expect(0);
    serde_json::from_str(&run.stdout).unwrap()
}

fn names(image: &Value) -> Vec<&str> {
    let layers = image["layers"].as_array().unwrap();
    layers.iter().map(|layer| layer["name"].as_str().unwrap()).collect()
}

/// Layers by what the change does to them.
fn changes(image: &Value) -> Vec<(&str, &str)> {
    let layers = image["layers"].as_array().unwrap();
    layers
        .iter()
        .map(|layer| (layer["name"].as_str().unwrap(), layer["change"].as_str().unwrap()))
        .collect()
}

fn committed() -> Stack {
    let stack = Stack::small();
    stack.git(&["init", "--quiet"]);
    stack.git(&["add", "."]);
    stack.git(&["commit", "--quiet", "--message", "one"]);
    stack
}

#[test]
fn the_layers_are_named_and_priced_in_their_order() {
    let stack = Stack::small();
    let images = plan(&stack, &[]);
    assert_eq!(images.len(), 2);
    let base = &images[0];
    assert_eq!((&base["image"], &base["variant"]), (&"base".into(), &"one".into()));
    assert_eq!(names(base)[..4], ["bootstrap", "users", "apt-normal", "tool"], "{base:#}");
    assert!(names(base).contains(&"copy /usr/local/bin 0755"), "{base:#}");
    let apt = &base["layers"][2];
    assert_eq!(apt["owners"], serde_json::json!(["tool"]));
    assert_eq!((&apt["seconds"], &apt["rate"]), (&10.5.into(), &0.1.into()));
    assert_eq!(apt["measured"], false);
    assert_eq!(apt["inputs"].as_str().unwrap().len(), 16);
    assert_eq!(apt["reads"], serde_json::json!(["resources/tools/apt-normal.sh"]));
    let (expected, full) = (base["expected_seconds"].as_f64(), base["seconds"].as_f64());
    assert!(expected < full, "{base:#}");
}

#[test]
fn the_digest_is_the_one_of_the_dockerfile() {
    let stack = Stack::small_and_generated();
    let dockerfile = std::fs::read_to_string(stack.path("generated/base/Dockerfile")).unwrap();
    for layer in plan(&stack, &["base"])[0]["layers"].as_array().unwrap() {
        if layer["instruction"] == "run" {
            let digest = layer["inputs"].as_str().unwrap();
            assert!(dockerfile.contains(&format!("# inputs {digest}\n")), "{layer:#}");
        }
    }
}

#[test]
fn the_real_stack_saves_something() {
    let mut command = rdspec();
    command.arg("-C").arg(repository()).args(["plan", "--format", "json"]);
    let images: Vec<Value> = serde_json::from_str(&run(&mut command).expect(0).stdout).unwrap();
    let base = &images[0];
    let cost = |key: &str| base[key].as_f64().unwrap();
    assert!(cost("expected_seconds") <= cost("as_written_seconds") + 1e-9);
    assert!(cost("as_written_seconds") <= cost("worst_seconds") + 1e-9);
    assert!(cost("expected_seconds") < cost("worst_seconds"));
}

#[test]
fn the_text_says_the_same_to_people() {
    let stack = Stack::small();
    let text = stack.rdspec(&["plan", "base"]).expect(0).stdout;
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "base (one) on debian:bookworm");
    assert!(lines[1].starts_with("  layer "), "{text}");
    let apt = lines.iter().find(|line| line.contains("apt-normal")).unwrap();
    assert!(apt.contains("~10.5   10.0 %") && apt.ends_with("tool"), "{text}");
    assert!(text.contains("a full build: "), "{text}");
    assert!(text.contains("the order saves "), "{text}");
    assert!(!text.contains("child"), "{text}");
}

#[test]
fn a_profile_replaces_guesses_and_moves_layers_and_nothing_else_does() {
    let stack = Stack::small();
    stack.edit("spec/components/tool.toml", "[script]", "[downloads.data]\nurl = \"https://example.org/data\"\nsha256 = \"6c3c624b58dbbcd3c0dd82b4c53f04194d1247c6eebdaab7c610cf7d66709b3b\"\ninstall = { to = \"/usr/local/share/data\" }\n\n[script]");
    stack.edit("spec/stack.toml", "components = [\"tool\"]", "components = [\"tool\", \"other\"]");
    stack.write("spec/components/other.toml", "summary = \"x\"\n[script]\nrun = \"true\"\n");
    let order = |stack: &Stack| {
        let images = plan(stack, &["base"]);
        names(&images[0]).iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()
    };
    let position =
        |order: &[String], name: &str| order.iter().position(|other| other == name).unwrap();
    let guessed = order(&stack);
    assert!(position(&guessed, "tool") < position(&guessed, "other"), "{guessed:?}");
    stack.write(
        "spec/profile.toml",
        "version = 1\n[layers.one.base.other]\nseconds = 600\nrate = 0.001\nbytes = 7\n[layers.one.gone.gone]\nseconds = 1\n",
    );
    let measured = order(&stack);
    assert!(position(&measured, "other") < position(&measured, "tool"), "{measured:?}");
    let images = plan(&stack, &["base"]);
    let other = images[0]["layers"]
        .as_array()
        .unwrap()
        .iter()
        .find(|layer| layer["name"] == "other")
        .unwrap();
    assert_eq!(other["measured"], true);
    assert_eq!((&other["seconds"], &other["bytes"]), (&600.0.into(), &7.into()));
    assert_eq!(order(&stack), measured);
}

#[test]
fn a_change_rebuilds_its_layer_and_what_follows() {
    let stack = committed();
    let unchanged = plan(&stack, &["--since", "HEAD"]);
    assert!(changes(&unchanged[0]).iter().all(|(_, change)| *change == "kept"), "{unchanged:#?}");
    assert_eq!(unchanged[0]["rebuilt_seconds"], 0.0);
    stack.edit("spec/components/tool.toml", "echo building", "echo differently");
    let images = plan(&stack, &["--since", "HEAD"]);
    let base = changes(&images[0]);
    let at = base.iter().position(|(name, _)| *name == "tool").unwrap();
    assert_eq!(base[at].1, "changed");
    assert!(base[..at].iter().all(|(_, change)| *change == "kept"), "{base:?}");
    assert!(base[at + 1..].iter().all(|(_, change)| *change == "follows"), "{base:?}");
    assert!(changes(&images[1]).iter().all(|(_, change)| *change == "follows"), "{images:#?}");
    let text = stack.rdspec(&["plan", "base", "--since", "HEAD"]).expect(0).stdout;
    assert!(text.contains("the change rebuilds "), "{text}");
}

#[test]
fn prose_rebuilds_nothing_and_a_file_only_its_copy_and_later_ones() {
    let stack = committed();
    stack.edit("spec/components/tool.toml", "summary = \"A tool\"", "summary = \"The tool\"");
    let images = plan(&stack, &["--since", "HEAD"]);
    assert!(changes(&images[0]).iter().all(|(_, change)| *change == "kept"), "{images:#?}");
    stack.edit("spec/resources/tool/tool", "echo tool", "echo better");
    let images = plan(&stack, &["base", "--since", "HEAD"]);
    let base = changes(&images[0]);
    let changed: Vec<_> = base.iter().filter(|(_, change)| *change == "changed").collect();
    assert_eq!(changed, [&("copy /usr/local/bin 0755", "changed")]);
}

#[test]
fn new_and_removed_layers_are_named() {
    let stack = committed();
    stack.edit("spec/components/tool.toml", "[script]\nrun = \"echo building\"\n", "");
    stack.write("spec/components/extra.toml", "summary = \"x\"\n[script]\nrun = \"true\"\n");
    let images = plan(&stack, &["--since", "HEAD"]);
    assert_eq!(images[0]["removed"], serde_json::json!(["tool"]));
    assert!(changes(&images[1]).contains(&("extra", "new")), "{images:#?}");
}

#[test]
fn links_in_the_spec_are_followed_in_a_revision() {
    let stack = Stack::small();
    std::fs::rename(stack.path("spec/resources/tool/tool"), stack.path("spec/shared")).unwrap();
    std::os::unix::fs::symlink("../../shared", stack.path("spec/resources/tool/tool")).unwrap();
    stack.git(&["init", "--quiet"]);
    stack.git(&["add", "."]);
    stack.git(&["commit", "--quiet", "--message", "one"]);
    let images = plan(&stack, &["--since", "HEAD"]);
    assert!(changes(&images[0]).iter().all(|(_, change)| *change == "kept"), "{images:#?}");
}

#[test]
fn what_is_not_there_is_said() {
    let stack = committed();
    let said = |arguments: &[&str]| stack.rdspec(arguments).expect(2).stderr;
    assert!(said(&["plan", "bsae"]).contains("did you mean `base`?"));
    assert!(said(&["plan", "--variant", "tow"]).contains("did you mean `two`?"));
    assert!(said(&["plan", "--since", "nowhere"]).contains("there is no git revision \"nowhere\""));
    stack.git(&["rm", "-r", "--quiet", "--cached", "spec"]);
    stack.git(&["commit", "--quiet", "--message", "two"]);
    assert!(said(&["plan", "--since", "HEAD"]).contains("has no folder spec"));
    stack.edit("spec/stack.toml", "[stack]", "[stakc]");
    stack.git(&["add", "."]);
    stack.git(&["commit", "--quiet", "--message", "three"]);
    stack.edit("spec/stack.toml", "[stakc]", "[stack]");
    assert!(said(&["plan", "--since", "HEAD"]).contains("errors for this version of rdspec"));
}
