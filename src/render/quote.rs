//! The one place where values are quoted, for each language that they can land in.
//!
//! Every function gives text that its language reads back as exactly the value, or says that the language
//! cannot hold it. `resolve` refuses such values before, so an error here is a defect of rdspec.

pub mod desktop;
pub mod markdown;
pub mod nginx;
pub mod picture;
pub mod yaml;

/// A value that a language cannot hold.
#[derive(Debug, PartialEq, Eq)]
pub struct Unrepresentable {
    /// The language.
    pub language: &'static str,
    /// The value.
    pub value: String,
}

type Quoted = Result<String, Unrepresentable>;

fn refuse(language: &'static str, value: &str) -> Quoted {
    Err(Unrepresentable { language, value: value.to_owned() })
}

/// A word that is itself in every language here: letters, digits and `._/:@%+,=-`, not beginning with
/// `-`, `=`, `~` or `%`.
pub fn word(value: &str) -> Quoted {
    if is_plain(value) { Ok(value.to_owned()) } else { refuse("a plain word", value) }
}

fn is_plain(value: &str) -> bool {
    !value.is_empty()
        && value.chars().all(|c| c.is_ascii_alphanumeric() || "._/:@%+,=-".contains(c))
        && !value.starts_with(['-', '=', '%'])
}

/// A word of a POSIX shell or bash (POSIX.1-2017, XCU 2.2): plain, or in quotes. A NUL cannot be part of any
/// argument.
pub fn shell(value: &str) -> Quoted {
    if value.contains('\0') {
        return refuse("the shell", value);
    }
    // A word with `=` in it could be taken for an assignment.
    if is_plain(value) && !value.contains('=') {
        return Ok(value.to_owned());
    }
    // A `$` in single quotes looks like a mistake, to people and to shellcheck.
    if value.contains(['$', '`']) {
        let mut quoted = String::from("\"");
        for c in value.chars() {
            if matches!(c, '"' | '\\' | '$' | '`') {
                quoted.push('\\');
            }
            quoted.push(c);
        }
        quoted.push('"');
        return Ok(quoted);
    }
    Ok(format!("'{}'", value.replace('\'', r"'\''")))
}

