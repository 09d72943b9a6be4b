//! Syntax to [`model`](crate::model): names checked, defaults filled, variants applied.
//!
//! Takes the written shape of all files, gives a [`Stack`] or all errors at once. It decides no
//! layer and formats nothing.

mod account;
mod apt;
mod archives;
mod check;
mod ci;
mod component;
mod conda;
mod download;
mod exec;
mod file;
mod images;
mod inheritance;
mod key;
mod label;
mod language;
mod link;
mod locales;
mod managers;
mod membership;
mod npm;
mod ownership;
mod paths;
mod pip;
mod precedence;
mod prefix;
mod profile;
mod programs;
mod r;
mod reach;
mod repository;
mod route;
mod runtime;
mod script;
mod secret_like;
mod service;
mod shortcut;
mod stack;
mod sudo;
mod template;
mod upstream;

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;

use crate::diagnostic::{Code, Diagnostic, Diagnostics, STACK};
use crate::model::architecture::Architecture;
use crate::model::component::Owner;
use crate::model::language::Language;
use crate::model::stack::User;
use crate::model::{Name, Stack};
use crate::parse::{COMPONENTS, STACK_FILE, Syntax};
use crate::source::{FileId, Span, Spanned, SpecFiles};

/// What the passes over single files need to know of the whole.
struct Context<'spec> {
    files: &'spec SpecFiles,
    /// All variants, the default one first.
    variants: Vec<Name>,
    architectures: Vec<Architecture>,
    /// The first one is for whoever has none of them.
    languages: Vec<Language>,
    user: Option<User>,
    /// Whether there is a `[user]`, right or wrong.
    user_is_declared: bool,
    bootstrap_span: Option<Span>,
    /// Resource files that something refers to.
    used_resources: Mutex<BTreeSet<String>>,
    /// Substitutes variables in URL templates.
    templates: minijinja::Environment<'static>,
}

/// Resolves a whole spec; none when it has errors.
pub fn resolve(files: &SpecFiles, syntax: &Syntax, found: &mut Diagnostics) -> Option<Stack> {
    let Some(plain) = syntax.stacks.first() else {
        if files.id(STACK_FILE).is_none() {
            missing_stack(files, found);
        }
        return None;
    };
    secret_like::check(files, found);
    let mut stack = stack::resolve(files, plain, found)?;
    images::resolve(&mut stack, syntax, found);
    membership::groups_of_user(&stack.context, &stack.variants, found);
    unused_resources(&stack.context, found);
    let profile = profile::resolve(syntax.profile.as_ref(), found);
    if found.has_errors() {
        return None;
    }
    for variant in &stack.variants {
        programs::check(variant, found);
        managers::check(variant, found);
    }
    Some(stack.finish(profile))
}

/// There is no file to point at, so the first file of the folder has to serve; an empty folder is
/// reported by the workspace.
fn missing_stack(files: &SpecFiles, found: &mut Diagnostics) {
    if let Some(file) = files.paths().next().and_then(|path| files.id(path)) {
        let message = format!("{}/{STACK_FILE} is missing", files.root());
        found.push(
            Diagnostic::new(Code::MissingFile, &Span::new(file, 0..0), message)
                .about(format!("{}/{STACK_FILE}", files.root()))
                .help("every stack has a stack.toml with [stack] and [images]"),
        );
        found.lose(file, STACK);
    }
}

/// The folder of a component's resource files.
fn resource_folder(component: &str) -> String {
    format!("resources/{component}/")
}

/// The path of a component's resource file below the spec.
fn resource_path(component: &str, name: &str) -> String {
    format!("{}{name}", resource_folder(component))
}

impl Context<'_> {
    /// The bytes of a component's resource file.
    fn resource(
        &self,
        component: &str,
        name: &str,
        span: &Span,
        found: &mut Diagnostics,
    ) -> Option<Bytes> {
        let plain = !name.is_empty()
            && !name.contains('\\')
            && name.split('/').all(|part| !matches!(part, "" | "." | ".."))
            && !name.chars().any(char::is_control);
        if !plain {
            let message = format!("{name:?} is no path below the component's resources");
            found.push(Diagnostic::new(Code::BadResourcePath, span, message).help(format!(
                "resources lie in {}/{}; name them by a relative path without `.` and `..`",
                self.files.root(),
                resource_folder(component),
            )));
            return None;
        }
        let path = resource_path(component, name);
        let Some(bytes) = self.files.get(&path) else {
            let folder = resource_folder(component);
            let siblings = self.files.paths().filter_map(|path| path.strip_prefix(folder.as_str()));
            let message = format!("{}/{path} does not exist", self.files.root());
            let mut diagnostic =
                Diagnostic::new(Code::MissingFile, span, message).label("no such file");
            diagnostic.help = crate::diagnostic::suggest::help(name, siblings)
                .or_else(|| Some("create the file, or correct its name".into()));
            found.push(diagnostic);
            return None;
        };
        let mut used = self.used_resources.lock().unwrap_or_else(PoisonError::into_inner);
        used.insert(path);
        Some(bytes.clone())
    }

    /// The place of a component's resource file, which is there.
    fn resource_id(&self, component: &str, name: &str) -> Option<FileId> {
        self.files.id(&resource_path(component, name))
    }

    /// Reports that something needs a user; a wrong `[user]` is reported where it stands.
    fn missing_user(&self, span: &Span, why: &str, found: &mut Diagnostics) {
        if !self.user_is_declared {
            let message = format!("{why}, and stack.toml has no [user]");
            found.push(
                Diagnostic::new(Code::MissingUser, span, message)
                    .presumes(&["user"])
                    .help("add [user] to stack.toml"),
            );
        }
    }

    /// `root` or `user`.
    fn owner(&self, written: Option<&Spanned<String>>, found: &mut Diagnostics) -> Option<Owner> {
        let written = written?;
        match written.value.as_str() {
            "root" => Some(Owner::Root),
            "user" => {
                if self.user.is_none() {
                    self.missing_user(&written.span, "`user` is the image's user", found);
                }
                Some(Owner::User)
            }
            other => {
                found.push(
                    Diagnostic::new(
                        Code::UnknownValue,
                        &written.span,
                        format!("{other:?} is neither `root` nor `user`"),
                    )
                    .help("\"user\" means the one of [user] in stack.toml, whatever its name"),
                );
                None
            }
        }
    }
}

fn unused_resources(context: &Context<'_>, found: &mut Diagnostics) {
    let used = context.used_resources.lock().unwrap_or_else(PoisonError::into_inner);
    for path in context.files.paths() {
        if !path.starts_with("resources/") || used.contains(path) {
            continue;
        }
        // What uses it may be the very thing that is wrong in its component.
        let component = path.split('/').nth(1).map(|name| format!("{COMPONENTS}{name}.toml"));
        let component = component.and_then(|path| context.files.id(&path));
        if component.is_some_and(|file| found.has_errors_in(file)) {
            continue;
        }
        let Some(file) = context.files.id(path) else { continue };
        let message = format!("nothing uses {}/{path}", context.files.root());
        found.push(
            Diagnostic::new(Code::UnusedResource, &Span::new(file, 0..0), message)
                .about(context.files.display_path(file))
                .help("remove it, or name it in [files] or in `inputs` of [script]"),
        );
    }
}
