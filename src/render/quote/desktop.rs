//! Desktop entries (Desktop Entry Specification 1.5: "possible value types", "the Exec key").

use super::{Quoted, refuse};

/// A value of the types string, localestring and iconstring.
pub fn string(value: &str) -> Quoted {
    if value.contains('\0') || value.chars().any(|c| c.is_control() && !"\n\t\r".contains(c)) {
        return refuse("a desktop entry", value);
    }
    let mut quoted = String::with_capacity(value.len());
    for (index, c) in value.chars().enumerate() {
        match c {
            '\\' => quoted.push_str(r"\\"),
            '\n' => quoted.push_str(r"\n"),
            '\t' => quoted.push_str(r"\t"),
            '\r' => quoted.push_str(r"\r"),
            // Readers drop spaces around the value.
            ' ' if index == 0 || index + 1 == value.chars().count() => quoted.push_str(r"\s"),
            other => quoted.push(other),
        }
    }
    Ok(quoted)
}

/// A value of a list type, with a semicolon behind each element.
pub fn list(values: &[String]) -> Quoted {
    let mut quoted = String::new();
    for value in values {
        quoted.push_str(&string(value)?.replace(';', r"\;"));
        quoted.push(';');
    }
    Ok(quoted)
}

/// Characters that an argument of Exec may only hold in double quotes.
const RESERVED: &str = " \t\n\"'\\><~|&;$*?#()`";

/// A value of Exec: a program and its arguments, in which field codes and `%%` stay as they are. Field codes in an
/// argument that needs quotes are undefined there, so they are refused.
pub fn exec(arguments: &[String]) -> Quoted {
    let mut command = String::new();
    for argument in arguments {
        if !command.is_empty() {
            command.push(' ');
        }
        if !argument.is_empty() && !argument.contains(|c| RESERVED.contains(c)) {
            command.push_str(argument);
            continue;
        }
        if argument.replace("%%", "").contains('%') {
            return refuse("a quoted argument of a desktop entry", argument);
        }
        command.push('"');
        for c in argument.chars() {
            if matches!(c, '"' | '`' | '$' | '\\') {
                command.push('\\');
            }
            command.push(c);
        }
        command.push('"');
    }
    // The rules of strings are applied first when it is read.
    string(&command)
}
