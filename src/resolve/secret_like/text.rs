//! What secrets look like in a text: the vendors' prefixes, PEM blocks, addresses with a password.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

/// How a token begins, how many characters more it has at least, and what it is.
const TOKENS: &[(&str, usize, &str)] = &[
    ("ghp_", 30, "a GitHub token"),
    ("gho_", 30, "a GitHub token"),
    ("ghu_", 30, "a GitHub token"),
    ("ghs_", 30, "a GitHub token"),
    ("ghr_", 30, "a GitHub token"),
    ("github_pat_", 20, "a GitHub token"),
    ("glpat-", 16, "a GitLab token"),
    ("AKIA", 16, "an access key of AWS"),
    ("ASIA", 16, "an access key of AWS"),
    ("xoxb-", 10, "a Slack token"),
    ("xoxp-", 10, "a Slack token"),
    ("xoxa-", 10, "a Slack token"),
    ("xoxs-", 10, "a Slack token"),
    ("npm_", 36, "an npm token"),
    ("pypi-AgE", 30, "a PyPI token"),
    ("hf_", 30, "a Hugging Face token"),
    ("AIza", 35, "a key of a Google API"),
    ("sk_live_", 20, "a Stripe key"),
];

/// Ends of names whose values are secrets, without `_` before them.
const NAMES: &[&str] = &[
    "TOKEN",
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "PASS",
    "PW",
    "SECRET",
    "KEY",
    "APIKEY",
    "CREDENTIALS",
];

/// Parameters of addresses that are secrets.
const PARAMETERS: &[&str] = &[
    "token",
    "access_token",
    "private_token",
    "auth_token",
    "api_key",
    "apikey",
    "password",
    "secret",
    "client_secret",
    "sig",
    "x-amz-signature",
];

/// How everything else begins that may be a secret.
const WEB_TOKEN: &str = "eyJ";
const PEM_BLOCK: &str = "-----BEGIN ";
const ADDRESS: &str = "://";

/// Finds all beginnings in one pass. None of them begins inside another where a word could begin.
static BEGINNINGS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let tokens = TOKENS.iter().map(|(prefix, ..)| *prefix);
    AhoCorasick::new(tokens.chain([WEB_TOKEN, PEM_BLOCK, ADDRESS])).ok()
});

/// Everything in a text that looks like a secret, and what it looks like, in the order of the text.
pub(super) fn find(text: &str) -> Vec<Seen> {
    let mut found = Vec::new();
    for beginning in BEGINNINGS.iter().flat_map(|all| all.find_iter(text)) {
        let at = beginning.start();
        match (TOKENS.get(beginning.pattern().as_usize()), &text[at..beginning.end()]) {
            (Some(kind), _) => found.extend(token(text, at, kind)),
            (None, WEB_TOKEN) => found.extend(web_token(text, at)),
            (None, PEM_BLOCK) => found.extend(private_key(text, at)),
            (None, _) => address(text, at, &mut found),
        }
    }
    found.sort_by_key(|(range, _)| range.start);
    found
}

/// Whether a TOML file can hold any of them: has one, may hide one behind escapes, or has a word that ends names of
/// secrets. Spares nearly every file from being parsed for their sake.
pub(super) fn is_worth_a_look(source: &str) -> bool {
    source.contains('\\') || may_name_a_secret(source) || !find(source).is_empty()
}

/// Whether some word of a text ends as names of secrets do.
fn may_name_a_secret(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| {
        // The shortest and the longest of the names.
        (2..=11).contains(&word.len()) && NAMES.iter().any(|name| name.eq_ignore_ascii_case(word))
    })
}

/// Whether a variable of this name holds a secret: `API_TOKEN`, `password`.
pub(super) fn names_a_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let end = name.rsplit('_').next().unwrap_or_default();
    // `KEY` alone is a word like any other.
    NAMES.contains(&end) && name != "KEY"
}

