//! The layers of one image.
//!
//! First what everything stands on (bootstrap, the user), then packages and scripts in the order
//! that [`order`](super::order) finds, then sudo rules, directories and files, which are cheap and change
//! often.

use std::collections::BTreeSet;

use super::configuration::Configuration;
use super::estimate::{self, Estimated, Estimates};
use super::files::{self, Placed};
use super::order::{self, Step};
use super::script::{self, Script, ScriptKind};
use super::{
    Content, ImagePlan, Instruction, Layer, Mount, Run, TOOLS, accounts, apt, download, managers,
};
use crate::model::component::{ChangeClass, Component, Owner};
use crate::model::places;
use crate::model::stack::Base;
use crate::model::{Image, Name, Stack, Variant};

/// Collects what makes an image while its layers are laid.
struct Builder<'stack> {
    stack: &'stack Stack,
    inherited: Vec<String>,
    layers: Vec<Layer>,
    scripts: Vec<Script>,
    context: Vec<(String, Content)>,
}

impl Builder<'_> {
    /// A layer that runs a script, which is mounted at `/run/<name>.sh`.
    fn run(
        &mut self,
        name: &str,
        kind: ScriptKind,
        owners: Vec<Name>,
        comment: String,
        mounts: Vec<Mount>,
    ) {
        let file = format!("{name}.sh");
        let mut all =
            vec![Mount::Bind { source: format!("{TOOLS}/{file}"), target: format!("/run/{file}") }];
        all.extend(mounts);
        self.scripts.push(Script::new(self.stack, file.clone(), &self.inherited, kind));
        let instruction = Instruction::Run(Run { script: file, mounts: all });
        self.layers.push(Layer { comment, owners, instruction });
    }
}

pub(super) fn plan(stack: &Stack, variant: &Variant, image: &Image) -> ImagePlan {
    let chain = variant.chain(image);
    let parents: Vec<&Image> = chain[..chain.len() - 1].to_vec();
    let mut builder = Builder {
        stack,
        inherited: inherited_variables(&parents),
        layers: Vec::new(),
        scripts: Vec::new(),
        context: Vec::new(),
    };
    let cache = apt::cache(stack, &chain);
    let release = apt::release(&chain);
    if parents.is_empty() {
        bootstrap(&mut builder, variant, &cache);
    }
    users(&mut builder, image);
    let estimates = Estimates::new(&stack.profile, &variant.name, &image.name);
    let steps: Vec<Step<'_>> = order::steps(image, &estimates);
    let choices = order::weights(&steps);
    for step in order::best(&choices) {
        match &steps[step].work {
            order::Work::Packages(class) => packages(&mut builder, variant, image, *class, &cache),
            order::Work::Component(component) => {
                component_script(&mut builder, component, &release);
            }
        }
    }
    sudo_rules(&mut builder, image);
    copied_files(&mut builder, image, &parents);
    let (base, unpinned, parent) = match &image.base {
        Base::Parent(parent) => (stack.reference(variant, parent), None, Some(parent.clone())),
        Base::External(external) => {
            let digest = external.digest.as_ref().map(|digest| format!("@{digest}"));
            let reference = format!("{}{}", external.reference, digest.unwrap_or_default());
            (reference, external.unpinned.as_ref().map(ToString::to_string), None)
        }
    };
    let folder = if variant.is_default {
        image.name.to_string()
    } else {
        format!("{}/{}", variant.name, image.name)
    };
    ImagePlan {
        variant: variant.name.clone(),
        name: image.name.clone(),
        folder,
        reference: stack.reference(variant, &image.name),
        parent,
        base,
        unpinned,
        spec: stack.root.clone(),
        source_date_epoch: stack.source_date_epoch,
        estimates: estimated(&builder.layers, &steps, &estimates),
        written: order::written(&steps, image),
        choices,
        max_size: image.max_size,
        layers: builder.layers,
        configuration: Configuration::of(stack, &chain),
        scripts: builder.scripts,
        context: builder.context,
        checks: checks(&chain),
    }
}

