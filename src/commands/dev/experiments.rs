//! Experiments of spec/dev: tried by `rdspec dev`, made part of the spec by `promote`, dropped by `reset`.

use std::collections::BTreeSet;

use anyhow::{Context, bail};

use super::super::{DONE, Session, WRONG, select};
use crate::cli::engines::Chosen;
use crate::commands::spec_change::{show, write_spec};
use crate::compile::Output;
use crate::dev::experiments::{self, Experiments, Tried, apply, compiled};
use crate::diagnostic::{Diagnostic, Diagnostics, suggest};
use crate::parse::{EXPERIMENTS, experiment_image};
use crate::source::{ChangedFile, SpecFiles};
use crate::splice::{Edit, applied, splice};
use crate::syntax::experiment::ExperimentFile;

/// What the spec compiles to with the experiments of an image and its parents, and the spec with them, if there are any;
/// none where they have errors, which are said.
pub(super) fn with(
    session: &Session,
    files: &SpecFiles,
    (plain, findings): (Output, Vec<Diagnostic>),
    image: &str,
) -> anyhow::Result<Option<(Output, Option<Tried>)>> {
    if !experiments::are_there(files) {
        return Ok(Some((plain, None)));
    }
    let mut found = Diagnostics::default();
    let read = Experiments::read(files, &plain, &mut found);
    let tried = read.of_chain(image);
    if tried.is_empty() && !found.has_errors() {
        return Ok(Some((plain, None)));
    }
    let applied = apply(files, &plain, &tried, |_| true, &mut found);
    let is_wrong = found.has_errors();
    session.report(&found.into_sorted(), files);
    let Some(applied) = applied.filter(|_| !is_wrong) else { return Ok(None) };
    let compiled = compiled(files, &findings, &applied)?;
    session.report(&compiled.diagnostics, files);
    for file in tried {
        let names: Vec<&str> = file.experiments.iter().map(|(name, _)| name.as_str()).collect();
        session.say(&format!("{} tries {}", files.display_path(file.file), names.join(", ")));
    }
    Ok(compiled.output.map(|output| (output, Some(applied))))
}

/// Makes experiments part of the spec.
///
/// # Errors
/// There are no such experiments, or a file that cannot be written; then nothing is.
pub(super) fn promote(session: &Session, arguments: &Chosen) -> anyhow::Result<u8> {
    let files = session.workspace.load()?;
    let Some((output, findings)) = session.compile_reported(&files)? else { return Ok(WRONG) };
    if let Some(name) = &arguments.image {
        let all: Vec<_> = output.plan.images.iter().collect();
        select::named(&all, name)?;
    }
    let Some(image) = image(session, &files, arguments, "promote")? else { return Ok(DONE) };
    let mut found = Diagnostics::default();
    let read = Experiments::read(&files, &output, &mut found);
    let Some(file) = read.of_image(&image).filter(|_| !found.has_errors()) else {
        session.report(&found.into_sorted(), &files);
        return Ok(WRONG);
    };
    come_after_parents(&files, &read, &image)?;
    let chosen = names(file, arguments)?;
    let is_chosen = |name: &str| chosen.contains(name);
    let tried = apply(&files, &output, &[file], is_chosen, &mut found);
    session.report(&found.into_sorted(), &files);
    let Some(tried) = tried else { return Ok(WRONG) };
    let after = compiled(&files, &findings, &tried)?;
    session.report(&after.diagnostics, &files);
    if after.output.is_none() {
        return Ok(WRONG);
    }
    let gone = without(&files, file, &chosen)?;
    lose_nothing(&files, &tried, &gone)?;
    let mut changes = tried.changed;
    changes.extend(gone);
    show(session, files.root(), &changes);
    if arguments.dry_run {
        return Ok(DONE);
    }
    say_what_git_lacks(session, &files, &changes);
    write_spec(session, &files, &changes)?;
    let names: Vec<&str> = chosen.iter().map(String::as_str).collect();
    session.say(&format!(
        "promoted {}: `rdspec generate` writes generated/ anew, and `rdspec build` with `rdspec test` proves it",
        names.join(", ")
    ));
    Ok(DONE)
}

/// Refuses to promote what was tried together with experiments of a parent, which would stay behind.
fn come_after_parents(files: &SpecFiles, read: &Experiments, image: &str) -> anyhow::Result<()> {
    if let Some(first) = read.of_chain(image).first().filter(|first| first.image != image) {
        let parent = &first.image;
        bail!(
            "`{image}` is tried with the experiments of its parent `{parent}`, in {}: run `rdspec dev promote {parent}` or `rdspec dev reset {parent}` first",
            files.display_path(first.file)
        );
    }
    Ok(())
}

/// Refuses to remove a copied file whose bytes came nowhere.
fn lose_nothing(files: &SpecFiles, tried: &Tried, gone: &[ChangedFile]) -> anyhow::Result<()> {
    let copied = gone.iter().filter(|change| experiment_image(&change.path).is_none());
    for change in copied.filter(|change| change.after.is_none()) {
        if change.before.as_ref().is_some_and(|bytes| !tried.says(bytes)) {
            bail!(
                "{}/{} would be lost, as nothing of the spec would have its bytes: if another experiment gives the same path, promote them one after the other, or take this one's `copy` out",
                files.root(),
                change.path
            );
        }
    }
    Ok(())
}

