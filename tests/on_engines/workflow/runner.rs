//! A runner of workflows as far as this one needs it: jobs after those they need, each on a machine that has nothing of the
//! others, steps with bash as GitHub calls it. It runs the text of the committed file; what other people's actions do is
//! replaced by what [`stand_ins`](super::stand_ins) lists.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::expression::{Context, filled, holds};
use super::stand_ins;
use crate::harness::{Engine, tail};

/// What happens, and where.
pub(crate) struct Runner<'a> {
    /// The engine of every machine.
    pub(crate) engine: &'a Engine,
    /// The git repository.
    pub(crate) repository: &'a Path,
    /// What `github.…` and `secrets.…` are.
    pub(crate) context: Context,
    /// The workflow's own variables that are set otherwise here.
    pub(crate) switches: &'a [(&'a str, &'a str)],
    /// The only jobs that are begun; all of them where none is named.
    pub(crate) only: &'a [&'a str],
    /// Whether the scanner finds something in every image.
    pub(crate) finds_vulnerabilities: bool,
    /// Whether the builder loses all that it has built while the scanner is at work, as one with little room can.
    pub(crate) loses_layers: bool,
    /// Makes the machine of the next job one that has nothing of this one.
    pub(crate) renew: &'a dyn Fn(),
}

/// How a job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Every step did what it should.
    Success,
    /// A step failed.
    Failure,
    /// It was not begun.
    Skipped,
}

/// What became of a job.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) ended: Ended,
    pub(crate) outputs: BTreeMap<String, String>,
    /// What its steps printed; each begins with `## ` and its name.
    pub(crate) log: String,
    /// The name of the step that failed.
    pub(crate) failed: Option<String>,
    /// Files that it keeps, by name.
    pub(crate) artifacts: BTreeMap<String, Vec<u8>>,
}

/// A machine at work on a job.
pub(crate) struct Machine<'a> {
    pub(crate) runner: &'a Runner<'a>,
    folder: TempDir,
    pub(crate) context: Context,
    variables: BTreeMap<String, String>,
    pub(crate) log: String,
    pub(crate) artifacts: BTreeMap<String, Vec<u8>>,
}

/// Reads a workflow with a reader of YAML that is not ours, every scalar as the text that it is.
fn read(workflow: &Path) -> Value {
    let program = "import json, sys, yaml\njson.dump(yaml.load(open(sys.argv[1]), yaml.BaseLoader), sys.stdout)";
    let output = Command::new("python3").args(["-c", program]).arg(workflow).output().unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "this test needs python3-yaml, which tests/run installs: {words}"
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::String(one) => vec![one.clone()],
        Value::Array(list) => list.iter().map(|one| one.as_str().unwrap().to_owned()).collect(),
        _ => Vec::new(),
    }
}

fn pairs(value: &Value) -> impl Iterator<Item = (&String, &str)> {
    value.as_object().into_iter().flatten().map(|(key, value)| (key, value.as_str().unwrap()))
}

impl Runner<'_> {
    /// Runs every job of the workflow of the repository's checkout.
    pub(crate) fn run(&self) -> BTreeMap<String, Job> {
        let workflow = read(&self.repository.join(".github/workflows/images.yml"));
        assert_eq!(workflow["defaults"]["run"]["shell"], "bash");
        let mut waiting: Vec<(&String, &Value)> =
            workflow["jobs"].as_object().unwrap().iter().collect();
        let mut jobs: BTreeMap<String, Job> = BTreeMap::new();
        while !waiting.is_empty() {
            let is_next = |(_, job): &(&String, &Value)| {
                strings(&job["needs"]).iter().all(|needed| jobs.contains_key(needed))
            };
            let next = waiting.iter().position(is_next).unwrap();
            let (id, job) = waiting.remove(next);
            let is_wanted = self.only.is_empty() || self.only.contains(&id.as_str());
            let done = if is_wanted { self.job(&workflow, job, &jobs) } else { Job::skipped() };
            println!("  job {id}: {:?} {}", done.ended, done.failed.as_deref().unwrap_or_default());
            jobs.insert(id.clone(), done);
        }
        jobs
    }

    fn job(&self, workflow: &Value, job: &Value, earlier: &BTreeMap<String, Job>) -> Job {
        let mut context = self.context.clone();
        let needs = strings(&job["needs"]);
        for needed in &needs {
            for (name, value) in &earlier[needed].outputs {
                context.insert(format!("needs.{needed}.outputs.{name}"), value.clone());
            }
        }
        // Without a word about it, a job is not begun where one that it needs did not succeed.
        let is_wanted = needs.iter().all(|needed| earlier[needed].ended == Ended::Success)
            && job["if"].as_str().is_none_or(|condition| holds(condition, &context));
        if !is_wanted {
            return Job::skipped();
        }
        (self.renew)();
        let mut machine = Machine::new(self, context, workflow, job);
        let failed = job["steps"].as_array().unwrap().iter().find(|step| !machine.step(step));
        machine.leave();
        let mut outputs = BTreeMap::new();
        if failed.is_none() {
            // What a step that was not run would have said is nothing.
            for (name, text) in pairs(&job["outputs"]) {
                let path = text.trim_start_matches("${{").trim_end_matches("}}").trim();
                let of_step = path.split('.').nth(1);
                let has_step = |step: &Value| step["id"].as_str() == of_step;
                assert!(job["steps"].as_array().unwrap().iter().any(has_step), "{text}");
                machine.context.entry(path.to_owned()).or_default();
                outputs.insert(name.clone(), filled(text, &machine.context));
            }
        }
        Job {
            ended: if failed.is_none() { Ended::Success } else { Ended::Failure },
            outputs,
            failed: failed.map(|step| step["name"].as_str().unwrap().to_owned()),
            log: machine.log,
            artifacts: machine.artifacts,
        }
    }
}

