//! `profile.toml`: what builds have measured.

use std::cell::Cell;

use super::decode::{Reader, Table};
use crate::diagnostic::Diagnostics;
use crate::source::{FileId, Span};
use crate::syntax::profile::{Layer, ProfileFile};

pub(super) fn parse(file: FileId, text: &str, found: &mut Diagnostics) -> Option<ProfileFile> {
    let root = super::root(file, text, found)?;
    let reader =
        Reader { file, variant: String::new(), variants: Vec::new(), depends: Cell::new(false) };
    let mut root = Table::new(&reader, "profile.toml", Span::new(file, 0..0), root);
    let version = root.integer("version", found);
    let mut layers = Vec::new();
    for (variant, images) in root.tables("layers", found) {
        for (image, tables) in images.into_tables(found) {
            for (layer, mut table) in tables.into_tables(found) {
                layers.push(Layer {
                    variant: variant.value.clone(),
                    image: image.value.clone(),
                    layer: layer.value.clone(),
                    seconds: table.number("seconds", found),
                    bytes: table.integer("bytes", found),
                    rate: table.number("rate", found),
                });
                table.finish(found);
            }
        }
    }
    root.finish(found);
    Some(ProfileFile { version, layers })
}
