//! Experiments of `dev/<image>.toml` as an edit of the spec.
//!
//! Takes a spec that compiles and experiments, gives the spec as it is when they are part of it: what `rdspec dev` compiles
//! to see what differs from the image that was built, and what `rdspec dev promote` writes, byte for byte. So what was
//! tried is what is promoted, where all experiments of an image are; of a selection, it is the edit that they make
//! without the others. An image's are promoted after its parents'. It touches no disk.
//!
//! | module | takes | gives |
//! |---|---|---|
//! | [`draft`] | edits | the spec's files as they become, with the experiment that each byte comes from |
//! | [`members`] | a compiled spec | the components of an image and its parents |
//! | [`trial`] | one experiment | what of it is owned already, and what gets a place |
//! | [`owned`] | paths, variables, packages that a component owns | edits where they are |
//! | [`home`] | the rest | edits of the component that it becomes a part of |
//! | [`findings`] | what the compiler says about the edited spec | the same about the experiments |

mod draft;
mod findings;
mod home;
mod members;
mod owned;
mod trial;

use std::collections::BTreeMap;

use toml::Value;

use self::draft::Draft;
use crate::compile::{Compiled, Output, compile};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, suggest};
use crate::parse::{EXPERIMENTS, component_name, experiment_image, experiments};
use crate::source::{ChangedFile, Span, SpecFiles};
use crate::syntax::experiment::{Experiment, ExperimentFile};

/// The experiments of a spec, by image.
#[derive(Debug)]
pub struct Experiments {
    /// The files, in the order of their names.
    pub files: Vec<ExperimentFile>,
    /// The images of each image's chain, root first.
    chains: BTreeMap<String, Vec<String>>,
}

/// A spec with experiments as parts of it.
#[derive(Debug)]
pub struct Tried {
    /// Its files.
    pub files: SpecFiles,
    /// What is another one than before.
    pub changed: Vec<ChangedFile>,
    /// Where in the changed files what comes from.
    origins: draft::Origins,
}

/// Whether the spec has any experiments.
pub fn are_there(files: &SpecFiles) -> bool {
    files.paths().any(|path| path.starts_with(EXPERIMENTS))
}

impl Tried {
    /// Where something of these files was written: in the spec as it is, or in an experiment.
    pub fn written(&self, files: &SpecFiles, span: &Span) -> Span {
        findings::written(files, self, span)
    }

    /// Whether the spec says these bytes without its experiments: as a file, or as text in a component.
    pub fn says(&self, bytes: &[u8]) -> bool {
        let text = std::str::from_utf8(bytes).ok();
        let own = self.files.paths().filter(|path| !path.starts_with(EXPERIMENTS));
        let mut own = own.filter_map(|path| Some((path, self.files.get(path)?)));
        own.any(|(path, other)| {
            let quotes = |text: &str| {
                let other = std::str::from_utf8(other).ok();
                let table = other.and_then(|other| toml::from_str(other).ok());
                table.is_some_and(|table| has_text(&Value::Table(table), text))
            };
            other.as_ref() == bytes || component_name(path).is_some() && text.is_some_and(quotes)
        })
    }
}

/// Whether a string in a TOML value is this one.
fn has_text(value: &Value, text: &str) -> bool {
    match value {
        Value::String(string) => string == text,
        Value::Array(all) => all.iter().any(|one| has_text(one, text)),
        Value::Table(all) => all.values().any(|one| has_text(one, text)),
        _ => false,
    }
}

impl Experiments {
    /// Reads all files of experiments. What is wrong with them is reported; files for images that the stack has not are.
    pub fn read(files: &SpecFiles, output: &Output, found: &mut Diagnostics) -> Self {
        let variants: Vec<String> =
            output.stack.variants.iter().map(|variant| variant.name.to_string()).collect();
        let chains = members::chains(output);
        let mut read = Vec::new();
        for path in files.paths() {
            let (Some(image), Some(file)) = (experiment_image(path), files.id(path)) else {
                continue;
            };
            if !chains.contains_key(image) {
                let message = format!("the stack has no image `{image}` to try things on");
                let mut unknown =
                    Diagnostic::new(Code::UnknownImage, &Span::new(file, 0..0), message)
                        .about(files.display_path(file));
                unknown.help = suggest::help(image, chains.keys().map(String::as_str))
                    .map(|help| format!("the file has the name of its image; {help}"));
                found.push(unknown);
                continue;
            }
            read.extend(experiments(files, file, &variants, found));
        }
        Self { files: read, chains }
    }

