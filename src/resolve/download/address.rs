//! Addresses: which URLs are taken, and which of them can change what they serve.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::download::Url;
use crate::source::Spanned;

/// https, or plain http to this very machine, which nobody can tamper with on the way.
pub(in super::super) fn check_url(
    written: &Spanned<String>,
    found: &mut Diagnostics,
) -> Option<Url> {
    let text = written.value.as_str();
    let problem = |code, message: String| Diagnostic::new(code, &written.span, message);
    // RFC 3986: unreserved, reserved without quotes and brackets of IPv6, and `%`.
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#@!$&()*+,;=%".contains(c);
    if let Some(bad) = text.chars().find(|&c| !allowed(c)) {
        let diagnostic = problem(Code::BadUrl, format!("the URL contains {bad:?}"));
        found.push(diagnostic.help(if matches!(bad, '{' | '}') {
            "a variable stands in two pairs of braces: {{ version }}"
        } else {
            "write such characters as %XX, a space as %20"
        }));
        return None;
    }
    let (secure, rest) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
        (Some(rest), _) => (true, rest),
        (_, Some(rest)) => (false, rest),
        _ => {
            found.push(
                problem(Code::BadUrl, format!("{text:?} is not an https URL"))
                    .help("write an address that begins with https://"),
            );
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
        found.push(
            problem(Code::BadUrl, format!("{text:?} names no file"))
                .help("give the whole address: https://host/path/file"),
        );
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

/// Whether the text of a URL names a version by itself: `1.2`, `v3`, a day, a commit.
pub(in super::super) fn names_a_version(url: &str) -> bool {
    let below = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = below.split_once('/').map_or("", |(_, path)| path).to_ascii_lowercase();
    let path = path.replace("x86_64", "").replace("x86-64", "");
    let runs = path.split(|c: char| !c.is_ascii_alphanumeric());
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_commit = |text: &str| {
        text.len() >= 7
            && text.bytes().all(|byte| byte.is_ascii_hexdigit())
            && text.bytes().any(|byte| byte.is_ascii_digit())
    };
    let mut before_ends_in_digit = false;
    for run in runs {
        let begins = run.starts_with(|c: char| c.is_ascii_digit());
        if (before_ends_in_digit && begins)
            || is_commit(run)
            || run.strip_prefix('v').is_some_and(digits)
        {
            return true;
        }
        before_ends_in_digit = run.ends_with(|c: char| c.is_ascii_digit());
    }
    false
}

#[cfg(test)]
mod tests {
    use super::names_a_version;

    #[test]
    fn versions_in_urls_are_seen() {
        for named in [
            "a/x-1.2.tar.gz",
            "a/v3/x",
            "a/2026-11-23/x",
            "a/20261123/x",
            "a/0123abc/x",
            "a/x_10_4.deb",
        ] {
            assert!(names_a_version(&format!("https://1.2.3.4:8080/{named}")), "{named}");
        }
        for unnamed in [
            "",
            "latest/x",
            "x-linux-x86_64.tar.gz",
            "x-amd64",
            "x64/x",
            "aarch64.deb",
            "defaced/x",
        ] {
            assert!(!names_a_version(&format!("https://1.2.3.4:8080/{unnamed}")), "{unnamed}");
        }
    }
}
