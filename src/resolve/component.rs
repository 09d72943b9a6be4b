//! One component file, as a variant has it.

use std::sync::Arc;

use super::{
    Context, account, apt, check, conda, download, file, link, locales, npm, pip, r, route,
    runtime, script, service, shortcut, sudo, upstream,
};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::apt::Apt;
use crate::model::component::ChangeClass;
use crate::model::names::{EnvironmentName, Line};
use crate::model::npm::Npm;
use crate::model::pip::Pip;
use crate::model::places;
use crate::model::upstream::{Source, Upstream};
use crate::model::{Component, Name};
use crate::source::{FileId, Span, Spanned};
use crate::syntax::Entry;
use crate::syntax::component::ComponentFile;

/// Variables of the container that would reach into every process, also of later builds on the image.
const DANGEROUS_VARIABLES: &[&str] =
    &["BASH_ENV", "ENV", "SHELLOPTS", "BASHOPTS", "IFS", "LD_PRELOAD", "LD_AUDIT"];

pub(super) fn resolve(
    context: &Context<'_>,
    written: &ComponentFile,
    found: &mut Diagnostics,
) -> Option<Component> {
    let name = component_name(written, found);
    let summary = check::required(
        written.summary.as_ref(),
        &written.span,
        "summary",
        "say in one line what the component brings: summary = \"…\"",
        found,
    )
    .and_then(|summary| check::line(summary, "the summary", found));
    let change_class = change_class(written.change_class.as_ref(), found);
    let needs = names(&written.needs, "the component name", found);
    let after = names(&written.after, "the component name", found);
    let provides = names(&written.provides, "the provided name", found);
    let file = written.file;
    let groups = each((file, "groups"), &written.groups, account::group, found);
    let accounts = each((file, "users"), &written.users, account::account, found);
    let (packages, apt) = apt::resolve(context, written, found);
    let mut downloads: Vec<_> = written
        .downloads
        .iter()
        .filter_map(|(key, download)| download::resolve(context, written, key, download, found))
        .collect();
    if downloads.len() < written.downloads.len() {
        found.lose(file, "downloads");
    }
    // The order of keys means nothing, so it must not change a script.
    downloads.sort_by(|left, right| left.name.cmp(&right.name));
    let files = written
        .files
        .iter()
        .filter_map(|(key, file)| file::resolve(context, &written.name, key, file, found))
        .collect();
    let links = written
        .links
        .iter()
        .filter_map(|(key, written)| link::link(context, key, written, found))
        .collect();
    let directories = written
        .directories
        .iter()
        .filter_map(|(key, written)| link::directory(context, key, written, found))
        .collect();
    let script =
        written.script.as_ref().and_then(|script| script::resolve(context, written, script, found));
    let services = each((file, "services"), &written.services, service::resolve, found);
    let routes = each((file, "routes"), &written.routes, route::resolve, found);
    let shortcut = |key: &Spanned<String>, written: &_, found: &mut Diagnostics| {
        shortcut::resolve(context, key, written, found)
    };
    let shortcuts = each((file, "shortcuts"), &written.shortcuts, shortcut, found);
    let sudo = sudo::resolve(context, written, found);
    let runtime = runtime::resolve(written.runtime.as_ref(), found);
    let mut environment = check::environment(&written.environment, found);
    let environment_prepend = check::path_lists(&written.environment_prepend, found);
    dangerous(environment.iter().map(|(variable, _, span)| (variable, span)), found);
    dangerous(environment_prepend.iter().map(|(variable, _, span)| (variable, span)), found);
    let conda = written.conda.as_ref().and_then(|table| conda::resolve(context, table, found));
    let r = written.r.as_ref().and_then(|table| r::resolve(context, table, found));
    let npm = written.npm.as_ref().and_then(|table| npm::resolve(context, written, table, found));
    let pip = written.pip.as_ref().and_then(|table| pip::resolve(context, written, table, found));
    let bump = bump(written, (&apt, pip.as_ref(), npm.as_ref()), found);
    let locales = written.locales.as_ref().and_then(|written| locales::resolve(written, found));
    locales::set_default(locales.as_ref(), &mut environment, found);
    Some(Component {
        name: name?,
        origin: context.files.display_path(written.file),
        span: written.span.clone(),
        // One that is wrong was reported; the rest of the component is there all the same.
        summary: summary.or_else(|| Line::parse("").ok())?,
        change_class,
        needs,
        after,
        provides,
        groups,
        accounts,
        packages,
        apt,
        recommends: recommends(written),
        bump,
        downloads,
        locales,
        conda,
        r,
        npm,
        pip,
        files,
        links,
        directories,
        script,
        environment,
        environment_prepend,
        services,
        routes,
        shortcuts,
        sudo,
        sudo_span: sudo::first_span(written).unwrap_or(&written.span).clone(),
        runtime,
        checks: checks(&written.check, found),
    })
}

