//! Names that other programs read: each type says which rule it keeps and where the rule stands.

use std::fmt;

/// Defines a string that passed a check; the check says what is wrong in a few words.
macro_rules! checked_string {
    ($(#[doc = $doc:literal])+ $name:ident, $check:expr) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Checks a string.
            ///
            /// # Errors
            /// What is wrong with it, in a few words that continue "it …".
            pub fn parse(text: &str) -> Result<Self, String> {
                let check: fn(&str) -> Result<(), String> = $check;
                check(text).map(|()| Self(text.to_owned()))
            }

            /// The name itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

pub(super) use checked_string;

checked_string! {
    /// A name of a stack, image, variant, component, download or service. It becomes part of file
    /// names, image tags and mount ids, so: lower-case letters, digits, `.`, `_` and `-`, beginning and
    /// ending with a letter or digit, at most 64 (a repository path component of the OCI
    /// distribution spec, without its doubled separators).
    Name, |text| {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        if text.is_empty() || text.len() > 64 {
            return Err("is empty or longer than 64 characters".into());
        }
        if let Some(bad) = text.chars().find(|&c| !plain(c) && !matches!(c, '.' | '_' | '-')) {
            return Err(format!("contains {bad:?}; lower-case letters, digits, `.`, `_` and `-` are allowed"));
        }
        if !text.starts_with(plain) || !text.ends_with(plain) {
            return Err("does not begin and end with a letter or a digit".into());
        }
        if text.as_bytes().windows(2).any(|pair| !pair.iter().any(u8::is_ascii_alphanumeric)) {
            return Err("has two separators in a row".into());
        }
        Ok(())
    }
}

checked_string! {
    /// A binary package name: Debian Policy 5.6.7; `:arch` and `=version` are not part of it.
    PackageName, |text| {
        let allowed =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '+' | '-' | '.');
        if let Some(bad) = text.chars().find(|&c| !allowed(c)) {
            let hint = match bad {
                '=' => "an exact version goes into `versions` of [apt]",
                ':' => "the architecture is that of the image",
                ' ' | ',' => "write each package as an element of its own",
                _ => "lower-case letters, digits, `+`, `-` and `.` are allowed",
            };
            return Err(format!("contains {bad:?}; {hint}"));
        }
        if text.len() < 2 || !text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return Err("is shorter than two characters, or does not begin with a letter or a digit".into());
        }
        // g++ and the like are packages of that very name, which apt-get looks for first.
        if text.ends_with('-') || (text.ends_with('+') && !text.ends_with("++")) {
            return Err("ends in `+` or `-`, which apt-get reads as install or remove".into());
        }
        Ok(())
    }
}

checked_string! {
    /// A user or group name as useradd(8) takes it on Debian and Ubuntu.
    UserName, |text| {
        if text == "root" {
            return Err("is the superuser, which images do not run as".into());
        }
        if text.is_empty() || text.len() > 32 {
            return Err("is empty or longer than 32 characters".into());
        }
        if !text.starts_with(|c: char| c.is_ascii_lowercase() || c == '_') {
            return Err("does not begin with a lower-case letter or `_`".into());
        }
        let allowed =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
        match text.chars().find(|&c| !allowed(c)) {
            Some(bad) => Err(format!("contains {bad:?}; lower-case letters, digits, `_` and `-` are allowed")),
            None => Ok(()),
        }
    }
}

checked_string! {
    /// An environment variable name: POSIX.1-2017, section 8.1, so that shells can read it.
    EnvironmentName, |text| {
        if !text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            return Err("does not begin with a letter or `_`".into());
        }
        match text.chars().find(|&c| !c.is_ascii_alphanumeric() && c != '_') {
            Some(bad) => Err(format!("contains {bad:?}; letters, digits and `_` are allowed")),
            None => Ok(()),
        }
    }
}

checked_string! {
    /// A SHA-256 sum: 64 lower-case hexadecimal digits (upper case is not normalised, it is refused,
    /// so that a sum can be searched for).
    Sha256, |text| {
        if text.starts_with("sha256:") {
            return Err("begins with `sha256:`; only the 64 digits after it are wanted".into());
        }
        if text.len() != 64 {
            let count = text.chars().count();
            return Err(format!("has the length {count}; a SHA-256 is 64 hexadecimal digits"));
        }
        match text.chars().find(|&c| !matches!(c, '0'..='9' | 'a'..='f')) {
            Some(bad) => Err(format!("contains {bad:?}; lower-case hexadecimal digits are allowed")),
            None => Ok(()),
        }
    }
}

checked_string! {
    /// A time at which an archive was recorded, `YYYYMMDDTHHMMSSZ` in UTC (apt.conf(5), `APT::Snapshot`).
    Snapshot, |text| {
        let wrong = || Err("is not a time such as \"20261123T000000Z\"".to_owned());
        let Some((day, time)) = text.strip_suffix('Z').and_then(|text| text.split_once('T')) else {
            return wrong();
        };
        if day.len() != 8 || time.len() != 6 || !text.is_ascii() {
            return wrong();
        }
        if Date::parse(&format!("{}-{}-{}", &day[..4], &day[4..6], &day[6..])).is_err() {
            return wrong();
        }
        let within = |digits: &str, most: u8| digits.parse().is_ok_and(|number: u8| number <= most);
        let all_digits = time.bytes().all(|byte| byte.is_ascii_digit());
        if all_digits && within(&time[..2], 23) && within(&time[2..4], 59) && within(&time[4..], 59) {
            Ok(())
        } else {
            wrong()
        }
    }
}

