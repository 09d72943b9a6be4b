//! `rdspec generate`: writes the output folder, or says what it would write.

use std::collections::BTreeSet;

use anyhow::bail;

use super::{DONE, FINDINGS, Session, WRONG};
use crate::cli::Generate;
use crate::compile::Output;
use crate::diagnostic::suggest;
use crate::render::FileTree;
use crate::workspace::diff::{Change, ChangeKind};
use crate::workspace::output::{OutputFolder, with_manifest};

/// Runs the command.
///
/// # Errors
/// An unknown image, or a folder that cannot be read or written.
pub fn run(session: &Session, arguments: &Generate) -> anyhow::Result<u8> {
    let Some(output) = session.compile()? else { return Ok(WRONG) };
    let folders = image_folders(&output, &arguments.images)?;
    let tree = with_manifest(output.tree);
    let folder = OutputFolder::new(session.workspace.generated());
    let mut changes = folder.changes(&tree)?;
    if !arguments.images.is_empty() {
        changes.retain(|change| {
            (!arguments.check && change.path.starts_with('.'))
                || folders.iter().any(|folder| change.path.starts_with(&format!("{folder}/")))
        });
    }
    if arguments.check {
        return check(session, &folder, &tree, &changes);
    }
    folder.write(&tree, &changes)?;
    for change in &changes {
        let verb = if change.kind == ChangeKind::Obsolete { "removed" } else { "wrote" };
        session.say(&format!("{verb} generated/{}", change.path));
    }
    if changes.is_empty() {
        session.say(&format!("{} files are up to date", tree.iter().count()));
    }
    Ok(DONE)
}

fn check(
    session: &Session,
    folder: &OutputFolder,
    tree: &FileTree,
    changes: &[Change],
) -> anyhow::Result<u8> {
    for change in changes {
        session.print(&folder.diff(tree, change)?);
    }
    if changes.is_empty() {
        session.say(&format!("{} files are up to date", tree.iter().count()));
        return Ok(DONE);
    }
    let files = if changes.len() == 1 {
        "1 file differs"
    } else {
        &format!("{} files differ", changes.len())
    };
    session.complain(&format!(
        "{files} from what the spec says. To mend it, run `rdspec generate` and commit generated/",
    ));
    Ok(FINDINGS)
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
