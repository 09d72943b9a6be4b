//! Turns written strings and numbers into checked types, or into a diagnostic.

use std::ops::RangeInclusive;

use crate::diagnostic::{Code, Diagnostic, Diagnostics, suggest};
use crate::model::names::{EnvironmentName, Line, PackageName};
use crate::model::path::AbsolutePath;
use crate::source::{FileId, Span, Spanned, SpecFiles};

/// Checks a string by the `parse` of its type; `what` names it in the message ("the package").
pub(super) fn named<T>(
    text: &Spanned<String>,
    code: Code,
    what: &str,
    parse: impl Fn(&str) -> Result<T, String>,
    found: &mut Diagnostics,
) -> Option<T> {
    parse(&text.value)
        .map_err(|problem| {
            let message = format!("{what} {:?} {problem}", text.value);
            found.push(Diagnostic::new(code, &text.span, message));
        })
        .ok()
}

/// A value that has to be there.
pub(super) fn required<'value, T>(
    value: Option<&'value Spanned<T>>,
    table: &Span,
    key: &'static str,
    help: &str,
    found: &mut Diagnostics,
) -> Option<&'value Spanned<T>> {
    if value.is_none() {
        missing(table, key, help, found);
    }
    value
}

/// Reports a key that has to be there.
pub(super) fn missing(table: &Span, key: &'static str, help: &str, found: &mut Diagnostics) {
    missing_all(table, &[key], help, found);
}

/// Words as a sentence lists them: "a, b and c".
pub(super) fn enumerate(words: &[&str], conjunction: &str) -> String {
    match words {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [others @ .., last] => format!("{} {conjunction} {last}", others.join(", ")),
    }
}

