//! How the services of a chain are reached: each local port has one listener, each route a service behind it.

use std::collections::BTreeMap;

use super::images::LISTS;
use super::ownership::KEEP_ONE;
use crate::diagnostic::{COMPONENT, Code, Diagnostic, Diagnostics};
use crate::model::{Component, Image, Name};
use crate::source::Span;

/// Checks one image together with its parents.
pub(super) fn check(chain: &[&Image], found: &mut Diagnostics) {
    let components = || chain.iter().flat_map(|image| &image.components).map(AsRef::as_ref);
    let listeners = listeners(components(), found);
    for route in components().flat_map(|component| &component.routes) {
        if listeners.contains_key(&route.port) {
            continue;
        }
        let message =
            format!("no service of the image or its parents listens on port {}", route.port);
        let mut diagnostic = Diagnostic::new(Code::RouteWithoutService, &route.port_span, message)
            .presumes(&[LISTS, &["services", "ports", COMPONENT]].concat())
            .help(format!(
                "add it to the service that does: ports = [{}] in [services.*]",
                route.port
            ));
        for (port, (name, span)) in &listeners {
            diagnostic = diagnostic.related(span, format!("`{name}` listens on {port}"));
        }
        found.push(diagnostic);
    }
}

/// Who listens on a local port, and where the spec says so.
type Listeners<'chain> = BTreeMap<u16, (&'chain Name, &'chain Span)>;

/// Two services on one port: the second one never starts.
fn listeners<'chain>(
    components: impl Iterator<Item = &'chain Component>,
    found: &mut Diagnostics,
) -> Listeners<'chain> {
    let mut listeners = Listeners::new();
    for service in components.flat_map(|component| &component.services) {
        for (port, span) in &service.ports {
            if let Some((first, place)) = listeners.get(port) {
                let message = format!(
                    "the services `{first}` and `{}` both listen on port {port}",
                    service.name
                );
                found.push(
                    Diagnostic::new(Code::DuplicatePort, span, message)
                        .related(place, "first here")
                        .help(KEEP_ONE),
                );
            } else {
                listeners.insert(*port, (&service.name, span));
            }
        }
    }
    listeners
}
