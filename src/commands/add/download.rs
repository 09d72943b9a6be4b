//! `rdspec add download`: an entry of `[downloads]`, with the file of each architecture fetched, hashed and proven.
//!
//! With an upstream, the version that it lists and that stands in the address becomes `{{ version }}`, so that
//! `rdspec bump` can move it; what else its tag pattern captures becomes a variable in the same way.

use std::collections::BTreeMap;

use anyhow::{Context, bail, ensure};
use toml::{Table, Value};

use super::draft::Draft;
use super::name::{named_by, placed};
use super::{Added, Asked};
use crate::bump::candidates;
use crate::bump::pins::Rules;
use crate::cli::add::AddDownload;
use crate::commands::WRONG;
use crate::commands::bump::proof::{Proven, Unproven, prove};
use crate::commands::printable::printable;
use crate::commands::problem::{Problem, unusable};
use crate::compile::{Output, compile};
use crate::image::digest::Digest;
use crate::model::Name;
use crate::model::architecture::Architecture;
use crate::model::download::Download;
use crate::model::upstream::{Evidence, Upstream};
use crate::upstream::{self, Release};
use crate::versions::Scheme;

/// Stands for sums that are not known yet: the sum of something that nobody downloads.
fn unknown() -> String {
    Digest::of(b"not known yet").hexadecimal()
}

/// An entry, as it is so far.
struct Entry<'a> {
    name: String,
    url: String,
    version: Option<String>,
    /// What else the tag of the version says, by the names in its pattern.
    variables: BTreeMap<String, String>,
    upstream: Option<Table>,
    /// What proved the weakest of its files, once that is known.
    evidence: Option<Evidence>,
    /// `install`, `unpack` …
    action: (&'static str, Value),
    architectures: &'a [Architecture],
}

pub(super) fn add<'spec>(
    asked: &Asked<'_>,
    draft: &Draft<'spec>,
    arguments: &AddDownload,
) -> anyhow::Result<Added<'spec>> {
    let mut entry = Entry {
        name: name(arguments)?,
        url: for_all(&arguments.url, &asked.stack.architectures),
        version: None,
        variables: BTreeMap::new(),
        upstream: upstream_of(&arguments.upstream)?,
        evidence: None,
        action: action(arguments)?,
        architectures: &asked.stack.architectures,
    };
    ensure!(
        draft.table().get("downloads").and_then(|all| all.get(&entry.name)).is_none(),
        "{} has the download `{}` already: `rdspec bump` moves it, `--name` gives this one another name",
        draft.display_file(),
        entry.name
    );
    let mut release = None;
    if entry.upstream.is_some() {
        let probe = compiled(asked, &entry.written(draft, &BTreeMap::new())?)?;
        let download = entry.found(&probe, draft)?;
        let upstream = download.upstream.as_ref().context("its `upstream` was lost")?;
        match version(asked, &entry.url, upstream) {
            Ok(found) => {
                entry.url = placed(&entry.url, &found.version, "{{ version }}");
                for (name, value) in &found.captures {
                    entry.url = placed(&entry.url, value, &format!("{{{{ {name} }}}}"));
                }
                entry.version = Some(found.version);
                entry.variables = found.captures;
                release = Some(found.release);
            }
            Err(problem) => return Ok(Err(problem)),
        }
    }
    let probe = compiled(asked, &entry.written(draft, &BTreeMap::new())?)?;
    let mut sums = BTreeMap::new();
    let mut proven: BTreeMap<&str, Proven> = BTreeMap::new();
    let download = entry.found(&probe, draft)?;
    for artifact in &download.artifacts {
        let url = artifact.urls.first().map_or("", |url| url.text.as_str());
        let one = match proven.get(url) {
            Some(known) => known.clone(),
            None => match prove(&asked.http, download.upstream.as_ref(), url, release.as_ref()) {
                Ok(one) => one,
                Err(unproven) => return Ok(Err(problem(url, unproven))),
            },
        };
        let said =
            format!("{url} has {} and {} bytes; evidence: {}", one.sha256, one.size, one.evidence);
        if proven.insert(url, one.clone()).is_none() {
            asked.session.say(&printable(&said));
        }
        sums.insert(artifact.architecture, one.sha256.hexadecimal());
    }
    entry.evidence = proven.values().map(|one| one.evidence).min();
    Ok(Ok(entry.written(draft, &sums)?))
}

