//! `[ci]`: what differs between the workflows of teams, with what holds where nothing is said.

pub(super) mod published;

use super::{Context, check, download};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, suggest};
use crate::model::Name;
use crate::model::ci::{
    Branch, Ci, FolderPath, Install, Label, Login, Schedule, SecretVariable, Severity,
};
use crate::model::reference::{Digest, Reference, Tag};
use crate::source::Spanned;
use crate::syntax;

/// What can stand for the severity of a gate.
const SEVERITIES: &[(&str, Option<Severity>)] = &[
    ("critical", Some(Severity::Critical)),
    ("high", Some(Severity::High)),
    ("medium", Some(Severity::Medium)),
    ("low", Some(Severity::Low)),
    ("none", None),
];

/// Resolves the table. Nothing is said of a key that is not there, so every default is good.
pub(super) fn resolve(
    written: &syntax::ci::Ci,
    context: &Context<'_>,
    found: &mut Diagnostics,
) -> Option<Ci> {
    let defaults = Ci::defaults(context.variants.first()?)?;
    let branch = match &written.branch {
        Some(branch) => check::named(branch, Code::BadName, "the branch", Branch::parse, found),
        None => Some(defaults.branch),
    };
    let severity = match &written.severity {
        Some(severity) => check::choice(severity, "the severity", SEVERITIES, found),
        None => Some(defaults.severity),
    };
    let bump = schedule(written.bump.as_ref(), defaults.bump, found);
    let verify = schedule(written.verify.as_ref(), defaults.verify, found);
    let login =
        written.login.as_ref().map_or(Some(defaults.login), |login| self::login(login, found));
    let rdspec = written
        .rdspec
        .as_ref()
        .map_or(Some(defaults.rdspec), |install| self::install(install, found));
    let flag = |written: &Option<Spanned<bool>>, default| {
        written.as_ref().map_or(default, |flag| flag.value)
    };
    Some(Ci {
        runner: runner(written, defaults.runner, found),
        variants: variants(written, context, defaults.variants, found),
        tags: tags(written, found),
        branch: branch?,
        severity: severity?,
        unfixed: flag(&written.unfixed, defaults.unfixed),
        bump,
        verify,
        free_disk: written.free_disk.as_ref().map(|flag| flag.value),
        sbom: flag(&written.sbom, defaults.sbom),
        provenance: flag(&written.provenance, defaults.provenance),
        login: login?,
        rdspec: rdspec?,
    })
}

fn runner(written: &syntax::ci::Ci, default: Vec<Label>, found: &mut Diagnostics) -> Vec<Label> {
    let Some(labels) = &written.runner else { return default };
    if labels.is_empty() {
        check::empty_list(&written.span, "runner", "leave it out for ubuntu-24.04", found);
    }
    let label = |label: &Spanned<String>, found: &mut Diagnostics| {
        check::named(label, Code::UnrepresentableValue, "the label", Label::parse, found)
    };
    labels.iter().filter_map(|written| label(written, found)).collect()
}

fn variants(
    written: &syntax::ci::Ci,
    context: &Context<'_>,
    default: Vec<Name>,
    found: &mut Diagnostics,
) -> Vec<Name> {
    let Some(list) = &written.variants else { return default };
    if list.value.is_empty() {
        check::empty_list(&list.span, "variants", "leave it out for the default variant", found);
    }
    let mut variants: Vec<Name> = Vec::new();
    for wanted in &list.value {
        match context.variants.iter().find(|variant| variant.as_str() == wanted.value) {
            Some(variant) if variants.contains(variant) => {
                check::twice(wanted, &wanted.value, found);
            }
            Some(variant) => variants.push(variant.clone()),
            None => {
                let message = format!("there is no variant `{wanted}`");
                let mut diagnostic = Diagnostic::new(Code::UnknownVariant, &wanted.span, message)
                    .presumes(&["variants", "default-variant"]);
                let known = context.variants.iter().map(Name::as_str);
                diagnostic.help = suggest::help(&wanted.value, known);
                found.push(diagnostic);
            }
        }
    }
    variants
}

