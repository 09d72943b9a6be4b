//! The packages of a stack's repositories: each suite is read once, however many pins ask for something of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use super::{Suite, Trouble, suites};
use crate::diagnostic::suggest;
use crate::image::digest::Digest;
use crate::model::Stack;
use crate::model::apt::Repository;
use crate::model::architecture::Architecture;
use crate::upstream::http::Http;
use crate::upstream::{Release, ReleaseFile};

/// What repositories have, once they have been read.
#[derive(Debug)]
pub struct Catalog<'stack> {
    shelves: Vec<Shelf<'stack>>,
    now: u64,
}

/// A suite, and what was found in it.
#[derive(Debug)]
pub struct Shelf<'stack> {
    /// The suite.
    pub suite: Suite<'stack>,
    contents: OnceLock<Result<Contents, Trouble>>,
}

/// By the names of packages, what there is of each.
pub type Contents = BTreeMap<String, Vec<Found>>;

/// A package of one version for one architecture.
#[derive(Clone, Debug)]
pub struct Found {
    version: String,
    architecture: Architecture,
    file: OfferedFile,
}

/// A version of a package, and its files, of which a pinned key has signed every sum.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// The version.
    pub version: String,
    /// Its file for each architecture that has it; the same one for all of them, where it is for all.
    pub files: BTreeMap<Architecture, OfferedFile>,
}

/// A package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferedFile {
    /// Where it is.
    pub url: String,
    /// What its bytes are.
    pub sha256: Option<Digest>,
}

/// Why versions of a package are not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// A repository cannot be read.
    Trouble(Trouble),
    /// No repository has the package; perhaps another name was meant.
    Package(Option<String>),
}

impl<'stack> Catalog<'stack> {
    /// The repositories of a stack, to be read at `now`, in seconds since 1970.
    pub fn new(stack: &'stack Stack, now: u64) -> Self {
        let repositories = stack.components().flat_map(|component| &component.apt.repositories);
        let mut seen = BTreeSet::new();
        let shelves = repositories
            .flat_map(|repository| suites(repository, &stack.architectures))
            .filter(|suite| {
                seen.insert((suite.repository().span.clone(), suite.address().to_owned()))
            })
            .map(|suite| Shelf { suite, contents: OnceLock::new() })
            .collect();
        Self { shelves, now }
    }

    /// Every suite of every repository, each once.
    pub fn shelves(&self) -> &[Shelf<'stack>] {
        &self.shelves
    }

    /// All packages of a suite.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn contents<'catalog>(
        &self,
        http: &Http,
        shelf: &'catalog Shelf<'stack>,
    ) -> Result<&'catalog Contents, Trouble> {
        let contents = shelf.contents.get_or_init(|| read(http, &shelf.suite, self.now));
        contents.as_ref().map_err(Trouble::clone)
    }

    /// The versions of a package that these repositories have, in the order of their text.
    ///
    /// # Errors
    /// One of them cannot be read, or none has the package.
    pub fn offers(
        &self,
        http: &Http,
        repositories: &[&Repository],
        package: &str,
    ) -> Result<Vec<Offer>, Unknown> {
        let wanted = |shelf: &&Shelf<'_>| {
            let own = &shelf.suite.repository().span;
            repositories.iter().any(|repository| repository.span == *own)
        };
        let mut offers: BTreeMap<&str, Offer> = BTreeMap::new();
        let mut names = BTreeSet::new();
        for shelf in self.shelves.iter().filter(wanted) {
            let contents = self.contents(http, shelf).map_err(Unknown::Trouble)?;
            for found in contents.get(package).into_iter().flatten() {
                let offer = offers.entry(&found.version).or_default();
                offer.version.clone_from(&found.version);
                offer.files.entry(found.architecture).or_insert_with(|| found.file.clone());
            }
            names.extend(contents.keys().map(String::as_str));
        }
        if offers.is_empty() {
            return Err(Unknown::Package(suggest::help(package, names)));
        }
        Ok(offers.into_values().collect())
    }
}

impl From<Offer> for Release {
    fn from(offer: Offer) -> Self {
        let mut files: Vec<ReleaseFile> = Vec::new();
        for file in offer.files.into_values() {
            // One for all architectures is there once.
            if files.iter().all(|known| known.url != file.url) {
                let name = file.url.rsplit('/').next().unwrap_or_default().to_owned();
                files.push(ReleaseFile {
                    name,
                    url: file.url,
                    uploaded: None,
                    sha256: file.sha256,
                    integrity: None,
                    ready: true,
                });
            }
        }
        Self { name: offer.version, files, signed: true, ..Self::default() }
    }
}

fn read(http: &Http, suite: &Suite<'_>, now: u64) -> Result<Contents, Trouble> {
    let verified = suite.verified(http, now)?;
    let mut contents = Contents::new();
    for architecture in verified.architectures() {
        for package in verified.packages(http, *architecture)? {
            let file = OfferedFile { url: verified.address_of(&package), sha256: package.sha256 };
            let found = Found { version: package.version, architecture: *architecture, file };
            contents.entry(package.name).or_default().push(found);
        }
    }
    Ok(contents)
}
