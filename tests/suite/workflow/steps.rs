//! Steps of the workflow, run: their scripts in bash, as GitHub calls it, with programs that stand in for those that would
//! reach beyond this computer.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::{read, steps, text};
use crate::harness::{Run, output, run, tool};

/// A place to run a step in.
struct Machine {
    folder: TempDir,
    variables: Vec<(String, String)>,
}

impl Machine {
    /// An empty one, with the programs that stand in for others: names and scripts.
    fn new(programs: &[(&str, &str)]) -> Self {
        let machine = Self { folder: tempfile::tempdir().unwrap(), variables: Vec::new() };
        for name in ["bin", "temp", "work", "state"] {
            fs::create_dir(machine.path(name)).unwrap();
        }
        for (name, script) in programs {
            let file = machine.path("bin").join(name);
            fs::write(&file, format!("#!/bin/bash\nset -euo pipefail\n{script}")).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        }
        machine
    }

    fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    fn set(&mut self, name: &str, value: &str) {
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// Runs a step of a job, with the variables of the workflow that are no expressions.
    fn run(&self, workflow: &Value, job: &str, step: &str) -> Run {
        let job = &workflow["jobs"][job];
        let step = steps(job).iter().find(|one| one["name"] == step).unwrap();
        let file = self.path("step.sh");
        fs::write(&file, step["run"].as_str().unwrap()).unwrap();
        let mut command = self.command("bash");
        command.args(["--noprofile", "--norc", "-eo", "pipefail"]).arg(&file);
        for one in [&workflow["env"], &job["env"], &step["env"]] {
            for (name, value) in one.as_object().into_iter().flatten() {
                let value = value.as_str().unwrap();
                if !value.contains("${{") {
                    command.env(name, value);
                }
            }
        }
        run(command.envs(self.variables.iter().map(|(name, value)| (name, value))))
    }

    /// A program in the machine's environment, which has nothing of this one's but its programs.
    fn command(&self, program: &str) -> Command {
        let own = std::env::var("PATH").unwrap();
        let mut command = tool(program, program);
        command.env_clear().current_dir(self.path("work"));
        command.env("PATH", format!("{}:{own}", self.path("bin").display()));
        command.env("HOME", self.path("temp")).env("RUNNER_TEMP", self.path("temp"));
        command.env("GITHUB_REPOSITORY", "team/stack").env("STATE", self.path("state"));
        command.env("GIT_CONFIG_NOSYSTEM", "1");
        command
    }

    fn git(&self, arguments: &[&str]) {
        let identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
        run(self.command("git").args(identity).args(arguments)).expect(0);
    }

    /// What the programs have noted.
    fn noted(&self) -> String {
        fs::read_to_string(self.path("state/calls")).unwrap_or_default()
    }
}

/// Knows the pull requests in `$STATE/pulls`, and reads its filter as GitHub's program does.
const GH: &str = r#"
echo "gh $*" >>"$STATE/calls"
if [[ "$1 $2" == "pr list" ]]; then
    while [[ $1 != --jq ]]; do shift; done
    jq --raw-output "$2" "$STATE/pulls"
fi
"#;

/// A clone of a repository with a spec whose pins have just moved.
fn bumped(pulls: &str) -> Machine {
    let machine = Machine::new(&[("gh", GH)]);
    fs::write(machine.path("state/pulls"), pulls).unwrap();
    fs::write(machine.path("temp/body.md"), "Newer\n").unwrap();
    for folder in ["spec", "generated"] {
        fs::create_dir(machine.path("work").join(folder)).unwrap();
        fs::write(machine.path("work").join(folder).join("pin"), "1").unwrap();
    }
    let origin = machine.path("origin");
    machine.git(&["init", "--quiet", "--bare", origin.to_str().unwrap()]);
    machine.git(&["init", "--quiet", "--initial-branch", "main"]);
    machine.git(&["remote", "add", "origin", origin.to_str().unwrap()]);
    machine.git(&["add", "."]);
    machine.git(&["commit", "--quiet", "--message", "First"]);
    fs::write(machine.path("work/spec/pin"), "2").unwrap();
    machine
}

/// `gh pr edit` needs more rights than the job has; the number is that of the repository's own pull request, whatever a fork
/// calls its branches.
#[test]
fn moved_pins_open_one_pull_request_and_then_change_its_text() {
    let workflow = read(&text(output()));
    let step = "Open a pull request";
    let fork = r#"{ "number": 3, "isCrossRepository": true }"#;
    let own = r#"{ "number": 7, "isCrossRepository": false }"#;
    for (pulls, is_open) in
        [("[]".to_owned(), false), (format!("[{fork}]"), false), (format!("[{fork}, {own}]"), true)]
    {
        let machine = bumped(&pulls);
        machine.run(&workflow, "bump", step).expect(0);
        machine.git(&["fetch", "--quiet", "origin", "rdspec/bump"]);
        let body = machine.path("temp/body.md");
        let calls = machine.noted();
        let patch = format!(
            "gh api --method PATCH repos/team/stack/pulls/7 --field body=@{} --silent",
            body.display()
        );
        let create = format!(
            "gh pr create --base main --head rdspec/bump --title Move pins to newer versions --body-file {}",
            body.display()
        );
        assert_eq!(calls.lines().any(|line| line == patch), is_open, "{calls}");
        assert_eq!(calls.lines().any(|line| line == create), !is_open, "{calls}");
        assert!(!calls.contains("pr edit"), "{calls}");
    }
    let machine = bumped("[]");
    fs::write(machine.path("work/spec/pin"), "1").unwrap();
    let run = machine.run(&workflow, "bump", step).expect(0);
    assert_eq!(run.stdout, "every pin is where it may be\n");
    assert_eq!(machine.noted(), "");
}

/// Has the images that `$STATE/images` lists, and fails to build what `$STATE/broken` names.
const DOCKER: &str = r#"
echo "docker $*" >>"$STATE/calls"
case "$1 $2" in
"buildx build")
    while [[ $1 != --tag ]]; do shift; done
    [[ $2 != "$(cat "$STATE/broken")" ]]
    echo "$2" >>"$STATE/images"
    ;;
