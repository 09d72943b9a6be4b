//! The component that an experiment becomes a part of, or a new one, and its place in the order of layers.

mod script;

use toml::{Table, Value};

use super::draft::Draft;
use super::members::Member;
use super::owned;
use super::trial::{Content, NewFile, Rest, member};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::Name;
use crate::parse::STACK_FILE;
use crate::source::{Span, Spanned};
use crate::splice::Edit;
use crate::syntax::experiment::Experiment;

/// The file of a component, below the spec folder.
pub(super) fn component_file(component: &str) -> String {
    format!("components/{component}.toml")
}

/// The folder of a component's resources, below the spec folder.
fn resource_folder(component: &str) -> String {
    format!("resources/{component}/")
}

/// A resource of a component, below the spec folder.
pub(super) fn resource(component: &str, source: &str) -> String {
    format!("{}{source}", resource_folder(component))
}

fn keys(path: &[&str]) -> Vec<String> {
    path.iter().map(|key| (*key).to_owned()).collect()
}

/// A component that gets something.
struct Home<'draft, 'spec> {
    draft: &'draft mut Draft<'spec>,
    component: String,
    file: String,
}

impl Home<'_, '_> {
    fn set(&mut self, path: &[&str], value: Value, origin: &Span, found: &mut Diagnostics) {
        let edit = Edit::Set { path: keys(path), value };
        self.draft.edit(&self.file, &edit, origin, found);
    }

    /// Adds an element to a list unless it is there, and to the lists that variants have in its place.
    fn push(&mut self, path: &[&str], value: &Value, origin: &Span, found: &mut Diagnostics) {
        let table = self.draft.table(&self.file);
        let mut paths = owned::places(&table, path);
        if !paths.contains(&keys(path)) {
            paths.push(keys(path));
        }
        for path in paths {
            let list = super::draft::list(&table, &path);
            if list.is_none_or(|list| !list.contains(value)) {
                let edit = Edit::Push { path, values: vec![value.clone()] };
                self.draft.edit(&self.file, &edit, origin, found);
            }
        }
    }

    /// The same for a name.
    fn name(&mut self, path: &[&str], name: &Spanned<String>, found: &mut Diagnostics) {
        self.push(path, &Value::String(name.value.clone()), &name.span, found);
    }

    /// Adds a resource, unless there is another one of its name, which is reported.
    fn resource(&mut self, source: &str, file: &NewFile, found: &mut Diagnostics) {
        let path = resource(&self.component, source);
        let bytes = file.content.bytes();
        if self.draft.bytes(&path).is_some_and(|other| *other != bytes) {
            let message = format!("there is another {}", self.draft.display(&path));
            found.push(
                Diagnostic::new(Code::ConflictingKeys, &file.path.span, message)
                    .help("give the file of the experiment another name, and say it as `source`"),
            );
            return;
        }
        self.draft.put(&path, bytes, &file.path.span);
    }
}

/// Gives what nobody owns yet a home.
pub(super) fn place(
    draft: &mut Draft<'_>,
    image: &str,
    (name, written): (&Spanned<String>, &Experiment),
    before: Option<Member>,
    rest: Rest,
    found: &mut Diagnostics,
) {
    let is_homeless = !rest.packages.is_empty()
        || !rest.purged.is_empty()
        || !rest.environment.is_empty()
        || !rest.files.is_empty()
        || written.run.is_some();
    let asks = [&written.before, &written.component];
    if let (false, Some(key)) = (is_homeless, asks.into_iter().flatten().next()) {
        let message = format!("`{name}` changes only what components own already, where they are");
        found.push(
            Diagnostic::new(Code::ConflictingKeys, &key.span, message)
                .label("has no effect")
                .help("remove this key"),
        );
    }
    if !is_homeless {
        return;
    }
    let Some((component, own_image)) =
        target(draft, image, (name, written), before.as_ref(), found)
    else {
        return;
    };
    let mut home = Home { draft, file: component_file(&component), component };
    for needed in &written.needs {
        home.name(&["needs"], needed, found);
    }
    for package in &rest.packages {
        home.push(&["apt", "packages"], &package.value, &package.span, found);
    }
    for package in &rest.purged {
        home.name(&["apt", "purge"], package, found);
    }
    // The files of an image come after its scripts: what a script is to find has to be laid by one.
    let is_read = before.as_ref().is_some_and(|before| before.image == own_image);
    let (early, late): (Vec<NewFile>, Vec<NewFile>) = rest.files.into_iter().partition(|_| is_read);
    for file in late {
        copied(&mut home, &file, found);
    }
    for (variable, value) in &rest.environment {
        let new = Value::String(value.value.clone());
        home.set(&["environment", &variable.value], new, &variable.span, found);
    }
    script::add(&mut home, name, written, &early, found);
    if let (Some(before), Some(key)) = (before, &written.before) {
        let needed = Spanned::new(home.component.clone(), key.span.clone());
        let file = component_file(&before.component);
        let mut user = Home { draft: home.draft, file, component: before.component };
        user.name(&["needs"], &needed, found);
    }
}