impl Entry<'_> {
    /// The component with the entry.
    fn written<'spec>(
        &self,
        draft: &Draft<'spec>,
        sums: &BTreeMap<Architecture, String>,
    ) -> anyhow::Result<Draft<'spec>> {
        let mut draft = draft.clone();
        let sum =
            |one: &Architecture| Value::String(sums.get(one).cloned().unwrap_or_else(unknown));
        let differs = self.url.contains("{{ arch }}") || self.url.contains("{{ machine }}");
        let sha256 = match self.architectures {
            several if differs => {
                let sums = several.iter().map(|one| (one.name().to_owned(), sum(one)));
                Value::Table(sums.collect())
            }
            one => one.first().map_or_else(|| Value::String(unknown()), sum),
        };
        let fields = [
            ("version", self.version.clone().map(Value::String)),
            ("variables", self.variables_written()),
            ("url", Some(Value::String(self.url.clone()))),
            ("sha256", Some(sha256)),
            ("evidence", self.evidence.map(|evidence| Value::String(evidence.name().to_owned()))),
            ("upstream", self.upstream.clone().map(Value::Table)),
            (self.action.0, Some(self.action.1.clone())),
        ];
        let fields = fields.into_iter().filter_map(|(key, value)| Some((key, value?)));
        draft.add(&["downloads", &self.name], fields.collect())?;
        Ok(draft)
    }

    fn variables_written(&self) -> Option<Value> {
        let entries = self.variables.iter();
        let table: Table =
            entries.map(|(name, value)| (name.clone(), Value::String(value.clone()))).collect();
        (!table.is_empty()).then_some(Value::Table(table))
    }

    /// The download in what the spec compiles to.
    fn found<'a>(&self, output: &'a Output, draft: &Draft<'_>) -> anyhow::Result<&'a Download> {
        let own = output.stack.components().filter(|one| one.name.as_str() == draft.component);
        let mut downloads = own.flat_map(|component| &component.downloads);
        downloads
            .find(|download| download.name.as_str() == self.name)
            .with_context(|| format!("no image has the component `{}`", draft.component))
    }
}

/// What the spec compiles to with the entry as it is so far; mistakes in it are said.
fn compiled(asked: &Asked<'_>, draft: &Draft<'_>) -> anyhow::Result<Output> {
    let files = draft.after();
    let compiled = compile(&files)?;
    if compiled.output.is_none() {
        asked.session.report(&compiled.diagnostics, &files);
    }
    compiled.output.context("the entry has errors; nothing was written")
}

/// A version that an upstream lists.
struct Named {
    version: String,
    captures: BTreeMap<String, String>,
    release: Release,
}

