//! Plan to [`FileTree`]: every output file as bytes, in memory.
//!
//! Takes the plan and the built-in templates. It never touches the disk, the clock, the environment
//! or the network, and decides nothing: templates loop, test presence and print.
//!
//! A value can only be printed after a filter has quoted it for the language that it lands in: the
//! formatter refuses every string that did not come out of [`quote`].

pub mod digest;
pub mod dockerfile;
pub mod quote;
pub mod script;
pub mod templates;
pub mod tree;

pub use tree::{File, FileTree};

use crate::plan::{Content, ImagePlan, Plan};
use templates::Templates;

/// Renders every file of a plan.
///
/// # Errors
/// A template that does not fit its data: a defect of rdspec, never of a spec.
pub fn render(plan: &Plan) -> Result<FileTree, minijinja::Error> {
    let templates = Templates::new()?;
    let mut tree = FileTree::default();
    for image in &plan.images {
        for (path, file) in render_image(&templates, image)?.into_files() {
            tree.insert(format!("{}/{path}", image.folder), file);
        }
    }
    Ok(tree)
}

/// The build context of one image: paths relative to its folder.
fn render_image(templates: &Templates, image: &ImagePlan) -> Result<FileTree, minijinja::Error> {
    let mut tree = FileTree::default();
    for (path, content) in &image.context {
        let bytes = match content {
            Content::Verbatim(bytes) => bytes.clone(),
            Content::Service { origin, service } => {
                script::service(templates, origin, service)?.into_bytes()
            }
            Content::Sudoers { origin, user, commands } => {
                script::sudoers(templates, origin, user, commands)?.into_bytes()
            }
        };
        tree.insert(path.clone(), File { bytes, executable: false });
    }
    for planned in &image.scripts {
        let text = script::script(templates, planned)?;
        let path = format!("{}/{}", crate::plan::TOOLS, planned.name);
        tree.insert(path, File { bytes: text.into_bytes(), executable: true });
    }
    let text = dockerfile::dockerfile(templates, image, &tree)?;
    tree.insert("Dockerfile".into(), File { bytes: text.into_bytes(), executable: false });
    let ignore = templates.render("dockerignore.j2", minijinja::context! {})?;
    tree.insert(".dockerignore".into(), File { bytes: ignore.into_bytes(), executable: false });
    let checks = script::checks(templates, image)?;
    tree.insert("checks.sh".into(), File { bytes: checks.into_bytes(), executable: true });
    Ok(tree)
}
