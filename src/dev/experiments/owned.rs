//! What components own already: it changes where it is written, so that nothing has two owners.

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::draft::{Draft, list};
use super::home::{component_file, resource};
use super::trial::{Content, NewFile};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, suggest};
use crate::parse::STACK_FILE;
use crate::source::Spanned;
use crate::splice::Edit;
use crate::syntax::experiment::Removal;

/// The keys that lead to a value of a component's file: those of the plain tables, and those that a variant lays over
/// them; only where there is such a value.
pub(super) fn places(table: &Table, keys: &[&str]) -> Vec<Vec<String>> {
    let path = |above: &[&str]| above.iter().chain(keys).map(|key| (*key).to_owned()).collect();
    let mut paths: Vec<Vec<String>> = vec![path(&[])];
    if let Some(Value::Table(variants)) = table.get("variants") {
        paths.extend(variants.keys().map(|variant| path(&["variants", variant])));
    }
    paths.retain(|path| value(table, path).is_some());
    paths
}

fn value<'table>(table: &'table Table, path: &[String]) -> Option<&'table Value> {
    let (last, above) = path.split_last()?;
    let mut at = table;
    for key in above {
        at = at.get(key)?.as_table()?;
    }
    at.get(last)
}

/// The components of an image's chain, each with its file and what is in it.
fn component_files(draft: &Draft<'_>, image: &str) -> Vec<(String, String, Table)> {
    let members = draft.in_chain(image).into_iter();
    members
        .map(|member| {
            let path = component_file(&member.component);
            let table = draft.table(&path);
            (member.component, path, table)
        })
        .collect()
}

/// Whether a component asks for a package as the experiment does.
pub(super) fn asks_for(draft: &Draft<'_>, image: &str, package: &Value) -> bool {
    let path = ["apt".to_owned(), "packages".to_owned()];
    let files = component_files(draft, image);
    files.iter().any(|(_, _, table)| list(table, &path).is_some_and(|all| all.contains(package)))
}

/// Gives a variable that a component sets another value; false where no component sets it.
pub(super) fn set_variable(
    draft: &mut Draft<'_>,
    image: &str,
    variable: &Spanned<String>,
    new: &Spanned<String>,
    found: &mut Diagnostics,
) -> bool {
    let mut is_owned = false;
    for (_, file, table) in component_files(draft, image) {
        for path in places(&table, &["environment", &variable.value]) {
            is_owned = true;
            let edit = Edit::Set { path, value: Value::String(new.value.clone()) };
            draft.edit(&file, &edit, &new.span, found);
        }
    }
    is_owned
}

/// Gives a file that a component has another content; false where no component has it.
pub(super) fn set_file(
    draft: &mut Draft<'_>,
    image: &str,
    file: &NewFile,
    found: &mut Diagnostics,
) -> bool {
    let mut is_owned = false;
    for (component, path, table) in component_files(draft, image) {
        for keys in places(&table, &["files", &file.path.value]) {
            is_owned = true;
            set_content(draft, (&component, &path, &table), &keys, file, found);
            for (key, value) in [("mode", &file.mode), ("owner", &file.owner)] {
                let Some(value) = value else { continue };
                let keys = [&keys[..], &[key.to_owned()]].concat();
                let edit = Edit::Set { path: keys, value: Value::String(value.value.clone()) };
                draft.edit(&path, &edit, &value.span, found);
            }
        }
    }
    is_owned
}

fn set_content(
    draft: &mut Draft<'_>,
    (component, path, table): (&str, &str, &Table),
    keys: &[String],
    file: &NewFile,
    found: &mut Diagnostics,
) {
    let Some(Value::Table(entry)) = value(table, keys) else { return };
    let origin = match &file.content {
        Content::Text(text) => &text.span,
        Content::Resource { .. } => &file.path.span,
    };
    let bytes = file.content.bytes();
    if entry.contains_key("content") {
        let Ok(text) = String::from_utf8(bytes.into()) else {
            let message = format!("{} is text in {component}, and this file is none", file.path);
            found.push(
                Diagnostic::new(Code::NotUtf8, origin, message)
                    .help("remove the path first, or give the component's file a `source`"),
            );
            return;
        };
        let keys = [keys, &["content".to_owned()]].concat();
        draft.edit(path, &Edit::Set { path: keys, value: Value::String(text) }, origin, found);
        return;
    }
    let Some(source) = source(table, keys, entry) else { return };
    if made_from(table, &source).len() > 1 {
        let message = format!("several files of {component} are made from {source}");
        found.push(
            Diagnostic::new(Code::ConflictingKeys, origin, message)
                .help("change them by hand; `rdspec dev` tries it just so"),
        );
        return;
    }
    draft.put(&resource(component, &source), bytes, origin);
}

