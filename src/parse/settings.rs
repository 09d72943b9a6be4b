//! Every value of a spec file as one variant has it, with the place where it was written: what `rdspec show` prints.
//!
//! Takes files without errors. It reads by the description of the language, so that no key is forgotten.

use serde_json::{Map, Value};
use toml::de::{DeTable, DeValue};

use super::overlay;
use crate::language::{Default, Table, Type};
use crate::source::{FileId, Span, SpecFiles};

/// A value of the spec.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// The keys that lead to it: `apt`, `packages`.
    pub key: Vec<String>,
    /// The value; what differs between variants is decided.
    pub value: Value,
    /// Where it was written; none for a default.
    pub span: Option<Span>,
}

/// The values of a file, in the order of the language; those of a variant are laid over the plain ones. `is_overlaid`
/// says which tables of the variant lie over plain tables.
pub fn of(
    files: &SpecFiles,
    file: FileId,
    table: &'static Table,
    variant: &str,
    is_overlaid: impl Fn(&str) -> bool,
) -> Vec<Setting> {
    let text = files.text(file);
    let (parsed, _) = DeTable::parse_recoverable(&text);
    let mut plain = parsed.into_inner();
    let variants = plain.remove("variants").map(toml::Spanned::into_inner);
    if let Some(DeValue::Table(mut variants)) = variants
        && let Some(DeValue::Table(mut own)) =
            variants.remove(variant).map(toml::Spanned::into_inner)
    {
        if let Some(DeValue::Array(paths)) = own.remove("drop").map(toml::Spanned::into_inner) {
            for path in paths.iter().filter_map(|path| path.get_ref().as_str()) {
                overlay::drop_key(&mut plain, path);
            }
        }
        let over = own.into_iter().filter(|(key, _)| is_overlaid(key.get_ref()));
        overlay::lay_over(&mut plain, over.collect());
    }
    let mut settings = Vec::new();
    Walk { file, variant, settings: &mut settings }.table(table, &plain, &[]);
    settings
}

struct Walk<'walk> {
    file: FileId,
    variant: &'walk str,
    settings: &'walk mut Vec<Setting>,
}

impl Walk<'_> {
    fn table(&mut self, table: &'static Table, values: &DeTable<'_>, path: &[String]) {
        for key in table.keys {
            let path = [path, &[key.name.to_owned()]].concat();
            let Some(value) = values.get(key.name) else {
                if let Default::Value(default) = key.default
                    && let Some(value) = crate::language::schema::from_toml(default)
                {
                    self.settings.push(Setting { key: path, value, span: None });
                }
                continue;
            };
            match (key.value, value.get_ref()) {
                (Type::Table(below), DeValue::Table(values)) => self.table(below, values, &path),
                (Type::Tables(_, below), DeValue::Table(entries)) => {
                    for (name, entry) in entries {
                        if let DeValue::Table(values) = entry.get_ref() {
                            let path = [&path[..], &[name.get_ref().clone().into_owned()]].concat();
                            self.entry(below, values, &path, entry.span());
                        }
                    }
                }
                (_, written) => self.push(path, written, value.span()),
            }
        }
    }

    /// A table of which nothing but the name was written is a setting, too.
    fn entry(
        &mut self,
        table: &'static Table,
        values: &DeTable<'_>,
        path: &[String],
        range: std::ops::Range<usize>,
    ) {
        if values.is_empty() {
            let span = Some(Span::new(self.file, range));
            self.settings.push(Setting { key: path.to_vec(), value: Map::new().into(), span });
        }
        self.table(table, values, path);
    }

    fn push(&mut self, key: Vec<String>, value: &DeValue<'_>, range: std::ops::Range<usize>) {
        let span = Some(Span::new(self.file, range));
        self.settings.push(Setting { key, value: self.json(value), span });
    }

    fn json(&self, value: &DeValue<'_>) -> Value {
        match value {
            DeValue::String(text) => Value::String(text.clone().into_owned()),
            DeValue::Integer(number) => {
                i64::from_str_radix(number.as_str(), number.radix()).map_or(Value::Null, Into::into)
            }
            DeValue::Boolean(flag) => Value::Bool(*flag),
            DeValue::Float(number) => {
                number.as_str().parse::<f64>().map_or(Value::Null, Into::into)
            }
            DeValue::Datetime(time) => Value::String(time.to_string()),
            DeValue::Array(elements) => elements
                .iter()
                .filter_map(|element| match element.get_ref() {
                    DeValue::Table(by_variant) => {
                        by_variant.get(self.variant).map(|value| self.json(value.get_ref()))
                    }
                    other => Some(self.json(other)),
                })
                .collect(),
            DeValue::Table(table) => table
                .iter()
                .map(|(key, value)| {
                    (key.get_ref().clone().into_owned(), self.json(value.get_ref()))
                })
                .collect::<Map<_, _>>()
                .into(),
        }
    }
}
