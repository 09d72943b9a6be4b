//! `[files.*]`: where a file goes, what is in it, whose it is.

use bytes::Bytes;

use super::{Context, check};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::component::{File, Owner};
use crate::model::names::Mode;
use crate::model::path::AbsolutePath;
use crate::source::{Span, Spanned};
use crate::syntax;

/// Where something goes, and whether it was written as `~/…`.
pub(super) struct Target {
    pub(super) path: AbsolutePath,
    pub(super) in_home: bool,
}

/// An absolute path, or `~/…` for a path below the home skeleton.
pub(super) fn target(
    context: &Context<'_>,
    written: &Spanned<String>,
    what: &str,
    found: &mut Diagnostics,
) -> Option<Target> {
    if let Some(below) = written.value.strip_prefix("~/") {
        let Some(user) = &context.user else {
            context.missing_user(&written.span, "`~` is the home of the image's user", found);
            return None;
        };
        let path =
            check::named(written, Code::BadPath, what, |_| user.skeleton.join(below), found)?;
        return Some(Target { path, in_home: true });
    }
    let path = check::path(written, what, found)?;
    if let Some(user) = &context.user {
        let inside = [&user.home, &user.skeleton].into_iter().find(|place| path.is_in(place));
        if let Some(inside) = inside {
            let below = path.as_str().strip_prefix(inside.as_str()).unwrap_or_default();
            found.push(
                Diagnostic::new(
                    Code::HomePath,
                    &written.span,
                    if *inside == user.home {
                        format!("{what} lies in the home, which a volume may hide")
                    } else {
                        format!("{what} lies in {inside}, the skeleton of the home")
                    },
                )
                .help(format!("write it as it will be in the home: \"~{below}\"")),
            );
            return None;
        }
    }
    Some(Target { path, in_home: false })
}

pub(super) fn resolve(
    context: &Context<'_>,
    component: &str,
    key: &Spanned<String>,
    written: &syntax::component::File,
    found: &mut Diagnostics,
) -> Option<File> {
    let target = target(context, key, "the file", found);
    let content = file_content(context, component, key, written, found);
    let is_template = written.template.as_ref().is_some_and(|template| template.value);
    let mode = match &written.mode {
        Some(mode) => check::named(mode, Code::BadMode, "the mode", Mode::parse, found),
        None => Some(Mode::FILE),
    };
    let owner = context.owner(written.owner.as_ref(), found);
    let (target, (content, place), mode) = (target?, content?, mode?);
    let template = is_template.then_some(place);
    if let (Some(place), Err(error)) = (&template, std::str::from_utf8(&content)) {
        // The excerpt shows the text with replacement characters, so the span is counted in it.
        let read = content.get(..error.valid_up_to()).unwrap_or_default().len();
        let span = Span::new(place.file, read..read + '\u{fffd}'.len_utf8());
        found.push(
            Diagnostic::new(Code::NotUtf8, &span, "the template is not UTF-8")
                .label("this byte starts no UTF-8 character")
                .help("save it as UTF-8, or leave out `template` for a file without variables"),
        );
        return None;
    }
    let owner = owner.unwrap_or(if target.in_home { Owner::User } else { Owner::Root });
    if let (Some(written), Owner::Root) = (&written.mode, owner)
        && mode.bits() & 0o022 != 0
    {
        found.push(
            Diagnostic::new(
                Code::BadMode,
                &written.span,
                format!("the mode {mode} lets others than root write a file of root"),
            )
            .help("give the file to the user with owner = \"user\", or take the right away"),
        );
    }
    if let (true, Some(user), None) = (target.in_home, &context.user, &template) {
        skeleton_in_content(user.skeleton.as_str(), &content, &key.value, &key.span, found);
    }
    Some(File { path: target.path, content, template, mode, owner, span: key.span.clone() })
}

/// What is used in the home must not name the place where it waits.
pub(super) fn skeleton_in_content(
    skeleton: &str,
    content: &[u8],
    file: &str,
    span: &Span,
    found: &mut Diagnostics,
) {
    let is_part = |byte: Option<&u8>| {
        byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
    };
    let whole = content.windows(skeleton.len()).enumerate().any(|(at, window)| {
        window == skeleton.as_bytes()
            && !is_part(at.checked_sub(1).and_then(|before| content.get(before)))
            && !is_part(content.get(at + skeleton.len()))
    });
    if whole {
        let message = format!("the content of {file} names {skeleton}");
        found.push(
            Diagnostic::new(Code::SkeletonInFile, span, message)
                .help("it is used in the home: say $HOME, or a relative path"),
        );
    }
}

/// The content of a file, and where it stands: a resource file as a whole, or the text between the quotes in TOML.
/// Where an escape makes the text differ from what is written, it is the written string.
fn file_content(
    context: &Context<'_>,
    component: &str,
    key: &Spanned<String>,
    written: &syntax::component::File,
    found: &mut Diagnostics,
) -> Option<(Bytes, Span)> {
    let mut resource = |name: &str, span: &Span| {
        let bytes = context.resource(component, name, span, found)?;
        let path = format!("{}{name}", super::resource_folder(component));
        let place = context.files.id(&path).map(|file| Span::new(file, 0..bytes.len()));
        Some((bytes, place.unwrap_or_else(|| span.clone())))
    };
    match (&written.source, &written.content) {
        (Some(source), Some(content)) => {
            found.push(
                Diagnostic::new(Code::ConflictingKeys, &content.span, "the content is given twice")
                    .related(&source.span, "also here")
                    .help("keep `source` or `content`"),
            );
            None
        }
        (None, Some(content)) => {
            let bytes = context.files.bytes(content.span.file);
            let inside = bytes
                .get(content.span.range())
                .and_then(|raw| std::str::from_utf8(raw).ok()?.find(&content.value))
                .filter(|_| !content.value.is_empty())
                .map(|at| content.span.start + at);
            let place = inside.map_or(content.span.clone(), |start| {
                Span::new(content.span.file, start..start + content.value.len())
            });
            Some((content.value.clone().into(), place))
        }
        (Some(source), None) => resource(&source.value, &source.span),
        (None, None) => resource(key.value.rsplit('/').next().unwrap_or_default(), &key.span),
    }
}
