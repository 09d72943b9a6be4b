//! `upstream` of a download: one source, and the keys that it needs; and that of a base image, whose source is its own
//! repository. Nothing is asked here.

use super::{Context, check, download, key};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, suggest};
use crate::model::names::{Line, Name};
use crate::model::reference::Reference;
use crate::model::upstream::{Age, Evidence, Pattern, Proof, Source, Upstream};
use crate::source::Spanned;
use crate::syntax;
use crate::syntax::component::ComponentFile;
use crate::verify::openpgp::Certificate;
use crate::versions::Scheme;
use crate::versions::range::{Range, with_reason};

/// The keys that name a source of versions.
const SOURCES: &[&str] = &["github", "git", "pypi", "npm", "crates", "apt", "oci", "json", "text"];

pub(super) fn resolve(
    context: &Context<'_>,
    component: &ComponentFile,
    written: &syntax::packages::Upstream,
    found: &mut Diagnostics,
) -> Option<Upstream> {
    let (key, value) = match written.source.as_slice() {
        [] => {
            let help = "say who knows the versions: github, git, pypi, npm, crates, apt, oci, json or text";
            let message = "the upstream has no source of versions";
            found.push(
                Diagnostic::new(Code::MissingKey, &written.span, message)
                    .presumes_here(SOURCES)
                    .help(help),
            );
            return None;
        }
        [only] => only,
        [first, others @ ..] => {
            for (key, _) in others {
                let message = format!("the upstream has two sources, `{}` and `{key}`", first.0);
                found.push(
                    Diagnostic::new(Code::ConflictingKeys, &key.span, message)
                        .related(&first.0.span, "the first")
                        .help("keep one"),
                );
            }
            first
        }
    };
    keys_of(&key.value, written, found);
    let source = source(&key.value, value, found);
    let source = source.map(|source| Spanned::new(source, value.span.clone()));
    let upstream = plain(written, source, found);
    let regex = pattern(written.regex.as_ref(), "the pattern", found);
    let pointer = line(written.pointer.as_ref(), "the pointer", found);
    let pointer = pointer.filter(|pointer| check_pointer(pointer, found));
    let asset = line(written.asset.as_ref(), "the asset", found);
    let require = spanned(written.require.as_ref(), |require| proof(require, found));
    let signer = signer(context, component, written, found);
    if let Some(require) = require.as_ref().filter(|one| one.value == Proof::Signature)
        && written.key.is_none()
    {
        let help = "put the key of its publisher into the component's resources: key = \"….asc\", fingerprint = \"…\"";
        check::missing(&require.span, "key", help, found);
    }
    Some(Upstream { pointer, regex, asset, require, signer, ..upstream? })
}

/// Which versions of a package are taken. Where the component pins none of that name, `source` has those that it pins.
pub(super) fn of_package(
    package: &Spanned<String>,
    written: &syntax::packages::Upstream,
    source: Result<Source, Vec<String>>,
    found: &mut Diagnostics,
) -> Option<Upstream> {
    match source {
        Ok(source) => plain(written, Some(Spanned::new(source, package.span.clone())), found),
        Err(pinned) => {
            let message = format!("the component pins no package `{package}`");
            let mut diagnostic = Diagnostic::new(Code::BadUpstream, &package.span, message);
            diagnostic.help = suggest::help(&package.value, pinned.iter().map(String::as_str)).or_else(|| {
                Some("name a package of [apt.versions], [pip.packages] or [npm]; a download has `upstream`".into())
            });
            found.push(diagnostic);
            None
        }
    }
}

/// Which tags a base image may move to. What has no pattern moves among the tags that look like its own.
pub(super) fn of_base(
    written: &syntax::packages::Upstream,
    from: &Spanned<Reference>,
    found: &mut Diagnostics,
) -> Option<Upstream> {
    // Every reference has a tag.
    let (name, tag) = from.value.as_str().rsplit_once(':')?;
    let source = Source::Oci(Line::parse(name).ok()?);
    let upstream = plain(written, Some(Spanned::new(source, from.span.clone())), found)?;
    if let Some(pattern) = &upstream.tag {
        if !pattern.value.whole().is_some_and(|whole| whole.is_match(tag)) {
            let message = format!("the tag pattern does not fit `{tag}`, the tag of the image");
            found.push(
                Diagnostic::new(Code::BadUpstream, &pattern.span, message)
                    .related(&from.span, "the image")
                    .help("a pattern is for whole tags, with (?<version>…) around what is the version"),
            );
        }
        return Some(upstream);
    }
    if written.tag.is_some() {
        return None; // It was reported.
    }
    let Some(form) = Pattern::of_form(tag) else {
        let help =
            format!("`{tag}` has no number: say which tags are versions: tag = '…(?<version>…)…'");
        check::missing(&written.span, "tag", &help, found);
        return None;
    };
    Some(Upstream { tag: Some(Spanned::new(form, from.span.clone())), ..upstream })
}

