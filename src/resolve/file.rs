//! `[files.*]`: where a file goes, what is in it, whose it is.

use super::{Context, check};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::component::{File, Owner};
use crate::model::names::Mode;
use crate::model::path::AbsolutePath;
use crate::source::Spanned;
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
    written: &syntax::File,
    found: &mut Diagnostics,
) -> Option<File> {
    let target = target(context, key, "the file", found);
    let content = file_content(context, component, key, written, found);
    let mode = match &written.mode {
        Some(mode) => check::named(mode, Code::BadMode, "the mode", Mode::parse, found),
        None => Some(Mode::FILE),
    };
    let owner = context.owner(written.owner.as_ref(), found);
    let (target, content, mode) = (target?, content?, mode?);
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
    if let (true, Some(user)) = (target.in_home, &context.user) {
        skeleton_in_content(user.skeleton.as_str(), &content, key, found);
    }
    Some(File { path: target.path, content, mode, owner, span: key.span.clone() })
}

/// What is used in the home must not name the place where it waits.
fn skeleton_in_content(
    skeleton: &str,
    content: &[u8],
    key: &Spanned<String>,
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
        let message = format!("the content of {key} names {skeleton}");
        found.push(
            Diagnostic::new(Code::SkeletonInFile, &key.span, message)
                .help("it is used in the home: say $HOME, or a relative path"),
        );
    }
}

fn file_content(
    context: &Context<'_>,
    component: &str,
    key: &Spanned<String>,
    written: &syntax::File,
    found: &mut Diagnostics,
) -> Option<Vec<u8>> {
    match (&written.source, &written.content) {
        (Some(source), Some(content)) => {
            found.push(
                Diagnostic::new(Code::ConflictingKeys, &content.span, "the content is given twice")
                    .related(&source.span, "also here")
                    .help("keep `source` or `content`"),
            );
            None
        }
        (None, Some(content)) => Some(content.value.clone().into_bytes()),
        (Some(source), None) => context.resource(component, &source.value, &source.span, found),
        (None, None) => {
            let name = key.value.rsplit('/').next().unwrap_or_default();
            context.resource(component, name, &key.span, found)
        }
    }
}