/// An entry of `[files]`.
fn copied(home: &mut Home<'_, '_>, file: &NewFile, found: &mut Diagnostics) {
    let mut entry = Table::new();
    match &file.content {
        Content::Text(text) => {
            entry.insert("content".to_owned(), Value::String(text.value.clone()));
        }
        Content::Resource { source, .. } => {
            if file.path.value.rsplit('/').next() != Some(source) {
                entry.insert("source".to_owned(), Value::String(source.clone()));
            }
            home.resource(source, file, found);
        }
    }
    for (key, value) in [("mode", &file.mode), ("owner", &file.owner)] {
        if let Some(value) = value {
            entry.insert(key.to_owned(), Value::String(value.value.clone()));
        }
    }
    home.set(&["files", &file.path.value], Value::Table(entry), &file.path.span, found);
}

/// The component, which is made where it is a new one, and its image.
fn target(
    draft: &mut Draft<'_>,
    image: &str,
    (name, written): (&Spanned<String>, &Experiment),
    before: Option<&Member>,
    found: &mut Diagnostics,
) -> Option<(String, String)> {
    if let Some(component) = &written.component {
        if written.before.as_ref().is_some_and(|before| before.value == component.value) {
            let message = format!("a part of `{component}` cannot be done before it");
            found.push(
                Diagnostic::new(Code::ConflictingKeys, &component.span, message)
                    .help("remove `component`, and the experiment becomes a component of its own"),
            );
            return None;
        }
        let member = member(draft, image, component, found)?;
        return Some((member.component, member.image));
    }
    if let Err(problem) = Name::parse(&name.value) {
        let message = format!("the component `{name}` {problem}");
        found.push(
            Diagnostic::new(Code::BadName, &name.span, message)
                .help("an experiment becomes a component of its name"),
        );
        return None;
    }
    let file = component_file(&name.value);
    if draft.bytes(&file).is_some() {
        let message = format!("there is a component `{name}` already");
        found.push(Diagnostic::new(Code::DuplicateComponent, &name.span, message).help(format!(
            "make it a part of that one with `component = \"{name}\"`, or call the experiment otherwise"
        )));
        return None;
    }
    let own_image = before.map_or(image, |before| before.image.as_str()).to_owned();
    new(draft, &own_image, (name, written), before, found);
    Some((name.value.clone(), own_image))
}

/// Makes a component of an image, at its end or before another one.
fn new(
    draft: &mut Draft<'_>,
    image: &str,
    (name, written): (&Spanned<String>, &Experiment),
    before: Option<&Member>,
    found: &mut Diagnostics,
) {
    let tried = Spanned::new(format!("{name}, tried as an experiment"), name.span.clone());
    let summary = written.summary.as_ref().unwrap_or(&tried);
    let has_script = written.run.is_some()
        || before.is_some_and(|_| !written.copies.is_empty() || !written.writes.is_empty());
    let mut begins = vec![(keys(&["summary"]), Value::String(summary.value.clone()))];
    if let Some(before) = before {
        let table = draft.table(&component_file(&before.component));
        for key in ["needs", "after"] {
            if let Some(list @ Value::Array(_)) = table.get(key) {
                begins.push((keys(&[key]), list.clone()));
            }
        }
    } else if has_script && written.needs.is_empty() {
        let layers = draft.members.iter().filter(|one| one.image == image && one.has_layer);
        let mut names: Vec<&str> = layers.map(|member| member.component.as_str()).collect();
        names.sort_unstable();
        if !names.is_empty() {
            let names = names.into_iter().map(|name| Value::String(name.to_owned()));
            begins.push((keys(&["after"]), Value::Array(names.collect())));
        }
    }
    let file = component_file(&name.value);
    // What was written above the experiment is about the component now.
    let comments = draft.comments_above(&name.span);
    draft.put(&file, comments.into(), &name.span);
    for (path, value) in begins {
        draft.edit(&file, &Edit::Set { path, value }, &summary.span, found);
    }
    let component = Value::String(name.value.clone());
    let mut lists = draft.keys_of_lists(image, "components");
    let plain = keys(&["images", image, "components"]);
    if !lists.contains(&plain) {
        lists.push(plain);
    }
    for path in lists {
        let edit = Edit::Push { path, values: vec![component.clone()] };
        draft.edit(STACK_FILE, &edit, &name.span, found);
    }
    draft.members.push(Member {
        component: name.value.clone(),
        image: image.to_owned(),
        has_layer: has_script || !written.install.is_empty(),
    });
}
