//! `rdspec show`: the images, or the resolved spec of one with the origin of each value.

use super::table::{Align, aligned};
use super::{DONE, Session, WRONG, select};
use crate::cli::{Format, Show};
use crate::plan::ImagePlan;
use crate::show::{self, Image, Shown};

/// Longer values are cut in text; JSON has them whole.
const WIDEST: usize = 72;

/// Runs the command.
///
/// # Errors
/// An unknown image or variant.
pub fn run(session: &Session, arguments: &Show) -> anyhow::Result<u8> {
    let files = session.workspace.load()?;
    let Some(output) = session.compile_files(&files)? else { return Ok(WRONG) };
    let Some(name) = &arguments.image else {
        let images = match &arguments.variant {
            Some(variant) => select::of_variant(&output.plan, Some(variant))?,
            None => output.plan.images.iter().collect(),
        };
        list(session, &images, arguments.format)?;
        return Ok(DONE);
    };
    let images = select::of_variant(&output.plan, arguments.variant.as_deref())?;
    let plan = select::named(&images, name)?;
    let Some(image) = show::image(&files, &output, plan) else { return Ok(WRONG) };
    match arguments.format {
        Format::Json => session.print_json(&image)?,
        Format::Text => session.print(&text(&image)),
    }
    Ok(DONE)
}

fn list(session: &Session, images: &[&ImagePlan], format: Format) -> anyhow::Result<()> {
    if format == Format::Json {
        let entry = |image: &&ImagePlan| {
            serde_json::json!({
                "image": image.name.as_str(),
                "variant": image.variant.as_str(),
                "base": image.base,
                "parent": image.parent.as_ref().map(crate::model::Name::as_str),
                "reference": image.reference,
                "folder": image.folder,
            })
        };
        return session.print_json(&images.iter().map(entry).collect::<Vec<_>>());
    }
    let mut rows = vec![["image", "variant", "on", "built as"].map(str::to_owned)];
    rows.extend(images.iter().map(|image| {
        [
            image.name.to_string(),
            image.variant.to_string(),
            image.parent.as_ref().map_or_else(|| image.base.clone(), ToString::to_string),
            image.reference.clone(),
        ]
    }));
    session.print(&aligned(&rows, [Align::Left; 4], 0));
    Ok(())
}

fn text(image: &Image) -> String {
    let words =
        |words: &Option<Vec<String>>| words.as_ref().map_or("none".into(), |words| words.join(" "));
    let inherited: Vec<&str> = image
        .components
        .iter()
        .filter(|component| component.image != image.image)
        .map(|component| component.name.as_str())
        .collect();
    let mut facts = vec![
        ["built as", &image.reference].map(str::to_owned),
        ["built on", &image.base].map(str::to_owned),
        ["runs as", image.container.user.as_deref().unwrap_or("root")].map(str::to_owned),
        ["entrypoint", &words(&image.container.entrypoint)].map(str::to_owned),
        ["command", &words(&image.container.command)].map(str::to_owned),
    ];
    if !inherited.is_empty() {
        facts.push(["inherits", &inherited.join(", ")].map(str::to_owned));
    }
    let mut parts = vec![
        format!("{} ({})\n", image.image, image.variant) + &aligned(&facts, [Align::Left; 2], 2),
        "stack\n".to_owned() + &settings(&image.settings),
    ];
    for component in image.components.iter().filter(|component| component.image == image.image) {
        let mut part =
            format!("{}: {}\n", component.name, component.summary) + &settings(&component.settings);
        for download in &component.downloads {
            let urls = download.urls.join(" ");
            let line = format!(
                "  downloads.{} ({}) = {urls} {}\n",
                download.name, download.architecture, download.sha256
            );
            part.push_str(&line);
        }
        parts.push(part);
    }
    parts.join("\n")
}

fn settings(settings: &[Shown]) -> String {
    let rows: Vec<[String; 3]> = settings
        .iter()
        .map(|setting| {
            let origin = setting.origin.as_ref();
            let origin = origin.map_or_else(
                || "default".to_owned(),
                |origin| format!("{}:{}", origin.file, origin.position.line),
            );
            [setting.key.clone(), shortened(&setting.value.to_string()), origin]
        })
        .collect();
    aligned(&rows, [Align::Left; 3], 2)
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= WIDEST {
        return text.to_owned();
    }
    text.chars().take(WIDEST - 1).chain(['…']).collect()
}