/// The resource of an entry of `[files]`, in the plain table or a variant's: none where its text is written in it, or
/// where a variant lays it over a plain entry without naming one, which then says what the content is.
fn source(table: &Table, keys: &[String], entry: &Table) -> Option<String> {
    let path = keys.last()?;
    let is_laid_over =
        keys.len() > 2 && value(table, &["files".to_owned(), path.clone()]).is_some();
    match entry.get("source") {
        Some(Value::String(source)) => Some(source.clone()),
        _ if is_laid_over || entry.contains_key("content") => None,
        _ => path.rsplit('/').next().map(str::to_owned),
    }
}

/// The paths that a component makes from a resource, in any variant.
fn made_from(table: &Table, resource: &str) -> BTreeSet<String> {
    let mut made = BTreeSet::new();
    for files in places(table, &["files"]) {
        for (path, entry) in value(table, &files).and_then(Value::as_table).into_iter().flatten() {
            let keys = [&files[..], std::slice::from_ref(path)].concat();
            let from = entry.as_table().and_then(|entry| source(table, &keys, entry));
            if from.as_deref() == Some(resource) {
                made.insert(path.clone());
            }
        }
    }
    made
}

/// Takes away what an experiment removes; the packages that no component asked for, which have to be kept out.
pub(super) fn remove(
    draft: &mut Draft<'_>,
    image: &str,
    removal: &Removal,
    found: &mut Diagnostics,
) -> Vec<Spanned<String>> {
    for component in &removal.components {
        remove_component(draft, image, component, found);
    }
    for path in &removal.paths {
        remove_path(draft, image, path, found);
    }
    let names: Vec<&str> = removal.packages.iter().map(|name| name.value.as_str()).collect();
    let mut others = Vec::new();
    for package in &removal.packages {
        if !remove_package(draft, image, package, &names, found) {
            others.push(package.clone());
        }
    }
    others
}

/// Takes a component out of the lists of its image.
fn remove_component(
    draft: &mut Draft<'_>,
    image: &str,
    component: &Spanned<String>,
    found: &mut Diagnostics,
) {
    let Some(member) = super::trial::member(draft, image, component, found) else { return };
    let mut is_listed = false;
    for key in ["components", "add"] {
        for path in draft.keys_of_lists(&member.image, key) {
            let value = Value::String(component.value.clone());
            let stack = draft.table(STACK_FILE);
            if list(&stack, &path).is_some_and(|all| all.contains(&value)) {
                is_listed = true;
                draft.edit(STACK_FILE, &Edit::Drop { path, value }, &component.span, found);
            }
        }
    }
    draft.members.retain(|one| (&one.component, &one.image) != (&member.component, &member.image));
    if !is_listed {
        let message = format!("`{component}` is in no list of the image `{}`", member.image);
        found.push(
            Diagnostic::new(Code::UnknownComponent, &component.span, message)
                .help("it stands in for another one by `replace` of a variant: take it out there"),
        );
    }
}

fn remove_path(
    draft: &mut Draft<'_>,
    image: &str,
    path: &Spanned<String>,
    found: &mut Diagnostics,
) {
    let mut known = Vec::new();
    let mut is_owned = false;
    for (_, file, table) in component_files(draft, image) {
        for kind in ["files", "links", "directories"] {
            known.extend(
                table
                    .get(kind)
                    .and_then(Value::as_table)
                    .into_iter()
                    .flat_map(Table::keys)
                    .cloned(),
            );
            for keys in places(&table, &[kind, &path.value]) {
                is_owned = true;
                draft.edit(&file, &Edit::Remove { path: keys }, &path.span, found);
            }
        }
    }
    if !is_owned {
        let message = format!("no component of `{image}` or its parents has the path {path}");
        let near = suggest::nearest(&path.value, known.iter().map(String::as_str));
        found.push(Diagnostic::new(Code::UnknownValue, &path.span, message).help(match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "what a package or a script made goes with it: remove that, or leave it out of the image by `run` in its component".to_owned(),
        }));
    }
}

/// Takes a package out of the lists of components; false where none asked for it. `names` are all that are removed.
fn remove_package(
    draft: &mut Draft<'_>,
    image: &str,
    package: &Spanned<String>,
    names: &[&str],
    found: &mut Diagnostics,
) -> bool {
    let mut is_owned = false;
    for (component, file, table) in component_files(draft, image) {
        for path in places(&table, &["apt", "packages"]) {
            for element in list(&table, &path).into_iter().flatten() {
                let words: Vec<&str> = match element {
                    Value::Table(by_variant) => {
                        by_variant.values().filter_map(Value::as_str).collect()
                    }
                    other => other.as_str().into_iter().collect(),
                };
                if !words.contains(&package.value.as_str()) {
                    continue;
                }
                is_owned = true;
                if words.iter().any(|word| !names.contains(word)) {
                    let message = format!("{component} has `{package}` in one variant only");
                    found.push(
                        Diagnostic::new(Code::ConflictingKeys, &package.span, message)
                            .help(format!("remove all of {}", words.join(", "))),
                    );
                } else if list(&draft.table(&file), &path).is_some_and(|all| all.contains(element))
                {
                    let edit = Edit::Drop { path: path.clone(), value: element.clone() };
                    draft.edit(&file, &edit, &package.span, found);
                }
            }
        }
    }
    is_owned
}
