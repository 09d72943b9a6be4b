//! `rdspec affected`: which images a change touches, and why it says so.

use std::fs;

use serde_json::{Value, json};

use crate::harness::{Stack, spec};

fn affected(stack: &Stack) -> Value {
    let run = stack.rdspec(&["affected", "--since", "HEAD", "--format", "json"]).expect(0);
    serde_json::from_str(&run.stdout).unwrap()
}

fn matrix(stack: &Stack, arguments: &[&str]) -> String {
    let arguments = [&["affected", "--since", "HEAD", "--format", "github-matrix"], arguments];
    stack.rdspec(&arguments.concat()).expect(0).stdout
}

/// `variant/image` of each.
fn names(found: &Value) -> Vec<String> {
    let images = found["images"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    images.map(|image| format!("{}/{}", text(&image["variant"]), text(&image["image"]))).collect()
}

fn image<'found>(found: &'found Value, variant: &str, name: &str) -> &'found Value {
    let images = found["images"].as_array().unwrap();
    images.iter().find(|image| image["variant"] == variant && image["image"] == name).unwrap()
}

fn committed(stack: Stack) -> Stack {
    stack.git(&["init", "--quiet"]);
    stack.git(&["add", "."]);
    stack.git(&["commit", "--quiet", "--message", "one"]);
    stack
}

/// The stack of this repository, with what it generates, in a repository of its own.
fn desktop() -> Stack {
    let stack = Stack::new(&spec());
    stack.rdspec(&["generate"]).expect(0);
    committed(stack)
}

#[test]
fn a_change_of_a_geomatics_component_touches_geomatics_alone() {
    let stack = desktop();
    stack.edit("spec/components/qgis.toml", "test -f /usr/share/qgis", "test -s /usr/share/qgis");
    let found = affected(&stack);
    assert_eq!(names(&found), ["ubuntu/geomatics", "debian/geomatics"]);
    let geomatics = image(&found, "ubuntu", "geomatics");
    assert_eq!(geomatics["follows"], Value::Null);
    assert_eq!(geomatics["layers"], json!([]));
    assert_eq!(geomatics["files"], json!(["checks.sh"]));
    assert_eq!(geomatics["checks"], json!([{ "component": "qgis", "change": "changed" }]));
    let cause = json!([{ "file": "spec/components/qgis.toml", "component": "qgis" }]);
    assert_eq!(geomatics["causes"], cause);
    let expected =
        "{\"include\":[{\"image\":\"geomatics\",\"variant\":\"ubuntu\",\"parent\":\"r\"}]}\n";
    assert_eq!(matrix(&stack, &["--variant", "ubuntu"]), expected);
}

#[test]
fn a_change_of_a_resource_of_base_touches_all_three_and_says_why() {
    let stack = desktop();
    let resource = "spec/resources/nginx/desktop.conf";
    let mut text = fs::read_to_string(stack.path(resource)).unwrap();
    text.push_str("# more\n");
    stack.write(resource, text);
    let found = affected(&stack);
    let chains = ["ubuntu/base", "ubuntu/r", "ubuntu/geomatics", "debian/base", "debian/r"];
    assert_eq!(names(&found)[..5], chains);
    let base = image(&found, "debian", "base");
    assert_eq!((&base["follows"], &base["is_new"]), (&Value::Null, &false.into()));
    assert_eq!(base["causes"], json!([{ "file": resource, "component": "nginx" }]));
    let layers = base["layers"].as_array().unwrap();
    let copies = layers.iter().all(|layer| layer["name"].as_str().unwrap().starts_with("copy "));
    assert!(copies && !layers.is_empty(), "{base:#}");
    for (child, parent) in [("r", "base"), ("geomatics", "r")] {
        let child = image(&found, "debian", child);
        assert_eq!(child["follows"], parent);
        let empty = |key: &str| child[key].as_array().unwrap().is_empty();
        assert!(["layers", "files", "causes", "checks"].into_iter().all(empty), "{child:#}");
    }
    let text = stack.rdspec(&["affected", "--since", "HEAD"]).expect(0).stdout;
    assert!(text.contains("base (ubuntu): changed\n  layer copy "), "{text}");
    assert!(text.contains(&format!("  by {resource} of nginx\n")), "{text}");
    assert!(text.contains("\nr (ubuntu): follows base\ngeomatics (ubuntu): follows r\n"), "{text}");
}

