//! The bill of materials of an image, as SPDX 2.3 has it.
//!
//! Takes the compiled spec, gives a document of what it pins: here from the spec alone, which does not know what packages
//! bring along as their dependencies; in [`built`] from the databases of a built image. Same spec, same bytes: the time is
//! that of the stack, and the name space a digest of the rest.

pub mod built;
mod document;
mod purl;

use crate::compile::Output;
use crate::diagnostic::json::Position;
use crate::inventory::{self, Bringer, Kind, Package, PackageFile, Source, Sum};
use crate::model::component::Component;
use crate::model::stack::{Base, External, Image, Variant};
use crate::plan::ImagePlan;
use crate::source::SpecFiles;

pub use document::Document;
use document::{Builder, CONTAINS, DESCENDANT_OF, Described};
use purl::Purl;

/// What is said of a document from the spec alone.
const FROM_SPEC: &str =
    "From the spec of the image: what packages bring along as their dependencies is not in it.";

/// The document of an image of the plan, from the spec alone: the image, what it and its parents hold, and the image from
/// elsewhere below them. None where the stack has no such image.
///
/// # Errors
/// A value that JSON cannot hold, or a time that no calendar has: a defect of rdspec.
pub fn of_spec(
    files: &SpecFiles,
    output: &Output,
    plan: &ImagePlan,
) -> anyhow::Result<Option<Document>> {
    let Some((variant, chain)) = chain(output, plan) else { return Ok(None) };
    let mut builder = Builder::default();
    let mut below = None;
    for image in chain {
        let id = stack_image(&mut builder, output, variant, image, below.as_deref());
        let distribution = distribution(output, plan);
        for package in inventory::of(variant, image) {
            let described = described(files, &package, &distribution);
            if package.kind == Kind::BaseImage {
                let base = builder.add("base", &described);
                builder.relate(&id, DESCENDANT_OF, &base);
            } else {
                let held = builder.add(word(package.kind), &described);
                builder.relate(&id, CONTAINS, &held);
            }
        }
        below = Some(id);
    }
    let described = below.unwrap_or_default();
    builder.finish(&plan.reference, plan.source_date_epoch, FROM_SPEC, &described).map(Some)
}

/// An image of the plan with all that it extends, root first.
fn chain<'output>(
    output: &'output Output,
    plan: &ImagePlan,
) -> Option<(&'output Variant, Vec<&'output Image>)> {
    let variant = output.stack.variants.iter().find(|variant| variant.name == plan.variant)?;
    let image = variant.images.iter().find(|image| image.name == plan.name)?;
    Some((variant, variant.chain(image)))
}

/// Adds an image of the stack, and says what it descends from.
fn stack_image(
    builder: &mut Builder,
    output: &Output,
    variant: &Variant,
    image: &Image,
    below: Option<&str>,
) -> String {
    let reference = output.stack.reference(variant, &image.name);
    let (repository, tag) = reference.rsplit_once(':').unwrap_or((&reference, ""));
    let id = builder.add(
        "image",
        &Described {
            name: image.name.to_string(),
            version: Some(tag.to_owned()),
            purl: Some(Purl::image(repository, tag, None)),
            is_container: true,
            ..Described::default()
        },
    );
    if let Some(below) = below {
        builder.relate(&id, DESCENDANT_OF, below);
    }
    id
}

/// What a document says of a package of the spec.
fn described(files: &SpecFiles, package: &Package<'_>, distribution: &Distribution) -> Described {
    let one = match package.files.as_slice() {
        [one] => Some(one),
        _ => None,
    };
    let url = package.files.iter().flat_map(|file| &file.urls).next();
    Described {
        name: package.name.clone(),
        version: package.version.pinned().map(str::to_owned),
        location: url.map(|url| (*url).to_owned()),
        sum: one.map(|file| file.sum.clone()),
        license: package.license.map(ToString::to_string),
        purl: Some(purl(package, one, distribution)),
        comment: Some(comment(files, package)),
        is_container: package.kind == Kind::BaseImage,
    }
}

