//! All parts of a difference as one plan, whose base is the image that was built.

use std::collections::BTreeSet;

use super::files::Additions;
use super::packages::Packages;
use super::scripts::{Rerun, Undo};
use super::side::Side;
use super::{Late, Refusal, accounts, configuration, files, list, packages, scripts};
use crate::model::Name;
use crate::model::component::Component;
use crate::plan::download::Fetch;
use crate::plan::script::{
    Apt, ComponentScript, SUDOERS_SOURCE, SUDOERS_TARGET, Script, ScriptKind, UserScript,
};
use crate::plan::{
    Content, ENGINE_LAYERS, ImagePlan, Instruction, Layer, Mount, Run, TOOLS, download,
};

/// What the tag of a late image ends in.
pub const SUFFIX: &str = "-dev";

/// The difference between two sides, on the image `base`.
pub(super) fn difference(
    before: &Side<'_>,
    after: &Side<'_>,
    base: &str,
) -> Result<Late, Vec<Refusal>> {
    let mut refusals = Vec::new();
    refuse(before, after, &mut refusals);
    let accounts = accounts::difference(before, after, &mut refusals);
    let packages = packages::difference(before, after, &mut refusals);
    let scripts = scripts::difference(before, after, &mut refusals);
    let mut files = files::difference(before, after, &scripts.trees);
    let stated = configuration::stated(before, after, &mut refusals);
    let touched = files.touched.iter().chain(&scripts.trees);
    refuse_volumes(before, touched.map(String::as_str), &mut refusals);
    let (Some(last), Some(stated)) = (after.last(), stated) else { return Err(refusals) };
    if !refusals.is_empty() {
        return Err(refusals);
    }

    let mut laid = Laid::new(before, after);
    for undo in &scripts.undone {
        laid.undo(undo);
    }
    files.removal.files.extend(packages.removed_files.iter().cloned());
    files.removal.trees.clone_from(&scripts.trees);
    if files.removal != crate::plan::script::Removal::default() {
        laid.run(
            "dev.remove",
            ScriptKind::Removal(files.removal),
            "What is gone, and what comes anew".to_owned(),
            Vec::new(),
        );
    }
    laid.accounts(accounts);
    laid.packages(packages);
    for (image, additions) in files.additions.into_iter().enumerate() {
        for run in scripts.runs.iter().filter(|run| run.of.image == image) {
            laid.rerun(run);
        }
        laid.additions(image, additions);
    }
    let mut remarks = stated.remarks;
    remarks.extend(scripts.remarks);
    remarks.dedup();
    let is_change = stated.is_change || !laid.layers.is_empty();
    let plan = ImagePlan {
        variant: last.variant.clone(),
        name: last.name.clone(),
        folder: last.folder.clone(),
        reference: format!("{}{SUFFIX}", last.reference),
        parent: None,
        base: base.to_owned(),
        unpinned: None,
        spec: last.spec.clone(),
        source_date_epoch: last.source_date_epoch,
        max_size: last.max_size,
        estimates: Vec::new(),
        choices: Vec::new(),
        written: Vec::new(),
        layers: laid.layers,
        configuration: stated.configuration,
        scripts: laid.scripts,
        context: laid.context,
        checks: last.checks.clone(),
    };
    Ok(Late { plan, stops_healthcheck: stated.stops_healthcheck, remarks, is_change })
}

/// What is below everything else.
fn refuse(before: &Side<'_>, after: &Side<'_>, refusals: &mut Vec<Refusal>) {
    let base =
        |side: &Side<'_>| side.plans.first().map(|plan| plan.base.clone()).unwrap_or_default();
    let (old, new) = (base(before), base(after));
    if old != new {
        refusals.push(Refusal::build(
            format!("the base image is {new} and was {old}"),
            "every layer stands on it",
        ));
    }
    let (old, new) = (before.stack().source_date_epoch, after.stack().source_date_epoch);
    if old != new {
        refusals.push(Refusal::build(
            format!("source-date-epoch is {new} and was {old}"),
            "every script may have written it into what it made",
        ));
    }
}

/// What is written below a volume of the image is lost on some engines.
fn refuse_volumes<'path>(
    before: &Side<'_>,
    paths: impl Iterator<Item = &'path str>,
    refusals: &mut Vec<Refusal>,
) {
    let volumes: BTreeSet<&String> =
        before.plans.iter().flat_map(|plan| &plan.configuration.volumes).collect();
    for path in paths {
        for volume in &volumes {
            if path.strip_prefix(volume.as_str()).is_some_and(|rest| rest.starts_with('/')) {
                refusals.push(Refusal::build(
                    format!("{path} lies below the volume {volume}"),
                    "what is written below a volume of the image is lost on some engines",
                ));
            }
        }
    }
}

