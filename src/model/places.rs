//! Where rdspec itself puts things in an image, and which names it keeps for itself.

use super::names::Name;
use super::path::AbsolutePath;

/// The folder in which supervisor finds its programs.
const SERVICES: &str = "/etc/supervisor/conf.d";

/// Where the configuration of a service lies in the image.
pub fn service_path(service: &Name) -> Option<AbsolutePath> {
    AbsolutePath::parse(&format!("{SERVICES}/{service}.conf")).ok()
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
}
