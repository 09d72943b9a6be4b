//! `rdspec build`: the chain in order, each image on the parent that was just built.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;

use super::{DONE, ENGINE_FAILED, Session, WRONG, dev, select};
use crate::cli::Build;
use crate::compile::Output;
use crate::engine::secret::SecretFile;
use crate::engine::{self, BuildRequest, Engine};
use crate::plan::{ImagePlan, Instruction, Mount};
use crate::workspace::output::stage;

/// Runs the command.
///
/// # Errors
/// An unknown image or variant, or a build context that cannot be written.
pub fn run(session: &Session, arguments: &Build) -> anyhow::Result<u8> {
    let files = session.workspace.load()?;
    let Some(output) = session.compile_files(&files)? else { return Ok(WRONG) };
    let images = chain(&output, arguments)?;
    if !secrets_are_there(session, &images, &arguments.secrets) {
        return Ok(WRONG);
    }
    let engine = match Engine::find(arguments.engine) {
        Ok(engine) => engine,
        Err(error) => {
            session.complain(&format!("error: {error:#}"));
            return Ok(ENGINE_FAILED);
        }
    };
    for image in images {
        let base = match (&image.parent, &arguments.base) {
            (None, Some(base)) => base.clone(),
            _ => image.base.clone(),
        };
        session.say(&format!("building {} on {base} with {}", image.reference, engine.name()));
        let folder = tempfile::Builder::new()
            .prefix("rdspec-build-")
            .tempdir()
            .context("making a folder for the build context")?;
        stage(folder.path(), &output.tree.subtree(&image.folder), image.source_date_epoch)?;
        let request = BuildRequest {
            context: folder.path(),
            reference: &image.reference,
            base: &base,
            network: arguments.network.as_deref(),
            no_cache: arguments.no_cache,
            secrets: &arguments.secrets,
        };
        if let Err(error) = engine::build(&engine, &request) {
            session.complain(&format!("error: building {} failed: {error:#}", image.reference));
            return Ok(ENGINE_FAILED);
        }
        dev::remember(session, &engine, &files, image);
        session.say(&format!("built {}", image.reference));
    }
    Ok(DONE)
}

/// Whether every secret that a script reads is given, with a file that can be read. All that is wrong is said at once,
/// before anything is built.
fn secrets_are_there(session: &Session, images: &[&ImagePlan], given: &[SecretFile]) -> bool {
    let mut readers: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for image in images {
        for layer in &image.layers {
            let Instruction::Run(run) = &layer.instruction else { continue };
            for mount in &run.mounts {
                if let Mount::Secret { id, .. } = mount {
                    let reader = format!("{} of {}", run.script, image.reference);
                    readers.entry(id).or_default().insert(reader);
                }
            }
        }
    }
    let mut problems: Vec<String> = given.iter().filter_map(SecretFile::problem).collect();
    for (id, readers) in &readers {
        if given.iter().all(|secret| secret.name.as_str() != *id) {
            let readers: Vec<&str> = readers.iter().map(String::as_str).collect();
            problems.push(format!(
                "the secret `{id}` is missing, which {} reads: add --secret id={id},src=FILE",
                readers.join(" and ")
            ));
        }
    }
    for (at, secret) in given.iter().enumerate() {
        let name = secret.name.as_str();
        if given[..at].iter().any(|other| other.name == secret.name) {
            problems.push(format!("the secret `{name}` is given twice"));
        } else if !readers.contains_key(name) {
            session.say(&format!("no script of these images reads the secret `{name}`"));
        }
    }
    for problem in &problems {
        session.complain(&format!("error: {problem}"));
    }
    problems.is_empty()
}

/// The images to build, parents first.
fn chain<'output>(
    output: &'output Output,
    arguments: &Build,
) -> anyhow::Result<Vec<&'output ImagePlan>> {
    let of_variant = select::of_variant(&output.plan, arguments.variant.as_deref())?;
    if arguments.images.is_empty() {
        return Ok(of_variant);
    }
    let mut wanted: Vec<&str> = Vec::new();
    for name in &arguments.images {
        let mut next = Some(name.as_str());
        while let Some(name) = next {
            let image = select::named(&of_variant, name)?;
            wanted.push(image.name.as_str());
            next = image.parent.as_ref().map(crate::model::Name::as_str);
        }
    }
    Ok(of_variant.into_iter().filter(|image| wanted.contains(&image.name.as_str())).collect())
}
