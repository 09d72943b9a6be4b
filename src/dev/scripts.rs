//! Scripts of components: which run again, what of them, and what has to go before.
//!
//! A part of a script runs again if it changed itself, or if something that it declares to consume did. What a
//! part consumes is what the spec says: the packages of its own component, what stands before it in its own
//! script, and all of the components that `needs` and `after` name, directly or not. A download or nothing but its
//! verified bytes depends on nothing.

pub(super) mod consumption;

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;

use super::Refusal;
use super::side::{PlannedScript, Side};
use crate::model::Name;
use crate::plan::managers::Managers;
use crate::plan::script::{ComponentScript, ScriptKind};
use consumption::Changed;

/// The difference in scripts.
#[derive(Debug, Default)]
pub(super) struct Scripts<'output> {
    /// What takes back what scripts did, the last one first.
    pub(super) undone: Vec<Undo<'output>>,
    /// Files and folders that go, or come anew.
    pub(super) trees: Vec<String>,
    /// What runs, in the order of the full build.
    pub(super) runs: Vec<Rerun<'output>>,
    pub(super) remarks: Vec<String>,
}

/// A script that takes back what another one did.
#[derive(Debug)]
pub(super) struct Undo<'output> {
    pub(super) of: PlannedScript<'output>,
    pub(super) body: &'output str,
}

/// What of a component's script runs on top of the baseline.
#[derive(Debug)]
pub(super) struct Rerun<'output> {
    pub(super) of: PlannedScript<'output>,
    pub(super) script: ComponentScript,
    /// Why, in words.
    pub(super) why: String,
}

pub(super) fn difference<'output>(
    before: &Side<'output>,
    after: &Side<'output>,
    refusals: &mut Vec<Refusal>,
) -> Scripts<'output> {
    let mut scripts = Scripts::default();
    let old: BTreeMap<&Name, PlannedScript<'_>> =
        before.component_scripts().into_iter().map(|one| (&one.component.name, one)).collect();
    let new = after.component_scripts();
    let mut changed = Changed::between(before, after);
    let is_gone = |one: &&PlannedScript<'_>| {
        new.iter().all(|other| other.component.name != one.component.name)
    };
    let gone: Vec<&PlannedScript<'_>> = old.values().filter(is_gone).collect();
    for one in &gone {
        changed.add(&one.component.name);
    }
    for one in &new {
        let earlier = old.get(&one.component.name).copied();
        let consumed = changed.consumed_by(one.image, one.component);
        let parts = Parts { before, after, old: earlier, new: *one, consumed };
        if parts.compare(&mut scripts) {
            changed.add(&one.component.name);
        }
    }
    for one in &gone {
        scripts.trees.extend(trees(one.script));
        remark_on_r(one.script, &mut scripts.remarks);
    }
    undo(before, after, &old, &mut scripts, refusals);
    scripts.trees.sort();
    scripts.trees.dedup();
    scripts
}

/// The shell text of a script, whoever runs it.
fn has_body(script: &ComponentScript) -> bool {
    script.body.is_some() || script.user_script.is_some()
}

/// Everything that a script makes at paths that the spec names.
fn trees(script: &ComponentScript) -> Vec<String> {
    let downloads = script.downloads.iter().filter(|fetch| !fetch.to.is_empty());
    let locales = script.locales.iter().map(|locale| locale.directory.clone());
    downloads
        .map(|fetch| fetch.to.clone())
        .chain(locales)
        .chain(folders(&script.managers))
        .collect()
}

/// The folders that package managers fill.
fn folders(managers: &Managers) -> Vec<String> {
    let conda = managers.conda.iter().map(|conda| conda.prefix.clone());
    let npm = managers.npm.iter().map(|npm| npm.prefix.clone());
    let pip = managers.pip.iter().map(|pip| pip.prefix.clone());
    let r = managers.r.iter().flat_map(|r| &r.packages).map(|package| package.folder.clone());
    conda.chain(npm).chain(pip).chain(r).collect()
}

fn remark_on_r(script: &ComponentScript, remarks: &mut Vec<String>) {
    if let Some(r) = &script.managers.r {
        remarks.push(format!(
            "what R packages brought along stays in {} until a full build: R notes nowhere for whose sake it came",
            r.library
        ));
    }
}

