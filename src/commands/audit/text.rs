//! The report for a person: first how it stands, then the layers, then what to mend.
//!
//! Takes a [`Report`], gives lines. Nothing is computed here but shares and sums.

use std::collections::BTreeMap;

use crate::audit::findings::{Finding, Kind};
use crate::audit::layers::{LayerReport, Stored};
use crate::audit::owners::{Attributed, Place};
use crate::audit::{Bound, Report, percent};
use crate::commands::table::{Align, aligned};
use crate::image::waste::Cause;
use crate::model::size::display;

/// The longest step of somebody else's build that is shown.
const LONGEST_STEP: usize = 50;
/// The most findings of one kind that are listed.
const MOST_OF_A_KIND: usize = 20;

/// Writes the report.
pub(super) fn write(report: &Report) -> String {
    let mut parts = vec![head(report), layers(report)];
    parts.extend(files("the largest files of our layers", &report.largest, report));
    parts.extend(files("stored for nothing", &report.worst, report));
    parts.extend(findings(report));
    parts.join("\n")
}

fn head(report: &Report) -> String {
    let efficiency = &report.efficiency;
    let ours = &report.layers[report.base_layers..];
    let our_size: u64 = ours.iter().map(|layer| layer.size).sum();
    let mut rows = Vec::new();
    if let Some(image) = &report.stack_image {
        let outdated = match image.outdated {
            0 => String::new(),
            some => format!(", {some} of them built from another version of the spec"),
        };
        let text = format!(
            "{} ({}), {} of {} layers found{outdated}",
            image.image, image.variant, image.found, image.planned
        );
        rows.push(["image of the stack".to_owned(), text]);
    }
    rows.push([
        "size".to_owned(),
        format!(
            "{} in {} layers; ours are {} in {}",
            display(report.size),
            report.layers.len(),
            display(our_size),
            ours.len()
        ),
    ]);
    rows.extend(report.budgets.iter().map(|budget| match budget.bound {
        Bound::MaxSize { limit, .. } => {
            ["budget".to_owned(), format!("{}: {}", display(limit), kept(budget.exceeded))]
        }
        Bound::MinEfficiency { limit, .. } => [
            "least efficiency".to_owned(),
            format!("{}: {}", percent(limit), kept(budget.exceeded)),
        ],
    }));
    rows.push([
        "efficiency".to_owned(),
        format!(
            "{} of our layers, {} without shared databases; {} of all layers (dive), {} without",
            percent(efficiency.our_layers.score),
            percent(efficiency.our_layers_without_shared_databases.score),
            percent(efficiency.all_layers.score),
            percent(efficiency.all_layers_without_shared_databases.score),
        ),
    ]);
    let wasted = &report.wasted;
    rows.push([
        "for nothing".to_owned(),
        format!(
            "{} stored again, {} deleted later; of these, {} are shared databases of package managers",
            display(wasted.stored_again),
            display(wasted.deleted),
            display(wasted.shared_databases)
        ),
    ]);
    let title = format!("{} ({})\n", report.reference, report.platform);
    title + &aligned(&rows, [Align::Left; 2], 2)
}

fn kept(exceeded: bool) -> &'static str {
    if exceeded { "EXCEEDED" } else { "kept" }
}

fn layers(report: &Report) -> String {
    let mut rows =
        vec![["#", "size", "files", "again", "deleted", "layer", "of"].map(str::to_owned)];
    for layer in &report.layers {
        let (name, of) = names(layer, report);
        rows.push([
            layer.number.to_string(),
            display(layer.size),
            layer.files.to_string(),
            some(layer.stored_again),
            some(layer.deleted_later),
            name,
            of,
        ]);
    }
    let (left, right) = (Align::Left, Align::Right);
    "layers, from the bottom up; bytes that they store again, and that later layers delete\n"
        .to_owned()
        + &aligned(&rows, [right, right, right, right, right, left, left], 2)
}

/// Nothing is not worth a number.
fn some(bytes: u64) -> String {
    if bytes == 0 { String::new() } else { display(bytes) }
}

/// What a layer is, and whose.
fn names(layer: &LayerReport, report: &Report) -> (String, String) {
    let Some(of) = &layer.of else {
        let step = layer.created_by.as_deref().unwrap_or("unknown step");
        let words: Vec<&str> = step.split_whitespace().collect();
        let base = if layer.is_base { "base" } else { "" };
        return (shortened(&words.join(" ")), base.to_owned());
    };
    let is_parents = report.stack_image.as_ref().is_some_and(|image| image.image != of.image);
    let parent = if is_parents { format!("{}: ", of.image) } else { String::new() };
    let outdated = if of.is_outdated { " (another version)" } else { "" };
    (format!("{parent}{}{outdated}", of.layer), owners(of))
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= LONGEST_STEP {
        return text.to_owned();
    }
    text.chars().take(LONGEST_STEP - 1).chain(['…']).collect()
}