/// The estimate of each layer: that of its step, or of its kind.
fn estimated(layers: &[Layer], steps: &[Step<'_>], estimates: &Estimates<'_>) -> Vec<Estimated> {
    layers
        .iter()
        .map(|layer| {
            let name = estimate::layer_name(layer);
            let step = steps.iter().position(|step| step.name == name);
            let estimate = step
                .and_then(|step| steps.get(step))
                .map_or_else(|| estimates.fixed(layer), |step| step.estimate);
            Estimated { name, estimate, step }
        })
        .collect()
}

/// The run-time variables of an image's parents. Its scripts see those that they declare, no others; what rdspec
/// sets itself and proxies are not unset.
fn inherited_variables(parents: &[&Image]) -> Vec<String> {
    let names: BTreeSet<&str> = parents
        .iter()
        .flat_map(|parent| &parent.components)
        .flat_map(|component| {
            let values = component.environment.iter().map(|(name, ..)| name.as_str());
            values.chain(component.environment_prepend.iter().map(|(name, ..)| name.as_str()))
        })
        .filter(|name| !is_variable_of_scripts(name))
        .collect();
    names.into_iter().map(str::to_owned).collect()
}

/// Whether a script sets a variable itself, or is to see it whatever an image says.
pub(crate) fn is_variable_of_scripts(name: &str) -> bool {
    matches!(name, "PATH" | "LC_ALL" | "HOME") || name.to_ascii_lowercase().ends_with("_proxy")
}

/// What every other layer of a chain stands on.
fn bootstrap(builder: &mut Builder<'_>, variant: &Variant, cache: &Mount) {
    let stack = builder.stack;
    if !variant.bootstrap.is_empty() || stack.keeps_translations {
        let kind = ScriptKind::Apt(apt::bootstrap(stack, variant));
        let comment = "What fetches, verifies and unpacks everything else".to_owned();
        builder.run("bootstrap", kind, Vec::new(), comment, vec![cache.clone()]);
    }
}

/// The user, groups and accounts, before everything that could ask for them.
fn users(builder: &mut Builder<'_>, image: &Image) {
    if let Some((made, comment, owners)) = accounts::of(builder.stack, image) {
        builder.run("users", ScriptKind::Users(made), owners, comment, Vec::new());
    }
}

/// All apt packages of one change class.
fn packages(
    builder: &mut Builder<'_>,
    variant: &Variant,
    image: &Image,
    class: ChangeClass,
    cache: &Mount,
) {
    let components: Vec<&Component> = image
        .components
        .iter()
        .map(AsRef::as_ref)
        .filter(|component| component.change_class == class && component.has_packages())
        .collect();
    let owners: Vec<Name> = components.iter().map(|component| component.name.clone()).collect();
    let comment = format!("Packages of {}", list(&owners));
    let transaction = apt::transaction(variant, &variant.chain(image), class, &components);
    let mut mounts = vec![cache.clone()];
    if !transaction.downloads.is_empty() {
        mounts.push(download::cache());
    }
    let (files, mount) = apt::repositories(variant, class, &components);
    builder.context.extend(files);
    mounts.extend(mount);
    let name = format!("apt-{}", class.name());
    builder.run(&name, ScriptKind::Apt(transaction), owners, comment, mounts);
}

/// The downloads, environments and script of one component. What runs as the user is a script of its own.
fn component_script(builder: &mut Builder<'_>, component: &Component, release: &str) {
    let name = component.name.as_str();
    let mut mounts = Vec::new();
    if let Some(kind) = script::UserScript::of(builder.stack, component) {
        let file = script::user_script(name);
        mounts.push(Mount::Bind {
            source: format!("{TOOLS}/{file}"),
            target: format!("/run/{file}"),
        });
        let kind = ScriptKind::User(kind);
        builder.scripts.push(Script::new(builder.stack, file, &[], kind));
    }
    if let Some(script) = &component.script
        && !script.inputs.is_empty()
    {
        let folder = format!("resources/inputs/{name}");
        for (input, bytes) in &script.inputs {
            let content = Content::Verbatim(bytes.clone());
            builder.context.push((format!("{folder}/{input}"), content));
        }
        mounts.push(Mount::Bind { source: folder, target: script::inputs_target(name) });
    }
    if component.script_downloads().next().is_some() {
        mounts.push(download::cache());
    }
    mounts.extend(secrets(builder.stack, component));
    let (files, of_managers) = managers::mounts(component, release);
    builder.context.extend(files);
    mounts.extend(of_managers);
    let kind =
        ScriptKind::Component(Box::new(script::ComponentScript::of(builder.stack, component)));
    let comment = format!("{name}: {}", component.summary);
    builder.run(name, kind, vec![component.name.clone()], comment, mounts);
}

/// The secrets of a component's script, each for whoever runs it.
fn secrets<'stack>(
    stack: &'stack Stack,
    component: &'stack Component,
) -> impl Iterator<Item = Mount> + 'stack {
    component.script.iter().flat_map(move |script| {
        let user = stack.user.as_ref().filter(|_| script.user == Owner::User);
        let uid = user.map_or(0, |user| user.uid);
        script.secrets.iter().map(move |secret| Mount::Secret {
            id: secret.to_string(),
            target: script::secret_target(component.name.as_str(), secret),
            uid,
        })
    })
}

