//! The spec while something is added to one of its components: the text as it is so far.

use std::collections::BTreeMap;

use anyhow::{Context, bail, ensure};
use toml::{Table, Value};

use crate::cli::add::Place;
use crate::diagnostic::suggest;
use crate::model::Name;
use crate::parse::{STACK_FILE, component_name};
use crate::source::SpecFiles;
use crate::splice::{Edit, applied, splice, write};

/// The spec so far.
#[derive(Clone, Debug)]
pub(super) struct Draft<'spec> {
    before: &'spec SpecFiles,
    /// The component that gets something.
    pub(super) component: String,
    /// Its file, below the spec folder.
    file: String,
    /// The texts that changed, by path.
    after: BTreeMap<String, String>,
}

impl<'spec> Draft<'spec> {
    /// Finds the component, or begins it.
    ///
    /// # Errors
    /// There is no such component, or there is one where a new one was asked for.
    pub(super) fn of(before: &'spec SpecFiles, place: &Place) -> anyhow::Result<Self> {
        let component = place.component.clone();
        let file = format!("components/{component}.toml");
        let mut draft = Self { before, component, file, after: BTreeMap::new() };
        match (&place.summary, before.get(&draft.file).is_some()) {
            (None, true) => {}
            (None, false) => {
                let known = before.paths().filter_map(component_name);
                let help = suggest::help(&draft.component, known);
                let help = help.map(|help| format!("; {help}")).unwrap_or_default();
                bail!(
                    "there is no component `{0}`{help}; `--new --summary TEXT` makes it",
                    draft.component
                );
            }
            (Some(_), true) => bail!(
                "there is a component `{}` already: leave out --new and --summary",
                draft.component
            ),
            (Some(summary), false) => draft.begin(summary, place.image.as_deref())?,
        }
        Ok(draft)
    }

    /// A new component, in the list of an image.
    fn begin(&mut self, summary: &str, image: Option<&str>) -> anyhow::Result<()> {
        if let Err(problem) = Name::parse(&self.component) {
            bail!("the component `{}` {problem}", self.component);
        }
        let stack: Table = toml::from_str(self.text(STACK_FILE))?;
        let images = stack.get("images").and_then(Value::as_table);
        let names: Vec<&str> =
            images.into_iter().flat_map(Table::keys).map(String::as_str).collect();
        let image = match (image, names.as_slice()) {
            (Some(image), names) => {
                let help = || suggest::help(image, names.iter().copied()).unwrap_or_default();
                ensure!(names.contains(&image), "the stack has no image `{image}`; {}", help());
                image
            }
            (None, [only]) => only,
            (None, names) => bail!(
                "which image gets `{}`? --image takes one of {}",
                self.component,
                names.join(", ")
            ),
        };
        self.after.insert(self.file.clone(), format!("summary = {}\n", write::string(summary)));
        let edit = Edit::Push {
            path: ["images", image, "components"].map(str::to_owned).to_vec(),
            values: vec![Value::String(self.component.clone())],
        };
        self.edit(STACK_FILE, &edit)
    }

    fn text(&self, path: &str) -> &str {
        if let Some(text) = self.after.get(path) {
            return text;
        }
        // A spec that compiles is UTF-8.
        self.before.get(path).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }

    /// The values of the component's file.
    pub(super) fn table(&self) -> Table {
        toml::from_str(self.text(&self.file)).unwrap_or_default()
    }

    /// How messages call a file.
    fn display(&self, path: &str) -> String {
        format!("{}/{path}", self.before.root())
    }

    /// How messages call the component's file.
    pub(super) fn display_file(&self) -> String {
        self.display(&self.file)
    }

    /// Gives a key of the component a value.
    ///
    /// # Errors
    /// The file is laid out so that it cannot be changed in place.
    pub(super) fn set(&mut self, path: &[&str], value: Value) -> anyhow::Result<()> {
        let path = path.iter().map(|key| (*key).to_owned()).collect();
        self.edit(&self.file.clone(), &Edit::Set { path, value })
    }

    /// Adds a table whose values stand in their order.
    ///
    /// # Errors
    /// As of [`Self::set`].
    pub(super) fn add(&mut self, path: &[&str], entries: Vec<(&str, Value)>) -> anyhow::Result<()> {
        let path = path.iter().map(|key| (*key).to_owned()).collect();
        let entries = entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        self.edit(&self.file.clone(), &Edit::Add { path, entries })
    }

    /// Adds elements at the end of a list of the component.
    ///
    /// # Errors
    /// As of [`Self::set`].
    pub(super) fn push(&mut self, path: &[String], values: Vec<Value>) -> anyhow::Result<()> {
        self.edit(&self.file.clone(), &Edit::Push { path: path.to_vec(), values })
    }

    fn edit(&mut self, path: &str, edit: &Edit) -> anyhow::Result<()> {
        let text = self.text(path);
        let after = splice(text, edit).ok().and_then(|found| applied(text, &found));
        let after = after.with_context(|| {
            format!(
                "`{}` of {} is written in a way that cannot be changed in place: do it by hand",
                write::keys(edit.path()),
                self.display(path)
            )
        })?;
        self.after.insert(path.to_owned(), after);
        Ok(())
    }

    /// The spec as it becomes.
    pub(super) fn after(&self) -> SpecFiles {
        let new = self.after.iter().map(|(path, text)| (path.clone(), text.clone().into()));
        self.before.with(new)
    }
}
