//! Reads a TOML table key by key, and reports everything that does not fit.
//!
//! serde stops at the first error, and its spans do not survive some shapes; users deserve all
//! mistakes of a file at once. So each table is read through a [`Table`], which knows the keys that
//! were asked for; [`Table::finish`] reports the rest as unknown.

mod entries;
mod lists;

use std::cell::Cell;

use toml::Spanned as TomlSpanned;
use toml::de::{DeTable, DeValue};

use super::wrong_type;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, suggest};
use crate::source::{FileId, Span, Spanned};

/// For whom a file is read: a list may hold values by variant.
#[derive(Debug)]
pub(super) struct Reader {
    pub(super) file: FileId,
    /// The variant that values are chosen for.
    pub(super) variant: String,
    /// Every variant, the default one first.
    pub(super) variants: Vec<String>,
    /// Whether something in the file was different for another variant.
    pub(super) depends: Cell<bool>,
}

impl Reader {
    /// Reports a name that is no variant's.
    pub(super) fn known_variant(&self, key: &Spanned<String>, found: &mut Diagnostics) {
        if self.variants.contains(&key.value) {
            return;
        }
        let message = format!("there is no variant `{key}`");
        let mut diagnostic = Diagnostic::new(Code::UnknownVariant, &key.span, message)
            .presumes(&["variants", "default-variant"]);
        diagnostic.help = suggest::help(&key.value, self.variants.iter().map(String::as_str));
        found.push(diagnostic);
    }
}

/// A table that is being read.
pub(super) struct Table<'input> {
    reader: &'input Reader,
    /// How messages call it, for example `[downloads.tini]`.
    name: String,
    span: Span,
    entries: Vec<(Spanned<String>, TomlSpanned<DeValue<'input>>)>,
    known: Vec<&'static str>,
}

/// A value with the key that it was written under.
type Taken<'input> = (Span, TomlSpanned<DeValue<'input>>);

impl<'input> Table<'input> {
    pub(super) fn new(
        reader: &'input Reader,
        name: &str,
        span: Span,
        table: DeTable<'input>,
    ) -> Self {
        let file = reader.file;
        let mut entries: Vec<_> = table
            .into_iter()
            .map(|(key, value)| {
                let span = Span::new(file, key.span());
                (Spanned::new(key.into_inner().into_owned(), span), value)
            })
            .collect();
        entries.sort_by_key(|(key, _)| key.span.start);
        Self { reader, name: name.to_owned(), span, entries, known: Vec::new() }
    }

    /// Where the table stands: its header or key.
    pub(super) fn span(&self) -> Span {
        self.span.clone()
    }

