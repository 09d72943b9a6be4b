//! The resolved spec of an image: every value with the place where it was written.
//!
//! Takes the spec's files and what they compiled to, gives data to print. Never compiles.

use serde::Serialize;
use serde_json::Value;

use crate::compile::Output;
use crate::diagnostic::json::Position;
use crate::language::{COMPONENT, STACK};
use crate::model::{self, Component};
use crate::parse::settings::{self, Setting};
use crate::parse::{COMPONENTS, STACK_FILE};
use crate::plan::{Configuration, ImagePlan};
use crate::source::SpecFiles;

/// An image, resolved.
#[derive(Debug, Serialize)]
pub struct Image {
    /// Its variant.
    pub variant: String,
    /// Its name.
    pub image: String,
    /// The name under which it is built.
    pub reference: String,
    /// What it is built on.
    pub base: String,
    /// The images of the stack that it extends, root first.
    pub parents: Vec<String>,
    /// What a container of it is like.
    pub container: Container,
    /// The values of stack.toml that concern it.
    pub settings: Vec<Shown>,
    /// Its components, those of its parents first.
    pub components: Vec<ShownComponent>,
}

/// What a container is like.
#[derive(Debug, Serialize)]
pub struct Container {
    /// Who it runs as; root where there is none.
    pub user: Option<String>,
    /// What runs first.
    pub entrypoint: Option<Vec<String>>,
    /// Its arguments.
    pub command: Option<Vec<String>>,
}

/// A component of an image.
#[derive(Debug, Serialize)]
pub struct ShownComponent {
    /// Its name.
    pub name: String,
    /// The image that brings it.
    pub image: String,
    /// One line about it.
    pub summary: String,
    /// Its values.
    pub settings: Vec<Shown>,
    /// Its downloads, with every variable replaced.
    pub downloads: Vec<Download>,
}

/// A file to fetch.
#[derive(Debug, Serialize)]
pub struct Download {
    /// Its name in the component.
    pub name: String,
    /// For which architecture, as Debian calls it.
    pub architecture: String,
    /// Where it is, in the order of trying.
    pub urls: Vec<String>,
    /// What its bytes must be.
    pub sha256: String,
}

/// A value with its origin.
#[derive(Debug, Serialize)]
pub struct Shown {
    /// The key as TOML writes it: `apt.packages`.
    pub key: String,
    /// The value.
    pub value: Value,
    /// Where it was written; none for a default.
    pub origin: Option<Origin>,
}

/// Where a value was written.
#[derive(Debug, Serialize)]
pub struct Origin {
    /// The file, from the folder of the stack.
    pub file: String,
    /// Line and column, from 1.
    #[serde(flatten)]
    pub position: Position,
}

/// The resolved spec of an image of the plan; none where the stack has no such image.
pub fn image(files: &SpecFiles, output: &Output, plan: &ImagePlan) -> Option<Image> {
    let variant = output.stack.variants.iter().find(|variant| variant.name == plan.variant)?;
    let image = variant.images.iter().find(|image| image.name == plan.name)?;
    let chain = variant.chain(image);
    let components = chain
        .iter()
        .flat_map(|image| image.components.iter().map(move |component| (image, component)))
        .map(|(image, component)| shown_component(files, variant.name.as_str(), image, component))
        .collect();
    let parents = chain.iter().rev().skip(1).rev().map(|image| image.name.to_string()).collect();
    Some(Image {
        variant: plan.variant.to_string(),
        image: plan.name.to_string(),
        reference: plan.reference.clone(),
        base: plan.base.clone(),
        parents,
        container: container(&plan.configuration),
        settings: stack_settings(files, plan),
        components,
    })
}

fn container(configuration: &Configuration) -> Container {
    Container {
        user: configuration.user.as_ref().map(|(_, name)| name.clone()),
        entrypoint: configuration.entrypoint.clone(),
        command: configuration.command.clone(),
    }
}

/// The values of stack.toml, without those of other images.
fn stack_settings(files: &SpecFiles, plan: &ImagePlan) -> Vec<Shown> {
    let Some(file) = files.id(STACK_FILE) else { return Vec::new() };
    let is_overlaid = |key: &str| matches!(key, "apt" | "images");
    settings::of(files, file, STACK, plan.variant.as_str(), is_overlaid)
        .into_iter()
        .filter(|setting| match setting.key.as_slice() {
            [images, image, ..] if images == "images" => image == plan.name.as_str(),
            _ => true,
        })
        .map(|setting| shown(files, setting))
        .collect()
}

fn shown_component(
    files: &SpecFiles,
    variant: &str,
    image: &model::Image,
    component: &Component,
) -> ShownComponent {
    let file = files.id(&format!("{COMPONENTS}{}.toml", component.name));
    let settings = file
        .map(|file| settings::of(files, file, COMPONENT, variant, |_| true))
        .unwrap_or_default();
    let downloads = component.downloads.iter().flat_map(|download| {
        download.artifacts.iter().map(|artifact| Download {
            name: download.name.to_string(),
            architecture: artifact.architecture.name().to_owned(),
            urls: artifact.urls.iter().map(|url| url.text.clone()).collect(),
            sha256: artifact.sha256.to_string(),
        })
    });
    ShownComponent {
        name: component.name.to_string(),
        image: image.name.to_string(),
        summary: component.summary.to_string(),
        settings: settings.into_iter().map(|setting| shown(files, setting)).collect(),
        downloads: downloads.collect(),
    }
}

fn shown(files: &SpecFiles, setting: Setting) -> Shown {
    let origin = setting.span.map(|span| Origin {
        file: files.display_path(span.file),
        position: Position::of(&files.text(span.file), span.start),
    });
    Shown { key: dotted(&setting.key), value: setting.value, origin }
}

/// A path of keys as TOML writes it.
fn dotted(keys: &[String]) -> String {
    let is_bare = |key: &str| {
        !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    let keys: Vec<String> = keys
        .iter()
        .map(|key| if is_bare(key) { key.clone() } else { format!("{key:?}") })
        .collect();
    keys.join(".")
}
