//! A failed build, said so that its author can mend it: the layer, its components, the place in the spec that is at
//! fault, the end of the log.

use super::progress::describe;
use crate::commands::Session;
use crate::compile::Output;
use crate::dev::experiments::Tried;
use crate::diagnostic::Label;
use crate::diagnostic::render::excerpt;
use crate::engine::build::Failure;
use crate::model::component::Component;
use crate::plan::ImagePlan;
use crate::source::{FileId, Span, SpecFiles};

/// The spec that was built: its files, and what they compile to.
#[derive(Clone, Copy, Debug)]
pub struct Spec<'spec> {
    /// What its author wrote.
    pub files: &'spec SpecFiles,
    /// Whose components the layers are.
    pub output: &'spec Output,
    /// The files of which that came, where experiments changed those of the author.
    pub tried: Option<&'spec Tried>,
}

/// Reports the failure of an image.
pub fn report(session: &Session, spec: Spec<'_>, image: &ImagePlan, failure: &Failure) {
    if failure.interrupted {
        return;
    }
    let name = &image.name;
    let Some(layer) = failure.layer else {
        show_log(session, failure);
        session.complain(&format!("error: building `{name}` failed: {}", failure.message));
        help(session, failure);
        return;
    };
    let (layer_name, owners) = describe(image, layer);
    let of = if owners.is_empty() { "the stack's own".to_owned() } else { format!("of {owners}") };
    session.complain(&format!("{layer_name} ended with"));
    show_log(session, failure);
    let title = format!("building `{name}` failed in its layer {layer_name}, {of}");
    let components = owners_of(spec.output, image, layer);
    let compiled = spec.tried.map_or(spec.files, |tried| &tried.files);
    match place(compiled, &components, &failure.log) {
        Some(mut label) => {
            if let Some(tried) = spec.tried {
                label.span = tried.written(spec.files, &label.span);
            }
            let text = excerpt(&title, spec.files, &label, session.style);
            session.complain(&text);
        }
        None => session.complain(&format!("error: {title}")),
    }
    session.complain(&format!("  = engine: {}", failure.message));
    help(session, failure);
}

/// Shows the end of the log.
fn show_log(session: &Session, failure: &Failure) {
    for line in &failure.log {
        session.complain(&format!("  | {line}"));
    }
}

fn help(session: &Session, failure: &Failure) {
    if let Some(meaning) = failure.meaning {
        session.complain(&format!("  = help: {meaning}"));
    }
}

/// The components that a layer belongs to: the image's own, or for a late layer its parents' as well.
fn owners_of<'output>(
    output: &'output Output,
    image: &ImagePlan,
    layer: usize,
) -> Vec<&'output Component> {
    let names = image.layers.get(layer).map(|layer| layer.owners.as_slice()).unwrap_or_default();
    let variant = output.stack.variants.iter().find(|variant| variant.name == image.variant);
    let found = variant.and_then(|variant| {
        Some(variant.chain(variant.images.iter().find(|other| other.name == image.name)?))
    });
    let chain = found.into_iter().flatten();
    let components = chain.flat_map(|image| &image.components).map(AsRef::as_ref);
    components.filter(|component: &&Component| names.contains(&component.name)).collect()
}

/// A value of the spec, and words of a log that are about it.
struct Suspect<'component> {
    span: &'component Span,
    words: Vec<&'component str>,
    what: &'static str,
}

/// The place in the spec that the end of a log is about: the last value that it names, else a line of a script that
/// it quotes, else the file of the only component.
fn place(files: &SpecFiles, components: &[&Component], log: &[String]) -> Option<Label> {
    let suspects: Vec<Suspect<'_>> =
        components.iter().flat_map(|component| suspects(component)).collect();
    for line in log.iter().rev() {
        if let Some(script) = quoted_line(files, components, line) {
            return Some(script);
        }
        let named = suspects
            .iter()
            .filter(|suspect| suspect.words.iter().any(|word| has_word(line, word)))
            .max_by_key(|suspect| suspect.words.iter().map(|word| word.len()).max());
        if let Some(suspect) = named {
            return Some(Label { span: suspect.span.clone(), text: suspect.what.to_owned() });
        }
    }
    let [component] = components else { return None };
    Some(Label { span: component.span.clone(), text: "this component".to_owned() })
}

fn suspects(component: &Component) -> Vec<Suspect<'_>> {
    let packages = component.packages.iter().map(|package| Suspect {
        span: &package.span,
        words: vec![package.value.as_str()],
        what: "this package",
    });
    let downloads = component.downloads.iter().map(|download| {
        let artifacts = &download.artifacts;
        let urls =
            artifacts.iter().flat_map(|artifact| artifact.urls.iter().map(|url| url.text.as_str()));
        let sums = artifacts.iter().map(|artifact| artifact.sha256.value.as_str());
        Suspect { span: &download.span, words: urls.chain(sums).collect(), what: "this download" }
    });
    packages.chain(downloads).collect()
}

/// Whether a line has a word that is not a part of a longer one.
fn has_word(line: &str, word: &str) -> bool {
    let belongs = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let mut after = line[at + word.len()..].chars();
        let ends = match after.next() {
            // The full stop of a sentence.
            Some('.') => after.next().is_none_or(char::is_whitespace),
            Some(c) => !belongs(c),
            None => true,
        };
        !before.is_some_and(belongs) && ends
    })
}

/// Lines as short as this stand in many places.
const SHORTEST: usize = 4;

/// The line of a component's file that the log quotes: scripts print the command that failed.
fn quoted_line(files: &SpecFiles, components: &[&Component], line: &str) -> Option<Label> {
    let quoted = line.trim();
    if quoted.len() < SHORTEST {
        return None;
    }
    components.iter().filter(|component| component.script.is_some()).find_map(|component| {
        let file: FileId = component.span.file;
        let text = files.text(file);
        let mut start = 0;
        for written in text.split_inclusive('\n') {
            if written.trim() == quoted || written.trim().ends_with(&format!("= \"{quoted}\"")) {
                let indent = written.len() - written.trim_start().len();
                let span = Span::new(file, start + indent..start + written.trim_end().len());
                return Some(Label { span, text: "this command".to_owned() });
            }
            start += written.len();
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::has_word;

    #[test]
    fn words_are_whole() {
        assert!(has_word("E: Unable to locate package gti", "gti"));
        assert!(has_word("E: Package 'gti' has no installation candidate", "gti"));
        assert!(has_word("no such package: gti. Try again", "gti"));
        assert!(!has_word("libgti-dev", "gti"));
        assert!(!has_word("gti-common", "gti"));
        assert!(!has_word("gti.conf", "gti"));
    }
}
