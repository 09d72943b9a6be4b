//! `rdspec docs`: tables of what each image holds, to stdout or to a file that stays true.

use super::{DONE, FINDINGS, Session, WRONG, select};
use crate::cli::stack::Docs;
use crate::render::docs::docs;
use crate::workspace::diff::unified;

/// What every file of this command begins with, so that it writes over no other.
const MARK: &str = "<!-- Written by `rdspec docs`";

/// Runs the command.
///
/// # Errors
/// An unknown image or variant, or a file that cannot be read or written.
pub fn run(session: &Session, arguments: &Docs) -> anyhow::Result<u8> {
    let Some(output) = session.compile()? else { return Ok(WRONG) };
    let mut images = select::of_variant(&output.plan, arguments.variant.as_deref())?;
    if let Some(name) = &arguments.image {
        images = vec![select::named(&images, name)?];
    }
    let text = docs(&output, &images)
        .map_err(|error| anyhow::anyhow!("a built-in template failed: {error:#}"))?;
    let Some(path) = &arguments.write else {
        session.print(&text);
        return Ok(DONE);
    };
    let before = session.workspace.read_document(path)?;
    let is_ours = |bytes: &[u8]| bytes.is_empty() || bytes.starts_with(MARK.as_bytes());
    if before.as_deref().is_some_and(|bytes| !is_ours(bytes)) {
        session.complain(&format!(
            "error: {} is no file of `rdspec docs`: it does not begin with {MARK:?}. Name another one, or remove it first",
            path.display()
        ));
        return Ok(WRONG);
    }
    if before.as_deref() == Some(text.as_bytes()) {
        session.say(&format!("{} is up to date", path.display()));
        return Ok(DONE);
    }
    if arguments.check {
        let name = path.display().to_string();
        session.print(&unified(&name, before.as_deref(), Some(text.as_bytes())));
        session.complain(&format!(
            "{name} differs from what the spec says. To mend it, run the same without --check, and commit it"
        ));
        return Ok(FINDINGS);
    }
    session.workspace.write_document(path, text.as_bytes())?;
    session.say(&format!("wrote {}", path.display()));
    Ok(DONE)
}
