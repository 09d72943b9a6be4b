//! Stanzas of fields: deb822(5), as far as repositories use it.

/// A stanza.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stanza<'text>(&'text str);

/// The stanzas of a text with plain line ends, which blank lines separate.
pub(super) fn stanzas(text: &str) -> impl Iterator<Item = Stanza<'_>> {
    text.split("\n\n")
        .map(|stanza| stanza.trim_matches('\n'))
        .filter(|one| !one.is_empty())
        .map(Stanza)
}

impl<'text> Stanza<'text> {
    /// The first line of a field, whose name may be in any letters.
    pub(super) fn field(self, name: &str) -> Option<&'text str> {
        self.0.lines().find_map(|line| value(line, name))
    }

    /// The words of a field.
    pub(super) fn words(self, name: &str) -> impl Iterator<Item = &'text str> {
        self.field(name).unwrap_or_default().split_ascii_whitespace()
    }

    /// The lines that follow the first one of a field; none where there is no such field.
    pub(super) fn lines(self, name: &str) -> Option<impl Iterator<Item = &'text str>> {
        let mut lines = self.0.lines();
        lines.find(|line| value(line, name).is_some())?;
        Some(lines.take_while(|line| line.starts_with([' ', '\t'])).map(str::trim))
    }
}

fn value<'text>(line: &'text str, name: &str) -> Option<&'text str> {
    let (written, value) = line.split_once(':')?;
    written.eq_ignore_ascii_case(name).then(|| value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_end_where_the_next_one_begins() {
        let text = "\nPackage: a\nDescription: one\n Package: b\n .\nsize: 7\n\n\nPackage: c\nFiles:\n 1\n 2\n";
        let all: Vec<_> = stanzas(text).collect();
        assert_eq!(all.len(), 2);
        assert_eq!((all[0].field("package"), all[0].field("Size")), (Some("a"), Some("7")));
        assert_eq!(all[0].field("Files"), None);
        assert_eq!(all[1].lines("Files").unwrap().collect::<Vec<_>>(), ["1", "2"]);
        assert!(all[1].lines("Sums").is_none());
    }
}
