//! The expressions of the workflow: as much of GitHub's language as it uses. What it does not know is a failure, never a
//! guess ("Evaluate expressions in workflows and actions").

use std::collections::BTreeMap;

/// What an expression can name, by its whole path: `github.sha`, `needs.check.outputs.count`.
pub(crate) type Context = BTreeMap<String, String>;

/// Replaces each `${{ … }}` of a text by its value.
pub(crate) fn filled(text: &str, context: &Context) -> String {
    let mut rest = text;
    let mut filled = String::new();
    while let Some((before, after)) = rest.split_once("${{") {
        let (expression, behind) = after.split_once("}}").unwrap();
        filled.push_str(before);
        filled.push_str(&value(expression, context));
        rest = behind;
    }
    filled + rest
}

/// Whether a condition holds: an expression, in `${{ }}` or without.
pub(crate) fn holds(condition: &str, context: &Context) -> bool {
    let condition = condition.trim();
    let inner = condition.strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}"));
    match value(inner.unwrap_or(condition), context).as_str() {
        "true" => true,
        "false" => false,
        other => panic!("the condition {condition:?} is {other:?}, neither true nor false"),
    }
}

fn value(expression: &str, context: &Context) -> String {
    let mut reader = Reader { words: words(expression), context };
    let value = reader.any();
    assert!(reader.words.is_empty(), "{:?} is left of {expression:?}", reader.words);
    value
}

/// The words of an expression, the last one first.
fn words(expression: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = expression.trim_start();
    while let Some(first) = rest.chars().next() {
        let operator =
            ["==", "!=", "&&", "||", "(", ")"].iter().find(|one| rest.starts_with(**one));
        let length = match (operator, first) {
            (Some(operator), _) => operator.len(),
            (None, '\'') => rest[1..].find('\'').unwrap() + 2,
            _ => rest
                .find(|c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c)))
                .unwrap_or(rest.len()),
        };
        assert!(length > 0, "{rest:?} is not known in {expression:?}");
        words.push(rest[..length].to_owned());
        rest = rest[length..].trim_start();
    }
    words.reverse();
    words
}

struct Reader<'context> {
    words: Vec<String>,
    context: &'context Context,
}

impl Reader<'_> {
    fn take(&mut self, word: &str) -> bool {
        self.words.pop_if(|next| next == word).is_some()
    }

    fn any(&mut self) -> String {
        let mut value = self.all();
        while self.take("||") {
            let other = self.all();
            value = (value == "true" || other == "true").to_string();
        }
        value
    }

    fn all(&mut self) -> String {
        let mut value = self.comparison();
        while self.take("&&") {
            let other = self.comparison();
            value = (value == "true" && other == "true").to_string();
        }
        value
    }

    fn comparison(&mut self) -> String {
        let value = self.operand();
        if self.take("==") {
            return (value == self.operand()).to_string();
        }
        if self.take("!=") {
            return (value != self.operand()).to_string();
        }
        value
    }

    fn operand(&mut self) -> String {
        let word = self.words.pop().unwrap();
        if word == "(" {
            let value = self.any();
            assert!(self.take(")"), "a parenthesis is not closed");
            return value;
        }
        if let Some(string) = word.strip_prefix('\'') {
            return string.trim_end_matches('\'').to_owned();
        }
        self.context.get(&word).unwrap_or_else(|| panic!("nobody knows `{word}`")).clone()
    }
}

#[test]
fn expressions_are_evaluated_or_refused() {
    let context =
        Context::from([("a.b".to_owned(), "x".to_owned()), ("n-1.o".to_owned(), String::new())]);
    assert_eq!(filled("<${{ a.b }}${{n-1.o}}>", &context), "<x>");
    for (condition, wanted) in [
        ("a.b == 'x'", true),
        ("${{ a.b != 'x' || n-1.o == '' }}", true),
        ("a.b == 'x' && n-1.o != ''", false),
        ("(a.b == 'y' || a.b == 'x') && a.b == a.b", true),
        ("a.b == '*/2 0 * * 1'", false),
    ] {
        assert_eq!(holds(condition, &context), wanted, "{condition}");
    }
    for unknown in ["c.d", "a.b == ", "toJSON(a.b)", "a.b + 1", "a.b a.b"] {
        let evaluated = std::panic::catch_unwind(|| value(unknown, &context));
        assert!(evaluated.is_err(), "{unknown} is {evaluated:?}");
    }
}
