//! Desktop entries.

use minijinja::{Error, Value, context};

use super::templates::Templates;
use crate::model::names::Line;
use crate::model::path::AbsolutePath;
use crate::model::shortcut::{Action, Localized, Program, Shortcut};

/// A desktop entry, keys in the order of the specification. It says version 1.4: no key of 1.5 is in it, and
/// desktop-file-validate of Debian 12 does not know that one.
pub(super) fn shortcut(
    templates: &Templates,
    origin: &str,
    shortcut: &Shortcut,
) -> Result<String, Error> {
    let texts = [
        ("Name", Some(&shortcut.title)),
        ("GenericName", shortcut.generic_name.as_ref()),
        ("Comment", shortcut.comment.as_ref()),
    ];
    let prose: Vec<Value> = texts
        .into_iter()
        .filter_map(|(key, text)| Some((key, text?)))
        .map(|(key, text)| {
            let others = others(text, |line| Value::from(line.as_str()));
            Value::from(vec![Value::from(key), Value::from(text.default.as_str()), others])
        })
        .collect();
    let keywords = shortcut.keywords.as_ref().map(|keywords| {
        let others = others(keywords, |words| Value::from(lines(words)));
        context! { default => lines(&keywords.default), others }
    });
    let (program, url) = match &shortcut.action {
        Action::Program(command) => (Some(program(command)), None),
        Action::Link(url) => (None, Some(url.as_str())),
    };
    templates.render(
        "shortcut.desktop.j2",
        context! {
            origin,
            prose,
            keywords,
            icon => shortcut.icon.as_ref().map(Line::as_str),
            url,
            program,
        },
    )
}

fn program(program: &Program) -> Value {
    context! {
        command => program.command.clone(),
        categories => lines(&program.categories),
        mime_types => lines(&program.mime_types),
        terminal => program.terminal,
        startup_notify => program.startup_notify,
        working_directory => program.working_directory.as_ref().map(AbsolutePath::as_str),
    }
}

/// The texts of the other languages, as pairs of language and text.
fn others<T>(text: &Localized<T>, value: impl Fn(&T) -> Value) -> Value {
    let pairs = text
        .others
        .iter()
        .map(|(language, text)| Value::from(vec![Value::from(language.as_str()), value(text)]));
    pairs.collect()
}

fn lines(lines: &[Line]) -> Vec<String> {
    lines.iter().map(ToString::to_string).collect()
}
