//! `rdspec generate`: writes the output folder, or says what it would write.

use std::collections::BTreeSet;

use anyhow::bail;

use super::output::{self, Files};
use super::{Session, WRONG};
use crate::cli::Generate;
use crate::compile::Output;
use crate::diagnostic::suggest;

/// What mends an output folder that is not what the spec says, and a workflow where the spec has one.
const FIX: [&str; 2] = [
    "run `rdspec generate` and commit generated/",
    "run `rdspec generate` and commit generated/ and .github/",
];

/// Runs the command.
///
/// # Errors
/// An unknown image, or a folder that cannot be read or written.
pub fn run(session: &Session, arguments: &Generate) -> anyhow::Result<u8> {
    let _writing = output::hold(session, arguments.check)?;
    let Some(output) = session.compile_in_place()? else { return Ok(WRONG) };
    let folders = image_folders(&output, &arguments.images)?;
    let fix = FIX[usize::from(output.beside.iter().next().is_some())];
    let mut files = vec![Files::generated(session, output.tree)?];
    if arguments.images.is_empty() {
        files.push(Files::beside(session, output.beside)?);
    } else {
        files[0].only(|path| {
            (!arguments.check && path.starts_with('.'))
                || folders.iter().any(|folder| path.starts_with(&format!("{folder}/")))
        });
    }
    if arguments.check {
        output::check(session, &files, fix)
    } else {
        output::write(session, &files)
    }
}

/// The output folders of the named images, in every variant.
fn image_folders(output: &Output, names: &[String]) -> anyhow::Result<Vec<String>> {
    let mut folders = Vec::new();
    let known: BTreeSet<&str> =
        output.plan.images.iter().map(|image| image.name.as_str()).collect();
    for name in names {
        if !known.contains(name.as_str()) {
            let help = suggest::help(name, known.iter().copied()).unwrap_or_default();
            bail!("there is no image `{name}`; {help}");
        }
        let images = output.plan.images.iter().filter(|image| image.name.as_str() == name);
        folders.extend(images.map(|image| image.folder.clone()));
    }
    Ok(folders)
}