fn owners(of: &Attributed) -> String {
    match of.owners.as_slice() {
        few if few.len() <= 3 => few.iter().map(place).collect::<Vec<_>>().join(", "),
        [first, rest @ ..] => format!("{} and {} more", place(first), rest.len()),
        [] => String::new(),
    }
}

fn place(place: &Place) -> String {
    format!("{}:{}", place.file, place.line)
}

/// Whose a layer is, in short.
fn owner_of(number: usize, report: &Report) -> String {
    let of = report.layers.get(number).and_then(|layer| layer.of.as_ref());
    of.map(owners).unwrap_or_default()
}

fn files(title: &str, files: &[Stored], report: &Report) -> Option<String> {
    if files.is_empty() {
        return None;
    }
    let rows: Vec<[String; 5]> = files
        .iter()
        .map(|file| {
            let numbers: Vec<String> = file.layers.iter().map(ToString::to_string).collect();
            let why: Vec<&str> = file.causes.iter().map(|cause| words(*cause)).collect();
            let shared = file.shared_by.map(|program| format!(" by {program}"));
            [
                display(file.bytes),
                format!("/{}", file.path),
                format!("layer {}", numbers.join(", ")),
                why.join(", ") + &shared.unwrap_or_default(),
                file.layers.last().map_or_else(String::new, |layer| owner_of(*layer, report)),
            ]
        })
        .collect();
    let (left, right) = (Align::Left, Align::Right);
    Some(format!("{title}\n{}", aligned(&rows, [right, left, left, left, left], 2)))
}

fn words(cause: Cause) -> &'static str {
    match cause {
        Cause::Rewritten => "rewritten",
        Cause::Identical => "stored again unchanged",
        Cause::MetadataOnly => "mode or owner changed",
        Cause::Deleted => "deleted",
    }
}

fn findings(report: &Report) -> Vec<String> {
    let mut kinds: BTreeMap<Kind, Vec<&Finding>> = BTreeMap::new();
    for finding in &report.findings {
        kinds.entry(finding.kind).or_default().push(finding);
    }
    kinds.into_iter().map(|(kind, findings)| of_kind(kind, &findings, report)).collect()
}

fn of_kind(kind: Kind, findings: &[&Finding], report: &Report) -> String {
    let rows: Vec<[String; 5]> = findings
        .iter()
        .take(MOST_OF_A_KIND)
        .map(|finding| {
            let many =
                if finding.files > 1 { format!("{} files", finding.files) } else { String::new() };
            [
                finding.path.clone(),
                finding.what.clone(),
                [many, some(finding.bytes)].join(" ").trim().to_owned(),
                format!("layer {}", finding.layer),
                owner_of(finding.layer, report),
            ]
        })
        .collect();
    let more = match findings.len().saturating_sub(MOST_OF_A_KIND) {
        0 => String::new(),
        more => format!("  and {more} more, in --format json\n"),
    };
    format!("{}\n{}{more}", advice(kind), aligned(&rows, [Align::Left; 5], 2))
}

/// What a kind is, and what to do about it.
fn advice(kind: Kind) -> &'static str {
    match kind {
        Kind::PrivateKey => {
            "private keys: whoever has the image has them; revoke them, and hand them over while building as a secret"
        }
        Kind::KeyByName => "named like private keys: make sure that they are none",
        Kind::MachineIdentity => {
            "identities: every container would be the same machine; remove them in the RUN that makes them"
        }
        Kind::WorldWritable => {
            "world-writable: anybody in a container may change them; make them writable by their owner alone"
        }
        Kind::SetId => "setuid and setgid: they run as their owner or group, whoever starts them",
        Kind::PackageCache => {
            "caches of package managers: keep them in a cache mount, or empty them in the RUN that fills them"
        }
        Kind::Cache => "other caches: empty them in the RUN that fills them",
        Kind::Temporary => "temporary files: remove them in the RUN that makes them",
        Kind::Log => "logs: remove them in the RUN that writes them",
        Kind::Backup => "copies of databases: remove them in the RUN that makes them",
    }
}
