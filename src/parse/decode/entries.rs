//! Tables whose keys the user chooses: `[images.base]`, `[services.web]`.

use super::{Table, child_name};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::parse::wrong_type;
use crate::source::{Span, Spanned};

impl<'input> Table<'input> {
    /// The tables under a key whose own keys the user chooses: `[images.base]`, `[images.r]`.
    pub(in crate::parse) fn tables(
        &mut self,
        key: &'static str,
        found: &mut Diagnostics,
    ) -> Vec<(Spanned<String>, Self)> {
        self.table(key, found).map(|parent| parent.into_tables(found)).unwrap_or_default()
    }

    /// The tables of a table whose keys the user chooses.
    pub(in crate::parse) fn into_tables(
        mut self,
        found: &mut Diagnostics,
    ) -> Vec<(Spanned<String>, Self)> {
        let entries = std::mem::take(&mut self.entries);
        entries
            .into_iter()
            .filter_map(|(key, value)| {
                let name = child_name(&self.name, &key.value);
                let table = self.enter(&name, key.span.clone(), value, found)?;
                Some((key, table))
            })
            .collect()
    }

    /// Reports the keys of an entry right below the table of all entries: the name of the entry was forgotten.
    fn lacks_names(&self, found: &mut Diagnostics) -> bool {
        let mut entries = self.entries.iter();
        let Some((key, value)) = entries.find(|(_, value)| !value.get_ref().is_table()) else {
            return false;
        };
        let span = Span::new(self.reader.file, value.span());
        let header = format!("{}.<name>]", self.name.trim_end_matches(']'));
        let message = format!("`{key}` stands right below {}, outside of its entries", self.name);
        found.push(
            Diagnostic::new(Code::WrongType, &span, message)
                .help(format!("each entry is a table, by a name that you choose: {header}")),
        );
        found.lose(self.reader.file, wrong_type::last_key(&self.name));
        true
    }

    /// The tables under a key, each read by `read`.
    pub(in crate::parse) fn entries<T>(
        &mut self,
        key: &'static str,
        found: &mut Diagnostics,
        read: impl Fn(Table<'input>, &mut Diagnostics) -> T,
    ) -> Vec<crate::syntax::Entry<T>> {
        let Some(parent) = self.table(key, found) else { return Vec::new() };
        if parent.lacks_names(found) {
            return Vec::new();
        }
        parent
            .into_tables(found)
            .into_iter()
            .map(|(name, table)| {
                let value = read(table, found);
                (name, value)
            })
            .collect()
    }
}
