//! Suites of apt repositories, read as apt-secure(8) reads them: the Release file verified with the one key that the spec
//! pins, indexes by the sums that it lists. What nobody signed is never given.
//!
//! Such documents may come over plain http, as everything in them is proven by the signature.

pub mod catalog;

use std::fmt;

use super::http::{Document, Failure, Http, Kind};
use crate::diagnostic::suggest;
use crate::image::digest::Digest;
use crate::model::apt::Repository;
use crate::model::architecture::Architecture;
use crate::verify::apt::packages::{self, Package};
use crate::verify::apt::release::{IndexFile, Release};

/// One suite of a repository.
#[derive(Clone, Debug)]
pub struct Suite<'spec> {
    repository: &'spec Repository,
    /// The address of the repository, without `/` at its end.
    base: String,
    /// The address of the folder of its Release file, with `/` at its end.
    folder: String,
    /// Its path below `dists`, or below the repository where it is flat.
    path: String,
    /// Whether it is a path, which has no components.
    is_flat: bool,
    /// The architectures that are taken from it.
    architectures: Vec<Architecture>,
}

/// A suite whose Release file the pinned key has signed.
#[derive(Clone, Debug)]
pub struct Verified<'suite> {
    suite: &'suite Suite<'suite>,
    release: Release,
}

/// Why a suite cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It could not be had.
    Failure(Failure),
    /// It is not what the pinned key signed, or not any more.
    Distrust {
        /// The address of what is not believed.
        url: String,
        /// Why, in a few words that continue "it …".
        why: String,
        /// What to do about it.
        help: &'static str,
    },
}

const ASK: &str = "do not build with it before you know why: ask its publisher";
const UPDATING: &str =
    "its publisher may be at work on it: try again later, and ask them if that does not help";

/// What to do about a Release file of another suite.
const OTHER_SUITE: &str = "name the suite as the repository calls it, if that is the one that is meant; else somebody serves another one in its place";

/// The suites of a repository for the architectures of a stack: several of one name where that depends on the
/// architecture (sources.list(5), `$(ARCH)`).
pub fn suites<'spec>(repository: &'spec Repository, stack: &[Architecture]) -> Vec<Suite<'spec>> {
    let own = &repository.architectures;
    let architectures = if own.is_empty() { stack } else { own.as_slice() };
    let mut suites: Vec<Suite<'spec>> = Vec::new();
    for written in &repository.suites {
        for architecture in architectures {
            let suite = Suite::new(repository, written.as_str(), *architecture);
            match suites.iter_mut().find(|known| known.folder == suite.folder) {
                Some(known) => known.architectures.push(*architecture),
                None => suites.push(suite),
            }
        }
    }
    suites
}

impl<'spec> Suite<'spec> {
    fn new(repository: &'spec Repository, written: &str, architecture: Architecture) -> Self {
        let fill = |text: &str| text.replace("$(ARCH)", architecture.name());
        let base = fill(&repository.uri).trim_end_matches('/').to_owned();
        let suite = fill(written);
        let is_flat = suite.ends_with('/');
        let path = suite.trim_start_matches("./").trim_matches('/');
        let folder = match (is_flat, path) {
            (true, "" | ".") => format!("{base}/"),
            (true, path) => format!("{base}/{path}/"),
            (false, path) => format!("{base}/dists/{path}/"),
        };
        let path = path.to_owned();
        Self { repository, base, folder, path, is_flat, architectures: vec![architecture] }
    }

