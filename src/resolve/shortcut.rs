//! `[shortcuts.*]`: desktop entries (Desktop Entry Specification 1.5).

use super::{Context, check, exec, language};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, suggest};
use crate::model::names::Line;
use crate::model::path::AbsolutePath;
use crate::model::places;
use crate::model::shortcut::{Action, Program, Shortcut, is_category};
use crate::model::{self, Name};
use crate::source::{Span, Spanned};
use crate::syntax;

pub(super) fn resolve(
    context: &Context<'_>,
    key: &Spanned<String>,
    written: &syntax::component::Shortcut,
    found: &mut Diagnostics,
) -> Option<Shortcut> {
    let name = check::named(key, Code::BadName, "the shortcut name", Name::parse, found);
    if written.name.is_none() {
        let help = "say what users read below the icon: name = \"…\"";
        check::missing(&written.span, "name", help, found);
    }
    let title = written.name.as_ref();
    let title = title.and_then(|text| language::prose(context, text, "the name", true, found));
    let generic_name = written.generic_name.as_ref();
    let generic_name = generic_name
        .and_then(|text| language::prose(context, text, "the generic name", false, found));
    let comment = written.comment.as_ref();
    let comment =
        comment.and_then(|text| language::prose(context, text, "the comment", false, found));
    let keywords = written.keywords.as_ref();
    let keywords = keywords.and_then(|words| {
        language::words(context, &written.span, words, "the list of keywords", found)
    });
    let icon = written.icon.as_ref().and_then(|icon| icon_name(icon, found));
    let action = action(written, found);
    let (on_desktop, in_menu) = places(context, key, name.as_ref(), written, found);
    in_skeleton(context, written, found);
    Some(Shortcut {
        name: name?,
        title: title?,
        generic_name,
        comment,
        keywords,
        icon,
        action: action?,
        on_desktop,
        in_menu,
        span: key.span.clone(),
    })
}

/// The files that the shortcut is written to.
fn places(
    context: &Context<'_>,
    key: &Spanned<String>,
    name: Option<&Name>,
    written: &syntax::component::Shortcut,
    found: &mut Diagnostics,
) -> (Option<AbsolutePath>, Option<AbsolutePath>) {
    let on_desktop = written.desktop.as_ref().is_none_or(|desktop| desktop.value);
    let in_menu = written.menu.as_ref().is_some_and(|menu| menu.value);
    if !on_desktop && !in_menu {
        let span = written.desktop.as_ref().map_or(&written.span, |desktop| &desktop.span);
        found.push(
            Diagnostic::new(Code::ConflictingKeys, span, "the shortcut would be nowhere")
                .help("leave `desktop` out, or set menu = true"),
        );
    }
    if let (Some(menu), Some(_)) = (written.menu.as_ref().filter(|menu| menu.value), &written.url) {
        found.push(
            Diagnostic::new(Code::ConflictingKeys, &menu.span, "menus hold programs, not links")
                .help("run the browser: exec = \"xdg-open https://…\""),
        );
    }
    if on_desktop && context.user.is_none() {
        context.missing_user(&key.span, "the desktop is the one of the image's user", found);
    }
    let desktop = context.user.as_ref().filter(|_| on_desktop).zip(name);
    (
        desktop.and_then(|(user, name)| places::desktop_shortcut_path(user, name)),
        name.filter(|_| in_menu).and_then(places::menu_shortcut_path),
    )
}

