//! Names and versions in addresses.

/// Words that say for what a file is, and not what it is.
const QUALIFIERS: &[&str] = &[
    "amd64", "x86", "x64", "64bit", "arm64", "aarch64", "linux", "linux64", "gnu", "musl",
    "unknown", "tar", "tgz", "zip", "deb", "all", "static",
];

/// What a download could be called, by the name of its file: the words before a version, a platform or an ending.
pub(super) fn of_file(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let file = path.rsplit('/').next().unwrap_or_default();
    let file = file.split("{{").next().unwrap_or_default().to_ascii_lowercase();
    let is_version = |word: &str| {
        word.strip_prefix('v').unwrap_or(word).starts_with(|c: char| c.is_ascii_digit())
    };
    let words = file.split(['-', '_', '.']);
    let words = words.take_while(|word| !is_version(word) && !QUALIFIERS.contains(word));
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join("-")
}

/// Whether an address names a version: not as a part of a longer one.
pub(super) fn named_by(url: &str, version: &str) -> bool {
    places(url, version).next().is_some()
}

/// An address with something else where it names a version.
pub(super) fn placed(url: &str, version: &str, instead: &str) -> String {
    let mut after = String::new();
    let mut at = 0;
    for place in places(url, version) {
        // Places do not overlap, since a version does not begin right behind itself.
        after.extend([url.get(at..place).unwrap_or_default(), instead]);
        at = place + version.len();
    }
    after + url.get(at..).unwrap_or_default()
}

fn places<'a>(url: &'a str, version: &'a str) -> impl Iterator<Item = usize> + 'a {
    let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    url.match_indices(version).map(|(at, _)| at).filter(move |&at| {
        let mut before = url[..at].chars().rev();
        let mut behind = url[at + version.len()..].chars();
        let (before, further) = (before.next(), before.next());
        let (behind, beyond) = (behind.next(), behind.next());
        let goes_on_before = is_digit(before) || before == Some('.') && is_digit(further);
        let goes_on_behind = is_digit(behind) || behind == Some('.') && is_digit(beyond);
        !version.is_empty() && !goes_on_before && !goes_on_behind
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_is_before_version_and_platform() {
        for (url, name) in [
            ("https://a.example/v1/tini-amd64", "tini"),
            ("https://a.example/jq_1.7_amd64.deb?x=1", "jq"),
            ("https://a.example/ripgrep-14.1.0-x86_64-unknown-linux-musl.tar.gz", "ripgrep"),
            ("https://a.example/My-Tool-v2.zip", "my-tool"),
            ("https://a.example/tool-{{ arch }}", "tool"),
            ("https://a.example/1.0/", ""),
        ] {
            assert_eq!(of_file(url), name, "{url}");
        }
    }

    #[test]
    fn a_version_is_not_a_part_of_another() {
        let url = "https://a.example/v1.2/tool-1.2-11.2-1.2.3_1.2.tar";
        let after = "https://a.example/v{V}/tool-{V}-11.2-1.2.3_{V}.tar";
        assert_eq!(placed(url, "1.2", "{V}"), after);
        assert!(!named_by("https://a.example/tool-11.2", "1.2"));
        assert!(!named_by("https://a.example/tool", ""));
    }
}
