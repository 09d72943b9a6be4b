//! Shell that an experiment adds to a component: its own, and what lays files before other scripts look for them.

use std::fmt::Write;

use toml::{Table, Value};

use super::{Home, resource};
use crate::dev::experiments::owned;
use crate::dev::experiments::trial::{Content, NewFile};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::render::quote;
use crate::source::{Span, Spanned};
use crate::syntax::experiment::Experiment;

/// What is added.
struct Addition {
    body: String,
    undo: Option<String>,
    origin: Span,
}

/// Adds `run`, and files that are laid `early`, to the script of a component.
pub(super) fn add(
    home: &mut Home<'_, '_>,
    name: &Spanned<String>,
    written: &Experiment,
    early: &[NewFile],
    found: &mut Diagnostics,
) {
    if written.run.is_none() {
        let of_run = [("undo", written.undo.as_ref()), ("user", written.user.as_ref())];
        for (key, value) in of_run.into_iter().chain([("writable", written.writable.first())]) {
            let Some(value) = value else { continue };
            let message = format!("`{key}` of `{name}` is about `run`, which it has not");
            found.push(
                Diagnostic::new(Code::ConflictingKeys, &value.span, message)
                    .help("give the commands as `run`, or remove this key"),
            );
        }
        if early.is_empty() {
            return;
        }
    }
    let origin = written.run.as_ref().map_or(&name.span, |run| &run.span);
    if !can_lay(written, early, found) || !is_of_all_variants(home, origin, found) {
        return;
    }
    let laid = early.iter().map(|file| lay(home, file, found)).collect::<Vec<String>>().concat();
    let body = written.run.as_ref().map_or("", |run| run.value.as_str());
    let addition = Addition {
        body: whole_lines(format!("{laid}{body}")),
        undo: undo(written, early),
        origin: origin.clone(),
    };
    let table = home.draft.table(&home.file);
    match table.get("script").and_then(Value::as_table) {
        Some(script) => append(home, script, written, addition, found),
        None => begin(home, written, addition, found),
    }
    for path in &written.writable {
        home.name(&["script", "writable"], path, found);
    }
    for file in early {
        let source = Spanned::new(source(file), file.path.span.clone());
        home.name(&["script", "inputs"], &source, found);
    }
}

