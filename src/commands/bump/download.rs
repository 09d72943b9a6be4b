//! What becomes of a download: its version, variables, sums and size, in every variant and for every architecture.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::look::{Look, Move, Outcome, Wish, edited};
use super::proof::{Proven, listed, prove};
use super::versioned::{Candidate, Lacking, Versioned, found};
use crate::bump::edit::Edits;
use crate::bump::pins::Rules;
use crate::commands::problem::{Problem, unusable};
use crate::commands::{VERIFICATION_FAILED, WRONG};
use crate::compile::compile;
use crate::model::Stack;
use crate::model::architecture::Architecture;
use crate::model::download::{Artifact, Download};
use crate::model::upstream::Evidence;
use crate::model::upstream::{Source, Upstream};
use crate::source::{Span, Spanned, SpecFiles};
use crate::splice::path_at;
use crate::upstream;

/// A download that is looked after.
#[derive(Debug)]
pub(super) struct DownloadPin<'a> {
    pub(super) component: &'a str,
    pub(super) download: &'a Download,
    pub(super) upstream: &'a Upstream,
    pub(super) rules: &'a Rules<'a>,
}

impl Versioned for DownloadPin<'_> {
    fn rules(&self) -> &Rules<'_> {
        self.rules
    }

    fn prepared(&self, look: &Look<'_>, candidate: &Candidate<'_>) -> Result<Move, Lacking> {
        let mut edits = self.version_edits(look.files, candidate)?;
        let mut evidence = Evidence::Signature;
        let mut proven: BTreeMap<String, Proven> = BTreeMap::new();
        let mut sums: BTreeMap<Span, String> = BTreeMap::new();
        let stack = look.archives.stack;
        let targets = self.targets_after(look, &edits)?;
        let files = targets
            .iter()
            .filter_map(|target| listed(Some(self.upstream), &target.url, candidate.release).1);
        let since = candidate.since(look, files)?;
        for target in targets {
            let one = match proven.entry(target.url.clone()) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => {
                    let one = prove(look.http, Some(self.upstream), new.key(), candidate.release)?;
                    new.insert(one)
                }
            };
            evidence = evidence.min(one.evidence);
            let sum = one.sha256.hexadecimal();
            let place = self.old_place(stack, &target)?;
            let first = sums.entry(place.clone()).or_insert_with(|| sum.clone());
            if *first != sum {
                let text = "its files differ now, and the spec has one sum for them: give each architecture its own";
                return Err(Lacking::Problem(Problem { status: WRONG, ..unusable(text) }));
            }
            if sum != target.sha256 {
                edits.string(look.files, &place, &sum);
            }
        }
        let sizes: BTreeSet<u64> = proven.values().map(|one| one.size).collect();
        if let Some(size) = &self.download.size
            && let Some(new) = sizes.first().filter(|new| **new != size.value)
        {
            edits.number(&size.span, *new);
        }
        self.no_weaker(look.files, evidence, candidate)?;
        let mut moved = candidate.taken(since, evidence, edits);
        if !moved.edits.is_empty() && !self.state(look.files, evidence, &mut moved.edits) {
            moved.notes.push(format!(
                "its `evidence` ({evidence}) is not written: its table is written with dotted keys"
            ));
        }
        Ok(moved)
    }
}

