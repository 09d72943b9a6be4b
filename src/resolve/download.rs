//! `[downloads.*]`: URLs, sums, what is done with the file.

use super::{Context, check, file};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::Name;
use crate::model::architecture::Architecture;
use crate::model::component::{ArchiveFormat, Artifact, Download, DownloadAction, Url};
use crate::model::names::{Mode, Sha256};
use crate::source::Spanned;
use crate::syntax::{self, Checksums};

/// SHA-256 of no bytes at all, and a placeholder: both were really committed somewhere.
const DUMMIES: &[(&str, &str)] = &[
    (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "this is the sum of an empty file",
    ),
    (
        "0000000000000000000000000000000000000000000000000000000000000000",
        "this is a placeholder, not a sum",
    ),
];

pub(super) fn resolve(
    context: &Context<'_>,
    key: &Spanned<String>,
    written: &syntax::Download,
    found: &mut Diagnostics,
) -> Option<Download> {
    let name = check::named(key, Code::BadName, "the download name", Name::parse, found);
    let version = written.version.as_ref().and_then(|v| check::line(v, "the version", found));
    let sums = sums(context, written, found);
    let help = "say where the file is: url = \"https://…\"";
    let url = check::required(written.url.as_ref(), &written.span, "url", help, found)?;
    let action = action(context, written, url, found);
    let mut artifacts: Vec<Artifact> = Vec::new();
    for (architecture, sha256) in sums? {
        let mut urls = Vec::new();
        for template in std::iter::once(url).chain(&written.mirrors) {
            let version = version.as_ref().map(crate::model::names::Line::as_str);
            let text = substitute(context, template, version, architecture, found)?;
            urls.push(check_url(&Spanned::new(text, template.span.clone()), found)?);
        }
        artifacts.push(Artifact { architecture, sha256, urls });
    }
    Some(Download { name: name?, artifacts, action: action?, span: key.span.clone() })
}

/// The sum for each architecture of the stack.
fn sums(
    context: &Context<'_>,
    written: &syntax::Download,
    found: &mut Diagnostics,
) -> Option<Vec<(Architecture, Sha256)>> {
    match &written.sha256 {
        None => {
            found.push(
                Diagnostic::new(Code::MissingSha256, &written.span, "the download has no `sha256`")
                    .label("nothing unverified is installed")
                    .help(
                        "add sha256 = \"…\", or one sum for each architecture: { amd64 = \"…\" }",
                    ),
            );
            None
        }
        Some(Checksums::Any(sum)) => {
            let by_machine = written
                .url
                .as_ref()
                .is_some_and(|url| url.value.contains("arch") || url.value.contains("machine"))
                && written.url.as_ref().is_some_and(|url| url.value.contains("{{"));
            if by_machine && context.architectures.len() > 1 {
                found.push(
                    Diagnostic::new(
                        Code::MissingSha256,
                        &sum.span,
                        "the URL differs between architectures, and there is one sum for all",
                    )
                    .help("give one for each: sha256 = { amd64 = \"…\", arm64 = \"…\" }"),
                );
            }
            let sum = sha256(sum, found)?;
            Some(context.architectures.iter().map(|&arch| (arch, sum.clone())).collect())
        }
        Some(Checksums::ByArchitecture(span, by_name)) => {
            let mut sums = Vec::new();
            for (name, sum) in by_name {
                let Some(architecture) = Architecture::from_name(&name.value) else {
                    let mut diagnostic = Diagnostic::new(
                        Code::BadPlatform,
                        &name.span,
                        format!("rdspec does not know the architecture {:?}", name.value),
                    );
                    diagnostic.help = crate::diagnostic::suggest::help(
                        &name.value,
                        Architecture::ALL.map(Architecture::name),
                    );
                    found.push(diagnostic);
                    continue;
                };
                sums.extend(sha256(sum, found).map(|sum| (architecture, sum)));
            }
            let mut wanted = Vec::new();
            for &architecture in &context.architectures {
                let sum = sums.iter().find(|(candidate, _)| *candidate == architecture);
                if let Some((_, sum)) = sum {
                    wanted.push((architecture, sum.clone()));
                } else if !by_name.iter().any(|(name, _)| name.value == architecture.name()) {
                    let name = architecture.name();
                    found.push(
                        Diagnostic::new(
                            Code::MissingSha256,
                            span,
                            format!("the stack is built for {name}, and there is no sum for it"),
                        )
                        .help(format!("add {name} = \"…\"")),
                    );
                }
            }
            Some(wanted)
        }
    }
}

fn sha256(written: &Spanned<String>, found: &mut Diagnostics) -> Option<Sha256> {
    let sum = check::named(written, Code::BadSha256, "the sum", Sha256::parse, found)?;
    if let Some((_, why)) = DUMMIES.iter().find(|(dummy, _)| *dummy == sum.as_str()) {
        found.push(
            Diagnostic::new(Code::DummySha256, &written.span, *why)
                .help("download the file yourself and take `sha256sum` of it"),
        );
        return None;
    }
    Some(sum)
}

