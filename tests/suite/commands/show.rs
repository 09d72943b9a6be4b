//! `rdspec show`: each value of an image with the place where it was written.

use serde_json::Value;

use crate::harness::{Stack, rdspec, repository, run};

fn show(stack: &Stack, arguments: &[&str]) -> Value {
    let arguments = [&["show", "--format", "json"], arguments].concat();
    serde_json::from_str(&stack.rdspec(&arguments).expect(0).stdout).unwrap()
}

fn component<'a>(image: &'a Value, name: &str) -> &'a Value {
    let components = image["components"].as_array().unwrap();
    components.iter().find(|component| component["name"] == name).unwrap()
}

fn setting<'a>(of: &'a Value, key: &str) -> &'a Value {
    let settings = of["settings"].as_array().unwrap();
    settings
        .iter()
        .find(|setting| setting["key"] == key)
        .unwrap_or_else(|| panic!("no {key} in {of:#}"))
}

#[test]
fn without_a_name_the_images_are_listed() {
    let stack = Stack::small();
    let text = stack.rdspec(&["show"]).expect(0).stdout;
    assert_eq!(
        text,
        "image  variant  on               built as\n\
         base   one      debian:bookworm  registry.example.org/demo-base:latest\n\
         child  one      base             registry.example.org/demo-child:latest\n\
         base   two      debian:bookworm  registry.example.org/demo-base:latest-two\n\
         child  two      base             registry.example.org/demo-child:latest-two\n"
    );
    let images = show(&stack, &[]);
    assert_eq!(images.as_array().unwrap().len(), 4);
    assert_eq!((&images[1]["parent"], &images[3]["folder"]), (&"base".into(), &"two/child".into()));
}

#[test]
fn values_have_their_place_and_defaults_are_said_to_be_some() {
    let stack = Stack::small();
    let image = show(&stack, &["base"]);
    let tool = component(&image, "tool");
    let packages = setting(tool, "apt.packages");
    assert_eq!(packages["value"], serde_json::json!(["sudo"]));
    assert_eq!(
        packages["origin"],
        serde_json::json!({ "file": "spec/components/tool.toml", "line": 4, "column": 12 })
    );
    let mode = setting(tool, "files.\"/etc/tool/settings.conf\".mode");
    assert_eq!((&mode["value"], &mode["origin"]), (&"0644".into(), &Value::Null));
    let user = setting(&image, "user.uid");
    assert_eq!((&user["value"], &user["origin"]), (&1000.into(), &Value::Null));
    assert_eq!(setting(&image, "images.base.from")["origin"]["file"], "spec/stack.toml");
}

#[test]
fn a_child_has_the_components_of_its_parents() {
    let stack = Stack::small();
    let child = show(&stack, &["child"]);
    assert_eq!(child["parents"], serde_json::json!(["base"]));
    assert_eq!(component(&child, "tool")["image"], "base");
    assert_eq!(component(&child, "extra")["image"], "child");
    let settings = child["settings"].as_array().unwrap();
    assert!(settings.iter().all(|setting| setting["key"] != "images.base.from"), "{child:#}");
    let text = stack.rdspec(&["show", "child"]).expect(0).stdout;
    assert!(text.contains("\n  inherits    tool\n"), "{text}");
    assert!(text.contains("\nextra: Something more\n"), "{text}");
}

#[test]
fn variants_lay_their_values_over() {
    let stack = Stack::small();
    stack.edit(
        "spec/components/tool.toml",
        "packages = [\"sudo\"]",
        "packages = [\"sudo\", { two = \"jq\" }]",
    );
    let tail = "\n[variants.two.files.\"/etc/tool/settings.conf\"]\nmode = \"0600\"\n";
    stack.edit(
        "spec/components/tool.toml",
        "run = \"tool --version\"\n",
        &format!("run = \"tool --version\"\n{tail}"),
    );
    let key = "files.\"/etc/tool/settings.conf\".mode";
    let one = show(&stack, &["base"]);
    let two = show(&stack, &["base", "--variant", "two"]);
    assert_eq!(setting(component(&one, "tool"), key)["value"], "0644");
    let overlaid = setting(component(&two, "tool"), key);
    assert_eq!(overlaid["value"], "0600");
    assert!(overlaid["origin"]["line"].as_u64().unwrap() > 20, "{overlaid}");
    assert_eq!(
        setting(component(&two, "tool"), "apt.packages")["value"],
        serde_json::json!(["sudo", "jq"])
    );
    let child = show(&stack, &["child", "--variant", "two"]);
    assert_eq!(child["components"].as_array().unwrap().len(), 1);
}

#[test]
fn downloads_are_shown_with_their_variables_replaced() {
    let mut command = rdspec();
    command.arg("-C").arg(repository()).args(["show", "base", "--format", "json"]);
    let image: Value = serde_json::from_str(&run(&mut command).expect(0).stdout).unwrap();
    let firefox = component(&image, "firefox");
    let version = setting(firefox, "downloads.firefox.version")["value"].as_str().unwrap();
    let download = &firefox["downloads"][0];
    let url = download["urls"][0].as_str().unwrap();
    assert!(url.contains(version) && !url.contains("{{"), "{url}");
    assert_eq!(download["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(download["architecture"], "amd64");
}

#[test]
fn text_is_aligned_and_cuts_long_values() {
    let mut command = rdspec();
    command.arg("-C").arg(repository()).args(["show", "base"]);
    let text = run(&mut command).expect(0).stdout;
    let uid = text.lines().find(|line| line.contains("user.uid")).unwrap();
    assert!(uid.contains("1000") && uid.contains("spec/stack.toml:"), "{uid}");
    assert!(text.contains('…'));
    assert!(text.lines().all(|line| line == line.trim_end()));
}

#[test]
fn an_unknown_image_is_said_to_be_unknown() {
    let stack = Stack::small();
    let said = stack.rdspec(&["show", "chlid"]).expect(2).stderr;
    assert!(said.contains("did you mean `child`?"), "{said}");
}
