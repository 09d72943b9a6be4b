use super::choice::{Held, Listed, Policy, choose};
use super::range::Range;
use super::{Scheme, Version};

fn version(text: &str, scheme: Scheme) -> Version {
    Version::parse(text, scheme).unwrap_or_else(|why| panic!("{text} {why}"))
}

/// Each list in its order, from the oldest on; versions beside each other with a space are equal.
fn ordered(scheme: Scheme, list: &[&str]) {
    let rows: Vec<Vec<Version>> =
        list.iter().map(|row| row.split(' ').map(|text| version(text, scheme)).collect()).collect();
    for (at, row) in rows.iter().enumerate() {
        for (other_at, other) in rows.iter().enumerate() {
            for left in row {
                for right in other {
                    assert_eq!(left.cmp(right), at.cmp(&other_at), "{left} and {right}");
                }
            }
        }
    }
}

#[test]
fn each_scheme_has_its_order() {
    ordered(Scheme::Semantic, &["1.0.0-alpha.2", "1.0.0-alpha.10", "1.0.0", "1.2.0", "1.10.0"]);
    ordered(Scheme::Python, &["1.0.dev1", "1.0a1", "1.0rc1", "1.0 1.0.0", "1.0.post1", "1!0.1"]);
    ordered(Scheme::Debian, &["1.0~rc1-1", "1.0-1", "1.0-1+b1", "1.0-2", "1.0.1-1", "2:0.9-1"]);
    ordered(
        Scheme::Loose,
        &[
            "1.2-nightly.7",
            "1.2-alpha",
            "1.2-beta.2",
            "1.2rc1",
            "1.2 1.2.0 1.02",
            "1.2esr",
            "1.2.0-3",
            "1.2.1",
            "1.10",
            "2.0.0-rc1 2-rc.1",
            "2 2.0 2.0.0",
            "2025.12.31",
            "2026.01.0-392",
            "2026-02-01",
            "99999999999999999999999.1",
        ],
    );
}

#[test]
fn what_is_no_version_is_refused() {
    for (scheme, text) in [
        (Scheme::Semantic, "1.2"),
        (Scheme::Semantic, "latest"),
        (Scheme::Python, "1.0-banana"),
        (Scheme::Debian, "1.0 2"),
        (Scheme::Loose, "latest"),
        (Scheme::Loose, ""),
    ] {
        assert!(Version::parse(text, scheme).is_err(), "{text:?}");
    }
}

#[test]
fn ranges_are_conditions_that_all_hold() {
    for (range, scheme, inside, outside) in [
        (">=1.2, <3", Scheme::Semantic, &["1.2.0", "2.99.0"][..], &["1.1.9", "3.0.0"][..]),
        ("22.*", Scheme::Loose, &["22.1", "22"], &["2.2", "220.1", "22rc1"]),
        ("1.5.0", Scheme::Python, &["1.5"], &["1.5.1"]),
        ("!=1.5, >1", Scheme::Python, &["1.4"], &["1.5.0", "1.0"]),
        ("<=1.0-1", Scheme::Debian, &["1.0-1", "1.0~x-1"], &["1.0-2"]),
    ] {
        let parsed = Range::parse(range, scheme).unwrap();
        for text in inside {
            assert!(parsed.contains(&version(text, scheme)), "{text} in {range}");
        }
        for text in outside {
            assert!(!parsed.contains(&version(text, scheme)), "{text} in {range}");
        }
    }
    for bad in ["^1.2", "~2.0", "~=1.4", "=>1.2", "1.4.0 crashes"] {
        assert!(Range::parse(bad, Scheme::Loose).is_err(), "{bad:?}");
    }
    for bad in ["", ">=", "<*", ">1.*", "1.2,,3", "banana"] {
        assert!(Range::parse(bad, Scheme::Semantic).is_err(), "{bad:?}");
    }
}

const DAY: i64 = 86_400;

fn listed(text: &str, age_in_days: Option<i64>) -> Listed {
    let version = version(text, Scheme::Loose);
    let prerelease = version.is_prerelease();
    let published = age_in_days.map(|days| 1000 * DAY - days * DAY);
    Listed { version, published, prerelease, withdrawn: None, at: 0 }
}

#[test]
fn letters_between_numbers_are_unfinished_and_years_are_no_major_versions() {
    let loose = |text: &str| version(text, Scheme::Loose);
    ordered(Scheme::Loose, &["3.13.9", "3.14.0a2", "3.14.0b1", "3.14.0rc1", "3.14.0"]);
    ordered(Scheme::Loose, &["1.1.1", "1.1.1w", "1.1.2"]);
    assert!(loose("3.14.0b1").is_prerelease() && loose("1.0a2").is_prerelease());
    for release in ["1.1.1w", "1.0-b1", "1.0.b.1", "R4b", "2024b"] {
        assert!(!loose(release).is_prerelease(), "{release}");
    }
    let may_move = |old: &str, new: &str| {
        let listed = [listed(new, None)];
        !choose(&listed, &loose(old), &Policy::default(), 0).open.is_empty()
    };
    for (old, new, may) in [
        ("20240726", "20250115", true),
        ("2023.10", "2026.1", true),
        ("1.2", "2.0", true),
        ("1.2", "3.0", false),
        ("1.2", "20250115", false),
        ("2024.1", "20250115", true),
        ("1989.1", "1991.1", false),
    ] {
        assert_eq!(may_move(old, new), may, "{old} {new}");
    }
}

#[test]
fn newer_versions_are_open_or_held_for_a_reason() {
    let mut all = vec![
        listed("1.9", Some(90)),
        listed("2.0", Some(80)),
        listed("2.2", Some(40)),
        listed("2.10", Some(30)),
        listed("2.1", Some(50)),
        listed("2.11-rc1", Some(20)),
        listed("2.12", Some(10)),
        listed("2.13", Some(9)),
        listed("3.0", Some(1)),
        listed("4.0", Some(8)),
    ];
    all[6].withdrawn = Some("leaks".to_owned());
    let policy = Policy {
        ignore: vec![(Range::parse("2.13", Scheme::Loose).unwrap(), Some("crashes".to_owned()))],
        minimum_age: 3 * DAY,
        ..Policy::default()
    };
    let choice = choose(&all, &version("2.0", Scheme::Loose), &policy, 1000 * DAY);
    let open: Vec<&str> = choice.open.iter().map(|one| one.version.as_str()).collect();
    assert_eq!(open, ["2.10", "2.2", "2.1"]);
    let held: Vec<(&str, Held)> =
        choice.held.iter().map(|(one, why)| (one.version.as_str(), why.clone())).collect();
    let expected = [
        ("4.0", Held::Major),
        ("3.0", Held::TooYoung(2 * DAY)),
        ("2.13", Held::Ignored(Some("crashes".to_owned()))),
        ("2.12", Held::Withdrawn("leaks".to_owned())),
        ("2.11-rc1", Held::Prerelease),
    ];
    assert_eq!(held, expected);
    assert_eq!(held[1].1.describe(), "too young, for another 2 d");
}

#[test]
fn a_range_that_is_written_may_name_any_major_version() {
    let all = [listed("2.0", None), listed("9.0", None)];
    let allow = Some(Range::parse(">=9", Scheme::Loose).unwrap());
    let policy = Policy { allow, ..Policy::default() };
    let choice = choose(&all, &version("1.0", Scheme::Loose), &policy, 0);
    assert_eq!(choice.open[0].version.as_str(), "9.0");
    assert_eq!(choice.held[0].1, Held::NotAllowed);
}
