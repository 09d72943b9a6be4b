//! What the commands have in common that run containers: the image, built first where the user does not say otherwise.

use std::io::IsTerminal;

use anyhow::bail;

use super::Session;
use super::build::{Request, Stopped, Work, build};
use crate::cli::engines::{Containers, Target};
use crate::engine::container::{Container, Ids, Writable};
use crate::plan::ImagePlan;

/// The folders that a container with read-only files may write, besides the home: what clusters mount there is empty.
const WRITABLE: [&str; 3] = ["/tmp", "/run", "/var/tmp"];

/// Provides one image and lets `run` make use of a container of it; gives the exit status.
///
/// # Errors
/// An unknown image or variant, or a build context that cannot be written.
pub fn in_one_image(
    session: &Session,
    containers: &Containers,
    name: Option<&String>,
    run: impl FnOnce(&Work, &ImagePlan, Container<'_>) -> u8,
) -> anyhow::Result<u8> {
    let work = match Work::begin(session, &containers.target)? {
        Ok(work) => work,
        Err(status) => return Ok(status),
    };
    let image = one_image(&work, &containers.target, name)?;
    if let Err(status) = provide(session, &work, containers, &[image])? {
        return Ok(status);
    }
    let reference = work.reference(image, &containers.target.tags);
    let mut container = container(&work, &reference, containers);
    container.terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    Ok(run(&work, image, container))
}

/// The one image that a command is about.
///
/// # Errors
/// An unknown image, or none named where there are several.
fn one_image<'work>(
    work: &'work Work,
    target: &Target,
    name: Option<&String>,
) -> anyhow::Result<&'work ImagePlan> {
    let names: Vec<String> = name.cloned().into_iter().collect();
    let images = work.images(target, &names, false)?;
    let [image] = images.as_slice() else {
        let names: Vec<&str> = images.iter().map(|image| image.name.as_str()).collect();
        bail!("which image? There are {}", names.join(", "));
    };
    Ok(image)
}

/// Sees to it that the engine has the images as the spec describes them, or as they are.
///
/// # Errors
/// A build context that cannot be written, or there is no such image.
pub fn provide(
    session: &Session,
    work: &Work,
    Containers { target, building, no_build, .. }: &Containers,
    images: &[&ImagePlan],
) -> anyhow::Result<Result<(), Stopped>> {
    if *no_build {
        for image in images {
            if let Err(error) = work.engine.inspect(&work.reference(image, &target.tags)) {
                session.complain(&format!(
                    "error: {error:#}\n`rdspec build {}` builds it",
                    image.name
                ));
                return Ok(Err(super::ENGINE_FAILED));
            }
        }
        return Ok(Ok(()));
    }
    let names: Vec<String> = images.iter().map(|image| image.name.to_string()).collect();
    let with_parents = work.images(target, &names, true)?;
    let request = Request { target, building, no_cache: false, quietly: true };
    Ok(build(session, work, &with_parents, &request)?.map(drop))
}

/// A container of an image, as clusters run it where that is asked for.
pub fn container<'request>(
    work: &Work,
    reference: &'request str,
    Containers { building, clusters, .. }: &'request Containers,
) -> Container<'request> {
    let user = work.output.stack.user.as_ref();
    let home = user.map(|user| user.home.to_string());
    let of_image = user.map_or(Ids { uid: 0, gid: 0 }, |user| Ids { uid: user.uid, gid: user.gid });
    let owner = clusters.ids.unwrap_or(of_image);
    let writable = || Writable {
        folders: WRITABLE.iter().map(ToString::to_string).chain(home).collect(),
        owner,
    };
    Container {
        image: reference,
        ids: clusters.ids,
        no_new_privileges: clusters.no_new_privileges,
        writable: clusters.read_only.then(writable),
        network: building.network.as_deref(),
        name: format!("rdspec-{}-{}", work.output.stack.name, std::process::id()),
        ..Container::default()
    }
}
