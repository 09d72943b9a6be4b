//! `[script]`: the shell of a component, what it reads and what it fills.

use super::{Context, check, file};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::component::{Owner, Script};
use crate::model::path::AbsolutePath;
use crate::model::secret::SecretName;
use crate::source::{Span, Spanned};
use crate::syntax;
use crate::syntax::component::ComponentFile;

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

pub(super) fn resolve(
    context: &Context<'_>,
    component: &ComponentFile,
    written: &syntax::component::Script,
    found: &mut Diagnostics,
) -> Option<Script> {
    let body = script_body(context, component, written, found);
    let user = context.owner(written.user.as_ref(), found).unwrap_or(Owner::Root);
    let writable =
        written.writable.iter().filter_map(|path| writable_path(context, path, found)).collect();
    let mut inputs = Vec::with_capacity(written.inputs.len());
    for input in &written.inputs {
        let bytes = context.resource(&component.name, &input.value, &input.span, found);
        inputs.extend(bytes.map(|bytes| (input.value.clone(), bytes)));
    }
    inputs.sort();
    let environment = check::environment(&written.environment, found);
    let secrets = secrets(&written.secrets, found);
    for (name, _, span) in &environment {
        if let Some(secret) = secrets.iter().find(|secret| secret.variable() == name.as_str()) {
            let message = format!("`{name}` is where the file of the secret `{secret}` is");
            found.push(
                Diagnostic::new(Code::ReservedEnvironment, span, message)
                    .help("rename one of them"),
            );
        }
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
        undo: written.undo.as_ref().and_then(|undo| shell(&undo.value, &undo.span, "undo", found)),
        user,
        writable,
        inputs,
        secrets,
        environment: environment.into_iter().map(|(name, value, _)| (name, value)).collect(),
    })
}

/// The names of secrets; what is in them is nobody's to know before the build.
fn secrets(written: &[Spanned<String>], found: &mut Diagnostics) -> Vec<SecretName> {
    let mut secrets: Vec<SecretName> = Vec::with_capacity(written.len());
    for text in written {
        let name = check::named(text, Code::BadName, "the secret name", SecretName::parse, found);
        match name {
            Some(name) if secrets.contains(&name) => check::twice(text, name.as_str(), found),
            name => secrets.extend(name),
        }
    }
    secrets.sort();
    secrets
}

fn script_body(
    context: &Context<'_>,
    component: &ComponentFile,
    written: &syntax::component::Script,
    found: &mut Diagnostics,
) -> Option<String> {
    let (text, span) = match (&written.run, &written.source) {
        (Some(run), None) => (run.value.clone(), &run.span),
        (None, Some(source)) => {
            let bytes = context.resource(&component.name, &source.value, &source.span, found)?;
            let Ok(text) = String::from_utf8(bytes.into()) else {
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
            check::missing_all(&written.span, &["run", "source"], help, found);
            return None;
        }
    };
    shell(&text, span, "script", found)
}

/// The text of a script as bash reads it; `what` is its key or what it is called.
fn shell(text: &str, span: &Span, what: &str, found: &mut Diagnostics) -> Option<String> {
    let text = text.replace("\r\n", "\n");
    if text.contains(['\0', '\r']) {
        let message =
            format!("the {what} has a NUL or a carriage return, which bash does not read");
        found.push(Diagnostic::new(Code::UnrepresentableValue, span, message));
        return None;
    }
    if text.trim().is_empty() {
        let help = match what {
            "undo" => "say `:` if there is nothing to take back",
            _ => "remove [script]",
        };
        found.push(
            Diagnostic::new(Code::UnrepresentableValue, span, format!("the {what} is empty"))
                .help(help),
        );
        return None;
    }
    Some(check::shell_text(&text))
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
