//! When a request is worth another try, and after how long.

use std::time::Duration;

/// How often a request is tried again.
pub const RETRIES: u32 = 3;

/// What a server may ask of our patience; when it asks for more, the answer is a failure that says so.
pub const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Whether a status passes by itself: the server was busy, or something between was (RFC 9110, 15.5 and 15.6; RFC 6585, 4).
pub fn passes_by_itself(status: u16) -> bool {
    matches!(status, 408 | 429) || (500..600).contains(&status) && status != 501
}

/// How long to wait before try `number`, of which the first is 1: twice as long each time, and not all at once.
/// `random` is any number.
pub fn pause(number: u32, random: u64) -> Duration {
    let whole = Duration::from_millis(500) * 2_u32.pow(number.min(6) - 1);
    let jitter = u32::try_from(random % 1000).unwrap_or(0);
    whole / 2 + whole / 2 * jitter / 1000
}

/// What `Retry-After` asks for (RFC 9110, 10.2.3): seconds, or a date, at `now` in seconds since 1970.
pub fn retry_after(value: &str, now: i64) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(value.trim()).ok()?;
    let seconds = date.timestamp().as_second().saturating_sub(now);
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_differ() {
        for number in 1..=RETRIES {
            let whole = Duration::from_millis(500) * 2_u32.pow(number - 1);
            assert_eq!(pause(number, 0), whole / 2);
            assert!(pause(number, 999) < whole && pause(number, 999) > whole * 9 / 10);
        }
    }

    #[test]
    fn servers_say_seconds_or_a_date() {
        assert_eq!(retry_after("120", 0), Some(Duration::from_secs(120)));
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(retry_after(date, 784_111_770), Some(Duration::from_secs(7)));
        assert_eq!(retry_after(date, 784_111_999), Some(Duration::ZERO));
        assert_eq!(retry_after("soon", 0), None);
    }

    #[test]
    fn only_what_passes_is_tried_again() {
        let again: Vec<u16> =
            (400..600).filter(|status| passes_by_itself(*status)).take(4).collect();
        assert_eq!(again, [408, 429, 500, 502]);
    }
}
