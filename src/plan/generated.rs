//! Files of a component that are written from data: programs of supervisor, routes of the web server, shortcuts.

use super::Content;
use crate::model::component::{Component, Owner};
use crate::model::names::Mode;
use crate::model::path::AbsolutePath;
use crate::model::places;

/// A file and where it goes.
pub(super) struct Generated {
    pub(super) path: AbsolutePath,
    pub(super) mode: Mode,
    pub(super) owner: Owner,
    pub(super) content: Content,
}

/// The files of a component.
pub(super) fn of(component: &Component) -> Vec<Generated> {
    let origin = || component.origin.clone();
    let of_root = |path: Option<AbsolutePath>, content: Content| {
        path.map(|path| Generated { path, mode: Mode::FILE, owner: Owner::Root, content })
    };
    let services = component.services.iter().filter_map(|service| {
        let content = Content::Service { origin: origin(), service: service.clone() };
        of_root(places::service_path(&service.name), content)
    });
    let routes = component.routes.iter().filter_map(|route| {
        let content = Content::Route { origin: origin(), route: route.clone() };
        of_root(places::route_path(&route.path), content)
    });
    // A desktop only trusts a shortcut in the home that can be executed.
    let shortcuts = component.shortcuts.iter().flat_map(|shortcut| {
        let places = [
            (&shortcut.on_desktop, Mode::PROGRAM, Owner::User),
            (&shortcut.in_menu, Mode::FILE, Owner::Root),
        ];
        places.into_iter().filter_map(move |(path, mode, owner)| {
            let content = Content::Shortcut { origin: origin(), shortcut: shortcut.clone() };
            Some(Generated { path: path.clone()?, mode, owner, content })
        })
    });
    services.chain(routes).chain(shortcuts).collect()
}
