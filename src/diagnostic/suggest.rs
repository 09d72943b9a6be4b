//! "Did you mean": the known name that is nearest to an unknown one.

/// The candidate nearest to `name`, if one is near enough to be a likely slip: at most a third of
/// its letters differ, by Damerau-Levenshtein distance.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (name.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
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
        many if many.len() <= 24 => Some(format!("there are: {}", many.join(", "))),
        many => Some(format!("{} are known here, none of them near", many.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_found_and_a_stranger_is_not() {
        assert_eq!(nearest("pakcages", ["packages", "recommends"]), Some("packages"));
        assert_eq!(nearest("zebra", ["packages", "recommends"]), None);
    }

    #[test]
    fn without_a_near_name_the_known_ones_are_listed() {
        assert_eq!(help("zebra", ["b", "a"]).as_deref(), Some("there are: a, b"));
        assert_eq!(help("zebra", []), None);
    }
}