    fn take(&mut self, key: &'static str) -> Option<Taken<'input>> {
        self.known.push(key);
        #[cfg(test)]
        record(&self.name, &[key]);
        let index = self.entries.iter().position(|(candidate, _)| candidate.value == key)?;
        let (key, value) = self.entries.remove(index);
        Some((key.span, value))
    }

    fn wrong(
        &self,
        value: &TomlSpanned<DeValue<'_>>,
        key: &str,
        wanted: &str,
        found: &mut Diagnostics,
    ) {
        let what = format!("`{key}` of {}", self.name);
        let mut diagnostic = wrong_type::diagnostic(self.reader.file, value, &what, wanted);
        diagnostic.help = wrong_type::help(value.get_ref(), wanted)
            .map(|help| help.of_key(&wrong_type::key(key)));
        found.push(diagnostic);
        found.lose(self.reader.file, key);
    }

    /// The same for an element of the list `key`.
    fn wrong_element(
        &self,
        value: &TomlSpanned<DeValue<'_>>,
        key: &str,
        (list, element): (&str, &str),
        found: &mut Diagnostics,
    ) {
        let what = format!("`{key}` of {}", self.name);
        let mut diagnostic = wrong_type::diagnostic(self.reader.file, value, &what, list);
        diagnostic.help =
            wrong_type::help(value.get_ref(), element).map(wrong_type::Help::of_element);
        found.push(diagnostic);
        found.lose(self.reader.file, key);
    }

    pub(super) fn string(
        &mut self,
        key: &'static str,
        found: &mut Diagnostics,
    ) -> Option<Spanned<String>> {
        let (_, value) = self.take(key)?;
        let string = as_string(self.reader.file, &value);
        if string.is_none() {
            self.wrong(&value, key, "a string", found);
        }
        string
    }

    pub(super) fn integer(
        &mut self,
        key: &'static str,
        found: &mut Diagnostics,
    ) -> Option<Spanned<i64>> {
        let (_, value) = self.take(key)?;
        let span = Span::new(self.reader.file, value.span());
        let integer = value
            .get_ref()
            .as_integer()
            .and_then(|number| i64::from_str_radix(number.as_str(), number.radix()).ok());
        if integer.is_none() {
            self.wrong(&value, key, "an integer", found);
        }
        integer.map(|integer| Spanned::new(integer, span))
    }

    /// A whole or decimal number.
    pub(super) fn number(
        &mut self,
        key: &'static str,
        found: &mut Diagnostics,
    ) -> Option<Spanned<f64>> {
        let (_, value) = self.take(key)?;
        let digits = match value.get_ref() {
            DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str()),
            DeValue::Float(number) => Some(number.as_str()),
            _ => None,
        };
        let number = digits.and_then(|digits| digits.parse::<f64>().ok());
        if number.is_none() {
            self.wrong(&value, key, "a number", found);
        }
        number.map(|number| Spanned::new(number, Span::new(self.reader.file, value.span())))
    }

    pub(super) fn boolean(
        &mut self,
        key: &'static str,
        found: &mut Diagnostics,
    ) -> Option<Spanned<bool>> {
        let (_, value) = self.take(key)?;
        let boolean = value.get_ref().as_bool();
        if boolean.is_none() {
            self.wrong(&value, key, "true or false", found);
        }
        boolean.map(|boolean| Spanned::new(boolean, Span::new(self.reader.file, value.span())))
    }

    pub(super) fn table(&mut self, key: &'static str, found: &mut Diagnostics) -> Option<Self> {
        let (key_span, value) = self.take(key)?;
        let name = child_name(&self.name, key);
        self.enter(&name, key_span, value, found)
    }

    /// A value that may be a string or a table: `Ok` the string, `Err` the table.
    pub(super) fn string_or_table(
        &mut self,
        key: &'static str,
        found: &mut Diagnostics,
    ) -> Option<Result<Spanned<String>, Self>> {
        let (key_span, value) = self.take(key)?;
        if let Some(string) = as_string(self.reader.file, &value) {
            return Some(Ok(string));
        }
        if !value.get_ref().is_table() {
            self.wrong(&value, key, "a string or a table", found);
            return None;
        }
        let name = child_name(&self.name, key);
        self.enter(&name, key_span, value, found).map(Err)
    }

    /// A string or a list of strings, as a list.
    pub(super) fn string_or_strings(
        &mut self,
        key: &'static str,
        found: &mut Diagnostics,
    ) -> Option<Vec<Spanned<String>>> {
        let position = self.entries.iter().position(|(candidate, _)| candidate.value == key);
        let is_string = position
            .and_then(|at| self.entries.get(at))
            .is_some_and(|(_, value)| value.get_ref().is_str());
        if is_string {
            return self.string(key, found).map(|string| vec![string]);
        }
        self.spanned_strings(key, found).map(|list| list.value)
    }

    fn enter(
        &self,
        name: &str,
        key_span: Span,
        value: TomlSpanned<DeValue<'input>>,
        found: &mut Diagnostics,
    ) -> Option<Self> {
        if !value.get_ref().is_table() {
            found.push(wrong_type::not_a_table(self.reader.file, &value, name));
            found.lose(self.reader.file, wrong_type::last_key(name));
            return None;
        }
        let DeValue::Table(table) = value.into_inner() else { return None };
        Some(Self::new(self.reader, name, key_span, table))
    }

