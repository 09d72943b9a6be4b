//! The bill of materials of a built image, from what its package managers wrote down.
//!
//! Takes an image that was read with [`keep`], its tree and the compiled spec; gives a document of every package of the
//! databases, each in the image of the stack whose layer installed it, and below the first of those in the base image.
//! The downloads, which are in no database, come from the spec.

use std::collections::BTreeMap;

use super::document::{Builder, CONTAINS, DESCENDANT_OF, Described};
use super::purl::Purl;
use super::{Distribution, Document, chain, component, described, distribution, stack_image};
use crate::audit::owners::{self, Attributed, Owned};
use crate::compile::Output;
use crate::image::Image;
use crate::image::content::Keep;
use crate::image::packages::{self, Detail, Manager, Package, Packages};
use crate::image::tree::Tree;
use crate::inventory::{self, Kind};
use crate::model;
use crate::model::license::License;
use crate::plan::ImagePlan;
use crate::source::SpecFiles;

/// What is said of a document of a built image.
const FROM_IMAGE: &str = "From the package databases of the built image, of Node and npm the packages that are not inside of another, of Python those with dist-info; downloads, which are in none, from its spec.";

/// Files that say which distribution it is: os-release(5). The first is a link to the second, on most.
const RELEASES: [&str; 2] = ["etc/os-release", "usr/lib/os-release"];

/// What has to be kept of the file at a path, so that [`of_image`] can read it.
pub fn keep(path: &str) -> Option<Keep> {
    packages::keep(path).or_else(|| RELEASES.contains(&path).then_some(Keep::Whole))
}

/// The images of the document, and what is known of their layers.
struct Images<'image> {
    /// The identifier of each image of the stack, root first, by its name.
    ids: Vec<(String, String)>,
    /// That of the image from elsewhere.
    base: String,
    owned: Option<Owned>,
    chain: Vec<&'image model::Image>,
}

/// The document of a built image, and the files of databases that could not be read. None where the stack has no such
/// image.
///
/// # Errors
/// As of [`of_spec`](super::of_spec).
pub fn of_image(
    files: &SpecFiles,
    output: &Output,
    plan: &ImagePlan,
    image: &Image,
    tree: &Tree,
) -> anyhow::Result<Option<(Document, Vec<String>)>> {
    let Some((variant, chain)) = chain(output, plan) else { return Ok(None) };
    let mut builder = Builder::default();
    let mut images = Images {
        ids: Vec::new(),
        base: String::new(),
        owned: owners::find(files, output, image),
        chain: chain.clone(),
    };
    let of_spec = distribution(output, plan);
    let mut asked = BTreeMap::new();
    for one in chain {
        let below = images.ids.last().map(|(_, id)| id.clone());
        let id = stack_image(&mut builder, output, variant, one, below.as_deref());
        for package in inventory::of(variant, one) {
            let is_recorded = package.kind != Kind::Download || is_deb(one, &package.name);
            let said = described(files, &package, &of_spec);
            match package.kind {
                Kind::BaseImage => {
                    images.base = builder.add("base", &said);
                    builder.relate(&id, DESCENDANT_OF, &images.base);
                }
                Kind::Download if !is_recorded => {
                    let held = builder.add("download", &said);
                    builder.relate(&id, CONTAINS, &held);
                }
                kind => {
                    asked.insert((manager(kind), package.name.clone()), said);
                }
            }
        }
        images.ids.push((one.name.to_string(), id));
    }
    let found = packages::of(image, tree);
    let distribution = release(image, tree).unwrap_or(of_spec);
    add_packages(&mut builder, &images, &found, &asked, &distribution);
    let described = images.ids.last().map(|(_, id)| id.clone()).unwrap_or_default();
    let document =
        builder.finish(&image.reference, plan.source_date_epoch, FROM_IMAGE, &described)?;
    Ok(Some((document, found.unreadable)))
}

/// Whether a download is a package that dpkg records.
fn is_deb(image: &model::Image, name: &str) -> bool {
    let mut downloads = image.components.iter().flat_map(|one| one.package_downloads());
    downloads.any(|download| download.name.as_str() == name)
}

/// Whose database has a package of the spec; a download that is recorded is one of dpkg's.
fn manager(kind: Kind) -> Manager {
    match kind {
        Kind::Python => Manager::Python,
        Kind::Node => Manager::Node,
        Kind::Conda => Manager::Conda,
        Kind::R => Manager::R,
        Kind::BaseImage | Kind::Download | Kind::Apt => Manager::Dpkg,
    }
}

