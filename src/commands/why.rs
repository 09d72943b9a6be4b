//! `rdspec why`: what brings a package, a path, a port, a variable, an account or a service into an image.

use std::collections::BTreeSet;

use anyhow::{Context, bail};
use serde::Serialize;

use super::table::{Align, aligned};
use super::{DONE, FINDINGS, Session, WRONG, built, select};
use crate::cli::Format;
use crate::cli::stack::Why;
use crate::compile::Output;
use crate::image::packages::dependencies;
use crate::image::tree::Tree;
use crate::render::quote::shell;
use crate::source::SpecFiles;
use crate::why::{self, Answer, Found, why};

/// What the command found, as JSON has it.
#[derive(Serialize)]
struct Report<'what> {
    /// What was asked for.
    what: &'what str,
    /// The facts of the spec.
    answers: Vec<Answer>,
    /// The ways by which packages of a built image need it.
    ways: Vec<Way>,
}

/// A way from a package up to one that the spec asks for.
#[derive(Serialize)]
struct Way {
    /// The packages: what was asked for first, that of the spec last.
    packages: Vec<String>,
    /// What brings the last one.
    answers: Vec<Answer>,
}

/// Runs the command.
///
/// # Errors
/// An unknown variant, or an image that cannot be read.
pub fn run(session: &Session, arguments: &Why) -> anyhow::Result<u8> {
    if arguments.what.trim().is_empty() {
        bail!("say what: a package, a path, a port, a variable, an account or a service");
    }
    let files = session.workspace.load()?;
    let Some(output) = session.compile_files(&files)? else { return Ok(WRONG) };
    let images = select::of_variant(&output.plan, arguments.variant.as_deref())?;
    let variant = images.first().map(|image| image.variant.to_string()).unwrap_or_default();
    let what = arguments.what.as_str();
    let mut report = Report { what, answers: Vec::new(), ways: Vec::new() };
    let mut near = None;
    let mut is_installed = true;
    match why(&files, &output, &variant, what) {
        Found::Answers(answers) => report.answers = answers,
        Found::Nothing(name) => near = name,
    }
    if report.answers.is_empty()
        && let Some(image) = &arguments.built
    {
        let found = ways(&files, &output, &variant, arguments, image)?;
        match found {
            Some(ways) => report.ways = ways,
            None => is_installed = false,
        }
    }
    if report.answers.is_empty() && report.ways.is_empty() {
        session.complain(&unknown(arguments, &variant, near.as_deref(), is_installed));
        return Ok(FINDINGS);
    }
    match arguments.format {
        Format::Json => session.print_json(&report)?,
        Format::Text => session.print(&text(&report)),
    }
    Ok(DONE)
}

/// The ways in a built image from a package, or from those that a path is of, up to packages of the spec; none where it has
/// no such package.
fn ways(
    files: &SpecFiles,
    output: &Output,
    variant: &str,
    arguments: &Why,
    image: &str,
) -> anyhow::Result<Option<Vec<Way>>> {
    let image = built::open(image, arguments.engine, &dependencies::keep)?;
    let tree = Tree::of(&image.layers)
        .with_context(|| format!("the layers of {} cannot be applied", image.reference))?;
    let installed = dependencies::of(&image, &tree);
    let what = why::in_image(output, &arguments.what);
    let wanted = why::asked_for(output, variant);
    let packages: BTreeSet<&str> = if what.starts_with('/') {
        installed.owners(&what)
    } else {
        // dpkg says of which architecture a package is, behind a colon.
        BTreeSet::from([what.split(':').next().unwrap_or(&what)])
    };
    if !packages.iter().any(|package| installed.has(package)) {
        return Ok(None);
    }
    let mut ways = Vec::new();
    for way in packages.iter().flat_map(|package| installed.ways(package, &wanted)) {
        let answers = match way.last().map(|last| why(files, output, variant, last)) {
            Some(Found::Answers(answers)) => answers,
            _ => Vec::new(),
        };
        ways.push(Way { packages: way.into_iter().map(str::to_owned).collect(), answers });
    }
    Ok(Some(ways))
}

/// What to say of something that nothing brings.
fn unknown(arguments: &Why, variant: &str, near: Option<&str>, is_installed: bool) -> String {
    let what = &arguments.what;
    let near = near.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
    let further = match &arguments.built {
        Some(image) if !is_installed => format!(
            "and no Debian package of {image} is called so or has it; those of Python, R, Node and conda are in `rdspec sbom --built {image}`"
        ),
        Some(image) => format!(
            "and no package of the spec needs it in {image}: it is of the base image, or a script brings it"
        ),
        None => format!(
            "what a package only brings along as its dependency, or as its file, is known to a built image alone: `rdspec why {} --built IMAGE`",
            shell(what).unwrap_or_else(|_| what.clone())
        ),
    };
    format!("the spec has no `{what}` in an image of the variant {variant}{near}\n{further}")
}

fn text(report: &Report<'_>) -> String {
    let mut parts: Vec<String> =
        report.answers.iter().map(|answer| facts(report.what, answer)).collect();
    for way in &report.ways {
        let last = way.packages.last().map(String::as_str).unwrap_or_default();
        let needed = way.packages.join(", needed by ");
        let mut part = match (report.what.starts_with('/'), way.packages.len()) {
            (true, _) => format!("{}: a file of {needed}\n", report.what),
            (false, 1) => String::new(),
            (false, _) => format!("{needed}\n"),
        };
        part.extend(way.answers.iter().map(|answer| facts(last, answer)));
        parts.push(part);
    }
    parts.join("\n")
}

fn facts(what: &str, answer: &Answer) -> String {
    let title = if answer.name == what {
        format!("{what}: {}\n", answer.kind.name())
    } else {
        format!("{what}: {} {}\n", answer.kind.name(), answer.name)
    };
    let component = answer.component.as_deref().unwrap_or("the stack itself");
    let mut rows = vec![
        ["brought by".to_owned(), format!("{component}, {}:{}", answer.file, answer.line)],
        match &answer.layer {
            Some(layer) => ["layer".to_owned(), format!("{layer} of {}", answer.image)],
            None => ["image".to_owned(), answer.image.clone()],
        },
    ];
    if !answer.inherited_by.is_empty() {
        rows.push(["also in".to_owned(), answer.inherited_by.join(", ")]);
    }
    if !answer.needed_by.is_empty() {
        let needed = answer.needed_by.iter();
        let needed = needed.map(|needed| format!("{} of {}", needed.component, needed.image));
        let names = needed.collect::<Vec<_>>().join(", ");
        rows.push(["needed by".to_owned(), names]);
    }
    title + &aligned(&rows, [Align::Left; 2], 2)
}
