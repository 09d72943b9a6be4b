//! What must hold for any input of the compiler, however broken.

use rdspec::compile::compile;
use rdspec::diagnostic::Severity;
use rdspec::diagnostic::render::{Style, render};
use rdspec::source::SpecFiles;

/// Compiles and prints everything that is found. It fails on a panic, an internal error, a place outside of the text,
/// output beside errors, and output that cannot be written or read.
pub(crate) fn survive(files: &SpecFiles) {
    // Without a file there is no place to point at; `Workspace::load` refuses that folder before.
    if files.paths().next().is_none() {
        return;
    }
    let compiled = compile(files).unwrap_or_else(|error| panic!("internal error: {error:#}"));
    let mut failed = false;
    for diagnostic in &compiled.diagnostics {
        failed |= diagnostic.severity() == Severity::Error;
        for label in std::iter::once(&diagnostic.primary).chain(&diagnostic.related) {
            let text = files.text(label.span.file);
            assert!(text.get(label.span.range()).is_some(), "{diagnostic:?}");
        }
        assert!(render(diagnostic, files, Style::Plain).contains(diagnostic.code.name()));
        assert!(!render(diagnostic, files, Style::Coloured).is_empty());
    }
    assert_eq!(compiled.output.is_none(), failed, "{:#?}", compiled.diagnostics);
    let Some(output) = compiled.output else { return };
    for (path, file) in output.tree.iter() {
        let is_name = |part: &str| !matches!(part, "" | "." | "..") && part.len() <= 255;
        assert!(path.split('/').all(is_name) && !path.contains(char::is_control), "{path:?}");
        if path.ends_with("/Dockerfile") {
            let text = std::str::from_utf8(&file.bytes).unwrap_or_else(|_| panic!("{path}"));
            parse_dockerfile::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        }
    }
}
