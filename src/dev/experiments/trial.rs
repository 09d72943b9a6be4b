//! One experiment: what it names has to be there; what is owned changes where it is, the rest gets a home.

use bytes::Bytes;
use toml::Value;

use super::draft::Draft;
use super::members::Member;
use super::{home, owned};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, suggest};
use crate::parse::EXPERIMENTS;
use crate::source::{Span, Spanned};
use crate::syntax::Entry;
use crate::syntax::experiment::{Experiment, Placed};

/// What of an experiment nobody owns yet.
#[derive(Debug, Default)]
pub(super) struct Rest {
    pub(super) packages: Vec<Spanned<Value>>,
    /// Packages that no component asked for, which are kept out.
    pub(super) purged: Vec<Spanned<String>>,
    pub(super) environment: Vec<(Spanned<String>, Spanned<String>)>,
    pub(super) files: Vec<NewFile>,
}

/// A file that the image gets.
#[derive(Clone, Debug)]
pub(super) struct NewFile {
    pub(super) path: Spanned<String>,
    pub(super) content: Content,
    pub(super) mode: Option<Spanned<String>>,
    pub(super) owner: Option<Spanned<String>>,
}

/// What is in a file.
#[derive(Clone, Debug)]
pub(super) enum Content {
    /// Text that is written in the experiment.
    Text(Spanned<String>),
    /// A file beside the experiments.
    Resource {
        /// Its path below the image's folder.
        source: String,
        bytes: Bytes,
    },
}

impl Content {
    pub(super) fn bytes(&self) -> Bytes {
        match self {
            Self::Text(text) => Bytes::from(text.value.clone().into_bytes()),
            Self::Resource { bytes, .. } => bytes.clone(),
        }
    }
}

/// Makes an experiment on an image a part of the spec.
pub(super) fn apply(
    draft: &mut Draft<'_>,
    image: &str,
    name: &Spanned<String>,
    written: &Experiment,
    found: &mut Diagnostics,
) {
    if !has_one_place(written, found) {
        return;
    }
    let before = written.before.as_ref().map(|name| member(draft, image, name, found));
    let Some(before) = before.map_or(Some(None), |before| before.map(Some)) else { return };
    let files = files(draft, image, written, found);
    let does_nothing = written.copies.is_empty()
        && written.writes.is_empty()
        && written.install.is_empty()
        && written.environment.is_empty()
        && written.run.is_none()
        && written.remove.is_none();
    if does_nothing {
        let message = format!("the experiment `{name}` does nothing");
        found.push(
            Diagnostic::new(Code::MissingKey, &name.span, message)
                .presumes_here(&["install", "env", "run", "copy", "write", "remove"])
                .help("give it one of `install`, `env`, `run`, `copy`, `write` and `remove`"),
        );
    }
    let mut rest = Rest::default();
    if let Some(removal) = &written.remove {
        rest.purged = owned::remove(draft, image, removal, found);
    }
    for package in &written.install {
        if !owned::asks_for(draft, image, &package.value) {
            rest.packages.push(package.clone());
        }
    }
    for (variable, value) in &written.environment {
        if !owned::set_variable(draft, image, variable, value, found) {
            rest.environment.push((variable.clone(), value.clone()));
        }
    }
    for file in files {
        if !owned::set_file(draft, image, &file, found) {
            rest.files.push(file);
        }
    }
    home::place(draft, image, (name, written), before, rest, found);
}

/// Reports two places for one experiment; whether there are not.
fn has_one_place(written: &Experiment, found: &mut Diagnostics) -> bool {
    let (Some(before), Some(needs)) = (&written.before, written.needs.first()) else { return true };
    let message =
        "`before` and `needs` are given: what stands before a component needs what that one needs";
    found.push(
        Diagnostic::new(Code::ConflictingKeys, &needs.span, message)
            .related(&before.span, "also given")
            .help("keep one of them"),
    );
    false
}

/// A component of an image or its parents.
pub(super) fn member(
    draft: &Draft<'_>,
    image: &str,
    name: &Spanned<String>,
    found: &mut Diagnostics,
) -> Option<Member> {
    let members = draft.in_chain(image);
    if let Some(member) = members.iter().find(|member| member.component == name.value) {
        return Some(member.clone());
    }
    let message = format!("`{name}` is no component of the image `{image}` or its parents");
    let mut unknown = Diagnostic::new(Code::UnknownComponent, &name.span, message);
    let elsewhere = draft.members.iter().find(|member| member.component == name.value);
    unknown.help = match elsewhere {
        Some(other) => Some(format!(
            "it is one of `{}`: try this in {}",
            other.image,
            draft.display(&format!("{EXPERIMENTS}{}.toml", other.image))
        )),
        None => suggest::help(&name.value, members.iter().map(|member| member.component.as_str())),
    };
    found.push(unknown);
    None
}

/// The files that are written and copied, each with its path.
fn files(
    draft: &Draft<'_>,
    image: &str,
    written: &Experiment,
    found: &mut Diagnostics,
) -> Vec<NewFile> {
    let mut files = Vec::new();
    for (path, placed) in &written.writes {
        let Some(content) = placed.content.clone() else { continue };
        files.push(new_file(path.clone(), Content::Text(content), placed));
    }
    for entry in &written.copies {
        files.extend(copied(draft, image, entry, found));
    }
    files
}

fn new_file(path: Spanned<String>, content: Content, placed: &Placed) -> NewFile {
    NewFile { path, content, mode: placed.mode.clone(), owner: placed.owner.clone() }
}

/// A file beside the experiments, or all files of a folder.
fn copied(
    draft: &Draft<'_>,
    image: &str,
    (path, placed): &Entry<Placed>,
    found: &mut Diagnostics,
) -> Vec<NewFile> {
    let target = path.value.trim_end_matches('/');
    let last = target.rsplit('/').next().unwrap_or_default();
    let (source, span) = match &placed.source {
        Some(source) => (source.value.trim_end_matches('/').to_owned(), &source.span),
        None => (last.to_owned(), &path.span),
    };
    let folder = format!("{EXPERIMENTS}{image}/");
    let is_plain = source.split('/').all(|part| !matches!(part, "" | "." | ".."));
    if !is_plain {
        let message = format!("{source:?} is no path below {}", draft.display(&folder));
        found.push(
            Diagnostic::new(Code::BadResourcePath, span, message)
                .help("name a file or a folder there by a relative path without `.` and `..`"),
        );
        return Vec::new();
    }
    let own = format!("{folder}{source}");
    let below = format!("{own}/");
    let mut files = Vec::new();
    let paths: Vec<&str> =
        draft.paths().filter(|path| *path == own || path.starts_with(&below)).collect();
    for file in paths {
        let Some(bytes) = draft.bytes(file).cloned() else { continue };
        let inside = file.strip_prefix(&own).unwrap_or_default();
        let place = Spanned::new(format!("{target}{inside}"), path.span.clone());
        let content = Content::Resource { source: format!("{source}{inside}"), bytes };
        files.push(new_file(place, content, placed));
    }
    if files.is_empty() {
        missing(draft, &folder, &source, span, found);
    }
    files
}

fn missing(draft: &Draft<'_>, folder: &str, source: &str, span: &Span, found: &mut Diagnostics) {
    let message = format!("there is no {}", draft.display(&format!("{folder}{source}")));
    let mut diagnostic = Diagnostic::new(Code::MissingFile, span, message);
    let near = suggest::nearest(source, draft.paths().filter_map(|path| path.strip_prefix(folder)));
    diagnostic.help = Some(match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("what an experiment copies lies in {}", draft.display(folder)),
    });
    found.push(diagnostic);
}
