//! Images in the store of an engine: whether they are there, their layers, and further names for them.
//!
//! Takes a reference, gives what the engine says. It never builds and never removes anything.

use std::process::{Command, Stdio};

use anyhow::{Context, bail, ensure};

use super::{Engine, EngineName};

/// The id of an image; none where the engine has no such image.
///
/// # Errors
/// The engine cannot be asked.
pub fn id(engine: &Engine, reference: &str) -> anyhow::Result<Option<String>> {
    inspect(engine, reference, ("{{.Id}}", "{{.FromImageID}}"))
}

/// How many layers an image has, with those of its base image.
///
/// # Errors
/// The engine cannot be asked, or has no such image.
pub fn layers(engine: &Engine, reference: &str) -> anyhow::Result<usize> {
    let formats = ("{{len .RootFS.Layers}}", "{{len .OCIv1.RootFS.DiffIDs}}");
    let text = inspect(engine, reference, formats)?;
    let text = text.with_context(|| format!("there is no image {reference}"))?;
    text.parse()
        .with_context(|| format!("{} says that {reference} has {text:?} layers", engine.name()))
}

/// Gives an image a further name.
///
/// # Errors
/// The engine cannot be asked, or has no such image.
pub fn tag(engine: &Engine, image: &str, name: &str) -> anyhow::Result<()> {
    let output = ask(engine.command().args(["tag", image, name]))?;
    ensure!(output.0, "{} tag: {}", engine.name(), output.2.trim());
    Ok(())
}

/// What an engine says of an image, in a format of docker and podman, or of buildah.
fn inspect(
    engine: &Engine,
    reference: &str,
    (format, of_buildah): (&str, &str),
) -> anyhow::Result<Option<String>> {
    let mut command = engine.command();
    match engine.kind() {
        EngineName::Buildah => {
            command.args(["inspect", "--type", "image", "--format", of_buildah, reference])
        }
        _ => command.args(["image", "inspect", "--format", format, reference]),
    };
    let (is_there, text, complaint) = ask(&mut command)?;
    if is_there {
        return Ok(Some(text.trim().to_owned()));
    }
    // docker: "No such image"; podman and buildah: "image not known"; buildah: "does not exist".
    let complaint = complaint.to_lowercase();
    let absent = ["no such image", "image not known", "does not exist", "not found"];
    if absent.iter().any(|words| complaint.contains(words)) {
        return Ok(None);
    }
    bail!("asking {} for {reference}: {}", engine.name(), complaint.trim())
}

/// Whether a command succeeds, and what it says.
fn ask(command: &mut Command) -> anyhow::Result<(bool, String, String)> {
    let output = command.stdin(Stdio::null()).output().context("starting the engine")?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok((output.status.success(), text(&output.stdout), text(&output.stderr)))
}
