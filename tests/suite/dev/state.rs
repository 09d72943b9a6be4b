//! A small interpreter of plans: what their layers do to an image, as far as the plan says it.
//!
//! It knows nothing of how differences are found. What a real build would refuse (a path that is there already, a
//! group that is gone) is a panic.

use std::collections::{BTreeMap, BTreeSet};

use rdspec::plan::script::{AccountChanges, ComponentScript, Directories, Removal, ScriptKind};
use rdspec::plan::{Copy, ImagePlan, Instruction};
use rdspec::render::FileTree;

/// Directories that the base image has.
const BASE: &[&str] = &["/etc", "/opt", "/usr/local/bin", "/srv", "/skeleton"];

/// What an image is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// Packages that were asked for, with version and whether recommended ones come along.
    pub(crate) packages: BTreeMap<String, (String, bool)>,
    pub(crate) groups: BTreeMap<String, u32>,
    /// Accounts: id, first group, groups, home, shell.
    pub(crate) accounts: BTreeMap<String, String>,
    /// Path, and bytes, mode and owner.
    pub(crate) files: BTreeMap<String, String>,
    pub(crate) links: BTreeMap<String, String>,
    /// Path, and mode and owner.
    pub(crate) directories: BTreeMap<String, String>,
    pub(crate) rules: BTreeMap<String, String>,
    /// Downloads by where they are.
    pub(crate) trees: BTreeMap<String, String>,
    /// What scripts of components wrote.
    pub(crate) written: BTreeMap<String, String>,
    pub(crate) environment: BTreeMap<String, String>,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) command: Option<Vec<String>>,
    pub(crate) ports: BTreeSet<u16>,
}

impl State {
    /// What the layers of a plan make of an image; `context` is the plan's build context.
    pub(crate) fn apply(&mut self, plan: &ImagePlan, context: &FileTree) {
        for layer in &plan.layers {
            match &layer.instruction {
                Instruction::Copy(copy) => self.copy(copy, context),
                Instruction::Run(run) => {
                    let script = plan.scripts.iter().find(|script| script.name == run.script);
                    self.run(&script.unwrap().kind, context);
                }
            }
        }
        let configuration = &plan.configuration;
        self.environment.extend(configuration.environment.clone());
        self.labels.extend(configuration.labels.clone());
        self.ports.extend(&configuration.ports);
        if configuration.entrypoint.is_some() || configuration.command.is_some() {
            self.command.clone_from(&configuration.command);
        }
    }

    fn exists(&self, path: &str) -> bool {
        self.files.contains_key(path)
            || self.links.contains_key(path)
            || self.trees.contains_key(path)
            || self.directories.contains_key(path)
    }

    fn copy(&mut self, copy: &Copy, context: &FileTree) {
        let directory = copy.directory.trim_end_matches('/');
        let is_there = self.directories.contains_key(directory) || BASE.contains(&directory);
        assert!(is_there, "COPY would make {directory} with a mode of its own");
        for source in &copy.sources {
            let bytes = &context.get(source).unwrap().bytes;
            let path = format!("{directory}/{}", source.rsplit('/').next().unwrap());
            let taken = self.links.contains_key(&path) || self.directories.contains_key(&path);
            assert!(!taken && !self.trees.contains_key(&path), "{path} is in the way");
            let text = String::from_utf8_lossy(bytes);
            self.files.insert(path, format!("{} {:?} {text}", copy.mode, copy.owner));
        }
    }

    fn run(&mut self, kind: &ScriptKind, context: &FileTree) {
        match kind {
            ScriptKind::Apt(apt) => {
                for call in &apt.transactions {
                    for package in &call.packages {
                        let name = package.split('=').next().unwrap();
                        let wanted = (package.clone(), call.recommends);
                        self.packages.insert(name.to_owned(), wanted);
                    }
                }
            }
            ScriptKind::PackageRemoval(removal) => {
                for package in &removal.packages {
                    self.packages.remove(package).unwrap();
                }
            }
            ScriptKind::Users(made) => {
                for group in &made.groups {
                    let taken = self.groups.insert(group.name.clone(), group.gid);
                    assert_eq!(taken, None, "the group is there already");
                }
                for account in &made.accounts {
                    assert!(account.groups.iter().all(|group| self.groups.contains_key(group)));
                    let taken = self.accounts.insert(account.name.clone(), format!("{account:?}"));
                    assert_eq!(taken, None, "the account is there already");
                }
            }
            ScriptKind::AccountChanges(changes) => self.change_accounts(changes),
            ScriptKind::Component(script) => self.component(script, context),
            ScriptKind::Sudoers { rules } => {
                for rule in rules {
                    let bytes = &context.get(&format!("resources/sudoers/{rule}")).unwrap().bytes;
                    let text = String::from_utf8_lossy(bytes).into_owned();
                    self.rules.insert(format!("/etc/sudoers.d/{rule}"), text);
                }
            }
            ScriptKind::Directories(made) => self.make(made),
            ScriptKind::Removal(removal) => self.remove(removal),
            ScriptKind::User(_) => panic!("no layer runs it by itself"),
        }
    }

