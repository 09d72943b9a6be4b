//! Values of another type than their key takes, and what to type: the same value in the right shape.

use toml::Spanned;
use toml::de::DeValue;

use crate::diagnostic::{Code, Diagnostic};
use crate::source::{FileId, Span};

/// Longer values are not repeated in a help.
const LONGEST: usize = 60;

/// How a value would be right.
pub(super) struct Help {
    action: &'static str,
    value: String,
}

impl Help {
    /// As the value of a key.
    pub(super) fn of_key(self, key: &str) -> String {
        format!("{}: {key} = {}", self.action, self.value)
    }

    /// As an element of a list.
    pub(super) fn of_element(self) -> String {
        format!("{}: {}", self.action, self.value)
    }
}

/// The value as it would be right where `wanted` has to be, if one can tell.
pub(super) fn help(value: &DeValue<'_>, wanted: &str) -> Option<Help> {
    let text = text(value).filter(|text| text.len() <= LONGEST)?;
    let number = |text: &str| text.parse::<f64>().is_ok_and(f64::is_finite);
    let (action, value) = match (wanted, value.is_str()) {
        ("a string" | "a string or a table", false) => ("write it in quotes", format!("{text:?}")),
        ("an integer", true) if text.parse::<i64>().is_ok() => ("write it without quotes", text),
        ("a number", true) if number(&text) => ("write it without quotes", text),
        ("true or false", true) => {
            let answer = match text.to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" => "true",
                "false" | "no" | "off" => "false",
                _ => return None,
            };
            ("write it without quotes", answer.to_owned())
        }
        ("a list of strings", _) => ("write it as a list", format!("[{text:?}]")),
        ("a list of integers", _) if text.parse::<i64>().is_ok() => {
            ("write it as a list", format!("[{text}]"))
        }
        _ => return None,
    };
    Some(Help { action, value })
}

/// A value that is one word, as it is written without quotes.
fn text(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().to_owned()),
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        DeValue::Boolean(value) => Some(value.to_string()),
        DeValue::Datetime(value) => Some(value.to_string()),
        _ => None,
    }
}

/// A value of another type.
pub(super) fn diagnostic(
    file: FileId,
    value: &Spanned<DeValue<'_>>,
    what: &str,
    wanted: &str,
) -> Diagnostic {
    let span = Span::new(file, value.span());
    let is = value.get_ref().type_str();
    let article = if is.starts_with(['a', 'i', 'o']) { "an" } else { "a" };
    Diagnostic::new(Code::WrongType, &span, format!("{what} takes {wanted}"))
        .label(format!("this is {article} {is}"))
}

/// A value where a table has to be; `name` is that of the table.
pub(super) fn not_a_table(file: FileId, value: &Spanned<DeValue<'_>>, name: &str) -> Diagnostic {
    let mut elements = value.get_ref().as_array().into_iter().flatten();
    let help = if elements.any(|element| element.get_ref().is_table()) {
        format!("write its header in single brackets: {name}")
    } else {
        format!("write {name} on a line of its own, and its keys below it")
    };
    diagnostic(file, value, name, "a table").help(help)
}

/// A key as TOML has it.
pub(super) fn key(key: &str) -> String {
    let bare =
        !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if bare { key.to_owned() } else { format!("{key:?}") }
}

/// The key of a table inside its parent, where it is a bare one.
pub(super) fn last_key(name: &str) -> &str {
    let name = name.trim_start_matches('[').trim_end_matches(']');
    name.rsplit_once('.').map_or(name, |(_, key)| key)
}
