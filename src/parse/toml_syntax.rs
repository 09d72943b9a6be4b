//! What the TOML parser says, in words for people who write TOML now and then, and what to type.
//!
//! A message that is not known here is printed as it is.

use toml::de::Error;

use crate::diagnostic::{Code, Diagnostic};
use crate::source::{FileId, Span};

/// Quotes of word processors and chats, which look like those of TOML.
const CURLY: [char; 5] = ['“', '”', '„', '‘', '’'];

/// What the parser says at the beginning of its message, what we say, and what to do.
const MESSAGES: &[(&str, &str, &str)] = &[
    (
        "duplicate key",
        "the file has this key already",
        "keep one of the two, or join what they say",
    ),
    (
        "missing comma between array elements",
        "there is no comma between this and the element before it",
        "put a comma behind the element before it; if the list was to end there, close it with `]`",
    ),
    (
        "missing comma between key-value pairs",
        "there is no comma between this and the key before it",
        "put a comma before it",
    ),
    (
        "extra assignment between key-value pairs",
        "this is a second `=` after one key",
        "put a comma between the value and the next key",
    ),
    ("unclosed array", "the list does not end", "close it with `]`"),
    ("unclosed table", "the header of the table does not end", "close it with `]`"),
    ("unclosed inline table", "the table does not end", "close it with `}`"),
    (
        "invalid multi-line basic string, expected `\"`",
        "the text does not end",
        "close it with \"\"\"",
    ),
    (
        "invalid multi-line literal string, expected `'`",
        "the text does not end",
        "close it with '''",
    ),
    (
        "invalid basic string, expected `\"`",
        "the text does not end on its line",
        "close it with \"; text of several lines stands in \"\"\"",
    ),
    (
        "invalid literal string, expected `'`",
        "the text does not end on its line",
        "close it with '; text of several lines stands in '''",
    ),
    (
        "invalid basic string, expected non-double-quote",
        "text in quotes cannot hold this character",
        "write it as \\t or \\u001B, or text of several lines in \"\"\"",
    ),
    (
        "carriage return must be followed by newline",
        "the file has a carriage return without a line feed",
        "save it with the line ends of Unix or Windows",
    ),
    ("invalid date", "this is no date of TOML", "put it in quotes: \"2026-11-23\""),
    (
        "unexpected leading zero",
        "a number cannot begin with 0",
        "put it in quotes if it is no number, such as a mode: \"0755\"",
    ),
    (
        "invalid unquoted key",
        "a key without quotes has letters, digits, `-` and `_` only",
        "put the whole key in quotes, as in [files.\"/etc/tool.conf\"]",
    ),
];

