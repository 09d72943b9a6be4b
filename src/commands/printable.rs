//! Words of others, for a terminal.
//!
//! Takes any text, gives one line of which the terminal shows every character: an upstream that says why it took a version
//! back, or a registry that names a file, could otherwise move the cursor, and write over what it is judged by. It never
//! changes what is compared or written.

/// A text without control characters, line breaks, and marks that turn the direction of writing: each is shown as an escape.
pub(super) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_hidden(character) {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

fn is_hidden(character: char) -> bool {
    let turns = matches!(
        character,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    let breaks = matches!(character, '\u{2028}' | '\u{2029}');
    character.is_control() || turns || breaks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_a_terminal_and_words_stay() {
        for (text, shown) in [
            ("crashes on Ümläute – \"often\"", "crashes on Ümläute – \"often\""),
            ("\u{1b}]0;owned\u{7}\u{1b}[2K", "\\u{1b}]0;owned\\u{7}\\u{1b}[2K"),
            ("a\nb\r\tc\u{9b}A", "a\\nb\\r\\tc\\u{9b}A"),
            ("1.0\u{202e}0.1", "1.0\\u{202e}0.1"),
        ] {
            assert_eq!(printable(text), shown);
        }
    }
}
