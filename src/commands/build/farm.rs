//! `rdspec build --builder`: the chain by `docker buildx bake`, on a builder that may be a farm on other machines.
//!
//! Such a builder has no images of this machine, so no child can be built on its parent by its name: in the bake file the
//! parent's target stands in for it, and all is one build. Its layers come from several images at once, so what it prints is
//! handed on as it is. Contexts are staged as for every other build, so its cache keys do not depend on the checkout.
#![expect(
    clippy::disallowed_methods,
    reason = "writes the files of a build into a folder of its own"
)]

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use anyhow::Context;
use serde_json::json;

use super::{Work, secrets};
use crate::cli::engines::Build;
use crate::commands::{DONE, ENGINE_FAILED, Session, WRONG};
use crate::engine::secret::SecretFile;
use crate::engine::{EngineName, process};
use crate::plan::ImagePlan;
use crate::plan::bake::Target;
use crate::render::bake::{OUTPUT, PATH};
use crate::workspace::output::stage;

/// The name of the second file in the folder of the build. What network a build has, bake reads from compose files alone.
const NETWORK: &str = "network.yml";

/// Builds images, parents first in the list, on the builder of that name.
///
/// # Errors
/// A build context that cannot be written, or docker cannot be started.
pub fn build(
    session: &Session,
    work: &Work,
    images: &[&ImagePlan],
    arguments: &Build,
    builder: &str,
) -> anyhow::Result<u8> {
    if work.engine.kind() != EngineName::Docker {
        session.complain(&format!(
            "error: --builder is a builder of `docker buildx`, and {} has none: take --engine docker",
            work.engine.name()
        ));
        return Ok(WRONG);
    }
    if !secrets::are_there(session, images, &arguments.building.secrets) {
        return Ok(WRONG);
    }
    let targets = targets(work, images);
    if !arguments.push && targets.iter().any(|(_, target)| target.platforms.len() > 1) {
        session.complain(
            "error: an image for several platforms has no place in an engine's store: add --push, so that it goes to the registry",
        );
        return Ok(WRONG);
    }
    let folder = tempfile::Builder::new()
        .prefix("rdspec-build-")
        .tempdir()
        .context("making a folder for the build")?;
    written(folder.path(), work, &targets, arguments)?;
    let mut command = work.engine.command();
    command.current_dir(folder.path()).args(call(work, &targets, arguments, builder)?);
    let status = process::attached(command, &work.interrupt)?;
    if let Some(status) = work.interrupt.status() {
        return Ok(status);
    }
    if !status.success() {
        session.complain(&format!("error: `docker buildx bake` ended with {status}"));
        return Ok(ENGINE_FAILED);
    }
    let done = if arguments.push { "pushed" } else { "built" };
    for (image, _) in &targets {
        for reference in work.references(image, &arguments.target.tags) {
            session.say(&format!("{done} {reference}"));
        }
    }
    Ok(DONE)
}

/// The target of each image.
fn targets<'work>(
    work: &'work Work,
    images: &[&'work ImagePlan],
) -> Vec<(&'work ImagePlan, &'work Target)> {
    let plan = &work.output.plan;
    let all = plan.images.iter().zip(&plan.bake.targets);
    all.filter(|(image, _)| images.iter().any(|wanted| wanted.folder == image.folder)).collect()
}

/// Writes the contexts with the bake file, and what that cannot say.
fn written(
    folder: &Path,
    work: &Work,
    targets: &[(&ImagePlan, &Target)],
    arguments: &Build,
) -> anyhow::Result<()> {
    let output = folder.join(OUTPUT);
    fs::create_dir(&output).context("making the folder of the build")?;
    let epoch = targets.first().map_or(0, |(image, _)| image.source_date_epoch);
    stage(&output, &work.output.tree, epoch)?;
    if let Some(network) = &arguments.building.network {
        let service = |(_, target): &(&ImagePlan, &Target)| {
            let context = format!("{OUTPUT}/{}", target.folder);
            let service = json!({ "build": { "context": context, "network": network } });
            (target.name.clone(), service)
        };
        let services: serde_json::Map<_, _> = targets.iter().map(service).collect();
        // JSON is YAML, too.
        fs::write(folder.join(NETWORK), json!({ "services": services }).to_string())
            .context("writing the network of the build")?;
    }
    Ok(())
}

/// The arguments of docker.
fn call(
    work: &Work,
    targets: &[(&ImagePlan, &Target)],
    arguments: &Build,
    builder: &str,
) -> anyhow::Result<Vec<OsString>> {
    let file = format!("{OUTPUT}/{PATH}");
    let mut call: Vec<OsString> =
        ["buildx", "bake", "--file", &file, "--builder", builder].map(OsString::from).into();
    if arguments.building.network.is_some() {
        call.extend(["--file", NETWORK].map(OsString::from));
    }
    if arguments.no_cache {
        call.push("--no-cache".into());
    }
    call.push(if arguments.push { "--push" } else { "--load" }.into());
    let mut set = |target: &Target, key: &str, value: OsString| {
        let mut word = OsString::from(format!("{}.{key}=", target.name));
        word.push(value);
        call.extend(["--set".into(), word]);
    };
    for (image, target) in targets {
        for reference in work.references(image, &arguments.target.tags) {
            set(target, "tags", reference.into());
        }
        if let (None, Some(base)) = (&image.parent, &arguments.building.base) {
            set(target, "args.BASE", base.into());
        }
        let given = arguments.building.secrets.iter();
        for secret in given.filter(|secret| target.secrets.contains(&secret.name)) {
            // Bake runs in another folder.
            let source = fs::canonicalize(&secret.source)
                .with_context(|| format!("finding {}", secret.source.display()))?;
            let secret = SecretFile { name: secret.name.clone(), source };
            set(target, "secrets", secret.argument());
        }
    }
    call.extend(targets.iter().map(|(_, target)| OsString::from(&target.name)));
    Ok(call)
}