/// Reports that there is none of some keys of which there has to be one.
pub(super) fn missing_all(
    table: &Span,
    keys: &[&'static str],
    help: &str,
    found: &mut Diagnostics,
) {
    let names: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let message = format!("{} is missing", enumerate(&names, "or"));
    found.push(Diagnostic::new(Code::MissingKey, table, message).presumes_here(keys).help(help));
}

/// Reports a key that a file has no table for yet.
pub(super) fn missing_in(
    file: FileId,
    files: &SpecFiles,
    key: &'static str,
    help: &str,
    found: &mut Diagnostics,
) {
    let table = key.split('.').next().unwrap_or(key);
    found.push(
        Diagnostic::new(Code::MissingKey, &Span::new(file, 0..0), format!("`{key}` is missing"))
            .presumes_here(&[table])
            .about(files.display_path(file))
            .help(help),
    );
}

/// Shell text without the blanks around it. Behind a backslash at the end they mean something and stay, with a line
/// break, so that it never reaches what rdspec writes next.
pub(super) fn shell_text(text: &str) -> String {
    const BLANKS: [char; 3] = [' ', '\t', '\n'];
    let text = text.trim_start_matches(BLANKS);
    let trimmed = text.trim_end_matches(BLANKS);
    if trimmed.ends_with('\\') {
        return format!("{}\n", text.trim_end_matches('\n'));
    }
    trimmed.to_owned()
}

/// A number within a range.
pub(super) fn number<T: TryFrom<i64>>(
    number: &Spanned<i64>,
    what: &str,
    range: RangeInclusive<i64>,
    found: &mut Diagnostics,
) -> Option<T> {
    let value = range.contains(&number.value).then(|| T::try_from(number.value).ok()).flatten();
    if value.is_none() {
        let message = format!(
            "{what} is {}, not between {} and {}",
            number.value,
            range.start(),
            range.end()
        );
        found.push(Diagnostic::new(Code::BadNumber, &number.span, message));
    }
    value
}

/// One of a few words.
pub(super) fn choice<T: Copy>(
    written: &Spanned<String>,
    what: &str,
    choices: &[(&str, T)],
    found: &mut Diagnostics,
) -> Option<T> {
    let chosen = choices.iter().find(|(name, _)| *name == written.value).map(|(_, value)| *value);
    if chosen.is_none() {
        let message = format!("{what} cannot be {:?}", written.value);
        let mut diagnostic = Diagnostic::new(Code::UnknownValue, &written.span, message);
        diagnostic.help = suggest::help(&written.value, choices.iter().map(|(name, _)| *name));
        found.push(diagnostic);
    }
    chosen
}

/// Reports a value that a list has twice.
pub(super) fn twice<T>(written: &Spanned<T>, value: &str, found: &mut Diagnostics) {
    found.push(
        Diagnostic::new(Code::DuplicateValue, &written.span, format!("{value} is listed twice"))
            .help("remove one"),
    );
}

/// Reports a list that has to have something in it.
pub(super) fn empty_list(span: &Span, key: &str, help: &str, found: &mut Diagnostics) {
    found.push(Diagnostic::new(Code::EmptyList, span, format!("`{key}` is empty")).help(help));
}

/// A value that has to fit on one line of another language.
pub(super) fn line(text: &Spanned<String>, what: &str, found: &mut Diagnostics) -> Option<Line> {
    named(text, Code::UnrepresentableValue, what, Line::parse, found)
}

/// An absolute path in the image that a layer may hold.
pub(super) fn path(
    text: &Spanned<String>,
    what: &str,
    found: &mut Diagnostics,
) -> Option<AbsolutePath> {
    let path = named(text, Code::BadPath, what, AbsolutePath::parse, found)?;
    let problem = if let Some(place) = path.reserved_by() {
        let message = if place == path.as_str() {
            format!("{what} {path} is made by the engine in every container")
        } else {
            format!("{what} {path} lies in {place}, which no layer may hold")
        };
        Some((message, "its content belongs to the running container; make it at start".to_owned()))
    } else if let Some(link) = path.merged_link() {
        let message = format!("{what} {path} goes through {link}, which is a link into /usr");
        Some((message, format!("write /usr{path}")))
    } else if let Some(database) = path.account_database() {
        let message = format!("{what} {path} would get around the checks of {database}");
        Some((
            message,
            "describe accounts in [user], [users.*] and [groups.*], and rights in [sudo]"
                .to_owned(),
        ))
    } else {
        None
    };
    if let Some((message, help)) = problem {
        found.push(Diagnostic::new(Code::ReservedPath, &text.span, message).help(help));
        return None;
    }
    Some(path)
}

/// Names of Debian packages.
pub(super) fn packages(names: &[Spanned<String>], found: &mut Diagnostics) -> Vec<PackageName> {
    names
        .iter()
        .filter_map(|name| {
            named(name, Code::BadPackageName, "the package", PackageName::parse, found)
        })
        .collect()
}

/// Variables that are lists of paths, separated by `:`, and what comes first in them.
pub(super) fn path_lists(
    variables: &[(Spanned<String>, Vec<Spanned<String>>)],
    found: &mut Diagnostics,
) -> Vec<(EnvironmentName, Vec<Line>, Span)> {
    let mut checked = Vec::with_capacity(variables.len());
    for (name, elements) in variables {
        let parsed =
            named(name, Code::BadEnvironmentName, "the variable", EnvironmentName::parse, found);
        let mut lines = Vec::with_capacity(elements.len());
        for element in elements {
            if element.value.is_empty() || element.value.contains([':', '$']) {
                let problem = if element.value.is_empty() {
                    "an element is empty, which means the working directory".to_owned()
                } else if element.value.contains('$') {
                    format!("{:?} has a `$`, which nobody expands", element.value)
                } else {
                    format!("{:?} has a `:`, which ends an element", element.value)
                };
                found.push(
                    Diagnostic::new(Code::UnrepresentableValue, &element.span, problem)
                        .help("give one path for each element of the list"),
                );
                continue;
            }
            lines.extend(line(element, "the element", found));
        }
        checked.extend(parsed.map(|parsed| (parsed, lines, name.span.clone())));
    }
    checked
}

/// Variables and their values.
pub(super) fn environment(
    variables: &[(Spanned<String>, Spanned<String>)],
    found: &mut Diagnostics,
) -> Vec<(EnvironmentName, Line, Span)> {
    let mut checked = Vec::with_capacity(variables.len());
    for (name, text) in variables {
        let parsed =
            named(name, Code::BadEnvironmentName, "the variable", EnvironmentName::parse, found);
        let value = line(text, "the value", found);
        if let (Some(parsed), Some(value)) = (parsed, value) {
            let is_path = matches!(parsed.as_str(), "PATH" | "LD_LIBRARY_PATH");
            if is_path && value.as_str().contains('$') {
                found.push(
                    Diagnostic::new(
                        Code::UnrepresentableValue,
                        &text.span,
                        format!("`{parsed}` would hold the `$` itself: no value is expanded"),
                    )
                    .help(format!(
                        "give what comes before it as [environment-prepend] {parsed} = [\"…\"], or write the whole value out"
                    )),
                );
            }
            checked.push((parsed, value, name.span.clone()));
        }
    }
    checked
}