impl DownloadPin<'_> {
    /// What becomes of it.
    pub(super) fn found(&self, look: &Look<'_>, wish: &Wish) -> Result<Outcome, Problem> {
        let releases = match &self.upstream.source.value {
            Source::Apt(package) => look.archives.releases(self.component, package.as_str())?,
            _ => match upstream::of(self.upstream, look.addresses) {
                Some(source) => source.releases(look.http)?,
                None => return Err(unusable("nobody knows how to ask this upstream")),
            },
        };
        found(look, self, &releases, wish)
    }

    /// What proved the version that the spec has, where the table of that version says it: a variant's own version has
    /// nothing of what is said of the plain one.
    fn evidence(&self, files: &SpecFiles) -> Option<&Spanned<Evidence>> {
        let evidence = self.download.evidence.as_ref()?;
        let version = self.download.version.as_ref()?;
        let table = |span: &Span| {
            let mut path = path_at(&files.text(span.file), &span.range())?;
            path.pop();
            Some((span.file, path))
        };
        (table(&evidence.span) == table(&version.span)).then_some(evidence)
    }

    /// Refuses what less speaks for than for the version that the spec has: an upstream, or somebody in its place, that
    /// signs no more.
    fn no_weaker(
        &self,
        files: &SpecFiles,
        evidence: Evidence,
        candidate: &Candidate<'_>,
    ) -> Result<(), Lacking> {
        let known = self.evidence(files).map(|known| known.value);
        match known {
            Some(known) if evidence < known && self.upstream.require.is_none() => {
                Err(Lacking::Problem(Problem {
                    message: format!(
                        "{} is proven by {evidence}, and {} was by {known}",
                        candidate.version, self.rules.current
                    ),
                    help: Some(
                        "ask the upstream why; `require` in `upstream` says what is enough"
                            .to_owned(),
                    ),
                    status: VERIFICATION_FAILED,
                }))
            }
            _ => Ok(()),
        }
    }

    /// Writes what proved the new version into the spec. False where there is no place for it.
    fn state(&self, files: &SpecFiles, evidence: Evidence, edits: &mut Edits) -> bool {
        match (self.evidence(files), &self.download.version) {
            (Some(old), _) if old.value == evidence => true,
            (Some(old), _) => {
                edits.string(files, &old.span, evidence.name());
                true
            }
            (None, Some(version)) => {
                edits.beside(files, &version.span, "evidence", evidence.name())
            }
            (None, None) => false,
        }
    }

    /// The new values of its version and variables.
    fn version_edits(
        &self,
        files: &SpecFiles,
        candidate: &Candidate<'_>,
    ) -> Result<Edits, Lacking> {
        let mut edits = Edits::default();
        if let Some(version) = &self.download.version
            && version.value.as_str() != candidate.version
        {
            edits.string(files, &version.span, &candidate.version);
        }
        for (name, value) in candidate.captures.into_iter().flatten() {
            let variable = self.download.variables.iter().find(|(known, _)| known == name);
            let Some((_, old)) = variable else {
                let text = format!(
                    "its tag pattern captures `{name}`, and the download has no variable of that name"
                );
                return Err(Lacking::Problem(Problem { status: WRONG, ..unusable(&text) }));
            };
            if old.value.as_str() != value {
                edits.string(files, &old.span, value);
            }
        }
        Ok(edits)
    }

    /// The download's files in every variant, as the edited spec has them: compiled, so that their addresses are those
    /// of a build.
    fn targets_after(&self, look: &Look<'_>, edits: &Edits) -> Result<Vec<Target>, Lacking> {
        let problem = |text: &str| Lacking::Problem(unusable(text));
        let files = edited(look.files, edits).map_err(|error| problem(&error.to_string()))?;
        let compiled = compile(&files).map_err(|error| problem(&error.to_string()))?;
        let Some(output) = compiled.output else {
            let first = compiled.diagnostics.first().map_or("", |found| found.message.as_str());
            let text = format!("with that version the spec has an error: {first}");
            return Err(Lacking::Problem(Problem { status: WRONG, ..unusable(&text) }));
        };
        let mut targets = Vec::new();
        for variant in &output.stack.variants {
            // Another variant can have another pin in the place of this one.
            let old = self.of_variant(look.archives.stack, variant.name.as_str());
            let is_it = old.is_some_and(|old| place(old) == place(self.download));
            let new = self.of_variant(&output.stack, variant.name.as_str()).filter(|_| is_it);
            for artifact in new.iter().flat_map(|download| &download.artifacts) {
                targets.push(Target::of(variant.name.as_str(), artifact));
            }
        }
        Ok(targets)
    }

    /// The download as a variant has it.
    fn of_variant<'stack>(&self, stack: &'stack Stack, variant: &str) -> Option<&'stack Download> {
        let variant = stack.variants.iter().find(|one| one.name.as_str() == variant)?;
        let mut components = variant.images.iter().flat_map(|image| &image.components);
        let own = components.find(|component| component.name.as_str() == self.component)?;
        own.downloads.iter().find(|download| download.name == self.download.name)
    }

    /// The place of the sum in the spec as it is.
    fn old_place(&self, stack: &Stack, target: &Target) -> Result<Span, Lacking> {
        let old = self.of_variant(stack, &target.variant).unwrap_or(self.download);
        let mut artifacts = old.artifacts.iter();
        artifacts
            .find(|artifact| artifact.architecture == target.architecture)
            .map(|artifact| artifact.sha256.span.clone())
            .ok_or_else(|| Lacking::Problem(unusable("the new version is for other architectures")))
    }
}

/// Where the version of a download is written.
fn place(download: &Download) -> Option<&Span> {
    download.version.as_ref().map(|version| &version.span)
}

/// A file of the version that is tried.
struct Target {
    variant: String,
    architecture: Architecture,
    url: String,
    /// The sum that the spec has, which is that of the old version.
    sha256: String,
}

impl Target {
    fn of(variant: &str, artifact: &Artifact) -> Self {
        Self {
            variant: variant.to_owned(),
            architecture: artifact.architecture,
            url: artifact.urls.first().map(|url| url.text.clone()).unwrap_or_default(),
            sha256: artifact.sha256.value.to_string(),
        }
    }
}
