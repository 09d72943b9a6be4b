//! Strings of YAML 1.2.

use super::{Quoted, refuse};

/// Words that some reader of YAML takes for something else than a string (YAML 1.1, "bool" and "null"; YAML 1.2.2, 10.3).
const NOT_STRINGS: &[&str] = &["true", "false", "yes", "no", "on", "off", "y", "n", "null"];

/// A scalar that is read as exactly this string: plain where it is a plain word, else in double quotes, in which everything
/// but printable signs of ASCII and letters is escaped (YAML 1.2.2, 5.7).
pub fn string(value: &str) -> String {
    let is_plain = value.starts_with(|c: char| c.is_ascii_alphabetic())
        && value.ends_with(|c: char| c.is_ascii_alphanumeric())
        && value.chars().all(|c| c.is_ascii_alphanumeric() || "._/-".contains(c))
        && !NOT_STRINGS.contains(&value.to_ascii_lowercase().as_str());
    if is_plain {
        return value.to_owned();
    }
    let mut quoted = String::from("\"");
    for c in value.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            ' '..='~' => quoted.push(c),
            // Marks that change the order of writing, and signs that readers refuse, are no letters.
            c if c.is_alphanumeric() => quoted.push(c),
            c => {
                let number = u32::from(c);
                let escape = if number <= 0xFFFF {
                    format!("\\u{number:04x}")
                } else {
                    format!("\\U{number:08x}")
                };
                quoted.push_str(&escape);
            }
        }
    }
    quoted.push('"');
    quoted
}

/// The same in a workflow of GitHub, which evaluates what begins with `${{` in any string before anything reads it.
pub fn workflow(value: &str) -> Quoted {
    if value.contains("${{") { refuse("a workflow", value) } else { Ok(string(value)) }
}

/// An expression of a workflow, without spaces at its ends: what GitHub reads up to `}}`.
pub fn expression(value: &str) -> Quoted {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-'=!&|()*?:/, ".contains(c);
    if value.is_empty() || !value.chars().all(allowed) || value.trim() != value {
        return refuse("an expression", value);
    }
    Ok(format!("${{{{ {value} }}}}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_readable_and_what_means_something_is_quoted() {
        for plain in ["main", "ubuntu-24.04", "ghcr.io/team/x", "a.b"] {
            assert_eq!(string(plain), plain);
        }
        for (text, quoted) in [
            ("", "\"\""),
            ("No", "\"No\""),
            ("1.0", "\"1.0\""),
            ("a: b", "\"a: b\""),
            ("a\"\\\n\u{7f}\u{2028}é", "\"a\\\"\\\\\\n\\u007f\\u2028é\""),
            ("\u{1F680}", "\"\\U0001f680\""),
            ("-", "\"-\""),
            ("23 5 * * 1", "\"23 5 * * 1\""),
        ] {
            assert_eq!(string(text), quoted);
        }
    }

    #[test]
    fn nothing_of_a_value_is_evaluated() {
        assert!(workflow("${{ secrets.X }}").is_err());
        assert_eq!(workflow("$x {{ y }}").as_deref(), Ok("\"$x {{ y }}\""));
        assert_eq!(expression("github.sha").as_deref(), Ok("${{ github.sha }}"));
        for bad in ["a }} b", "", " a", "a\nb", "a\"b"] {
            assert!(expression(bad).is_err(), "{bad}");
        }
    }
}