#[test]
fn a_comment_touches_nothing() {
    let stack = desktop();
    for file in ["spec/stack.toml", "spec/components/vnc.toml"] {
        let text = fs::read_to_string(stack.path(file)).unwrap();
        stack.write(file, format!("# a comment\n{text}"));
    }
    assert_eq!(affected(&stack), json!({ "images": [], "removed": [] }));
    assert_eq!(matrix(&stack, &[]), "{\"include\":[]}\n");
    let text = stack.rdspec(&["affected", "--since", "HEAD"]).expect(0).stdout;
    assert_eq!(text, "the change since HEAD touches no image\n");
}

/// A comment beside a change is not what did it; a value of the stack that only labels take is.
#[test]
fn only_files_that_decide_something_are_named() {
    let stack = committed(Stack::small());
    let text = fs::read_to_string(stack.path("spec/components/extra.toml")).unwrap();
    stack.write("spec/components/extra.toml", format!("# a comment\n{text}"));
    stack.edit("spec/stack.toml", "[user]", "[stack.labels]\n\"org.example.x\" = \"y\"\n\n[user]");
    let found = affected(&stack);
    for name in names(&found) {
        let (variant, name) = name.split_once('/').unwrap();
        let image = image(&found, variant, name);
        assert_eq!(image["settings"], json!(["labels"]), "{image:#}");
        let cause = json!([{ "file": "spec/stack.toml", "component": null }]);
        assert_eq!(image["causes"], cause, "{image:#}");
    }
    assert_eq!(names(&found)[..2], ["one/base", "one/child"]);
}

/// Neither the component nor the list that names it compiles without the other.
#[test]
fn a_component_that_comes_is_the_cause_in_its_own_image() {
    let stack = committed(Stack::small());
    stack.write(
        "spec/components/more.toml",
        "summary = \"More\"\nneeds = [\"tool\"]\n[script]\nrun = \"true\"\n",
    );
    stack.edit("spec/stack.toml", "components = [\"extra\"]", "components = [\"extra\", \"more\"]");
    let found = affected(&stack);
    assert_eq!(names(&found), ["one/child", "two/child"]);
    let child = image(&found, "one", "child");
    let files: Vec<&Value> =
        child["causes"].as_array().unwrap().iter().map(|cause| &cause["file"]).collect();
    assert_eq!(files, ["spec/components/more.toml", "spec/stack.toml"]);
    let layer = json!([{ "name": "more", "change": "new", "components": ["more"] }]);
    assert_eq!(child["layers"], layer);
}

#[test]
fn images_that_come_and_go_are_named() {
    let stack = committed(Stack::small());
    stack.edit("spec/stack.toml", "[images.child]", "[images.kid]");
    let found = affected(&stack);
    assert_eq!(names(&found), ["one/kid", "two/kid"]);
    let kid = image(&found, "one", "kid");
    assert_eq!(kid["is_new"], true);
    assert!(kid["layers"].as_array().unwrap().iter().all(|layer| layer["change"] == "new"));
    assert_ne!(kid["layers"], json!([]));
    let gone =
        json!([{ "image": "child", "variant": "one" }, { "image": "child", "variant": "two" }]);
    assert_eq!(found["removed"], gone);
    let text = stack.rdspec(&["affected", "--since", "HEAD", "--variant", "one"]).expect(0).stdout;
    assert!(text.contains("kid (one): new\n"), "{text}");
    assert!(text.ends_with("child (one): no longer an image of the stack\n"), "{text}");
    assert!(!text.contains("(two)"), "{text}");
}

