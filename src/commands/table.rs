//! Rows of text in aligned columns.

/// How a column is aligned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

/// The rows as lines, each cell as wide as the widest of its column, without spaces at the end of a line.
pub fn aligned<const N: usize>(rows: &[[String; N]], aligns: [Align; N], indent: usize) -> String {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(widths).zip(aligns).map(|((cell, width), align)| match align {
            Align::Left => format!("{cell}{}", missing(cell, width)),
            Align::Right => format!("{}{cell}", missing(cell, width)),
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        text.push_str(&" ".repeat(indent));
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// The spaces that a cell lacks. The widths of format strings end at 65535, behind which they panic.
fn missing(cell: &str, width: usize) -> String {
    " ".repeat(width.saturating_sub(cell.chars().count()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["a", "1", ""], ["bcd", "10", "x"]].map(|row| row.map(str::to_owned));
        let text = aligned(&rows, [Align::Left, Align::Right, Align::Left], 1);
        assert_eq!(text, " a     1\n bcd  10  x\n");
    }

    #[test]
    fn a_cell_may_be_of_any_length() {
        let long = "1".repeat(70_000);
        let rows = [[long.clone(), "a".to_owned()], ["2".to_owned(), "b".to_owned()]];
        for (align, second) in [
            (Align::Left, "2".to_owned() + &" ".repeat(69_999)),
            (Align::Right, " ".repeat(69_999) + "2"),
        ] {
            let text = aligned(&rows, [align, Align::Left], 0);
            assert_eq!(text, format!("{long}  a\n{second}  b\n"));
        }
    }
}