/// The layers that engines stack, past which a late image does not start.
pub fn exceeds(baseline: usize, late: &Late) -> Option<Refusal> {
    let layers = baseline + late.plan.layer_count();
    (layers > ENGINE_LAYERS).then(|| {
        Refusal::new(
            format!(
                "the image would have {layers} layers, {} of them late",
                late.plan.layer_count()
            ),
            format!("engines stack {ENGINE_LAYERS}, and the image that was built has {baseline}"),
            "try fewer things at a time, or make what works part of the image with `rdspec build`",
        )
    })
}

/// Collects the layers.
struct Laid<'side, 'output> {
    after: &'side Side<'output>,
    before: &'side Side<'output>,
    inherited: Vec<String>,
    layers: Vec<Layer>,
    scripts: Vec<Script>,
    context: Vec<(String, Content)>,
}

impl<'side, 'output> Laid<'side, 'output> {
    fn new(before: &'side Side<'output>, after: &'side Side<'output>) -> Self {
        let kept = |name: &str| crate::plan::image::is_variable_of_scripts(name);
        let names = before.environment().into_keys().filter(|name| !kept(name));
        Self {
            after,
            before,
            inherited: names.collect(),
            layers: Vec::new(),
            scripts: Vec::new(),
            context: Vec::new(),
        }
    }

    /// A layer that runs a script, which is mounted at `/run/<name>.sh`.
    fn run(&mut self, name: &str, kind: ScriptKind, comment: String, mounts: Vec<Mount>) {
        self.run_for(Vec::new(), name, kind, comment, mounts);
    }

    /// The same for the sake of components, one of whose lines may be at fault where it fails.
    fn run_for(
        &mut self,
        owners: Vec<Name>,
        name: &str,
        kind: ScriptKind,
        comment: String,
        mounts: Vec<Mount>,
    ) {
        let file = format!("{name}.sh");
        let mut all =
            vec![Mount::Bind { source: format!("{TOOLS}/{file}"), target: format!("/run/{file}") }];
        all.extend(mounts);
        self.scripts.push(Script::new(self.after.stack(), file.clone(), &self.inherited, kind));
        let instruction = Instruction::Run(Run { script: file, mounts: all });
        self.layers.push(Layer { comment, owners, instruction });
    }

    /// Runs the component's `undo` as its script ran: with its variables and secrets, as its user.
    fn undo(&mut self, undo: &Undo<'_>) {
        let component = undo.of.component.name.as_str();
        let name = format!("dev.undo.{component}");
        let mut script = ComponentScript {
            origin: undo.of.script.origin.clone(),
            environment: undo.of.script.environment.clone(),
            secrets: undo.of.script.secrets.clone(),
            body: Some(undo.body.to_owned()),
            ..ComponentScript::default()
        };
        let mut mounts: Vec<Mount> = undo
            .of
            .run
            .mounts
            .iter()
            .filter(|mount| matches!(mount, Mount::Secret { .. }))
            .cloned()
            .collect();
        if let Some((_, user)) = &undo.of.script.user_script {
            let file = format!("{name}.user.sh");
            let (source, target) = (format!("{TOOLS}/{file}"), format!("/run/{file}"));
            mounts.push(Mount::Bind { source, target: target.clone() });
            script.body = None;
            script.user_script = Some((target, user.clone()));
            let kind = UserScript { origin: script.origin.clone(), body: undo.body.to_owned() };
            let kind = ScriptKind::User(kind);
            self.scripts.push(Script::new(self.before.stack(), file, &[], kind));
        }
        let comment = format!("{component}: what its script did is taken back");
        let owners = vec![undo.of.component.name.clone()];
        self.run_for(owners, &name, ScriptKind::Component(Box::new(script)), comment, mounts);
    }

    /// Runs what of a component's script has to run, with all that it reads.
    fn rerun(&mut self, run: &Rerun<'_>) {
        let component = &run.of.component.name;
        let plan = self.after.plans.get(run.of.image);
        for (path, bytes) in self.after.seen(run.of.image, run.of.run) {
            self.context.push((path, Content::Verbatim(bytes)));
        }
        let comment = format!("{component} runs: {}", run.why);
        let own = format!("{TOOLS}/{}", run.of.run.script);
        let is_own =
            |mount: &&Mount| !matches!(mount, Mount::Bind { source, .. } if *source == own);
        let mounts = run.of.run.mounts.iter().filter(is_own).cloned().collect();
        let kind = ScriptKind::Component(Box::new(run.script.clone()));
        debug_assert!(plan.is_some());
        self.run_for(vec![component.clone()], component.as_str(), kind, comment, mounts);
    }

