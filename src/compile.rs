//! The whole compiler as one pure function: spec files in, output files or diagnostics out.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::plan::Plan;
use crate::render::FileTree;
use crate::source::SpecFiles;
use crate::{parse, plan, render, resolve};

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
    /// The layers of every image.
    pub plan: Plan,
    /// Every file, by its path in the output folder.
    pub tree: FileTree,
}

/// Compiles a spec. Same files, same result: no disk, clock, environment, network or randomness.
///
/// # Errors
/// A template that does not fit its data, which is a defect of rdspec and not of the spec.
pub fn compile(files: &SpecFiles) -> anyhow::Result<Compiled> {
    let mut found = Diagnostics::default();
    let syntax = parse::parse(files, &mut found);
    let plan =
        resolve::resolve(files, &syntax, &mut found).map(|stack| plan::plan(&stack, &mut found));
    let output = match plan.filter(|_| !found.has_errors()) {
        Some(plan) => {
            let tree = render::render(&plan)
                .map_err(|error| anyhow::anyhow!("a built-in template failed: {error:#}"))?;
            Some(Output { plan, tree })
        }
        None => None,
    };
    Ok(Compiled { output, diagnostics: found.into_sorted() })
}
