//! Where rdspec itself puts things in an image, and which names it keeps for itself.

use super::names::Name;
use super::path::AbsolutePath;
use super::route::RoutePath;
use super::stack::User;

/// The folder in which supervisor finds its programs.
const SERVICES: &str = "/etc/supervisor/conf.d";

/// Where the configuration of a service lies in the image.
pub fn service_path(service: &Name) -> Option<AbsolutePath> {
    AbsolutePath::parse(&format!("{SERVICES}/{service}.conf")).ok()
}

/// The folder whose files the web server includes in its server. A route that is written there relies on variables of
/// that server: `$base`, the base path of the container without a slash at its end, which is taken off before a
/// location is looked up; `$foreign_origin`, true for a request that a page of another site makes;
/// `$connection_header`, what Connection has to be for an upgrade.
const ROUTES: &str = "/etc/nginx/desktop.d";

/// Where a route lies in the image. Two paths never share a file: `+` is not in any of them. The web server does not
/// include files whose names begin with a dot.
pub fn route_path(route: &RoutePath) -> Option<AbsolutePath> {
    let name = route.stem().replace('/', "+");
    let name = name.strip_prefix('+').filter(|name| !name.starts_with('.')).unwrap_or(&name);
    let name = if name.is_empty() { "+" } else { name };
    AbsolutePath::parse(&format!("{ROUTES}/{name}.conf")).ok()
}

/// Where a shortcut lies on the desktop of a user's home: XDG user directories, by their default name.
pub fn desktop_shortcut_path(user: &User, shortcut: &Name) -> Option<AbsolutePath> {
    user.skeleton.join(&format!("Desktop/{shortcut}.desktop")).ok()
}

/// Where a shortcut of the menu lies: Desktop Menu Specification 1.1, "default merge directories".
pub fn menu_shortcut_path(shortcut: &Name) -> Option<AbsolutePath> {
    AbsolutePath::parse(&format!("/usr/share/applications/{shortcut}.desktop")).ok()
}

/// Where the sudo rules of a component lie in the image. sudo skips file names with a dot.
pub fn sudoers_path(component: &Name) -> Option<AbsolutePath> {
    AbsolutePath::parse(&format!("/etc/sudoers.d/{}", component.as_str().replace('.', "_"))).ok()
}

/// Names of the scripts that rdspec writes for an image as a whole, and of mount targets: no component can
/// have them.
pub fn is_reserved_component(name: &str) -> bool {
    matches!(name, "bootstrap" | "users" | "directories" | "sudoers" | "apt" | "downloads")
        || name.starts_with("apt-")
        || name.strip_suffix(".user").is_some()
        || name.starts_with("dev.")
}
