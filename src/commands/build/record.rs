//! `rdspec build --record`: measured seconds and bytes of layers, written to the profile of the spec.

use anyhow::Context;
use toml_edit::{DocumentMut, Item, Table, value};

use super::Work;
use super::chain::Built;
use crate::cli::engines::Target;
use crate::commands::Session;
use crate::commands::built::open;
use crate::engine::store::HistoryEntry;
use crate::image::{EntryKind, Image};
use crate::plan::ImagePlan;

/// The profile, below the spec folder.
const PROFILE: &str = "profile.toml";

/// What a new profile begins with.
const HEADER: &str = "\
# What builds have measured, written by `rdspec build --record`. The planner orders layers by it, so a change of it
# can change their order, and a new order costs one full rebuild.
version = 1
";

/// What was measured of one layer.
#[derive(Clone, Debug, PartialEq)]
struct Measured {
    layer: String,
    seconds: Option<f64>,
    bytes: Option<u64>,
}

/// Writes what the build of some images has measured. Layers that came from the cache keep their seconds.
///
/// # Errors
/// The image or the profile cannot be read, or the profile cannot be written.
pub fn record(
    session: &Session,
    work: &Work,
    target: &Target,
    built: &[Built<'_>],
) -> anyhow::Result<()> {
    let old = session.workspace.read_spec_file(PROFILE)?;
    let text = match &old {
        Some(bytes) => std::str::from_utf8(bytes).context("the profile is not UTF-8")?,
        None => HEADER,
    };
    let mut profile: DocumentMut = text.parse().context("reading the profile")?;
    let mut layers = 0;
    for built in built {
        let reference = work.reference(built.image, &target.tags);
        let history = match work.engine.history(&reference)? {
            Some(history) => history,
            None => history_of_layers(&open(&reference, Some(work.engine.kind()), &|_| None)?),
        };
        let measured = measured(built, &history);
        layers += measured.len();
        write(&mut profile, built.image, &measured)?;
    }
    session.workspace.replace_spec_file(PROFILE, profile.to_string().as_bytes())?;
    session.say(&format!("recorded {layers} layers in {}/{PROFILE}", work.output.stack.root));
    Ok(())
}

/// The history of an image whose engine does not tell it, of the image itself: the newest entry first. The bytes are
/// those of the files, as engines count them.
fn history_of_layers(image: &Image) -> Vec<HistoryEntry> {
    let mut layers = image.layers.iter();
    let mut history: Vec<HistoryEntry> = Vec::new();
    for entry in &image.configuration.history {
        let layer = if entry.empty_layer { None } else { layers.next() };
        let files =
            layer.into_iter().flat_map(|layer| &layer.entries).map(|entry| match entry.kind {
                EntryKind::File { size, .. } => size,
                _ => 0,
            });
        let created_by = entry.created_by.clone().unwrap_or_default();
        history.push(HistoryEntry { size: files.sum(), created_by });
    }
    history.reverse();
    history
}

fn measured(built: &Built<'_>, history: &[HistoryEntry]) -> Vec<Measured> {
    let sizes = sizes(history, built.image.layer_count());
    let names = built.image.estimates.iter().map(|estimated| estimated.name.clone());
    let all = names.enumerate().map(|(layer, name)| Measured {
        layer: name,
        seconds: built.seconds.get(&layer).copied(),
        bytes: sizes.get(layer).copied(),
    });
    all.filter(|measured| measured.seconds.is_some() || measured.bytes.is_some()).collect()
}

/// The bytes of the last `count` layers, in their order.
fn sizes(history: &[HistoryEntry], count: usize) -> Vec<u64> {
    let mut sizes: Vec<u64> = history
        .iter()
        .filter(|entry| makes_layer(&entry.created_by))
        .take(count)
        .map(|entry| entry.size)
        .collect();
    sizes.reverse();
    sizes
}

/// Whether the instruction of a history entry is one of those that make a layer. BuildKit writes it as it stands,
/// buildah as the shell that runs it or that would, had it something to run.
fn makes_layer(created_by: &str) -> bool {
    let instruction = match created_by.strip_prefix("/bin/sh -c ") {
        Some(shell) => match shell.strip_prefix("#(nop) ") {
            Some(instruction) => instruction,
            None => return true,
        },
        None => created_by,
    };
    ["RUN ", "COPY ", "WORKDIR "].iter().any(|word| instruction.starts_with(word))
}

fn write(
    profile: &mut DocumentMut,
    image: &ImagePlan,
    measured: &[Measured],
) -> anyhow::Result<()> {
    let layers = table(profile.as_table_mut(), "layers")?;
    let variant = table(layers, image.variant.as_str())?;
    let image = table(variant, image.name.as_str())?;
    for measured in measured {
        let layer = table(image, &measured.layer)?;
        layer.set_implicit(false);
        if let Some(seconds) = measured.seconds {
            layer.insert("seconds", value((seconds * 10.0).round() / 10.0));
        }
        if let Some(bytes) = measured.bytes {
            layer.insert("bytes", value(i64::try_from(bytes).unwrap_or(i64::MAX)));
        }
    }
    Ok(())
}

/// The table of a name, made where there is none.
fn table<'table>(parent: &'table mut Table, name: &str) -> anyhow::Result<&'table mut Table> {
    let new = || {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    };
    let item = parent.entry(name).or_insert_with(new);
    item.as_table_mut().with_context(|| format!("`{name}` of the profile is no [table]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(created_by: &str, size: u64) -> HistoryEntry {
        HistoryEntry { size, created_by: created_by.to_owned() }
    }

    #[test]
    fn histories_of_both_builders() {
        let docker = [
            entry("CMD [\"bash\"]", 0),
            entry("WORKDIR /srv", 0),
            entry("COPY a /etc/ # buildkit", 7),
            entry("RUN /bin/sh -c bash /run/a.sh # inputs 1 # buildkit", 9),
            entry("USER 0", 0),
            entry("RUN of the base", 100),
        ];
        assert_eq!(sizes(&docker, 3), [9, 7, 0]);
        let podman = [
            entry("/bin/sh -c #(nop) CMD [\"bash\"]", 0),
            entry("/bin/sh -c #(nop) COPY file:1 in /etc/", 7),
            entry("/bin/sh -c --mount=type=bind bash /run/a.sh", 9),
            entry("debootstrap", 100),
        ];
        assert_eq!(sizes(&podman, 2), [9, 7]);
    }
}
