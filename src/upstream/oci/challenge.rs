//! What a server wants to see of whoever asks: `WWW-Authenticate` (RFC 9110, 11.6.1).

use std::collections::BTreeMap;

/// One way to say who asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Scheme {
    /// `bearer`, `basic`, in small letters.
    pub(super) name: String,
    /// Its parameters, with names in small letters.
    pub(super) parameters: BTreeMap<String, String>,
}

/// The ways that a header offers.
pub(super) fn schemes(header: &str) -> Vec<Scheme> {
    let mut schemes: Vec<Scheme> = Vec::new();
    let mut rest = header;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let end = rest.find([' ', '\t', ',', '=']).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        if word.is_empty() {
            return schemes;
        }
        // A word before `=` is a parameter of the scheme before it, any other word a scheme.
        let value = after.trim_start_matches([' ', '\t']).strip_prefix('=');
        let Some(value) = value else {
            schemes.push(Scheme { name: word.to_ascii_lowercase(), ..Scheme::default() });
            rest = after;
            continue;
        };
        let (value, after) = value_of(value.trim_start_matches([' ', '\t']));
        if let Some(scheme) = schemes.last_mut() {
            scheme.parameters.insert(word.to_ascii_lowercase(), value);
        }
        rest = after;
    }
}

/// A token, or a string in quotes with escapes; and what follows it.
fn value_of(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, after) = text.split_at(text.find([' ', '\t', ',']).unwrap_or(text.len()));
        // What a broken header has after a sign of equality must not be read again.
        return (value.trim_end_matches('=').to_owned(), after);
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_and_their_parameters_are_read() {
        let found = schemes(
            "Bearer realm=\"https://auth.example/token\",service=\"a, \\\"b\\\"\" , scope=x, Basic realm=\"y\"",
        );
        let [bearer, basic] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((bearer.name.as_str(), basic.name.as_str()), ("bearer", "basic"));
        assert_eq!(bearer.parameters["realm"], "https://auth.example/token");
        assert_eq!(bearer.parameters["service"], "a, \"b\"");
        assert_eq!(bearer.parameters["scope"], "x");
        assert_eq!(basic.parameters["realm"], "y");
    }

    #[test]
    fn nonsense_ends() {
        for text in
            ["", ",,", "=", "a==b", "Bearer realm=\"", "Bearer realm=\"\\", "x = = y", "é=ü"]
        {
            schemes(text);
        }
    }
}