/// One component's script before and after.
struct Parts<'side, 'output> {
    before: &'side Side<'output>,
    after: &'side Side<'output>,
    old: Option<PlannedScript<'output>>,
    new: PlannedScript<'output>,
    /// What it consumes has changed: these.
    consumed: Vec<String>,
}

impl<'output> Parts<'_, 'output> {
    /// Adds what has to run again, and what has to go before; whether anything has to.
    fn compare(&self, scripts: &mut Scripts<'output>) -> bool {
        let new = self.new.script;
        let none = ComponentScript::default();
        let old = self.old.map_or(&none, |old| old.script);
        let mut run = new.clone();
        let mut gone: BTreeSet<String> = trees(old).into_iter().collect();
        let keep = |gone: &mut BTreeSet<String>, path: &str| {
            gone.remove(path);
        };
        // Verified bytes at their place.
        run.downloads.retain(|fetch| {
            let stays = !fetch.to.is_empty() && old.downloads.contains(fetch);
            if stays {
                keep(&mut gone, &fetch.to);
            }
            !stays && !fetch.to.is_empty()
        });
        let is_consuming = !self.consumed.is_empty();
        run.locales.retain(|locale| {
            let stays = !is_consuming && old.locales.contains(locale);
            if stays {
                keep(&mut gone, &locale.directory);
            }
            !stays
        });
        let earlier = is_consuming || !run.downloads.is_empty() || self.targets_gone(old);
        self.managers(old, earlier, &mut run.managers, &mut gone);
        let files = run.managers != Managers::default();
        let runs_body = has_body(new)
            && (earlier
                || files
                || !run.locales.is_empty()
                || !gone.is_empty()
                || self.body_differs(old));
        if runs_body {
            let for_script = new.downloads.iter().filter(|fetch| fetch.action == "script");
            run.downloads.extend(for_script.cloned());
            run.downloads.sort_by(|left, right| left.name.cmp(&right.name));
        } else {
            run.body = None;
            run.user_script = None;
            run.writable = Vec::new();
            run.owner = None;
            run.inputs = None;
            run.environment = Vec::new();
            run.secrets = Vec::new();
        }
        let is_change = !gone.is_empty()
            || runs_body
            || files
            || !run.downloads.is_empty()
            || !run.locales.is_empty()
            || has_body(old) && !has_body(new);
        if old.managers.r != new.managers.r && old.managers.r.is_some() {
            remark_on_r(old, &mut scripts.remarks);
        }
        scripts.trees.extend(gone);
        if runs_body || files || !run.downloads.is_empty() || !run.locales.is_empty() {
            scripts.runs.push(Rerun { of: self.new, script: run, why: self.why() });
        }
        is_change
    }

    /// Whether a download of the old script, which the rest of it may have used, is gone.
    fn targets_gone(&self, old: &ComponentScript) -> bool {
        old.downloads.iter().any(|fetch| !self.new.script.downloads.contains(fetch))
    }

    /// Which package managers work again, and which of their folders stay.
    fn managers(
        &self,
        old: &ComponentScript,
        earlier: bool,
        run: &mut Managers,
        gone: &mut BTreeSet<String>,
    ) {
        let same_files = |name: &str| self.manager_files(name);
        let mut again = earlier;
        let conda_stays = !again && run.conda == old.managers.conda;
        if conda_stays && let Some(conda) = run.conda.take() {
            gone.remove(&conda.prefix);
        }
        again |= run.conda.is_some();
        if let (Some(r), Some(before)) = (&mut run.r, &old.managers.r)
            && !again
            && (&r.program, &r.library) == (&before.program, &before.library)
        {
            r.packages.retain(|package| {
                let stays = before.packages.contains(package);
                if stays {
                    gone.remove(&package.folder);
                }
                !stays
            });
        }
        run.r.take_if(|r| r.packages.is_empty());
        again |= run.r.is_some();
        let npm_stays = !again && run.npm == old.managers.npm && same_files("package");
        if npm_stays && let Some(npm) = run.npm.take() {
            gone.remove(&npm.prefix);
        }
        again |= run.npm.is_some();
        let pip_stays = !again && run.pip == old.managers.pip && same_files("requirements.txt");
        if pip_stays && let Some(pip) = run.pip.take() {
            gone.remove(&pip.prefix);
        }
    }

    /// Whether the files of a package manager, which begin so, are the same before and after.
    fn manager_files(&self, name: &str) -> bool {
        let folder = format!("resources/packages/{}/{name}", self.new.component.name);
        let of = |side: &Side<'_>, one: &PlannedScript<'_>| -> BTreeMap<String, Bytes> {
            let files = side.seen(one.image, one.run).into_iter();
            files.filter(|(path, _)| path.starts_with(&folder)).collect()
        };
        self.old.is_some_and(|old| of(self.before, &old) == of(self.after, &self.new))
    }

    /// Whether the component's own shell, or something that only it reads, differs.
    fn body_differs(&self, old: &ComponentScript) -> bool {
        let new = self.new.script;
        let of_script = |script: &ComponentScript| {
            let downloads = script.downloads.iter().filter(|fetch| fetch.action == "script");
            downloads.cloned().collect::<Vec<_>>()
        };
        let packages = format!("resources/packages/{}/", self.new.component.name);
        let files = |side: &Side<'_>, one: &PlannedScript<'_>| -> BTreeMap<String, Bytes> {
            let files = side.seen(one.image, one.run).into_iter();
            let of_body = files.filter(|(path, _)| !path.starts_with(&packages));
            // The user's script is a file; of what goes before its text, nothing is the component's.
            of_body.filter(|(path, _)| !path.starts_with(crate::plan::TOOLS)).collect()
        };
        let user_body = |side: &Side<'_>, one: &PlannedScript<'_>| {
            let name = format!("{}.user.sh", one.component.name);
            let plan = side.plans.get(one.image)?;
            let script = plan.scripts.iter().find(|script| script.name == name)?;
            match &script.kind {
                ScriptKind::User(user) => Some(user.body.clone()),
                _ => None,
            }
        };
        let Some(before) = &self.old else { return true };
        (&new.body, &new.user_script, &new.environment, &new.secrets, &new.writable, new.owner)
            != (
                &old.body,
                &old.user_script,
                &old.environment,
                &old.secrets,
                &old.writable,
                old.owner,
            )
            || of_script(new) != of_script(old)
            || user_body(self.before, before) != user_body(self.after, &self.new)
            || files(self.before, before) != files(self.after, &self.new)
    }

    fn why(&self) -> String {
        match (&self.old, self.consumed.as_slice()) {
            (None, _) => "it is new".to_owned(),
            (Some(_), []) => "it changed".to_owned(),
            (Some(_), consumed) => {
                let names = super::list(consumed.iter().map(String::as_str));
                format!("it uses what changed in {names}")
            }
        }
    }
}

