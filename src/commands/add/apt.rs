//! `rdspec add apt`: names in the list of a component's packages.
//!
//! The archives are asked when the image is built; here a name only has to be one, and to be new.

use anyhow::{bail, ensure};
use toml::{Table, Value};

use super::Session;
use super::draft::Draft;
use crate::cli::add::AddApt;
use crate::model::names::PackageName;

pub(super) fn add<'spec>(
    session: &Session,
    mut draft: Draft<'spec>,
    arguments: &AddApt,
) -> anyhow::Result<Draft<'spec>> {
    let table = draft.table();
    let lists = lists(&table);
    for (at, name) in arguments.names.iter().enumerate() {
        if let Err(problem) = PackageName::parse(name) {
            bail!("the package {name:?} {problem}");
        }
        ensure!(!arguments.names[..at].contains(name), "`{name}` is named twice");
        let has = |path: &Vec<String>| list(&table, path).is_some_and(|list| names_it(list, name));
        ensure!(
            lists.is_empty() || !lists.iter().all(has),
            "{} has the package `{name}` already",
            draft.display_file()
        );
    }
    let plain: Vec<String> = ["apt", "packages"].map(str::to_owned).to_vec();
    let lists = if lists.contains(&plain) { lists } else { [vec![plain], lists].concat() };
    for path in lists {
        let has = |name: &&String| list(&table, &path).is_some_and(|list| names_it(list, name));
        let new = arguments.names.iter().filter(|name| !has(name));
        let values: Vec<Value> = new.map(|name| Value::String(name.clone())).collect();
        if !values.is_empty() {
            draft.push(&path, values)?;
        }
    }
    session.say("the archives are asked for these packages when the image is built");
    Ok(draft)
}

/// The keys that lead to the lists of packages: the component's, and those that variants have in its place.
fn lists(table: &Table) -> Vec<Vec<String>> {
    let variants = table.get("variants").and_then(Value::as_table);
    let variants = variants.into_iter().flat_map(Table::keys);
    let of_variants = variants.map(|variant| vec!["variants", variant, "apt", "packages"]);
    let paths = std::iter::once(vec!["apt", "packages"]).chain(of_variants);
    let paths = paths.map(|path| path.into_iter().map(str::to_owned).collect());
    paths.filter(|path: &Vec<String>| list(table, path).is_some()).collect()
}

fn list<'table>(table: &'table Table, path: &[String]) -> Option<&'table Vec<Value>> {
    let (last, above) = path.split_last()?;
    let above = above.iter().try_fold(table, |table, key| table.get(key)?.as_table())?;
    above.get(last)?.as_array()
}

/// Whether a list has a name, for all variants or for one.
fn names_it(list: &[Value], name: &str) -> bool {
    list.iter().any(|value| match value {
        Value::String(text) => text == name,
        Value::Table(by_variant) => by_variant.values().any(|text| text.as_str() == Some(name)),
        _ => false,
    })
}