/// An absolute path, or a name that icon themes look up, which has no extension.
fn icon_name(written: &Spanned<String>, found: &mut Diagnostics) -> Option<Line> {
    let icon = check::line(written, "the icon", found)?;
    let text = icon.as_str();
    let bad = |message: String| Diagnostic::new(Code::BadIcon, &written.span, message);
    if text.starts_with('/') {
        check::named(written, Code::BadPath, "the icon", AbsolutePath::parse, found)?;
        return Some(icon);
    }
    let extension = [".png", ".svg", ".xpm"].into_iter().find(|end| text.ends_with(end));
    if let Some(extension) = extension {
        let name = text.trim_end_matches(extension);
        found.push(
            bad(format!("icon themes find {name:?} in whatever format, not {text:?}"))
                .help(format!("write icon = {name:?}, or the absolute path of a file")),
        );
        return None;
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+');
    if text.is_empty() || !text.chars().all(plain) {
        found
            .push(
                bad(format!("{text:?} is neither a name in an icon theme nor an absolute path"))
                    .help("write the name alone, such as icon = \"qgis\", or the absolute path of a file in the image"),
            );
        return None;
    }
    Some(icon)
}

fn action(written: &syntax::component::Shortcut, found: &mut Diagnostics) -> Option<Action> {
    match (&written.exec, &written.url) {
        (Some(exec), None) => {
            let command = exec::parse(exec, found);
            let categories = categories(&written.categories, found);
            let mime_types = mime_types(&written.mime_types, found);
            let working_directory = written.working_directory.as_ref().and_then(|path| {
                check::named(path, Code::BadPath, "the directory", AbsolutePath::parse, found)
            });
            Some(Action::Program(Program {
                command: command?,
                command_span: exec.span.clone(),
                categories,
                mime_types,
                terminal: written.terminal.as_ref().is_some_and(|terminal| terminal.value),
                startup_notify: written.startup_notify.as_ref().map(|notify| notify.value),
                working_directory,
            }))
        }
        (None, Some(url)) => {
            only_for_programs(written, &url.span, found);
            link(url, found).map(Action::Link)
        }
        (Some(_), Some(url)) => {
            let message = "a shortcut runs a program or opens an address, not both";
            found.push(
                Diagnostic::new(Code::ConflictingKeys, &url.span, message)
                    .help("keep `exec` or `url`"),
            );
            None
        }
        (None, None) => {
            let help = "say what a click does: exec = \"/usr/bin/…\", or url = \"https://…\"";
            check::missing_all(&written.span, &["exec", "url"], help, found);
            None
        }
    }
}

/// The specification's list of keys names the types that each is for.
fn only_for_programs(written: &syntax::component::Shortcut, url: &Span, found: &mut Diagnostics) {
    let first = |list: &[Spanned<String>]| list.first().map(|value| value.span.clone());
    let flag = |value: &Option<Spanned<bool>>| value.as_ref().map(|value| value.span.clone());
    let keys = [
        ("categories", first(&written.categories)),
        ("mime-types", first(&written.mime_types)),
        ("terminal", flag(&written.terminal)),
        ("startup-notify", flag(&written.startup_notify)),
        ("working-directory", written.working_directory.as_ref().map(|path| path.span.clone())),
        ("keywords", written.keywords.as_ref().map(|_| written.span.clone())),
    ];
    for (key, span) in keys {
        let Some(span) = span else { continue };
        found.push(
            Diagnostic::new(
                Code::ConflictingKeys,
                &span,
                format!("`{key}` is for programs, not for links"),
            )
            .related(url, "the link")
            .help(format!("remove `{key}`, or give the command that opens the address as `exec`")),
        );
    }
}

/// An address that browsers open, in the characters of RFC 3986.
fn link(written: &Spanned<String>, found: &mut Diagnostics) -> Option<Line> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c);
    let text = written.value.as_str();
    let mut known = ["https://", "http://", "file:///"].into_iter();
    let rest = known.find_map(|scheme| text.strip_prefix(scheme));
    if rest.is_none_or(str::is_empty) || !text.chars().all(allowed) {
        let message = format!("{text:?} is no address that a browser opens");
        found.push(
            Diagnostic::new(Code::BadUrl, &written.span, message)
                .help("write https://, http:// or file:/// and the rest, other characters as %XX"),
        );
        return None;
    }
    check::line(written, "the address", found)
}

fn categories(written: &[Spanned<String>], found: &mut Diagnostics) -> Vec<Line> {
    let mut categories: Vec<Line> = Vec::with_capacity(written.len());
    for category in written {
        if !is_category(&category.value) {
            let message = format!("{:?} is no registered category", category.value);
            let mut diagnostic = Diagnostic::new(Code::BadCategory, &category.span, message);
            let near = suggest::nearest(&category.value, model::shortcut::categories());
            diagnostic.help = Some(near.map_or_else(
                || "use one of the Desktop Menu Specification, or X-… for your own".to_owned(),
                |near| format!("did you mean `{near}`?"),
            ));
            found.push(diagnostic);
            continue;
        }
        let Ok(line) = Line::parse(&category.value) else { continue };
        if categories.contains(&line) {
            check::twice(category, &category.value, found);
        } else {
            categories.push(line);
        }
    }
    categories
}

/// RFC 6838, "naming requirements"; the top-level types of the IANA registry and of the shared MIME database.
fn mime_types(written: &[Spanned<String>], found: &mut Diagnostics) -> Vec<Line> {
    const TOP_LEVEL: &[&str] = &[
        "application",
        "audio",
        "font",
        "image",
        "inode",
        "message",
        "model",
        "multipart",
        "text",
        "video",
        "x-content",
        "x-scheme-handler",
    ];
    let mut types: Vec<Line> = Vec::with_capacity(written.len());
    for mime_type in written {
        let (top, sub) = mime_type.value.split_once('/').unwrap_or_default();
        let allowed = |c: char| c.is_ascii_alphanumeric() || "!#$&-^_.+".contains(c);
        let well_formed = TOP_LEVEL.contains(&top)
            && sub.starts_with(|c: char| c.is_ascii_alphanumeric())
            && sub.chars().all(allowed);
        let line = Line::parse(&mime_type.value).ok().filter(|_| well_formed);
        match line {
            Some(line) if types.contains(&line) => check::twice(mime_type, &mime_type.value, found),
            Some(line) => types.push(line),
            None => {
                let message = format!("{:?} is no media type", mime_type.value);
                found.push(Diagnostic::new(Code::BadMimeType, &mime_type.span, message).help(
                    "write type/subtype, such as \"text/csv\" or \"x-scheme-handler/https\"",
                ));
            }
        }
    }
    types
}

/// What is used in the home must not name the place where it waits.
fn in_skeleton(
    context: &Context<'_>,
    written: &syntax::component::Shortcut,
    found: &mut Diagnostics,
) {
    let Some(user) = &context.user else { return };
    for text in [&written.exec, &written.icon, &written.working_directory].into_iter().flatten() {
        let named = text
            .value
            .split([' ', '"', '='])
            .any(|word| AbsolutePath::parse(word).is_ok_and(|path| path.is_in(&user.skeleton)));
        if named {
            let message = format!("the shortcut names {}", user.skeleton);
            found.push(
                Diagnostic::new(Code::SkeletonInFile, &text.span, message)
                    .help(format!("it is used when the home has been filled: {}", user.home)),
            );
        }
    }
}