    fn change_accounts(&mut self, changes: &AccountChanges) {
        for account in &changes.accounts_gone {
            self.accounts.remove(account).unwrap();
        }
        for group in &changes.groups_gone {
            self.groups.remove(group).unwrap();
        }
        for account in &changes.accounts {
            self.accounts.insert(account.name.clone(), format!("{account:?}")).unwrap();
        }
    }

    /// Downloads, and a shell of three commands: `digest WORD... >PATH`, `install -D --mode=MODE "$INPUTS"/FILE PATH` and
    /// `rm PATH`.
    fn component(&mut self, script: &ComponentScript, context: &FileTree) {
        for download in &script.downloads {
            assert!(!self.exists(&download.to), "{} exists already", download.to);
            self.trees.insert(download.to.clone(), format!("{:?}", download.artifacts));
        }
        for line in script.body.iter().flat_map(|body| body.lines()) {
            if let Some(path) = line.strip_prefix("rm ") {
                self.written.remove(path).unwrap();
            } else if let Some((words, path)) =
                line.strip_prefix("digest ").and_then(|line| line.split_once(" >"))
            {
                let read: Vec<String> = words.split(' ').map(|word| self.read(word)).collect();
                let taken = self.written.insert(path.to_owned(), read.join("; "));
                assert_eq!(taken, None, "{path} was not taken back");
            } else if let Some(words) = line.strip_prefix("install -D ") {
                let [mode, source, path] = words.split(' ').collect::<Vec<_>>()[..] else {
                    panic!("no such command: {line}");
                };
                let folder = script.inputs.as_ref().unwrap().strip_prefix("/run/").unwrap();
                let folder = folder.strip_suffix(".inputs").unwrap();
                let source = source.strip_prefix("\"$INPUTS\"/").unwrap();
                let bytes =
                    &context.get(&format!("resources/inputs/{folder}/{source}")).unwrap().bytes;
                let text = format!("{mode} {}", String::from_utf8_lossy(bytes));
                assert_eq!(self.written.insert(path.to_owned(), text), None, "{path} is there");
            } else {
                panic!("no such command: {line}");
            }
        }
    }

    /// What a script sees of a thing.
    fn read(&self, word: &str) -> String {
        let package = self.packages.get(word).map(|(version, _)| version);
        let places = [&self.trees, &self.written, &self.files, &self.links];
        let at_path = places.iter().find_map(|place| place.get(word));
        package.or(at_path).map_or_else(|| word.to_owned(), Clone::clone)
    }

    fn make(&mut self, made: &Directories) {
        for directory in &made.directories {
            let described = format!("{} {:?}", directory.mode, directory.owner);
            let found = self.directories.entry(directory.path.clone()).or_insert(described.clone());
            assert!(!directory.is_declared || *found == described, "{} differs", directory.path);
        }
        for link in &made.links {
            if self.links.get(&link.path) != Some(&link.to) {
                assert!(!self.exists(&link.path), "{} exists already", link.path);
                self.links.insert(link.path.clone(), link.to.clone());
            }
        }
    }

    fn remove(&mut self, removal: &Removal) {
        for path in &removal.files {
            let file = self.files.remove(path).or_else(|| self.links.remove(path));
            let file = file.or_else(|| self.rules.remove(path));
            assert!(file.is_some(), "{path} is not there");
        }
        for path in &removal.trees {
            assert!(self.trees.remove(path).is_some(), "{path} is not there");
            let below = format!("{path}/");
            self.files.retain(|other, _| !other.starts_with(&below));
            self.links.retain(|other, _| !other.starts_with(&below));
            self.directories.retain(|other, _| other != path && !other.starts_with(&below));
        }
        for path in &removal.directories {
            let below = format!("{path}/");
            let is_below = |other: &String| other.starts_with(&below);
            let all = self.files.keys().chain(self.links.keys()).chain(self.trees.keys());
            if !all.chain(self.directories.keys()).any(is_below) {
                self.directories.remove(path);
            }
        }
        for directory in &removal.described {
            let described = format!("{} {:?}", directory.mode, directory.owner);
            self.directories.insert(directory.path.clone(), described).unwrap();
        }
    }
}