/// The finding for an error of the parser.
pub(super) fn diagnostic(file: FileId, text: &str, error: &Error) -> Diagnostic {
    let range = error.span().unwrap_or(0..0);
    let before = text.get(..range.start).unwrap_or_default();
    let marked = text.get(range.clone()).unwrap_or_default();
    let rest = text.get(range.start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let (message, help) = say(error.message().trim(), before, marked, rest);
    let mut diagnostic = Diagnostic::new(Code::TomlSyntax, &Span::new(file, range), message);
    diagnostic.help = help;
    diagnostic
}

/// A message and a help for what the parser says about a place: the text before it, what is marked, and the rest of
/// its line.
fn say(said: &str, before: &str, marked: &str, rest: &str) -> (String, Option<String>) {
    let starts = |beginning: &str| said.starts_with(beginning);
    let plain = |message: &str, help: &str| (message.to_owned(), Some(help.to_owned()));
    if rest.starts_with(CURLY) {
        return plain("this is no quote of TOML", "use the straight quotes \" and '");
    }
    if rest.starts_with(|c: char| c.is_whitespace() && !c.is_ascii()) {
        return plain("this is no space of TOML, though it looks like one", "write a plain space");
    }
    if starts("string values must be quoted") || starts("invalid boolean") {
        return no_text(marked);
    }
    if starts("missing assignment") || starts("key with no value") {
        return no_value(before);
    }
    if starts("unexpected key or value") {
        let help = match rest.chars().next() {
            Some('/') => "comments begin with #",
            Some(',') => "remove the comma: each key of a table stands on a line of its own",
            _ => "begin a new line for it",
        };
        return plain("the line should end here", help);
    }
    if let Some((_, message, help)) = MESSAGES.iter().find(|(beginning, ..)| starts(beginning)) {
        return plain(message, help);
    }
    (if said.is_empty() { "this is not TOML" } else { said }.to_owned(), None)
}

/// Something that is no value.
fn no_text(marked: &str) -> (String, Option<String>) {
    let help = match marked.trim().to_ascii_lowercase().as_str() {
        "" => {
            let message = "the value is missing".to_owned();
            return (message, Some("write it after the `=`, text in quotes".to_owned()));
        }
        "yes" | "on" | "true" => "write true".to_owned(),
        "no" | "off" | "false" => "write false".to_owned(),
        _ if marked.contains(" //") => "comments begin with #".to_owned(),
        _ if marked.contains(['"', '\'']) => "put the whole text in quotes".to_owned(),
        _ => format!("put text in quotes: \"{marked}\""),
    };
    ("this is neither text in quotes nor a number, true or false".to_owned(), Some(help))
}

/// A key without `=`; `before` ends with it.
fn no_value(before: &str) -> (String, Option<String>) {
    let line = before.lines().next_back().unwrap_or_default();
    let key = line.rsplit(['{', ',']).next().unwrap_or(line).trim();
    let help = match key.strip_suffix(':') {
        Some(key) => format!("TOML has `=` in the place of `:`: {key} = …"),
        None => format!("write {key} = and its value; a key with a space in it stands in quotes"),
    };
    ("there is no `=` after the key".to_owned(), Some(help))
}

#[cfg(test)]
mod tests {
    use toml::de::DeTable;

    use super::say;

    /// What we say about the first mistake of a text.
    fn first(text: &str) -> String {
        let (_, errors) = DeTable::parse_recoverable(text);
        let error = errors.first().unwrap();
        let range = error.span().unwrap();
        let rest = text[range.start..].lines().next().unwrap_or_default();
        let (message, help) =
            say(error.message(), &text[..range.start], &text[range.clone()], rest);
        format!("{message}; {}", help.unwrap_or_default())
    }

    #[test]
    fn slips_are_named_with_what_to_type() {
        for (text, part) in [
            ("a = 1\na = 2\n", "this key already"),
            ("a = [\"x\" \"y\"]\n", "put a comma behind"),
            ("a = [\"x\"\nb = 1\n", "close it with `]`"),
            ("a = { b = \"x\" c = 2 }\n", "put a comma before it"),
            ("a = { b = 1 c = 2 }\n", "put a comma between"),
            ("a = [\"x\"\n", "the list does not end"),
            ("[a\nb = 1\n", "the header of the table does not end"),
            ("a = \"x\nb = 1\n", "the text does not end on its line"),
            ("a = 'x\nb = 1\n", "the text does not end on its line"),
            ("a = \"\"\"x\n", "close it with \"\"\""),
            ("a = 0755\n", "put it in quotes"),
            ("a = 2026-1-1\n", "put it in quotes"),
            ("[files./etc/a]\n", "put the whole key in quotes"),
            ("a = /etc/a\n", "put text in quotes: \"/etc/a\""),
            ("a = yes\n", "write true"),
            ("a = False\n", "write false"),
            ("a =\n", "the value is missing"),
            ("a: 1\n", "in the place of `:`: a = …"),
            ("a 1\n", "write a = and its value"),
            ("a = 1 // one\n", "comments begin with #"),
            ("a = \"x\" // one\n", "comments begin with #"),
            ("a = \"x\",\n", "remove the comma"),
            ("a = \"x\" b = 2\n", "begin a new line"),
            ("a = “x”\n", "use the straight quotes"),
            ("\u{a0}a = 1\n", "write a plain space"),
            ("a = \"\u{1}\"\n", "cannot hold this character"),
            ("a = 1\rb = 2\r", "line ends of Unix or Windows"),
        ] {
            let said = first(text);
            assert!(said.contains(part), "{text:?}: {said}");
        }
    }
}
