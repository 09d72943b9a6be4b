//! `[services.*]`: programs that supervisor keeps running.

use super::check;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::Name;
use crate::model::path::AbsolutePath;
use crate::model::service::{Restart, Service, StopSignal};
use crate::render::quote;
use crate::source::{Span, Spanned};
use crate::syntax;

/// Supervisor starts programs of lower priority first; 999 is its own default.
const DEFAULT_PRIORITY: u32 = 999;

pub(super) fn resolve(
    key: &Spanned<String>,
    written: &syntax::component::Service,
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
    for (name, value, _) in &environment {
        if quote::supervisor_environment(value.as_str()).is_err() {
            let message = format!(
                "the value of `{name}` has a quote, a backslash or a comment sign, which supervisor cannot hold"
            );
            let value = written.environment.iter().find(|(key, _)| key.value == name.as_str());
            let span = value.map_or(&key.span, |(_, value)| &value.span);
            found.push(
                Diagnostic::new(Code::UnrepresentableValue, span, message)
                    .help("set it in [environment], or in a start script"),
            );
        }
    }
    let directory = written.directory.as_ref().and_then(|path| directory(path, found));
    let restart = match &written.restart {
        Some(restart) => check::choice(restart, "`restart`", Restart::CHOICES, found)?,
        None => Restart::Always,
    };
    let signal = written.stop_signal.as_ref();
    let stop_signal = signal.and_then(|signal| {
        let short = signal.value.strip_prefix("SIG").map(str::to_owned);
        if let Some(short) =
            short.filter(|short| StopSignal::CHOICES.iter().any(|(name, _)| name == short))
        {
            let message = "`stop-signal` of a service is named without `SIG`";
            found.push(
                Diagnostic::new(Code::UnknownValue, &signal.span, message)
                    .help(format!("write stop-signal = {short:?}")),
            );
            return None;
        }
        check::choice(signal, "`stop-signal` of a service", StopSignal::CHOICES, found)
    });
    let ports = ports(&written.ports, found);
    let mut number = |number: Option<&Spanned<i64>>, key: &str, most: i64| {
        number.and_then(|number| check::number(number, &format!("`{key}`"), 0..=most, found))
    };
    let start_seconds = number(written.start_seconds.as_ref(), "start-seconds", 3600);
    let start_retries = number(written.start_retries.as_ref(), "start-retries", 1000);
    let stop_seconds = number(written.stop_seconds.as_ref(), "stop-seconds", 3600);
    Some(Service {
        name: name?,
        command: line?,
        priority,
        directory,
        ports,
        restart,
        start_seconds,
        start_retries,
        stop_signal,
        stop_seconds,
        environment: environment.into_iter().map(|(name, value, _)| (name, value)).collect(),
        command_span: command.span.clone(),
        span: key.span.clone(),
    })
}

/// A directory at run time: it may lie where no layer reaches, such as in /tmp or the home.
fn directory(written: &Spanned<String>, found: &mut Diagnostics) -> Option<AbsolutePath> {
    let path = check::named(written, Code::BadPath, "the directory", AbsolutePath::parse, found)?;
    if quote::supervisor(path.as_str()).is_err() {
        let message = "supervisor reads what follows ` ;` or ` #` in the directory as a comment";
        found.push(Diagnostic::new(Code::UnrepresentableValue, &written.span, message));
        return None;
    }
    Some(path)
}

fn ports(written: &[Spanned<i64>], found: &mut Diagnostics) -> Vec<(u16, Span)> {
    let mut ports: Vec<(u16, Span)> = Vec::with_capacity(written.len());
    for port in written {
        let Some(number) = check::number(port, "a port", 1..=65_535, found) else { continue };
        if let Some((_, first)) = ports.iter().find(|(other, _)| *other == number) {
            found.push(
                Diagnostic::new(
                    Code::DuplicatePort,
                    &port.span,
                    format!("port {number} is listed twice"),
                )
                .related(first, "first here")
                .help("remove one"),
            );
        } else {
            ports.push((number, port.span.clone()));
        }
    }
    ports
}