    /// The repository that it is of.
    pub fn repository(&self) -> &'spec Repository {
        self.repository
    }

    /// The address of the folder of its Release file.
    pub fn address(&self) -> &str {
        &self.folder
    }

    /// Fetches its Release file, and verifies it at `now`, in seconds since 1970.
    ///
    /// # Errors
    /// It cannot be had, or is not to be believed.
    pub fn verified(&self, http: &Http, now: u64) -> Result<Verified<'_>, Trouble> {
        let (url, text) = match self.document(http, "InRelease") {
            Ok(document) => self.cleartext(&document, now)?,
            Err(absent) if is_absent(&absent) => self.detached(http, absent, now)?,
            Err(failure) => return Err(failure.into()),
        };
        let release = Release::parse(&text).map_err(|why| nonsense(&url, &why))?;
        let held = release.holds_at(i64::try_from(now).unwrap_or(i64::MAX));
        if let Err(why) = held {
            return Err(Trouble::Distrust { url, why, help: UPDATING });
        }
        if !self.is_flat && !release.is_of(&self.path) {
            let why = format!(
                "is of another suite, {}, and {} was asked for",
                release.names.join(" or "),
                self.path
            );
            return Err(Trouble::Distrust { url, why, help: OTHER_SUITE });
        }
        Ok(Verified { suite: self, release })
    }

    fn cleartext(&self, document: &Document, now: u64) -> Result<(String, String), Trouble> {
        let text = String::from_utf8_lossy(&document.body);
        let signed = self.repository.key.certificate.verify_cleartext(&text, now);
        let text = signed.map_err(|why| {
            distrust(&document.url, &format!("is not to be believed: the signature {why}"))
        })?;
        Ok((document.url.clone(), text))
    }

    /// The Release file of a repository that has its signature beside it, as its InRelease is `absent`.
    fn detached(
        &self,
        http: &Http,
        absent: Failure,
        now: u64,
    ) -> Result<(String, String), Trouble> {
        let release = self.document(http, "Release");
        let release =
            release.map_err(|failure| if is_absent(&failure) { absent } else { failure })?;
        let url = format!("{}Release", self.folder);
        let signature = self.document(http, "Release.gpg").map_err(|failure| {
            if is_absent(&failure) {
                distrust(&url, "is not signed: there is neither an InRelease nor a Release.gpg")
            } else {
                failure.into()
            }
        })?;
        let key = &self.repository.key.certificate;
        let signed = key.verify_detached(&signature.body, || Ok(release.body.as_slice()), now);
        signed.map_err(|why| {
            distrust(&url, &format!("is not to be believed: the signature {why}"))
        })?;
        let text =
            String::from_utf8(release.body).map_err(|_| nonsense(&url, "is not in UTF-8"))?;
        Ok((url, text))
    }

    /// A file of the folder of the suite.
    fn document(&self, http: &Http, name: &str) -> Result<Document, Failure> {
        let url = format!("{}{name}", self.folder);
        let document = http.signed_document(&url)?;
        // The page of a login has no signature, and is no forgery either.
        if document.body.trim_ascii_start().starts_with(b"<") {
            return Err(Failure::new(&url, Kind::Page("it begins with `<`".to_owned())));
        }
        Ok(Document { url, ..document })
    }

    /// Its components, or the one place of a suite that has none.
    fn components(&self) -> impl Iterator<Item = Option<&str>> {
        let names = self.repository.components.iter().map(|component| Some(component.as_str()));
        names.chain(self.is_flat.then_some(None))
    }
}