"image ls") grep --fixed-strings --line-regexp -- "$4" "$STATE/images" || true ;;
"image rm")
    grep --invert-match --fixed-strings --line-regexp -- "$4" "$STATE/images" >"$STATE/left" || true
    mv "$STATE/left" "$STATE/images"
    ;;
esac
"#;

/// On a machine that a team keeps, a parent of one pull request would be what another one builds on.
#[test]
fn what_a_pull_request_builds_is_not_there_for_the_next_one() {
    let workflow = read(&text(output()));
    let of_stack = |name: &str| format!("k8scc01covidacr.azurecr.io/remote-desktop-{name}");
    let earlier = ["base:master", "r:master", "geomatics:master"].map(of_stack);
    let others = [
        of_stack("base:master-debian"),
        of_stack("base:other"),
        of_stack("more:master"),
        "remote-desktop-base:master".to_owned(),
    ];
    for broken in ["", "r:master"] {
        let mut machine = Machine::new(&[
            ("docker", DOCKER),
            ("rdspec", "echo \"rdspec $*\" >>\"$STATE/calls\""),
        ]);
        let images = [&earlier[..], &others[..]].concat().join("\n") + "\n";
        fs::write(machine.path("state/images"), images).unwrap();
        fs::write(machine.path("state/broken"), of_stack(broken)).unwrap();
        machine.set(
            "AFFECTED",
            r#"{ "include": [{ "variant": "ubuntu", "image": "base" }, { "variant": "ubuntu", "image": "r" }] }"#,
        );
        let status = i32::from(!broken.is_empty());
        machine
            .run(&workflow, "affected", "Build, each image on its parent, and audit")
            .expect(status);
        let calls = machine.noted();
        let (before, after) = calls.split_once("docker buildx build").unwrap();
        for name in &earlier {
            assert!(before.contains(&format!("docker image rm --force {name}\n")), "{calls}");
        }
        assert!(after.contains(&format!("rdspec audit {}\n", earlier[0])), "{calls}");
        let left = fs::read_to_string(machine.path("state/images")).unwrap();
        assert_eq!(left.lines().collect::<Vec<_>>(), others, "{calls}");
    }
}
