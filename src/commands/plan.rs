//! `rdspec plan`: the layers of images, what they cost, and what a change rebuilds.

use anyhow::Context;

use super::table::{Align, aligned};
use super::{DONE, Session, WRONG, select};
use crate::cli::{Format, Plan};
use crate::compile::{Output, compile};
use crate::diagnostic::Severity;
use crate::plan::report::{Change, Image, Reported, report};

/// Runs the command.
///
/// # Errors
/// An unknown image or variant, or a revision that cannot be read.
pub fn run(session: &Session, arguments: &Plan) -> anyhow::Result<u8> {
    let Some(output) = session.compile()? else { return Ok(WRONG) };
    let wanted = select::of_variant(&output.plan, arguments.variant.as_deref())?;
    let wanted = match &arguments.image {
        Some(name) => vec![select::named(&wanted, name)?],
        None => wanted,
    };
    let before = match &arguments.since {
        Some(revision) => match compile_revision(session, revision)? {
            Some(before) => Some(before),
            None => return Ok(WRONG),
        },
        None => None,
    };
    let mut images = report(&output, before.as_ref());
    images.retain(|image| {
        wanted.iter().any(|wanted| {
            wanted.name.as_str() == image.image && wanted.variant.as_str() == image.variant
        })
    });
    match arguments.format {
        Format::Json => session.print_json(&images)?,
        Format::Text => {
            let texts: Vec<String> = images.iter().map(text).collect();
            session.print(&texts.join("\n"));
        }
    }
    Ok(DONE)
}

/// The spec of a revision, compiled by this rdspec.
fn compile_revision(session: &Session, revision: &str) -> anyhow::Result<Option<Output>> {
    let files = session
        .workspace
        .load_revision(revision)
        .with_context(|| format!("reading the spec of {revision}"))?;
    let compiled = compile(&files)?;
    if compiled.output.is_none() {
        let errors =
            compiled.diagnostics.iter().filter(|found| found.severity() == Severity::Error);
        session.complain(&format!(
            "error: the spec of {revision} has {} errors for this version of rdspec",
            errors.count()
        ));
    }
    Ok(compiled.output)
}

fn text(image: &Image) -> String {
    let mut rows = vec![["layer", "seconds", "changes", "inputs", "of", ""].map(str::to_owned)];
    for layer in &image.layers {
        rows.push([
            layer.name.clone(),
            format!("{}{:.1}", if layer.measured { "" } else { "~" }, layer.seconds),
            format!("{:.1} %", layer.rate * 100.0),
            layer.inputs.clone(),
            owners(layer),
            layer.change.map(change).unwrap_or_default().to_owned(),
        ]);
    }
    let aligns = [Align::Left, Align::Right, Align::Right, Align::Left, Align::Left, Align::Left];
    let mut lines = vec![
        format!("{} ({}) on {}", image.image, image.variant, image.base),
        aligned(&rows, aligns, 2).trim_end().to_owned(),
        format!(
            "  a full build: {:.0} s; expected of a rebuild: {:.0} s",
            image.seconds, image.expected_seconds
        ),
        format!(
            "  the order saves {} of the order as written ({:.0} s), {} of the worst one ({:.0} s)",
            percent(image.as_written_seconds - image.expected_seconds, image.as_written_seconds),
            image.as_written_seconds,
            percent(image.worst_seconds - image.expected_seconds, image.worst_seconds),
            image.worst_seconds,
        ),
    ];
    if let Some(seconds) = image.rebuilt_seconds {
        let layers = image.layers.iter().filter(|layer| layer.change != Some(Change::Kept)).count();
        lines.push(format!(
            "  the change rebuilds {layers} of {} layers: {seconds:.0} s, {}",
            image.layers.len(),
            percent(seconds, image.seconds),
        ));
        if !image.removed.is_empty() {
            lines.push(format!("  and removes {}", image.removed.join(", ")));
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

/// The components of a layer; of many, how many.
fn owners(layer: &Reported) -> String {
    match layer.owners.as_slice() {
        [] => "the stack".to_owned(),
        few if few.len() <= 3 => few.join(", "),
        many => format!("{} components", many.len()),
    }
}

fn change(change: Change) -> &'static str {
    match change {
        Change::Kept => "kept",
        Change::New => "new",
        Change::Changed => "changed",
        Change::Follows => "rebuilt after those",
    }
}

fn percent(part: f64, whole: f64) -> String {
    let share = if whole > 0.0 { part / whole * 100.0 } else { 0.0 };
    format!("{:.0} %", share.abs())
}
