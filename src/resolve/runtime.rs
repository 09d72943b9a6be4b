//! `[runtime]`: the properties of the container.

use super::check;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::component::{Healthcheck, Runtime};
use crate::model::names::{Duration, Line, Signal};
use crate::model::path::AbsolutePath;
use crate::source::{Span, Spanned};
use crate::syntax;

pub(super) fn resolve(
    written: Option<&syntax::component::Runtime>,
    found: &mut Diagnostics,
) -> Runtime {
    let Some(written) = written else { return Runtime::default() };
    let mut ports = Vec::new();
    for port in &written.ports {
        let checked = check::number::<u16>(port, "a port", 1..=65_535, found);
        ports.extend(checked.map(|checked| (checked, port.span.clone())));
    }
    let volumes = written
        .volumes
        .iter()
        .filter_map(|path| Some((check::path(path, "the volume", found)?, path.span.clone())));
    let volumes = volumes.collect();
    Runtime {
        volumes,
        entrypoint: written
            .entrypoint
            .as_ref()
            .and_then(|words| command(words, "`entrypoint`", found)),
        command: written.command.as_ref().and_then(|words| command(words, "`command`", found)),
        ports,
        working_directory: written.working_directory.as_ref().and_then(|path| {
            let what = "the working directory";
            let checked = check::named(path, Code::BadPath, what, AbsolutePath::parse, found)?;
            Some((checked, path.span.clone()))
        }),
        stop_signal: written.stop_signal.as_ref().and_then(|signal| {
            let checked =
                check::named(signal, Code::BadSignal, "the signal", Signal::parse, found)?;
            Some((checked, signal.span.clone()))
        }),
        healthcheck: written.healthcheck.as_ref().and_then(|written| healthcheck(written, found)),
    }
}

/// A program and its arguments, run without a shell.
fn command(
    words: &Spanned<Vec<Spanned<String>>>,
    what: &str,
    found: &mut Diagnostics,
) -> Option<(Vec<Line>, Span)> {
    if words.value.first().is_none_or(|program| program.value.is_empty()) {
        found.push(
            Diagnostic::new(Code::EmptyList, &words.span, format!("{what} names no program"))
                .help("give the program and its arguments, each a string of the list"),
        );
        return None;
    }
    let checked: Vec<_> =
        words.value.iter().filter_map(|word| check::line(word, "the argument", found)).collect();
    (checked.len() == words.value.len()).then(|| (checked, words.span.clone()))
}

/// The defaults are the engines' own (Dockerfile reference, HEALTHCHECK), written out.
fn healthcheck(
    written: &syntax::component::Healthcheck,
    found: &mut Diagnostics,
) -> Option<(Healthcheck, Span)> {
    let mut duration = |text: Option<&Spanned<String>>, default: &str| match text {
        Some(text) => check::named(text, Code::BadDuration, "the duration", Duration::parse, found),
        None => Duration::parse(default).ok(),
    };
    let interval = duration(written.interval.as_ref(), "30s");
    let timeout = duration(written.timeout.as_ref(), "30s");
    let start_period = written.start_period.as_ref().and_then(|text| duration(Some(text), ""));
    let retries = match &written.retries {
        Some(retries) => check::number(retries, "`retries`", 1..=100, found),
        None => Some(3),
    };
    let help = "give the program and its arguments: command = [\"curl\", \"--fail\", \"…\"]";
    if written.command.is_none() {
        check::missing(&written.span, "command", help, found);
    }
    let words = written.command.as_ref();
    let (command, _) = words.and_then(|words| command(words, "the health check", found))?;
    let healthcheck = Healthcheck {
        command,
        interval: interval?,
        timeout: timeout?,
        start_period,
        retries: retries?,
    };
    Some((healthcheck, written.span.clone()))
}
