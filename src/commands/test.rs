//! `rdspec test`: the checks of images, in containers, as their user or as clusters run them.

pub mod tap;

use std::collections::BTreeMap;

use serde::Serialize;

use self::tap::{Check, Outcome, Reader};
use super::build::Work;
use super::container::{container, provide};
use super::{DONE, ENGINE_FAILED, FINDINGS, Session};
use crate::cli::Format;
use crate::cli::engines::Test;
use crate::plan::ImagePlan;

/// What came of the checks of one image.
#[derive(Debug, Serialize)]
struct Tested<'plan> {
    image: &'plan str,
    variant: &'plan str,
    reference: String,
    /// How many checks did what.
    counts: BTreeMap<Outcome, usize>,
    checks: Vec<Check>,
}

/// Runs the command.
///
/// # Errors
/// An unknown image or variant, or a build context that cannot be written.
pub fn run(session: &Session, arguments: &Test) -> anyhow::Result<u8> {
    let work = match Work::begin(session, &arguments.containers.target)? {
        Ok(work) => work,
        Err(status) => return Ok(status),
    };
    let images = work.images(&arguments.containers.target, &arguments.images, false)?;
    if let Err(status) = provide(session, &work, &arguments.containers, &images)? {
        return Ok(status);
    }
    let as_text = arguments.format == Format::Text;
    if as_text {
        session.print(&format!("TAP version 14\n1..{}\n", images.len()));
    }
    let mut all = Vec::with_capacity(images.len());
    let mut status = DONE;
    for (at, image) in images.iter().enumerate() {
        let Some(tested) = test(session, &work, arguments, image) else {
            return Ok(work.interrupt.status().unwrap_or(ENGINE_FAILED));
        };
        let failed = tested.counts.contains_key(&Outcome::Failed);
        if as_text {
            let word = if failed { "not ok" } else { "ok" };
            session.print(&format!("{word} {} - {}\n", at + 1, image.name));
        }
        session.say(&format!("{}: {}", tested.reference, summary(&tested.counts)));
        status = if failed { FINDINGS } else { status };
        all.push(tested);
    }
    if !as_text {
        session.print_json(&all)?;
    }
    Ok(status)
}

fn summary(counts: &BTreeMap<Outcome, usize>) -> String {
    let words: Vec<String> =
        counts.iter().map(|(outcome, count)| format!("{count} {}", outcome.name())).collect();
    if words.is_empty() { "no checks".to_owned() } else { words.join(", ") }
}

/// Runs the checks of one image; none where the container itself failed, which has been said.
fn test<'plan>(
    session: &Session,
    work: &Work,
    arguments: &Test,
    image: &'plan ImagePlan,
) -> Option<Tested<'plan>> {
    let reference = work.reference(image, &arguments.containers.target.tags);
    let script = work.output.tree.get(&format!("{}/checks.sh", image.folder));
    let script = script.map(|file| file.bytes.clone()).unwrap_or_default();
    let mut container = container(work, &reference, &arguments.containers);
    container.command = Some(["bash", "-s"].map(Into::into).into());
    let mut reader = Reader::default();
    let as_text = arguments.format == Format::Text;
    if as_text {
        session.print(&format!("# Subtest: {}\n", image.name));
    }
    let ended = work.engine.run_and_read(&container, script, &work.interrupt, |line| {
        reader.line(line);
        // A subtest has no version line of its own.
        if as_text && !line.starts_with("TAP version") {
            session.print(&format!("    {line}\n"));
        }
    });
    let status = match ended {
        Ok(status) => status,
        Err(error) => {
            session.complain(&format!("error: {reference}: {error:#}"));
            return None;
        }
    };
    if work.interrupt.signal().is_some() {
        return None;
    }
    if !reader.is_complete() {
        let said = reader.rest().join("\n  ");
        session.complain(&format!(
            "error: the checks of {reference} did not end ({} ended with {status})\n  {said}",
            work.engine.name()
        ));
        return None;
    }
    let checks = reader.into_checks();
    let mut counts = BTreeMap::new();
    for check in &checks {
        *counts.entry(check.outcome).or_insert(0) += 1;
    }
    let (image, variant) = (image.name.as_str(), image.variant.as_str());
    Some(Tested { image, variant, reference, counts, checks })
}
