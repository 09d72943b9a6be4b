//! `[r]`: R packages from one dated repository.

use super::{Context, check, download, prefix};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::r::{R, RName, RPackage, RVersion};
use crate::source::Spanned;
use crate::syntax;

/// R of the distribution.
const RSCRIPT: &str = "/usr/bin/Rscript";

/// The library of Debian and Ubuntu for what is installed by hand.
const LIBRARY: &str = "/usr/local/lib/R/site-library";

pub(super) fn resolve(
    context: &Context<'_>,
    written: &syntax::packages::R,
    found: &mut Diagnostics,
) -> Option<R> {
    let usual = Spanned::new(LIBRARY.to_owned(), written.span.clone());
    let library = written.library.as_ref().unwrap_or(&usual);
    let library = prefix::folder(context, Some(library), (&written.span, "library"), found);
    let program = prefix::program(written.program.as_ref(), RSCRIPT, found);
    let help = "name a repository of one day: repository = \"https://…/2026-11-01\"";
    let repository = written.repository.as_ref();
    let repository = check::required(repository, &written.span, "repository", help, found);
    let url = repository.and_then(|written| {
        let url = download::check_url(written, found)?;
        if !download::names_a_version(&url.text) {
            let message = "the repository names no day";
            found.push(
                Diagnostic::new(Code::MutableUrl, &written.span, message)
                    .label("it serves newer packages tomorrow, and no longer these")
                    .help("use a repository that keeps every day under an address of its own"),
            );
        }
        Some(url)
    });
    if written.packages.is_empty() {
        let help = "list the packages: packages = { sf = \"1.0-19\" }";
        check::missing(&written.span, "packages", help, found);
        return None;
    }
    let library = library?;
    let parsed: Vec<Option<RPackage>> = written
        .packages
        .iter()
        .map(|(name, version)| {
            let what = "the package";
            let checked = check::named(name, Code::BadPackageName, what, RName::parse, found);
            let what = "the version";
            let code = Code::UnpinnedPackage;
            let version = check::named(version, code, what, RVersion::parse, found);
            let checked = checked?;
            let folder = library.join(checked.as_str()).ok()?;
            Some(RPackage { name: checked, version: version?, folder, span: name.span.clone() })
        })
        .collect();
    let mut packages: Vec<RPackage> = parsed.into_iter().collect::<Option<_>>()?;
    packages.sort_by(|left, right| left.name.cmp(&right.name));
    Some(R { program: program?, library, repository: url?, packages, span: written.span.clone() })
}
