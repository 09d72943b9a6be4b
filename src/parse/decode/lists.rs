//! Lists of a table that is being read.

use toml::Spanned as TomlSpanned;
use toml::de::DeValue;

use super::{Table, as_string};
use crate::diagnostic::Diagnostics;
use crate::source::{Span, Spanned};

impl<'input> Table<'input> {
    /// The elements of a list, each still to be read.
    pub(in crate::parse) fn list(
        &mut self,
        key: &'static str,
        wanted: &str,
        found: &mut Diagnostics,
    ) -> Option<(Span, Vec<TomlSpanned<DeValue<'input>>>)> {
        let (_, value) = self.take(key)?;
        let span = Span::new(self.reader.file, value.span());
        if value.get_ref().is_array() {
            let DeValue::Array(array) = value.into_inner() else { return None };
            return Some((span, array.into_iter().collect()));
        }
        self.wrong(&value, key, wanted, found);
        None
    }

    pub(in crate::parse) fn spanned_strings(
        &mut self,
        key: &'static str,
        found: &mut Diagnostics,
    ) -> Option<Spanned<Vec<Spanned<String>>>> {
        let (span, elements) = self.list(key, "a list of strings", found)?;
        let strings = self.elements(key, elements, found);
        Some(Spanned::new(strings, span))
    }

    /// The strings of a list; an element may be a table of values by variant.
    pub(super) fn elements(
        &self,
        key: &str,
        elements: Vec<TomlSpanned<DeValue<'input>>>,
        found: &mut Diagnostics,
    ) -> Vec<Spanned<String>> {
        let mut strings = Vec::with_capacity(elements.len());
        for element in elements {
            if let Some(string) = as_string(self.reader.file, &element) {
                strings.push(string);
            } else if element.get_ref().is_table() {
                let span = Span::new(self.reader.file, element.span());
                let DeValue::Table(values) = element.into_inner() else { continue };
                self.reader.depends.set(true);
                let table = Self::new(self.reader, "a value by variant", span, values);
                for (variant, value) in table.into_string_map(found) {
                    self.reader.known_variant(&variant, found);
                    if variant.value == self.reader.variant {
                        strings.push(value);
                    }
                }
            } else {
                let wanted = "a list of strings, or of tables of strings by variant";
                self.wrong_element(&element, key, (wanted, "a string"), found);
            }
        }
        strings
    }

    pub(in crate::parse) fn strings(
        &mut self,
        key: &'static str,
        found: &mut Diagnostics,
    ) -> Vec<Spanned<String>> {
        self.spanned_strings(key, found).map(|list| list.value).unwrap_or_default()
    }

    /// The same as values: elements by variant as they are written.
    pub(in crate::parse) fn strings_by_variant(
        &mut self,
        key: &'static str,
        found: &mut Diagnostics,
    ) -> Vec<Spanned<toml::Value>> {
        let Some((_, elements)) = self.list(key, "a list of strings", found) else {
            return Vec::new();
        };
        // Read as strings for what they report.
        self.elements(key, elements.clone(), found);
        let value = |element: &TomlSpanned<DeValue<'input>>| match element.get_ref() {
            DeValue::String(text) => Some(toml::Value::String(text.to_string())),
            DeValue::Table(values) => {
                let text =
                    |value: &TomlSpanned<DeValue<'_>>| value.get_ref().as_str().map(Into::into);
                let values = values.iter().filter_map(|(variant, value)| {
                    Some((variant.get_ref().to_string(), text(value)?))
                });
                Some(toml::Value::Table(values.collect()))
            }
            _ => None,
        };
        let spanned = |element: &TomlSpanned<DeValue<'input>>| {
            let span = Span::new(self.reader.file, element.span());
            Some(Spanned::new(value(element)?, span))
        };
        elements.iter().filter_map(spanned).collect()
    }

    pub(in crate::parse) fn integers(
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
                    integers
                        .push(Spanned::new(integer, Span::new(self.reader.file, element.span())));
                }
                None => {
                    self.wrong_element(&element, key, ("a list of integers", "an integer"), found);
                }
            }
        }
        integers
    }
}
