//! The apt repositories of a stack: whether the pinned key still signs what they serve, and whether they still have the
//! packages that are pinned to a version.

use std::collections::BTreeMap;

use super::{ENGINE_FAILED, Row, VERIFICATION_FAILED, place};
use crate::model::Stack;
use crate::model::architecture::Architecture;
use crate::source::SpecFiles;
use crate::upstream::apt::Trouble;
use crate::upstream::apt::catalog::{Catalog, Shelf};
use crate::upstream::http::{Http, Kind};

/// What became of a suite: its Release file, and with `deep` every index that it lists for the stack.
pub(super) fn row(
    http: &Http,
    files: &SpecFiles,
    catalog: &Catalog<'_>,
    shelf: &Shelf<'_>,
    deep: bool,
    now: u64,
) -> Row {
    let suite = &shelf.suite;
    let place = place(files, &suite.repository().span);
    let good = |status| Row::good(suite.address(), &place, status);
    let read = if deep {
        catalog.contents(http, shelf).map(|_| "the same")
    } else {
        suite.verified(http, now).and_then(|one| one.check_indexes()).map(|()| "signed")
    };
    let trouble = match read {
        Ok(status) => return good(status),
        Err(trouble) => trouble,
    };
    let (status, code) = match &trouble {
        Trouble::Distrust { .. } => ("not to be believed", VERIFICATION_FAILED),
        Trouble::Failure(failure) if matches!(failure.kind, Kind::Missing(_)) => {
            ("gone", ENGINE_FAILED)
        }
        Trouble::Failure(_) => ("failed", ENGINE_FAILED),
    };
    Row { why: Some(trouble.to_string()), help: trouble.help(), code, ..good(status) }
}

/// What became of the packages that are pinned to a version, where a repository of the spec has the package at all: those
/// of the distribution's own archive are known to apt alone.
pub(super) fn packages(
    http: &Http,
    files: &SpecFiles,
    catalog: &Catalog<'_>,
    stack: &Stack,
) -> Vec<Row> {
    let mut rows = BTreeMap::new();
    for component in stack.components() {
        let repositories = stack.repositories_beside(component.name.as_str());
        for (name, version) in &component.apt.versions {
            // What is wrong with a whole repository has a row of its own.
            let Ok(offers) = catalog.offers(http, &repositories, name.as_str()) else { continue };
            let pinned = format!("{name}={version}");
            let offer = offers.iter().find(|offer| offer.version == version.as_str());
            // A repository need not be for every architecture of the stack.
            let is_served =
                |one: &&Architecture| offers.iter().any(|offer| offer.files.contains_key(one));
            let mut missing = stack
                .architectures
                .iter()
                .filter(is_served)
                .filter(|one| offer.is_none_or(|offer| !offer.files.contains_key(one)));
            let row = Row::good(&pinned, &place(files, &version.span), "the same");
            let row = match missing.next() {
                None => row,
                Some(architecture) => Row {
                    status: "gone",
                    why: Some(format!(
                        "no repository of the spec has {pinned} for {}",
                        architecture.name()
                    )),
                    help: Some(format!("take another version: `rdspec bump {name}`")),
                    code: ENGINE_FAILED,
                    ..row
                },
            };
            rows.entry(&version.span).or_insert(row);
        }
    }
    rows.into_values().collect()
}
