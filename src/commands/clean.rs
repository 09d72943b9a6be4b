//! `rdspec clean`: this stack's old images, shown and removed; nobody else's.
//!
//! `rdspec build` notes what it has built. Of that, old are images without a name, those under the names of builds that
//! did not end and of `rdspec dev`, and those of images that the spec does not have any more. What others build on an image of the stack, and
//! names that others give, are theirs.

use std::collections::BTreeSet;
use std::io::{IsTerminal, Write};

use super::build::Work;
use super::build::chain::UNFINISHED;
use super::dev::baseline::KEPT;
use super::table::{Align, aligned};
use super::{DONE, ENGINE_FAILED, Session};
use crate::cli::engines::{Clean, Target};
use crate::dev::layers::SUFFIX as LATE;
use crate::engine::store::Stored;
use crate::workspace::state::BuiltImage;

/// Runs the command.
///
/// # Errors
/// The spec folder cannot be read.
pub fn run(session: &Session, arguments: &Clean) -> anyhow::Result<u8> {
    let target = Target { variant: None, engine: arguments.engine, tags: Vec::new() };
    let work = match Work::begin(session, &target)? {
        Ok(work) => work,
        Err(status) => return Ok(status),
    };
    if let Err(error) = work.engine.ask(&["images", "--quiet"]) {
        session.complain(&format!("error: {error:#}"));
        return Ok(ENGINE_FAILED);
    }
    let built = session.workspace.built_images()?;
    let old = old_images(&work, &built, arguments.other_tags);
    if old.is_empty() {
        session.say(&format!(
            "{} has no old images of `{}`",
            work.engine.name(),
            work.output.stack.name
        ));
        return Ok(DONE);
    }
    session.print(&listing(&old));
    if !arguments.yes && !confirmed(session, old.len()) {
        return Ok(DONE);
    }
    let mut status = DONE;
    for name in old.iter().flat_map(Old::names) {
        if let Err(error) = work.engine.remove(name) {
            session.complain(&format!("error: {error:#}"));
            status = ENGINE_FAILED;
        }
    }
    let still: Vec<BuiltImage> = built
        .into_iter()
        .filter(|image| {
            image.engine != work.engine.name() || work.engine.inspect(&image.id).is_ok()
        })
        .collect();
    session.workspace.remember_built_images(&still)?;
    session.say("layers that builds keep for their cache are the engine's own: its `builder prune` removes them");
    Ok(status)
}

/// An image to remove, or names of one to take away.
struct Old {
    stored: Stored,
    tags: Vec<String>,
    why: &'static str,
}

impl Old {
    /// What is given to the engine to remove.
    fn names(&self) -> Vec<&str> {
        if self.tags.is_empty() {
            vec![self.stored.id.as_str()]
        } else {
            self.tags.iter().map(String::as_str).collect()
        }
    }
}

/// Everything of this stack that is old, the newest first: what was built on something goes before it.
fn old_images(work: &Work, built: &[BuiltImage], other_tags: bool) -> Vec<Old> {
    let plan = &work.output.plan;
    let current: BTreeSet<&str> =
        plan.images.iter().map(|image| image.reference.as_str()).collect();
    let repositories: BTreeSet<&str> = current.iter().map(|name| repository(name)).collect();
    let mut old = Vec::new();
    let suffixes = [(UNFINISHED, "of a build that did not end"), (LATE, "of `rdspec dev`")];
    for reference in &current {
        for (suffix, why) in suffixes {
            let name = format!("{reference}{suffix}");
            if let Ok(stored) = work.engine.inspect(&name) {
                old.push(Old { stored, tags: vec![name], why });
            }
        }
    }
    let mut seen = BTreeSet::new();
    for image in built.iter().rev().filter(|image| image.engine == work.engine.name()) {
        if !seen.insert(&image.id) {
            continue;
        }
        let Ok(stored) = work.engine.inspect(&image.id) else { continue };
        if stored.tags.is_empty() {
            old.push(Old { stored, tags: Vec::new(), why: "no name any more" });
            continue;
        }
        // Names that somebody else gave are somebody else's.
        let given =
            built.iter().filter(|other| other.id == image.id).map(|other| other.reference.as_str());
        let is_old = |name: &&str| {
            !current.contains(*name) && (other_tags || !repositories.contains(repository(name)))
        };
        let names = |name: &str| ["", KEPT, LATE].map(|suffix| format!("{name}{suffix}"));
        let has = |name: &String| stored.tags.iter().any(|tag| short(tag) == name);
        let tags: Vec<String> = given.filter(is_old).flat_map(names).filter(has).collect();
        if !tags.is_empty() {
            let why =
                if other_tags { "not the tag of the spec" } else { "not in the spec any more" };
            old.push(Old { stored, tags, why });
        }
    }
    old
}

/// A name as it was given: podman and buildah put a registry before those without one.
fn short(tag: &str) -> &str {
    tag.strip_prefix("localhost/").unwrap_or(tag)
}

/// A reference without its tag.
fn repository(reference: &str) -> &str {
    match reference.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => reference,
    }
}

fn listing(old: &[Old]) -> String {
    let mut rows = vec![["image", "size", "why"].map(str::to_owned)];
    for old in old {
        let size = old.stored.size.map(megabytes).unwrap_or_default();
        let id = old.stored.id.trim_start_matches("sha256:");
        let name = old.tags.first().cloned().unwrap_or_else(|| id.chars().take(12).collect());
        rows.push([name, size, old.why.to_owned()]);
        rows.extend(old.tags.iter().skip(1).map(|tag| [tag.clone(), String::new(), String::new()]));
    }
    aligned(&rows, [Align::Left, Align::Right, Align::Left], 0)
}

fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes / 1_000_000)
}

fn confirmed(session: &Session, count: usize) -> bool {
    if !std::io::stdin().is_terminal() {
        session.say("nothing was removed; --yes removes them");
        return false;
    }
    let _ = write!(std::io::stderr(), "Remove {count} images? [y/N] ");
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer);
    read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes")
}
