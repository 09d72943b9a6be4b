//! `rdspec bake`: the file for `docker buildx bake`, as the plan has it.

use std::fs;

use serde_json::Value;

use crate::harness::{Stack, output};

const PATH: &str = "generated/docker-bake.json";

fn bake_file(stack: &Stack) -> Value {
    serde_json::from_slice(&fs::read(stack.path(PATH)).unwrap()).unwrap()
}

#[test]
fn it_writes_its_file_alone_and_says_how_to_build() {
    let stack = Stack::small();
    let run = stack.rdspec(&["bake"]).expect(0);
    assert_eq!(run.stdout, "");
    assert!(run.stderr.contains("wrote generated/docker-bake.json\n"), "{}", run.stderr);
    assert!(
        run.stderr.contains("docker buildx bake -f generated/docker-bake.json two  # two-base"),
        "{}",
        run.stderr
    );
    assert!(!stack.path("generated/base").exists());
    stack.rdspec(&["bake", "--check"]).expect(0);
    // What else is missing is for `generate` to say.
    stack.rdspec(&["generate", "--check"]).expect(1);
    stack.rdspec(&["generate"]).expect(0);
    stack.rdspec(&["bake", "--check"]).expect(0);
    stack.rdspec(&["generate", "--check"]).expect(0);
}

#[test]
fn a_difference_is_shown_and_the_named_fix_mends_it() {
    let stack = Stack::small_and_generated();
    stack.edit(PATH, "generated/child", "elsewhere/child");
    stack.edit("generated/base/Dockerfile", "USER 0", "USER somebody");
    let run = stack.rdspec(&["bake", "--check"]).expect(1);
    assert!(run.stdout.contains("-      \"context\": \"elsewhere/child\",\n"), "{}", run.stdout);
    assert!(!run.stdout.contains("base/Dockerfile"), "{}", run.stdout);
    assert!(run.stderr.contains("run `rdspec bake` and commit generated/"), "{}", run.stderr);
    stack.rdspec(&["bake"]).expect(0);
    stack.rdspec(&["bake", "--check"]).expect(0);
    stack.rdspec(&["generate", "--check"]).expect(1);
}

#[test]
fn every_image_is_a_target_on_its_parent() {
    let stack = Stack::small_and_generated();
    let file = bake_file(&stack);
    assert_eq!(file["group"]["default"]["targets"], serde_json::json!(["base", "child"]));
    assert_eq!(file["group"]["one"]["targets"], serde_json::json!(["base", "child"]));
    assert_eq!(file["group"]["two"]["targets"], serde_json::json!(["two-base", "two-child"]));
    let child = &file["target"]["two-child"];
    assert_eq!(child["context"], "generated/two/child");
    // The key is what BuildKit looks for, which is not what FROM has, if that ends in `:latest`.
    let dockerfile = fs::read_to_string(stack.path("generated/child/Dockerfile")).unwrap();
    assert!(dockerfile.contains("ARG BASE=registry.example.org/demo-base:latest\n"));
    let by_name = |target: &str| file["target"][target]["contexts"].as_object().unwrap().clone();
    assert_eq!(by_name("child")["registry.example.org/demo-base"], "target:base");
    assert_eq!(
        by_name("two-child")["registry.example.org/demo-base:latest-two"],
        "target:two-base"
    );
    let registry = "${REGISTRY != \"\" ? \"${REGISTRY}/\" : \"\"}";
    assert_eq!(child["tags"][0], format!("{registry}demo-child:${{TAG}}-two"));
    assert_eq!(file["variable"]["TAG"]["default"], "latest");
}

/// Targets are called by letters, digits, `_` and `-`, and none like another or like a group.
#[test]
fn names_that_bake_does_not_have_or_that_are_taken_are_made_others() {
    let stack = Stack::small();
    let images = "[images.two-base]\nextends = \"base\"\ncomponents = []\n\n[images.\"v1.0\"]\nextends = \"base\"\ncomponents = []\n\n[images.one]\nextends = \"base\"\ncomponents = []\n\n[variants.two]";
    stack.edit("spec/stack.toml", "[variants.two]", images);
    stack.rdspec(&["bake"]).expect(0);
    let file = bake_file(&stack);
    let targets = file["target"].as_object().unwrap();
    let place = |target: &str| targets[target]["context"].as_str().unwrap();
    assert_eq!(place("two-base"), "generated/two-base");
    assert_eq!(place("two-base_"), "generated/two/base");
    assert_eq!(place("v1_0"), "generated/v1.0");
    assert_eq!(file["target"]["two-child"]["contexts"].as_object().unwrap().len(), 1);
    assert!(file["target"]["two-child"]["contexts"].to_string().contains("target:two-base_"));
    let groups = file["group"].as_object().unwrap();
    assert!(groups.contains_key("one_"), "{groups:?}");
    for name in targets.keys().chain(groups.keys()) {
        assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c)), "{name}");
        assert!(!(targets.contains_key(name) && groups.contains_key(name)), "{name}");
    }
}

#[test]
fn secrets_come_from_variables_of_the_build() {
    let stack = Stack::small();
    let script = "[script]\nsecrets = [\"licence-key\"]\n";
    stack.edit("spec/components/tool.toml", "[script]\n", script);
    stack.rdspec(&["bake"]).expect(0);
    let file = bake_file(&stack);
    let wanted = serde_json::json!(["id=licence-key,env=SECRET_LICENCE_KEY"]);
    assert_eq!(file["target"]["base"]["secret"], wanted);
    assert_eq!(file["target"]["child"].get("secret"), None);
}

/// The real stack: a target for each image that is planned, in that order, and nothing that differs from it.
#[test]
fn the_file_of_the_real_stack_agrees_with_its_plan() {
    let file = &output().tree.get("docker-bake.json").unwrap().bytes;
    assert!(file.ends_with(b"}\n") && !file.ends_with(b"\n\n"));
    let file: Value = serde_json::from_slice(file).unwrap();
    let value = |name: &str| file["variable"][name]["default"].as_str().unwrap().to_owned();
    let mut count = 0;
    for target in file["target"].as_object().unwrap().values() {
        let folder = target["context"].as_str().unwrap().strip_prefix("generated/").unwrap();
        let image = output().plan.images.iter().find(|image| image.folder == folder).unwrap();
        let tag = target["tags"][0].as_str().unwrap();
        let tag = tag.strip_prefix("${REGISTRY != \"\" ? \"${REGISTRY}/\" : \"\"}").unwrap();
        let tag = format!("{}/{}", value("REGISTRY"), tag.replace("${TAG}", &value("TAG")));
        assert_eq!(tag, image.reference);
        let parents = target.get("contexts").map_or(0, |some| some.as_object().unwrap().len());
        assert_eq!(parents, usize::from(image.parent.is_some()), "{folder}");
        count += 1;
    }
    assert_eq!(count, output().plan.images.len());
}
