//! Values that go.

use std::ops::Range;

use toml::Value;
use toml_edit::{Document, InlineTable, Item, Table};

use super::Replacement;
use super::place::{
    Place, comma_after, end_of_all, end_of_body, find, headed, line_start, next_line, with_comments,
};

type Found = Option<Vec<Replacement>>;

fn gone(range: Range<usize>) -> Replacement {
    Replacement { range, text: String::new() }
}

/// An element of a list.
pub(super) fn element(
    text: &str,
    document: &Document<&str>,
    path: &[String],
    value: &Value,
) -> Found {
    let Place::Found(item) = find(document.as_item(), path) else { return None };
    let list = item.as_array()?;
    let is_it = |element: &&toml_edit::Value| {
        let text = element.span().and_then(|span| text.get(span)).unwrap_or_default();
        let parsed: Option<toml::Table> = toml::from_str(&format!("value = {text}")).ok();
        parsed.is_some_and(|table| table.get("value") == Some(value))
    };
    let spans: Vec<Range<usize>> =
        list.iter().map(toml_edit::Value::span).collect::<Option<_>>()?;
    let position = list.iter().position(|element| is_it(&element))?;
    item_of(text, &spans, position, list.span()?)
}

/// One of several things between commas.
fn item_of(text: &str, spans: &[Range<usize>], position: usize, all: Range<usize>) -> Found {
    let own = spans.get(position)?.clone();
    let comma =
        comma_after(text, own.end..spans.get(position + 1).map_or(all.end - 1, |next| next.start));
    let line = line_start(text, own.start);
    let rest = text.get(comma.map_or(own.end, |comma| comma + 1)..next_line(text, own.end))?;
    let is_alone = line > all.start
        && text.get(line..own.start)?.trim().is_empty()
        && (rest.trim().is_empty() || rest.trim_start().starts_with('#'))
        && comma.is_none_or(|comma| comma < next_line(text, own.end))
        && next_line(text, own.end) < all.end;
    let mut found = Vec::new();
    if is_alone {
        if comma.is_none() && position > 0 {
            // The one before it is the last one now, and needs no comma any more.
            let before = spans.get(position - 1)?;
            let comma = comma_after(text, before.end..own.start)?;
            found.push(gone(comma..comma + 1));
        }
        found.push(gone(line..next_line(text, own.end)));
    } else if let (Some(comma), Some(next)) = (comma, spans.get(position + 1)) {
        // Up to the next one, if nothing but blanks is between them.
        let blank = text.get(comma + 1..next.start)?.trim_matches(' ').is_empty();
        found.push(gone(own.start..if blank { next.start } else { comma + 1 }));
    } else if position > 0 {
        found.push(gone(spans.get(position - 1)?.end..own.end));
    } else {
        found.push(gone(own.start..comma.map_or(own.end, |comma| comma + 1)));
    }
    Some(found)
}

/// A key with its value, or a table with all that is below it.
pub(super) fn key(text: &str, document: &Document<&str>, path: &[String]) -> Found {
    let (last, above) = path.split_last()?;
    let Place::Found(item) = find(document.as_item(), path) else { return None };
    let Place::Found(parent) = find(document.as_item(), above) else { return None };
    match (parent, item) {
        (Item::Value(toml_edit::Value::InlineTable(parent)), _) => inline(text, parent, last),
        (Item::Table(parent), Item::Value(_)) => line(text, parent, last),
        (_, Item::Table(table)) => Some(blocks(text, table, item)),
        _ => None,
    }
}

fn inline(text: &str, table: &InlineTable, name: &str) -> Found {
    let mut spans = Vec::new();
    for (key, value) in table {
        let start = table.key(key)?.span()?.start;
        spans.push((key, start..value.span()?.end));
    }
    spans.sort_by_key(|(_, span)| span.start);
    let position = spans.iter().position(|(key, _)| *key == name)?;
    let spans: Vec<Range<usize>> = spans.into_iter().map(|(_, span)| span).collect();
    item_of(text, &spans, position, table.span()?)
}

/// A line `key = value`.
fn line(text: &str, table: &Table, name: &str) -> Found {
    let (key, item) = table.get_key_value(name)?;
    let end = end_of_all(item)?;
    Some(vec![gone(line_start(text, key.span()?.start)..next_line(text, end))])
}

/// The headers of a table and of those below it, each with its lines and the comments right above it.
fn blocks(text: &str, table: &Table, item: &Item) -> Vec<Replacement> {
    let mut tables = Vec::new();
    headed(item, &mut tables);
    let mut found = Vec::new();
    if table.is_dotted() {
        let starts = table.iter().filter_map(|(key, _)| table.key(key)?.span());
        let start = starts.map(|span| span.start).min();
        if let (Some(start), Some(end)) = (start, end_of_body(table)) {
            found.push(gone(line_start(text, start)..next_line(text, end)));
        }
    }
    for table in tables {
        let (Some(header), Some(end)) = (table.span(), end_of_body(table)) else { continue };
        let mut start = with_comments(text, line_start(text, header.start));
        // The blank line that set it apart goes along.
        let above = line_start(text, start.saturating_sub(1));
        if start > 0 && text.get(above..start).is_some_and(|line| line.trim().is_empty()) {
            start = above;
        }
        found.push(gone(start..next_line(text, end)));
    }
    found
}
