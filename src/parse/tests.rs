//! The parser accepts exactly the language that [`crate::language`] describes.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table as Toml, Value};

use super::{decode, experiments, parse};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::language::example::{self, Choice, ENTRY};
use crate::language::{COMPONENT, EXPERIMENTS, STACK};
use crate::source::SpecFiles;

/// What the parser says about a file of each kind.
fn findings([stack, component, tried]: [&Toml; 3]) -> Vec<Diagnostic> {
    let contents =
        [("stack.toml", stack), ("components/tool.toml", component), ("dev/base.toml", tried)]
            .map(|(path, toml)| (path.to_owned(), toml::to_string(toml).unwrap().into_bytes()));
    let files = SpecFiles::new("spec", BTreeMap::from(contents));
    let mut found = Diagnostics::default();
    parse(&files, &mut found);
    let variants = ["default", "debian", "ubuntu"].map(str::to_owned);
    experiments(&files, files.id("dev/base.toml").unwrap(), &variants, &mut found);
    found.into_sorted()
}

/// A stack whose variants are those that the examples name.
fn stack() -> Toml {
    let mut stack = example::file(STACK, Choice::Everything);
    for variant in ["debian", "ubuntu"] {
        let variants = stack["variants"].as_table_mut().unwrap();
        variants.entry(variant).or_insert_with(|| Value::Table(Toml::new()));
    }
    stack["stack"].as_table_mut().unwrap().remove("default-variant");
    stack
}

/// A component whose variant drops something that it has.
fn component() -> Toml {
    let mut component = example::file(COMPONENT, Choice::Everything);
    let drop = Value::Array(vec![format!("downloads.{ENTRY}").into()]);
    component["variants"][ENTRY].as_table_mut().unwrap().insert("drop".to_owned(), drop);
    component
}

fn tried() -> Toml {
    example::file(EXPERIMENTS, Choice::Everything)
}

#[test]
fn every_key_is_accepted_with_its_example() {
    let found = findings([&stack(), &component(), &tried()]);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn the_parser_asks_for_these_keys_and_no_others() {
    decode::asked(); // of an earlier test in this thread
    findings([&stack(), &component(), &tried()]);
    let asked = decode::asked();
    let mut described: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for file in [STACK, COMPONENT, EXPERIMENTS] {
        for table in file.all() {
            let name = match table.name {
                "" if std::ptr::eq(file, STACK) => "stack.toml".to_owned(),
                "" if std::ptr::eq(file, COMPONENT) => "a component".to_owned(),
                "" => "an experiment file".to_owned(),
                name => format!("[{}]", name.replace('*', ENTRY)),
            };
            let keys = described.entry(name).or_default();
            keys.extend(table.keys.iter().map(|key| key.name));
            if !table.name.is_empty() {
                keys.extend(table.overlay.iter().map(|key| key.name));
            }
        }
    }
    // A component's variant is laid over before anything is read, but for its own keys.
    described
        .entry(format!("[variants.{ENTRY}]"))
        .or_default()
        .extend(COMPONENT.overlay.iter().map(|key| key.name));
    // The stack's variants likewise; the parser looks for the table by other means.
    for name in ["stack.toml", "a component"] {
        described.get_mut(name).unwrap().remove("variants");
    }
    for (table, keys) in &described {
        let mut asked = asked.get(table).cloned().unwrap_or_default();
        // Some tables have a key of this name that is no layer over them.
        asked.retain(|key| *key != "variants" || keys.contains(key));
        assert_eq!(
            &asked, keys,
            "what the parser asks for in {table}, and what the language describes"
        );
    }
    let unknown: Vec<&String> = asked
        .iter()
        .filter(|(table, keys)| !described.contains_key(*table) && !keys.is_empty())
        .map(|(table, _)| table)
        .filter(|table| !table.starts_with("[variants."))
        .collect();
    assert!(unknown.is_empty(), "the language does not describe {unknown:?}");
}

/// Every path to a key in a file, with `*` for names.
fn paths(toml: &Toml) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    for (key, value) in toml {
        all.push(vec![key.clone()]);
        if let Value::Table(below) = value {
            all.extend(paths(below).into_iter().map(|mut path| {
                path.insert(0, key.clone());
                path
            }));
        }
    }
    all
}

fn set(toml: &mut Toml, path: &[String], value: Value) {
    match path {
        [] => {}
        [last] => {
            toml.insert(last.clone(), value);
        }
        [first, rest @ ..] => set(toml[first].as_table_mut().unwrap(), rest, value),
    }
}

#[test]
fn a_value_of_another_type_is_refused_everywhere() {
    let good = [stack(), component(), tried()];
    let refused = |files: [&Toml; 3], path: &[String]| {
        let found = findings(files);
        assert!(
            found.iter().any(|found| found.code == Code::WrongType),
            "a float is taken at {path:?}: {found:#?}"
        );
    };
    for at in 0..good.len() {
        for path in paths(&good[at]) {
            let mut files = good.clone();
            set(&mut files[at], &path, Value::Float(1.5));
            refused(files.each_ref(), &path);
        }
    }
}
