//! Text and addresses in Markdown: CommonMark, and GitHub's tables, in whose cells a `|` needs a backslash everywhere.

use super::{Quoted, refuse};

/// Text of a cell of a table, read as nothing but text (CommonMark, "Backslash escapes" and "Entity and numeric character
/// references"). A cell is one line, and loses the white space around it.
pub fn text(value: &str) -> Quoted {
    if value.chars().any(char::is_control) {
        return refuse("a table of Markdown", value);
    }
    let (inner, outer) = (value.trim(), value.len());
    let before = outer - value.trim_start().len();
    let mut quoted = String::with_capacity(value.len());
    quoted.push_str(&references(&value[..before]));
    for c in inner.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '!' | '$')
        {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push_str(&references(&value[before + inner.len()..]));
    Ok(quoted)
}

/// Characters by their numbers, which nothing trims.
fn references(text: &str) -> String {
    let mut references = String::new();
    for c in text.chars() {
        references.extend(["&#", &u32::from(c).to_string(), ";"]);
    }
    references
}

/// An address that is its own text (CommonMark, "Autolinks"): nothing in it is escaped, so nothing can need it.
pub fn address(value: &str) -> Quoted {
    let strange =
        |c: char| c.is_control() || c.is_whitespace() || matches!(c, '<' | '>' | '|' | '\\' | '`');
    let is_address = value.starts_with("https://") || value.starts_with("http://");
    if !is_address || value.contains(strange) {
        return refuse("an address of Markdown", value);
    }
    Ok(format!("<{value}>"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_special_is_quoted() {
        assert_eq!(text("a|b `c` <d> *e*").as_deref(), Ok("a\\|b \\`c\\` \\<d\\> \\*e\\*"));
        assert_eq!(text(" a ").as_deref(), Ok("&#32;a&#32;"));
        assert_eq!(text("g++ 1.2-3, (x)").as_deref(), Ok("g++ 1.2-3, (x)"));
        assert_eq!(text("   ").as_deref(), Ok("&#32;&#32;&#32;"));
        assert!(text("a\nb").is_err());
    }

    #[test]
    fn addresses_are_plain() {
        assert_eq!(address("https://a.org/b_c?d=e").as_deref(), Ok("<https://a.org/b_c?d=e>"));
        for bad in ["a.org", "javascript:x", "https://a b", "https://a|b", "https://a>b"] {
            assert!(address(bad).is_err(), "{bad}");
        }
    }
}
