//! The bake file with the real `docker buildx bake`: it reads what the plan says, and builds what `rdspec build` builds.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::commands::SmallStack;
use crate::harness::{Engine, Engines, engines, tail};

const FILE: &str = "generated/docker-bake.json";

/// The engine that has buildx.
fn with_buildx(engines: &mut Engines) -> Engine {
    engines.find(|engine| engine.name == "docker26").unwrap()
}

fn bake(engine: &Engine, stack: &SmallStack, arguments: &[&str]) -> Command {
    let mut command = engine.program();
    command.current_dir(stack.root()).args(["buildx", "bake", "-f", FILE]).args(arguments);
    command
}

fn succeeds(mut command: Command) -> String {
    let output = command.output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}:\n{}", tail(&stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The builds of these engines have no network of their own, and bake takes the host's from a compose file alone.
fn on_the_hosts_network(stack: &SmallStack) -> &'static str {
    let file: Value = serde_json::from_slice(&fs::read(stack.root().join(FILE)).unwrap()).unwrap();
    let mut text = String::from("services:\n");
    for (name, target) in file["target"].as_object().unwrap() {
        let context = target["context"].as_str().unwrap();
        writeln!(text, "  {name}: {{build: {{context: {context}, network: host}}}}").unwrap();
    }
    fs::write(stack.root().join("network.yml"), text).unwrap();
    "network.yml"
}

#[test]
#[ignore = "needs engines: run tests/run"]
fn bake_reads_what_the_plan_says() {
    let mut engines = engines();
    let engine = with_buildx(&mut engines);
    let stack = SmallStack::new("rdspec-bake-read");
    stack.edit(
        "stack.toml",
        "tag = \"test\"",
        "tag = \"test\"\nregistry = \"registry.example.org/team\"",
    );
    stack.expect(&engine, &["build", "--network", "host", "left"], 0);
    let root = stack.root().to_str().unwrap();
    succeeds({
        let mut command = engine.command(env!("CARGO_BIN_EXE_rdspec"));
        command.args(["-C", root, "generate"]);
        command
    });
    let printed = succeeds(bake(&engine, &stack, &["--print"]));
    let printed: Value = serde_json::from_str(&printed).unwrap();
    let group = &printed["group"]["default"]["targets"];
    assert_eq!(*group, serde_json::json!(["base", "left", "right"]));
    for image in ["base", "left", "right"] {
        let target = &printed["target"][image];
        assert_eq!(target["context"], format!("generated/{image}"));
        let reference = format!("registry.example.org/team/{}", stack.image(image));
        assert_eq!(target["tags"], serde_json::json!([reference]));
        assert_eq!(target["platforms"], serde_json::json!(["linux/amd64"]));
        assert_eq!(target.get("cache-from").or(target.get("cache-to")), None, "{target}");
    }
    let parent = format!("registry.example.org/team/{}", stack.image("base"));
    assert_eq!(printed["target"]["left"]["contexts"], serde_json::json!({ parent: "target:base" }));
    let mut changed = bake(&engine, &stack, &["--print", "left"]);
    changed
        .env("REGISTRY", "other.example.org")
        .env("TAG", "new")
        .env("CACHE", "cache.example.org/c");
    let printed: Value = serde_json::from_str(&succeeds(changed)).unwrap();
    let left = &printed["target"]["left"];
    assert_eq!(left["tags"][0], "other.example.org/rdspec-bake-read-left:new");
    let cache = "type=registry,ref=cache.example.org/c/rdspec-bake-read-left:cache";
    assert_eq!(left["cache-from"], serde_json::json!([cache]));
    assert_eq!(left["cache-to"], serde_json::json!([format!("{cache},mode=max")]));
}

/// With names of parents as people shorten them: without a registry, on docker's own, with the tag `latest`.
#[test]
#[ignore = "needs engines: run tests/run"]
fn a_chain_that_bake_builds_is_the_one_that_rdspec_builds() {
    let mut engines = engines();
    let engine = with_buildx(&mut engines);
    for (lines, image) in [
        ("tag = \"test\"", "rdspec-baked-IMAGE:test"),
        ("registry = \"docker.io/rdspec\"", "docker.io/rdspec/rdspec-baked-IMAGE:latest"),
        ("registry = \"localhost:9/team\"\ntag = \"x\"", "localhost:9/team/rdspec-baked-IMAGE:x"),
    ] {
        let stack = SmallStack::new("rdspec-baked");
        stack.edit("stack.toml", "tag = \"test\"", lines);
        for child in ["left", "right"] {
            stack.edit(&format!("components/{child}.toml"), "; sleep 3", "");
        }
        stack.expect(&engine, &["build", "--network", "host"], 0);
        let mut generate = engine.command(env!("CARGO_BIN_EXE_rdspec"));
        generate.arg("-C").arg(stack.root()).arg("generate");
        succeeds(generate);
        let network = on_the_hosts_network(&stack);
        let mut build = bake(&engine, &stack, &["-f", network, "--load"]);
        build.env("TAG", "baked");
        succeeds(build);
        let farm = ["build", "--builder", "default", "--network", "host", "--tag", "farm"];
        stack.expect(&engine, &farm, 0);
        let mut below: Option<Vec<String>> = None;
        for name in ["base", "left"] {
            let built = image.replace("IMAGE", name);
            let baked = format!("{}:baked", built.rsplit_once(':').unwrap().0);
            stack.expect(&engine, &["diff", &built, &baked], 0);
            stack.expect(&engine, &["diff", &built, &baked.replace(":baked", ":farm")], 0);
            let layers: Vec<String> =
                engine.image(&baked).layers.iter().map(|layer| layer.diff_id.to_string()).collect();
            if let Some(parent) = &below {
                assert_eq!(&layers[..parent.len()], parent, "{name} is not built on its parent");
            }
            below = Some(layers);
        }
    }
}