/// Which versions of its pinned packages are taken.
fn bump(
    written: &ComponentFile,
    (apt, pip, npm): (&Apt, Option<&Pip>, Option<&Npm>),
    found: &mut Diagnostics,
) -> Vec<(Spanned<String>, Upstream)> {
    let rules = written.bump.iter().filter_map(|(package, rules)| {
        let source = pinned(apt, pip, npm, &package.value);
        let rules = upstream::of_package(package, rules, source, found)?;
        Some((package.clone(), rules))
    });
    rules.collect()
}

/// Who knows the versions of a package that the component pins; else the names of those that it does.
fn pinned(
    apt: &Apt,
    pip: Option<&Pip>,
    npm: Option<&Npm>,
    package: &str,
) -> Result<Source, Vec<String>> {
    let line = |name: &str| Line::parse(name).ok();
    let of_apt = apt
        .versions
        .iter()
        .map(|(name, _)| (name.to_string(), line(name.as_str()).map(Source::Apt)));
    let of_pip = pip
        .into_iter()
        .flat_map(Pip::packages)
        .map(|one| (one.name.to_string(), line(one.name.as_str()).map(Source::Pypi)));
    let of_npm = npm
        .into_iter()
        .flat_map(Npm::packages)
        .map(|(name, _)| (name.to_string(), line(name.as_str()).map(Source::Npm)));
    let mut all: Vec<(String, Option<Source>)> = of_apt.chain(of_pip).chain(of_npm).collect();
    let found =
        all.iter_mut().find(|(name, _)| name == package).and_then(|(_, source)| source.take());
    found.ok_or_else(|| all.into_iter().map(|(name, _)| name).collect())
}

/// The name that its file gives it.
fn component_name(written: &ComponentFile, found: &mut Diagnostics) -> Option<Name> {
    let name = Spanned::new(written.name.clone(), written.span.clone());
    let checked = check::named(&name, Code::BadName, "the component name", Name::parse, found);
    if places::is_reserved_component(&written.name) {
        let message = format!(
            "a component cannot be called {:?}: rdspec writes a script of that name",
            written.name
        );
        found.push(
            Diagnostic::new(Code::BadName, &written.span, message)
                .help("rename the component's file"),
        );
    }
    checked
}

fn dangerous<'written>(
    variables: impl Iterator<Item = (&'written EnvironmentName, &'written Span)>,
    found: &mut Diagnostics,
) {
    for (variable, span) in variables {
        if DANGEROUS_VARIABLES.contains(&variable.as_str()) {
            let message = format!(
                "`{variable}` would change what every shell and program of a container runs"
            );
            found.push(
                Diagnostic::new(Code::ReservedEnvironment, span, message)
                    .help("set it for the one command that needs it"),
            );
        }
    }
}

/// Names of components, with the place of each.
fn names(written: &[Spanned<String>], what: &str, found: &mut Diagnostics) -> Vec<(Name, Span)> {
    written
        .iter()
        .filter_map(|name| {
            let checked = check::named(name, Code::BadName, what, Name::parse, found)?;
            Some((checked, name.span.clone()))
        })
        .collect()
}

/// Whether recommended packages come along.
fn recommends(written: &ComponentFile) -> bool {
    let recommends = written.apt.as_ref().and_then(|apt| apt.recommends.as_ref());
    recommends.is_some_and(|recommends| recommends.value)
}

/// What the entries of a table are, without those that have errors.
fn each<T, R>(
    (file, table): (FileId, &str),
    entries: &[Entry<T>],
    resolve: impl Fn(&Spanned<String>, &T, &mut Diagnostics) -> Option<R>,
    found: &mut Diagnostics,
) -> Vec<Arc<R>> {
    let resolved: Vec<_> = entries
        .iter()
        .filter_map(|(key, written)| resolve(key, written, found).map(Arc::new))
        .collect();
    if resolved.len() < entries.len() {
        found.lose(file, table);
    }
    resolved
}

fn change_class(written: Option<&Spanned<String>>, found: &mut Diagnostics) -> ChangeClass {
    let Some(written) = written else { return ChangeClass::Normal };
    let class = ChangeClass::ALL.into_iter().find(|class| class.name() == written.value);
    if class.is_none() {
        found.push(
            Diagnostic::new(
                Code::UnknownValue,
                &written.span,
                format!("{:?} is not a change class", written.value),
            )
            .help("use \"stable\", \"normal\" or \"volatile\""),
        );
    }
    class.unwrap_or(ChangeClass::Normal)
}

fn checks(written: &[Spanned<String>], found: &mut Diagnostics) -> Vec<String> {
    let mut checks = Vec::with_capacity(written.len());
    for command in written {
        let text = command.value.replace("\r\n", "\n");
        if text.trim().is_empty() || text.contains(['\0', '\r']) {
            let message = "the check is empty, or has a character that bash does not read";
            found.push(
                Diagnostic::new(Code::UnrepresentableValue, &command.span, message)
                    .help("give a command line whose status tells: run = \"tool --version\""),
            );
        } else {
            checks.push(check::shell_text(&text));
        }
    }
    checks
}
