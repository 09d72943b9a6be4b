//! `[routes.*]`: paths of the web server that lead to a service.

use super::check;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::names::Duration;
use crate::model::route::{Route, RoutePath, ServicePath};
use crate::source::Spanned;
use crate::syntax;

pub(super) fn resolve(
    key: &Spanned<String>,
    written: &syntax::component::Route,
    found: &mut Diagnostics,
) -> Option<Route> {
    let path = check::named(key, Code::BadRoute, "the path", RoutePath::parse, found);
    let help = "name the local port on which a service listens: port = 8050";
    let port = check::required(written.port.as_ref(), &written.span, "port", help, found)
        .and_then(|port| Some((check::number(port, "`port`", 1..=65_535, found)?, &port.span)));
    let to = match &written.to {
        Some(to) => {
            let parsed = check::named(to, Code::BadRoute, "`to`", ServicePath::parse, found)?;
            if let Some(path) = &path {
                same_end(path, to, found);
            }
            // Nothing to replace; nginx then passes the path on as the client wrote it.
            Some(parsed).filter(|to| path.as_ref().is_none_or(|path| path.as_str() != to.as_str()))
        }
        None => None,
    };
    let timeout = written.timeout.as_ref().and_then(|timeout| {
        check::named(timeout, Code::BadDuration, "the duration", Duration::parse, found)
    });
    let flag = |written: &Option<Spanned<bool>>, default| {
        written.as_ref().map_or(default, |written| written.value)
    };
    let websocket = flag(&written.websocket, false);
    let (port, port_span) = port?;
    Some(Route {
        path: path?,
        port,
        port_span: port_span.clone(),
        to,
        websocket,
        buffering: flag(&written.buffering, true),
        timeout,
        same_origin: flag(&written.same_origin, websocket),
        span: key.span.clone(),
    })
}

/// nginx puts `to` in the place of the path and leaves the rest as it is, so both end alike.
fn same_end(path: &RoutePath, to: &Spanned<String>, found: &mut Diagnostics) {
    if path.is_prefix() && !to.value.ends_with('/') {
        let message =
            format!("{path}page would become {to}page: the path ends with `/` and `to` does not");
        found.push(
            Diagnostic::new(Code::BadRoute, &to.span, message)
                .help(format!("write to = \"{to}/\"")),
        );
    }
}
