//! Plan to [`FileTree`]: every output file as bytes, in memory.
//!
//! Takes the plan and the built-in templates. It never touches the disk, the clock, the environment
//! or the network, and decides nothing: templates loop, test presence and print.
//!
//! A value can only be printed after a filter has quoted it for the language that it lands in: the
//! formatter refuses every string that did not come out of [`quote`].

pub mod bake;
pub mod digest;
pub mod dockerfile;
pub mod docs;
pub mod graph;
pub mod quote;
pub mod script;
mod shared;
mod shortcut;
pub mod templates;
pub mod tree;
pub mod workflow;

pub use tree::{File, FileTree};

use std::sync::Arc;

use crate::dev::Late;
use crate::model::Stack;
use crate::parallel;
use crate::plan::{self, Content, ImagePlan, Plan};
use shared::{Key, Shared};
use templates::Templates;

/// Renders every file of a plan.
///
/// # Errors
/// A template that does not fit its data: a defect of rdspec, never of a spec.
pub fn render(plan: &Plan) -> Result<FileTree, minijinja::Error> {
    let templates = Templates::new()?;
    let shared = Shared::default();
    let images = parallel::map(&plan.images, parallel::IMAGES, |image| {
        let files = render_image(&templates, &shared, image, None)?.into_files().into_iter();
        let in_folder = |(path, file)| (format!("{}/{path}", image.folder), file);
        Ok(files.map(in_folder).collect::<Vec<_>>())
    });
    let images = images.into_iter().collect::<Result<Vec<_>, minijinja::Error>>()?;
    let mut tree: FileTree = images.into_iter().flatten().collect();
    let bake = bake::bake(&plan.bake).map_err(of_json)?;
    tree.insert(bake::PATH.to_owned(), File { bytes: bake.into(), executable: false });
    Ok(tree)
}

/// Renders the files that lie beside the output folder.
///
/// # Errors
/// As of [`render`].
pub fn render_beside(stack: &Stack, plan: &Plan) -> Result<FileTree, minijinja::Error> {
    let planned = stack.ci.as_ref().and_then(|ci| plan::workflow::plan(stack, plan, ci));
    let file = planned.map(|planned| workflow::workflow(&planned)).transpose()?;
    Ok(file.into_iter().map(|file| (workflow::PATH.to_owned(), file)).collect())
}

/// What JSON cannot hold: nothing of a plan.
fn of_json(error: serde_json::Error) -> minijinja::Error {
    let message = "a file of JSON cannot be written";
    minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, message).with_source(error)
}

/// Renders the build context of a late image.
///
/// # Errors
/// As of [`render`].
pub fn render_late(late: &Late) -> Result<FileTree, minijinja::Error> {
    render_image(&Templates::new()?, &Shared::default(), &late.plan, Some(late))
}

/// The build context of one image: paths relative to its folder.
fn render_image<'plan>(
    templates: &Templates,
    shared: &Shared<'plan>,
    image: &'plan ImagePlan,
    late: Option<&Late>,
) -> Result<FileTree, minijinja::Error> {
    let mut tree = FileTree::default();
    for (path, content) in &image.context {
        let bytes = match content {
            Content::Verbatim(bytes) => bytes.clone(),
            Content::Service { origin, service } => {
                let key = Key::Service(Arc::as_ptr(service).addr());
                shared.get(key, || script::service(templates, origin, service))?
            }
            Content::Route { origin, route } => {
                let key = Key::Route(Arc::as_ptr(route).addr());
                shared.get(key, || script::route(templates, origin, route))?
            }
            Content::Shortcut { origin, shortcut } => {
                let key = Key::Shortcut(Arc::as_ptr(shortcut).addr());
                shared.get(key, || shortcut::shortcut(templates, origin, shortcut))?
            }
            Content::Sources(sources) => {
                templates.render("apt.sources.j2", script::data(sources))?.into_bytes().into()
            }
            Content::Requirements { origin, packages } => {
                let packages = script::data(packages);
                let values = minijinja::context! { origin => origin.as_str(), packages };
                templates.render("requirements.txt.j2", values)?.into_bytes().into()
            }
            Content::Sudoers { origin, user, rules } => {
                script::sudoers(templates, origin, user, rules)?.into()
            }
        };
        tree.insert(path.clone(), File { bytes, executable: false });
    }
    for planned in &image.scripts {
        let bytes = shared.get(Key::Script(planned), || script::script(templates, planned))?;
        let path = format!("{}/{}", crate::plan::TOOLS, planned.name);
        tree.insert(path, File { bytes, executable: true });
    }
    let text = dockerfile::dockerfile(templates, shared, image, late, &tree)?;
    tree.insert("Dockerfile".into(), File { bytes: text.into(), executable: false });
    let ignore = templates.render("dockerignore.j2", minijinja::context! {})?;
    tree.insert(".dockerignore".into(), File { bytes: ignore.into(), executable: false });
    let checks = script::checks(templates, image)?;
    tree.insert("checks.sh".into(), File { bytes: checks.into(), executable: true });
    Ok(tree)
}
