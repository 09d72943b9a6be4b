//! `dev/<image>.toml`.

use std::cell::Cell;

use super::decode::{Reader, Table};
use super::experiment_image;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{FileId, Span, SpecFiles};
use crate::syntax::experiment::{Experiment, ExperimentFile, Placed, Removal};

/// Reads the experiments of an image; none where the file is no TOML, which is reported. `variants` are those of the
/// stack, the default one first.
pub fn experiments(
    files: &SpecFiles,
    file: FileId,
    variants: &[String],
    found: &mut Diagnostics,
) -> Option<ExperimentFile> {
    let image = experiment_image(files.path(file))?.to_owned();
    let text = super::utf8(files, file, found)?;
    let table = super::root(file, &text, found)?;
    let reader = Reader {
        file,
        variant: variants.first().cloned().unwrap_or_default(),
        variants: variants.to_vec(),
        depends: Cell::new(false),
    };
    let mut root = Table::new(&reader, "an experiment file", Span::new(file, 0..0), table);
    let experiments = root.entries("experiments", found, experiment);
    root.finish(found);
    Some(ExperimentFile { file, image, experiments })
}

fn experiment(mut table: Table<'_>, found: &mut Diagnostics) -> Experiment {
    let experiment = Experiment {
        span: table.span(),
        summary: table.string("summary", found),
        component: table.string("component", found),
        before: table.string("before", found),
        needs: table.strings("needs", found),
        install: table.strings_by_variant("install", found),
        environment: table.string_map("env", found),
        run: table.string("run", found),
        undo: table.string("undo", found),
        user: table.string("user", found),
        writable: table.strings("writable", found),
        copies: table.entries("copy", found, copy),
        writes: table.entries("write", found, write),
        remove: table.table("remove", found).map(|table| removal(table, found)),
    };
    table.finish(found);
    experiment
}

fn copy(mut table: Table<'_>, found: &mut Diagnostics) -> Placed {
    let placed = Placed {
        span: table.span(),
        source: table.string("source", found),
        content: None,
        mode: table.string("mode", found),
        owner: table.string("owner", found),
    };
    table.finish(found);
    placed
}

fn write(mut table: Table<'_>, found: &mut Diagnostics) -> Placed {
    let is_missing = !table.has("content");
    let placed = Placed {
        span: table.span(),
        source: None,
        content: table.string("content", found),
        mode: table.string("mode", found),
        owner: table.string("owner", found),
    };
    table.finish(found);
    if is_missing {
        found.push(
            Diagnostic::new(Code::MissingKey, &placed.span, "`content` is missing")
                .help("give the text as `content`; a file of the spec is copied with `copy`"),
        );
    }
    placed
}

fn removal(mut table: Table<'_>, found: &mut Diagnostics) -> Removal {
    let removal = Removal {
        packages: table.strings("packages", found),
        paths: table.strings("paths", found),
        components: table.strings("components", found),
    };
    table.finish(found);
    removal
}