/// The version of the upstream that the address names, with all that its tag says. Of several that fit, the longest is
/// meant.
fn version(asked: &Asked<'_>, url: &str, upstream: &Upstream) -> Result<Named, Problem> {
    let wrong = |text: String, help: &str| Problem {
        help: Some(help.to_owned()),
        status: WRONG,
        ..unusable(&text)
    };
    let Some(source) = upstream::of(upstream, &asked.addresses) else {
        return Err(unusable("versions of this kind of upstream are not looked up yet"));
    };
    let releases = source.releases(&asked.http)?;
    let scheme = Scheme::of(&upstream.source.value);
    let rules = Rules::of(upstream, scheme, "0.0.0").map_err(|why| unusable(&why))?;
    let candidates = candidates::of(&rules, &releases);
    let captures = |at: usize| candidates.captures.get(&at).cloned().unwrap_or_default();
    let named = candidates.listed.iter().filter(|one| named_by(url, one.version.as_str()));
    let has_all = |at: usize| captures(at).values().all(|value| named_by(url, value));
    let Some(listed) = named.max_by_key(|one| (has_all(one.at), one.version.as_str().len())) else {
        let text = format!(
            "the address names none of the {} versions that the upstream lists",
            candidates.listed.len()
        );
        return Err(wrong(
            text,
            "give the address of one version, and see whether `tag` fits its tags",
        ));
    };
    let captures = captures(listed.at);
    if let Some((name, value)) = captures.iter().find(|(_, value)| !named_by(url, value)) {
        let text = format!(
            "the tag pattern captures `{name}`, which is {value:?} for {}, and the address has no such part",
            listed.version
        );
        return Err(wrong(text, "leave the capture out of `tag`: write (?:…)"));
    }
    match releases.get(listed.at) {
        Some(release) => {
            Ok(Named { version: listed.version.to_string(), captures, release: release.clone() })
        }
        None => Err(unusable("the release was lost")),
    }
}

fn problem(url: &str, unproven: Unproven) -> Problem {
    match unproven {
        Unproven::Lacking(why) => unusable(&format!("{url}: {why}")),
        Unproven::Failure(failure) => failure.into(),
        Unproven::Wrong(problem) => problem,
    }
}

/// An address for every architecture of the stack: where it names one and there are several, it names any.
fn for_all(url: &str, architectures: &[Architecture]) -> String {
    if url.contains("{{") || architectures.len() < 2 {
        return url.to_owned();
    }
    for one in architectures {
        for (word, variable) in [(one.name(), "{{ arch }}"), (one.machine(), "{{ machine }}")] {
            if url.contains(word) {
                return url.replace(word, variable);
            }
        }
    }
    url.to_owned()
}

fn name(arguments: &AddDownload) -> anyhow::Result<String> {
    let given = arguments.name.clone();
    let name = given.unwrap_or_else(|| super::name::of_file(&arguments.url));
    match Name::parse(&name) {
        Ok(_) => Ok(name),
        Err(problem) => bail!("the download {name:?} {problem}: give it a name with --name"),
    }
}

/// The table `upstream`, from keys with their values.
fn upstream_of(pairs: &[String]) -> anyhow::Result<Option<Table>> {
    let mut table = Table::new();
    for pair in pairs {
        let Some((key, value)) = pair.split_once('=') else {
            bail!("{pair:?} is no KEY=VALUE of an upstream, such as github=owner/tool");
        };
        let value = match (key, value) {
            ("prerelease", "true") => Value::Boolean(true),
            ("prerelease", "false") => Value::Boolean(false),
            ("ignore", value) => Value::Array(vec![Value::String(value.to_owned())]),
            (_, value) => Value::String(value.to_owned()),
        };
        if table.insert(key.to_owned(), value).is_some() {
            bail!("`{key}` of the upstream is given twice");
        }
    }
    Ok((!table.is_empty()).then_some(table))
}

/// What is done with the file.
fn action(arguments: &AddDownload) -> anyhow::Result<(&'static str, Value)> {
    let path = arguments.url.split(['?', '#']).next().unwrap_or_default();
    let to = |path: &str| ("to".to_owned(), Value::String(path.to_owned()));
    if let Some(path) = &arguments.install {
        let mode = ("mode".to_owned(), Value::String("0755".to_owned()));
        return Ok(("install", Value::Table(Table::from_iter([to(path), mode]))));
    }
    if let Some(path) = &arguments.unpack {
        let strip = arguments.strip.map(|strip| ("strip".to_owned(), Value::Integer(strip.into())));
        return Ok(("unpack", Value::Table([to(path)].into_iter().chain(strip).collect())));
    }
    if arguments.script {
        return Ok(("script", Value::Boolean(true)));
    }
    if arguments.deb || path.rsplit('.').next() == Some("deb") {
        return Ok(("deb", Value::Boolean(true)));
    }
    bail!("say what is done with the file: --install PATH, --unpack PATH, --deb or --script")
}
