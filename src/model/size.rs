//! Numbers of bytes, as people write and read them.

/// Units of sizes, with their bytes: powers of 1000 (SI) and of 1024 (IEC 80000-13).
pub const UNITS: &[(&str, u64)] = &[
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

/// Reads a whole number and a unit, such as `14 GB`.
pub fn parse(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let unit = unit.trim_start();
    let (_, bytes) = UNITS.iter().find(|(name, _)| *name == unit)?;
    number.parse::<u64>().ok().filter(|number| *number > 0)?.checked_mul(*bytes)
}

/// The units that [`parse`] knows, for a message.
pub fn units() -> String {
    let names: Vec<&str> = UNITS.iter().map(|(name, _)| *name).collect();
    names.join(", ")
}

/// Writes a number of bytes so that [`parse`] reads the same again, where one of its units divides it.
pub fn exact(bytes: u64) -> Option<String> {
    let (decimal, binary) = UNITS.split_at(UNITS.len() / 2);
    let units = decimal.iter().rev().chain(binary.iter().rev());
    let mut units = units.filter(|(_, unit)| bytes > 0 && bytes.is_multiple_of(*unit));
    units.next().map(|(name, unit)| format!("{}{name}", bytes / unit))
}

/// Writes a number of bytes with three digits or more, in the units of SI.
pub fn display(bytes: u64) -> String {
    let si = UNITS.iter().take(4).rev();
    for (name, unit) in si {
        if bytes >= *unit {
            let tenths = bytes / (unit / 10);
            return if tenths < 1000 {
                format!("{}.{} {name}", tenths / 10, tenths % 10)
            } else {
                format!("{} {name}", bytes / unit)
            };
        }
    }
    format!("{bytes} B")
}

#[cfg(test)]
mod tests {
    use super::{display, parse};

    #[test]
    fn an_exact_size_is_read_as_it_was() {
        for (text, exact) in [("14 GB", "14GB"), ("1000 MB", "1GB"), ("1536 MiB", "1536MiB")] {
            let bytes = parse(text).unwrap();
            assert_eq!(super::exact(bytes).as_deref(), Some(exact));
            assert_eq!(parse(exact), Some(bytes));
        }
        assert_eq!(super::exact(1001), None);
    }

    #[test]
    fn sizes_are_read_with_their_unit() {
        assert_eq!(parse("14 GB"), Some(14_000_000_000));
        assert_eq!(parse(" 2MiB "), Some(2 << 20));
        for text in ["14", "GB", "0 GB", "-1 GB", "1.5 GB", "1 gb", "99999999999 TB", ""] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn sizes_are_written_short() {
        for (bytes, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (99_949, "99.9 kB"),
            (139_460_000, "139 MB"),
            (14_200_000_000, "14.2 GB"),
            (u64::MAX, "18446744 TB"),
        ] {
            assert_eq!(display(bytes), text);
        }
    }
}
