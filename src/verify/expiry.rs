//! Keys that a spec pins and that stop being believed, told with a time that the caller brings.

use super::openpgp::Certificate;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// How long before the end of a key it is a finding: time enough to ask its publisher for the next one, and no longer,
/// as most publish a key with a later end in its last months.
pub const NOTICE_DAYS: u64 = 60;

const DAY: u64 = 86_400;

/// A key that a spec pins.
#[derive(Clone, Copy, Debug)]
pub struct PinnedKey<'spec> {
    /// The repository or the download that it is for.
    pub of: &'spec str,
    /// Whether it proves new versions of a download; without it, nothing new is taken, and what is pinned still builds.
    pub is_for_download: bool,
    /// What it says of itself.
    pub certificate: &'spec Certificate,
    /// Where the spec names its file.
    pub span: &'spec Span,
}

/// The keys that have expired or were revoked, and those that expire within [`NOTICE_DAYS`]; `now` is in seconds since
/// 1970.
pub fn findings<'spec>(
    keys: impl IntoIterator<Item = PinnedKey<'spec>>,
    now: u64,
) -> Vec<Diagnostic> {
    keys.into_iter().filter_map(|key| finding(&key, now)).collect()
}

fn finding(key: &PinnedKey<'_>, now: u64) -> Option<Diagnostic> {
    let certificate = key.certificate;
    let validity = certificate.validity();
    if !validity.ends_before(now.saturating_add(NOTICE_DAYS * DAY)) {
        return None;
    }
    let help = "ask its publisher for the current key file; the fingerprint stays the same if only the expiry moved";
    let of = if key.is_for_download { "the upstream of " } else { "" };
    let subject = format!("the key of {of}`{}`", key.of);
    let (code, message) = if validity.revoked {
        (Code::ExpiredKey, format!("{subject} was revoked"))
    } else {
        let end = validity.ends().unwrap_or_default();
        let day = date(end);
        if end <= now {
            let message = if end == 0 {
                format!(
                    "{subject} cannot sign: no signature about itself lets it, over SHA-256 or better"
                )
            } else {
                format!("{subject} expired on {day}")
            };
            (Code::ExpiredKey, message)
        } else {
            let left = match (end - now) / DAY {
                0 => "in less than a day".to_owned(),
                1 => "in 1 day".to_owned(),
                days => format!("in {days} days"),
            };
            let message = format!("{subject} expires on {day}, {left}");
            (Code::KeyExpiresSoon, message)
        }
    };
    let help = if validity.revoked {
        "ask its publisher for the new key file and its fingerprint, by a way that you trust"
    } else {
        help
    };
    let mut diagnostic = Diagnostic::new(code, key.span, message).help(help);
    if let Some(user) = certificate.user_ids.first() {
        diagnostic = diagnostic.label(format!("of {user}"));
    }
    Some(diagnostic)
}

/// The day of a time in UTC, as `YYYY-MM-DD`: the proleptic Gregorian calendar, counted in eras of 400 years that
/// begin on a first of March.
pub fn date(seconds: u64) -> String {
    let days = seconds / DAY + 719_468; // from 0000-03-01 to 1970-01-01
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (seconds, day) in [
            (0, "1970-01-01"),
            (951_782_400, "2000-02-29"),
            (1_767_225_599, "2025-12-31"),
            (1_767_225_600, "2026-01-01"),
            (4_107_542_400, "2100-03-01"),
        ] {
            assert_eq!(date(seconds), day);
        }
    }
}