    /// Those of an image and its parents, root first: what is tried when the image is.
    pub fn of_chain(&self, image: &str) -> Vec<&ExperimentFile> {
        let chain = self.chains.get(image).into_iter().flatten();
        chain.filter_map(|image| self.files.iter().find(|file| file.image == *image)).collect()
    }

    /// Those of an image alone.
    pub fn of_image(&self, image: &str) -> Option<&ExperimentFile> {
        self.files.iter().find(|file| file.image == image)
    }
}

/// Whether an experiment copies a file, which `source` leads to from the folder of its image.
pub fn copies(experiment: &Experiment, source: &str) -> bool {
    experiment.copies.iter().any(|(path, placed)| {
        let named = placed.source.as_ref().unwrap_or(path).value.trim_end_matches('/');
        let named = if placed.source.is_some() { Some(named) } else { named.rsplit('/').next() };
        let below = named.and_then(|named| source.strip_prefix(named));
        below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// Makes experiments parts of a spec, in their order; `is_chosen` says which of a file's. None where one of them cannot
/// be, which is reported.
pub fn apply(
    files: &SpecFiles,
    output: &Output,
    tried: &[&ExperimentFile],
    is_chosen: impl Fn(&str) -> bool,
    found: &mut Diagnostics,
) -> Option<Tried> {
    let mut draft = Draft::new(files, output);
    let mut own = Diagnostics::default();
    for file in tried {
        for (name, experiment) in file.experiments.iter().filter(|(name, _)| is_chosen(name)) {
            trial::apply(&mut draft, &file.image, name, experiment, &mut own);
        }
    }
    let failed = own.has_errors();
    found.append(own);
    (!failed).then(|| draft.finish())
}

/// Compiles the spec with experiments; what is new in what the compiler says, about the experiments.
///
/// # Errors
/// As of [`compile`].
pub fn compiled(
    files: &SpecFiles,
    plain: &[Diagnostic],
    tried: &Tried,
) -> anyhow::Result<Compiled> {
    let compiled = compile(&tried.files)?;
    let diagnostics = findings::new(files, plain, tried, compiled.diagnostics);
    Ok(Compiled { output: compiled.output, diagnostics })
}

/// Everything that is wrong with the experiments of a spec that compiles to `output` with the findings `plain`.
///
/// # Errors
/// As of [`compile`].
pub fn check(
    files: &SpecFiles,
    output: &Output,
    plain: &[Diagnostic],
) -> anyhow::Result<Vec<Diagnostic>> {
    let mut found = Diagnostics::default();
    let read = Experiments::read(files, output, &mut found);
    findings::unused(files, &read, &mut found);
    let mut of_specs = Vec::new();
    for file in &read.files {
        let mut own = Diagnostics::default();
        let tried = apply(files, output, &read.of_chain(&file.image), |_| true, &mut own);
        found.append(own);
        if let Some(tried) = tried {
            of_specs.extend(compiled(files, plain, &tried)?.diagnostics);
        }
    }
    for finding in of_specs {
        found.push(finding);
    }
    Ok(found.into_sorted())
}

/// The mistakes of the experiments' text alone, where the spec does not compile.
pub fn check_text(files: &SpecFiles) -> Vec<Diagnostic> {
    let mut found = Diagnostics::default();
    let variants = crate::parse::variants(files);
    for path in files.paths().filter(|path| experiment_image(path).is_some()) {
        if let Some(file) = files.id(path) {
            experiments(files, file, &variants, &mut found);
        }
    }
    found.into_sorted()
}
