//! Permission bits of directories.

use std::fmt;

/// Permission bits of a directory, without setuid and setgid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DirectoryMode(u16);

impl DirectoryMode {
    /// `rwxr-xr-x`
    pub const DEFAULT: Self = Self(0o755);

    /// Reads `0755`, `755` or `1777`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let octal =
            (3..=4).contains(&text.len()) && text.bytes().all(|b| (b'0'..=b'7').contains(&b));
        let bits = u16::from_str_radix(text, 8).unwrap_or(0);
        match (octal, bits) {
            (false, _) => Err("is not three or four octal digits, such as \"0755\"".into()),
            (true, 0o2000..) => Err("sets setuid or setgid, which directories never get".into()),
            (true, bits) if bits & 0o100 == 0 => {
                let with_search = bits | 0o100 | ((bits & 0o444) >> 2);
                Err(format!(
                    "does not let its owner enter the directory; \"{with_search:04o}\" does"
                ))
            }
            (true, bits) => Ok(Self(bits)),
        }
    }

    /// The bits.
    pub fn bits(self) -> u16 {
        self.0
    }
}

impl fmt::Display for DirectoryMode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04o}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::DirectoryMode;

    #[test]
    fn a_directory_can_be_entered_and_hands_down_no_group() {
        for (good, shown) in [("755", "0755"), ("0700", "0700"), ("1777", "1777")] {
            let mode = DirectoryMode::parse(good).map(|mode| mode.to_string());
            assert_eq!(mode.as_deref(), Ok(shown));
        }
        for bad in ["0644", "2755", "4755", "rwx", "7", "00755"] {
            assert!(DirectoryMode::parse(bad).is_err(), "{bad}");
        }
    }
}
