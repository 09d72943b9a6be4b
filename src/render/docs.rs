//! What each image holds, as tables of Markdown.
//!
//! Takes the inventories of images, gives text. What packages bring along as their dependencies is in no table: the spec
//! does not know it.

use minijinja::{Error, context};
use serde::Serialize;

use super::script::data;
use super::templates::Templates;
use crate::compile::Output;
use crate::inventory::{self, Package, Source, Version};
use crate::model::stack::Variant;
use crate::model::upstream::Source as UpstreamSource;
use crate::plan::ImagePlan;

/// An image.
#[derive(Serialize)]
struct Image {
    name: String,
    reference: String,
    on: String,
    /// The images of the stack that it extends.
    inherits: String,
    rows: Vec<Row>,
}

/// A package of an image.
#[derive(Serialize)]
struct Row {
    name: String,
    version: String,
    kind: &'static str,
    source: Vec<Part>,
    license: String,
    components: String,
}

/// A part of what is said of a source.
#[derive(Serialize)]
struct Part {
    text: String,
    is_address: bool,
}

impl Part {
    fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_address: false }
    }

    fn address(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_address: true }
    }
}

/// The tables of some images of one variant.
///
/// # Errors
/// A template that does not fit its data: a defect of rdspec.
pub fn docs(output: &Output, plans: &[&ImagePlan]) -> Result<String, Error> {
    let images: Vec<Image> = plans.iter().filter_map(|plan| image(output, plan)).collect();
    let variant = plans.first().map(|plan| plan.variant.to_string()).unwrap_or_default();
    let title = format!("What is in the images of {} ({variant})", output.stack.name);
    Templates::new()?.render("docs.md.j2", context! { title, images => data(&images) })
}

fn image(output: &Output, plan: &ImagePlan) -> Option<Image> {
    let variant = output.stack.variants.iter().find(|variant| variant.name == plan.variant)?;
    let image = variant.images.iter().find(|image| image.name == plan.name)?;
    let chain = variant.chain(image);
    let parents = chain.iter().rev().skip(1).map(|image| image.name.to_string());
    let packages = inventory::of(variant, image);
    Some(Image {
        name: plan.name.to_string(),
        reference: plan.reference.clone(),
        on: plan.base.split('@').next().unwrap_or_default().to_owned(),
        inherits: parents.collect::<Vec<_>>().join(" and "),
        rows: packages.iter().map(|package| row(package, variant)).collect(),
    })
}

fn row(package: &Package<'_>, variant: &Variant) -> Row {
    let mut components: Vec<&str> = package
        .brought_by
        .iter()
        .map(|bringer| bringer.component.map_or("the stack", |one| one.name.as_str()))
        .collect();
    components.sort_unstable();
    components.dedup();
    Row {
        name: package.name.clone(),
        version: match &package.version {
            Version::Pinned(version) => version.clone(),
            Version::Of(date) => format!("of {date}"),
            Version::Unsaid => String::new(),
        },
        kind: package.kind.name(),
        source: source(package, variant),
        license: package.license.map(ToString::to_string).unwrap_or_default(),
        components: components.join(", "),
    }
}

fn source(package: &Package<'_>, variant: &Variant) -> Vec<Part> {
    match &package.source {
        Source::Registry(external) => {
            let pin = external.digest.as_ref().map(|digest| Part::text(digest.as_str()));
            let unpinned = external.unpinned.as_ref();
            let why = || unpinned.map(|why| Part::text(format!("not pinned: {why}")));
            pin.or_else(why).into_iter().collect()
        }
        Source::Archives(repositories) => {
            let archive = Part::text(format!("archive of {}", distribution(variant)));
            let others = repositories.iter().map(|one| Part::address(one.uri.clone()));
            others.chain([archive]).collect()
        }
        Source::Addresses(upstream) => {
            let home = upstream.and_then(|upstream| match &upstream.source.value {
                UpstreamSource::Github(repository) => {
                    Some(Part::address(format!("https://github.com/{repository}")))
                }
                _ => None,
            });
            let first = || {
                let url = package.files.first()?.urls.first()?;
                Some(Part::address(*url))
            };
            home.or_else(first).into_iter().collect()
        }
        Source::PythonIndex(index) => vec![match index {
            Some(url) => Part::address(url.text.clone()),
            None => Part::text("PyPI"),
        }],
        Source::NodeRegistry => vec![Part::text("npm")],
        Source::Channels(channels) => {
            channels.iter().map(|channel| Part::text(channel.to_string())).collect()
        }
        Source::RRepository(url) => vec![Part::address(url.text.clone())],
    }
}

/// The base image of a variant, whose archives apt asks.
fn distribution(variant: &Variant) -> String {
    let bases = variant.images.iter().filter_map(|image| match &image.base {
        crate::model::stack::Base::External(external) => Some(external.reference.as_str()),
        crate::model::stack::Base::Parent(_) => None,
    });
    let mut names: Vec<&str> = bases.map(|base| base.rsplit('/').next().unwrap_or(base)).collect();
    names.sort_unstable();
    names.dedup();
    names.join(" and ")
}
