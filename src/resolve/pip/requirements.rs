//! A requirements file of pip ("requirements file format"): every line one exact version with its hashes.
//!
//! Takes the bytes of the file, reports what is wrong at its own lines. pip reads the very same bytes.

use std::ops::Range;

use super::super::download;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::pip::{Listed, PythonName};
use crate::source::{FileId, Span, Spanned};

/// How a hash is written.
const HASH: &str = "--hash=sha256:";

/// Checks a file; gives the packages that it names.
pub(super) fn read(
    file: FileId,
    bytes: &[u8],
    written: &Spanned<String>,
    found: &mut Diagnostics,
) -> Option<Vec<Listed>> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        let message = format!("the requirements {written} are not UTF-8");
        found.push(Diagnostic::new(Code::NotUtf8, &written.span, message));
        return None;
    };
    if let Some((at, strange)) = line_break(text) {
        let message = format!("{strange:?} ends a line for pip, and for hardly anything else");
        let place = Span::new(file, at..at + strange.len_utf8());
        found.push(Diagnostic::new(Code::BadRequirement, &place, message).help("remove it"));
        return None;
    }
    let lines = lines(text);
    if lines.is_empty() {
        let message = format!("the requirements {written} name no package");
        found.push(Diagnostic::new(Code::EmptyList, &written.span, message));
        return None;
    }
    let packages: Vec<Option<Listed>> =
        lines.iter().map(|words| line(file, words, found)).collect();
    packages.into_iter().collect()
}

/// What Python's `str.splitlines` takes for the end of a line, besides the usual ones.
fn line_break(text: &str) -> Option<(usize, char)> {
    let strange = |&(at, c): &(usize, char)| match c {
        '\n' | '\t' => false,
        '\r' => text.as_bytes().get(at + 1) != Some(&b'\n'),
        '\u{2028}' | '\u{2029}' => true,
        _ => c.is_control(),
    };
    text.char_indices().find(strange)
}

/// A part of the text, with its place.
struct Word<'text> {
    text: &'text str,
    range: Range<usize>,
}

/// The logical lines, without comments: a `\` at the end of a line continues it.
fn lines(text: &str) -> Vec<Vec<Word<'_>>> {
    let mut lines = Vec::new();
    let mut words: Vec<Word<'_>> = Vec::new();
    let mut start = 0;
    for physical in text.split_inclusive('\n') {
        let line = physical.strip_suffix('\n').unwrap_or(physical);
        let line = line.strip_suffix('\r').unwrap_or(line);
        // A comment is a whole line, or begins behind white space; and nothing continues it.
        let comment = line
            .match_indices('#')
            .map(|(at, _)| at)
            .find(|&at| line[..at].chars().next_back().is_none_or(char::is_whitespace));
        let code = comment.map_or(line, |at| &line[..at]);
        let continued = code.strip_suffix('\\').filter(|_| comment.is_none());
        let code = continued.unwrap_or(code);
        let before = words.len();
        for text in code.split_whitespace() {
            let at = start + (text.as_ptr().addr() - line.as_ptr().addr());
            words.push(Word { text, range: at..at + text.len() });
        }
        // pip continues this one, and takes all of the next line for a comment. The sign stays, and is refused.
        if comment.is_some() && line.ends_with('\\') && words.len() > before {
            let at = line.len() - 1;
            words.push(Word { text: &line[at..], range: start + at..start + line.len() });
        }
        if continued.is_none() && !words.is_empty() {
            lines.push(std::mem::take(&mut words));
        }
        start += physical.len();
    }
    if !words.is_empty() {
        lines.push(words);
    }
    lines
}

