//! `[pip]`: a virtual environment, and what is installed there.

mod requirements;

use super::{Context, check, download, prefix};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::names::Sha256;
use crate::model::pip::{Pip, PythonName, PythonVersion, Requirement, Requirements};
use crate::source::Spanned;
use crate::syntax;
use crate::syntax::component::ComponentFile;

/// The interpreter of the distribution.
pub(super) const PYTHON: &str = "/usr/bin/python3";

pub(super) fn resolve(
    context: &Context<'_>,
    component: &ComponentFile,
    written: &syntax::packages::Pip,
    found: &mut Diagnostics,
) -> Option<Pip> {
    let key = (&written.span, "prefix");
    let folder = prefix::folder(context, written.prefix.as_ref(), key, found);
    let python = prefix::program(written.python.as_ref(), PYTHON, found);
    let index = written.index.as_ref().map(|index| download::check_url(index, found));
    let requirements = match (&written.requirements, written.packages.as_slice()) {
        (Some(file), []) => {
            let bytes = context.resource(&component.name, &file.value, &file.span, found);
            bytes.and_then(|bytes| {
                let id = context.resource_id(&component.name, &file.value)?;
                let packages = requirements::read(id, &bytes, file, found)?;
                Some(Requirements::File(bytes, packages))
            })
        }
        (None, []) => {
            let help = "list [pip.packages], or name a file as `requirements`";
            check::missing_all(&written.span, &["packages", "requirements"], help, found);
            None
        }
        (None, packages) => self::packages(packages, found),
        (Some(file), [(first, _), ..]) => {
            let message = "`requirements` and `packages` both say what is installed";
            found.push(
                Diagnostic::new(Code::ConflictingKeys, &file.span, message)
                    .related(&first.span, "also here")
                    .help("keep one of them"),
            );
            None
        }
    };
    Some(Pip {
        prefix: folder?,
        python: python?,
        system_packages: written.system_packages.as_ref().is_some_and(|wanted| wanted.value),
        requirements: requirements?,
        index: match index {
            Some(index) => Some(index?),
            None => None,
        },
        span: written.span.clone(),
        prefix_span: written.prefix.as_ref()?.span.clone(),
    })
}

fn packages(
    written: &[syntax::Entry<syntax::packages::PipPackage>],
    found: &mut Diagnostics,
) -> Option<Requirements> {
    let mut packages: Vec<Option<Requirement>> = Vec::with_capacity(written.len());
    let mut names: Vec<(String, &Spanned<String>)> = Vec::new();
    for (key, package) in written {
        let name = check::named(key, Code::BadPackageName, "the package", PythonName::parse, found);
        if let Some(name) = &name {
            let normalized = name.normalized();
            if names.iter().any(|(other, _)| *other == normalized) {
                check::twice(key, &format!("`{normalized}`"), found);
            }
            names.push((normalized, key));
        }
        packages.push(self::package(name, package, found));
    }
    let mut packages: Vec<Requirement> = packages.into_iter().collect::<Option<_>>()?;
    packages.sort_by(|a, b| a.name.cmp(&b.name));
    Some(Requirements::Packages(packages))
}

fn package(
    name: Option<PythonName>,
    written: &syntax::packages::PipPackage,
    found: &mut Diagnostics,
) -> Option<Requirement> {
    let help = "give the exact version: version = \"…\"";
    let version = check::required(written.version.as_ref(), &written.span, "version", help, found)
        .and_then(|version| {
            let parse = PythonVersion::parse;
            let value = check::named(version, Code::BadVersion, "the version", parse, found);
            value.map(|value| Spanned::new(value, version.span.clone()))
        });
    let Some(sums) = &written.sha256 else {
        found.push(
            Diagnostic::new(Code::MissingSha256, &written.span, "the package has no `sha256`")
                .label("nothing unverified is installed")
                .help("add sha256 = [\"…\"], the sum of each wheel that may serve"),
        );
        return None;
    };
    if sums.value.is_empty() {
        check::empty_list(&sums.span, "sha256", "give the sum of each wheel that may serve", found);
    }
    let read: Vec<Option<Spanned<Sha256>>> =
        sums.value.iter().map(|sum| download::sha256(sum, found)).collect();
    let mut sha256: Vec<Spanned<Sha256>> = read.into_iter().collect::<Option<_>>()?;
    sha256.sort_by(|a, b| a.value.cmp(&b.value));
    sha256.dedup_by(|later, first| later.value == first.value);
    Some(Requirement { name: name?, version: version?, sha256 })
}
