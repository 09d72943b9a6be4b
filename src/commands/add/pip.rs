//! `rdspec add pip`: entries of `[pip.packages]`, each with the sum of every wheel that may serve.

use anyhow::{bail, ensure};
use toml::{Table, Value};

use super::draft::Draft;
use super::{Added, Asked};
use crate::bump::candidates;
use crate::bump::pins::Rules;
use crate::bump::wheels::Interpreter;
use crate::cli::add::AddPip;
use crate::commands::printable::printable;
use crate::commands::problem::{Problem, unusable};
use crate::commands::{VERIFICATION_FAILED, WRONG, jobs};
use crate::image::digest::Digest;
use crate::model::pip::{PythonName, PythonVersion};
use crate::model::upstream::Evidence;
use crate::upstream::http::Http;
use crate::upstream::{Addresses, Release, ReleaseFile, python_project};
use crate::versions::choice::{Choice, Policy, choose, newest_first};
use crate::versions::range::Range;
use crate::versions::{Scheme, Version};

/// The interpreter of an environment that names none.
const PYTHON: &str = "/usr/bin/python3";

/// A version of a package, with the sums of its wheels.
struct Pinned {
    name: String,
    version: String,
    wheels: Vec<Wheel>,
}

/// A wheel that was downloaded here.
struct Wheel {
    name: String,
    sum: Digest,
    evidence: Evidence,
}

pub(super) fn add<'spec>(
    asked: &Asked<'_>,
    mut draft: Draft<'spec>,
    arguments: &AddPip,
) -> anyhow::Result<Added<'spec>> {
    let table = draft.table();
    let pip = table.get("pip").and_then(Value::as_table);
    check(&draft, pip, arguments)?;
    let text = |key: &str| pip.and_then(|pip| pip.get(key)).and_then(Value::as_str);
    let mut addresses = asked.addresses.clone();
    addresses.pypi = text("index").map(str::to_owned).or(addresses.pypi);
    if addresses.pypi.is_none() {
        bail!(
            "no package index is configured, and deps.dev knows no wheels: `pip config set global.index-url`, or `index` of [pip]"
        );
    }
    let interpreter = Interpreter::of(text("python").unwrap_or(PYTHON));
    let look = Look { asked, addresses: &addresses, interpreter };
    let pinned = jobs::map(&arguments.names, |name| look.pinned(name));
    let mut all = Vec::new();
    for one in pinned {
        match one {
            Ok(one) => all.push(one),
            Err(problem) => return Ok(Err(problem)),
        }
    }
    if let Some(prefix) = &arguments.prefix {
        draft.set(&["pip", "prefix"], Value::String(prefix.clone()))?;
    }
    for one in all {
        let sums = one.wheels.iter().map(|wheel| Value::String(wheel.sum.hexadecimal()));
        let sums = sums.collect();
        let version = Value::String(one.version.clone());
        let entry = vec![("version", version), ("sha256", Value::Array(sums))];
        draft.add(&["pip", "packages", &one.name], entry)?;
        for Wheel { name, sum, evidence } in &one.wheels {
            let said = format!("{name} has {sum}; evidence: {evidence}");
            asked.session.say(&printable(&said));
        }
    }
    Ok(Ok(draft))
}

/// What can be said without asking anybody.
fn check(draft: &Draft<'_>, pip: Option<&Table>, arguments: &AddPip) -> anyhow::Result<()> {
    let file = draft.display_file();
    let packages = pip.and_then(|pip| pip.get("packages")).and_then(Value::as_table);
    if let Some(requirements) = pip.and_then(|pip| pip.get("requirements")) {
        bail!("what pip installs for `{}` is in {requirements}: add it there", draft.component);
    }
    let has_prefix = pip.is_some_and(|pip| pip.contains_key("prefix"));
    ensure!(
        has_prefix || arguments.prefix.is_some(),
        "{file} has no [pip] yet: say where its environment is to be, --prefix /opt/{}",
        draft.component
    );
    ensure!(
        !has_prefix || arguments.prefix.is_none(),
        "the environment of {file} has its place already: leave out --prefix"
    );
    let mut names: Vec<String> = Vec::new();
    for (name, version) in arguments.names.iter().map(|name| apart(name)) {
        let checked = PythonName::parse(name);
        let checked =
            checked.map_err(|problem| anyhow::anyhow!("the package {name:?} {problem}"))?;
        if let Some(Err(problem)) = version.map(PythonVersion::parse) {
            bail!("the version of `{name}` {problem}");
        }
        let normalized = checked.normalized();
        let is_it = |known: &String| {
            PythonName::parse(known).is_ok_and(|known| known.normalized() == normalized)
        };
        ensure!(
            !packages.is_some_and(|packages| packages.keys().any(is_it)),
            "{file} has the package `{name}` already: `rdspec bump` moves it"
        );
        ensure!(!names.contains(&normalized), "`{name}` is named twice");
        names.push(normalized);
    }
    Ok(())
}

