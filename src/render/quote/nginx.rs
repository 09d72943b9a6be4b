//! nginx's configuration: its reader knows double quotes, in which a backslash escapes a quote and itself. A `$`
//! begins a variable in most directives and cannot be escaped.

use super::{Quoted, is_plain, refuse};

/// A parameter of a directive.
pub fn parameter(value: &str) -> Quoted {
    let inside = part(value)?;
    // A `~` or `@` at the beginning means something to `location`.
    let plain = is_plain(value) && !value.starts_with(['~', '@']);
    Ok(if plain { inside } else { format!("\"{inside}\"") })
}

/// A part of a parameter that stands in double quotes already.
pub fn part(value: &str) -> Quoted {
    if value.contains('$') || value.chars().any(char::is_control) {
        return refuse("nginx's configuration", value);
    }
    Ok(value.replace('\\', r"\\").replace('"', "\\\""))
}
