//! Base images: whether their registries still have what their digests stand for.
//!
//! A tag that is something else now is nobody's fault, and is only told: the digest is what is built on.

use std::collections::BTreeMap;

use super::{Row, place};
use crate::commands::jobs;
use crate::compile::Output;
use crate::image::digest::Digest;
use crate::model::stack::{Base, External};
use crate::source::SpecFiles;
use crate::upstream::http::{Failure, Http, Kind};
use crate::upstream::oci::{Registries, Repository};

/// What became of each base image that has a digest, each once.
pub(super) fn rows(
    output: &Output,
    files: &SpecFiles,
    http: &Http,
    registries: &Registries,
) -> Vec<Row> {
    let mut pinned = BTreeMap::new();
    for image in output.stack.images() {
        if let Base::External(external) = &image.base
            && let Some(digest) = &external.digest
        {
            let key = (external.reference.value.as_str(), digest.value.as_str());
            pinned.entry(key).or_insert((external, place(files, &digest.span)));
        }
    }
    let pinned: Vec<_> = pinned.into_iter().collect();
    jobs::map(&pinned, |((_, digest), (external, place))| {
        row(http, registries, external, digest, place)
    })
}

fn row(
    http: &Http,
    registries: &Registries,
    external: &External,
    digest: &str,
    place: &str,
) -> Row {
    let name = external.reference.value.as_str();
    let pinned = format!("{name}@{digest}");
    let repository = Repository::of(name, registries);
    if let Err(failure) = repository.manifest(http, digest) {
        return Row::failed(&pinned, place, &failure);
    }
    let tag = external.tag();
    let note = of_tag(tag, digest, repository.manifest(http, tag).map(|now| now.digest));
    Row { note, ..Row::good(&pinned, place, "there") }
}

/// What is worth knowing of a tag.
fn of_tag(tag: &str, digest: &str, now: Result<Digest, Failure>) -> Option<String> {
    match now {
        Ok(now) if now.to_string() == digest => None,
        Ok(now) => Some(format!("its tag `{tag}` is {now} now: `rdspec bump` moves it there")),
        Err(Failure { kind: Kind::Missing(_), .. }) => {
            Some(format!("its tag `{tag}` is not there any more"))
        }
        Err(failure) => Some(format!("what its tag is now is not known: {failure}")),
    }
}
