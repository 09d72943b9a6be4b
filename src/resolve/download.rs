//! `[downloads.*]`: URLs, sums, what is done with the file.

mod action;
mod address;
mod sums;
mod variables;

pub(super) use address::{check_url, names_a_version};
pub(super) use sums::sha256;
pub(super) use variables::problem;

use super::{Context, check, upstream};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::Name;
use crate::model::architecture::Architecture;
use crate::model::download::{Artifact, Download, RelativePath, Url};
use crate::model::license::License;
use crate::model::names::Sha256;
use crate::source::Spanned;
use crate::syntax;
use crate::syntax::component::ComponentFile;
use variables::Variables;

pub(super) fn resolve(
    context: &Context<'_>,
    component: &ComponentFile,
    key: &Spanned<String>,
    written: &syntax::packages::Download,
    found: &mut Diagnostics,
) -> Option<Download> {
    let name = check::named(key, Code::BadName, "the download name", Name::parse, found);
    let version = written.version.as_ref().and_then(|version| {
        let line = check::line(version, "the version", found)?;
        Some(Spanned::new(line, version.span.clone()))
    });
    let variables = Variables::of(written, found);
    let sums = sums::sums(context, written, found);
    let help = "say where the file is: url = \"https://…\"";
    let url = check::required(written.url.as_ref(), &written.span, "url", help, found);
    let upstream = written
        .upstream
        .as_ref()
        .and_then(|written| upstream::resolve(context, component, written, found));
    let evidence = upstream::evidence(written.evidence.as_ref(), found);
    let license = written.license.as_ref().map(|license| {
        check::named(license, Code::BadLicense, "the licence", License::parse, found)
    });
    let action = action::resolve(context, component, key, written, &variables, found);
    let url = url?;
    let artifacts: Vec<Option<Artifact>> = sums?
        .into_iter()
        .map(|(architecture, sha256)| {
            artifact(context, written, url, &variables, architecture, sha256, found)
        })
        .collect();
    let artifacts: Vec<Artifact> = artifacts.into_iter().collect::<Option<_>>()?;
    mutable_url(written, url, found);
    let size = size(written, &artifacts, found);
    Some(Download {
        name: name?,
        version,
        variables: variables.own(),
        size,
        artifacts,
        evidence,
        action: action?,
        license: match license {
            Some(license) => Some(license?),
            None => None,
        },
        upstream,
        span: key.span.clone(),
    })
}

/// The file of one architecture: its addresses, and what is taken out of it.
fn artifact(
    context: &Context<'_>,
    written: &syntax::packages::Download,
    url: &Spanned<String>,
    variables: &Variables,
    architecture: Architecture,
    sha256: Spanned<Sha256>,
    found: &mut Diagnostics,
) -> Option<Artifact> {
    let urls: Vec<Option<Url>> = std::iter::once(url)
        .chain(&written.mirrors)
        .map(|template| {
            let text = variables.substitute(context, template, Some(architecture), found)?;
            check_url(&text, found)
        })
        .collect();
    let select = written.unpack.iter().flat_map(|unpack| &unpack.select);
    let select: Vec<Option<RelativePath>> = select
        .map(|template| {
            let text = variables.substitute(context, template, Some(architecture), found)?;
            check::named(
                &text,
                Code::BadPath,
                "the path in the archive",
                RelativePath::parse,
                found,
            )
        })
        .collect();
    Some(Artifact {
        architecture,
        sha256,
        urls: urls.into_iter().collect::<Option<_>>()?,
        select: select.into_iter().collect::<Option<_>>()?,
    })
}

/// The size, which can only be one where the file is one.
fn size(
    written: &syntax::packages::Download,
    artifacts: &[Artifact],
    found: &mut Diagnostics,
) -> Option<Spanned<u64>> {
    let size = written.size.as_ref()?;
    let bytes = check::number(size, "`size` in bytes", 1..=i64::MAX, found)?;
    if artifacts.windows(2).any(|pair| pair[0].sha256.value != pair[1].sha256.value) {
        found.push(
            Diagnostic::new(
                Code::ConflictingKeys,
                &size.span,
                "the files of the architectures differ, and there is one size for all",
            )
            .help("leave `size` out: the sums decide"),
        );
    }
    Some(Spanned::new(bytes, size.span.clone()))
}

/// A download whose address will serve something else one day, and fail every build from then on.
fn mutable_url(
    written: &syntax::packages::Download,
    url: &Spanned<String>,
    found: &mut Diagnostics,
) {
    let has_variable = written.variables.iter().any(|(name, _)| {
        url.value.split("{{").skip(1).any(|part| {
            let expression = part.split("}}").next().unwrap_or_default();
            expression
                .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .any(|word| word == name.value)
        })
    });
    if written.version.is_some() || has_variable || address::names_a_version(&url.value) {
        return;
    }
    found.push(
        Diagnostic::new(Code::MutableUrl, &url.span, "the URL names no version")
            .label("what it serves can change at any time, and then the sum refuses it")
            .help("use an address with a version: version = \"…\", and {{ version }} in the URL"),
    );
}
