//! A file with every key of the language: what tests feed to the parser and to the schema.

use toml::{Table as Toml, Value};

use super::{Key, Rule, Table, Type};

/// The name that stands for all names that a user chooses.
pub const ENTRY: &str = "entry";

/// Which of the keys that exclude each other a file has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// All of them, which no spec may.
    Everything,
    /// Of each rule one key: the one of this index, counted in a circle.
    One(usize),
}

/// A file with every key of a table and of the tables below it, each with its example.
pub fn file(table: &'static Table, choice: Choice) -> Toml {
    fill(table, choice, false)
}

fn fill(table: &'static Table, choice: Choice, overlay: bool) -> Toml {
    let further: &[Key] = if overlay { table.overlay } else { &[] };
    let mut toml = Toml::new();
    for key in table.keys.iter().chain(further) {
        if !table.rules.iter().all(|rule| chooses(*rule, choice, key.name)) {
            continue;
        }
        let entry =
            |below: Toml| Value::Table(Toml::from_iter([(ENTRY.to_owned(), Value::Table(below))]));
        let value = match key.value {
            Type::Table(below) => Some(Value::Table(fill(below, choice, overlay))),
            Type::Tables(_, below) => Some(entry(fill(below, choice, overlay))),
            Type::Overlays(_) if overlay => None,
            Type::Overlays(below) => Some(entry(fill(below, choice, true))),
            _ => example(key),
        };
        toml.extend(value.map(|value| (key.name.to_owned(), value)));
    }
    toml
}

fn chooses(rule: Rule, choice: Choice, key: &str) -> bool {
    let (Rule::One(keys) | Rule::OneAtMost(keys)) = rule;
    match choice {
        Choice::Everything => true,
        Choice::One(index) => {
            keys.iter().all(|other| *other != key)
                || keys.get(index % keys.len().max(1)).is_some_and(|chosen| *chosen == key)
        }
    }
}

/// The example of a key; none where it has none, or one that is not TOML.
pub fn example(key: &Key) -> Option<Value> {
    let mut toml: Toml = toml::from_str(&format!("value = {}", key.example)).ok()?;
    toml.remove("value")
}

#[cfg(test)]
mod tests {
    use super::super::{COMPONENT, Default, EXPERIMENTS, STACK};
    use super::*;

    #[test]
    fn every_value_has_an_example_and_defaults_are_values() {
        for table in [STACK, COMPONENT, EXPERIMENTS].into_iter().flat_map(Table::all) {
            for key in table.keys.iter().chain(table.overlay) {
                let is_table =
                    matches!(key.value, Type::Table(_) | Type::Tables(..) | Type::Overlays(_));
                assert_eq!(example(key).is_none(), is_table, "{} in {}", key.name, table.name);
                if let Default::Value(default) = key.default {
                    let text = format!("value = {default}");
                    assert!(
                        toml::from_str::<Toml>(&text).is_ok(),
                        "{} in {}",
                        key.name,
                        table.name
                    );
                }
            }
        }
    }

    #[test]
    fn texts_about_keys_are_sentences() {
        for table in [STACK, COMPONENT, EXPERIMENTS].into_iter().flat_map(Table::all) {
            assert!(table.about.ends_with('.'), "{}", table.name);
            for key in table.keys.iter().chain(table.overlay) {
                assert!(key.about.ends_with('.'), "{} in {}", key.name, table.name);
            }
        }
    }
}