/// Several lines as people write them: the last one ends, too.
fn whole_lines(mut text: String) -> String {
    if text.contains('\n') && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// Whether a script of root can lay the files: those of the user have owners and places that only a later layer knows.
fn can_lay(written: &Experiment, early: &[NewFile], found: &mut Diagnostics) -> bool {
    let mut can = true;
    let is_user =
        |owner: &Option<Spanned<String>>| owner.as_ref().is_some_and(|owner| owner.value == "user");
    for file in early {
        if file.path.value.starts_with('~') || is_user(&file.owner) || is_user(&written.user) {
            can = false;
            let message =
                format!("{} cannot be laid as the user before another component", file.path);
            found.push(
                Diagnostic::new(Code::ConflictingKeys, &file.path.span, message)
                    .help("write it with `run` and `user = \"user\"`, or leave `before` out"),
            );
        }
    }
    can
}

/// Reports a script that a variant has its own of, where an addition would be missing; whether there is none.
fn is_of_all_variants(home: &Home<'_, '_>, origin: &Span, found: &mut Diagnostics) -> bool {
    let table = home.draft.table(&home.file);
    let is_varied =
        |key: &str| owned::places(&table, &["script", key]).iter().any(|path| path.len() > 2);
    let differs = ["run", "source", "undo", "user"].into_iter().any(is_varied);
    if differs {
        let message = format!("the script of `{}` differs between variants", home.component);
        found.push(
            Diagnostic::new(Code::ConflictingKeys, origin, message)
                .help("remove `component`, and the experiment becomes a component of its own"),
        );
    }
    !differs
}

/// The resource of a file that a script lays.
fn source(file: &NewFile) -> String {
    match &file.content {
        Content::Resource { source, .. } => source.clone(),
        Content::Text(_) => file.path.value.trim_start_matches('/').replace('/', "-"),
    }
}

/// A command that lays a file, which becomes a resource.
fn lay(home: &mut Home<'_, '_>, file: &NewFile, found: &mut Diagnostics) -> String {
    let source = source(file);
    home.resource(&source, file, found);
    let mode = file.mode.as_ref().map_or("0644", |mode| mode.value.as_str());
    let word = |text: &str| quote::shell(text).unwrap_or_default();
    format!(
        "install -D --mode={} \"$INPUTS\"/{} {}\n",
        word(mode),
        word(&source),
        word(&file.path.value)
    )
}

/// What takes the whole addition back, if that is known.
fn undo(written: &Experiment, early: &[NewFile]) -> Option<String> {
    if written.run.is_some() && written.undo.is_none() {
        return None;
    }
    let mut undo = written.undo.as_ref().map_or(String::new(), |undo| undo.value.clone());
    for file in early {
        if !undo.is_empty() && !undo.ends_with('\n') {
            undo.push('\n');
        }
        let path = quote::shell(&file.path.value).unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = write!(undo, "rm --force {path}");
    }
    Some(whole_lines(undo))
}

/// A script where there was none.
fn begin(
    home: &mut Home<'_, '_>,
    written: &Experiment,
    addition: Addition,
    found: &mut Diagnostics,
) {
    let Addition { body, undo, origin } = addition;
    home.set(&["script", "run"], Value::String(body), &origin, found);
    if let Some(undo) = undo {
        home.set(&["script", "undo"], Value::String(undo), &origin, found);
    }
    if let Some(user) = &written.user {
        let value = Value::String(user.value.clone());
        home.set(&["script", "user"], value, &user.span, found);
    }
}

/// More of a script.
fn append(
    home: &mut Home<'_, '_>,
    script: &Table,
    written: &Experiment,
    addition: Addition,
    found: &mut Diagnostics,
) {
    let Addition { body, undo, origin } = addition;
    let text = |key: &str| script.get(key).and_then(Value::as_str);
    let user = text("user").unwrap_or("root");
    let wanted = written.user.as_ref().map_or("root", |user| user.value.as_str());
    if user != wanted {
        let message =
            format!("the script of `{}` is run by {user}, this by {wanted}", home.component);
        found.push(
            Diagnostic::new(Code::ConflictingKeys, &origin, message)
                .help("remove `component`, and the experiment becomes a component of its own"),
        );
        return;
    }
    let joined = |old: &str, new: &str| {
        let end = if old.is_empty() || old.ends_with('\n') { "" } else { "\n" };
        format!("{old}{end}{new}")
    };
    if undo.is_none() && script.contains_key("undo") {
        let message = format!(
            "the script of `{}` has an `undo`, which would not take this `run` back",
            home.component
        );
        found.push(
            Diagnostic::new(Code::ConflictingKeys, &origin, message)
                .help("say its `undo`; \":\" where the script's own covers it"),
        );
        return;
    }
    if let Some(source) = text("source") {
        let path = resource(&home.component, source);
        let old = home.draft.bytes(&path).map_or(&[][..], |bytes| bytes);
        let new = whole_lines(joined(&String::from_utf8_lossy(old), &body));
        home.draft.put(&path, new.into_bytes().into(), &origin);
    } else {
        let run = whole_lines(joined(text("run").unwrap_or_default(), &body));
        home.set(&["script", "run"], Value::String(run), &origin, found);
    }
    // What came last is taken back first.
    let undo = undo.filter(|undo| undo.trim() != ":");
    if let (Some(new), Some(old)) = (undo, text("undo")) {
        home.set(
            &["script", "undo"],
            Value::String(whole_lines(joined(&new, old))),
            &origin,
            found,
        );
    }
}
