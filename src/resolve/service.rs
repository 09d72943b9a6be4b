//! `[services.*]`: programs that supervisor keeps running.

use super::check;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::Name;
use crate::model::component::Service;
use crate::render::quote;
use crate::source::Spanned;
use crate::syntax;

/// Supervisor starts programs of lower priority first; 999 is its own default.
const DEFAULT_PRIORITY: u32 = 999;

pub(super) fn resolve(
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
    }
    if command.value.trim().is_empty() || command.value.trim() != command.value {
        found.push(Diagnostic::new(
            Code::UnrepresentableValue,
            &command.span,
            "the command is empty, or begins or ends with a space",
        ));
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