/// What lies in `generated/` of a revision is what its rdspec wrote: an update of rdspec changes images, too.
#[test]
fn what_another_rdspec_wrote_otherwise_is_affected() {
    let stack = Stack::small_and_generated();
    stack.edit("generated/two/base/Dockerfile", "# Packages of", "# The packages of");
    stack.write("generated/base/mine.txt", "no file of rdspec");
    let stack = committed(stack);
    let found = affected(&stack);
    assert_eq!(names(&found), ["two/base", "two/child"]);
    let base = image(&found, "two", "base");
    assert_eq!(base["written_otherwise"], json!(["Dockerfile"]));
    assert_eq!((&base["files"], &base["causes"]), (&json!([]), &json!([])));
    let text = stack.rdspec(&["affected", "--since", "HEAD"]).expect(0).stdout;
    let expected = "base (two): its generated files were not those of its spec\n  generated otherwise: Dockerfile\nchild (two): follows base\n";
    assert_eq!(text, expected);
    // As is a program that is none in the revision.
    stack.rdspec(&["generate"]).expect(0);
    stack.git(&["add", "."]);
    stack.git(&["update-index", "--chmod=-x", "generated/base/checks.sh"]);
    stack.git(&["commit", "--quiet", "--message", "two"]);
    assert_eq!(names(&affected(&stack)), ["one/base", "one/child"]);
}

/// What was built from a revision is what it keeps. Where that is what the spec gives now, nothing is to be built.
#[test]
fn a_revision_whose_files_were_not_generated_counts_by_what_it_keeps() {
    let stack = committed(Stack::small_and_generated());
    let before = std::fs::read_to_string(stack.path("spec/stack.toml")).unwrap();
    stack.edit("spec/stack.toml", "[stack]", "[stack.labels]\nforgotten = \"yes\"\n\n[stack]");
    stack.git(&["commit", "--quiet", "--all", "--message", "not generated"]);
    stack.write("spec/stack.toml", &before);
    stack.rdspec(&["generate", "--check"]).expect(0);
    assert_eq!(names(&affected(&stack)), Vec::<String>::new());
    stack.git(&["checkout", "--quiet", "spec"]);
    assert!(!names(&affected(&stack)).is_empty());
}

#[test]
fn where_there_is_nothing_to_compare_everything_is_affected() {
    let stack = committed(Stack::small());
    let all = ["one/base", "one/child", "two/base", "two/child"];
    let run = |stack: &Stack| {
        let run = stack.rdspec(&["affected", "--since", "HEAD", "--format", "json"]).expect(0);
        let found: Value = serde_json::from_str(&run.stdout).unwrap();
        (names(&found), run.stderr)
    };
    stack.edit("spec/stack.toml", "[stack]", "[stakc]");
    stack.git(&["add", "."]);
    stack.git(&["commit", "--quiet", "--message", "two"]);
    stack.edit("spec/stack.toml", "[stakc]", "[stack]");
    let (found, said) = run(&stack);
    assert_eq!(found, all);
    assert!(said.contains("the spec of HEAD has errors for this version of rdspec"), "{said}");
    stack.git(&["rm", "-r", "--quiet", "--cached", "spec"]);
    stack.git(&["commit", "--quiet", "--message", "three"]);
    let (found, said) = run(&stack);
    assert_eq!(found, all);
    assert!(said.contains("HEAD has no spec, so every image is new"), "{said}");
}

#[test]
fn what_is_not_there_is_said() {
    let stack = committed(Stack::small());
    let said = |arguments: &[&str]| stack.rdspec(arguments).expect(2).stderr;
    assert!(said(&["affected"]).contains("--since <REV>"));
    let unknown = said(&["affected", "--since", "HEAD", "--variant", "tow"]);
    assert!(unknown.contains("did you mean `two`?"), "{unknown}");
    let unknown = said(&["affected", "--since", "nowhere"]);
    assert!(unknown.contains("there is no git revision \"nowhere\" here"), "{unknown}");
    // It is a revision, whatever it looks like.
    let option = said(&["affected", "--since=--help"]);
    assert!(option.contains("there is no git revision \"--help\" here"), "{option}");
}

#[test]
fn the_order_is_that_of_building() {
    let stack = committed(Stack::small());
    stack.edit("spec/components/tool.toml", "echo building", "echo differently");
    let found: Value = serde_json::from_str(&matrix(&stack, &["--variant", "one"])).unwrap();
    let job =
        |image: &str, parent: &str| json!({ "image": image, "variant": "one", "parent": parent });
    assert_eq!(found, json!({ "include": [job("base", ""), job("child", "base")] }));
}