/// A value of ENV, WORKDIR and the like, in double quotes where needed (Dockerfile reference,
/// "environment replacement": `\` escapes `"`, `$` and itself). A line break would end the instruction.
pub fn dockerfile(value: &str) -> Quoted {
    if value.chars().any(char::is_control) {
        return refuse("a Dockerfile", value);
    }
    if is_plain(value) {
        return Ok(value.to_owned());
    }
    let mut quoted = String::from("\"");
    for c in value.chars() {
        if matches!(c, '"' | '\\' | '$') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    Ok(quoted)
}

/// The exec form of ENTRYPOINT, CMD, COPY and HEALTHCHECK: a JSON array of strings (RFC 8259).
pub fn json(values: &[String]) -> Quoted {
    let quoted: Result<Vec<String>, _> = values.iter().map(serde_json::to_string).collect();
    quoted
        .map(|words| format!("[{}]", words.join(", ")))
        .map_err(|_| Unrepresentable { language: "JSON", value: values.join(" ") })
}

/// One string of JSON (RFC 8259), with its quotes.
pub fn json_string(value: &str) -> Quoted {
    serde_json::to_string(value)
        .map_err(|_| Unrepresentable { language: "JSON", value: value.to_owned() })
}

/// Text behind `#`, in every language here: one line.
pub fn comment(value: &str) -> Quoted {
    if value.chars().any(char::is_control) {
        refuse("a comment", value)
    } else {
        Ok(value.to_owned())
    }
}

/// An argument of a command in a sudoers rule: sudoers(5), "special characters", asks for a backslash
/// before `,`, `:`, `=` and `\`; patterns cannot be switched off for a word, so they are refused.
pub fn sudoers(value: &str) -> Quoted {
    let strange = |c: char| c.is_control() || c.is_whitespace() || "*?[]!\\^$\"'`#()".contains(c);
    if value.is_empty() || value.contains(strange) {
        return refuse("sudoers", value);
    }
    let mut quoted = String::new();
    for c in value.chars() {
        if matches!(c, ',' | ':' | '=') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    Ok(quoted)
}

/// The answer in a line of debconf-set-selections(1): everything up to the end of the line, which a backslash there
/// would continue. debconf's database keeps line ends as `\n` and cannot tell them from these two characters.
pub fn debconf(value: &str) -> Quoted {
    if value.chars().any(char::is_control) || value.ends_with('\\') || value.contains("\\n") {
        return refuse("debconf-set-selections", value);
    }
    Ok(value.to_owned())
}

/// A word of a list in a deb822 file: deb822(5), with lists as in sources.list(5), separated by white space.
pub fn deb822(value: &str) -> Quoted {
    if value.is_empty() || value.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return refuse("a list of a deb822 file", value);
    }
    Ok(value.to_owned())
}

/// A folder in a pattern of dpkg(1), `--path-include`, which are those of glob(7): letters and the signs of a locale's
/// name, and `*` for any characters.
pub fn dpkg(pattern: &str) -> Quoted {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_@*".contains(c);
    if pattern.is_empty() || !pattern.chars().all(plain) {
        return refuse("dpkg's configuration", pattern);
    }
    Ok(pattern.to_owned())
}

/// A name or a version in a requirements file of pip, where `$`, `#`, `;`, `@`, quotes and white space mean something.
pub fn pip(value: &str) -> Quoted {
    let plain = |c: char| c.is_ascii_alphanumeric() || ".!+-_".contains(c);
    if !value.starts_with(|c: char| c.is_ascii_alphanumeric()) || !value.chars().all(plain) {
        return refuse("a requirements file", value);
    }
    Ok(value.to_owned())
}

/// A string of R (R Language Definition, "Literal constants"), which is in double quotes and has escapes only behind a
/// backslash: so it is itself without the two. Its line has to stay one line.
pub fn r(value: &str) -> Quoted {
    if value.chars().any(|c| c.is_control() || matches!(c, '"' | '\\')) {
        return refuse("R", value);
    }
    Ok(format!("\"{value}\""))
}

/// Whether supervisor would cut a value short: it reads what follows ` ;` or ` #` as a comment, and a value that
/// begins with one of them as none.
pub fn is_cut_by_supervisor(value: &str) -> bool {
    // Any white space of Unicode counts, as its reader is Python's.
    let before = std::iter::once(' ').chain(value.chars());
    before.zip(value.chars()).any(|(space, c)| space.is_whitespace() && matches!(c, ';' | '#'))
}

/// A value in supervisor's configuration: `%` begins an expression (Python's `%` formatting).
pub fn supervisor(value: &str) -> Quoted {
    if value.chars().any(char::is_control) || is_cut_by_supervisor(value) || value.trim() != value {
        return refuse("supervisor's configuration", value);
    }
    Ok(value.replace('%', "%%"))
}

/// A value of supervisor's `environment` list: in double quotes, without any inside.
pub fn supervisor_environment(value: &str) -> Quoted {
    if value.contains(['"', '\'', '\\'])
        || value.chars().any(char::is_control)
        || is_cut_by_supervisor(value)
    {
        return refuse("supervisor's environment", value);
    }
    Ok(format!("\"{}\"", value.replace('%', "%%")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_words_stay_readable() {
        for plain in ["nginx", "/usr/bin/x", "a.b-c_d", "1000"] {
            assert_eq!(shell(plain).as_deref(), Ok(plain));
            assert_eq!(dockerfile(plain).as_deref(), Ok(plain));
        }
        assert_eq!(word("-rf"), refuse("a plain word", "-rf"));
        assert_eq!(word("a b"), refuse("a plain word", "a b"));
    }

    #[test]
    fn what_is_special_is_quoted() {
        assert_eq!(shell("it's").as_deref(), Ok(r"'it'\''s'"));
        assert_eq!(shell("").as_deref(), Ok("''"));
        assert_eq!(shell("~").as_deref(), Ok("'~'"));
        assert_eq!(shell("a=b").as_deref(), Ok("'a=b'"));
        assert_eq!(shell(r#"$a `b` "c" \d"#).as_deref(), Ok(r#""\$a \`b\` \"c\" \\d""#));
        assert_eq!(dockerfile(r#"a "b" $c \d"#).as_deref(), Ok(r#""a \"b\" \$c \\d""#));
        assert_eq!(json(&["a\"b".into(), "c".into()]).as_deref(), Ok(r#"["a\"b", "c"]"#));
        assert_eq!(sudoers("a=b,c").as_deref(), Ok(r"a\=b\,c"));
        assert_eq!(supervisor("100%").as_deref(), Ok("100%%"));
    }

    #[test]
    fn what_a_language_cannot_hold_is_refused() {
        assert!(shell("a\0b").is_err());
        assert!(dockerfile("a\nb").is_err());
        assert!(comment("a\nb").is_err());
        assert!(sudoers("a*").is_err());
        for cut in ["a ; b", "a #b", "#a", ";", "a\u{2000};"] {
            assert!(supervisor(cut).is_err(), "{cut}");
        }
        for strange in ["", "-r", "a b", "a;b", "${X}", "a#", "a@b", "a\n"] {
            assert!(pip(strange).is_err(), "{strange:?}");
        }
        for strange in ["a\"b", "a\\", "a\n"] {
            assert!(r(strange).is_err(), "{strange:?}");
        }
        assert_eq!(r("it's $x").as_deref(), Ok("\"it's $x\""));
        assert!(supervisor("a;b#c").is_ok());
        assert!(supervisor_environment("a\"b").is_err());
    }
}
