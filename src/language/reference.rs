//! The language as Markdown: a table of keys for each table of the spec.

use super::{COMPONENT, Default, EXPERIMENTS, Key, Rule, STACK, Table, Type};

/// The reference of all files of the language.
pub fn all() -> String {
    format!(
        "### stack.toml\n\n{}### components/&lt;name&gt;.toml\n\n{}### dev/&lt;image&gt;.toml\n\n{}",
        of(STACK, "stack.toml", 4),
        of(COMPONENT, "A component", 4),
        of(EXPERIMENTS, "The experiments of an image", 4)
    )
    .trim_end()
    .to_owned()
        + "\n"
}

/// The reference of a file: a heading and a table of keys for each of its tables. `level` is the number of `#` of
/// the headings.
pub fn of(file: &'static Table, file_name: &str, level: usize) -> String {
    let mut parts = Vec::new();
    for table in file.all() {
        let heading = if table.name.is_empty() {
            format!("{file_name}, at the top")
        } else {
            format!("`[{}]`", table.name)
        };
        parts.push(format!("{} {heading}\n\n{}\n\n", "#".repeat(level), table.about));
        parts.push("| key | takes | default | meaning |\n|---|---|---|---|\n".to_owned());
        parts.extend(table.keys.iter().map(|key| row(key, "")));
        parts.extend(table.overlay.iter().map(|key| row(key, "In a variant only: ")));
        parts.push("\n".to_owned());
        parts.extend(table.rules.iter().map(|rule| rule_text(*rule)));
    }
    parts.concat()
}

fn row(key: &Key, prefix: &str) -> String {
    let default = match key.default {
        Default::Required => "required".to_owned(),
        Default::Nothing => String::new(),
        Default::Value(value) => format!("`{value}`"),
        Default::Described(description) => description.to_owned(),
    };
    let example = if key.example.is_empty() {
        String::new()
    } else {
        format!(" `{} = {}`", key.name, key.example)
    };
    let cells = [
        format!("`{}`", key.name),
        takes(key.value),
        default,
        format!("{prefix}{}{example}", key.about),
    ];
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    format!("| {} |\n", cells.join(" | "))
}

fn takes(value: Type) -> String {
    match value {
        Type::Text => "string".to_owned(),
        Type::OneOf(choices) => words(choices, "or", "\""),
        Type::Integer(_, i64::MAX) => "whole number".to_owned(),
        Type::Integer(least, most) => format!("{least} to {most}"),
        Type::Flag => "true or false".to_owned(),
        Type::Texts => "strings".to_owned(),
        Type::Integers(least, most) => format!("list of {least} to {most}"),
        Type::TextOrTexts => "string or strings".to_owned(),
        Type::TextMap(key) => format!("string by {key}"),
        Type::TextsMap(key) => format!("strings by {key}"),
        Type::Prose => "string, or string by language".to_owned(),
        Type::Words => "strings, or strings by language".to_owned(),
        Type::ByArchitecture => "string, or string by architecture".to_owned(),
        Type::Overlays(below) if below.name.is_empty() => "the file's tables by variant".to_owned(),
        Type::Table(below) | Type::Tables(_, below) | Type::Overlays(below) => {
            format!("`[{}]`", below.name)
        }
    }
}

fn rule_text(rule: Rule) -> String {
    match rule {
        Rule::One(keys) => format!("Exactly one of {}.\n\n", words(keys, "and", "")),
        Rule::OneAtMost(keys) => format!("At most one of {}.\n\n", words(keys, "and", "")),
    }
}

/// `a`, `b` and `c`
fn words(words: &[&str], last: &str, quote: &str) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{quote}{word}{quote}`")).collect();
    match words.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}
