//! `[links.*]` and `[directories.*]`: what a component puts into the image besides files.

use super::file::{self, Target};
use super::{Context, check};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::component::{Directory, Link, Owner};
use crate::model::mode::DirectoryMode;
use crate::model::path::{AbsolutePath, LinkTarget};
use crate::source::Spanned;
use crate::syntax;

pub(super) fn link(
    context: &Context<'_>,
    key: &Spanned<String>,
    written: &syntax::component::Link,
    found: &mut Diagnostics,
) -> Option<Link> {
    let place = file::target(context, key, "the link", found);
    let help = "say where the link leads: to = \"/opt/tool/bin/tool\"";
    let to = check::required(written.to.as_ref(), &written.span, "to", help, found)?;
    let target = match LinkTarget::parse(&to.value) {
        Ok(target) => target,
        Err(problem) => {
            let message = format!("the target {:?} {problem}", to.value);
            found.push(
                Diagnostic::new(Code::BadPath, &to.span, message)
                    .help("give an absolute path, or one relative to the directory of the link"),
            );
            return None;
        }
    };
    let Target { path, in_home } = place?;
    let end = target.from(&path);
    if end.as_ref() == Some(&path) {
        let message = format!("the link {path} leads to itself");
        found.push(Diagnostic::new(Code::BadPath, &to.span, message));
        return None;
    }
    names_skeleton(context, &target, to, found);
    let owner = if in_home { Owner::User } else { Owner::Root };
    Some(Link { path, to: target, owner, span: key.span.clone() })
}

/// What is used in the home must not name the place where it waits.
fn names_skeleton(
    context: &Context<'_>,
    target: &LinkTarget,
    written: &Spanned<String>,
    found: &mut Diagnostics,
) {
    let Some(user) = &context.user else { return };
    let end = AbsolutePath::parse(target.as_str());
    if end.is_ok_and(|end| end.is_in(&user.skeleton)) {
        let message = format!("the link leads into {}, the skeleton of the home", user.skeleton);
        found.push(Diagnostic::new(Code::SkeletonInFile, &written.span, message).help(format!(
            "name the file as it will be in the home, {}, or relative to the link",
            user.home
        )));
    }
}

pub(super) fn directory(
    context: &Context<'_>,
    key: &Spanned<String>,
    written: &syntax::component::Directory,
    found: &mut Diagnostics,
) -> Option<Directory> {
    let place = file::target(context, key, "the directory", found);
    let mode = match &written.mode {
        Some(mode) => check::named(mode, Code::BadMode, "the mode", DirectoryMode::parse, found),
        None => Some(DirectoryMode::DEFAULT),
    };
    let owner = context.owner(written.owner.as_ref(), found);
    let (Target { path, in_home }, mode) = (place?, mode?);
    let owner = owner.unwrap_or(if in_home { Owner::User } else { Owner::Root });
    let holds_skeleton = context.user.as_ref().is_some_and(|user| user.skeleton.is_in(&path));
    let problem = if path.is_shared_directory() || holds_skeleton {
        Some(format!("{path} belongs to the system, which decides its mode and owner"))
    } else if owner == Owner::User && path.holds_programs() {
        Some(format!("{path} would be the user's, among the programs and configuration of root"))
    } else {
        None
    };
    if let Some(message) = problem {
        found.push(
            Diagnostic::new(Code::ReservedPath, &key.span, message).help(
                "name a directory of the component's own, such as /opt/tool or /var/lib/tool",
            ),
        );
        return None;
    }
    // The sticky bit keeps users from replacing each other's files: /tmp has it.
    let is_open = mode.bits() & 0o022 != 0 && mode.bits() & 0o1000 == 0;
    if let (Some(written), Owner::Root, true) = (&written.mode, owner, is_open) {
        found.push(
            Diagnostic::new(
                Code::BadMode,
                &written.span,
                format!("the mode {mode} lets others than root change a directory of root"),
            )
            .help("give the directory to the user with owner = \"user\", or take the right away"),
        );
    }
    Some(Directory { path, mode, owner, span: key.span.clone() })
}