checked_string! {
    /// A calendar day, `YYYY-MM-DD`.
    Date, |text| {
        let wanted = || "is not a calendar day, YYYY-MM-DD".to_owned();
        let bytes = text.as_bytes();
        let shaped = bytes.len() == 10
            && bytes.iter().enumerate().all(|(at, byte)| match at {
                4 | 7 => *byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if !shaped {
            return Err(wanted());
        }
        let number = |range: std::ops::Range<usize>| text[range].parse::<u32>().unwrap_or(0);
        let (year, month, day) = (number(0..4), number(5..7), number(8..10));
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => 0,
        };
        if (1..=days).contains(&day) { Ok(()) } else { Err(wanted()) }
    }
}

checked_string! {
    /// A duration as Docker's HEALTHCHECK takes it: whole numbers with `ms`, `s`, `m` or `h`, more than 0.
    Duration, |text| {
        let wanted = || Err("is not a duration: whole numbers with units, such as 30s or 1m30s".to_owned());
        let mut rest = text;
        if !text.contains(|c: char| ('1'..='9').contains(&c)) {
            return wanted();
        }
        while !rest.is_empty() {
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            if digits == 0 || digits > 9 {
                return wanted();
            }
            rest = &rest[digits..];
            let Some(unit) = ["ms", "s", "m", "h"].into_iter().find(|unit| rest.starts_with(unit)) else {
                return wanted();
            };
            rest = &rest[unit.len()..];
        }
        Ok(())
    }
}

checked_string! {
    /// A signal that can stop a container: signal(7), by name.
    Signal, |text| {
        const SIGNALS: &[&str] = &[
            "SIGHUP", "SIGINT", "SIGQUIT", "SIGKILL", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGTERM",
            "SIGWINCH", "SIGPWR",
        ];
        if SIGNALS.contains(&text) || text.strip_prefix("SIGRTMIN+").is_some_and(|n| n.parse::<u8>().is_ok_and(|n| n < 31)) {
            Ok(())
        } else if SIGNALS.iter().any(|signal| signal.strip_prefix("SIG") == Some(text)) {
            Err(format!("lacks its beginning: write \"SIG{text}\""))
        } else {
            Err(format!("is not a signal that can stop a container: {}, SIGRTMIN+n", SIGNALS.join(", ")))
        }
    }
}

checked_string! {
    /// A value for a line of text: anything but control characters.
    Line, |text| {
        match text.chars().find(|c| c.is_control()) {
            Some(bad) => Err(format!("contains the control character {bad:?}")),
            None => Ok(()),
        }
    }
}

/// Permission bits of a file, without setuid, setgid and sticky.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mode(u16);

impl Mode {
    /// `rw-r--r--`
    pub const FILE: Self = Self(0o644);
    /// `rwxr-xr-x`
    pub const PROGRAM: Self = Self(0o755);

    /// Reads `0644` or `644`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let octal =
            (3..=4).contains(&text.len()) && text.bytes().all(|b| (b'0'..=b'7').contains(&b));
        let bits = u16::from_str_radix(text, 8).unwrap_or(0);
        match (octal, bits) {
            (false, _) => Err("is not three or four octal digits, such as \"0644\"".into()),
            (true, 0o1000..) => {
                Err("sets setuid, setgid or the sticky bit, which files never get".into())
            }
            (true, bits) => Ok(Self(bits)),
        }
    }

    /// The bits.
    pub fn bits(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04o}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_rules() {
        for good in ["base", "r", "firefox-esr", "a.b_c-d", "7zip"] {
            assert!(Name::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "-a", "a-", "A", "a b", "a--b", "a/b", "é", &"a".repeat(65)] {
            assert!(Name::parse(bad).is_err(), "{bad}");
        }
        for bad in ["g++-", "G", "x", "a=1", "a:arm64", "foo+"] {
            assert!(PackageName::parse(bad).is_err(), "{bad}");
        }
        assert!(PackageName::parse("libstdc++6").is_ok());
        assert!(PackageName::parse("g++-12").is_ok());
        assert!(PackageName::parse("g++").is_ok());
    }

    #[test]
    fn days_modes_and_durations_are_checked() {
        for bad in ["20261123", "20261123T240000Z", "20261331T000000Z", "2026é123T00000Z"] {
            assert!(Snapshot::parse(bad).is_err(), "{bad}");
        }
        assert!(Snapshot::parse("20261123T235959Z").is_ok());
        for good in ["2024-02-29", "2026-11-23", "2000-02-29"] {
            assert!(Date::parse(good).is_ok(), "{good}");
        }
        for bad in ["2023-02-29", "1900-02-29", "2026-13-01", "2026-1-1", "2026-11-31", "today"] {
            assert!(Date::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(Mode::parse("0644").map(|mode| mode.to_string()).as_deref(), Ok("0644"));
        for bad in ["4755", "99", "rw", "0o644", "1777"] {
            assert!(Mode::parse(bad).is_err(), "{bad}");
        }
        for good in ["30s", "1m30s", "500ms"] {
            assert!(Duration::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "30", "s", "1.5s", "1d", "0s"] {
            assert!(Duration::parse(bad).is_err(), "{bad}");
        }
    }
}