/// Drops experiments.
///
/// # Errors
/// There are no such experiments, or a file that cannot be written; then nothing is.
pub(super) fn reset(session: &Session, arguments: &Chosen) -> anyhow::Result<u8> {
    let files = session.workspace.load()?;
    let Some(image) = image(session, &files, arguments, "reset")? else { return Ok(DONE) };
    let path = format!("{EXPERIMENTS}{image}.toml");
    let (mut changes, mut kept) = (Vec::new(), Vec::new());
    if arguments.experiments.is_empty() {
        // Without reading it: what has mistakes can be dropped, too.
        let folder = format!("{EXPERIMENTS}{image}/");
        for own in files.paths().filter(|own| *own == path || own.starts_with(&folder)) {
            let before = files.get(own).cloned();
            // What a diff cannot show could not be had back.
            if before.as_ref().is_some_and(|bytes| std::str::from_utf8(bytes).is_ok()) {
                changes.push(ChangedFile { path: own.to_owned(), before, after: None });
            } else {
                kept.push(own.to_owned());
            }
        }
    } else {
        let mut found = Diagnostics::default();
        let variants = crate::parse::variants(&files);
        let file = files
            .id(&path)
            .and_then(|file| crate::parse::experiments(&files, file, &variants, &mut found));
        session.report(&found.into_sorted(), &files);
        let Some(file) = file else { return Ok(WRONG) };
        changes = without(&files, &file, &names(&file, arguments)?)?;
        changes.retain(|change| {
            let is_shown =
                change.before.as_ref().is_some_and(|old| std::str::from_utf8(old).is_ok());
            if !is_shown {
                kept.push(change.path.clone());
            }
            is_shown
        });
    }
    show(session, files.root(), &changes);
    for kept in kept {
        session.say(&format!(
            "{}/{kept} is no text that could be shown, so it stays: remove it by hand",
            files.root()
        ));
    }
    if !arguments.dry_run {
        say_what_git_lacks(session, &files, &changes);
        write_spec(session, &files, &changes)?;
    }
    Ok(DONE)
}

/// The image whose experiments are meant; none where there are no experiments at all, which is said.
fn image(
    session: &Session,
    files: &SpecFiles,
    arguments: &Chosen,
    command: &str,
) -> anyhow::Result<Option<String>> {
    let images: Vec<&str> = files.paths().filter_map(experiment_image).collect();
    match (&arguments.image, images.as_slice()) {
        (Some(image), _) if images.contains(&image.as_str()) => Ok(Some(image.clone())),
        (Some(image), _) => {
            let help = suggest::help(image, images.iter().copied())
                .map_or(String::new(), |help| format!("; {help}"));
            bail!(
                "there are no experiments for `{image}`: {}/{EXPERIMENTS}{image}.toml does not exist{help}",
                files.root()
            )
        }
        (None, [only]) => Ok(Some((*only).to_owned())),
        (None, []) => {
            session.say(&format!("there are no experiments in {}/{EXPERIMENTS}", files.root()));
            Ok(None)
        }
        (None, several) => {
            bail!(
                "which image is meant? `rdspec dev {command} IMAGE` takes one of {}",
                several.join(", ")
            )
        }
    }
}

/// The experiments that are meant.
fn names(file: &ExperimentFile, arguments: &Chosen) -> anyhow::Result<BTreeSet<String>> {
    let all = || file.experiments.iter().map(|(name, _)| name.as_str());
    if arguments.experiments.is_empty() {
        return Ok(all().map(str::to_owned).collect());
    }
    for name in &arguments.experiments {
        if !all().any(|other| other == name) {
            let help = suggest::help(name, all()).unwrap_or_default();
            bail!("`{}` has no experiment `{name}`; {help}", file.image);
        }
    }
    Ok(arguments.experiments.iter().cloned().collect())
}

/// The file of experiments without some of them, and what only those copied.
fn without(
    files: &SpecFiles,
    file: &ExperimentFile,
    gone: &BTreeSet<String>,
) -> anyhow::Result<Vec<ChangedFile>> {
    let path = files.path(file.file).to_owned();
    let before = files.get(&path).cloned();
    let (goes, stays): (Vec<_>, Vec<_>) =
        file.experiments.iter().partition(|(name, _)| gone.contains(&name.value));
    let after = if stays.is_empty() {
        None
    } else {
        let mut text = files.text(file.file).into_owned();
        for name in gone {
            let edit = Edit::Remove { path: vec!["experiments".to_owned(), name.clone()] };
            let removed = splice(&text, &edit).ok();
            text = removed.and_then(|removed| applied(&text, &removed)).with_context(|| {
                format!(
                    "`{name}` cannot be taken out of {} in place: do it by hand",
                    files.display_path(file.file)
                )
            })?;
        }
        Some(text.into_bytes().into())
    };
    let mut changes = vec![ChangedFile { path, before, after }];
    let folder = format!("{EXPERIMENTS}{}/", file.image);
    for path in files.paths() {
        let Some(source) = path.strip_prefix(&folder) else { continue };
        let copies = |(_, one): &&crate::syntax::Entry<_>| experiments::copies(one, source);
        if goes.iter().any(copies) && !stays.iter().any(copies) {
            let before = files.get(path).cloned();
            changes.push(ChangedFile { path: path.to_owned(), before, after: None });
        }
    }
    Ok(changes)
}

/// Says which of the files have what no commit could bring back.
fn say_what_git_lacks(session: &Session, files: &SpecFiles, changes: &[ChangedFile]) {
    let lacking = session.workspace.not_in_git().unwrap_or_default();
    for change in changes.iter().filter(|change| lacking.contains(&change.path)) {
        let path = format!("{}/{}", files.root(), change.path);
        session.say(&if change.after.is_some() {
            format!("{path} has changes that git has not: they stay, beside those above")
        } else {
            format!("{path} was not in git as it is: what it said is in the diff above")
        });
    }
}
