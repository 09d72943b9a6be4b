//! The whole compiler as one pure function: spec files in, output files or diagnostics out.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::Stack;
use crate::model::apt::RepositoryKey;
use crate::plan::Plan;
use crate::render::FileTree;
use crate::source::SpecFiles;
use crate::{accept, parse, plan, render, resolve};

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
    /// The keys of all apt repositories, each once, for [`expiry::findings`](crate::verify::expiry::findings).
    pub keys: Vec<RepositoryKey>,
}

/// Compiles a spec. Same files, same result: no disk, clock, environment, network or randomness.
///
/// # Errors
/// A template that does not fit its data, which is a defect of rdspec and not of the spec.
pub fn compile(files: &SpecFiles) -> anyhow::Result<Compiled> {
    let mut found = Diagnostics::default();
    let syntax = parse::parse(files, &mut found);
    let planned = resolve::resolve(files, &syntax, &mut found).map(|stack| {
        let plan = plan::plan(&stack, &mut found);
        (stack, plan)
    });
    accept::apply(&syntax, &mut found);
    let output = match planned.filter(|_| !found.has_errors()) {
        Some((stack, plan)) => {
            let tree = render::render(&plan)
                .map_err(|error| anyhow::anyhow!("a built-in template failed: {error:#}"))?;
            let keys = repository_keys(&stack);
            Some(Output { stack, plan, tree, keys })
        }
        None => None,
    };
    Ok(Compiled { output, diagnostics: found.into_sorted() })
}

/// In the order of the places of their `key`.
fn repository_keys(stack: &Stack) -> Vec<RepositoryKey> {
    let keys: BTreeMap<_, _> = stack
        .variants
        .iter()
        .flat_map(|variant| &variant.images)
        .flat_map(|image| &image.components)
        .flat_map(|component| &component.apt.repositories)
        .map(|repository| (&repository.key.span, &repository.key))
        .collect();
    keys.into_values().cloned().collect()
}
