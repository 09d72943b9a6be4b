//! What the spec puts into an image, package by package.
//!
//! Takes the resolved spec, gives for each image the packages of every manager, the downloads and the base image, with the
//! versions, sums and addresses that the spec pins, and who brings them. What packages bring along as their dependencies
//! is known to a built image alone, and is not in it. It never formats: `docs`, `sbom` and `why` do.

mod managers;

use std::collections::{BTreeMap, BTreeSet};

use crate::model::apt::Repository;
use crate::model::architecture::Architecture;
use crate::model::component::Component;
use crate::model::conda::Channel;
use crate::model::download::{Download, Url};
use crate::model::license::License;
use crate::model::stack::{Base, External, Image, PackageDate, Variant};
use crate::model::upstream::Upstream;
use crate::source::Span;

/// One package of an image.
#[derive(Clone, Debug)]
pub struct Package<'stack> {
    /// Who installs it, or what it is.
    pub kind: Kind,
    /// Its name, as its manager has it.
    pub name: String,
    /// Its version.
    pub version: Version<'stack>,
    /// Where it comes from.
    pub source: Source<'stack>,
    /// Its licence, where the spec says it.
    pub license: Option<&'stack License>,
    /// Its files, where the spec pins them.
    pub files: Vec<PackageFile<'stack>>,
    /// Who brings it, in the order of the spec.
    pub brought_by: Vec<Bringer<'stack>>,
}

/// Who installs a package, or what it is. The order is that of lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The image that a root image begins with.
    BaseImage,
    /// A pinned file from elsewhere.
    Download,
    /// apt.
    Apt,
    /// pip.
    Python,
    /// npm.
    Node,
    /// conda.
    Conda,
    /// R itself.
    R,
}

impl Kind {
    /// As people call such a package.
    pub fn name(self) -> &'static str {
        match self {
            Self::BaseImage => "base image",
            Self::Download => "download",
            Self::Apt => "apt package",
            Self::Python => "Python package",
            Self::Node => "Node package",
            Self::Conda => "conda package",
            Self::R => "R package",
        }
    }
}

/// What is known of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Version<'stack> {
    /// Exactly this.
    Pinned(String),
    /// What the archives have at a time.
    Of(&'stack PackageDate),
    /// Nothing: the sum pins it.
    Unsaid,
}

impl Version<'_> {
    /// The exact version, where there is one.
    pub fn pinned(&self) -> Option<&str> {
        match self {
            Self::Pinned(version) => Some(version),
            Self::Of(_) | Self::Unsaid => None,
        }
    }
}

/// Where a package comes from.
#[derive(Clone, Debug)]
pub enum Source<'stack> {
    /// A registry of container images.
    Registry(&'stack External),
    /// The distribution's archives, and repositories of the components that bring it.
    Archives(Vec<&'stack Repository>),
    /// Addresses of its files; and where its versions are found.
    Addresses(Option<&'stack Upstream>),
    /// An index of Python packages; that of pip's configuration where there is none.
    PythonIndex(Option<&'stack Url>),
    /// The registry of npm's configuration.
    NodeRegistry,
    /// Channels of conda.
    Channels(&'stack [Channel]),
    /// A repository of R packages.
    RRepository(&'stack Url),
}

/// A file of a package.
#[derive(Clone, Debug)]
pub struct PackageFile<'stack> {
    /// The architecture that it is for; none for any.
    pub architecture: Option<Architecture>,
    /// Where it is, in the order of trying.
    pub urls: Vec<&'stack str>,
    /// What its bytes must be.
    pub sum: Sum,
}

/// The checksum of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sum {
    /// SHA-256, in hexadecimal digits.
    Sha256(String),
    /// SHA-512, in hexadecimal digits.
    Sha512(String),
}

/// Who brings a package.
#[derive(Clone, Copy, Debug)]
pub struct Bringer<'stack> {
    /// The component; none for the stack itself.
    pub component: Option<&'stack Component>,
    /// Where it is written, as nearly as the model knows.
    pub span: Option<&'stack Span>,
}

/// What an image adds to what it is built on, sorted by kind and name: of what it asks for, all but those packages of apt
/// that a parent has already asked for.
pub fn of<'stack>(variant: &'stack Variant, image: &'stack Image) -> Vec<Package<'stack>> {
    let chain = variant.chain(image);
    let parents = chain.iter().filter(|parent| parent.name != image.name);
    let inherited: BTreeSet<&str> = bootstrap(variant)
        .filter(|_| image.parent.is_some())
        .chain(parents.flat_map(|parent| apt_of_components(parent)))
        .map(|(name, _)| name)
        .collect();
    let mut packages = asked_for(variant, image);
    packages.retain(|one| one.kind != Kind::Apt || !inherited.contains(one.name.as_str()));
    packages
}

/// What an image asks for, whatever it inherits, sorted by kind and name.
pub fn asked_for<'stack>(variant: &'stack Variant, image: &'stack Image) -> Vec<Package<'stack>> {
    let mut packages: Vec<Package<'stack>> = Vec::new();
    if let Base::External(external) = &image.base {
        packages.push(base_image(external));
    }
    let bootstrap = bootstrap(variant).filter(|_| image.parent.is_none());
    let asked = bootstrap.chain(apt_of_components(image));
    packages.extend(apt(variant, asked, &versions(variant, image)));
    for component in &image.components {
        packages.extend(component.downloads.iter().map(|one| download(component, one)));
        packages.extend(managers::of(component));
    }
    packages.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
    packages
}

fn base_image(external: &External) -> Package<'_> {
    let sum = external.digest.as_ref().and_then(|digest| digest.as_str().strip_prefix("sha256:"));
    let file = sum.map(|sum| PackageFile {
        architecture: None,
        urls: Vec::new(),
        sum: Sum::Sha256(sum.to_owned()),
    });
    let reference = external.reference.as_str();
    let name = reference.rsplit_once(':').map_or(reference, |(name, _)| name);
    Package {
        kind: Kind::BaseImage,
        name: name.to_owned(),
        version: Version::Pinned(external.tag().to_owned()),
        source: Source::Registry(external),
        license: None,
        files: file.into_iter().collect(),
        brought_by: vec![Bringer { component: None, span: Some(&external.reference.span) }],
    }
}

/// A package of apt that somebody asks for.
type Asked<'stack> = (&'stack str, Bringer<'stack>);

/// What the first layer of a root image installs.
fn bootstrap(variant: &Variant) -> impl Iterator<Item = Asked<'_>> {
    let nobody = Bringer { component: None, span: None };
    variant.bootstrap.iter().map(move |name| (name.as_str(), nobody))
}

