//! The stack, its variants and images.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;

use super::account::AccountName;
use super::apt::Repository;
use super::architecture::Architecture;
use super::ci::Ci;
use super::component::Component;
use super::language::Language;
use super::names::{Date, Line, Name, PackageName, Snapshot, UserName};
use super::path::AbsolutePath;
use super::profile::Profile;
use super::reference::{Digest, Reference, Registry, Tag};
use super::upstream::Upstream;
use crate::source::{Span, Spanned};

/// A whole stack.
#[derive(Debug)]
pub struct Stack {
    /// Its name, the first part of image names.
    pub name: Name,
    /// Where images are published.
    pub registry: Option<Registry>,
    /// The tag under which a child finds a locally built parent.
    pub tag: Tag,
    /// The architectures that the images are built for.
    pub architectures: Vec<Architecture>,
    /// The languages of its users; the first one is for whoever has none of them.
    pub languages: Vec<Language>,
    /// Seconds since 1970 that scripts use for "now" (reproducible-builds.org, SOURCE_DATE_EPOCH).
    pub source_date_epoch: u64,
    /// Whether packages keep their translations into the languages, whatever the base image tells dpkg: where the spec
    /// names languages.
    pub keeps_translations: bool,
    /// Who the finished images run as; root where it is absent.
    pub user: Option<User>,
    /// The variants, the default one first.
    pub variants: Vec<Variant>,
    /// How the images are built and published elsewhere, where the spec says it.
    pub ci: Option<Ci>,
    /// Measured costs and change rates of layers.
    pub profile: Profile,
    /// What there is to build in the spec folder, as headers name it: `spec`.
    pub root: String,
}

impl Stack {
    /// The images of all variants.
    pub fn images(&self) -> impl Iterator<Item = &Image> {
        self.variants.iter().flat_map(|variant| &variant.images)
    }

    /// What the images of all variants add: a component once for each of them that has it.
    pub fn components(&self) -> impl Iterator<Item = &Component> {
        self.images().flat_map(|image| &image.components).map(AsRef::as_ref)
    }

    /// The name under which an image is built, tagged and found by its children.
    pub fn reference(&self, variant: &Variant, image: &Name) -> String {
        self.reference_with(variant, image, &self.tag)
    }

    /// The same under another tag.
    pub fn reference_with(&self, variant: &Variant, image: &Name, tag: &Tag) -> String {
        format!("{}:{tag}{}", self.repository(image), variant.tag_suffix())
    }

    /// What an image is called in every variant, without a tag: with the registry, where there is one.
    pub fn repository(&self, image: &Name) -> String {
        let registry = self.registry.as_ref().map(|host| format!("{host}/")).unwrap_or_default();
        format!("{registry}{}", self.image_name(image))
    }

    /// The last part of that.
    pub fn image_name(&self, image: &Name) -> String {
        format!("{}-{image}", self.name)
    }
}

impl Stack {
    /// The apt repositories that images with a component have: its own first, then those of the components that are in
    /// the same images or in what these extend, each once.
    pub fn repositories_beside(&self, component: &str) -> Vec<&Repository> {
        let mut found: Vec<&Repository> = Vec::new();
        for own in [true, false] {
            for variant in &self.variants {
                let images = variant.images.iter().filter(|image| {
                    image.components.iter().any(|one| one.name.as_str() == component)
                });
                let beside = images
                    .flat_map(|image| variant.chain(image))
                    .flat_map(|image| &image.components)
                    .filter(|one| (one.name.as_str() == component) == own);
                for repository in beside.flat_map(|one| &one.apt.repositories) {
                    if found.iter().all(|known| known.span != repository.span) {
                        found.push(repository);
                    }
                }
            }
        }
        found
    }
}

