#![expect(clippy::disallowed_methods, reason = "looks whether the user names a file or an image")]
//! Which built image a command is about: in an engine's store, in a file or a folder, or on stdin.

use std::io::stdin;
use std::path::Path;

use anyhow::Context;

use crate::engine::export::export;
use crate::engine::{Engine, EngineName};
use crate::image::content::Keep;
use crate::image::{Image, Limits, Reading};

/// Reads the image that the user names: `-` is an archive on stdin; what exists on the disk, or begins like a path, is
/// an archive or a layout, and after `#` the name of one of its images; everything else is an image of the engine.
///
/// # Errors
/// No such image, or one that cannot be read. Those of the disk and of engines have an [`std::io::Error`].
pub fn open(
    name: &str,
    engine: Option<EngineName>,
    keep: &dyn Fn(&str) -> Option<Keep>,
) -> anyhow::Result<Image> {
    let reading = Reading { limits: &Limits::default(), keep };
    if name == "-" {
        return Image::stream(stdin().lock(), None, &reading)
            .context("cannot read the image on stdin");
    }
    if let Some((path, reference)) = path(name) {
        return Image::open_with(Path::new(path), reference, &reading);
    }
    let engine = Engine::find(engine)
        .map_err(std::io::Error::other)
        .with_context(|| format!("there is no file {name}, so it is an image of an engine"))?;
    let mut image = export(&engine, name, |stream| Image::stream(stream, None, &reading))
        .with_context(|| format!("cannot read {name} from {}", engine.name()))?;
    name.clone_into(&mut image.reference);
    Ok(image)
}

/// The path that a name means, and which image of it.
fn path(name: &str) -> Option<(&str, Option<&str>)> {
    if Path::new(name).exists() {
        return Some((name, None));
    }
    match name.split_once('#') {
        Some((path, reference)) => Some((path, Some(reference))),
        None => {
            ["/", "./", "../"].iter().any(|start| name.starts_with(start)).then_some((name, None))
        }
    }
}
