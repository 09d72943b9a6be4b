//! One component file, for one variant.

use super::{Context, check, download, file, runtime, sudo};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::component::{ChangeClass, Owner, Script, Service};
use crate::model::path::AbsolutePath;
use crate::model::places;
use crate::model::{Component, Name};
use crate::render::quote;
use crate::source::Spanned;
use crate::syntax::{self, ComponentFile};

/// Supervisor starts programs of lower priority first; 999 is its own default.
const DEFAULT_PRIORITY: u32 = 999;

/// Variables that every script has from rdspec, or that change how bash itself works.
const RESERVED_VARIABLES: &[&str] = &[
    "HOME",
    "PATH",
    "LD_LIBRARY_PATH",
    "LC_ALL",
    "TZ",
    "SOURCE_DATE_EPOCH",
    "BASH_ENV",
    "ENV",
    "SHELLOPTS",
    "BASHOPTS",
    "IFS",
];

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
    let downloads = written
        .downloads
        .iter()
        .filter_map(|(key, written)| download::resolve(context, key, written, found))
        .collect();
    let files = written
        .files
        .iter()
        .filter_map(|(key, file)| file::resolve(context, &written.name, key, file, found))
        .collect();
    let script =
        written.script.as_ref().and_then(|script| resolve_script(context, written, script, found));
    let services =
        written.services.iter().filter_map(|(key, written)| service(key, written, found)).collect();
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

fn resolve_script(
    context: &Context<'_>,
    component: &ComponentFile,
    written: &syntax::Script,
    found: &mut Diagnostics,
) -> Option<Script> {
    let body = script_body(context, component, written, found);
    let user = owner(context, written.user.as_ref(), found).unwrap_or(Owner::Root);
    let writable =
        written.writable.iter().filter_map(|path| writable_path(context, path, found)).collect();
    let mut inputs = Vec::with_capacity(written.inputs.len());
    for input in &written.inputs {
        let bytes = context.resource(&component.name, &input.value, &input.span, found);
        inputs.extend(bytes.map(|bytes| (input.value.clone(), bytes)));
    }
    inputs.sort();
    let environment = check::environment(&written.environment, found);
    for (name, _, span) in &environment {
        if RESERVED_VARIABLES.contains(&name.as_str()) {
            let message = format!("`{name}` is set by rdspec itself while building");
            found.push(
                Diagnostic::new(Code::ReservedEnvironment, span, message)
                    .help("set it inside the script, for the one command that needs it"),
            );
        }
    }
    Some(Script {
        body: body?,
        user,
        writable,
        inputs,
        environment: environment.into_iter().map(|(name, value, _)| (name, value)).collect(),
    })
}

fn script_body(
    context: &Context<'_>,
    component: &ComponentFile,
    written: &syntax::Script,
    found: &mut Diagnostics,
) -> Option<String> {
    let (text, span) = match (&written.run, &written.source) {
        (Some(run), None) => (run.value.clone(), &run.span),
        (None, Some(source)) => {
            let bytes = context.resource(&component.name, &source.value, &source.span, found)?;
            let Ok(text) = String::from_utf8(bytes) else {
                let message = format!("the script {source} is not UTF-8");
                found.push(Diagnostic::new(Code::NotUtf8, &source.span, message));
                return None;
            };
            (text, &source.span)
        }
        (Some(run), Some(source)) => {
            found.push(
                Diagnostic::new(Code::ConflictingKeys, &source.span, "the script is given twice")
                    .related(&run.span, "also here")
                    .help("keep `run` or `source`"),
            );
            return None;
        }
        (None, None) => {
            let help = "give the shell text as `run`, or a file of the component as `source`";
            check::missing(&written.span, "run", help, found);
            return None;
        }
    };
    let text = text.replace("\r\n", "\n");
    if text.contains(['\0', '\r']) {
        let message = "the script has a NUL or a carriage return, which bash does not read";
        found.push(Diagnostic::new(Code::UnrepresentableValue, span, message));
        return None;
    }
    if text.trim().is_empty() {
        found.push(
            Diagnostic::new(Code::ConflictingKeys, span, "the script is empty")
                .help("remove [script]"),
        );
        return None;
    }
    Some(text.trim_end().to_owned())
}

/// A path that a script fills for the user.
fn writable_path(
    context: &Context<'_>,
    written: &Spanned<String>,
    found: &mut Diagnostics,
) -> Option<AbsolutePath> {
    context.user.as_ref().or_else(|| {
        context.missing_user(&written.span, "`writable` paths are for the image's user", found);
        None
    })?;
    let path = file::target(context, written, "the writable path", found)?.path;
    if path.is_shared_directory() || path.holds_programs() {
        found.push(
            Diagnostic::new(
                Code::ReservedPath,
                &written.span,
                format!("{path} cannot be handed to the user: it belongs to the system"),
            )
            .help("name the directory that the script makes for the user, such as /opt/tool"),
        );
        return None;
    }
    Some(path)
}

/// `root` or `user`.
pub(super) fn owner(
    context: &Context<'_>,
    written: Option<&Spanned<String>>,
    found: &mut Diagnostics,
) -> Option<Owner> {
    let written = written?;
    match written.value.as_str() {
        "root" => Some(Owner::Root),
        "user" => {
            if context.user.is_none() {
                context.missing_user(&written.span, "`user` is the image's user", found);
            }
            Some(Owner::User)
        }
        other => {
            found.push(
                Diagnostic::new(
                    Code::WrongType,
                    &written.span,
                    format!("{other:?} is neither `root` nor `user`"),
                )
                .help("\"user\" means the one of [user] in stack.toml, whatever its name"),
            );
            None
        }
    }
}

fn service(
    key: &Spanned<String>,
    written: &syntax::Service,
    found: &mut Diagnostics,
) -> Option<Service> {
    let name = check::named(key, Code::BadName, "the service name", Name::parse, found);
    let help = "say which program runs: command = \"/usr/sbin/…\"";
    let command = check::required(written.command.as_ref(), &written.span, "command", help, found)?;
    let line = check::line(command, "the command", found);
    if quote::is_cut_by_supervisor(&command.value) {
        found.push(
            Diagnostic::new(
                Code::UnrepresentableValue,
                &command.span,
                "supervisor reads what follows ` ;` or ` #` in the command as a comment",
            )
            .help("put the command line into a script among the component's [files]"),
        );
        return None;
    }
    if command.value.trim().is_empty() || command.value.trim() != command.value {
        found.push(Diagnostic::new(
            Code::UnrepresentableValue,
            &command.span,
            "the command is empty, or begins or ends with a space",
        ));
        return None;
    }
    let priority = match &written.priority {
        Some(priority) => check::number(priority, "`priority`", 0..=9999, found)?,
        None => DEFAULT_PRIORITY,
    };
    let environment = check::environment(&written.environment, found);
    for (name, value, span) in &environment {
        if quote::supervisor_environment(value.as_str()).is_err() {
            let message = format!(
                "the value of `{name}` has a quote, a backslash or a comment sign, which supervisor cannot hold"
            );
            found.push(
                Diagnostic::new(Code::UnrepresentableValue, span, message)
                    .help("set it in [environment], or in a start script"),
            );
        }
    }
    Some(Service {
        name: name?,
        command: line?,
        priority,
        environment: environment.into_iter().map(|(name, value, _)| (name, value)).collect(),
        span: key.span.clone(),
    })
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
