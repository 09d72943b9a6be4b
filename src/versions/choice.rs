//! Which of the versions that an upstream lists a pin may move to, and why not to the others.
//!
//! A pin never moves back, and by itself not over one major version to the one after. What it could move to is given
//! from the newest on: the first of which every file exists is taken.

use super::Version;
use super::range::Range;

/// A version that an upstream lists.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The version.
    pub version: Version,
    /// When it came out, in seconds since 1970, where the upstream says it.
    pub published: Option<i64>,
    /// Whether the upstream calls it unfinished; where it says nothing, whether the version itself does.
    pub prerelease: bool,
    /// Why the upstream took it back, if it did.
    pub withdrawn: Option<String>,
    /// Its place in the upstream's own list, for whoever wants to know more of it.
    pub at: usize,
}

/// What its maintainer wants of a pin.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Which versions are taken; all where it is none.
    pub allow: Option<Range>,
    /// Versions that are not taken, and why.
    pub ignore: Vec<(Range, Option<String>)>,
    /// Whether unfinished versions are taken.
    pub prerelease: bool,
    /// How long a version must have been out, in seconds.
    pub minimum_age: i64,
}

/// Why a version that is newer than the pin is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// `allow` does not allow it.
    NotAllowed,
    /// `ignore` says so, with its reason.
    Ignored(Option<String>),
    /// The upstream took it back, with its reason.
    Withdrawn(String),
    /// It is unfinished.
    Prerelease,
    /// It has not been out for long enough: so many seconds are missing.
    TooYoung(i64),
    /// It is more than one major version away.
    Major,
}

/// The versions that are newer than the pin, from the newest on.
#[derive(Debug, Default)]
pub struct Choice<'listed> {
    /// What the pin may move to.
    pub open: Vec<&'listed Listed>,
    /// What it may not move to, and why.
    pub held: Vec<(&'listed Listed, Held)>,
}

/// Sorts what an upstream lists into what a pin may move to at `now`, in seconds since 1970, and what not.
pub fn choose<'listed>(
    listed: &'listed [Listed],
    current: &Version,
    policy: &Policy,
    now: i64,
) -> Choice<'listed> {
    let mut newer: Vec<&Listed> = listed.iter().filter(|one| one.version > *current).collect();
    newer.sort_by(|a, b| {
        b.version.cmp(&a.version).then_with(|| a.version.as_str().cmp(b.version.as_str()))
    });
    newer.dedup_by(|later, first| later.version == first.version);
    let mut choice = Choice::default();
    for one in newer {
        match reason(one, current, policy, now) {
            Some(held) => choice.held.push((one, held)),
            None => choice.open.push(one),
        }
    }
    choice
}

/// Reasons that last before those that pass by themselves.
fn reason(one: &Listed, current: &Version, policy: &Policy, now: i64) -> Option<Held> {
    if let Some(why) = &one.withdrawn {
        return Some(Held::Withdrawn(why.clone()));
    }
    if let Some((_, why)) = policy.ignore.iter().find(|(range, _)| range.contains(&one.version)) {
        return Some(Held::Ignored(why.clone()));
    }
    if policy.allow.as_ref().is_some_and(|range| !range.contains(&one.version)) {
        return Some(Held::NotAllowed);
    }
    // A pin that is unfinished itself may move on among such.
    if one.prerelease && !policy.prerelease && !current.is_prerelease() {
        return Some(Held::Prerelease);
    }
    // `allow` names what is wanted, so it may name a version behind the next major one.
    let is_far = match (one.version.is_calendar(), current.is_calendar()) {
        (false, false) => one.version.major() > current.major().saturating_add(1),
        (one, current) => one != current,
    };
    if policy.allow.is_none() && is_far {
        return Some(Held::Major);
    }
    policy.waits(one.published, now)
}

impl Policy {
    /// Whether what came out at a time has to wait at `now`, both in seconds since 1970.
    pub fn waits(&self, published: Option<i64>, now: i64) -> Option<Held> {
        let age = now.saturating_sub(published?);
        (age < self.minimum_age).then(|| Held::TooYoung(self.minimum_age - age))
    }
}

/// The newest first, as [`choose`] gives them.
pub fn newest_first(held: &mut [(&Listed, Held)]) {
    held.sort_by(|(a, _), (b, _)| b.version.cmp(&a.version));
}

impl Held {
    /// Whether it ends by itself.
    pub fn passes(&self) -> bool {
        matches!(self, Self::TooYoung(_))
    }

    /// Whether the upstream offers the version to everybody: it is finished, and not taken back.
    pub fn is_offered(&self) -> bool {
        !matches!(self, Self::Prerelease | Self::Withdrawn(_))
    }

    /// The reason in a few words.
    pub fn describe(&self) -> String {
        match self {
            Self::NotAllowed => "outside of `allow`".to_owned(),
            Self::Ignored(None) => "ignored".to_owned(),
            Self::Ignored(Some(why)) => format!("ignored: {why}"),
            Self::Withdrawn(why) => format!("withdrawn: {why}"),
            Self::Prerelease => "a pre-release".to_owned(),
            Self::TooYoung(seconds) => {
                let hours = (seconds + 3599) / 3600;
                let left = if hours < 48 {
                    format!("{hours} h")
                } else {
                    format!("{} d", (hours + 23) / 24)
                };
                format!("too young, for another {left}")
            }
            Self::Major => "more than one major version away: ask for it by name".to_owned(),
        }
    }
}
