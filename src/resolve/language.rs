//! The languages of a stack, and prose in each of them.

use std::collections::BTreeMap;

use super::{Context, check};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, suggest};
use crate::model::language::Language;
use crate::model::names::Line;
use crate::model::shortcut::Localized;
use crate::source::{Span, Spanned};
use crate::syntax::component::{Prose, Words};

/// What a stack is written in that does not say.
const DEFAULT: &str = "en";

/// `languages` of `[stack]`; the first one is for whoever has none of them.
pub(super) fn of_stack(
    written: Option<&Spanned<Vec<Spanned<String>>>>,
    found: &mut Diagnostics,
) -> Vec<Language> {
    let mut languages: Vec<Language> = Vec::new();
    for code in written.map(|list| list.value.as_slice()).unwrap_or_default() {
        let what = "the language";
        let language = check::named(code, Code::BadLanguage, what, Language::parse, found);
        match language {
            Some(language) if languages.contains(&language) => {
                check::twice(code, &code.value, found);
            }
            Some(language) => languages.push(language),
            None => {}
        }
    }
    if let Some(list) = written.filter(|list| list.value.is_empty()) {
        check::empty_list(&list.span, "languages", "leave it out for \"en\"", found);
    }
    if languages.is_empty() {
        languages.extend(Language::parse(DEFAULT));
    }
    languages
}

/// One text for everybody, or one in each language. A text that is a name (`is_name`) may be the same for all;
/// any other one has to be translated.
pub(super) fn prose(
    context: &Context<'_>,
    written: &Prose,
    what: &str,
    is_name: bool,
    found: &mut Diagnostics,
) -> Option<Localized<Line>> {
    match written {
        Prose::Any(text) => {
            if !is_name {
                untranslated(context, &text.span, what, found);
            }
            let default = line(text, what, found)?;
            Some(Localized { default, others: BTreeMap::new() })
        }
        Prose::ByLanguage(span, texts) => {
            by_language(context, span, what, texts, |text, found| line(text, what, found), found)
        }
    }
}

/// The same for lists of words.
pub(super) fn words(
    context: &Context<'_>,
    key: &Span,
    written: &Words,
    what: &str,
    found: &mut Diagnostics,
) -> Option<Localized<Vec<Line>>> {
    let lines = |words: &[Spanned<String>], found: &mut Diagnostics| {
        words.iter().filter_map(|word| line(word, what, found)).collect::<Vec<Line>>()
    };
    match written {
        Words::Any(words) => {
            let span = words.first().map_or(key, |first| &first.span);
            untranslated(context, span, what, found);
            let default = lines(words, found);
            Some(Localized { default, others: BTreeMap::new() })
        }
        Words::ByLanguage(span, texts) => {
            by_language(context, span, what, texts, |words, found| Some(lines(words, found)), found)
        }
    }
}

fn line(text: &Spanned<String>, what: &str, found: &mut Diagnostics) -> Option<Line> {
    let line = check::line(text, what, found)?;
    if line.as_str().trim().is_empty() {
        let message = format!("{what} is empty");
        found.push(Diagnostic::new(Code::UnrepresentableValue, &text.span, message));
        return None;
    }
    Some(line)
}

fn by_language<W, T: Clone + PartialEq>(
    context: &Context<'_>,
    span: &Span,
    what: &str,
    written: &[(Spanned<String>, W)],
    mut read: impl FnMut(&W, &mut Diagnostics) -> Option<T>,
    found: &mut Diagnostics,
) -> Option<Localized<T>> {
    let mut texts: BTreeMap<Language, T> = BTreeMap::new();
    let mut first = None;
    for (code, text) in written {
        let text = read(text, found);
        let language = context.languages.iter().find(|known| known.as_str() == code.value);
        let Some(language) = language else {
            let message =
                format!("{what} is in {:?}, which is no language of the stack", code.value);
            let mut diagnostic = Diagnostic::new(Code::UnknownLanguage, &code.span, message)
                .presumes(&["stack", "languages"]);
            let known = context.languages.iter().map(Language::as_str);
            diagnostic.help = suggest::help(&code.value, known)
                .map(|help| format!("{help}, in `languages` of [stack]"));
            found.push(diagnostic);
            continue;
        };
        if let Some(text) = text {
            first.get_or_insert_with(|| text.clone());
            texts.insert(language.clone(), text);
        }
    }
    let written =
        |language: &&Language| written.iter().any(|(code, _)| code.value == language.as_str());
    let missing: Vec<&str> = context
        .languages
        .iter()
        .filter(|language| !written(language))
        .map(Language::as_str)
        .collect();
    if !missing.is_empty() {
        let message = format!("{what} is not translated into {}", missing.join(", "));
        found.push(
            Diagnostic::new(Code::MissingTranslation, span, message)
                .help("the stack's `languages` name what its users read; add the text, or say why it needs none in [accept]"),
        );
    }
    let default = context.languages.first().and_then(|language| texts.remove(language));
    let default = default.or(first)?;
    texts.retain(|_, text| *text != default);
    Some(Localized { default, others: texts })
}

fn untranslated(context: &Context<'_>, span: &Span, what: &str, found: &mut Diagnostics) {
    let [first, second, ..] = context.languages.as_slice() else { return };
    let message = format!("{what} is one text for all languages of the stack");
    found.push(
        Diagnostic::new(Code::MissingTranslation, span, message)
            .help(format!("give one for each: {{ {first} = …, {second} = … }}")),
    );
}