impl Job {
    fn skipped() -> Self {
        let (outputs, artifacts) = (BTreeMap::new(), BTreeMap::new());
        Self { ended: Ended::Skipped, outputs, log: String::new(), failed: None, artifacts }
    }
}

impl<'a> Machine<'a> {
    fn new(runner: &'a Runner<'a>, mut context: Context, workflow: &Value, job: &Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["work", "temp", "home"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let temp = folder.path().join("temp").to_str().unwrap().to_owned();
        context.insert("runner.temp".to_owned(), temp);
        let mut variables = BTreeMap::new();
        for (name, value) in pairs(&workflow["env"]).chain(pairs(&job["env"])) {
            variables.insert(name.clone(), filled(value, &context));
        }
        for (name, value) in runner.switches {
            let known = variables.insert((*name).to_owned(), (*value).to_owned());
            assert!(known.is_some(), "the workflow has no switch {name}");
        }
        for (name, value) in &variables {
            context.insert(format!("env.{name}"), value.clone());
        }
        stand_ins::write_programs(&folder.path().join("bin"));
        let (log, artifacts) = (String::new(), BTreeMap::new());
        Self { runner, folder, context, variables, log, artifacts }
    }

    /// The folder in which steps begin.
    pub(crate) fn workspace(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    /// Runs a step; whether the next one may begin.
    fn step(&mut self, step: &Value) -> bool {
        let name = step["name"].as_str().unwrap();
        self.say(&format!("## {name}"));
        if !step["if"].as_str().is_none_or(|condition| holds(condition, &self.context)) {
            self.say("left out");
            return true;
        }
        match (step["uses"].as_str(), step["run"].as_str()) {
            (Some(action), None) => {
                let action = action.split_once('@').unwrap().0;
                let with = pairs(&step["with"])
                    .map(|(name, value)| (name.as_str(), filled(value, &self.context)))
                    .collect();
                stand_ins::act(action, &with, self)
            }
            (None, Some(script)) => self.script(step, script),
            other => panic!("{name}: {other:?}"),
        }
    }

    fn script(&mut self, step: &Value, script: &str) -> bool {
        assert!(!script.contains("${{"), "{script}");
        let file = self.folder.path().join("step.sh");
        fs::write(&file, script).unwrap();
        let output = self.folder.path().join("output");
        fs::write(&output, "").unwrap();
        let mut command = self.command("bash");
        // What GitHub makes of `shell: bash`.
        command.args(["--noprofile", "--norc", "-eo", "pipefail"]).arg(&file);
        for (name, value) in pairs(&step["env"]) {
            command.env(name, filled(value, &self.context));
        }
        let succeeded = self.run(command.env("GITHUB_OUTPUT", &output));
        if let Some(id) = step["id"].as_str() {
            for line in fs::read_to_string(&output).unwrap().lines() {
                let (name, value) = line.split_once('=').unwrap();
                self.context.insert(format!("steps.{id}.outputs.{name}"), value.to_owned());
            }
        }
        succeeded
    }

    /// A command in the machine's environment, which has nothing of this one's but where the engine is.
    pub(crate) fn command(&self, program: &str) -> Command {
        let path = |name: &str| self.folder.path().join(name);
        let mut command = self.runner.engine.command(program);
        let engine_path = command
            .get_envs()
            .find_map(|(name, value)| {
                (name == "PATH").then(|| value.unwrap().to_str().unwrap().to_owned())
            })
            .unwrap();
        let added = fs::read_to_string(path("path")).unwrap_or_default();
        let added: Vec<&str> = added.lines().rev().collect();
        let bin = path("bin").to_str().unwrap().to_owned();
        let folders = [added.join(":"), bin, engine_path].into_iter().filter(|one| !one.is_empty());
        let mut clean = Command::new(program);
        clean.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command = clean;
        command.env("PATH", folders.collect::<Vec<_>>().join(":"));
        command.envs(&self.variables).current_dir(self.workspace());
        command.env("HOME", path("home")).env("RUNNER_TEMP", path("temp"));
        command.env("GITHUB_PATH", path("path")).env("GITHUB_WORKSPACE", self.workspace());
        for (variable, name) in [
            ("GITHUB_SHA", "github.sha"),
            ("GITHUB_REF_NAME", "github.ref_name"),
            ("GITHUB_REPOSITORY", "github.repository"),
        ] {
            command.env(variable, &self.context[name]);
        }
        // What belongs to this place: the way to its archives of packages, and the program that stands in for one.
        for name in ["http_proxy", "https_proxy", "no_proxy"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        command.env("STAND_IN_RDSPEC", env!("CARGO_BIN_EXE_rdspec"));
        command
    }

    /// Adds a line to the log.
    pub(crate) fn say(&mut self, line: &str) {
        self.log.push_str(line);
        self.log.push('\n');
    }

    /// Runs a command to its end, whose words become part of the log.
    pub(crate) fn run(&mut self, command: &mut Command) -> bool {
        let output = command.stdin(Stdio::null()).output().unwrap();
        self.log += &tail(&String::from_utf8_lossy(&output.stdout));
        self.log += &tail(&String::from_utf8_lossy(&output.stderr));
        self.log += "\n";
        output.status.success()
    }

    /// Undoes what would stay on this computer when the machine is gone.
    fn leave(&mut self) {
        stand_ins::leave(self);
    }
}