/// What every upstream has; all of it is checked, also where the source is not known.
fn plain(
    written: &syntax::packages::Upstream,
    source: Option<Spanned<Source>>,
    found: &mut Diagnostics,
) -> Option<Upstream> {
    let tag = pattern(written.tag.as_ref(), "the tag pattern", found);
    let allow = line(written.allow.as_ref(), "the range", found);
    let ignore = written.ignore.iter();
    let ignore: Vec<Spanned<Line>> =
        ignore.filter_map(|text| line(Some(text), "the version", found)).collect();
    if let Some(source) = &source {
        let scheme = Scheme::of(&source.value);
        if let Some(allow) = &allow {
            check_range(allow, allow.value.as_str(), scheme, found);
        }
        for ignore in &ignore {
            check_range(ignore, with_reason(ignore.value.as_str()).0, scheme, found);
        }
    }
    let group = spanned(written.group.as_ref(), |group| {
        check::named(group, Code::BadName, "the group", Name::parse, found)
    });
    let minimum_age = spanned(written.minimum_age.as_ref(), |age| {
        check::named(age, Code::BadDuration, "`minimum-age`", Age::parse, found)
    });
    Some(Upstream {
        span: written.span.clone(),
        source: source?,
        tag,
        pointer: None,
        regex: None,
        asset: None,
        allow,
        ignore,
        group,
        prerelease: written.prerelease.as_ref().is_some_and(|prerelease| prerelease.value),
        minimum_age,
        require: None,
        signer: None,
    })
}

fn pattern(
    text: Option<&Spanned<String>>,
    what: &str,
    found: &mut Diagnostics,
) -> Option<Spanned<Pattern>> {
    spanned(text, |text| check::named(text, Code::BadUpstream, what, Pattern::parse, found))
}

fn line(
    text: Option<&Spanned<String>>,
    what: &str,
    found: &mut Diagnostics,
) -> Option<Spanned<Line>> {
    spanned(text, |text| check::line(text, what, found))
}

/// Versions are compared by the rules of their source, so a range has to be one by those, too.
fn check_range(written: &Spanned<Line>, range: &str, scheme: Scheme, found: &mut Diagnostics) {
    if let Err(why) = Range::parse(range, scheme) {
        let message = format!("the range {range:?} {why}");
        let mut diagnostic = Diagnostic::new(Code::BadUpstream, &written.span, message);
        diagnostic.help = Some(
            "write conditions with commas between them: \">=1.2, <3\", \"22.*\", \"1.5.0\"".into(),
        );
        found.push(diagnostic);
    }
}

/// The key whose signatures prove new versions: the file and its fingerprint belong together.
fn signer(
    context: &Context<'_>,
    component: &ComponentFile,
    written: &syntax::packages::Upstream,
    found: &mut Diagnostics,
) -> Option<Spanned<Certificate>> {
    match (&written.key, &written.fingerprint) {
        (Some(file), Some(fingerprint)) => {
            let (certificate, _) = key::pinned(context, component, file, fingerprint, found)?;
            Some(Spanned::new(certificate, file.span.clone()))
        }
        (Some(file), None) => {
            let help = "pin the key by its full fingerprint, from a source other than the file: fingerprint = \"…\"";
            check::missing(&file.span, "fingerprint", help, found);
            None
        }
        (None, Some(fingerprint)) => {
            let help = "put the key into the component's resources: key = \"….asc\"";
            check::missing(&fingerprint.span, "key", help, found);
            None
        }
        (None, None) => None,
    }
}

/// The checked value in the place of the written one.
fn spanned<T>(
    written: Option<&Spanned<String>>,
    check: impl FnOnce(&Spanned<String>) -> Option<T>,
) -> Option<Spanned<T>> {
    let written = written?;
    check(written).map(|value| Spanned::new(value, written.span.clone()))
}

/// The keys that a source needs, and those that say nothing about it.
fn keys_of(source: &str, written: &syntax::packages::Upstream, found: &mut Diagnostics) {
    let keys = [
        ("tag", &written.tag, &["github", "git", "apt", "oci"][..]),
        ("asset", &written.asset, &["github"][..]),
        ("pointer", &written.pointer, &["json"][..]),
        ("regex", &written.regex, &["json", "text"][..]),
    ];
    for (name, value, sources) in keys {
        let Some(value) = value else { continue };
        if !sources.contains(&source) {
            let message = format!("`{name}` says nothing about `{source}`");
            found.push(
                Diagnostic::new(Code::ConflictingKeys, &value.span, message)
                    .help(format!("`{name}` is for {}", sources.join(", "))),
            );
        }
    }
    if source == "text" && written.regex.is_none() {
        let help = "say where in the text the version stands: regex = '…(?<version>…)…'";
        check::missing(&written.span, "regex", help, found);
    }
    if source == "json" && written.pointer.is_none() {
        let help =
            "say where in the document the version stands (RFC 6901): pointer = \"/version\"";
        check::missing(&written.span, "pointer", help, found);
    }
}