/// All sudo rules of an image, checked by visudo in the RUN that installs them.
fn sudo_rules(builder: &mut Builder<'_>, image: &Image) {
    let Some(user) = &builder.stack.user else { return };
    let mut rules = Vec::new();
    let mut owners = Vec::new();
    for component in image.components.iter().filter(|component| !component.sudo.is_empty()) {
        let Some(path) = places::sudoers_path(&component.name) else { continue };
        let file = path.file_name().to_owned();
        let content = Content::Sudoers {
            origin: component.origin.clone(),
            user: user.name.to_string(),
            rules: component.sudo.clone(),
        };
        builder.context.push((format!("{}/{file}", script::SUDOERS_SOURCE), content));
        rules.push(file);
        owners.push(component.name.clone());
    }
    // The order of components means nothing, so it must not change the script.
    rules.sort();
    if rules.is_empty() {
        return;
    }
    let mount = Mount::Bind {
        source: script::SUDOERS_SOURCE.to_owned(),
        target: script::SUDOERS_TARGET.to_owned(),
    };
    let mut all = image.components.iter().flat_map(|component| &component.sudo);
    let as_whom =
        if all.all(|rule| rule.run_as.as_str() == "root") { "root" } else { "somebody else" };
    let comment = format!("What {} may run as {as_whom}: {}", user.name, list(&owners));
    builder.run("sudoers", ScriptKind::Sudoers { rules }, owners, comment, vec![mount]);
}

/// The directories of the image's files, then the files.
fn copied_files(builder: &mut Builder<'_>, image: &Image, parents: &[&Image]) {
    let placed: Vec<Placed> = files::of(builder.stack, image);
    let directories = files::directories(builder.stack, image, parents, &placed);
    if !directories.directories.is_empty() || !directories.links.is_empty() {
        let comment = match (directories.checks_directories, directories.links.is_empty()) {
            (false, true) => "Directories of the files below",
            (_, true) => "Directories",
            (_, false) => "Directories and links",
        };
        let comment = comment.to_owned();
        builder.run(
            "directories",
            ScriptKind::Directories(directories),
            Vec::new(),
            comment,
            Vec::new(),
        );
    }
    let (layers, context) = files::copies(builder.stack, placed);
    for (owners, copy) in layers {
        let comment = format!("Files of {}", list(&owners));
        builder.layers.push(Layer { comment, owners, instruction: Instruction::Copy(copy) });
    }
    builder.context.extend(context);
}

/// Every check of the chain: a child must not break its parent.
fn checks(chain: &[&Image]) -> Vec<(Name, String)> {
    chain
        .iter()
        .flat_map(|image| &image.components)
        .flat_map(|component| {
            component.checks.iter().map(|check| (component.name.clone(), check.clone()))
        })
        .collect()
}

/// `a, b and c`, each once, sorted.
fn list(names: &[Name]) -> String {
    let unique: BTreeSet<&str> = names.iter().map(Name::as_str).collect();
    let names: Vec<&str> = unique.into_iter().collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
