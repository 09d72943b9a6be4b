//! One component file, for one variant.

use super::{Context, check, download, file, runtime, script, service, sudo};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::component::ChangeClass;
use crate::model::places;
use crate::model::{Component, Name};
use crate::source::Spanned;
use crate::syntax::ComponentFile;

/// Variables of the container that would reach into every process, also of later builds on the image.
const DANGEROUS_VARIABLES: &[&str] =
    &["BASH_ENV", "ENV", "SHELLOPTS", "BASHOPTS", "IFS", "LD_PRELOAD", "LD_AUDIT"];

pub(super) fn resolve(
    context: &Context<'_>,
    written: &ComponentFile,
    variant: &Name,
    found: &mut Diagnostics,
) -> Option<Component> {
    let name = Spanned::new(written.name.clone(), written.span.clone());
    let name = check::named(&name, Code::BadName, "the component name", Name::parse, found);
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
    let summary = check::required(
        written.summary.as_ref(),
        &written.span,
        "summary",
        "say in one line what the component brings: summary = \"…\"",
        found,
    )
    .and_then(|summary| check::line(summary, "the summary", found));
    let change_class = change_class(written.change_class.as_ref(), found);
    let needs = written
        .needs
        .iter()
        .filter_map(|need| {
            let name = check::named(need, Code::BadName, "the component name", Name::parse, found)?;
            Some((name, need.span.clone()))
        })
        .collect();
    let packages = apt_packages(context, written, variant, found);
    let mut downloads: Vec<_> = written
        .downloads
        .iter()
        .filter_map(|(key, written)| download::resolve(context, key, written, found))
        .collect();
    // The order of keys means nothing, so it must not change a script.
    downloads.sort_by(|left, right| left.name.cmp(&right.name));
    let files = written
        .files
        .iter()
        .filter_map(|(key, file)| file::resolve(context, &written.name, key, file, found))
        .collect();
    let script =
        written.script.as_ref().and_then(|script| script::resolve(context, written, script, found));
    let services = written
        .services
        .iter()
        .filter_map(|(key, written)| service::resolve(key, written, found))
        .collect();
    let sudo = sudo::resolve(context, &written.sudo, found);
    let runtime = runtime::resolve(written.runtime.as_ref(), found);
    let environment = check::environment(&written.environment, found);
    for (variable, _, span) in &environment {
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
    Some(Component {
        name: name?,
        origin: context.files.display_path(written.file),
        span: written.span.clone(),
        summary: summary?,
        change_class,
        needs,
        packages,
        recommends: written
            .apt
            .as_ref()
            .and_then(|apt| apt.recommends.as_ref())
            .is_some_and(|recommends| recommends.value),
        downloads,
        files,
        script,
        environment,
        services,
        sudo,
        sudo_span: written.sudo.first().map_or(&written.span, |first| &first.span).clone(),
        runtime,
        checks: checks(&written.check, found),
    })
}

fn change_class(written: Option<&Spanned<String>>, found: &mut Diagnostics) -> ChangeClass {
    let Some(written) = written else { return ChangeClass::Normal };
    let class = ChangeClass::ALL.into_iter().find(|class| class.name() == written.value);
    if class.is_none() {
        found.push(
            Diagnostic::new(
                Code::WrongType,
                &written.span,
                format!("{:?} is not a change class", written.value),
            )
            .help("use \"stable\", \"normal\" or \"volatile\""),
        );
    }
    class.unwrap_or(ChangeClass::Normal)
}

fn apt_packages(
    context: &Context<'_>,
    written: &ComponentFile,
    variant: &Name,
    found: &mut Diagnostics,
) -> Vec<crate::model::names::PackageName> {
    let Some(apt) = &written.apt else { return Vec::new() };
    let Some(packages) = &apt.packages else {
        let help = "list the packages: packages = [\"…\"]";
        check::missing(&apt.span, "packages", help, found);
        return Vec::new();
    };
    context.packages(packages, variant, found)
}

fn checks(written: &[Spanned<String>], found: &mut Diagnostics) -> Vec<String> {
    let mut checks = Vec::with_capacity(written.len());
    for command in written {
        let text = command.value.replace("\r\n", "\n");
        if text.trim().is_empty() || text.contains(['\0', '\r']) {
            let message = "the check is empty, or has a character that bash does not read";
            found.push(Diagnostic::new(Code::UnrepresentableValue, &command.span, message));
        } else {
            checks.push(text.trim().to_owned());
        }
    }
    checks
}