/// A name, and the version behind `==`.
fn apart(text: &str) -> (&str, Option<&str>) {
    match text.split_once("==") {
        Some((name, version)) => (name.trim(), Some(version.trim())),
        None => (text, None),
    }
}

/// Whom to ask, and for which interpreter.
struct Look<'a> {
    asked: &'a Asked<'a>,
    addresses: &'a Addresses,
    interpreter: Interpreter,
}

impl Look<'_> {
    fn pinned(&self, text: &str) -> Result<Pinned, Problem> {
        let (name, wanted) = apart(text);
        let releases = python_project(name, self.addresses).releases(&self.asked.http)?;
        let release = self.chosen(name, wanted, &releases)?;
        let wheels: Vec<&ReleaseFile> = self.wheels(release).collect();
        if wheels.is_empty() {
            let names: Vec<&str> = release.files.iter().map(|file| file.name.as_str()).collect();
            let text = format!(
                "{name} {} has no wheel for this stack, and nothing else is installed; it has {}",
                release.name,
                names.join(", ")
            );
            return Err(unusable(&text));
        }
        let wheels: Result<Vec<_>, Problem> =
            jobs::map(&wheels, |wheel| proven(&self.asked.http, wheel)).into_iter().collect();
        Ok(Pinned { name: name.to_owned(), version: release.name.clone(), wheels: wheels? })
    }

    /// The wheels of a version that may serve.
    fn wheels<'a>(&self, release: &'a Release) -> impl Iterator<Item = &'a ReleaseFile> {
        let architectures = &self.asked.stack.architectures;
        let files = release.files.iter();
        files.filter(|file| self.interpreter.is_served(&file.name, architectures))
    }

    /// The version that is asked for, else the newest that is out for long enough, not withdrawn and finished.
    fn chosen<'a>(
        &self,
        name: &str,
        wanted: Option<&str>,
        releases: &'a [Release],
    ) -> Result<&'a Release, Problem> {
        let version = |text: &str| Version::parse(text, Scheme::Python);
        // Every version is newer than none, and none is too far away.
        let (Ok(current), Ok(all)) = (version("0"), Range::parse(">=0", Scheme::Python)) else {
            return Err(unusable("no version is wanted"));
        };
        let policy =
            Policy { allow: Some(all), minimum_age: self.asked.minimum_age, ..Policy::default() };
        let rules = Rules { scheme: Scheme::Python, current, tag: None, policy };
        let listed = candidates::of(&rules, releases).listed;
        if let Some(wanted) = wanted {
            let same = version(wanted)
                .ok()
                .and_then(|version| listed.iter().find(|one| one.version == version));
            let release = same.and_then(|listed| releases.get(listed.at));
            return release.ok_or_else(|| Problem {
                help: crate::diagnostic::suggest::help(
                    wanted,
                    listed.iter().map(|one| one.version.as_str()),
                ),
                status: WRONG,
                ..unusable(&format!("the index lists no version {wanted} of {name}"))
            });
        }
        let Choice { open, mut held } =
            choose(&listed, &rules.current, &rules.policy, self.asked.now);
        for listed in open {
            let Some(release) = releases.get(listed.at) else { continue };
            match rules.policy.waits(release.since(self.wheels(release)), self.asked.now) {
                None => return Ok(release),
                Some(why) => held.push((listed, why)),
            }
        }
        newest_first(&mut held);
        let held = held.iter().take(3);
        let held: Vec<String> =
            held.map(|(one, why)| format!("{} is held: {}", one.version, why.describe())).collect();
        let why = if held.is_empty() { "it lists none".to_owned() } else { held.join("; ") };
        Err(unusable(&format!("the index has no version of {name} that can be taken: {why}")))
    }
}

/// A wheel, downloaded and hashed here, that is what the index says.
fn proven(http: &Http, wheel: &ReleaseFile) -> Result<Wheel, Problem> {
    let downloaded = http.download(&wheel.url, &mut std::io::sink())?;
    let problem = |text: String| Problem {
        message: text,
        help: Some("do not use it before you know why: ask whoever runs the index".to_owned()),
        status: VERIFICATION_FAILED,
    };
    let (sum, evidence) = match wheel.sha256 {
        Some(said) if said == downloaded.sha256 => (said, Evidence::Api),
        Some(said) => {
            return Err(problem(format!(
                "{} has {}, and the index says {said}",
                wheel.name, downloaded.sha256
            )));
        }
        None => (downloaded.sha256, Evidence::None),
    };
    Ok(Wheel { name: wheel.name.clone(), sum, evidence })
}
