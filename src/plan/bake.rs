//! What `docker buildx bake` builds of a stack: a target for each image of each variant, on top of its parent's.
//!
//! Takes the model and the planned images, gives the values of the bake file; [`render::bake`](crate::render::bake) writes
//! them. It decides nothing about an image: that is in the Dockerfiles, which the targets name.
//!
//! Every string of a bake file is a template in which `$` and `%` begin something (Bake file reference, "variables"). All
//! that goes into one here is a checked name of letters, digits and `._:/-`, so nothing has to be quoted.

use std::collections::BTreeSet;

use super::ImagePlan;
use crate::model::architecture::Architecture;
use crate::model::secret::SecretName;
use crate::model::{Image, Name, Stack, Variant};

/// A bake file.
#[derive(Debug)]
pub struct Bake {
    /// The spec folder, as headers name it.
    pub spec: String,
    /// The registry where images are published; empty for none.
    pub registry: String,
    /// The tag of the images.
    pub tag: String,
    /// Targets that are built together, by the name of the group.
    pub groups: Vec<(String, Vec<String>)>,
    /// The images, parents before children.
    pub targets: Vec<Target>,
}

/// One image of one variant.
#[derive(Debug)]
pub struct Target {
    /// What the command line calls it: letters, digits, `_` and `-`.
    pub name: String,
    /// Its folder in the output.
    pub folder: String,
    /// The parent: the name that FROM gets, as BuildKit looks it up, and the target that stands in for it.
    pub parent: Option<(String, String)>,
    /// What the image is called behind the registry and before the tag.
    pub image: String,
    /// What follows the tag.
    pub suffix: String,
    /// What it is built for: `linux/amd64`.
    pub platforms: Vec<String>,
    /// Secrets that its scripts read.
    pub secrets: BTreeSet<SecretName>,
}

/// The bake file of a stack, whose images are planned in its own order.
pub(super) fn plan(stack: &Stack, images: &[ImagePlan]) -> Bake {
    let mut targets: Vec<Target> = Vec::with_capacity(images.len());
    let all = stack
        .variants
        .iter()
        .flat_map(|variant| variant.images.iter().map(move |image| (variant, image)));
    for ((variant, resolved), image) in all.zip(images) {
        let wanted = target_name(variant, &image.name);
        let name = free(wanted, |name| targets.iter().any(|target| target.name == name));
        let parent = image.parent.as_ref().and_then(|parent| {
            let of_parent = images
                .iter()
                .zip(&targets)
                .find(|(other, _)| other.name == *parent && other.variant == image.variant);
            of_parent.map(|(_, target)| (looked_up(&image.base).to_owned(), target.name.clone()))
        });
        targets.push(Target {
            name,
            folder: image.folder.clone(),
            parent,
            image: stack.image_name(&image.name),
            suffix: variant.tag_suffix(),
            platforms: stack.architectures.iter().copied().map(Architecture::platform).collect(),
            secrets: secrets(resolved),
        });
    }
    Bake {
        spec: stack.root.clone(),
        registry: stack.registry.as_ref().map(ToString::to_string).unwrap_or_default(),
        tag: stack.tag.to_string(),
        groups: groups(stack, images, &targets),
        targets,
    }
}

/// `base`, or `debian-base`. Targets have no dots in their names, and images may.
fn target_name(variant: &Variant, image: &Name) -> String {
    let prefix = if variant.is_default { String::new() } else { format!("{}-", variant.name) };
    format!("{prefix}{image}").replace('.', "_")
}

/// The name itself or, where it is taken, one that goes on with `_`: `debian-base` can be an image of the default
/// variant and the image `base` of another.
fn free(mut name: String, is_taken: impl Fn(&str) -> bool) -> String {
    while is_taken(&name) {
        name.push('_');
    }
    name
}

/// One group for what is built without a name, and one for each variant. A group cannot be called as a target is.
fn groups(stack: &Stack, images: &[ImagePlan], targets: &[Target]) -> Vec<(String, Vec<String>)> {
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    let first = stack.variants.first().map(|variant| ("default", variant));
    let all = stack.variants.iter().map(|variant| (variant.name.as_str(), variant));
    for (wanted, variant) in first.into_iter().chain(all) {
        // The default variant is called `default` unless the spec names it.
        if groups.iter().any(|(name, _)| name == wanted) {
            continue;
        }
        let of_variant =
            images.iter().zip(targets).filter(|(image, _)| image.variant == variant.name);
        let members = of_variant.map(|(_, target)| target.name.clone()).collect();
        let name = free(wanted.replace('.', "_"), |name| {
            targets.iter().any(|target| target.name == name)
                || groups.iter().any(|(other, _)| other == name)
        });
        groups.push((name, members));
    }
    groups
}

/// The name under which BuildKit looks for a context that stands in for an image: as people shorten it, so without
/// docker's own registry and without `:latest` (measured with BuildKit 0.13: the full name is not found).
fn looked_up(reference: &str) -> &str {
    let docker = ["docker.io/", "index.docker.io/"];
    let short = docker.iter().find_map(|host| reference.strip_prefix(host)).unwrap_or(reference);
    let short = if short.len() < reference.len() {
        short.strip_prefix("library/").unwrap_or(short)
    } else {
        short
    };
    short.strip_suffix(":latest").unwrap_or(short)
}

fn secrets(image: &Image) -> BTreeSet<SecretName> {
    let scripts = image.components.iter().filter_map(|component| component.script.as_ref());
    scripts.flat_map(|script| script.secrets.iter().cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents_are_looked_up_by_their_short_names() {
        for (reference, name) in [
            ("registry.example.org/team/s-base:master", "registry.example.org/team/s-base:master"),
            ("s-base:latest", "s-base"),
            ("docker.io/team/s-base:latest", "team/s-base"),
            ("docker.io/library/s-base:x", "s-base:x"),
            ("index.docker.io/team/s-base:x-two", "team/s-base:x-two"),
            ("library/s-base:latest", "library/s-base"),
        ] {
            assert_eq!(looked_up(reference), name);
        }
    }

    #[test]
    fn a_name_that_is_taken_goes_on() {
        let taken = ["a", "a_"];
        assert_eq!(free("a".to_owned(), |name| taken.contains(&name)), "a__");
        assert_eq!(free("b".to_owned(), |name| taken.contains(&name)), "b");
    }
}
