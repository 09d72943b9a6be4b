//! Keys and values as TOML text.

use std::fmt::Write;

use toml::Value;

/// A key: bare where it can be.
pub fn key(key: &str) -> String {
    let is_bare =
        !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if is_bare { key.to_owned() } else { string(key) }
}

/// Keys with dots between them.
pub fn keys(path: &[String]) -> String {
    path.iter().map(|one| key(one)).collect::<Vec<_>>().join(".")
}

/// A value on one line.
pub fn value(value: &Value) -> String {
    match value {
        Value::String(text) => string(text),
        Value::Array(elements) => {
            let elements: Vec<String> = elements.iter().map(self::value).collect();
            format!("[{}]", elements.join(", "))
        }
        Value::Table(table) => {
            let entries = table.iter();
            let entries: Vec<String> = entries
                .map(|(name, below)| format!("{} = {}", key(name), self::value(below)))
                .collect();
            format!("{{ {} }}", entries.join(", "))
        }
        other => other.to_string(),
    }
}

/// A value as people write it: a text of several lines as such. In a text whose lines end in CRLF it stays on one line,
/// so that its own line ends are what they are.
pub(super) fn readable(value: &Value, newline: &str) -> String {
    match value {
        Value::String(text) if text.trim_end_matches('\n').contains('\n') && newline == "\n" => {
            lines(text)
        }
        Value::Array(elements) if self::value(value).len() > 100 => {
            let elements: Vec<String> =
                elements.iter().map(|one| format!("    {},{newline}", self::value(one))).collect();
            format!("[{newline}{}]", elements.concat())
        }
        other => self::value(other),
    }
}

/// A text of several lines: as it is, where it can be.
fn lines(text: &str) -> String {
    let is_plain = |c: char| c == '\n' || c == '\t' || !c.is_control();
    if text.contains("'''") || !text.chars().all(is_plain) {
        return string(text);
    }
    // A quote at the end would be taken for one of the closing ones.
    if text.ends_with('\'') { string(text) } else { format!("'''\n{text}'''") }
}

/// A basic string (TOML 1.0, String).
pub fn string(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            other if other.is_control() => {
                // Writing to a string cannot fail.
                let _ = write!(quoted, "\\u{:04X}", u32::from(other));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
