//! The order of versions that follow no standard.
//!
//! A version is read as its numbers and words; whatever stands between them only separates. They are compared from the
//! left: numbers as numbers, of any length; words by their letters, whatever their case; a number after a word. Where
//! one version ends, the other is older if it goes on with a word that means "unfinished" (`alpha`, `beta`, `rc` …) and
//! newer otherwise; zeros at the end mean nothing. `3.14.0a1` and `3.14.0b1` are unfinished, too, `1.1.1w` is not. So `1.2rc1` < `1.2` = `1.2.0` < `1.2.0esr` < `1.2.0-3` < `1.2.1`,
//! and dates are ordered as dates.

use std::cmp::Ordering;

/// Words of versions that are not finished, from the earliest to the latest.
const UNFINISHED: &[&str] =
    &["nightly", "snapshot", "dev", "unstable", "canary", "alpha", "beta", "preview", "pre", "rc"];

/// Whether a run is the `a` of `3.14.0a1`, or its `b`: alone between two numbers, with nothing that separates. The `w` of
/// `1.1.1w`, a release, has no number behind it.
fn is_early(text: &str, at: usize, run: &str) -> bool {
    let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let (before, behind) = (&text[..at], &text[at + run.len()..]);
    is_digit(before.chars().next_back()) && is_digit(behind.chars().next())
}

/// What is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key(Vec<Part>);

/// In the order of comparison; the end of a version is the [`Part::End`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    /// A word that means "unfinished", as its position among them.
    Unfinished(usize),
    End,
    Word(String),
    /// Its digits without zeros before them: longer is larger.
    Number(usize, String),
}

impl Key {
    /// None where there is no number.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts: Vec<Part> = Vec::new();
        for (at, run) in runs(text) {
            let part = match run {
                "a" if is_early(text, at, run) => Part::of("alpha"),
                "b" if is_early(text, at, run) => Part::of("beta"),
                _ => Part::of(run),
            };
            // Zeros mean nothing before such a word, either: `2.0rc1` is one of `2`.
            if matches!(part, Part::Unfinished(_)) {
                without_zeros(&mut parts);
            }
            parts.push(part);
        }
        if !parts.iter().any(|part| matches!(part, Part::Number(..))) {
            return None;
        }
        without_zeros(&mut parts);
        Some(Self(parts))
    }

    pub(super) fn is_prerelease(&self) -> bool {
        self.0.iter().any(|part| matches!(part, Part::Unfinished(_)))
    }
}

fn without_zeros(parts: &mut Vec<Part>) {
    while parts.last().is_some_and(Part::is_zero) {
        parts.pop();
    }
}

impl Part {
    fn of(run: &str) -> Self {
        if run.starts_with(|c: char| c.is_ascii_digit()) {
            let digits = run.trim_start_matches('0');
            return Self::Number(digits.len(), digits.to_owned());
        }
        let word = run.to_ascii_lowercase();
        match UNFINISHED.iter().position(|unfinished| *unfinished == word) {
            Some(at) => Self::Unfinished(at),
            None => Self::Word(word),
        }
    }

    fn is_zero(&self) -> bool {
        matches!(self, Self::Number(0, _))
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        let length = self.0.len().max(other.0.len());
        let part = |key: &'_ Self, at: usize| key.0.get(at).cloned().unwrap_or(Part::End);
        (0..length)
            .map(|at| part(self, at).cmp(&part(other, at)))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}

/// The numbers and words of a text, in their order, with the byte at which each begins.
fn runs(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
        let is_number = rest.chars().next()?.is_ascii_digit();
        let belongs = |c: char| c.is_ascii_alphanumeric() && c.is_ascii_digit() == is_number;
        let end = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        rest = after;
        Some((text.len() - rest.len() - run.len(), run))
    })
}

/// The first number of a version; 0 where there is none, the largest where it is larger than that.
pub(super) fn first_number(text: &str) -> u64 {
    let mut runs = runs(text).map(|(_, run)| run);
    let number = runs.find(|run| run.starts_with(|c: char| c.is_ascii_digit()));
    number.map_or(0, |digits| digits.parse().unwrap_or(u64::MAX))
}