fn add_packages(
    builder: &mut Builder,
    images: &Images<'_>,
    found: &Packages,
    asked: &BTreeMap<(Manager, String), Described>,
    distribution: &Distribution,
) {
    for (package, versions) in &found.versions {
        let fallback = Detail::default();
        let detail = found.details.get(package).unwrap_or(&fallback);
        let name = package.name.split(':').next().unwrap_or(&package.name);
        let name = if package.manager == Manager::Dpkg { name } else { &package.name };
        let of_spec = asked.get(&(package.manager, name.to_owned()));
        let (holder, place) = images.holder(detail.layer);
        for version in versions {
            let license = detail.license.as_deref().and_then(|text| License::parse(text).ok());
            let said = Described {
                name: name.to_owned(),
                version: Some(version.clone()),
                license: license
                    .map(|license| license.to_string())
                    .or_else(|| of_spec.and_then(|one| one.license.clone())),
                purl: Some(purl(package, name, version, detail, distribution)),
                comment: Some(comment(package, of_spec, &place)),
                ..Described::default()
            };
            let id = builder.add(word(package.manager), &said);
            builder.relate(holder, CONTAINS, &id);
        }
    }
}

/// The first part of the identifier of a package, as of one of the spec.
fn word(manager: Manager) -> &'static str {
    match manager {
        Manager::Dpkg => "apt",
        Manager::Python => "python",
        Manager::Node => "node",
        Manager::Conda => "conda",
        Manager::R => "r",
    }
}

/// Who brings a package: what asks for it, or else the layer that it came with.
fn comment(package: &Package, of_spec: Option<&Described>, place: &str) -> String {
    let asked = of_spec.and_then(|said| said.comment.as_deref());
    let comment = asked.unwrap_or(place);
    match &package.place {
        Some(folder) => format!("{comment}; in {folder}"),
        None => comment.to_owned(),
    }
}

fn purl(
    package: &Package,
    name: &str,
    version: &str,
    detail: &Detail,
    distribution: &Distribution,
) -> String {
    let version = Some(version);
    match package.manager {
        Manager::Dpkg => Purl::deb(distribution, name, version, detail.architecture.as_deref()),
        Manager::Python => Purl::pypi(name, version),
        Manager::Node => Purl::npm(name, version),
        Manager::Conda => {
            // The database has the build behind the version.
            let (number, build) = version.and_then(|text| text.split_once(' ')).unzip();
            let purl = Purl::of("conda", name).version(number.or(version));
            purl.qualifier("build", build.map(str::to_owned)).text()
        }
        Manager::R => Purl::of("cran", name).version(version).text(),
    }
}

impl Images<'_> {
    /// The image that a layer is of, and what to say of a package that came with it.
    fn holder(&self, layer: usize) -> (&str, String) {
        let last = self.ids.last().map(|(_, id)| id.as_str()).unwrap_or_default();
        let Some(owned) = &self.owned else { return (last, "In the image".to_owned()) };
        if layer < owned.base_layers {
            let base = if self.base.is_empty() { last } else { &self.base };
            return (base, "In the base image".to_owned());
        }
        match owned.layers.get(layer).and_then(Option::as_ref) {
            Some(found) => {
                let id = self.ids.iter().find(|(name, _)| *name == found.image);
                (id.map_or(last, |(_, id)| id), self.place(found))
            }
            None => (last, "In a layer that is not of the stack".to_owned()),
        }
    }

    /// A layer, with the components that it belongs to, as far as the chain still has them.
    fn place(&self, found: &Attributed) -> String {
        let names: Vec<&str> = found
            .owners
            .iter()
            .filter_map(|owner| owner.component.as_deref())
            .filter(|name| component(&self.chain, name).is_some())
            .collect();
        let of = if names.is_empty() { "the stack".to_owned() } else { names.join(", ") };
        format!("In the layer {} of {}, of {of}", found.layer, found.image)
    }
}

/// What os-release says the distribution is.
fn release(image: &Image, tree: &Tree) -> Option<Distribution> {
    let kept = RELEASES.iter().find_map(|path| packages::kept(image, tree.get(path)?))?;
    let text = String::from_utf8_lossy(&kept.bytes);
    let value = |key: &str| {
        let mut lines = text.lines().filter_map(|line| line.split_once('='));
        let (_, value) = lines.find(|(name, _)| *name == key)?;
        Some(value.trim_matches(['"', '\'']).to_owned())
    };
    let name = value("ID")?;
    let release = value("VERSION_ID").map_or(name.clone(), |version| format!("{name}-{version}"));
    Some(Distribution { name, release })
}
