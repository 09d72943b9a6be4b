//! `[npm]`: Node packages in a folder of their own.

mod lock;

use bytes::Bytes;

use super::{Context, check, prefix};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::npm::{Install, NodeName, NodeVersion, Npm};
use crate::source::Spanned;
use crate::syntax;
use crate::syntax::component::ComponentFile;

/// npm of the distribution.
const NPM: &str = "/usr/bin/npm";

pub(super) fn resolve(
    context: &Context<'_>,
    component: &ComponentFile,
    written: &syntax::packages::Npm,
    found: &mut Diagnostics,
) -> Option<Npm> {
    let key = (&written.span, "prefix");
    let folder = prefix::folder(context, written.prefix.as_ref(), key, found);
    let program = prefix::program(written.program.as_ref(), NPM, found);
    let install = match (written.packages.first(), &written.lock) {
        (None, Some(lock)) => locked(context, component, written, lock, found),
        (None, None) => {
            let help = "list packages, or name the files of a lock: manifest = \"package.json\", lock = \"package-lock.json\"";
            check::missing_all(&written.span, &["packages", "lock"], help, found);
            None
        }
        (Some(_), None) if written.manifest.is_none() => packages(written, found),
        (Some((first, _)), _) => {
            let other = written.lock.as_ref().or(written.manifest.as_ref())?;
            let message = "a lock and `packages` both say what is installed";
            found.push(
                Diagnostic::new(Code::ConflictingKeys, &other.span, message)
                    .related(&first.span, "also here")
                    .help("keep the lock, which has the hash of everything"),
            );
            None
        }
    };
    Some(Npm {
        program: program?,
        prefix: folder?,
        install: install?,
        scripts: written.scripts.as_ref().is_some_and(|scripts| scripts.value),
        span: written.span.clone(),
        prefix_span: written.prefix.as_ref()?.span.clone(),
    })
}

fn packages(written: &syntax::packages::Npm, found: &mut Diagnostics) -> Option<Install> {
    let parsed: Vec<Option<(NodeName, Spanned<NodeVersion>)>> = written
        .packages
        .iter()
        .map(|(name, version)| {
            let what = "the package";
            let name = check::named(name, Code::BadPackageName, what, NodeName::parse, found);
            let what = "the version";
            let code = Code::UnpinnedPackage;
            let checked = check::named(version, code, what, NodeVersion::parse, found);
            Some((name?, Spanned::new(checked?, version.span.clone())))
        })
        .collect();
    let mut packages: Vec<_> = parsed.into_iter().collect::<Option<_>>()?;
    packages.sort_by(|(a, _), (b, _)| a.cmp(b));
    let message = "no hash verifies these packages, and nothing pins what they depend on";
    found.push(
        Diagnostic::new(Code::UnverifiedPackage, &written.packages.first()?.0.span, message)
            .help("use `manifest` and `lock`, which has the hash of everything; or say in [accept] why not"),
    );
    Some(Install::Packages(packages))
}

fn locked(
    context: &Context<'_>,
    component: &ComponentFile,
    written: &syntax::packages::Npm,
    lock: &Spanned<String>,
    found: &mut Diagnostics,
) -> Option<Install> {
    let help =
        "npm installs a lock only together with its package.json: manifest = \"package.json\"";
    let manifest =
        check::required(written.manifest.as_ref(), &written.span, "manifest", help, found);
    let mut read = |name: &Spanned<String>| -> Option<Bytes> {
        context.resource(&component.name, &name.value, &name.span, found)
    };
    let manifest_bytes = manifest.and_then(&mut read);
    let lock_bytes = read(lock);
    let id = |name: &Spanned<String>| context.resource_id(&component.name, &name.value);
    let manifest = manifest_bytes.and_then(|bytes| {
        lock::json(id(manifest?)?, &bytes, found)?;
        Some(bytes)
    });
    let packages = lock_bytes.as_ref().and_then(|bytes| lock::read(id(lock)?, bytes, found));
    Some(Install::Lock { manifest: manifest?, lock: lock_bytes?, packages: packages? })
}
