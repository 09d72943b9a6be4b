//! Values that come, or come in the place of others.

use toml::Value;
use toml_edit::{Array, Document, InlineTable, Item, Table};

use super::Replacement;
use super::place::{
    Place, comma_after, end_of_all, end_of_body, find, line_start, newline, next_line,
};
use super::write::{key, keys, readable, value as one_line};

type Found = Option<Vec<Replacement>>;

/// Elements at the end of a list.
pub(super) fn push(
    text: &str,
    document: &Document<&str>,
    path: &[String],
    values: &[Value],
) -> Found {
    match find(document.as_item(), path) {
        Place::Missing(..) => set(text, document, path, &Value::Array(values.to_vec())),
        Place::Found(item) => at_end_of_list(text, item.as_array()?, values),
    }
}

fn at_end_of_list(text: &str, list: &Array, values: &[Value]) -> Found {
    let span = list.span()?;
    let words: Vec<String> = values.iter().map(one_line).collect();
    let Some(last) = list.iter().last() else {
        let at = span.start + 1;
        return Some(vec![Replacement { range: at..at, text: words.join(", ") }]);
    };
    let last = last.span()?;
    let line = line_start(text, last.start);
    let indent = text.get(line..last.start)?;
    // The last element shares its line with others, or with the bracket.
    if line <= span.start || !indent.trim().is_empty() {
        let text = format!(", {}", words.join(", "));
        return Some(vec![Replacement { range: last.end..last.end, text }]);
    }
    let comma = comma_after(text, last.end..span.end - 1);
    let at = next_line(text, comma.unwrap_or(last.end));
    if at > span.end {
        // The bracket is on the line of the last element.
        let between = format!(",{}{indent}", newline(text));
        let text = format!("{between}{}", words.join(&between));
        return Some(vec![Replacement { range: last.end..last.end, text }]);
    }
    let lines: Vec<String> = words.iter().map(|word| format!("{indent}{word}")).collect();
    let end = if comma.is_some() { "," } else { "" };
    let lines = lines.join(&format!(",{}", newline(text)));
    let mut found = Vec::new();
    if comma.is_none() {
        found.push(Replacement { range: last.end..last.end, text: ",".to_owned() });
    }
    found.push(Replacement { range: at..at, text: format!("{lines}{end}{}", newline(text)) });
    Some(found)
}

/// A value under a key.
pub(super) fn set(text: &str, document: &Document<&str>, path: &[String], value: &Value) -> Found {
    let (depth, above) = match find(document.as_item(), path) {
        Place::Found(Item::Value(old)) => {
            let text = readable(value, newline(text));
            return Some(vec![Replacement { range: old.span()?, text }]);
        }
        Place::Found(_) => return None,
        Place::Missing(depth, above) => (depth, above),
    };
    let rest = path.get(depth..)?;
    match above {
        Item::Value(toml_edit::Value::InlineTable(table)) => in_inline(table, rest, value),
        Item::Table(table) => in_table(text, document, table, (path, depth), value),
        _ => None,
    }
}

/// A table with its values in their order.
pub(super) fn add(
    text: &str,
    document: &Document<&str>,
    path: &[String],
    entries: &[(String, Value)],
) -> Found {
    let Place::Missing(depth, above) = find(document.as_item(), path) else { return None };
    match above {
        Item::Value(toml_edit::Value::InlineTable(table)) => {
            let value = Value::Table(entries.iter().cloned().collect());
            in_inline(table, path.get(depth..)?, &value)
        }
        Item::Table(table) if !table.is_dotted() => {
            let entries = entries.iter().map(|(name, value)| (name, value));
            Some(vec![block(text, document, path, entries)?])
        }
        _ => None,
    }
}

fn in_inline(table: &InlineTable, rest: &[String], value: &Value) -> Found {
    let entry = format!("{} = {}", keys(rest), one_line(value));
    let ends = table.iter().filter_map(|(_, value)| Some(value.span()?.end));
    let (at, text) = match ends.max() {
        Some(last) => (last, format!(", {entry}")),
        None => (table.span()?.start + 1, format!(" {entry} ")),
    };
    Some(vec![Replacement { range: at..at, text }])
}

/// In a table that can have a header: a line of its own, or a table below it with a header.
fn in_table(
    text: &str,
    document: &Document<&str>,
    table: &Table,
    (path, depth): (&[String], usize),
    value: &Value,
) -> Found {
    if table.is_dotted() {
        return None;
    }
    let newline = newline(text);
    let is_root = depth == 0;
    let rest = path.get(depth..)?;
    let has_body = is_root || !table.is_implicit();
    if let ([name], true) = (rest, has_body && !value.is_table()) {
        let line = format!("{} = {}", key(name), readable(value, newline));
        // Comments before the first header are about what stands below it.
        let is_headed =
            is_root && !table.is_empty() && table.iter().all(|(_, item)| item.is_table());
        let end = end_of_body(table).filter(|_| !is_headed);
        let at = end.map_or_else(|| start(text), |end| next_line(text, end));
        return Some(vec![whole_lines(text, at, &format!("{line}{newline}"))]);
    }
    let block = match value {
        Value::Table(entries) => block(text, document, path, entries.iter()),
        value => {
            let (name, above) = path.split_last()?;
            block(text, document, above, std::iter::once((name, value)))
        }
    };
    Some(vec![block?])
}

/// A table with a header of its own, behind its brothers and sisters, else at the end.
fn block<'a>(
    text: &str,
    document: &Document<&str>,
    path: &[String],
    entries: impl Iterator<Item = (&'a String, &'a Value)>,
) -> Option<Replacement> {
    let newline = newline(text);
    let line = |(name, value): (&String, &Value)| {
        format!("{} = {}{newline}", key(name), readable(value, newline))
    };
    let entries: String = entries.map(line).collect();
    let block = format!("{newline}[{}]{newline}{entries}", keys(path));
    let end = document.as_table().get(path.first()?).and_then(end_of_all);
    let at = end.map_or(text.len(), |end| next_line(text, end));
    Some(whole_lines(text, at, &block))
}

/// Where the text of a file begins, behind the mark of its encoding.
fn start(text: &str) -> usize {
    if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 }
}

/// Lines at the beginning of a line; where the text ends without a line end, it gets one.
fn whole_lines(text: &str, at: usize, lines: &str) -> Replacement {
    let is_at_start = at == start(text) || text.get(..at).is_some_and(|text| text.ends_with('\n'));
    let ended = if is_at_start { "" } else { newline(text) };
    Replacement { range: at..at, text: format!("{ended}{lines}") }
}
