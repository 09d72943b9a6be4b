//! Text in pictures: XML, Mermaid, DOT.

use super::{Quoted, refuse};

/// Text of an element or of an attribute in quotes of XML 1.0 ("Character Data and Markup"), which has no control
/// characters but three, and neither of two that are no characters.
pub fn xml(value: &str) -> Quoted {
    let is_none = |c: char| {
        (c.is_control() && c < ' ' && !matches!(c, '\t' | '\n' | '\r'))
            || matches!(c, '\u{fffe}' | '\u{ffff}')
    };
    if value.contains(is_none) {
        return refuse("XML", value);
    }
    let mut quoted = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '&' => quoted.push_str("&amp;"),
            '<' => quoted.push_str("&lt;"),
            '>' => quoted.push_str("&gt;"),
            '"' => quoted.push_str("&quot;"),
            '\'' => quoted.push_str("&apos;"),
            // White space of attributes, and ends of lines everywhere, would come back as others.
            '\t' | '\n' | '\r' => quoted.extend(["&#", &code(c), ";"]),
            c => quoted.push(c),
        }
    }
    Ok(quoted)
}

/// The number of a character in Unicode.
fn code(c: char) -> String {
    u32::from(c).to_string()
}

/// A part of a label in double quotes of Mermaid (its documentation, "Entity codes to escape characters"): `#` and a
/// number is a character, HTML is markup, and backticks are Markdown.
pub fn mermaid(value: &str) -> Quoted {
    if value.chars().any(char::is_control) {
        return refuse("Mermaid", value);
    }
    let mut quoted = String::with_capacity(value.len());
    for c in value.chars() {
        if matches!(c, '#' | '"' | '&' | '<' | '>' | ';' | '`' | '\\' | '*' | '_') {
            quoted.extend(["#", &code(c), ";"]);
        } else {
            quoted.push(c);
        }
    }
    Ok(quoted)
}

/// A part of a string in double quotes that Graphviz draws (its documentation, "DOT Language" and "escString"): a
/// backslash begins an escape, `&` an entity of HTML.
pub fn dot(value: &str) -> Quoted {
    if value.chars().any(char::is_control) {
        return refuse("DOT", value);
    }
    Ok(value.replace('&', "&amp;").replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_special_is_quoted() {
        assert_eq!(
            xml("a<b> & \"c\" 'd'\n").as_deref(),
            Ok("a&lt;b&gt; &amp; &quot;c&quot; &apos;d&apos;&#10;")
        );
        assert_eq!(mermaid("a#b;\"c\" <d>").as_deref(), Ok("a#35;b#59;#34;c#34; #60;d#62;"));
        assert_eq!(dot(r#"a "b" \n &amp;"#).as_deref(), Ok(r#"a \"b\" \\n &amp;amp;"#));
        for plain in ["copy /etc/nginx 0644", "ubuntu:24.04", "tini, café"] {
            assert_eq!(xml(plain).as_deref(), Ok(plain));
            assert_eq!(mermaid(plain).as_deref(), Ok(plain));
            assert_eq!(dot(plain).as_deref(), Ok(plain));
        }
    }

    #[test]
    fn what_a_picture_cannot_hold_is_refused() {
        assert!(xml("a\u{1}").is_err() && xml("a\0").is_err() && xml("\u{ffff}").is_err());
        assert!(mermaid("a\nb").is_err() && dot("a\nb").is_err());
    }
}
