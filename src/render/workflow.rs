//! The workflow that builds and publishes the images of a stack on GitHub.

use minijinja::Error;

use super::File;
use super::script::data;
use super::templates::Templates;
use crate::plan::workflow::Workflow;

/// Where GitHub looks for it, in the folder of the stack.
pub const PATH: &str = ".github/workflows/images.yml";

/// Renders the file.
///
/// # Errors
/// As of [`render`](super::render).
pub fn workflow(workflow: &Workflow) -> Result<File, Error> {
    let text = Templates::new()?.render("workflows/images.yml.j2", data(workflow))?;
    Ok(File { bytes: text.into(), executable: false })
}
