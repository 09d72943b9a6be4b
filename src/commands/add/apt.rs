//! `rdspec add apt`: names in the list of a component's packages.
//!
//! Where the component has repositories of its own, they are asked, as apt does it: their pinned keys have signed what
//! they list. The distribution's archives are asked when the image is built; for them a name only has to be one.

use anyhow::{bail, ensure};
use toml::{Table, Value};

use super::draft::Draft;
use super::{Added, Asked};
use crate::cli::add::AddApt;
use crate::commands::printable::printable;
use crate::commands::problem::Problem;
use crate::model::apt::Repository;
use crate::model::names::PackageName;
use crate::upstream::apt::catalog::{Catalog, Unknown};
use crate::versions::{Scheme, Version};

pub(super) fn add<'spec>(
    asked: &Asked<'_>,
    mut draft: Draft<'spec>,
    arguments: &AddApt,
) -> anyhow::Result<Added<'spec>> {
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
    match looked_up(asked, &draft.component, &arguments.names) {
        Ok(said) => {
            for line in said {
                asked.session.say(&printable(&line));
            }
            Ok(Ok(draft))
        }
        Err(problem) => Ok(Err(problem)),
    }
}

/// What there is to say about each package.
fn looked_up(asked: &Asked<'_>, component: &str, names: &[String]) -> Result<Vec<String>, Problem> {
    let repositories = own_repositories(asked, component);
    let catalog = Catalog::new(asked.stack, u64::try_from(asked.now).unwrap_or_default());
    let mut said = Vec::new();
    for name in names {
        let offers = if repositories.is_empty() {
            Err(Unknown::Package(None))
        } else {
            catalog.offers(&asked.http, &repositories, name)
        };
        said.push(match offers {
            Ok(offers) => {
                let versions = offers.iter().map(|offer| offer.version.as_str());
                let newest = versions.max_by_key(|text| Version::parse(text, Scheme::Debian).ok());
                format!(
                    "a repository of `{component}` has `{name}` {}, which its pinned key signed",
                    newest.unwrap_or_default()
                )
            }
            Err(Unknown::Package(_)) => {
                format!("the archives are asked for `{name}` when the image is built")
            }
            Err(Unknown::Trouble(trouble)) => return Err(trouble.into()),
        });
    }
    Ok(said)
}

/// The repositories that the component itself declares.
fn own_repositories<'a>(asked: &Asked<'a>, component: &str) -> Vec<&'a Repository> {
    let own = asked.stack.components().find(|one| one.name.as_str() == component);
    own.map(|own| own.apt.repositories.iter().collect()).unwrap_or_default()
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