fn tags(written: &syntax::ci::Ci, found: &mut Diagnostics) -> Vec<Tag> {
    let mut tags: Vec<Tag> = Vec::new();
    for tag in &written.tags {
        match check::named(tag, Code::BadReference, "the tag", Tag::parse, found) {
            Some(parsed) if tags.contains(&parsed) => check::twice(tag, &tag.value, found),
            parsed => tags.extend(parsed),
        }
    }
    tags
}

/// A schedule; none for `never`.
fn schedule(
    written: Option<&Spanned<String>>,
    default: Option<Schedule>,
    found: &mut Diagnostics,
) -> Option<Schedule> {
    match written {
        None => default,
        Some(never) if never.value == "never" => None,
        Some(written) => {
            check::named(written, Code::BadSchedule, "the schedule", Schedule::parse, found)
        }
    }
}

fn login(written: &syntax::ci::Login, found: &mut Diagnostics) -> Option<Login> {
    let secrets = [&written.username, &written.password];
    if let Some(token) = written.github_token.as_ref().filter(|token| token.value) {
        if let Some(secret) = secrets.into_iter().flatten().next() {
            let message = "the token of the run needs no secrets";
            found.push(
                Diagnostic::new(Code::ConflictingKeys, &token.span, message)
                    .related(&secret.span, "a secret")
                    .help("keep `github-token` for ghcr.io, `username` and `password` elsewhere"),
            );
            return None;
        }
        return Some(Login::GithubToken);
    }
    let [username, password] = secrets.map(|secret| secret.as_ref());
    let mut name = |written: Option<&Spanned<String>>, default: &str| match written {
        Some(secret) => {
            check::named(secret, Code::BadName, "the secret", SecretVariable::parse, found)
        }
        None => SecretVariable::parse(default).ok(),
    };
    let (username, password) =
        (name(username, "REGISTRY_USERNAME"), name(password, "REGISTRY_PASSWORD"));
    Some(Login::Secrets { username: username?, password: password? })
}

fn install(written: &syntax::ci::Install, found: &mut Diagnostics) -> Option<Install> {
    let ways = [("path", &written.path), ("url", &written.url), ("image", &written.image)];
    let mut there = ways.iter().filter_map(|(key, value)| Some((*key, value.as_ref()?)));
    let Some((_, first)) = there.next() else {
        let help = "say where rdspec comes from, or leave [ci.rdspec] out";
        check::missing_all(&written.span, &["path", "url", "image"], help, found);
        return None;
    };
    if let Some((key, second)) = there.next() {
        let message = format!("rdspec comes from one place, and `{key}` is another");
        found.push(
            Diagnostic::new(Code::ConflictingKeys, &second.span, message)
                .related(&first.span, "the first"),
        );
        return None;
    }
    let unused = [
        (&written.sha256, written.url.is_some(), "sha256", "url"),
        (&written.digest, written.image.is_some(), "digest", "image"),
    ];
    for (value, is_used, key, of) in unused {
        if let Some(value) = value.as_ref().filter(|_| !is_used) {
            let message = format!("`{key}` is for `{of}`, which is not there");
            found.push(Diagnostic::new(Code::ConflictingKeys, &value.span, message));
        }
    }
    if let Some(path) = &written.path {
        let path = check::named(path, Code::BadPath, "the folder", FolderPath::parse, found)?;
        return Some(Install::Source(path));
    }
    if let Some(url) = &written.url {
        let help = "what is downloaded is run: pin its bytes";
        let sum = check::required(written.sha256.as_ref(), &written.span, "sha256", help, found);
        let sum = sum.and_then(|sum| download::sha256(sum, found));
        return Some(Install::Program {
            url: download::check_url(url, found)?,
            sha256: sum?.value,
        });
    }
    let image = written.image.as_ref()?;
    let help = "what is in the image is run: pin it";
    let digest = check::required(written.digest.as_ref(), &written.span, "digest", help, found);
    let digest = digest.and_then(|digest| {
        check::named(digest, Code::BadDigest, "the digest", Digest::parse, found)
    });
    let reference = check::named(image, Code::BadReference, "the image", Reference::parse, found)?;
    Some(Install::Image { reference, digest: digest? })
}