/// What the components of an image ask apt for.
fn apt_of_components(image: &Image) -> impl Iterator<Item = Asked<'_>> {
    image.components.iter().flat_map(|component| {
        component.packages.iter().map(move |package| {
            let bringer = Bringer { component: Some(component), span: Some(&package.span) };
            (package.as_str(), bringer)
        })
    })
}

/// The exact versions that the chain of an image asks for.
fn versions<'stack>(
    variant: &'stack Variant,
    image: &'stack Image,
) -> Vec<(&'stack str, &'stack str)> {
    let chain = variant.chain(image).into_iter();
    let versions = chain.flat_map(|image| &image.components).flat_map(|one| &one.apt.versions);
    versions.map(|(name, version)| (name.as_str(), version.as_str())).collect()
}

/// Packages of apt, each once with all that ask for it.
fn apt<'stack>(
    variant: &'stack Variant,
    asked: impl Iterator<Item = Asked<'stack>>,
    versions: &[(&str, &str)],
) -> Vec<Package<'stack>> {
    let mut bringers: BTreeMap<&str, Vec<Bringer<'stack>>> = BTreeMap::new();
    for (name, bringer) in asked {
        bringers.entry(name).or_default().push(bringer);
    }
    let package = |(name, brought_by): (&str, Vec<Bringer<'stack>>)| {
        let pinned = versions.iter().find(|(package, _)| *package == name);
        let repositories = brought_by.iter().filter_map(|bringer| bringer.component);
        Package {
            kind: Kind::Apt,
            name: name.to_owned(),
            version: match (pinned, variant.date()) {
                (Some((_, version)), _) => Version::Pinned((*version).to_owned()),
                (None, Some(date)) => Version::Of(date),
                (None, None) => Version::Unsaid,
            },
            source: Source::Archives(repositories.flat_map(|one| &one.apt.repositories).collect()),
            license: None,
            files: Vec::new(),
            brought_by,
        }
    };
    bringers.into_iter().map(package).collect()
}

fn download<'stack>(component: &'stack Component, download: &'stack Download) -> Package<'stack> {
    let mut files: Vec<PackageFile<'stack>> = download
        .artifacts
        .iter()
        .map(|artifact| PackageFile {
            architecture: Some(artifact.architecture),
            urls: artifact.urls.iter().map(|url| url.text.as_str()).collect(),
            sum: Sum::Sha256(artifact.sha256.to_string()),
        })
        .collect();
    // One file for all of them is of none.
    if let [first, rest @ ..] = files.as_mut_slice()
        && rest.iter().all(|other| other.sum == first.sum && other.urls == first.urls)
        && !rest.is_empty()
    {
        first.architecture = None;
        files.truncate(1);
    }
    Package {
        kind: Kind::Download,
        name: download.name.to_string(),
        version: match &download.version {
            Some(version) => Version::Pinned(version.to_string()),
            None => Version::Unsaid,
        },
        source: Source::Addresses(download.upstream.as_ref()),
        license: download.license.as_ref(),
        files,
        brought_by: vec![Bringer { component: Some(component), span: Some(&download.span) }],
    }
}
