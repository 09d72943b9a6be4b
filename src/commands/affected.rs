//! `rdspec affected`: the images that a change touches, and why.

use anyhow::Context;
use serde::Serialize;

use super::{DONE, Session, WRONG, select};
use crate::affected::{self, Affected, Cause, Image, Side, affected};
use crate::cli::stack::{Affected as Arguments, AffectedFormat};
use crate::compile::{Output, compile};
use crate::source::SpecFiles;

/// How many things a line of text names.
const MOST_NAMED: usize = 6;

/// Runs the command.
///
/// # Errors
/// An unknown variant, or a revision that cannot be read.
pub fn run(session: &Session, arguments: &Arguments) -> anyhow::Result<u8> {
    let files = session.workspace.load()?;
    let Some(output) = session.compile_files(&files)? else { return Ok(WRONG) };
    if let Some(variant) = &arguments.variant {
        select::of_variant(&output.plan, Some(variant))?;
    }
    let mut found = since(session, &arguments.since, &files, &output)?;
    if let Some(variant) = &arguments.variant {
        found.images.retain(|image| image.variant == *variant);
        found.removed.retain(|image| image.variant == *variant);
    }
    match arguments.format {
        AffectedFormat::Text => session.print(&text(&found, &arguments.since)),
        AffectedFormat::Json => session.print_json(&found)?,
        AffectedFormat::GithubMatrix => {
            session.print(&format!("{}\n", serde_json::to_string(&matrix(&found))?));
        }
    }
    Ok(DONE)
}

/// What the change since a revision touches: everything, where that has no spec that this rdspec can read.
fn since(
    session: &Session,
    revision: &str,
    files: &SpecFiles,
    output: &Output,
) -> anyhow::Result<Affected> {
    let earlier_files = session
        .workspace
        .find_revision(revision)
        .with_context(|| format!("reading the spec of {revision}"))?;
    let Some(earlier_files) = earlier_files else {
        session.say(&format!("{revision} has no spec, so every image is new"));
        return Ok(affected::everything(output));
    };
    let Some(earlier) = compile(&earlier_files)?.output else {
        session.say(&format!(
            "the spec of {revision} has errors for this version of rdspec, so every image counts as new"
        ));
        return Ok(affected::everything(output));
    };
    let committed = session.workspace.generated_of_revision(revision)?;
    let before = Side { files: &earlier_files, output: &earlier };
    affected(before, Side { files, output }, committed.as_ref())
}

/// The value of `strategy.matrix` of a job: one job for each image, in the order of building.
#[derive(Serialize)]
struct Matrix<'found> {
    include: Vec<Job<'found>>,
}

#[derive(Serialize)]
struct Job<'found> {
    image: &'found str,
    variant: &'found str,
    /// Empty for an image that is built on one from elsewhere: the expressions of GitHub have no other nothing.
    parent: &'found str,
}

fn matrix(found: &Affected) -> Matrix<'_> {
    Matrix {
        include: found
            .images
            .iter()
            .map(|image| Job {
                image: &image.image,
                variant: &image.variant,
                parent: image.parent.as_deref().unwrap_or_default(),
            })
            .collect(),
    }
}

fn text(found: &Affected, revision: &str) -> String {
    let mut lines: Vec<String> = found.images.iter().flat_map(lines).collect();
    lines.extend(
        found.removed.iter().map(|gone| {
            format!("{} ({}): no longer an image of the stack", gone.image, gone.variant)
        }),
    );
    if lines.is_empty() {
        lines.push(format!("the change since {revision} touches no image"));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn lines(image: &Image) -> Vec<String> {
    let mut why = Vec::new();
    if image.is_new {
        why.push("new".to_owned());
    } else if !image.files.is_empty() {
        why.push("changed".to_owned());
    }
    if !image.written_otherwise.is_empty() {
        why.push("its generated files were not those of its spec".to_owned());
    }
    why.extend(image.follows.as_ref().map(|parent| format!("follows {parent}")));
    let mut lines = vec![format!("{} ({}): {}", image.image, image.variant, why.join(", "))];
    lines.extend(image.layers.iter().map(|layer| {
        let of = match layer.components.as_slice() {
            [] => "the stack".to_owned(),
            components => named(components),
        };
        format!("  layer {}: {}, of {of}", layer.name, layer.change.word())
    }));
    if image.is_reordered {
        lines.push("  layers stand in another order".to_owned());
    }
    if !image.settings.is_empty() {
        lines.push(format!("  settings: {}", image.settings.join(", ")));
    }
    lines.extend(
        image
            .checks
            .iter()
            .map(|check| format!("  checks of {}: {}", check.component, check.change.word())),
    );
    // What only comments differ in has no layer to name.
    if lines.len() == 1 && !image.is_new && !image.files.is_empty() {
        lines.push(format!("  comments alone, in {}", named(&image.files)));
    }
    if !image.written_otherwise.is_empty() {
        lines.push(format!("  generated otherwise: {}", named(&image.written_otherwise)));
    }
    if !image.causes.is_empty() {
        let files: Vec<String> = image.causes.iter().map(cause).collect();
        lines.push(format!("  by {}", named(&files)));
    }
    lines
}

fn cause(cause: &Cause) -> String {
    match &cause.component {
        // A resource does not always say in its name whose it is.
        Some(component) if !cause.file.ends_with(&format!("/{component}.toml")) => {
            format!("{} of {component}", cause.file)
        }
        _ => cause.file.clone(),
    }
}

/// The first few of many, and how many more there are.
fn named(all: &[String]) -> String {
    let first = all.iter().take(MOST_NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match all.len().saturating_sub(MOST_NAMED) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}
