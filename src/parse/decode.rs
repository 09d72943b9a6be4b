//! Reads a TOML table key by key, and reports everything that does not fit.
//!
//! serde stops at the first error, and its spans do not survive some shapes; users deserve all
//! mistakes of a file at once. So each table is read through a [`Table`], which knows the keys that
//! were asked for; [`Table::finish`] reports the rest as unknown.

use toml::Spanned as TomlSpanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostic::{Code, Diagnostic, Diagnostics, suggest};
use crate::source::{FileId, Span, Spanned};

/// A table that is being read.
pub(super) struct Table<'input> {
    file: FileId,
    /// How messages call it, for example `[downloads.tini]`.
    name: String,
    span: Span,
    entries: Vec<(Spanned<String>, TomlSpanned<DeValue<'input>>)>,
    known: Vec<&'static str>,
}

/// A value with the key that it was written under.
type Taken<'input> = (Span, TomlSpanned<DeValue<'input>>);

impl<'input> Table<'input> {
    pub(super) fn new(file: FileId, name: &str, span: Span, table: DeTable<'input>) -> Self {
        let mut entries: Vec<_> = table
            .into_iter()
            .map(|(key, value)| {
                let span = Span::new(file, key.span());
                (Spanned::new(key.into_inner().into_owned(), span), value)
            })
            .collect();
        entries.sort_by_key(|(key, _)| key.span.start);
        Self { file, name: name.to_owned(), span, entries, known: Vec::new() }
    }

    /// Where the table stands: its header or key.
    pub(super) fn span(&self) -> Span {
        self.span.clone()
    }

