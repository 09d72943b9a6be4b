//! `rdspec verify`: asks every pinned upstream whether it still serves exactly what is pinned, before a build does.
//! Nothing is written.

mod images;
mod repositories;

use std::collections::BTreeMap;
use std::io::sink;

use serde::Serialize;

use super::bump::configuration::addresses;
use super::printable::printable;
use super::table::{Align, aligned};
use super::{
    DONE, ENGINE_FAILED, FINDINGS, Session, VERIFICATION_FAILED, WRONG, gravest, jobs, now,
    transfers,
};
use crate::cli::Format;
use crate::cli::upstreams::Verify;
use crate::compile::{Output, pinned_keys};
use crate::diagnostic::render::render;
use crate::image::digest::Digest;
use crate::source::{Span, SpecFiles};
use crate::upstream::apt::catalog::Catalog;
use crate::upstream::http::{Failure, Http, Kind, Settings};
use crate::verify::expiry;

/// A file that is pinned.
struct Pinned<'a> {
    url: &'a str,
    sha256: &'a str,
    /// Where the sum is written.
    place: String,
}

/// What became of a file, of a base image, of a suite of a repository, or of a package of one.
#[derive(Debug, Serialize)]
struct Row {
    url: String,
    place: String,
    status: &'static str,
    /// What is wrong.
    why: Option<String>,
    /// What is worth knowing, and nothing wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    /// What to do about it.
    help: Option<String>,
    #[serde(skip)]
    code: u8,
}

impl Row {
    fn good(url: &str, place: &str, status: &'static str) -> Self {
        let (url, place) = (url.to_owned(), place.to_owned());
        Self { url, place, status, why: None, note: None, help: None, code: DONE }
    }

    fn failed(url: &str, place: &str, failure: &Failure) -> Self {
        let (status, code) = match failure.kind {
            Kind::Missing(_) => ("gone", ENGINE_FAILED),
            Kind::OtherBytes(_) => ("other bytes", VERIFICATION_FAILED),
            _ => ("failed", ENGINE_FAILED),
        };
        let why = Some(failure.to_string());
        Self { why, help: failure.help(), code, ..Self::good(url, place, status) }
    }
}

/// Runs the command.
///
/// # Errors
/// The spec folder cannot be read.
pub fn run(session: &Session, arguments: &Verify) -> anyhow::Result<u8> {
    let files = session.workspace.load()?;
    let Some(output) = session.compile_files(&files)? else { return Ok(WRONG) };
    let pinned = pinned(&output, &files);
    let http = Http::new(Settings { watch: transfers::watch(session), ..Settings::default() })?;
    let rows = jobs::map(&pinned, |one| row(&http, one, arguments.deep));
    let images = images::rows(&output, &files, &http, &addresses().registries);
    let catalog = Catalog::new(&output.stack, now());
    let mut repositories = jobs::map(catalog.shelves(), |shelf| {
        repositories::row(&http, &files, &catalog, shelf, arguments.deep, now())
    });
    if arguments.deep {
        repositories.extend(repositories::packages(&http, &files, &catalog, &output.stack));
    }
    let keys = expiring_keys(&output);
    match arguments.format {
        Format::Json => {
            let keys: Vec<&str> = keys.iter().map(|key| key.message.as_str()).collect();
            session.print_json(&serde_json::json!({
                "files": rows,
                "images": images,
                "repositories": repositories,
                "keys": keys,
            }))?;
        }
        Format::Text => {
            session.print(&text(rows.iter().chain(&images).chain(&repositories)));
            for key in &keys {
                session.complain(&format!("{}\n", render(key, &files, session.style)));
            }
        }
    }
    // None of them is as little as a key that ends soon.
    let all = rows.iter().chain(&images).chain(&repositories);
    let worst = gravest(all.map(|row| row.code).filter(|code| *code != DONE));
    let of_keys = if keys.is_empty() { DONE } else { FINDINGS };
    Ok(worst.unwrap_or(of_keys))
}

/// Every address of every download, each once.
fn pinned<'a>(output: &'a Output, files: &SpecFiles) -> Vec<Pinned<'a>> {
    let mut all = BTreeMap::new();
    let downloads = output.stack.components().flat_map(|one| &one.downloads);
    for artifact in downloads.flat_map(|download| &download.artifacts) {
        for url in &artifact.urls {
            all.entry((url.text.as_str(), artifact.sha256.value.as_str())).or_insert_with(|| {
                Pinned {
                    url: &url.text,
                    sha256: artifact.sha256.value.as_str(),
                    place: place(files, &artifact.sha256.span),
                }
            });
        }
    }
    all.into_values().collect()
}

/// A place of the spec, as `file:line`.
fn place(files: &SpecFiles, span: &Span) -> String {
    let line = files.text(span.file)[..span.range().start].matches('\n').count() + 1;
    format!("{}:{line}", files.display_path(span.file))
}

fn row(http: &Http, pinned: &Pinned<'_>, deep: bool) -> Row {
    let good = |status| Row::good(pinned.url, &pinned.place, status);
    if !deep {
        return match http.answers(pinned.url) {
            Ok(_) => good("answers"),
            Err(failure) => Row::failed(pinned.url, &pinned.place, &failure),
        };
    }
    match http.download(pinned.url, &mut sink()) {
        Ok(downloaded) if Digest::from_hexadecimal(pinned.sha256) == Some(downloaded.sha256) => {
            good("the same")
        }
        Ok(downloaded) => Row {
            status: "other bytes",
            why: Some(format!("it has {}, pinned is sha256:{}", downloaded.sha256, pinned.sha256)),
            help: Some("ask the upstream why; if it is well, `rdspec bump --repin`".to_owned()),
            code: VERIFICATION_FAILED,
            ..good("")
        },
        Err(failure) => Row::failed(pinned.url, &pinned.place, &failure),
    }
}

/// Keys that have expired or will soon.
fn expiring_keys(output: &Output) -> Vec<crate::diagnostic::Diagnostic> {
    expiry::findings(pinned_keys(&output.stack), now())
}

fn text<'rows>(rows: impl Iterator<Item = &'rows Row> + Clone) -> String {
    let cells: Vec<[String; 3]> = rows
        .clone()
        .map(|row| [row.status.to_owned(), printable(&row.place), printable(&row.url)])
        .collect();
    let mut text = aligned(&cells, [Align::Left; 3], 0);
    for row in rows {
        let help = row.help.as_ref().map(|help| format!("help: {help}"));
        for note in row.why.iter().chain(&row.note).chain(&help) {
            text.extend([&printable(&format!("{}: {note}", row.place)), "\n"]);
        }
    }
    text
}