/// Checks one logical line: `name[extra]==version ; marker --hash=sha256:…`.
fn line(file: FileId, words: &[Word<'_>], found: &mut Diagnostics) -> Option<Listed> {
    let at = |range: &Range<usize>| Span::new(file, range.clone());
    let first = words.first()?;
    let bad = |word: &Word<'_>, message: String| {
        Diagnostic::new(Code::BadRequirement, &at(&word.range), message)
    };
    if first.text.starts_with('-') {
        found.push(
            bad(first, format!("{} is an option, not a package", first.text))
                .help("keep lines of packages; the package index goes into `index` of [pip]"),
        );
        return None;
    }
    let options = words.iter().position(|word| word.text.starts_with("--"));
    let (requirement, hashes) = words.split_at(options.unwrap_or(words.len()));
    let joined: String = requirement.iter().map(|word| word.text).collect::<Vec<_>>().join(" ");
    let whole = Word {
        text: &joined,
        range: first.range.start..requirement.last().unwrap_or(first).range.end,
    };
    if joined.contains("://") || joined.contains('@') || joined.contains(['/', '\\']) {
        found.push(
            bad(&whole, "an address or a path instead of a version".to_owned())
                .help("take the package from an index, as name==version; or make it a download for the script"),
        );
        return None;
    }
    let strange = |c: char| c.is_control() || !c.is_ascii() || "$`{}#&|%".contains(c);
    if let Some(strange) = joined.chars().find(|&c| strange(c)) {
        found.push(bad(&whole, format!("{strange:?} has no meaning in a requirement")));
        return None;
    }
    let specifier = joined.split(';').next().unwrap_or_default();
    let pinned = pin(specifier).map_err(|problem| {
        found.push(match problem {
            Problem::Unpinned => {
                let message = format!("{:?} is not one exact version", specifier.trim());
                Diagnostic::new(Code::UnpinnedPackage, &at(&whole.range), message)
                    .help("write name==version; `pip-compile --generate-hashes` does it for all")
            }
            Problem::Wrong(message) => bad(&whole, message),
        });
    });
    let mut is_good = true;
    let mut sums = Vec::new();
    for word in hashes {
        let Some(sum) = word.text.strip_prefix(HASH) else {
            found
                .push(bad(word, format!("{} is no hash of the package", word.text)).help(format!(
                    "hashes are written as {HASH}…; nothing else follows a package"
                )));
            is_good = false;
            continue;
        };
        let range = word.range.end - sum.len()..word.range.end;
        let sum = Spanned::new(sum.to_owned(), at(&range));
        match download::sha256(&sum, found) {
            Some(sum) => sums.push(sum.value),
            None => is_good = false,
        }
    }
    if hashes.is_empty() {
        found.push(
            Diagnostic::new(Code::MissingSha256, &at(&whole.range), "the package has no hash")
                .label("nothing unverified is installed")
                .help(format!("add {HASH}… for each wheel that may serve")),
        );
        is_good = false;
    }
    let (name, version) = pinned.ok()?;
    is_good.then(|| Listed { name, version: version.to_owned(), sha256: sums })
}

enum Problem {
    Unpinned,
    Wrong(String),
}

/// Reads `name[extras]==version`.
fn pin(specifier: &str) -> Result<(PythonName, &str), Problem> {
    let (name, version) = specifier.split_once("==").ok_or(Problem::Unpinned)?;
    let version = version.trim();
    let name = name.trim();
    let (name, extras) = match name.split_once('[') {
        Some((name, extras)) => (name.trim_end(), extras.strip_suffix(']')),
        None => (name, Some("")),
    };
    let is_exact = version.starts_with(|c: char| c.is_ascii_alphanumeric())
        && version.chars().all(|c| c.is_ascii_alphanumeric() || ".!+-_".contains(c));
    if !is_exact {
        return Err(Problem::Unpinned);
    }
    let name = PythonName::parse(name)
        .map_err(|problem| Problem::Wrong(format!("the package {name:?} {problem}")))?;
    let Some(extras) = extras else {
        return Err(Problem::Wrong("the extras do not end in `]`".to_owned()));
    };
    for extra in extras.split(',').map(str::trim).filter(|extra| !extra.is_empty()) {
        PythonName::parse(extra)
            .map_err(|problem| Problem::Wrong(format!("the extra {extra:?} {problem}")))?;
    }
    Ok((name, version))
}

#[cfg(test)]
mod tests {
    use super::{Problem, lines, pin};

    #[test]
    fn lines_are_joined_and_comments_dropped_as_pip_does() {
        let text = "# a \\\na==1 \\\n  --hash=x\\\n  # no end \\\r\n\nb==2 # why\nc==3#d --hash=y \\\n\nd==4 # e \\\n";
        let read: Vec<Vec<&str>> =
            lines(text).iter().map(|words| words.iter().map(|word| word.text).collect()).collect();
        let expected: [&[&str]; 4] =
            [&["a==1", "--hash=x"], &["b==2"], &["c==3#d", "--hash=y"], &["d==4", "\\"]];
        assert_eq!(read, expected);
        for words in lines(text) {
            assert!(words.iter().all(|word| text[word.range.clone()] == *word.text));
        }
    }

    #[test]
    fn only_one_exact_version_is_a_pin() {
        for good in ["a==1", "a_B.c [x, y-z] == 1.0.post1", "a==1!2+local"] {
            assert!(pin(good).is_ok(), "{good}");
        }
        for unpinned in ["a", "a>=1", "a==1.*", "a==1,!=2", "a===1", "a~=1", "a==", "a==1 b"] {
            assert!(matches!(pin(unpinned), Err(Problem::Unpinned)), "{unpinned}");
        }
        for wrong in ["==1", "a[x==1", "a[x/y]==1", "a b==1"] {
            assert!(matches!(pin(wrong), Err(Problem::Wrong(_))), "{wrong}");
        }
    }
}
