//! `[apt]` of a component: its packages, exact versions, what is held or kept out, answers to debconf.

use super::{Context, check, repository};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, suggest};
use crate::model::apt::{Apt, PackageVersion, Selection, SelectionKind};
use crate::model::names::PackageName;
use crate::render::quote;
use crate::source::Spanned;
use crate::syntax;
use crate::syntax::component::ComponentFile;

/// The packages of a component, and the rest of `[apt]`.
pub(super) fn resolve(
    context: &Context<'_>,
    written: &ComponentFile,
    found: &mut Diagnostics,
) -> (Vec<Spanned<PackageName>>, Apt) {
    let Some(apt) = &written.apt else { return (Vec::new(), Apt::default()) };
    let does_something =
        !apt.purge.is_empty() || !apt.debconf.is_empty() || !apt.repositories.is_empty();
    if apt.packages.is_none() && !does_something {
        check::missing(&apt.span, "packages", "list the packages: packages = [\"…\"]", found);
    }
    let listed = apt.packages.as_ref().map(|list| list.value.as_slice()).unwrap_or_default();
    let packages = names(listed, found);
    let versions = versions(apt, listed, found);
    let hold = names(&apt.hold, found);
    for name in &hold {
        is_listed(name, listed, "held", found);
    }
    let purge = names(&apt.purge, found);
    let mut selections: Vec<Selection> =
        apt.debconf.iter().filter_map(|(key, entry)| selection(key, entry, found)).collect();
    // The order of keys means nothing, so it must not change a script.
    selections.sort_by(|left, right| left.question.cmp(&right.question));
    let mut repositories: Vec<_> = apt
        .repositories
        .iter()
        .filter_map(|(key, entry)| repository::resolve(context, written, key, entry, found))
        .collect();
    repositories.sort_by(|left, right| left.name.cmp(&right.name));
    let hold = hold.into_iter().map(|name| name.value).collect();
    (packages, Apt { versions, hold, purge, selections, repositories })
}

/// Names of Debian packages, with their places.
fn names(written: &[Spanned<String>], found: &mut Diagnostics) -> Vec<Spanned<PackageName>> {
    let mut names = Vec::with_capacity(written.len());
    for text in written {
        let name =
            check::named(text, Code::BadPackageName, "the package", PackageName::parse, found);
        names.extend(name.map(|name| Spanned::new(name, text.span.clone())));
    }
    names
}

fn is_listed(
    name: &Spanned<PackageName>,
    listed: &[Spanned<String>],
    what: &str,
    found: &mut Diagnostics,
) {
    if listed.iter().any(|package| package.value == name.as_str()) {
        return;
    }
    let message = format!("`{name}` is {what}, and the component does not list it");
    let mut diagnostic =
        Diagnostic::new(Code::UnlistedPackage, &name.span, message).presumes_here(&["packages"]);
    let known = listed.iter().map(|package| package.value.as_str());
    diagnostic.help = suggest::help(name.as_str(), known)
        .or_else(|| Some(format!("add \"{name}\" to `packages`")));
    found.push(diagnostic);
}

fn versions(
    apt: &syntax::packages::Apt,
    listed: &[Spanned<String>],
    found: &mut Diagnostics,
) -> Vec<(Spanned<PackageName>, Spanned<PackageVersion>)> {
    let mut versions = Vec::with_capacity(apt.versions.len());
    for (name, written) in &apt.versions {
        let name = names(std::slice::from_ref(name), found).pop();
        let version =
            check::named(written, Code::BadVersion, "the version", PackageVersion::parse, found);
        let version = version.map(|version| Spanned::new(version, written.span.clone()));
        if let Some(name) = name {
            is_listed(&name, listed, "pinned to a version", found);
            versions.extend(version.map(|version| (name, version)));
        }
    }
    versions
}

/// One answer: debconf-set-selections(1) reads `package question type value` from a line.
fn selection(
    key: &Spanned<String>,
    written: &syntax::packages::Debconf,
    found: &mut Diagnostics,
) -> Option<Selection> {
    let bad = |at: &Spanned<String>, message: String| {
        Diagnostic::new(Code::BadSelection, &at.span, message)
    };
    let word = |c: char| c.is_ascii_alphanumeric() || "/._+-".contains(c);
    let is_question = key.value.contains('/')
        && key.value.chars().all(word)
        && !key.value.starts_with(['/', '-', '.']);
    if !is_question {
        found.push(
            bad(key, format!("{:?} is no question of debconf", key.value))
                .help("the name of its template, such as \"keyboard-configuration/layoutcode\"; `debconf-show PACKAGE` lists them"),
        );
    }
    let help = "say which package asks: package = \"…\"";
    let package = check::required(written.package.as_ref(), &written.span, "package", help, found)
        .and_then(|package| names(std::slice::from_ref(package), found).pop());
    let help = "say of which type the question is: type = \"string\", \"boolean\", \"select\" or \"multiselect\"";
    let kind = check::required(written.kind.as_ref(), &written.span, "type", help, found)
        .and_then(|text| kind(text, found));
    let help = "give the answer: value = \"…\"";
    let value = check::required(written.value.as_ref(), &written.span, "value", help, found)?;
    let line = check::line(value, "the answer", found)?;
    if kind == Some(SelectionKind::Boolean) && !matches!(line.as_str(), "true" | "false") {
        found.push(
            bad(value, format!("{:?} is no answer to a yes-or-no question", value.value))
                .help("debconf knows \"true\" and \"false\""),
        );
    }
    if quote::debconf(line.as_str()).is_err() {
        let message = if line.as_str().ends_with('\\') {
            "the answer ends in `\\`, which continues the line for debconf-set-selections"
        } else {
            "the answer contains `\\n`, which debconf gives to packages as the end of a line"
        };
        found.push(Diagnostic::new(Code::UnrepresentableValue, &value.span, message));
        return None;
    }
    is_question.then_some(Selection {
        package: package?.value,
        question: key.value.clone(),
        kind: kind?,
        value: line,
        span: key.span.clone(),
    })
}

fn kind(written: &Spanned<String>, found: &mut Diagnostics) -> Option<SelectionKind> {
    let kind = SelectionKind::ALL.into_iter().find(|kind| kind.name() == written.value);
    if kind.is_none() {
        let (problem, help) = if written.value == "password" {
            (
                "a password would be readable in the image",
                "let the package ask when a container starts",
            )
        } else {
            (
                "debconf has no answers of this type",
                "use \"string\", \"boolean\", \"select\" or \"multiselect\"",
            )
        };
        let message = format!("{:?}: {problem}", written.value);
        found.push(Diagnostic::new(Code::BadSelection, &written.span, message).help(help));
    }
    kind
}
