//! package-lock.json (npm's documentation, "package-lock.json"): everything from an https address, with its SHA-512.
//!
//! Takes the bytes, reports what is wrong at the place of the entry. npm reads the very same bytes.

use serde_json::{Map, Value};

use super::super::download;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::npm::Locked;
use crate::source::{FileId, Span, Spanned};

/// An object of JSON.
pub(super) fn json(
    file: FileId,
    bytes: &[u8],
    found: &mut Diagnostics,
) -> Option<Map<String, Value>> {
    let problem = match serde_json::from_slice(bytes) {
        Ok(Value::Object(object)) => return Some(object),
        Ok(_) => (0..0, "the file is no JSON object".to_owned()),
        Err(error) => {
            let lines = bytes.split_inclusive(|byte| *byte == b'\n');
            let before: usize = lines.take(error.line().saturating_sub(1)).map(<[u8]>::len).sum();
            let at = (before + error.column().saturating_sub(1)).min(bytes.len());
            let text = error.to_string();
            let text = text.split(" at line ").next().unwrap_or(&text);
            (at..at, format!("the file is not JSON: {text}"))
        }
    };
    found.push(Diagnostic::new(Code::BadLock, &Span::new(file, problem.0), problem.1));
    None
}

/// Checks a lock; gives the packages that it names.
pub(super) fn read(file: FileId, bytes: &[u8], found: &mut Diagnostics) -> Option<Vec<Locked>> {
    let lock = json(file, bytes, found)?;
    let version = lock.get("lockfileVersion").and_then(Value::as_u64);
    let packages = lock.get("packages").and_then(Value::as_object);
    let (Some(2 | 3), Some(packages)) = (version, packages) else {
        let message = "the lock is not of version 2 or 3, which name the hash of everything";
        found.push(
            Diagnostic::new(Code::BadLock, &Span::new(file, 0..0), message)
                .help("write it anew: npm install --package-lock-only --lockfile-version 3"),
        );
        return None;
    };
    let mut is_good = true;
    let mut named = Vec::new();
    for (path, entry) in packages.iter().filter(|(path, _)| !path.is_empty()) {
        let place = Span::new(file, place(bytes, path));
        is_good &= self::entry(path, entry, packages, &place, found).is_some();
        named.push(locked(path, entry));
    }
    is_good.then_some(named)
}

/// What an entry says of a package. One that is installed under another name says its own.
fn locked(path: &str, entry: &Value) -> Locked {
    let text = |key: &str| entry.get(key).and_then(Value::as_str).map(str::to_owned);
    let folder = path.rsplit_once("node_modules/").map_or(path, |(_, folder)| folder);
    Locked {
        name: text("name").unwrap_or_else(|| folder.to_owned()),
        version: text("version"),
        url: text("resolved"),
        integrity: text("integrity"),
    }
}

/// Where the text has an entry's key.
fn place(bytes: &[u8], path: &str) -> std::ops::Range<usize> {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let key = serde_json::to_string(path).unwrap_or_default();
    let is_key = |at: &usize| text[at + key.len()..].trim_start().starts_with(':');
    let at = text.match_indices(&key).map(|(at, _)| at).find(is_key);
    at.map_or(0..0, |at| at..at + key.len())
}

fn entry(
    path: &str,
    entry: &Value,
    packages: &Map<String, Value>,
    place: &Span,
    found: &mut Diagnostics,
) -> Option<()> {
    let mut bad = |message: String, help: &str| {
        found.push(Diagnostic::new(Code::BadLock, place, message).help(help));
        None
    };
    let is_inside = path.starts_with("node_modules/")
        && !path.contains('\\')
        && path.split('/').all(|part| !matches!(part, "" | "." | ".."));
    let is = |key: &str| entry.get(key).and_then(Value::as_bool).unwrap_or_default();
    if !is_inside || is("link") {
        let message = format!("{path:?} is a folder of its author's, not a package of a registry");
        return bad(message, "publish it, or make it a download for the script");
    }
    // What a package brings in its own archive is part of what that one's hash is of.
    let bundler = path.rsplit_once("/node_modules/").map(|(bundler, _)| bundler);
    if is("inBundle") && bundler.is_some_and(|bundler| packages.contains_key(bundler)) {
        return Some(());
    }
    let Some(resolved) = entry.get("resolved").and_then(Value::as_str) else {
        let help = "write the lock anew: npm install --package-lock-only";
        return bad(format!("{path:?} does not say where it comes from (`resolved`)"), help);
    };
    let hash = entry.get("integrity").and_then(Value::as_str);
    if !hash.is_some_and(is_sha512) {
        let message = format!("{path:?} has no SHA-512 (`integrity`)");
        return bad(
            message,
            "nothing unverified is installed: take a version that the registry has a SHA-512 of",
        );
    }
    let resolved = Spanned::new(resolved.to_owned(), place.clone());
    download::check_url(&resolved, found).map(drop)
}

/// One hash of Subresource Integrity (W3C): 64 bytes in base64.
fn is_sha512(text: &str) -> bool {
    text.strip_prefix("sha512-").and_then(|text| text.strip_suffix("==")).is_some_and(|digits| {
        digits.len() == 86
            && digits.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '/'))
    })
}