/// The first part of the identifier of a package.
fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::BaseImage => "base",
        Kind::Download => "download",
        Kind::Apt => "apt",
        Kind::Python => "python",
        Kind::Node => "node",
        Kind::Conda => "conda",
        Kind::R => "r",
    }
}

/// Who brings a package and where that is written; and the sums of its files, where it has several.
fn comment(files: &SpecFiles, package: &Package<'_>) -> String {
    let places: Vec<String> =
        package.brought_by.iter().map(|bringer| place(files, bringer)).collect();
    let mut comment = format!("Brought by {}", places.join(", "));
    if package.files.len() > 1 {
        let sums = package.files.iter().map(|file| {
            let of = file.architecture.map(|one| format!("{}: ", one.name())).unwrap_or_default();
            match &file.sum {
                Sum::Sha256(sum) => format!("{of}SHA-256 {sum}"),
                Sum::Sha512(sum) => format!("{of}SHA-512 {sum}"),
            }
        });
        comment = format!("{comment}; one of {}", sums.collect::<Vec<_>>().join(", "));
    }
    comment
}

fn place(files: &SpecFiles, bringer: &Bringer<'_>) -> String {
    let name = bringer.component.map_or("the stack", |component| component.name.as_str());
    match bringer.span {
        Some(span) => {
            let line = Position::of(&files.text(span.file), span.start).line;
            format!("{name} ({}:{line})", files.display_path(span.file))
        }
        None => name.to_owned(),
    }
}

/// The distribution that apt packages are of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Distribution {
    /// Its name, as `ID` of os-release has it: `debian`.
    name: String,
    /// Which of its releases: `debian-bookworm`.
    release: String,
}

/// Distributions whose base images are called as they are.
const DISTRIBUTIONS: [&str; 2] = ["debian", "ubuntu"];

/// The distribution of an image, as far as the name of its base image says it.
fn distribution(output: &Output, plan: &ImagePlan) -> Distribution {
    let Some((_, chain)) = chain(output, plan) else { return Distribution::default() };
    let Some(Base::External(external)) = chain.first().map(|image| &image.base) else {
        return Distribution::default();
    };
    let reference = external.reference.as_str();
    let last = reference.rsplit('/').next().unwrap_or(reference);
    let name = last.split(':').next().unwrap_or(last);
    if !DISTRIBUTIONS.contains(&name) {
        return Distribution::default();
    }
    Distribution { name: name.to_owned(), release: last.replace(':', "-") }
}

/// The package URL of a package: its type is that of its manager.
fn purl(
    package: &Package<'_>,
    file: Option<&PackageFile<'_>>,
    distribution: &Distribution,
) -> String {
    let (name, version) = (package.name.as_str(), package.version.pinned());
    match &package.source {
        Source::Registry(external) => base_purl(external),
        Source::Archives(_) => Purl::deb(distribution, name, version, None),
        Source::PythonIndex(_) => Purl::pypi(name, version),
        Source::NodeRegistry => Purl::npm(name, version),
        Source::Channels(channels) => {
            let channel = channels.first().map(ToString::to_string);
            Purl::of("conda", name).version(version).qualifier("channel", channel).text()
        }
        Source::RRepository(_) => Purl::of("cran", name).version(version).text(),
        Source::Addresses(_) => {
            let url = file.and_then(|file| file.urls.first()).map(|url| (*url).to_owned());
            let sum = file.map(|file| match &file.sum {
                Sum::Sha256(sum) => format!("sha256:{sum}"),
                Sum::Sha512(sum) => format!("sha512:{sum}"),
            });
            let purl = Purl::of("generic", name).version(version);
            purl.qualifier("checksum", sum).qualifier("download_url", url).text()
        }
    }
}

fn base_purl(external: &External) -> String {
    let reference = external.reference.as_str();
    let name = reference.rsplit_once(':').map_or(reference, |(name, _)| name);
    let digest = external.digest.as_ref().map(|digest| digest.as_str());
    Purl::image(name, external.tag(), digest)
}

/// The component of a name in a chain.
fn component<'chain>(chain: &[&'chain Image], name: &str) -> Option<&'chain Component> {
    let mut components = chain.iter().flat_map(|image| &image.components);
    components.find(|component| component.name.as_str() == name).map(AsRef::as_ref)
}
