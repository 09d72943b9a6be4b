//! `[accept]` of components and of the stack: findings that are right where they are, with the reason.
//!
//! Takes the written files and all diagnostics, takes away what was accepted, and reports what was accepted for
//! nothing. Never hides an error.

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity, suggest};
use crate::parse::Syntax;
use crate::source::Spanned;

/// Applies the `[accept]` of every file to the findings about it, among which none are that were not looked for.
pub fn apply(syntax: &Syntax, not_looked_for: &[Code], found: &mut Diagnostics) {
    // Variants may share a file or not; what one of them accepts counts for the file.
    let mut accepted: BTreeMap<_, (&Spanned<String>, &Spanned<String>)> = BTreeMap::new();
    let of_stacks = syntax.stacks.iter().map(|stack| (stack.file, &stack.accept));
    let components = syntax.components.values().flatten();
    for (file, codes) in of_stacks.chain(components.map(|file| (file.file, &file.accept))) {
        for (code, reason) in codes {
            accepted.entry((file, code.value.as_str())).or_insert((code, reason));
        }
    }
    let mut unused = Vec::new();
    for ((file, name), (written, reason)) in accepted {
        let Some(code) = check(name, written, reason, found) else { continue };
        if found.take(file, code) == 0 && !not_looked_for.contains(&code) {
            unused.push((code, written));
        }
    }
    // Behind an error much is never looked at.
    if found.has_errors() {
        return;
    }
    for (code, written) in unused {
        let message = format!("`{}` is accepted and does not occur", code.name());
        found.push(
            Diagnostic::new(Code::UnusedAccept, &written.span, message)
                .help("remove it, so that it is reported when it comes back"),
        );
    }
}

fn check(
    name: &str,
    written: &Spanned<String>,
    reason: &Spanned<String>,
    found: &mut Diagnostics,
) -> Option<Code> {
    let Some(code) = Code::ALL.iter().copied().find(|code| code.name() == name) else {
        let message = format!("there is no finding `{name}`");
        let mut diagnostic = Diagnostic::new(Code::UnknownCode, &written.span, message);
        let warnings = Code::ALL.iter().filter(|code| code.severity() == Severity::Warning);
        diagnostic.help = suggest::help(name, warnings.map(|code| code.name()));
        found.push(diagnostic);
        return None;
    };
    let bad =
        |at: &Spanned<String>, message: String| Diagnostic::new(Code::BadAccept, &at.span, message);
    if code.severity() == Severity::Error {
        found.push(
            bad(written, format!("`{name}` is an error, and errors cannot be accepted"))
                .help("fix what it reports: nothing is generated until then"),
        );
        return None;
    }
    if code == Code::UnusedAccept {
        found.push(
            bad(written, format!("`{name}` cannot be accepted itself"))
                .help("remove the entry that it reports"),
        );
        return None;
    }
    if reason.value.trim().is_empty() {
        found.push(
            bad(reason, format!("there is no reason why `{name}` is accepted"))
                .help("say in a few words why it is right here"),
        );
    }
    Some(code)
}
