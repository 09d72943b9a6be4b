//! What became of each pin, as the text of a pull request: Markdown.

use super::report::Row;
use crate::bump::pins::Fixed;
use crate::commands::printable::printable;

/// The text: what moves and what proves it, what is rebuilt, and what needs a person.
pub(super) fn markdown(rows: &[Row<'_>], fixed: &[Fixed], rebuilt: &[String]) -> String {
    let mut text = String::new();
    let moves: Vec<&Row<'_>> = rows.iter().filter(|row| row.new.is_some()).collect();
    if moves.is_empty() {
        text.push_str("Every pin is where it may be.\n");
    } else {
        text.push_str("| pin | of | from | to | age | evidence |\n|---|---|---|---|---:|---|\n");
    }
    for row in moves {
        let age = row.age_days.map(|days| format!("{days} d"));
        let columns = [
            code(row.name),
            row.component.map_or_else(String::new, code),
            code(&row.current),
            row.new.map_or_else(String::new, code),
            age.unwrap_or_default(),
            row.evidence.clone().unwrap_or_default(),
        ];
        text.extend(["| ", &columns.join(" | "), " |\n"]);
    }
    section(&mut text, "This rebuilds", rebuilt.iter().map(|layer| code(layer)));
    let failed = |row: &&Row<'_>| row.status == "failed";
    section(&mut text, "Could not be looked after", rows.iter().filter(failed).flat_map(notes));
    section(
        &mut text,
        "Held or passed over",
        rows.iter().filter(|row| !failed(row)).flat_map(notes),
    );
    let fixed = fixed.iter().map(|one| format!("{}: {}", code(&one.name), plain(&one.why)));
    section(&mut text, "Moves only by hand", fixed);
    text
}

/// A list under a heading; nothing where there is nothing to list.
fn section(text: &mut String, heading: &str, lines: impl Iterator<Item = String>) {
    let lines: Vec<String> = lines.map(|line| format!("- {line}\n")).collect();
    if !lines.is_empty() {
        text.extend(["\n### ", heading, "\n\n", &lines.concat()]);
    }
}

fn notes<'row>(row: &'row Row<'_>) -> impl Iterator<Item = String> + 'row {
    let notes = row.notes.iter().map(String::as_str).chain(row.help);
    notes.map(|note| format!("{}: {}", code(row.name), plain(note)))
}

/// A value between backticks: more of them than it has itself (CommonMark, "code spans"). A `|` would end a cell also there.
fn code(value: &str) -> String {
    let value = printable(&value.replace(['\n', '\r'], " ")).replace('|', "\\|");
    let fence = "`".repeat(longest_run(&value) + 1);
    if fence.len() == 1 { format!("`{value}`") } else { format!("{fence} {value} {fence}") }
}

fn longest_run(value: &str) -> usize {
    let runs = value.split(|c| c != '`').map(str::len);
    runs.max().unwrap_or(0)
}

/// Words of an upstream as words: they make no link, mention or markup.
fn plain(words: &str) -> String {
    let mut text = String::new();
    for character in printable(&words.replace(['\n', '\r'], " ")).chars() {
        if "\\`*_[]<>#@|~!".contains(character) {
            text.push('\\');
        }
        text.push(character);
        // A mention is one also behind a backslash; with nothing visible behind the sign it is none.
        if character == '@' {
            text.push_str("&#8203;");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stay_in_their_cells_and_words_are_words() {
        assert_eq!(code("a|b"), "`a\\|b`");
        assert_eq!(code("a`b"), "`` a`b ``");
        assert_eq!(code("a\nb"), "`a b`");
        assert_eq!(plain("see [x](y) <b> @team"), "see \\[x\\](y) \\<b\\> \\@&#8203;team");
    }
}
