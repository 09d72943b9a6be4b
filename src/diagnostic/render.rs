//! Diagnostics as text: file, line, column, the source line, carets, the help.

use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};

use super::{Diagnostic, Label, Severity};
use crate::source::{FileId, SpecFiles};

/// Whether to colour the text; decided by the caller, who knows the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// No escape sequences.
    Plain,
    /// ANSI colours.
    Coloured,
}

/// One diagnostic as a block of lines, without a line break at its end.
pub fn render(diagnostic: &Diagnostic, files: &SpecFiles, style: Style) -> String {
    let level = match diagnostic.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(&diagnostic.message).id(diagnostic.code.name());
    let mut group = match &diagnostic.about {
        Some(file) => title.element(Origin::path(file)),
        None => title.element(snippet(
            files,
            diagnostic.primary.span.file,
            std::iter::once((&diagnostic.primary, AnnotationKind::Primary)).chain(
                diagnostic
                    .related
                    .iter()
                    .filter(|label| label.span.file == diagnostic.primary.span.file)
                    .map(|label| (label, AnnotationKind::Context)),
            ),
        )),
    };
    for label in &diagnostic.related {
        if label.span.file != diagnostic.primary.span.file {
            let labels = std::iter::once((label, AnnotationKind::Context));
            group = group.element(snippet(files, label.span.file, labels));
        }
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help));
    }
    renderer(style).render(&[group])
}

/// A message about one place of the spec that is no finding of the compiler.
pub fn excerpt(message: &str, files: &SpecFiles, label: &Label, style: Style) -> String {
    let labels = std::iter::once((label, AnnotationKind::Primary));
    let group =
        Level::ERROR.primary_title(message).element(snippet(files, label.span.file, labels));
    renderer(style).render(&[group])
}

fn renderer(style: Style) -> Renderer {
    match style {
        Style::Plain => Renderer::plain(),
        Style::Coloured => Renderer::styled(),
    }
}

fn snippet<'a>(
    files: &'a SpecFiles,
    file: FileId,
    labels: impl Iterator<Item = (&'a Label, AnnotationKind)>,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let text = files.text(file);
    let length = text.len();
    Snippet::source(text)
        .path(files.display_path(file))
        .annotations(labels.map(|(label, kind)| {
            let range = label.span.start.min(length)..label.span.end.min(length);
            let annotation = kind.span(range);
            if label.text.is_empty() { annotation } else { annotation.label(label.text.as_str()) }
        }))
        .fold(true)
}