    fn take(&mut self, key: &'static str) -> Option<Taken<'input>> {
        self.known.push(key);
        let index = self.entries.iter().position(|(candidate, _)| candidate.value == key)?;
        let (key, value) = self.entries.remove(index);
        Some((key.span, value))
    }

    fn wrong(&self, value: &TomlSpanned<DeValue<'_>>, key: &str, wanted: &str) -> Diagnostic {
        wrong_type(self.file, value, &format!("`{key}` of {}", self.name), wanted)
    }

    pub(super) fn string(
        &mut self,
        key: &'static str,
        found: &mut Diagnostics,
    ) -> Option<Spanned<String>> {
        let (_, value) = self.take(key)?;
        let string = as_string(self.file, &value);
        if string.is_none() {
            found.push(self.wrong(&value, key, "a string"));
        }
        string
    }

    pub(super) fn integer(
        &mut self,
        key: &'static str,
        found: &mut Diagnostics,
    ) -> Option<Spanned<i64>> {
        let (_, value) = self.take(key)?;
        let span = Span::new(self.file, value.span());
        let integer = value
            .get_ref()
            .as_integer()
            .and_then(|number| i64::from_str_radix(number.as_str(), number.radix()).ok());
        if integer.is_none() {
            found.push(self.wrong(&value, key, "an integer"));
        }
        integer.map(|integer| Spanned::new(integer, span))
    }

    pub(super) fn boolean(
        &mut self,
        key: &'static str,
        found: &mut Diagnostics,
    ) -> Option<Spanned<bool>> {
        let (_, value) = self.take(key)?;
        let boolean = value.get_ref().as_bool();
        if boolean.is_none() {
            found.push(self.wrong(&value, key, "true or false"));
        }
        boolean.map(|boolean| Spanned::new(boolean, Span::new(self.file, value.span())))
    }

    /// The elements of a list, each still to be read.
    pub(super) fn list(
        &mut self,
        key: &'static str,
        wanted: &str,
        found: &mut Diagnostics,
    ) -> Option<(Span, Vec<TomlSpanned<DeValue<'input>>>)> {
        let (_, value) = self.take(key)?;
        let span = Span::new(self.file, value.span());
        if value.get_ref().is_array() {
            let DeValue::Array(array) = value.into_inner() else { return None };
            return Some((span, array.into_iter().collect()));
        }
        found.push(self.wrong(&value, key, wanted));
        None
    }

    pub(super) fn spanned_strings(
        &mut self,
        key: &'static str,
        found: &mut Diagnostics,
    ) -> Option<Spanned<Vec<Spanned<String>>>> {
        let (span, elements) = self.list(key, "a list of strings", found)?;
        let mut strings = Vec::with_capacity(elements.len());
        for element in &elements {
            match as_string(self.file, element) {
                Some(string) => strings.push(string),
                None => found.push(self.wrong(element, key, "a list of strings")),
            }
        }
        Some(Spanned::new(strings, span))
    }

    pub(super) fn strings(
        &mut self,
        key: &'static str,
        found: &mut Diagnostics,
    ) -> Vec<Spanned<String>> {
        self.spanned_strings(key, found).map(|list| list.value).unwrap_or_default()
    }

    pub(super) fn integers(
        &mut self,
        key: &'static str,
        found: &mut Diagnostics,
    ) -> Vec<Spanned<i64>> {
        let mut integers = Vec::new();
        for element in self
            .list(key, "a list of integers", found)
            .unwrap_or_else(|| (self.span(), Vec::new()))
            .1
        {
            let integer = element
                .get_ref()
                .as_integer()
                .and_then(|number| i64::from_str_radix(number.as_str(), number.radix()).ok());
            match integer {
                Some(integer) => {
                    integers.push(Spanned::new(integer, Span::new(self.file, element.span())));
                }
                None => found.push(self.wrong(&element, key, "a list of integers")),
            }
        }
        integers
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
        if let Some(string) = as_string(self.file, &value) {
            return Some(Ok(string));
        }
        if !value.get_ref().is_table() {
            found.push(self.wrong(&value, key, "a string or a table"));
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
            found.push(wrong_type(self.file, &value, name, "a table"));
            return None;
        }
        let DeValue::Table(table) = value.into_inner() else { return None };
        Some(Self::new(self.file, name, key_span, table))
    }

    /// The tables under a key whose own keys the user chooses: `[images.base]`, `[images.r]`.
    pub(super) fn tables(
        &mut self,
        key: &'static str,
        found: &mut Diagnostics,
    ) -> Vec<(Spanned<String>, Self)> {
        let Some(mut parent) = self.table(key, found) else { return Vec::new() };
        let entries = std::mem::take(&mut parent.entries);
        entries
            .into_iter()
            .filter_map(|(key, value)| {
                let name = child_name(&parent.name, &key.value);
                let table = parent.enter(&name, key.span.clone(), value, found)?;
                Some((key, table))
            })
            .collect()
    }

    /// A table whose keys the user chooses and whose values are strings.
    pub(super) fn string_map(
        &mut self,
        key: &'static str,
        found: &mut Diagnostics,
    ) -> Vec<(Spanned<String>, Spanned<String>)> {
        self.table(key, found).map(|table| table.into_string_map(found)).unwrap_or_default()
    }

    pub(super) fn into_string_map(
        mut self,
        found: &mut Diagnostics,
    ) -> Vec<(Spanned<String>, Spanned<String>)> {
        let entries = std::mem::take(&mut self.entries);
        let mut map = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            match as_string(self.file, &value) {
                Some(string) => map.push((key, string)),
                None => found.push(self.wrong(&value, &key.value, "a string")),
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
        }
    }
}

/// The TOML name of a table inside another one.
fn child_name(parent: &str, key: &str) -> String {
    let bare =
        !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    let key = if bare { key.to_owned() } else { format!("{key:?}") };
    match parent.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
        Some(parent) => format!("[{parent}.{key}]"),
        None => format!("[{key}]"),
    }
}

pub(super) fn as_string(file: FileId, value: &TomlSpanned<DeValue<'_>>) -> Option<Spanned<String>> {
    let string = value.get_ref().as_str()?.to_owned();
    Some(Spanned::new(string, Span::new(file, value.span())))
}

pub(super) fn wrong_type(
    file: FileId,
    value: &TomlSpanned<DeValue<'_>>,
    what: &str,
    wanted: &str,
) -> Diagnostic {
    let span = Span::new(file, value.span());
    let is = value.get_ref().type_str();
    let article = if is.starts_with(['a', 'i', 'o']) { "an" } else { "a" };
    Diagnostic::new(Code::WrongType, &span, format!("{what} takes {wanted}"))
        .label(format!("this is {article} {is}"))
}
