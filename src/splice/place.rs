//! Where in a text the tables and values of a document stand, and the lines around them.

use std::ops::Range;

use toml_edit::{Item, Table, TableLike, Value};

/// What the keys of a path lead to.
pub(super) enum Place<'document> {
    /// All of them: an item.
    Found(&'document Item),
    /// Only so many of them: the innermost item that is there.
    Missing(usize, &'document Item),
}

/// Follows keys as far as they lead.
pub(super) fn find<'document>(root: &'document Item, path: &[String]) -> Place<'document> {
    let mut at = root;
    for (depth, key) in path.iter().enumerate() {
        match at.as_table_like().and_then(|table| table.get(key)) {
            Some(below) => at = below,
            None => return Place::Missing(depth, at),
        }
    }
    Place::Found(at)
}

/// Whether a table, or one below it, has the value at some bytes; its keys are appended to the path.
pub(super) fn way_to(table: &dyn TableLike, range: &Range<usize>, path: &mut Vec<String>) -> bool {
    for (key, item) in table.iter() {
        path.push(key.to_owned());
        let is_it = item.as_value().and_then(Value::span).is_some_and(|span| span == *range);
        if is_it || item.as_table_like().is_some_and(|below| way_to(below, range, path)) {
            return true;
        }
        path.pop();
    }
    false
}

/// The end of what stands below a table's own header: of its values, also under dotted keys, but not of tables that
/// have headers of their own.
pub(super) fn end_of_body(table: &Table) -> Option<usize> {
    let header = table.span().filter(|_| !table.is_dotted()).map(|span| span.end);
    table.iter().filter_map(|(_, item)| end_of_value(item)).chain(header).max()
}

fn end_of_value(item: &Item) -> Option<usize> {
    match item {
        Item::Value(value) => value_end(value),
        Item::Table(table) if table.is_dotted() => end_of_body(table),
        _ => None,
    }
}

fn value_end(value: &Value) -> Option<usize> {
    match value {
        // A table under dotted keys is a span of its keys only.
        Value::InlineTable(table) if table.is_dotted() => {
            table.iter().filter_map(|(_, value)| value_end(value)).max()
        }
        value => value.span().map(|span| span.end),
    }
}

/// The end of a table and of all tables below it.
pub(super) fn end_of_all(item: &Item) -> Option<usize> {
    match item {
        Item::Table(table) => {
            let below = table.iter().filter_map(|(_, item)| end_of_all(item));
            below.chain(end_of_body(table)).max()
        }
        item => end_of_value(item),
    }
}

/// Every table with a header of its own among an item and what is below it.
pub(super) fn headed<'document>(item: &'document Item, found: &mut Vec<&'document Table>) {
    let Item::Table(table) = item else { return };
    if !table.is_implicit() && !table.is_dotted() {
        found.push(table);
    }
    for (_, below) in table {
        headed(below, found);
    }
}

/// Where the line of a byte begins.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1)
}

/// Where the line after that of a byte begins, or the text ends.
pub(super) fn next_line(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len(), |newline| at + newline + 1)
}

/// The comment lines right above a line, with the line.
pub(super) fn with_comments(text: &str, line: usize) -> usize {
    let mut start = line;
    while start > 0 {
        let above = line_start(text, start - 1);
        let is_comment = text.get(above..start).is_some_and(|line| line.trim().starts_with('#'));
        if !is_comment {
            break;
        }
        start = above;
    }
    start
}

/// How lines end in a text: as its first one does.
pub(super) fn newline(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text.get(..at).is_some_and(|line| line.ends_with('\r')) => "\r\n",
        _ => "\n",
    }
}

/// What stands between a value and the next comma or the end of its list: how far the comma is, if there is one.
pub(super) fn comma_after(text: &str, range: Range<usize>) -> Option<usize> {
    let mut in_comment = false;
    for (offset, character) in text.get(range.clone())?.char_indices() {
        match character {
            '\n' => in_comment = false,
            '#' => in_comment = true,
            ',' if !in_comment => return Some(range.start + offset),
            _ => {}
        }
    }
    None
}
