//! "Did you mean": the known name that is nearest to an unknown one.

/// What other formats call a key, and what this language does.
const ELSEWHERE: &[(&str, &str)] = &[
    ("checksum", "sha256"),
    ("cmd", "command"),
    ("depends", "needs"),
    ("dependencies", "needs"),
    ("description", "summary"),
    ("dest", "to"),
    ("env", "environment"),
    ("id", "uid"),
    ("image", "from"),
    ("parent", "extends"),
    ("requires", "needs"),
    ("sha", "sha256"),
    ("target", "to"),
    ("user-id", "uid"),
];

/// The candidate nearest to `name`, if one is near enough to be a likely slip: at most a third of
/// its letters differ, by Damerau-Levenshtein distance; or else what other formats call it.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    let elsewhere = ELSEWHERE.iter().find(|(other, _)| *other == name).map(|(_, here)| *here);
    let limit = (name.chars().count() / 3).max(1);
    let by_letters = candidates
        .iter()
        .copied()
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate);
    by_letters.or_else(|| candidates.into_iter().find(|candidate| Some(*candidate) == elsewhere))
}

/// A help text for an unknown name: the nearest candidate, else the list of what there is.
pub fn help<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let mut candidates: Vec<&str> = candidates.into_iter().collect();
    candidates.sort_unstable();
    candidates.dedup();
    if let Some(near) = nearest(name, candidates.iter().copied()) {
        return Some(format!("did you mean `{near}`?"));
    }
    match candidates.as_slice() {
        [] => None,
        [only] => Some(format!("there is only `{only}`")),
        many if many.len() <= 40 => Some(format!("there are: {}", many.join(", "))),
        many => Some(format!("none of the {} names that are known here is like it", many.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_found_and_a_stranger_is_not() {
        assert_eq!(nearest("pakcages", ["packages", "recommends"]), Some("packages"));
        assert_eq!(nearest("zebra", ["packages", "recommends"]), None);
        assert_eq!(nearest("cmd", ["priority", "command"]), Some("command"));
        assert_eq!(nearest("cmd", ["packages", "recommends"]), None);
    }

    #[test]
    fn without_a_near_name_the_known_ones_are_listed() {
        assert_eq!(help("zebra", ["b", "a"]).as_deref(), Some("there are: a, b"));
        assert_eq!(help("zebra", []), None);
    }
}
