//! `exec` of a shortcut: a command line as the Desktop Entry Specification 1.5 has it ("the Exec key"), without the
//! escapes of its file format.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::Spanned;

/// Characters that stand in double quotes only.
const RESERVED: &str = "\t\n'\\><~|&;$*?#()`";

/// Characters that take a backslash in double quotes.
const ESCAPED: &[char] = &['"', '`', '$', '\\'];

/// Program and arguments. Field codes and `%%` stay as they are.
pub(super) fn parse(written: &Spanned<String>, found: &mut Diagnostics) -> Option<Vec<String>> {
    let read = split(&written.value).and_then(|words| {
        field_codes(&words)?;
        program(&words)?;
        Ok(words.into_iter().map(|word| word.text).collect())
    });
    read.map_err(|(message, help)| {
        found.push(Diagnostic::new(Code::BadExec, &written.span, message).help(help));
    })
    .ok()
}

/// What is wrong, and what to do.
type Problem = (String, String);

struct Word {
    text: String,
    quoted: bool,
}

fn problem<T>(message: impl Into<String>, help: impl Into<String>) -> Result<T, Problem> {
    Err((message.into(), help.into()))
}

fn split(text: &str) -> Result<Vec<Word>, Problem> {
    let mut words = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(' ');
        if rest.is_empty() {
            return Ok(words);
        }
        let (word, after) = match rest.strip_prefix('"') {
            Some(inside) => quoted(inside)?,
            None => plain(rest)?,
        };
        words.push(word);
        rest = after;
    }
}

fn plain(text: &str) -> Result<(Word, &str), Problem> {
    let (word, rest) = text.split_at(text.find(' ').unwrap_or(text.len()));
    if let Some(bad) = word.chars().find(|&c| c == '"' || RESERVED.contains(c) || c.is_control()) {
        return problem(
            format!("{word:?} contains {bad:?}, which only stands in double quotes"),
            "put the whole argument in double quotes, with a backslash before `\"`, '`', `$` and `\\`",
        );
    }
    Ok((Word { text: word.to_owned(), quoted: false }, rest))
}

fn quoted(inside: &str) -> Result<(Word, &str), Problem> {
    let mut text = String::new();
    let mut characters = inside.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => {
                let rest = &inside[at + 1..];
                if !rest.is_empty() && !rest.starts_with(' ') {
                    return problem(
                        "quotes enclose a whole argument, not a part of it",
                        "move the opening quote to the beginning of the argument",
                    );
                }
                return Ok((Word { text, quoted: true }, rest));
            }
            '\\' => match characters.next() {
                Some((_, escaped)) if ESCAPED.contains(&escaped) => text.push(escaped),
                _ => {
                    return problem(
                        "a backslash in quotes escapes nothing here",
                        "write `\\\\` for a backslash",
                    );
                }
            },
            '$' | '`' => {
                return problem(
                    format!("{c:?} in quotes has no backslash before it"),
                    format!("no shell reads this; write `\\{c}` for the character itself"),
                );
            }
            c if c.is_control() => {
                return problem(
                    format!("the command contains the control character {c:?}"),
                    "put the command into a script among the component's [files]",
                );
            }
            other => text.push(other),
        }
    }
    problem("a double quote is never closed", "add the closing quote")
}

fn field_codes(words: &[Word]) -> Result<(), Problem> {
    const KNOWN: &str = "%f, %F, %u, %U, %i, %c and %k; write %% for a percent sign";
    let mut files = 0;
    for word in words {
        let mut characters = word.text.chars();
        while let Some(c) = characters.next() {
            if c != '%' {
                continue;
            }
            let code = match characters.next() {
                Some('%') => continue,
                Some(code @ ('f' | 'F' | 'u' | 'U' | 'i' | 'c' | 'k')) => code,
                Some(old @ ('d' | 'D' | 'n' | 'N' | 'v' | 'm')) => {
                    return problem(
                        format!("the field code %{old} is deprecated"),
                        format!("known: {KNOWN}"),
                    );
                }
                Some(other) => {
                    return problem(
                        format!("there is no field code %{other}"),
                        format!("known: {KNOWN}"),
                    );
                }
                None => {
                    return problem("a % at the end is no field code", format!("known: {KNOWN}"));
                }
            };
            if word.quoted {
                return problem(
                    format!("the field code %{code} stands in quotes, where it means nothing"),
                    "give it as an argument of its own",
                );
            }
            if matches!(code, 'F' | 'U' | 'i') && word.text.chars().count() != 2 {
                return problem(
                    format!("the field code %{code} becomes several arguments, so it stands alone"),
                    "give it as an argument of its own",
                );
            }
            files += usize::from("fFuU".contains(code));
        }
    }
    if files > 1 {
        return problem("only one of %f, %F, %u and %U can be there", "keep one of them");
    }
    Ok(())
}

fn program(words: &[Word]) -> Result<(), Problem> {
    let Some(program) = words.first().filter(|word| !word.text.is_empty()) else {
        return problem("the command names no program", "write exec = \"/usr/bin/… %F\"");
    };
    if program.text.contains(['=', '%']) {
        return problem(
            format!(
                "the program {:?} contains `=` or `%`, which programs here cannot",
                program.text
            ),
            "put the command into a script among the component's [files]",
        );
    }
    if program.text.contains('/') && !program.text.starts_with('/') {
        return problem(
            format!("the program {:?} is a relative path", program.text),
            "give an absolute path, or a name that is found in PATH",
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Vec<String>> {
        let words = split(text).ok()?;
        field_codes(&words).ok()?;
        program(&words).ok()?;
        Some(words.into_iter().map(|word| word.text).collect())
    }

    #[test]
    fn programs_and_arguments_are_told_apart() {
        let read = |text| read(text).map(|words| words.join("|"));
        assert_eq!(read("/usr/bin/qgis %F").as_deref(), Some("/usr/bin/qgis|%F"));
        assert_eq!(read("  a   b=%f ").as_deref(), Some("a|b=%f"));
        assert_eq!(read(r#"a "b c" "" "\"\$\`\\" 100%%"#).as_deref(), Some("a|b c||\"$`\\|100%%"));
    }

    #[test]
    fn what_desktops_do_not_read_is_refused() {
        for bad in [
            "",
            " ",
            "\"\"",
            "a 'b'",
            "a b;c",
            "a $HOME",
            "a \"$HOME\"",
            "a \"b",
            "a \"b\"c",
            "a b\"c\"",
            r#"a "\n""#,
            "a %",
            "a %x",
            "a %d",
            "a %f %u",
            "a x%F",
            "a \"%f\"",
            "./a",
            "a/b",
            "a=b c",
            "%f",
            "a\tb",
            "a \"\t\"",
            "a ~/b",
            "a\nb",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