    fn accounts(&mut self, accounts: accounts::Changes) {
        if let Some(goes) = accounts.goes {
            let kind = ScriptKind::AccountChanges(goes);
            self.run(
                "dev.accounts-gone",
                kind,
                "Groups and accounts that are gone".to_owned(),
                Vec::new(),
            );
        }
        if let Some(comes) = accounts.comes {
            let names = comes.accounts.iter().map(|account| account.name.as_str());
            let groups = comes.groups.iter().map(|group| group.name.as_str());
            let names: BTreeSet<&str> = names.chain(groups).collect();
            let comment = format!("Groups and accounts that come: {}", list(names));
            self.run("users", ScriptKind::Users(comes), comment, Vec::new());
        }
        if let Some(alters) = accounts.alters {
            let kind = ScriptKind::AccountChanges(alters);
            self.run("dev.accounts", kind, "Accounts that change".to_owned(), Vec::new());
        }
    }

    fn packages(&mut self, packages: Packages) {
        self.context.extend(packages.context);
        if let Some(additions) = packages.additions {
            let mut mounts = self.apt_cache();
            mounts.extend(packages.mounts);
            if !additions.downloads.is_empty() {
                mounts.push(download::cache());
            }
            let comment = format!("Packages that come: {}", packages.comes);
            let owners = self.asking(&additions);
            self.run_for(owners, "dev.apt", ScriptKind::Apt(additions), comment, mounts);
        }
        if let Some(removal) = packages.removal {
            let fetches = !removal.downloads.is_empty();
            let mounts = fetches.then(download::cache).into_iter().collect();
            let comment =
                format!("Packages that go, with what they alone brought: {}", packages.goes);
            self.run("dev.apt-remove", ScriptKind::PackageRemoval(removal), comment, mounts);
        }
    }

    /// The components that ask for any of these packages.
    fn asking(&self, apt: &Apt) -> Vec<Name> {
        let named: BTreeSet<&str> = apt
            .transactions
            .iter()
            .flat_map(|call| &call.packages)
            .filter_map(|package| package.split('=').next())
            .collect();
        let fetched: BTreeSet<&str> = apt.downloads.iter().map(|one| one.name.as_str()).collect();
        let asks = |component: &Component| {
            let mut downloads = component.package_downloads();
            component.packages.iter().any(|package| named.contains(package.as_str()))
                || downloads
                    .any(|one| fetched.contains(Fetch::of_package(component, one).name.as_str()))
        };
        let components = self.after.components().map(|(_, component)| component);
        components.filter(|one| asks(one)).map(|one| one.name.clone()).collect()
    }

    /// The cache of apt, as the layers of the full build have it.
    fn apt_cache(&self) -> Vec<Mount> {
        let plans = self.after.plans.iter().chain(&self.before.plans);
        let layers = plans.flat_map(|plan| &plan.layers);
        let mounts = layers.filter_map(|layer| match &layer.instruction {
            Instruction::Run(run) => Some(&run.mounts),
            Instruction::Copy(_) => None,
        });
        let is_cache = |mount: &&Mount| matches!(mount, Mount::Cache { target, .. } if *target == crate::plan::script::APT);
        mounts.flatten().find(is_cache).cloned().into_iter().collect()
    }

    fn additions(&mut self, image: usize, additions: Additions) {
        let Some(name) = self.after.plans.get(image).map(|plan| &plan.name) else { return };
        self.context.extend(additions.context);
        if !additions.rules.is_empty() {
            let mount = Mount::Bind {
                source: SUDOERS_SOURCE.to_owned(),
                target: SUDOERS_TARGET.to_owned(),
            };
            let comment = format!(
                "Rules of sudo that change: {}",
                list(additions.rules.iter().map(String::as_str))
            );
            let kind = ScriptKind::Sudoers { rules: additions.rules };
            self.run(&format!("dev.sudoers.{name}"), kind, comment, vec![mount]);
        }
        if let Some(directories) = additions.directories {
            let kind = ScriptKind::Directories(directories);
            let comment = "Directories and links that come".to_owned();
            self.run(&format!("dev.directories.{name}"), kind, comment, Vec::new());
        }
        for (owners, copy) in additions.copies {
            let names: BTreeSet<&str> = owners.iter().map(Name::as_str).collect();
            let comment = format!("Files of {}", list(names));
            self.layers.push(Layer { comment, owners, instruction: Instruction::Copy(copy) });
        }
    }
}
