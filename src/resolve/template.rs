//! `[files.*] template = true`: files with variables of the stack and of the downloads of an image's chain.
//!
//! A value is printed as it is only if it is the same word in every language; else the template names the
//! language by a filter of [`templates`](crate::render::templates).

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use minijinja::value::{Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, context};

use super::file;
use super::images::LISTS;
use super::stack::PartialStack;
use crate::diagnostic::{COMPONENT, Code, Diagnostic, Diagnostics, suggest};
use crate::model::component::File;
use crate::model::path::AbsolutePath;
use crate::model::{Image, Variant};
use crate::render::{quote, templates};
use crate::source::Span;

/// Steps of a template before it counts as endless.
const FUEL: u64 = 100_000;

/// The variables of an image's templates.
struct Variables {
    values: Value,
    /// As a template writes them.
    names: BTreeSet<String>,
    has_user: bool,
}

/// Renders the templates of every image of a variant.
pub(super) fn render(stack: &PartialStack<'_>, variant: &mut Variant, found: &mut Diagnostics) {
    let has_templates = |image: &&Image| {
        let files = image.components.iter().flat_map(|component| &component.files);
        files.into_iter().any(|file| file.template.is_some())
    };
    let mut rendered: Vec<(usize, BTreeMap<AbsolutePath, Bytes>)> = Vec::new();
    let environment = environment();
    for (at, image) in variant.images.iter().enumerate().filter(|(_, image)| has_templates(image)) {
        let variables = variables(stack, &variant.chain(image));
        let mut texts = BTreeMap::new();
        for file in image.components.iter().flat_map(|component| &component.files) {
            let Some(place) = &file.template else { continue };
            let Ok(text) = std::str::from_utf8(&file.content) else { continue };
            match environment
                .template_from_str(text)
                .and_then(|template| template.render(variables.values.clone()))
            {
                Ok(text) => {
                    if let Some(user) = &stack.context.user
                        && file.path.is_in(&user.skeleton)
                    {
                        let skeleton = user.skeleton.as_str();
                        let (name, bytes) = (file.path.as_str(), text.as_bytes());
                        file::skeleton_in_content(skeleton, bytes, name, &file.span, found);
                    }
                    texts.insert(file.path.clone(), Bytes::from(text));
                }
                Err(error) => {
                    report(&environment, &variables, file, (text, place), &error, found);
                }
            }
        }
        rendered.push((at, texts));
    }
    for (at, texts) in rendered {
        if let Some(image) = variant.images.get_mut(at) {
            image.rendered = texts;
        }
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_debug(true);
    if let Ok(syntax) = templates::syntax() {
        environment.set_syntax(syntax);
    }
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.set_fuel(Some(FUEL));
    templates::add_filters(&mut environment);
    environment.set_formatter(|output, _, value| {
        let is_word = value.as_str().is_some_and(|text| quote::word(text).is_ok());
        if is_word || value.is_safe() || value.kind() == ValueKind::Number {
            return write!(output, "{value}").map_err(Error::from);
        }
        Err(Error::new(ErrorKind::BadEscape, format!("{value:?} is no plain word")))
    });
    environment
}

fn variables(stack: &PartialStack<'_>, chain: &[&Image]) -> Variables {
    // A name that two components give to downloads means neither of them.
    let mut versions: BTreeMap<String, Option<&str>> = BTreeMap::new();
    for component in chain.iter().flat_map(|image| &image.components) {
        for download in &component.downloads {
            let Some(version) = download.version.as_ref().map(|version| version.value.as_str())
            else {
                continue;
            };
            versions
                .entry(download.name.to_string())
                .and_modify(|short| *short = None)
                .or_insert(Some(version));
            versions.insert(format!("{}.{}", component.name, download.name), Some(version));
        }
    }
    let versions: BTreeMap<String, &str> =
        versions.into_iter().filter_map(|(name, version)| Some((name, version?))).collect();
    let attribute = |name: &String| {
        if name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && !name.starts_with(|c: char| c.is_ascii_digit())
        {
            format!("version.{name}")
        } else {
            format!("version[\"{name}\"]")
        }
    };
    let mut names: BTreeSet<String> = versions.keys().map(attribute).collect();
    names.insert("stack.name".to_owned());
    let user = stack.context.user.as_ref();
    if user.is_some() {
        let keys = ["name", "uid", "gid", "home", "skeleton"];
        names.extend(keys.map(|key| format!("user.{key}")));
    }
    let version =
        Value::from_pairs(versions.into_iter().map(|(name, text)| (name, text.to_owned())));
    let stack_values = context! { name => stack.name.as_str() };
    // Without a user there is no such table: what names it is an unknown variable.
    let user_values = user.map(|user| {
        context! {
            name => user.name.as_str(),
            uid => user.uid,
            gid => user.gid,
            home => user.home.as_str(),
            skeleton => user.skeleton.as_str(),
        }
    });
    let values = context! {
        stack => stack_values,
        version,
        user => user_values.unwrap_or(Value::UNDEFINED),
    };
    Variables { values, names, has_user: user.is_some() }
}

/// Says what is wrong with a template, at the place in its own text.
fn report(
    environment: &Environment<'_>,
    variables: &Variables,
    file: &File,
    (text, place): (&str, &Span),
    error: &Error,
    found: &mut Diagnostics,
) {
    // An escape of TOML shifts what follows, so such a text is shown as a whole.
    let is_exact = place.end - place.start == text.len();
    let span = |range: std::ops::Range<usize>| {
        if is_exact {
            Span::new(place.file, place.start + range.start..place.start + range.end)
        } else {
            place.clone()
        }
    };
    let range = error.range().filter(|range| text.get(range.clone()).is_some());
    let line = error.line().and_then(|line| {
        let start: usize =
            text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
        let length = text.get(start..)?.lines().next()?.len();
        Some(start..start + length)
    });
    let range = range.or(line).unwrap_or(0..text.len());
    if error.kind() == ErrorKind::UndefinedError {
        let mut unknown = unknown_names(environment, variables, text);
        if unknown.is_empty() {
            unknown.push((text.get(range.clone()).unwrap_or_default().to_owned(), range));
        }
        for (name, range) in unknown {
            let no_user = !variables.has_user && name.starts_with("user");
            let message = if no_user {
                format!("`{name}` is of the image's user, and stack.toml has no [user]")
            } else {
                format!("there is no variable `{name}` in an image that has {}", file.path)
            };
            let mut diagnostic = Diagnostic::new(Code::UnknownVariable, &span(range), message)
                .presumes(&[LISTS, &["user", "downloads", "version", COMPONENT]].concat());
            diagnostic.help = if no_user {
                Some("add [user] to stack.toml".to_owned())
            } else {
                suggest::help(&name, variables.names.iter().map(String::as_str))
            };
            found.push(diagnostic);
        }
        return;
    }
    let detail = error.detail().map(str::to_owned);
    let diagnostic = match error.kind() {
        ErrorKind::BadEscape => Diagnostic::new(
            Code::UnquotedValue,
            &span(range),
            detail.unwrap_or_else(|| "the value is no plain word".to_owned()),
        )
        .help("say what language it stands in: |shell, |json, |docker, |supervisor, |comment; or |verbatim for text as it is"),
        ErrorKind::OutOfFuel => {
            Diagnostic::new(Code::BadTemplate, &span(range), "the template does not come to an end")
                .help("a template prints variables; prepare larger text in the file itself")
        }
        _ => Diagnostic::new(Code::BadTemplate, &span(range), super::download::problem(error)).help(
            "print a variable with {{ name }} or {{ name|shell }}; {% raw %} … {% endraw %} keeps other braces as they are",
        ),
    };
    found.push(diagnostic);
}

/// Every variable that a template names and that there is not, with its first place.
fn unknown_names(
    environment: &Environment<'_>,
    variables: &Variables,
    text: &str,
) -> Vec<(String, std::ops::Range<usize>)> {
    let Ok(template) = environment.template_from_str(text) else { return Vec::new() };
    let mut named: Vec<String> = template.undeclared_variables(true).into_iter().collect();
    named.sort_unstable();
    named.retain(|name| !variables.names.contains(name) && !is_table(name, variables));
    named
        .into_iter()
        .filter_map(|name| {
            let ends = |at: usize| {
                let next = text.get(at..).and_then(|rest| rest.chars().next());
                !next.is_some_and(|c| c.is_alphanumeric() || c == '_')
            };
            let (start, _) =
                text.match_indices(name.as_str()).find(|(at, found)| ends(at + found.len()))?;
            let end = start + name.len();
            Some((name, start..end))
        })
        .collect()
}

/// Whether a name is that of a group of variables.
fn is_table(name: &str, variables: &Variables) -> bool {
    name == "version" || name == "stack" || (name == "user" && variables.has_user)
}
