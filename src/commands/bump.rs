//! `rdspec bump`: finds newer versions of downloads and base images, proves their bytes, and edits the spec.
//!
//! All are looked up, downloaded and proven before anything is written; the edited spec is compiled, and every file that
//! is written is one that was read before and has not changed since.

mod apt;
mod archives;
mod base;
mod beside;
mod body;
pub(super) mod configuration;
mod download;
mod keys;
pub(super) mod look;
mod node;
pub(super) mod proof;
mod python;
mod report;
mod versioned;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{bail, ensure};

use super::{DONE, FINDINGS, Session, WRONG, gravest, jobs, spec_change, transfers};
use crate::bump::edit::Edits;
use crate::bump::pins::{self, Fixed, Pin};
use crate::cli::Format;
use crate::cli::upstreams::Bump;
use crate::compile::Output;
use crate::diagnostic::suggest;
use crate::plan::report::{Change, report as layers_of};
use crate::source::SpecFiles;
use crate::upstream::apt::catalog::Catalog;
use crate::upstream::http::{Http, Settings};
use crate::versions::choice::Held;
use crate::workspace::output::{OutputFolder, with_manifest};
use archives::Archives;
use keys::Fate;
use look::{Look, Outcome, Wish};
use report::Row;

/// The folder of kept answers, in that of the state.
const CACHE: &str = "http";

/// Runs the command.
///
/// # Errors
/// An unknown name, or a file that cannot be read or written.
pub fn run(session: &Session, arguments: &Bump) -> anyhow::Result<u8> {
    let files = session.workspace.load()?;
    let Some(output) = session.compile_files(&files)? else { return Ok(WRONG) };
    let (pins, fixed) = pins::of(&output.stack);
    let all_wanted =
        arguments.names.is_empty() && arguments.group.is_none() && arguments.repin.is_empty();
    let now = super::now();
    let (keys, names) = keys::wanted(&output.stack, &arguments.names, all_wanted, now)?;
    let wishes = wishes(arguments, &names, all_wanted, &pins, &fixed)?;
    let cache = session.workspace.state_folder()?.join(CACHE);
    let http = Http::new(Settings {
        cache: Some(cache),
        offline: arguments.offline,
        watch: transfers::watch(session),
        ..Settings::default()
    })?;
    let addresses = configuration::addresses();
    let catalog = Catalog::new(&output.stack, now);
    let archives = Archives { stack: &output.stack, catalog: &catalog, http: &http };
    let look = Look {
        files: &files,
        http: &http,
        addresses: &addresses,
        archives: &archives,
        now: i64::try_from(now)?,
    };
    let mut outcomes = jobs::map(&wishes, |(pin, wish)| look.after(pin, wish));
    together(&wishes, &fixed, &mut outcomes);
    let mut stays = fixed;
    if all_wanted {
        stays.extend(pins.iter().filter_map(waiting));
        stays.sort_by(|a, b| a.name.cmp(&b.name));
    } else {
        // Who moves a group hears of what stops it.
        let groups: BTreeSet<&str> = wishes.iter().filter_map(|(pin, _)| pin.group).collect();
        stays.retain(|one| one.group.as_deref().is_some_and(|group| groups.contains(group)));
    }
    let fates = jobs::map(&keys, |key| key.after(&http));
    let failed = outcomes.iter().filter_map(|outcome| match outcome {
        Outcome::Failed(problem) => Some(problem.status),
        _ => None,
    });
    let failed = gravest(failed.chain(fates.iter().filter_map(Fate::failed)));
    let edits = edits(&outcomes, &fates);
    let after = if edits.is_empty() { None } else { Some(compiled(session, &files, &edits)?) };
    let rebuilt = after.as_ref().map(|(_, after)| rebuilt(&output, after)).unwrap_or_default();
    let rows = wishes.iter().zip(&outcomes);
    let rows = rows.map(|((pin, _), outcome)| Row::of(pin, outcome, look.now));
    let rows: Vec<Row<'_>> =
        rows.chain(keys.iter().zip(&fates).map(|(key, fate)| Row::of_key(key, fate))).collect();
    match arguments.format {
        _ if arguments.pr_body => session.print(&body::markdown(&rows, &stays, &rebuilt)),
        Format::Json => session.print_json(&report::json(&rows, &stays, &rebuilt))?,
        Format::Text => session.print(&report::text(&rows, &stays, &rebuilt)),
    }
    let stopped = failed.is_some() && !arguments.keep_going;
    let is_change = after.is_some();
    if let Some((after, output)) = after {
        let changes = files.changes_to(&after);
        if arguments.format == Format::Text && !arguments.pr_body {
            spec_change::show(session, files.root(), &changes);
        }
        if !stopped && !arguments.check && !arguments.dry_run {
            spec_change::write(session, &files, &changes, output)?;
        }
    } else if !is_generated(session, &output)? {
        // As after a bump that was stopped between the two.
        session.say("generated/ is not what the spec gives: run `rdspec generate`");
    }
    Ok(match failed {
        Some(status) => {
            if stopped && is_change {
                session
                    .complain("nothing was written: use --keep-going to write what could be moved");
            }
            status
        }
        None if arguments.check && is_change => FINDINGS,
        None => DONE,
    })
}

