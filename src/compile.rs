//! The whole compiler as one pure function: spec files in, output files or diagnostics out.

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::Stack;
use crate::plan::Plan;
use crate::render::FileTree;
use crate::source::{Span, SpecFiles};
use crate::surroundings::Surroundings;
use crate::verify::expiry::{self, PinnedKey};
use crate::{accept, parse, plan, render, resolve, unusable};

/// What came out of a spec.
#[derive(Debug)]
pub struct Compiled {
    /// The plan and the rendered files; none when the spec has errors.
    pub output: Option<Output>,
    /// Every finding, in file order: errors where there is no output, else warnings.
    pub diagnostics: Vec<Diagnostic>,
}

/// A spec without errors, compiled.
#[derive(Debug)]
pub struct Output {
    /// The resolved spec.
    pub stack: Stack,
    /// The layers of every image.
    pub plan: Plan,
    /// Every file, by its path in the output folder.
    pub tree: FileTree,
    /// Files beside the output folder, by their path in the stack's folder: what others look for in a place of its own.
    pub beside: FileTree,
}

/// Compiles a spec. Same files, same result: no disk, clock, environment, network or randomness.
///
/// # Errors
/// A template that does not fit its data, which is a defect of rdspec and not of the spec.
pub fn compile(files: &SpecFiles) -> anyhow::Result<Compiled> {
    compile_in(files, Surroundings::default())
}

/// The same, with the findings that come with the time and the place alone: what will not hold for long, and what is not
/// where the workflow looks for it. The output is the same everywhere.
///
/// # Errors
/// As of [`compile`].
pub fn compile_in(files: &SpecFiles, surroundings: Surroundings<'_>) -> anyhow::Result<Compiled> {
    let mut found = Diagnostics::default();
    unusable::report(files, &mut found);
    let syntax = parse::parse(files, &mut found);
    let planned = resolve::resolve(files, &syntax, &mut found).map(|stack| {
        let plan = plan::plan(&stack, &mut found);
        (stack, plan)
    });
    if let Some((stack, _)) = &planned {
        let now = surroundings.now.into_iter();
        for finding in now.flat_map(|now| expiry::findings(pinned_keys(stack), now)) {
            found.push(finding);
        }
        if let Some(finding) = surroundings.missing_source(&syntax) {
            found.push(finding);
        }
    }
    accept::apply(&syntax, &surroundings.not_looked_for(), &mut found);
    let output = match planned.filter(|_| !found.has_errors()) {
        Some((stack, plan)) => {
            let failed = |error| anyhow::anyhow!("a built-in template failed: {error:#}");
            let tree = render::render(&plan).map_err(failed)?;
            let beside = render::render_beside(&stack, &plan).map_err(failed)?;
            Some(Output { stack, plan, tree, beside })
        }
        None => None,
    };
    let mut diagnostics = found.into_sorted();
    // Nothing else is known about files that could not be read.
    diagnostics.retain(|one| {
        one.code == Code::UnusableFile || !files.unusable().contains_key(&one.primary.span.file)
    });
    Ok(Compiled { output, diagnostics })
}

/// The keys of all apt repositories, and those whose signatures prove new versions of downloads: each once, in the order
/// of their places.
pub fn pinned_keys(stack: &Stack) -> impl Iterator<Item = PinnedKey<'_>> {
    let mut keys: BTreeMap<&Span, PinnedKey<'_>> = BTreeMap::new();
    for component in stack.components() {
        let repositories = component.apt.repositories.iter().map(|repository| PinnedKey {
            of: repository.name.as_str(),
            is_for_download: false,
            certificate: &repository.key.certificate,
            span: &repository.key.span,
        });
        let downloads = component.downloads.iter().filter_map(|download| {
            let signer = download.upstream.as_ref()?.signer.as_ref()?;
            let (certificate, span) = (&signer.value, &signer.span);
            Some(PinnedKey { of: download.name.as_str(), is_for_download: true, certificate, span })
        });
        keys.extend(repositories.chain(downloads).map(|key| (key.span, key)));
    }
    keys.into_values()
}