impl Verified<'_> {
    /// Whether it has an index for every component and architecture that the spec takes from it.
    ///
    /// # Errors
    /// It lacks one.
    pub fn check_indexes(&self) -> Result<(), Trouble> {
        for component in self.suite.components() {
            for architecture in &self.suite.architectures {
                if self.release.indexes(component, *architecture).is_empty() {
                    return Err(self.no_index(component, *architecture));
                }
            }
        }
        Ok(())
    }

    /// The architectures that are taken from it.
    pub fn architectures(&self) -> &[Architecture] {
        &self.suite.architectures
    }

    /// All packages for an architecture, from every component, by the indexes that the Release file lists.
    ///
    /// # Errors
    /// An index is missing, or is not the one that was signed for.
    pub fn packages(
        &self,
        http: &Http,
        architecture: Architecture,
    ) -> Result<Vec<Package>, Trouble> {
        let mut all = Vec::new();
        for component in self.suite.components() {
            let own = self.release.indexes(component, architecture);
            if own.is_empty() {
                return Err(self.no_index(component, architecture));
            }
            for indexes in [own, self.release.indexes_for_all(component)] {
                if !indexes.is_empty() {
                    all.extend(self.index(http, &indexes)?);
                }
            }
        }
        // A repository without components has one index for all architectures.
        all.retain(|one| one.architecture == architecture.name() || one.architecture == "all");
        Ok(all)
    }

    /// The address of a package.
    pub fn address_of(&self, package: &Package) -> String {
        format!("{}/{}", self.suite.base, package.filename)
    }

    /// The first form of an index that is there: some publishers list forms that they do not keep.
    fn index(&self, http: &Http, forms: &[IndexFile]) -> Result<Vec<Package>, Trouble> {
        let mut missing = None;
        for form in forms {
            let by_hash = self.release.by_hash.then(|| form.by_hash());
            for path in by_hash.iter().chain([&form.path]) {
                let url = format!("{}{path}", self.suite.folder);
                match http.signed_document(&url) {
                    Ok(document) => return proven(&url, form, &document.body),
                    Err(failure) if is_absent(&failure) => missing = Some(failure),
                    Err(failure) => return Err(failure.into()),
                }
            }
        }
        let none = || Failure::new(&self.suite.folder, Kind::Missing(404));
        Err(missing.unwrap_or_else(none).into())
    }

    fn no_index(&self, component: Option<&str>, architecture: Architecture) -> Trouble {
        let url = format!("{}Release", self.suite.folder);
        let architecture = architecture.name();
        let Some(component) = component else {
            return nonsense(&url, "lists no index of packages");
        };
        let (what, wanted, known) = if self.release.components.iter().any(|one| one == component) {
            ("architecture", architecture, &self.release.architectures)
        } else {
            ("component", component, &self.release.components)
        };
        let help = suggest::help(wanted, known.iter().map(String::as_str));
        let help = help.map_or_else(String::new, |help| format!("; {help}"));
        nonsense(
            &url,
            &format!(
                "lists no packages of `{component}` for {architecture}: it has no {what} `{wanted}`{help}"
            ),
        )
    }
}

/// The packages of an index whose bytes are those that were signed for.
fn proven(url: &str, form: &IndexFile, bytes: &[u8]) -> Result<Vec<Package>, Trouble> {
    let (found, wanted) = (Digest::of(bytes), form.sum);
    if found != wanted.sha256 || bytes.len() as u64 != wanted.size {
        let why = format!(
            "has {} bytes and {found}, and the signed Release file says {} and {}",
            bytes.len(),
            wanted.size,
            wanted.sha256
        );
        return Err(Trouble::Distrust { url: url.to_owned(), why, help: UPDATING });
    }
    // By its name in the list: that of its sum says nothing about its form.
    packages::read(&form.path, bytes).map_err(|why| nonsense(url, &why))
}

/// Whether something is not there; object stores say so with 403.
fn is_absent(failure: &Failure) -> bool {
    matches!(failure.kind, Kind::Missing(_) | Kind::Refused(403, _))
}

fn distrust(url: &str, why: &str) -> Trouble {
    Trouble::Distrust { url: url.to_owned(), why: why.to_owned(), help: ASK }
}

fn nonsense(url: &str, why: &str) -> Trouble {
    Failure::new(url, Kind::Nonsense(format!("it {why}"))).into()
}

impl Trouble {
    /// What to do about it, where there is something.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Failure(failure) => failure.help(),
            Self::Distrust { help, .. } => Some((*help).to_owned()),
        }
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failure(failure) => failure.fmt(f),
            Self::Distrust { url, why, .. } => write!(f, "{url} {why}"),
        }
    }
}
