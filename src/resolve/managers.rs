//! Whether the package managers other than apt are there when a component's script calls them.

use super::programs;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::component::Component;
use crate::model::download::DownloadAction;
use crate::model::names::PackageName;
use crate::model::path::AbsolutePath;
use crate::model::{Image, Variant};
use crate::plan::order;
use crate::source::Span;

/// The folder of programs of Debian packages.
const OF_PACKAGES: &str = "/usr/bin/";

/// A program that a component's script calls, the Debian packages that may bring it, and where it is asked for.
struct Called<'component> {
    program: &'component AbsolutePath,
    packages: &'static [&'static str],
    span: &'component Span,
}

fn called(component: &Component) -> Vec<Called<'_>> {
    let mut called = Vec::new();
    called.extend(component.conda.iter().map(|conda| Called {
        program: &conda.program,
        packages: &[],
        span: &conda.span,
    }));
    called.extend(component.r.iter().map(|r| Called {
        program: &r.program,
        packages: &["r-base-core", "r-base"],
        span: &r.span,
    }));
    called.extend(component.npm.iter().map(|npm| Called {
        program: &npm.program,
        packages: &["npm", "nodejs"],
        span: &npm.span,
    }));
    called.extend(component.pip.iter().map(|pip| Called {
        program: &pip.python,
        packages: &["python3-pip"],
        span: &pip.span,
    }));
    called
}

/// Checks every image of a variant together with its parents.
pub(super) fn check(variant: &Variant, found: &mut Diagnostics) {
    for image in &variant.images {
        let chain = variant.chain(image);
        let parents = chain.iter().take(chain.len().saturating_sub(1));
        let inherited: Vec<&Component> =
            parents.flat_map(|parent| &parent.components).map(AsRef::as_ref).collect();
        for component in image.components.iter().map(AsRef::as_ref) {
            for called in called(component) {
                let before = Before { variant, inherited: &inherited, image, component };
                if !before.brings(&called) {
                    found.push(finding(&called));
                }
            }
        }
    }
}

fn finding(called: &Called<'_>) -> Diagnostic {
    let program = called.program;
    if program.as_str().starts_with(OF_PACKAGES) && !called.packages.is_empty() {
        let packages = called.packages.join("` or `");
        let message = format!("{program} is used here, and the package `{packages}` is not there");
        return Diagnostic::new(Code::MissingManager, called.span, message).help(
            "add it to [apt] packages of this component, or need a component that has it; if the base image has it, say so in [accept]",
        );
    }
    let message = format!("nothing makes {program} before it is used here");
    Diagnostic::new(Code::MissingManager, called.span, message).help(
        "make it a download of this component, or need the component that makes it; if the base image has it, say so in [accept]",
    )
}

/// What is there when the script of a component runs.
struct Before<'image> {
    variant: &'image Variant,
    inherited: &'image [&'image Component],
    image: &'image Image,
    component: &'image Component,
}

impl Before<'_> {
    fn brings(&self, called: &Called<'_>) -> bool {
        let own: Vec<&Component> = self.image.components.iter().map(AsRef::as_ref).collect();
        let earlier = order::closure(self.component, &own);
        let path = called.program;
        if path.as_str().starts_with(OF_PACKAGES) {
            let mut packages = earlier
                .iter()
                .chain(self.inherited)
                .flat_map(|component| &component.packages)
                .map(|package| package.as_str())
                .chain(self.variant.bootstrap.iter().map(PackageName::as_str));
            if packages.any(|package| called.packages.contains(&package)) {
                return true;
            }
        }
        self.inherited.iter().any(|component| programs::makes(component, path))
            || earlier.iter().any(|component| self.is_made_by_script(component, path))
    }

    /// Files and links are laid after all scripts of an image.
    fn is_made_by_script(&self, component: &Component, path: &AbsolutePath) -> bool {
        let mut downloads = component.downloads.iter();
        let writable = component.script.iter().flat_map(|script| &script.writable);
        let mut filled = component.prefixes().map(|(prefix, _)| prefix);
        downloads.any(|download| match &download.action {
            DownloadAction::Install { to, .. } => to == path,
            DownloadAction::Unpack { to, .. } => path.is_in(to),
            DownloadAction::Package | DownloadAction::Script { .. } => false,
        }) || filled.any(|place| path.is_in(place))
            || (component.name != self.component.name
                && writable.into_iter().any(|place| path.is_in(place)))
    }
}
