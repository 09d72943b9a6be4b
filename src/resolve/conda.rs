//! `[conda]`: an environment, its channels and packages.

use super::{Context, check, download, prefix};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::conda::{Channel, ChannelName, Conda, CondaName, CondaPackage, CondaVersion};
use crate::source::Spanned;
use crate::syntax;

/// Where its documentation puts it.
const MICROMAMBA: &str = "/usr/local/bin/micromamba";

pub(super) fn resolve(
    context: &Context<'_>,
    written: &syntax::packages::Conda,
    found: &mut Diagnostics,
) -> Option<Conda> {
    let key = (&written.span, "prefix");
    let folder = prefix::folder(context, written.prefix.as_ref(), key, found);
    let program = prefix::program(written.program.as_ref(), MICROMAMBA, found);
    let help = "say where packages come from: channels = [\"conda-forge\"]";
    let channels = list(written.channels.as_ref(), written, ("channels", help), channel, found);
    let help = "list the packages: packages = [\"name=version\"]";
    let packages = list(written.packages.as_ref(), written, ("packages", help), package, found);
    let listed = written.packages.iter().flat_map(|list| &list.value);
    for (at, written) in listed.clone().enumerate() {
        let name = name(&written.value);
        if listed.clone().take(at).any(|other| self::name(&other.value) == name) {
            check::twice(written, &format!("`{name}`"), found);
        }
    }
    let mut packages = packages?;
    packages.sort();
    Some(Conda {
        program: program?,
        prefix: folder?,
        channels: channels?,
        packages,
        span: written.span.clone(),
        prefix_span: written.prefix.as_ref()?.span.clone(),
    })
}

/// A list that has to have something in it, each element checked.
fn list<T>(
    list: Option<&Spanned<Vec<Spanned<String>>>>,
    table: &syntax::packages::Conda,
    (key, help): (&'static str, &str),
    parse: fn(&Spanned<String>, &mut Diagnostics) -> Option<T>,
    found: &mut Diagnostics,
) -> Option<Vec<T>> {
    let list = check::required(list, &table.span, key, help, found)?;
    if list.value.is_empty() {
        check::empty_list(&list.span, key, help, found);
    }
    let parsed: Vec<Option<T>> = list.value.iter().map(|one| parse(one, found)).collect();
    parsed.into_iter().collect()
}

fn channel(written: &Spanned<String>, found: &mut Diagnostics) -> Option<Channel> {
    if written.value.contains("://") {
        return download::check_url(written, found).map(Channel::Address);
    }
    check::named(written, Code::BadRepository, "the channel", ChannelName::parse, found)
        .map(Channel::Named)
}

fn name(specification: &str) -> &str {
    specification.split('=').next().unwrap_or(specification)
}

fn package(written: &Spanned<String>, found: &mut Diagnostics) -> Option<CondaPackage> {
    let mut parts = written.value.split('=');
    let name = name(parts.next().unwrap_or_default());
    let name_end = name.find(['<', '>', '!', '~', ' ', '*']).unwrap_or(name.len());
    let (version, build) = (parts.next(), parts.next());
    let version = version.and_then(|version| CondaVersion::parse(version).ok());
    let exact_build = build.map(|build| CondaVersion::parse(build).ok());
    let is_pinned = name_end == name.len()
        && version.is_some()
        && exact_build != Some(None)
        && parts.next().is_none();
    if !is_pinned {
        let message = format!("{:?} is not one exact version", written.value);
        found.push(
            Diagnostic::new(Code::UnpinnedPackage, &written.span, message)
                .help("write name=version or name=version=build, without patterns and ranges"),
        );
        return None;
    }
    let name = CondaName::parse(name)
        .map_err(|problem| {
            let message = format!("the package {name:?} {problem}");
            found.push(Diagnostic::new(Code::BadPackageName, &written.span, message));
        })
        .ok()?;
    Some(CondaPackage { name, version: version?, build: exact_build.flatten() })
}