/// Whether a value is itself: neither empty, a switch or a number, nor a path, nor one that is filled in later.
pub(super) fn is_literal(value: &str) -> bool {
    let switch = ["true", "false", "yes", "no", "on", "off", "none"];
    let is_path = value.starts_with(['/', '~', '.']);
    let is_number = value.bytes().all(|byte| byte.is_ascii_digit()) && value.len() < 6;
    let is_filled_in = value.contains("{{") || value.starts_with('$');
    !(value.trim().is_empty()
        || is_path
        || is_number
        || is_filled_in
        || switch.contains(&value.to_ascii_lowercase().as_str()))
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Whether nothing that belongs to a word stands before a place.
fn begins(text: &str, at: usize) -> bool {
    !text[..at].ends_with(is_word)
}

/// A range of a text and what it looks like.
type Seen = (Range<usize>, &'static str);

fn token(
    text: &str,
    at: usize,
    (prefix, least, what): &(&str, usize, &'static str),
) -> Option<Seen> {
    let rest = &text[at + prefix.len()..];
    let length = rest.find(|c: char| !is_word(c) && c != '-').unwrap_or(rest.len());
    let has_digit = rest[..length].contains(|c: char| c.is_ascii_digit());
    let of_aws = !prefix.ends_with("IA")
        || rest[..length].chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    (begins(text, at) && length >= *least && has_digit && of_aws)
        .then_some((at..at + prefix.len() + length, *what))
}

/// JSON Web Tokens (RFC 7519): two JSON objects in base64url, both of which begin with `{"`, and a signature.
fn web_token(text: &str, at: usize) -> Option<Seen> {
    let rest = &text[at..];
    let end = rest.find(|c: char| !is_word(c) && c != '-' && c != '.').unwrap_or(rest.len());
    let mut parts = rest[..end].split('.');
    let (head, body, sign) = (parts.next(), parts.next(), parts.next());
    let is_token = head.is_some_and(|part| part.len() >= 12)
        && body.is_some_and(|part| part.starts_with(WEB_TOKEN))
        && sign.is_some_and(|part| part.len() >= 16);
    (begins(text, at) && is_token).then_some((at..at + end, "a JSON Web Token"))
}

/// The first line of a private key (RFC 7468, RFC 9580).
fn private_key(text: &str, at: usize) -> Option<Seen> {
    let rest = &text[at + PEM_BLOCK.len()..];
    let end = rest.find("-----")?;
    let label = &rest[..end];
    let is_private = label.ends_with("PRIVATE KEY") || label == "PGP PRIVATE KEY BLOCK";
    (label.len() < 40 && is_private)
        .then_some((at..at + PEM_BLOCK.len() + end + 5, "a private key"))
}

/// Addresses with a password, or with a parameter that is one (RFC 3986, 3.2.1 and 3.4).
fn address(text: &str, at: usize, found: &mut Vec<Seen>) {
    let start = at + ADDRESS.len();
    let rest = &text[start..];
    let ends = |c: char| c.is_whitespace() || "\"'`<>|;)".contains(c);
    let address = &rest[..rest.find(ends).unwrap_or(rest.len())];
    let authority = address.split(['/', '?', '#']).next().unwrap_or_default();
    if let Some((user, _)) = authority.rsplit_once('@')
        && let Some((_, password)) = user.split_once(':')
        && is_given(password)
    {
        found.push((start..start + authority.len(), "an address with a password"));
    }
    let Some((before, query)) = address.split_once('?') else { return };
    let mut offset = start + before.len() + 1;
    for pair in query.split(['&', '#']) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if PARAMETERS.contains(&name.to_ascii_lowercase().as_str()) && is_given(value) {
            found.push((offset..offset + pair.len(), "a secret in an address"));
        }
        offset += pair.len() + 1;
    }
}

/// Whether a part of an address is there and not filled in later.
fn is_given(value: &str) -> bool {
    !value.is_empty() && !value.starts_with(['$', '{', '%', '<', '*']) && value != "..."
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str) -> Vec<&str> {
        find(text).into_iter().map(|(range, _)| &text[range]).collect()
    }

    #[test]
    fn what_looks_like_a_secret_is_found_where_it_stands() {
        let token = format!("ghp_{}", "a1".repeat(18));
        assert_eq!(seen(&format!("curl -H 'Authorization: {token}' x")), [token.as_str()]);
        assert_eq!(seen("key=AKIAIOSFODNN7EXAMPLE;"), ["AKIAIOSFODNN7EXAMPLE"]);
        let web = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLXNpZ25hdHVyZQ";
        assert_eq!(seen(&format!("é {web}\n")), [web]);
        let key = "-----BEGIN OPENSSH PRIVATE KEY-----";
        assert_eq!(seen(&format!("{key}\nabc")), [key]);
        assert_eq!(seen("-----BEGIN PGP PRIVATE KEY BLOCK-----").len(), 1);
        assert_eq!(seen("git clone https://me:pw1@host/x y"), ["me:pw1@host"]);
        assert_eq!(seen("https://host/x?a=b&token=c&sig=d#e"), ["token=c", "sig=d"]);
    }

    #[test]
    fn what_is_public_or_filled_in_later_is_no_secret() {
        for text in [
            "",
            "ghp_short",
            "xghp_a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1",
            "AKIAlower7lower7lower7",
            "hf_this_is_a_long_name_of_a_function_here",
            "eyJ.eyJ.x",
            "-----BEGIN PUBLIC KEY-----",
            "-----BEGIN PGP PUBLIC KEY BLOCK-----",
            "-----BEGIN ",
            "https://git@host/x",
            "https://me:$PASSWORD@host/x",
            "https://host:8080/a:b@c",
            "https://host/x?token=&tokens=1&key=2",
            "https://host/x?token={{ version }}",
            "ssh://é",
            "://",
        ] {
            assert_eq!(seen(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn names_and_values_of_variables_are_told_apart() {
        for name in ["API_TOKEN", "password", "DB_PASSWORD", "SSH_KEY", "MY_APIKEY"] {
            assert!(names_a_secret(name), "{name}");
        }
        for name in ["KEY", "TOKENS", "API_TOKEN_FILE", "MONKEY", "PATH", "_"] {
            assert!(!names_a_secret(name), "{name}");
        }
        for value in ["hunter2", "123456", "a b"] {
            assert!(is_literal(value), "{value}");
        }
        for value in ["", " ", "/run/secrets/x", "$OTHER", "{{ user.name }}", "true", "0", "None"] {
            assert!(!is_literal(value), "{value}");
        }
    }
}
