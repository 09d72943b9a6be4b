//! What becomes of one pin: the newest version that it may move to, of which every file exists and is proven.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::apt::{self, Pinned};
use super::archives::Archives;
use super::base::BaseImage;
use super::proof::{Proven, Unproven, prove};
use crate::bump::candidates::{self, Candidates};
use crate::bump::edit::Edits;
use crate::bump::evidence::Evidence;
use crate::bump::pins::{Pin, Rules, Subject};
use crate::commands::{ENGINE_FAILED, VERIFICATION_FAILED, WRONG};
use crate::compile::compile;
use crate::diagnostic::suggest;
use crate::model::architecture::Architecture;
use crate::model::download::{Artifact, Download};
use crate::model::upstream::{Source, Upstream};
use crate::source::{Span, SpecFiles};
use crate::upstream::http::{Failure, Http, Kind};
use crate::upstream::{self, Addresses, Release};
use crate::versions::Version;
use crate::versions::choice::{Held, choose};

/// What is asked of a pin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// The newest version that its policy allows.
    Newest,
    /// This version.
    Version(String),
    /// The version that it has, with the bytes that are served for it now.
    Same,
}

/// What becomes of a pin.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It stays; what is newer is held for a reason.
    Current {
        /// The newest versions that are held.
        held: Vec<(String, Held)>,
    },
    /// It moves.
    Moves(Move),
    /// It stays, as nothing can be known of it, for this reason.
    Stays(String),
    /// It could not be looked after.
    Failed(Problem),
}

/// A pin that moves.
#[derive(Debug)]
pub(super) struct Move {
    /// Where to.
    pub version: String,
    /// When that came out, in seconds since 1970.
    pub published: Option<i64>,
    /// What the weakest proven of its files is proven by.
    pub evidence: Evidence,
    /// The new values of the spec.
    pub edits: Edits,
    /// Newer versions that are held, and those that lack a file.
    pub passed_over: Vec<String>,
}

/// Why a pin could not be looked after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::commands) struct Problem {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// With which status the command ends.
    pub status: u8,
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        Self {
            message: failure.to_string(),
            help: failure.help(),
            status: if failure.is_about_bytes() { VERIFICATION_FAILED } else { ENGINE_FAILED },
        }
    }
}

/// Whom to ask, and of what.
#[derive(Debug)]
pub(super) struct Look<'a> {
    /// The spec as it is.
    pub files: &'a SpecFiles,
    /// The client.
    pub http: &'a Http,
    /// Where registries are.
    pub addresses: &'a Addresses,
    /// The apt repositories of the spec.
    pub archives: &'a Archives<'a>,
    /// What time it is, in seconds since 1970.
    pub now: i64,
}

/// A download that is looked after.
struct DownloadPin<'a> {
    component: &'a str,
    download: &'a Download,
    upstream: &'a Upstream,
    rules: &'a Rules<'a>,
}

/// A version that is tried.
struct Candidate<'a> {
    version: String,
    captures: Option<&'a BTreeMap<String, String>>,
    release: Option<&'a Release>,
}

/// Why a version is passed over for an older one.
enum Lacking {
    /// A file of it does not exist, or not yet.
    File(String),
    /// Something that is wrong with any version.
    Problem(Problem),
}

