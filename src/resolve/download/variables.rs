//! The variables of a download, and their substitution.

use super::super::{Context, check};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, suggest};
use crate::model::architecture::Architecture;
use crate::model::names::Line;
use crate::source::Spanned;
use crate::syntax;

/// What every download has.
const BUILT_IN: &[&str] = &["version", "arch", "machine"];

/// What a download's texts can name: its version, if it has one, and its own variables.
pub(super) struct Variables {
    values: Vec<(String, String)>,
    own: Vec<(String, Spanned<Line>)>,
}

impl Variables {
    pub(super) fn of(written: &syntax::packages::Download, found: &mut Diagnostics) -> Self {
        let (mut values, mut own) = (Vec::new(), Vec::new());
        values.extend(written.version.iter().map(|v| ("version".to_owned(), v.value.clone())));
        for (name, value) in &written.variables {
            if BUILT_IN.contains(&name.value.as_str()) {
                found.push(
                    Diagnostic::new(
                        Code::ConflictingKeys,
                        &name.span,
                        format!("every download has the variable `{name}` already"),
                    )
                    .help("give it another name"),
                );
                continue;
            }
            let name = check::named(name, Code::BadName, "the variable", check_name, found);
            let line = check::line(value, "the value", found);
            if let (Some(name), Some(line)) = (name, line) {
                values.push((name.clone(), line.to_string()));
                own.push((name, Spanned::new(line, value.span.clone())));
            }
        }
        values.sort();
        Self { values, own }
    }

    /// The download's own variables, by name, with the places of their values.
    pub(super) fn own(self) -> Vec<(String, Spanned<Line>)> {
        self.own
    }

    /// The first name in a template that is none of the known ones.
    fn unknown_name(context: &Context<'_>, text: &str, known: &[&str]) -> Option<String> {
        let template = context.templates.template_from_str(text).ok()?;
        let named = template.undeclared_variables(false);
        named.into_iter().filter(|name| !known.contains(&name.as_str())).min()
    }

    /// Fills `{{ version }}`, the download's own variables, and where it is for one architecture `{{ arch }}` (as dpkg
    /// calls it) and `{{ machine }}` (as uname calls it).
    pub(super) fn substitute(
        &self,
        context: &Context<'_>,
        template: &Spanned<String>,
        architecture: Option<Architecture>,
        found: &mut Diagnostics,
    ) -> Option<Spanned<String>> {
        if !template.value.contains("{{") && !template.value.contains("{%") {
            return Some(template.clone());
        }
        let mut values = self.values.clone();
        if let Some(architecture) = architecture {
            values.push(("arch".to_owned(), architecture.name().to_owned()));
            values.push(("machine".to_owned(), architecture.machine().to_owned()));
        }
        let names: Vec<&str> = values.iter().map(|(name, _)| name.as_str()).collect();
        let known = match names.as_slice() {
            [] => "there are no variables here".to_owned(),
            names => format!("variables here: {}", names.join(", ")),
        };
        match context
            .templates
            .render_str(&template.value, minijinja::Value::from_pairs(values.iter().cloned()))
        {
            Ok(text) => Some(Spanned::new(text, template.span.clone())),
            Err(error) => {
                let unknown = Self::unknown_name(context, &template.value, &names);
                let (message, near) = match &unknown {
                    Some(name) => (
                        format!("there is no variable `{name}` here"),
                        suggest::nearest(name, names.iter().copied()),
                    ),
                    None => (problem(&error), None),
                };
                let help = near.map_or(known, |near| format!("did you mean `{near}`?"));
                found.push(
                    Diagnostic::new(Code::BadTemplate, &template.span, message)
                        .presumes_here(&["version", "variables"])
                        .help(help),
                );
                None
            }
        }
    }
}

/// What a template engine says, in one line.
pub(in super::super) fn problem(error: &minijinja::Error) -> String {
    let kind = error.kind().to_string();
    match error.detail() {
        Some(detail) => format!("the template does not work: {kind}: {detail}"),
        None => format!("the template does not work: {kind}"),
    }
}

/// A word that a template can name: `build-id` would be a subtraction.
fn check_name(text: &str) -> Result<String, String> {
    let begins = text.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if begins && text.chars().all(allowed) {
        Ok(text.to_owned())
    } else {
        Err("is no name for templates: lower-case letters, digits and `_`, not beginning with a digit".into())
    }
}
