//! Entries of the spec folder that no spec can have.

use crate::diagnostic::{COMPONENT, Code, Diagnostic, Diagnostics, STACK};
use crate::parse::STACK_FILE;
use crate::source::{Span, SpecFiles, Unusable};

/// Reports each of them.
pub fn report(files: &SpecFiles, found: &mut Diagnostics) {
    for (&file, &why) in files.unusable() {
        let path = files.display_path(file);
        let (problem, help) = match why {
            Unusable::Outside => (
                format!("{path} is a link that leads out of the spec folder"),
                "copy the file into the spec: what an image is made of lies in one place",
            ),
            Unusable::Dangling => (
                format!("{path} is a link to nothing"),
                "remove it, or put its target into the spec",
            ),
            Unusable::Loop => {
                (format!("{path} leads back into itself"), "link to a file, or remove the link")
            }
            Unusable::Special => (
                format!("{path} is neither a file nor a folder"),
                "remove it: a spec has files and folders, and links to them",
            ),
            Unusable::Name => (
                format!("the name of {path} is not UTF-8"),
                "rename it; the characters shown as \u{fffd} stand for the bytes in question",
            ),
            Unusable::TooLarge { bytes, most } => (
                format!("{path} has {bytes} bytes; a file of a spec has at most {most}"),
                "large data belongs into a download",
            ),
        };
        let is_stack = files.id(STACK_FILE) == Some(file);
        found.lose(file, if is_stack { STACK } else { COMPONENT });
        found.push(
            Diagnostic::new(Code::UnusableFile, &Span::new(file, 0..0), problem)
                .about(path)
                .help(help),
        );
    }
}
