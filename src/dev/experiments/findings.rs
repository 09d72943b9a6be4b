//! What the compiler says about a spec with experiments, said about the experiments.

use std::collections::BTreeSet;

use super::{Experiments, Tried};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Label};
use crate::parse::{EXPERIMENTS, experiment_image};
use crate::source::{Span, SpecFiles};

/// What follows from taking something away, which is no mistake of an experiment.
const FOLLOWS: [Code; 2] = [Code::UnusedComponent, Code::UnusedResource];

/// The findings that the plain spec has not, where their cause was written.
pub(super) fn new(
    files: &SpecFiles,
    plain: &[Diagnostic],
    tried: &Tried,
    found: Vec<Diagnostic>,
) -> Vec<Diagnostic> {
    let known: BTreeSet<(Code, &str)> =
        plain.iter().map(|one| (one.code, one.message.as_str())).collect();
    let new = found.into_iter().filter(|one| {
        !known.contains(&(one.code, one.message.as_str())) && !FOLLOWS.contains(&one.code)
    });
    new.map(|one| translated(files, tried, one)).collect()
}

fn translated(files: &SpecFiles, tried: &Tried, mut diagnostic: Diagnostic) -> Diagnostic {
    let related = std::mem::take(&mut diagnostic.related);
    diagnostic.primary.span = written(files, tried, &diagnostic.primary.span);
    diagnostic.related = related
        .into_iter()
        .filter_map(|Label { span, text }| {
            Some(Label { span: self::place(files, tried, &span)?, text })
        })
        .collect();
    diagnostic
}

/// Where something of the tried spec was written, or else what is at fault for it.
pub(super) fn written(files: &SpecFiles, tried: &Tried, span: &Span) -> Span {
    place(files, tried, span)
        .or_else(|| unchanged(files, tried, span))
        .unwrap_or_else(|| cause(files, tried, span))
}

/// Where something that no experiment wrote stands in the file as it is: before all that they changed, behind it, or
/// in a line that the file has once.
fn unchanged(files: &SpecFiles, tried: &Tried, span: &Span) -> Option<Span> {
    let path = tried.files.path(span.file);
    let file = files.id(path)?;
    let (old, new) = (files.bytes(file), tried.files.bytes(span.file));
    let same = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    if span.end <= same {
        return Some(Span::new(file, span.range()));
    }
    let ends = old.iter().rev().zip(new.iter().rev());
    let same = ends.take_while(|(old, new)| old == new).count();
    if new.len() - same <= span.start {
        let moved = |at: usize| (at + old.len()).checked_sub(new.len());
        return Some(Span::new(file, moved(span.start)?..moved(span.end)?));
    }
    let (old, new) = (std::str::from_utf8(old).ok()?, std::str::from_utf8(new).ok()?);
    let start = new.get(..span.start)?.rfind('\n').map_or(0, |at| at + 1);
    let line = new.get(start..)?.split_inclusive('\n').next()?;
    let mut at = 0;
    let mut found = old.split_inclusive('\n').filter_map(|other| {
        at += other.len();
        (other == line).then_some(at - other.len())
    });
    let (only, None) = (found.next()?, found.next()) else { return None };
    let end = span.end.min(start + line.len());
    Some(Span::new(file, only + (span.start - start)..only + (end - start)))
}

/// Where something of the tried spec stands in the spec as it is.
fn place(files: &SpecFiles, tried: &Tried, span: &Span) -> Option<Span> {
    let path = tried.files.path(span.file);
    let Some(origins) = tried.origins.get(path) else {
        return Some(Span::new(files.id(path)?, span.range()));
    };
    let touching =
        origins.iter().filter(|(range, _)| range.start <= span.start && span.end <= range.end);
    let nearest = touching.min_by_key(|(range, _)| range.len());
    nearest.map(|(_, origin)| origin.clone())
}

/// What else can be at fault: an experiment that changed the file, or the first one.
fn cause(files: &SpecFiles, tried: &Tried, span: &Span) -> Span {
    let path = tried.files.path(span.file);
    let of_file = tried.origins.get(path).and_then(|origins| origins.last());
    let any = tried.origins.values().flatten().next();
    let origin = of_file.or(any).map(|(_, origin)| origin.clone());
    origin.unwrap_or_else(|| {
        let first = files.paths().find(|path| experiment_image(path).is_some());
        let file = first.and_then(|path| files.id(path)).unwrap_or(span.file);
        Span::new(file, 0..0)
    })
}

/// Reports files beside the experiments that none of them copies.
pub(super) fn unused(files: &SpecFiles, read: &Experiments, found: &mut Diagnostics) {
    for path in files.paths() {
        let Some(below) = path.strip_prefix(EXPERIMENTS) else { continue };
        if experiment_image(path).is_some() {
            continue;
        }
        let used = below.split_once('/').and_then(|(image, source)| {
            let mut experiments = read.of_image(image)?.experiments.iter();
            experiments.find(|(_, experiment)| super::copies(experiment, source))
        });
        if used.is_none()
            && let Some(file) = files.id(path)
        {
            let shown = files.display_path(file);
            let message = format!("no experiment copies {shown}");
            found.push(
                Diagnostic::new(Code::UnusedResource, &Span::new(file, 0..0), message)
                    .about(shown)
                    .help("remove it, or name it as `source` in a `copy` of its image"),
            );
        }
    }
}
