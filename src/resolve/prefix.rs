//! The new folders that package managers other than apt fill, and the programs and addresses that they use.

use super::{Context, check};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::path::AbsolutePath;
use crate::source::{Span, Spanned};

/// A folder of a component's own. Its path becomes part of what is installed there, so it lies neither in the home,
/// which begins empty, nor in the skeleton, from which nothing is used in place.
pub(super) fn folder(
    context: &Context<'_>,
    written: Option<&Spanned<String>>,
    (table, key): (&Span, &'static str),
    found: &mut Diagnostics,
) -> Option<AbsolutePath> {
    let help = format!("name a new folder: {key} = \"/opt/…\"");
    let written = check::required(written, table, key, &help, found)?;
    let in_home = |what: &str| {
        Diagnostic::new(Code::HomePath, &written.span, format!("the folder lies in {what}"))
            .help("packages name their own folder, and root owns it: put it below /opt")
    };
    if written.value.starts_with("~/") {
        found.push(in_home("the home"));
        return None;
    }
    let path = check::path(written, "the folder", found)?;
    if let Some(user) = &context.user {
        for (place, what) in [(&user.home, "the home"), (&user.skeleton, "the skeleton")] {
            if path.is_in(place) {
                found.push(in_home(what));
                return None;
            }
        }
    }
    if path.is_shared_directory() {
        let message = format!("{path} cannot be one component's: many packages share it");
        found.push(
            Diagnostic::new(Code::ReservedPath, &written.span, message)
                .help("name a folder of its own, such as /opt/tool"),
        );
        return None;
    }
    Some(path)
}

/// A program of the image, or the usual one.
pub(super) fn program(
    written: Option<&Spanned<String>>,
    usual: &str,
    found: &mut Diagnostics,
) -> Option<AbsolutePath> {
    match written {
        Some(written) => {
            check::named(written, Code::BadPath, "the program", AbsolutePath::parse, found)
        }
        None => AbsolutePath::parse(usual).ok(),
    }
}