/// Takes back what the shell of scripts did that run again or are gone.
fn undo<'output>(
    before: &Side<'output>,
    after: &Side<'output>,
    old: &BTreeMap<&Name, PlannedScript<'output>>,
    scripts: &mut Scripts<'output>,
    refusals: &mut Vec<Refusal>,
) {
    let kept = after.component_scripts();
    for one in before.component_scripts().into_iter().rev() {
        let name = &one.component.name;
        if !old.contains_key(name) || !has_body(one.script) {
            continue;
        }
        let again = scripts.runs.iter().find(|run| run.of.component.name == *name);
        let stays =
            kept.iter().any(|other| other.component.name == *name && has_body(other.script));
        let again = again.filter(|run| has_body(&run.script));
        if stays && again.is_none() {
            continue;
        }
        // What the baseline's script did is undone by what was written beside it, where there was something.
        let own = one.component.script.as_ref().and_then(|script| script.undo.as_deref());
        let later = || {
            let (_, component) = after.component(name)?;
            component.script.as_ref()?.undo.as_deref()
        };
        if let Some(body) = own.or_else(later) {
            scripts.undone.push(Undo { of: one, body });
            continue;
        }
        let what = again.map_or_else(
            || format!("the script of {name} is gone"),
            |run| format!("the script of {name} has to run again: {}", run.why),
        );
        refusals.push(Refusal::new(
            what,
            "what it did before is not known to rdspec, so it cannot be taken back",
            format!("say it as `undo` in [script] of {name} (`:` where there is nothing to take back), or let `rdspec build` do it"),
        ));
    }
}