    /// A table whose keys the user chooses and whose values are strings.
    pub(super) fn string_map(
        &mut self,
        key: &'static str,
        found: &mut Diagnostics,
    ) -> Vec<(Spanned<String>, Spanned<String>)> {
        self.table(key, found).map(|table| table.into_string_map(found)).unwrap_or_default()
    }

    /// Keys that were read before, for the suggestions of [`Table::finish`].
    pub(super) fn knows(&mut self, keys: &[&'static str]) {
        self.known.extend(keys);
        #[cfg(test)]
        record(&self.name, keys);
    }

    /// Whether a key is there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|(candidate, _)| candidate.value == key)
    }

    /// The keys that nobody asked for yet.
    pub(super) fn keys(&self) -> Vec<Spanned<String>> {
        self.entries.iter().map(|(key, _)| key.clone()).collect()
    }

    /// A table whose keys the user chooses and whose values are lists of strings.
    pub(super) fn into_list_map(
        mut self,
        found: &mut Diagnostics,
    ) -> Vec<(Spanned<String>, Vec<Spanned<String>>)> {
        let entries = std::mem::take(&mut self.entries);
        let mut map = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            if value.get_ref().is_array() {
                let DeValue::Array(array) = value.into_inner() else { continue };
                let list = self.elements(&key.value, array.into_iter().collect(), found);
                map.push((key, list));
            } else {
                self.wrong(&value, &key.value, "a list of strings", found);
            }
        }
        map
    }

    /// A value that may be a list of strings or a table: `Ok` the list, `Err` the table.
    pub(super) fn strings_or_table(
        &mut self,
        key: &'static str,
        found: &mut Diagnostics,
    ) -> Option<Result<Vec<Spanned<String>>, Self>> {
        let is_table = self
            .entries
            .iter()
            .any(|(candidate, value)| candidate.value == key && value.get_ref().is_table());
        if is_table {
            return self.table(key, found).map(Err);
        }
        self.spanned_strings(key, found).map(|list| Ok(list.value))
    }

    pub(super) fn into_string_map(
        mut self,
        found: &mut Diagnostics,
    ) -> Vec<(Spanned<String>, Spanned<String>)> {
        let entries = std::mem::take(&mut self.entries);
        let mut map = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            match as_string(self.reader.file, &value) {
                Some(string) => map.push((key, string)),
                None => self.wrong(&value, &key.value, "a string", found),
            }
        }
        map
    }

    /// Reports every key that nobody asked for.
    pub(super) fn finish(self, found: &mut Diagnostics) {
        for (key, _) in &self.entries {
            let message = format!("{} has no key `{}`", self.name, key.value);
            let mut diagnostic =
                Diagnostic::new(Code::UnknownKey, &key.span, message).label("unknown key");
            diagnostic.help = suggest::help(&key.value, self.known.iter().copied());
            found.push(diagnostic);
            if let Some(meant) = suggest::nearest(&key.value, self.known.iter().copied()) {
                found.lose(self.reader.file, meant);
            }
        }
    }
}

#[cfg(test)]
thread_local! {
    static ASKED: std::cell::RefCell<Asked> = const { std::cell::RefCell::new(Asked::new()) };
}

/// Keys by the name of the table that was asked for them.
#[cfg(test)]
pub(super) type Asked =
    std::collections::BTreeMap<String, std::collections::BTreeSet<&'static str>>;

/// What this thread has read since the last question.
#[cfg(test)]
pub(super) fn asked() -> Asked {
    ASKED.take()
}

#[cfg(test)]
fn record(table: &str, keys: &[&'static str]) {
    ASKED.with_borrow_mut(|asked| asked.entry(table.to_owned()).or_default().extend(keys));
}

/// The TOML name of a table inside another one.
fn child_name(parent: &str, key: &str) -> String {
    let key = wrong_type::key(key);
    match parent.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
        Some(parent) => format!("[{parent}.{key}]"),
        None => format!("[{key}]"),
    }
}

pub(super) fn as_string(file: FileId, value: &TomlSpanned<DeValue<'_>>) -> Option<Spanned<String>> {
    let string = value.get_ref().as_str()?.to_owned();
    Some(Spanned::new(string, Span::new(file, value.span())))
}