impl Look<'_> {
    /// Looks after one pin.
    pub(super) fn after(&self, pin: &Pin<'_>, wish: &Wish) -> Outcome {
        self.found(pin, wish).unwrap_or_else(Outcome::Failed)
    }

    fn found(&self, pin: &Pin<'_>, wish: &Wish) -> Result<Outcome, Problem> {
        match &pin.subject {
            Subject::Download { download, upstream, rules } => self
                .download(&DownloadPin { component: pin.owner, download, upstream, rules }, wish),
            Subject::Image { external, rules, architectures } => {
                let image = BaseImage {
                    external,
                    rules: rules.as_ref(),
                    architectures,
                    waits: *wish == Wish::Newest,
                };
                image.found(self, wish)
            }
            Subject::Package { package, version } => {
                Pinned { component: pin.owner, package, version }.found(self, wish)
            }
            Subject::Date(date) => apt::date(self, date, wish),
        }
    }

    fn download(&self, pin: &DownloadPin<'_>, wish: &Wish) -> Result<Outcome, Problem> {
        let releases = match &pin.upstream.source.value {
            Source::Apt(package) => self.archives.releases(pin.component, package.as_str())?,
            _ => match upstream::of(pin.upstream, self.addresses) {
                Some(source) => source.releases(self.http)?,
                None => return Err(unusable("nobody knows how to ask this upstream")),
            },
        };
        let candidates = candidates::of(pin.rules, &releases);
        if candidates.listed.is_empty() {
            return Err(nothing_listed(&releases, &candidates));
        }
        let wanted = match wish {
            Wish::Newest => return self.newest(pin, &releases, &candidates),
            Wish::Version(version) => version.as_str(),
            Wish::Same => pin.rules.current.as_str(),
        };
        let candidate = named(pin, wanted, wish, &releases, &candidates)?;
        match self.prepared(pin, &candidate) {
            Ok(moved) if moved.edits.is_empty() => Ok(Outcome::Current { held: Vec::new() }),
            Ok(moved) if *wish != Wish::Same && moved.version == pin.rules.current.as_str() => {
                Err(republished(&moved.version))
            }
            Ok(moved) => Ok(Outcome::Moves(moved)),
            Err(Lacking::Problem(problem)) => Err(problem),
            Err(Lacking::File(why)) => Err(unusable(&format!("{wanted}: {why}"))),
        }
    }

    /// The newest version that is open and has every file.
    fn newest(
        &self,
        pin: &DownloadPin<'_>,
        releases: &[Release],
        candidates: &Candidates,
    ) -> Result<Outcome, Problem> {
        let choice = choose(&candidates.listed, &pin.rules.current, &pin.rules.policy, self.now);
        let mut passed_over = Vec::new();
        for listed in &choice.open {
            let candidate = Candidate {
                version: listed.version.to_string(),
                captures: candidates.captures.get(&listed.at),
                release: releases.get(listed.at),
            };
            match self.prepared(pin, &candidate) {
                Ok(moved) => return Ok(Outcome::Moves(Move { passed_over, ..moved })),
                Err(Lacking::Problem(problem)) => return Err(problem),
                Err(Lacking::File(why)) => passed_over.push(format!("{}: {why}", listed.version)),
            }
        }
        if !passed_over.is_empty() {
            return Err(unusable(&passed_over.join("; ")));
        }
        let held =
            choice.held.iter().map(|(listed, why)| (listed.version.to_string(), why.clone()));
        Ok(Outcome::Current { held: held.collect() })
    }

    /// Everything that moving to a version changes, with its files downloaded and proven.
    fn prepared(&self, pin: &DownloadPin<'_>, candidate: &Candidate<'_>) -> Result<Move, Lacking> {
        let mut edits = self.version_edits(pin, candidate)?;
        let mut evidence = Evidence::Signature;
        let mut proven: BTreeMap<String, Proven> = BTreeMap::new();
        let mut sums: BTreeMap<Span, String> = BTreeMap::new();
        for target in self.targets_after(pin, &edits)? {
            let one = match proven.entry(target.url) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => {
                    let one = prove(self.http, Some(pin.upstream), new.key(), candidate.release)?;
                    new.insert(one)
                }
            };
            evidence = evidence.min(one.evidence);
            let sum = one.sha256.hexadecimal();
            let place = old_place(pin, target.architecture)?;
            let first = sums.entry(place.clone()).or_insert_with(|| sum.clone());
            if *first != sum {
                let text = "its files differ now, and the spec has one sum for them: give each architecture its own";
                return Err(Lacking::Problem(Problem { status: WRONG, ..unusable(text) }));
            }
            if sum != target.sha256 {
                edits.string(self.files, &place, &sum);
            }
        }
        let sizes: BTreeSet<u64> = proven.values().map(|one| one.size).collect();
        if let Some(size) = &pin.download.size
            && let Some(new) = sizes.first().filter(|new| **new != size.value)
        {
            edits.number(&size.span, *new);
        }
        Ok(Move {
            version: candidate.version.clone(),
            published: candidate.release.and_then(|release| release.published),
            evidence,
            edits,
            passed_over: Vec::new(),
        })
    }

    /// The new values of its version and variables.
    fn version_edits(
        &self,
        pin: &DownloadPin<'_>,
        candidate: &Candidate<'_>,
    ) -> Result<Edits, Lacking> {
        let mut edits = Edits::default();
        if let Some(version) = &pin.download.version
            && version.value.as_str() != candidate.version
        {
            edits.string(self.files, &version.span, &candidate.version);
        }
        for (name, value) in candidate.captures.into_iter().flatten() {
            let variable = pin.download.variables.iter().find(|(known, _)| known == name);
            let Some((_, old)) = variable else {
                let text = format!(
                    "its tag pattern captures `{name}`, and the download has no variable of that name"
                );
                return Err(Lacking::Problem(Problem { status: WRONG, ..unusable(&text) }));
            };
            if old.value.as_str() != value {
                edits.string(self.files, &old.span, value);
            }
        }
        Ok(edits)
    }

    /// The download's files in every variant, as the edited spec has them: compiled, so that their addresses are those
    /// of a build.
    fn targets_after(&self, pin: &DownloadPin<'_>, edits: &Edits) -> Result<Vec<Target>, Lacking> {
        let problem = |text: &str| Lacking::Problem(unusable(text));
        let files = edited(self.files, edits).map_err(|error| problem(&error.to_string()))?;
        let compiled = compile(&files).map_err(|error| problem(&error.to_string()))?;
        let Some(output) = compiled.output else {
            let first = compiled.diagnostics.first().map_or("", |found| found.message.as_str());
            return Err(problem(&format!("with that version the spec has an error: {first}")));
        };
        let images = output.stack.variants.iter().flat_map(|variant| &variant.images);
        let components = images.flat_map(|image| &image.components);
        let own = components.filter(|component| component.name.as_str() == pin.component);
        let downloads = own.flat_map(|component| &component.downloads);
        let same = downloads.filter(|download| download.name == pin.download.name);
        Ok(same.flat_map(|download| &download.artifacts).map(Target::from).collect())
    }
}

