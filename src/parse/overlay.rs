//! What a variant lays over the plain tables of a file.
//!
//! Takes tables, gives the table that the variant has. Tables merge, everything else replaces.

use toml::de::{DeTable, DeValue};

/// Keys that mean something only together: a table that gives one of them replaces all.
const UNITS: &[&[&str]] = &[&["from", "digest", "unpinned", "upstream"]];

/// Lays one table over another.
pub(super) fn lay_over<'input>(base: &mut DeTable<'input>, over: DeTable<'input>) {
    for unit in UNITS {
        if unit.iter().any(|key| over.contains_key(*key)) {
            for key in *unit {
                base.remove(*key);
            }
        }
    }
    for (key, value) in over {
        let below = base.get_mut(key.get_ref().as_ref());
        match (below.map(toml::Spanned::get_mut), value.get_ref()) {
            (Some(DeValue::Table(below)), DeValue::Table(_)) => {
                if let DeValue::Table(above) = value.into_inner() {
                    lay_over(below, above);
                }
            }
            _ => {
                base.insert(key, value);
            }
        }
    }
}

/// Removes the value at a path of keys, such as `downloads.tini`; a key may have dots itself. Says whether
/// there was one.
pub(super) fn drop_key(table: &mut DeTable<'_>, path: &str) -> bool {
    if table.remove(path).is_some() {
        return true;
    }
    path.match_indices('.').any(|(at, _)| {
        let (key, rest) = (&path[..at], &path[at + 1..]);
        match table.get_mut(key).map(toml::Spanned::get_mut) {
            Some(DeValue::Table(below)) => drop_key(below, rest),
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> DeTable<'_> {
        DeTable::parse(text).map(toml::Spanned::into_inner).unwrap_or_default()
    }

    fn show(table: &DeTable<'_>) -> String {
        let value = |value: &DeValue<'_>| match value {
            DeValue::Table(below) => format!("{{{}}}", show(below)),
            other => other.as_str().unwrap_or("?").to_owned(),
        };
        let entries =
            table.iter().map(|(key, v)| format!("{}={}", key.get_ref(), value(v.get_ref())));
        entries.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn tables_merge_and_values_replace() {
        let mut base = table("a = 'x'\n[t]\nb = 'y'\nc = 'z'\n");
        lay_over(&mut base, table("[t]\nc = 'new'\nd = 'more'\n"));
        assert_eq!(show(&base), "a=x t={b=y c=new d=more}");
    }

    #[test]
    fn where_an_image_starts_is_replaced_as_a_whole() {
        let mut base = table("from = 'a:1'\ndigest = 'd'\nmax-size = 's'\n");
        lay_over(&mut base, table("from = 'b:1'\nunpinned = 'why'\n"));
        assert_eq!(show(&base), "from=b:1 max-size=s unpinned=why");
    }

    #[test]
    fn keys_are_dropped_by_path() {
        let mut base = table("[downloads.tini]\nurl = 'u'\n[files.'/etc/a.conf']\nmode = 'm'\n");
        assert!(drop_key(&mut base, "downloads.tini"));
        assert!(drop_key(&mut base, "files./etc/a.conf"));
        assert!(!drop_key(&mut base, "files.other"));
        assert_eq!(show(&base), "downloads={} files={}");
    }
}
