//! What an edit means for the values of a file, apart from any text.

use toml::{Table, Value};

use super::Edit;

/// Whether the text after the edit means what the edit makes of the text before. Tables without anything in them mean
/// nothing.
pub(super) fn is_meant(before: &str, edit: &Edit, after: &str) -> bool {
    let (Ok(mut wanted), Ok(mut found)) =
        (toml::from_str::<Table>(before), toml::from_str::<Table>(after))
    else {
        return false;
    };
    if apply(&mut wanted, edit).is_none() {
        return false;
    }
    prune(&mut wanted);
    prune(&mut found);
    wanted == found
}

/// Makes the change; none where it does not fit.
fn apply(table: &mut Table, edit: &Edit) -> Option<()> {
    match edit {
        Edit::Push { path, values } => {
            let (last, above) = path.split_last()?;
            let list = descend(table, above)?.entry(last).or_insert(Value::Array(Vec::new()));
            list.as_array_mut()?.extend(values.iter().cloned());
        }
        Edit::Set { path, value } => {
            let (last, above) = path.split_last()?;
            descend(table, above)?.insert(last.clone(), value.clone());
        }
        Edit::Add { path, entries } => {
            let (last, above) = path.split_last()?;
            let added = Value::Table(entries.iter().cloned().collect());
            let old = descend(table, above)?.insert(last.clone(), added);
            old.is_none().then_some(())?;
        }
        Edit::Drop { path, value } => {
            let (last, above) = path.split_last()?;
            let list = descend(table, above)?.get_mut(last)?.as_array_mut()?;
            let position = list.iter().position(|element| element == value)?;
            list.remove(position);
        }
        Edit::Remove { path } => {
            let (last, above) = path.split_last()?;
            descend(table, above)?.remove(last)?;
        }
    }
    Some(())
}

fn descend<'table>(table: &'table mut Table, path: &[String]) -> Option<&'table mut Table> {
    let mut at = table;
    for key in path {
        at = at.entry(key).or_insert(Value::Table(Table::new())).as_table_mut()?;
    }
    Some(at)
}

fn prune(table: &mut Table) {
    for (_, value) in table.iter_mut() {
        if let Value::Table(below) = value {
            prune(below);
        }
    }
    let is_empty = |value: &Value| value.as_table().is_some_and(Table::is_empty);
    table.retain(|_, value| !is_empty(value));
}