fn source(kind: &str, value: &Spanned<String>, found: &mut Diagnostics) -> Option<Source> {
    let mut named = |what: &str, check: fn(&str) -> Result<Line, String>| {
        check::named(value, Code::BadUpstream, what, check, found)
    };
    match kind {
        "github" => named("the repository", repository).map(Source::Github),
        "pypi" => named("the project", |text| words(text, "._-")).map(Source::Pypi),
        "npm" => named("the package", npm_package).map(Source::Npm),
        "crates" => named("the crate", |text| words(text, "_-")).map(Source::Crates),
        "apt" => named("the package", |text| words(text, "+.-")).map(Source::Apt),
        "oci" => named("the repository", oci_repository).map(Source::Oci),
        "git" => download::check_url(value, found).map(Source::Git),
        "json" => download::check_url(value, found).map(Source::Json),
        "text" => download::check_url(value, found).map(Source::Text),
        _ => None,
    }
}

fn words(text: &str, others: &str) -> Result<Line, String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || others.contains(c);
    if text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.chars().all(allowed) {
        Line::parse(text)
    } else {
        Err(format!("is no name: letters, digits and `{others}` are allowed"))
    }
}

fn repository(text: &str) -> Result<Line, String> {
    match text.split_once('/') {
        Some((owner, name)) if words(owner, "-").is_ok() && words(name, "._-").is_ok() => {
            Line::parse(text)
        }
        _ => Err("is not of the form `owner/name`".into()),
    }
}

/// The name of a package, or `@scope/name`.
pub(super) fn npm_package(text: &str) -> Result<Line, String> {
    let plain = |text: &str| words(text, "._-").is_ok();
    let good = match text.strip_prefix('@') {
        Some(scoped) => {
            scoped.split_once('/').is_some_and(|(scope, name)| plain(scope) && plain(name))
        }
        None => plain(text),
    };
    if good { Line::parse(text) } else { Err("is no package name of npm".into()) }
}

fn oci_repository(text: &str) -> Result<Line, String> {
    let last = text.rsplit('/').next().unwrap_or_default();
    if last.contains(':') {
        return Err("has a tag; `tag` says which tags are versions".into());
    }
    Reference::parse(&format!("{text}:x"))?;
    Line::parse(text)
}

/// RFC 6901: empty, or parts that each begin with `/`, in which `~` is `~0` and `/` is `~1`.
fn check_pointer(pointer: &Spanned<Line>, found: &mut Diagnostics) -> bool {
    let text = pointer.value.as_str();
    let escapes = text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
    let good = escapes && (text.is_empty() || text.starts_with('/'));
    if !good {
        let message = format!("{text:?} is no JSON pointer (RFC 6901)");
        found.push(
            Diagnostic::new(Code::BadUpstream, &pointer.span, message)
                .help("write the keys on the way, each with `/` before it: \"/info/version\""),
        );
    }
    good
}

/// What proved the bytes of a pin.
pub(super) fn evidence(
    written: Option<&Spanned<String>>,
    found: &mut Diagnostics,
) -> Option<Spanned<Evidence>> {
    spanned(written, |written| one_of(written, Evidence::ALL, found))
}

fn proof(written: &Spanned<String>, found: &mut Diagnostics) -> Option<Proof> {
    one_of(written, Proof::ALL, found)
}

/// A kind of proof by its name.
fn one_of<T: Copy>(
    written: &Spanned<String>,
    all: &[(&str, T)],
    found: &mut Diagnostics,
) -> Option<T> {
    let proof = all.iter().find(|(name, _)| *name == written.value).map(|(_, proof)| *proof);
    if proof.is_none() {
        let names: Vec<String> = all.iter().map(|(name, _)| format!("{name:?}")).collect();
        let message = format!("{:?} is nothing that proves a version", written.value);
        let mut diagnostic = Diagnostic::new(Code::BadUpstream, &written.span, message);
        diagnostic.help = suggest::help(&written.value, all.iter().map(|(name, _)| *name))
            .or_else(|| Some(format!("use one of {}", names.join(", "))));
        found.push(diagnostic);
    }
    proof
}
