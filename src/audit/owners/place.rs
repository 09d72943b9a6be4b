//! Where in the spec a layer is written.
//!
//! Takes a layer of the plan, gives for each of its owners the file and the line of what makes the layer: its packages,
//! its script, the file that is copied. That line is where a maintainer begins.

use serde::Serialize;

use crate::diagnostic::json::Position;
use crate::language::{COMPONENT, STACK};
use crate::model::Name;
use crate::parse::settings::{self, Setting};
use crate::parse::{COMPONENTS, STACK_FILE};
use crate::plan::{FILES, ImagePlan, Instruction, Layer};
use crate::source::SpecFiles;

/// An owner of a layer, and where its part of it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The component; none for the stack itself.
    pub component: Option<String>,
    /// The file, from the folder of the stack.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

/// Tables that make the script of a component.
const OF_SCRIPTS: &[&str] = &["script", "downloads", "conda", "pip", "npm", "r", "locales"];

/// The places of a layer's owners.
pub(super) fn of_layer(files: &SpecFiles, plan: &ImagePlan, layer: &Layer) -> Vec<Place> {
    let mut owners: Vec<&str> = layer.owners.iter().map(Name::as_str).collect();
    owners.sort_unstable();
    owners.dedup();
    let of_stack = || match &layer.instruction {
        Instruction::Run(run) if run.script == "bootstrap.sh" => {
            of_stack(files, plan, &["bootstrap"])
        }
        Instruction::Run(run) if run.script == "users.sh" => of_stack(files, plan, &["user"]),
        _ => of_stack(files, plan, &["images"]),
    };
    if owners.is_empty() {
        return of_stack().into_iter().collect();
    }
    let place = |component: &str| {
        let file = files.id(&format!("{COMPONENTS}{component}.toml"))?;
        let all = settings::of(files, file, COMPONENT, plan.variant.as_str(), |_| true);
        let wanted = |setting: &Setting| is_about(&setting.key, layer, component);
        Some(Place {
            component: Some(component.to_owned()),
            file: files.display_path(file),
            line: line(files, &all, wanted),
        })
    };
    owners.into_iter().filter_map(place).collect()
}

/// The place of the directory that WORKDIR makes.
pub(super) fn of_working_directory(files: &SpecFiles, plan: &ImagePlan) -> Vec<Place> {
    of_stack(files, plan, &["images"]).into_iter().collect()
}

fn of_stack(files: &SpecFiles, plan: &ImagePlan, tables: &[&str]) -> Option<Place> {
    let file = files.id(STACK_FILE)?;
    let all = settings::of(files, file, STACK, plan.variant.as_str(), |key| key == "images");
    let wanted = |setting: &Setting| match setting.key.as_slice() {
        [table, image, ..] if table == "images" => {
            tables.contains(&"images") && image == plan.name.as_str()
        }
        [table, ..] => tables.contains(&table.as_str()),
        [] => false,
    };
    Some(Place { component: None, file: files.display_path(file), line: line(files, &all, wanted) })
}

/// Whether a setting of a component is what makes a layer.
fn is_about(key: &[String], layer: &Layer, component: &str) -> bool {
    let Some(table) = key.first().map(String::as_str) else { return false };
    match &layer.instruction {
        Instruction::Run(run) => match run.script.strip_suffix(".sh").unwrap_or(&run.script) {
            "users" => matches!(table, "accounts" | "groups"),
            "sudoers" => table == "sudo",
            "directories" => matches!(table, "directories" | "files" | "links"),
            apt if apt.starts_with("apt-") => matches!(table, "apt" | "packages"),
            _ => OF_SCRIPTS.contains(&table),
        },
        Instruction::Copy(copy) => {
            let path = key.get(1).map(String::as_str).unwrap_or_default();
            let source = format!("{FILES}/{component}{path}");
            table == "files" && copy.sources.contains(&source)
        }
    }
}

/// The first line of what is wanted; the first of the file where nothing is.
fn line(files: &SpecFiles, settings: &[Setting], wanted: impl Fn(&Setting) -> bool) -> usize {
    let lines = settings.iter().filter(|setting| wanted(setting)).filter_map(|setting| {
        let span = setting.span.as_ref()?;
        Some(Position::of(&files.text(span.file), span.start).line)
    });
    lines.min().unwrap_or(1)
}