/// A pin that moves only by its name, as one that stays.
fn waiting(pin: &Pin<'_>) -> Option<Fixed> {
    let (name, version) = (pin.name.clone(), Some(pin.current.clone()));
    pin.waits().map(|why| Fixed { name, version, group: None, why })
}

/// Everything that changes.
fn edits(outcomes: &[Outcome], fates: &[Fate]) -> Edits {
    let mut edits = Edits::default();
    for outcome in outcomes {
        if let Outcome::Moves(moved) = outcome {
            edits.extend(moved.edits.clone());
        }
    }
    for fate in fates {
        if let Fate::Renewed { path, bytes, .. } = fate {
            edits.file(path, bytes.clone());
        }
    }
    edits
}

/// The pins that are asked for, and what for; `names` are those of the arguments that are none of a key.
fn wishes<'pins, 'stack>(
    arguments: &Bump,
    names: &[String],
    all_wanted: bool,
    pins: &'pins [Pin<'stack>],
    fixed: &[Fixed],
) -> anyhow::Result<Vec<(&'pins Pin<'stack>, Wish)>> {
    let named = |name: &str| -> anyhow::Result<&'pins Pin<'stack>> {
        if let Some(pin) = pins.iter().find(|pin| pin.name == name) {
            return Ok(pin);
        }
        if let Some(fixed) = fixed.iter().find(|fixed| fixed.name == name) {
            bail!("`{name}` cannot be bumped: {}", fixed.why);
        }
        let help = suggest::help(name, pins.iter().map(|pin| pin.name.as_str()));
        bail!("there is no pin `{name}`; {}", help.unwrap_or_default());
    };
    if let Some(group) = &arguments.group {
        let of_group = |pin: &&Pin<'_>| pin.group == Some(group.as_str());
        let found: Vec<_> = pins.iter().filter(of_group).map(|pin| (pin, Wish::Newest)).collect();
        if found.is_empty() {
            let of_group = |one: &&Fixed| one.group.as_deref() == Some(group.as_str());
            if let Some(fixed) = fixed.iter().find(of_group) {
                bail!(
                    "nothing of the group `{group}` can move, as `{}`: {}",
                    fixed.name,
                    fixed.why
                );
            }
            let help = suggest::help(group, pins.iter().filter_map(|pin| pin.group));
            bail!("no pin is of the group `{group}`; {}", help.unwrap_or_default());
        }
        return Ok(found);
    }
    let mut wishes: Vec<(&Pin<'_>, Wish)> = Vec::new();
    for name in &arguments.repin {
        wishes.push((named(name)?, Wish::Same));
    }
    for text in names {
        let (name, wish) = match text.split_once('=') {
            Some((name, version)) => (name, Wish::Version(version.to_owned())),
            None => (text.as_str(), Wish::Newest),
        };
        wishes.push((named(name)?, wish));
    }
    whole_groups(pins, &mut wishes)?;
    let mut seen = BTreeSet::new();
    for (pin, _) in &wishes {
        ensure!(seen.insert(&pin.name), "`{}` is named twice", pin.name);
    }
    if all_wanted {
        let by_itself = pins.iter().filter(|pin| pin.waits().is_none());
        wishes = by_itself.map(|pin| (pin, Wish::Newest)).collect();
    }
    Ok(wishes)
}

/// Who names a pin of a group means the group.
fn whole_groups<'pins, 'stack>(
    pins: &'pins [Pin<'stack>],
    wishes: &mut Vec<(&'pins Pin<'stack>, Wish)>,
) -> anyhow::Result<()> {
    let mut others = Vec::new();
    for (pin, wish) in wishes.iter().filter(|(_, wish)| *wish != Wish::Same) {
        let is_named = |one: &Pin<'_>| wishes.iter().any(|(named, _)| named.name == one.name);
        let of_group = pins.iter().filter(|one| pin.group.is_some() && one.group == pin.group);
        for other in of_group.filter(|one| !is_named(one)) {
            ensure!(
                *wish == Wish::Newest,
                "`{}` moves together with `{}`: say the version of that, too",
                pin.name,
                other.name
            );
            if others.iter().all(|(known, _): &(&Pin<'_>, Wish)| known.name != other.name) {
                others.push((other, Wish::Newest));
            }
        }
    }
    wishes.extend(others);
    Ok(())
}

/// Groups move as one: where a pin of it fails, cannot move, or stays behind a newer version, none of the group moves.
fn together(wishes: &[(&Pin<'_>, Wish)], fixed: &[Fixed], outcomes: &mut [Outcome]) {
    let cannot_move = |one: &Fixed| {
        Some((one.group.clone()?, format!("`{}` of its group cannot move", one.name)))
    };
    let mut stays: BTreeMap<String, String> = fixed.iter().filter_map(cannot_move).collect();
    for ((pin, _), outcome) in wishes.iter().zip(outcomes.iter()) {
        let why = match outcome {
            Outcome::Failed(_) => "failed",
            Outcome::Stays(_) => "cannot move",
            // At its newest finished version it keeps nothing back, however many pre-releases there are.
            Outcome::Current { held } if held.iter().any(|(_, why)| why.is_offered()) => "is held",
            Outcome::Moves(moved) if !moved.passed_over.is_empty() => {
                "lacks a file of its newest version"
            }
            // What is held for ever, as a pre-release is, keeps no group back; what is too young is soon the newest.
            Outcome::Moves(moved) if moved.held.iter().any(|(_, why)| why.passes()) => {
                "has a newer version that is too young"
            }
            _ => continue,
        };
        if let Some(group) = pin.group {
            let cause = || format!("`{}` of its group {why}", pin.name);
            stays.entry(group.to_owned()).or_insert_with(cause);
        }
    }
    for ((pin, wish), outcome) in wishes.iter().zip(outcomes.iter_mut()) {
        if *wish == Wish::Same {
            continue;
        }
        let cause = pin.group.and_then(|group| stays.get(group));
        if let (Some(cause), Outcome::Moves(moved)) = (cause, &*outcome) {
            let version = moved.version.clone();
            let why = Held::Ignored(Some(cause.clone()));
            *outcome = Outcome::Current { held: vec![(version, why)] };
        }
    }
}

/// The spec with its new values, and what it compiles to.
fn compiled(
    session: &Session,
    files: &SpecFiles,
    edits: &Edits,
) -> anyhow::Result<(SpecFiles, Output)> {
    let whole = edits.files().iter().map(|(path, bytes)| (path.clone(), bytes.clone().into()));
    let after = look::edited(files, edits)?.with(whole);
    let Some(output) = session.compile_files(&after)? else {
        bail!("with the new values the spec has errors; nothing was written");
    };
    Ok((after, output))
}

/// The layers that the new values rebuild, as `image/layer`.
fn rebuilt(before: &Output, after: &Output) -> Vec<String> {
    let mut layers = Vec::new();
    for image in layers_of(after, Some(before)) {
        let changed = image.layers.iter().filter(|layer| layer.change != Some(Change::Kept));
        layers.extend(
            changed.map(|layer| format!("{}/{} ({})", image.image, layer.name, image.variant)),
        );
    }
    layers
}

/// Whether what is generated is that of the spec.
fn is_generated(session: &Session, output: &Output) -> anyhow::Result<bool> {
    let tree = with_manifest(output.tree.clone());
    Ok(OutputFolder::new(session.workspace.generated()).changes(&tree)?.is_empty())
}
