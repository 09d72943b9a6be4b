//! TOML text to [`syntax`](crate::syntax), with all mistakes of a file at once.
//!
//! Takes the spec's files, gives the written shape with spans. Never fills a default, never checks
//! what a value means.

mod ci;
mod component;
mod decode;
mod experiment;
mod overlay;
mod packages;
mod profile;
pub mod settings;
mod stack;
#[cfg(test)]
mod tests;
mod toml_syntax;
mod wrong_type;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use experiment::experiments;

use toml::de::DeTable;

use crate::diagnostic::{COMPONENT, Code, Diagnostic, Diagnostics, STACK};
use crate::parallel;
use crate::source::{FileId, Span, SpecFiles};
use crate::syntax::component::ComponentFile;
use crate::syntax::profile::ProfileFile;
use crate::syntax::stack::StackFile;

/// A whole spec as written, for each of its variants.
#[derive(Debug)]
pub struct Syntax {
    /// `stack.toml` as each variant has it, the default one first; empty when it could not be read at all.
    pub stacks: Vec<StackFile>,
    /// `components/*.toml` by name: as each variant has it, in the order of `stacks`. Variants for which a file says
    /// the same share it.
    pub components: BTreeMap<String, Vec<Arc<ComponentFile>>>,
    /// `profile.toml`
    pub profile: Option<ProfileFile>,
}

/// Where the stack file lies in the spec folder.
pub const STACK_FILE: &str = "stack.toml";

/// Where measured costs and change rates lie in the spec folder.
pub const PROFILE_FILE: &str = "profile.toml";

/// The folder of the component files.
pub(crate) const COMPONENTS: &str = "components/";

/// The component that a path below the spec folder belongs to, if it is a component file.
pub fn component_name(path: &str) -> Option<&str> {
    let name = path.strip_prefix(COMPONENTS)?.strip_suffix(".toml")?;
    (!name.contains('/')).then_some(name)
}

/// The folder of the experiments, which no command but `dev` and `check` reads.
pub const EXPERIMENTS: &str = "dev/";

/// The image that a path below the spec folder has experiments for, if it is a file of experiments.
pub fn experiment_image(path: &str) -> Option<&str> {
    let name = path.strip_prefix(EXPERIMENTS)?.strip_suffix(".toml")?;
    (!name.contains('/')).then_some(name)
}

/// Reads every TOML file of the spec but the experiments.
pub fn parse(files: &SpecFiles, found: &mut Diagnostics) -> Syntax {
    let stacks = files
        .id(STACK_FILE)
        .and_then(|file| {
            let stacks = utf8(files, file, found).and_then(|text| stack::parse(file, &text, found));
            if stacks.is_none() {
                found.lose(file, STACK);
            }
            stacks
        })
        .unwrap_or_default();
    let variants: Vec<String> = match stacks.first() {
        Some(stack) => variant_names(stack),
        None => vec![DEFAULT_VARIANT.to_owned()],
    };
    let paths: Vec<&str> = files.paths().filter(|path| component_name(path).is_some()).collect();
    let read = |path: &&str, found: &mut Diagnostics| {
        let (name, file) = (component_name(path)?, files.id(path)?);
        let component = utf8(files, file, found)
            .and_then(|text| component::parse(file, name, &text, &variants, found));
        if component.is_none() {
            found.lose(file, COMPONENT);
        }
        Some((name.to_owned(), component?))
    };
    let components = parallel::map_checked(&paths, parallel::COMPONENTS, found, read);
    let profile = files.id(PROFILE_FILE).and_then(|file| {
        let text = utf8(files, file, found)?;
        profile::parse(file, &text, found)
    });
    Syntax { stacks, components: components.into_iter().flatten().collect(), profile }
}

/// How the variant is called that the plain tables describe, where the stack does not say.
pub const DEFAULT_VARIANT: &str = "default";

/// The variants of a spec by its stack.toml alone, the default one first.
pub fn variants(files: &SpecFiles) -> Vec<String> {
    let stacks = files.id(STACK_FILE).and_then(|file| {
        let mut unheard = Diagnostics::default();
        let text = utf8(files, file, &mut unheard)?;
        stack::parse(file, &text, &mut unheard)
    });
    let stack = stacks.as_ref().and_then(|stacks| stacks.first());
    stack.map_or_else(|| vec![DEFAULT_VARIANT.to_owned()], variant_names)
}

/// The variants of a stack, the default one first.
fn variant_names(stack: &StackFile) -> Vec<String> {
    let default = stack.stack.default_variant.as_ref();
    let default = default.map_or(DEFAULT_VARIANT, |name| name.value.as_str());
    std::iter::once(default)
        .chain(stack.variants.iter().map(|key| key.value.as_str()))
        .map(str::to_owned)
        .collect()
}

fn utf8<'files>(
    files: &'files SpecFiles,
    file: FileId,
    found: &mut Diagnostics,
) -> Option<std::borrow::Cow<'files, str>> {
    let bytes = files.bytes(file);
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.into()),
        Err(error) => {
            // The excerpt shows the text with replacement characters, so the span is counted in it.
            let start = String::from_utf8_lossy(&bytes[..error.valid_up_to()]).len();
            let span = Span::new(file, start..start + '\u{fffd}'.len_utf8());
            found.push(
                Diagnostic::new(Code::NotUtf8, &span, "the file is not UTF-8")
                    .label("this byte starts no UTF-8 character")
                    .help("save the file as UTF-8; TOML allows nothing else"),
            );
            None
        }
    }
}

/// The root table of a file; a syntax error of TOML is reported.
fn root<'text>(file: FileId, text: &'text str, found: &mut Diagnostics) -> Option<DeTable<'text>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    // One slip makes the parser stumble over what follows, so only the first error is worth reading.
    if let Some(error) = errors.first() {
        found.push(toml_syntax::diagnostic(file, text, error));
    }
    // After a syntax error the rest of the table is a guess; its findings would mislead.
    errors.is_empty().then(|| table.into_inner())
}
