//! What becomes of a download: exactly one of four things.

use super::super::{Context, check, file};
use super::Variables;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::download::{ArchiveFormat, DownloadAction};
use crate::model::names::{EnvironmentName, Mode};
use crate::model::path::AbsolutePath;
use crate::source::{Span, Spanned};
use crate::syntax;
use crate::syntax::component::ComponentFile;
use crate::syntax::packages::{Download, Install, Unpack};

pub(super) fn resolve(
    context: &Context<'_>,
    component: &ComponentFile,
    key: &Spanned<String>,
    written: &Download,
    variables: &Variables,
    found: &mut Diagnostics,
) -> Option<DownloadAction> {
    let is_true = |flag: &Option<Spanned<bool>>| {
        flag.as_ref().filter(|flag| flag.value).map(|flag| flag.span.clone())
    };
    let given: Vec<(&str, Span)> = [
        ("install", written.install.as_ref().map(|install| install.span.clone())),
        ("unpack", written.unpack.as_ref().map(|unpack| unpack.span.clone())),
        ("deb", is_true(&written.deb)),
        ("script", is_true(&written.script)),
    ]
    .into_iter()
    .filter_map(|(name, span)| Some((name, span?)))
    .collect();
    match given.as_slice() {
        [] => {
            let help = "say what happens to the file: install = { to = \"…\" }, unpack = { to = \"…\" }, deb = true or script = true";
            let keys = ["install", "unpack", "deb", "script"];
            check::missing_all(&written.span, &keys, help, found);
            None
        }
        [("deb", _)] => Some(DownloadAction::Package),
        [("script", span)] => handed_to_script(component, key, span, found),
        [_] => match (&written.install, &written.unpack) {
            (Some(written), _) => install(context, written, variables, found),
            (_, Some(unpacked)) => unpack(context, written, unpacked, variables, found),
            _ => None,
        },
        [(first, first_span), others @ ..] => {
            for (other, span) in others {
                let message = format!("the download has both `{first}` and `{other}`");
                found.push(
                    Diagnostic::new(Code::ConflictingKeys, span, message)
                        .related(first_span, "the first")
                        .help("one download, one use: `install` a single file, `unpack` an archive, `deb` a Debian package, `script` for anything else"),
                );
            }
            None
        }
    }
}

/// The variable by which a script finds the file: `DOWNLOAD_` and the name in capitals.
fn handed_to_script(
    component: &ComponentFile,
    key: &Spanned<String>,
    span: &Span,
    found: &mut Diagnostics,
) -> Option<DownloadAction> {
    let variable =
        |name: &str| format!("DOWNLOAD_{}", name.to_ascii_uppercase().replace(['-', '.'], "_"));
    let own = variable(&key.value);
    let Some(script) = &component.script else {
        found.push(
            Diagnostic::new(
                Code::MissingKey,
                span,
                "the download is for the component's script, and it has none",
            )
            .presumes_here(&["script"])
            .help(format!("add [script]; it finds the file at ${own}")),
        );
        return None;
    };
    if let Some((name, _)) = script.environment.iter().find(|(name, _)| name.value == own) {
        let message = format!("`{own}` is where the script finds the download `{key}`");
        found.push(
            Diagnostic::new(Code::ReservedEnvironment, &name.span, message)
                .related(&key.span, "the download")
                .help("give the variable another name"),
        );
    }
    let scripts = component
        .downloads
        .iter()
        .filter(|(_, other)| other.script.as_ref().is_some_and(|script| script.value));
    let mut earlier = scripts.map(|(other, _)| other).take_while(|other| other.value != key.value);
    if let Some(first) = earlier.find(|other| variable(&other.value) == own) {
        let message = format!("`{first}` and `{key}` would both be ${own}");
        found.push(
            Diagnostic::new(Code::BadName, &key.span, message)
                .related(&first.span, "the first")
                .help("rename one of them"),
        );
        return None;
    }
    // A name that is none has been reported as such.
    Some(DownloadAction::Script { variable: EnvironmentName::parse(&own).ok()? })
}

/// The path of its own that a file or a directory gets.
fn target(
    context: &Context<'_>,
    to: Option<&Spanned<String>>,
    table: &Span,
    variables: &Variables,
    found: &mut Diagnostics,
) -> Option<AbsolutePath> {
    let to = check::required(to, table, "to", "say where it goes: to = \"/opt/…\"", found)?;
    // The path is the same on every architecture: others refer to it.
    let to = variables.substitute(context, to, None, found)?;
    let target = file::target(context, &to, "the target", found)?;
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
    Some(target.path)
}

fn install(
    context: &Context<'_>,
    written: &Install,
    variables: &Variables,
    found: &mut Diagnostics,
) -> Option<DownloadAction> {
    let to = target(context, written.to.as_ref(), &written.span, variables, found);
    let mode = match &written.mode {
        Some(mode) => check::named(mode, Code::BadMode, "the mode", Mode::parse, found)?,
        None => Mode::PROGRAM,
    };
    Some(DownloadAction::Install { to: to?, mode })
}

fn unpack(
    context: &Context<'_>,
    download: &syntax::packages::Download,
    written: &Unpack,
    variables: &Variables,
    found: &mut Diagnostics,
) -> Option<DownloadAction> {
    let to = target(context, written.to.as_ref(), &written.span, variables, found);
    let strip = match &written.strip {
        Some(strip) => check::number(strip, "`strip`", 0..=9, found)?,
        None => 0,
    };
    let format = match &written.format {
        Some(format) => named_format(format, found)?,
        None => told_format(download.url.as_ref()?, found)?,
    };
    Some(DownloadAction::Unpack { to: to?, strip, format })
}

fn named_format(written: &Spanned<String>, found: &mut Diagnostics) -> Option<ArchiveFormat> {
    let format = ArchiveFormat::of(&format!(".{}", written.value));
    if format.is_none() {
        let message = format!("{:?} is no archive format", written.value);
        found.push(
            Diagnostic::new(Code::UnknownArchive, &written.span, message)
                .help("known: tar, tar.gz, tar.xz, tar.bz2, tar.zst, zip"),
        );
    }
    format
}

fn told_format(url: &Spanned<String>, found: &mut Diagnostics) -> Option<ArchiveFormat> {
    let path = url.value.split(['?', '#']).next().unwrap_or_default();
    let format = ArchiveFormat::of(path);
    if format.is_none() {
        found.push(
            Diagnostic::new(
                Code::UnknownArchive,
                &url.span,
                "the file name does not tell which archive format it is",
            )
            .help("known: .tar, .tar.gz, .tgz, .tar.xz, .txz, .tar.bz2, .tar.zst, .zip; for others name it in `unpack`: format = \"tar.gz\""),
        );
    }
    format
}