/// The unprivileged user of the images.
#[derive(Debug)]
pub struct User {
    /// Login name.
    pub name: UserName,
    /// User id.
    pub uid: u32,
    /// Group id; the group has the user's name.
    pub gid: u32,
    /// The home at run time; usually a volume lies over it.
    pub home: AbsolutePath,
    /// Where the image keeps what a new home is filled with.
    pub skeleton: AbsolutePath,
    /// Login shell.
    pub shell: AbsolutePath,
    /// Users of the base image that give way.
    pub replaces: Vec<UserName>,
    /// Supplementary groups: of the base image, or of components.
    pub groups: Vec<Spanned<AccountName>>,
    /// Where it was declared.
    pub span: Span,
}

/// From when the packages of the apt archives are: part of every apt layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PackageDate {
    /// What the archives had on that day, or have had since.
    Refresh(Date),
    /// Exactly what the archives had at that time, from their snapshot service (apt.conf(5), `APT::Snapshot`).
    Snapshot(Snapshot),
}

impl std::fmt::Display for PackageDate {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refresh(date) => date.fmt(formatter),
            Self::Snapshot(snapshot) => snapshot.fmt(formatter),
        }
    }
}

/// One way to build the stack.
#[derive(Debug)]
pub struct Variant {
    /// Its name; values by variant are keyed by it.
    pub name: Name,
    /// Whether it is written to the top of the output folder.
    pub is_default: bool,
    /// From when the packages are; absent only where nothing installs packages.
    pub apt: Option<Spanned<PackageDate>>,
    /// What the first layer of a root image brings.
    pub bootstrap: Vec<PackageName>,
    /// The images, each after the one that it extends.
    pub images: Vec<Image>,
}

/// What tags of the images of a variant end in: nothing in the default one.
pub(crate) fn tag_suffix(variant: &Name, is_default: bool) -> String {
    if is_default { String::new() } else { format!("-{variant}") }
}

impl Variant {
    /// What tags of its images end in: nothing in the default variant.
    pub fn tag_suffix(&self) -> String {
        tag_suffix(&self.name, self.is_default)
    }

    /// From when the packages are.
    pub fn date(&self) -> Option<&PackageDate> {
        self.apt.as_ref().map(|date| &date.value)
    }

    /// An image and all that it extends, root first.
    pub fn chain<'variant>(&'variant self, image: &'variant Image) -> Vec<&'variant Image> {
        let parent = |image: &&Image| self.images.get(image.parent?);
        let mut chain: Vec<&Image> = std::iter::successors(Some(image), parent).collect();
        chain.reverse();
        chain
    }
}

/// One image.
#[derive(Debug)]
pub struct Image {
    /// Its name.
    pub name: Name,
    /// Where it was declared.
    pub span: Span,
    /// What it is built on.
    pub base: Base,
    /// The position in [`Variant::images`] of the image that it extends.
    pub parent: Option<usize>,
    /// What it adds, in the order of the spec.
    pub components: Vec<Arc<Component>>,
    /// What is said about it, by OCI annotation key: the stack's labels and its own.
    pub labels: BTreeMap<String, Line>,
    /// Its budget, in bytes of its layers.
    pub max_size: Option<u64>,
    /// What its files are that are templates, by their paths.
    pub rendered: BTreeMap<AbsolutePath, Bytes>,
}

/// What an image is built on.
#[derive(Debug)]
pub enum Base {
    /// An image from elsewhere.
    External(External),
    /// An image of this stack.
    Parent(Name),
}

/// A base image from elsewhere.
#[derive(Debug)]
pub struct External {
    /// Name and tag, and where they are written.
    pub reference: Spanned<Reference>,
    /// What the tag has to be, and where that is written; absent only with a reason.
    pub digest: Option<Spanned<Digest>>,
    /// Why there is no digest.
    pub unpinned: Option<Line>,
    /// Which other tags it may move to.
    pub upstream: Option<Box<Upstream>>,
}

impl External {
    /// Its tag; every reference has one.
    pub fn tag(&self) -> &str {
        self.reference.value.as_str().rsplit_once(':').map_or("", |(_, tag)| tag)
    }
}