/// Fills `{{ version }}`, `{{ arch }}` (as dpkg calls it) and `{{ machine }}` (as uname calls it).
fn substitute(
    context: &Context<'_>,
    template: &Spanned<String>,
    version: Option<&str>,
    architecture: Architecture,
    found: &mut Diagnostics,
) -> Option<String> {
    if !template.value.contains("{{") && !template.value.contains("{%") {
        return Some(template.value.clone());
    }
    let mut variables = vec![("arch", architecture.name()), ("machine", architecture.machine())];
    variables.extend(version.map(|version| ("version", version)));
    let known = variables.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    let values = variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    match context.templates.render_str(&template.value, minijinja::Value::from_pairs(values)) {
        Ok(text) => Some(text),
        Err(error) => {
            let detail = error.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
            let message = format!("the URL template does not work: {}{detail}", error.kind());
            found.push(
                Diagnostic::new(Code::BadTemplate, &template.span, message)
                    .help(format!("variables here: {known}")),
            );
            None
        }
    }
}

/// https, or plain http to this very machine, which nobody can tamper with on the way.
fn check_url(written: &Spanned<String>, found: &mut Diagnostics) -> Option<Url> {
    let text = written.value.as_str();
    let problem = |code, message: String| Diagnostic::new(code, &written.span, message);
    // RFC 3986: unreserved, reserved without quotes and brackets of IPv6, and `%`.
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#@!$&()*+,;=%".contains(c);
    if let Some(bad) = text.chars().find(|&c| !allowed(c)) {
        found.push(problem(
            Code::BadUrl,
            format!("the URL contains {bad:?}; write such characters as %XX"),
        ));
        return None;
    }
    let (secure, rest) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
        (Some(rest), _) => (true, rest),
        (_, Some(rest)) => (false, rest),
        _ => {
            found.push(problem(Code::BadUrl, format!("{text:?} is not an https URL")));
            return None;
        }
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        found.push(
            problem(Code::BadUrl, "the URL contains a user name or a password".into())
                .help("it would be readable in the script; use a URL that works without"),
        );
        return None;
    }
    let host = authority.split(':').next().unwrap_or_default();
    if host.is_empty() || rest.len() == authority.len() {
        found.push(problem(Code::BadUrl, format!("{text:?} names no file")));
        return None;
    }
    if !secure && !matches!(host, "localhost" | "127.0.0.1") {
        found.push(
            problem(
                Code::PlainHttp,
                "the URL is plain http: anyone on the way can change the file".into(),
            )
            .help("use https; plain http is only taken from this machine itself (localhost)"),
        );
        return None;
    }
    Some(Url { text: text.to_owned(), secure })
}

fn action(
    context: &Context<'_>,
    written: &syntax::Download,
    url: &Spanned<String>,
    found: &mut Diagnostics,
) -> Option<DownloadAction> {
    let (to, span) = match (&written.install, &written.unpack) {
        (Some(install), None) => (&install.to, &install.span),
        (None, Some(unpack)) => (&unpack.to, &unpack.span),
        (Some(install), Some(unpack)) => {
            found.push(
                Diagnostic::new(
                    Code::ConflictingKeys,
                    &unpack.span,
                    "the download is both installed and unpacked",
                )
                .related(&install.span, "installed here")
                .help("keep `install` for a single file, `unpack` for an archive"),
            );
            return None;
        }
        (None, None) => {
            let help =
                "say what happens to the file: install = { to = \"…\" } or unpack = { to = \"…\" }";
            check::missing(&written.span, "install", help, found);
            return None;
        }
    };
    let to = check::required(to.as_ref(), span, "to", "say where it goes: to = \"/opt/…\"", found)?;
    let target = file::target(context, to, "the target", found)?;
    if target.in_home || target.path.is_shared_directory() {
        let message = if target.in_home {
            "a download belongs to root, and the home to the user".to_owned()
        } else {
            format!("{} is a directory that many packages share", target.path)
        };
        found.push(
            Diagnostic::new(Code::ReservedPath, &to.span, message)
                .help("give it a path of its own, such as /opt/tool"),
        );
        return None;
    }
    let to = target.path;
    if let Some(install) = &written.install {
        let mode = match &install.mode {
            Some(mode) => check::named(mode, Code::BadMode, "the mode", Mode::parse, found)?,
            None => Mode::PROGRAM,
        };
        return Some(DownloadAction::Install { to, mode });
    }
    let strip = match written.unpack.as_ref().and_then(|unpack| unpack.strip.as_ref()) {
        Some(strip) => check::number(strip, "`strip`", 0..=9, found)?,
        None => 0,
    };
    let path = url.value.split(['?', '#']).next().unwrap_or_default();
    let Some(format) = ArchiveFormat::of(path) else {
        found.push(
            Diagnostic::new(
                Code::UnknownArchive,
                &url.span,
                "the file name does not tell which archive format it is",
            )
            .help("known: .tar, .tar.gz, .tgz, .tar.xz, .txz, .tar.bz2, .tar.zst, .zip"),
        );
        return None;
    };
    Some(DownloadAction::Unpack { to, strip, format })
}
