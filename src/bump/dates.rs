//! The day from which the packages of the distribution's archives are.
//!
//! It has no newest version that somebody publishes: it moves to today, and only when it is named, as every layer of
//! packages is built anew for it.

use crate::model::names::{Date, Snapshot};
use crate::model::stack::PackageDate;
use crate::verify::expiry::date;

/// The name of the value, as a path in stack.toml.
pub fn name(current: &PackageDate) -> &'static str {
    match current {
        PackageDate::Refresh(_) => "apt.refresh",
        PackageDate::Snapshot(_) => "apt.snapshot",
    }
}

/// Where it moves to at `now`, in seconds since 1970: the day or time that is wanted, else today, or its beginning. None
/// where it is there already.
///
/// # Errors
/// What is wanted is none, earlier, or still to come; in words that say what it is.
pub fn moved(
    current: &PackageDate,
    wanted: Option<&str>,
    now: u64,
) -> Result<Option<String>, String> {
    let today = date(now);
    let (newest, latest, problem) = match current {
        PackageDate::Refresh(_) => {
            (today.clone(), today, wanted.and_then(|text| Date::parse(text).err()))
        }
        PackageDate::Snapshot(_) => {
            let day = today.replace('-', "");
            let problem = wanted.and_then(|text| Snapshot::parse(text).err());
            (format!("{day}T000000Z"), format!("{day}T235959Z"), problem)
        }
    };
    let old = current.to_string();
    if let (Some(text), Some(why)) = (wanted, problem) {
        return Err(format!("{text:?} {why}"));
    }
    // Both are written from the year on, so the order of texts is that of times.
    match wanted {
        None => Ok((newest > old).then_some(newest)),
        Some(text) if text < old.as_str() => {
            Err(format!("{text} is older than {old}, and a pin never moves back"))
        }
        Some(text) if text > latest.as_str() => Err(format!("{text} is still to come")),
        Some(text) => Ok((text != old).then(|| text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-26, some time in the day.
    const NOW: u64 = 1_795_676_700;

    #[test]
    fn days_and_times_move_forward_and_not_beyond_today() {
        let day = |text: &str| PackageDate::Refresh(Date::parse(text).unwrap());
        let time = |text: &str| PackageDate::Snapshot(Snapshot::parse(text).unwrap());
        let to = |text: &str| Ok(Some(text.to_owned()));
        assert_eq!(moved(&day("2026-01-31"), None, NOW), to("2026-11-26"));
        assert_eq!(moved(&day("2026-11-26"), None, NOW), Ok(None));
        assert_eq!(moved(&day("2026-12-01"), None, NOW), Ok(None));
        assert_eq!(moved(&time("20260131T120000Z"), None, NOW), to("20261126T000000Z"));
        assert_eq!(moved(&time("20261126T010000Z"), None, NOW), Ok(None));
        assert_eq!(moved(&day("2026-01-31"), Some("2026-02-01"), NOW), to("2026-02-01"));
        assert_eq!(moved(&time("20260131T120000Z"), Some("20260131T120000Z"), NOW), Ok(None));
        for (wanted, why) in [
            ("2026-01-30", "older than"),
            ("2026-11-27", "still to come"),
            ("20261101T000000Z", "is not a calendar day"),
        ] {
            let problem = moved(&day("2026-01-31"), Some(wanted), NOW).unwrap_err();
            assert!(problem.contains(why), "{problem}");
        }
    }
}