/// A file of the version that is tried.
struct Target {
    architecture: Architecture,
    url: String,
    /// The sum that the spec has, which is that of the old version.
    sha256: String,
}

impl From<&Artifact> for Target {
    fn from(artifact: &Artifact) -> Self {
        Self {
            architecture: artifact.architecture,
            url: artifact.urls.first().map(|url| url.text.clone()).unwrap_or_default(),
            sha256: artifact.sha256.value.to_string(),
        }
    }
}

/// The place of an architecture's sum in the spec as it is.
fn old_place(pin: &DownloadPin<'_>, architecture: Architecture) -> Result<Span, Lacking> {
    let mut artifacts = pin.download.artifacts.iter();
    artifacts
        .find(|artifact| artifact.architecture == architecture)
        .map(|artifact| artifact.sha256.span.clone())
        .ok_or_else(|| Lacking::Problem(unusable("the new version is for other architectures")))
}

/// The spec with its new values.
///
/// # Errors
/// As of [`Edits::apply`].
pub(super) fn edited(files: &SpecFiles, edits: &Edits) -> anyhow::Result<SpecFiles> {
    let mut changed = edits.apply(files)?;
    let paths: Vec<String> = files.paths().map(str::to_owned).collect();
    let contents = paths.into_iter().map(|path| {
        let bytes = match changed.remove(&path) {
            Some(text) => text.into_bytes(),
            None => files.get(&path).map(|bytes| bytes.to_vec()).unwrap_or_default(),
        };
        (path, bytes)
    });
    Ok(SpecFiles::new(files.root(), contents.collect()))
}

/// The version that somebody asks for by name, which never is an older one.
fn named<'a>(
    pin: &DownloadPin<'_>,
    wanted: &str,
    wish: &Wish,
    releases: &'a [Release],
    candidates: &'a Candidates,
) -> Result<Candidate<'a>, Problem> {
    let version = Version::parse(wanted, pin.rules.scheme)
        .map_err(|why| Problem { status: WRONG, ..unusable(&format!("{wanted:?} {why}")) })?;
    if version < pin.rules.current {
        let text =
            format!("{wanted} is older than {}, and a pin never moves back", pin.rules.current);
        let help = "to go back on purpose, edit the spec and run `rdspec bump --repin`".to_owned();
        return Err(Problem { help: Some(help), status: WRONG, ..unusable(&text) });
    }
    // `1.0` and `1.0.0` are equal: the one that is written so comes first.
    let exact = candidates.listed.iter().find(|listed| listed.version.as_str() == wanted);
    let listed = exact.or_else(|| candidates.listed.iter().find(|one| one.version == version));
    let listed = listed.filter(|one| *wish != Wish::Same || one.version.as_str() == wanted);
    if listed.is_none() && *wish != Wish::Same {
        let known = candidates.listed.iter().map(|listed| listed.version.as_str());
        let help = suggest::help(wanted, known);
        return Err(Problem {
            help,
            status: WRONG,
            ..unusable(&format!("the upstream lists no version {wanted}"))
        });
    }
    Ok(Candidate {
        version: listed.map_or(wanted, |listed| listed.version.as_str()).to_owned(),
        captures: listed.and_then(|listed| candidates.captures.get(&listed.at)),
        release: listed.and_then(|listed| releases.get(listed.at)),
    })
}

fn republished(version: &str) -> Problem {
    Problem {
        message: format!("{version} has other bytes now than those of its pin"),
        help: Some("ask the upstream why; if it is well, `rdspec bump --repin`".to_owned()),
        status: VERIFICATION_FAILED,
    }
}

fn nothing_listed(releases: &[Release], candidates: &Candidates) -> Problem {
    let message = match releases.first() {
        None => "the upstream lists no version at all".to_owned(),
        Some(first) => format!(
            "none of the {} names that the upstream lists is a version, such as {:?}",
            candidates.others, first.name
        ),
    };
    Problem { help: Some("see whether `tag` still fits".to_owned()), ..unusable(&message) }
}

pub(in crate::commands) fn unusable(message: &str) -> Problem {
    Problem { message: message.to_owned(), help: None, status: ENGINE_FAILED }
}

impl From<Failure> for Lacking {
    fn from(failure: Failure) -> Self {
        match &failure.kind {
            Kind::Missing(_) => Self::File(failure.to_string()),
            _ => Self::Problem(failure.into()),
        }
    }
}

impl From<Unproven> for Lacking {
    fn from(unproven: Unproven) -> Self {
        match unproven {
            Unproven::Lacking(why) => Self::File(why),
            Unproven::Failure(failure) => failure.into(),
            Unproven::Wrong(problem) => Self::Problem(problem),
        }
    }
}
