//! The packages that managers other than apt install for a component.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Bringer, Kind, Package, PackageFile, Source, Sum, Version};
use crate::model::component::Component;
use crate::model::npm::{Install, Locked};
use crate::model::pip::{Pip, Requirements};
use crate::source::Span;

/// What the managers of a component install: what the spec lists, and what a file of requirements or a lock names.
pub(super) fn of(component: &Component) -> Vec<Package<'_>> {
    let mut packages = Vec::new();
    let mut add = |kind, name: String, version: Option<&str>, source, files, span| {
        packages.push(Package {
            kind,
            name,
            version: version.map_or(Version::Unsaid, |text| Version::Pinned(text.to_owned())),
            source,
            license: None,
            files,
            brought_by: vec![Bringer { component: Some(component), span: Some(span) }],
        });
    };
    if let Some(pip) = &component.pip {
        for (name, version, sums, span) in python(pip) {
            let files = sums.into_iter().map(|sum| file(None, Sum::Sha256(sum))).collect();
            let source = Source::PythonIndex(pip.index.as_ref());
            add(Kind::Python, name, Some(version), source, files, span);
        }
    }
    if let Some(npm) = &component.npm {
        for (name, version) in npm.packages() {
            let version_text = Some(version.value.as_str());
            let name = name.to_string();
            add(Kind::Node, name, version_text, Source::NodeRegistry, Vec::new(), &version.span);
        }
        if let Install::Lock { packages, .. } = &npm.install {
            for locked in packages {
                let files = locked_file(locked).into_iter().collect();
                let (name, version) = (locked.name.clone(), locked.version.as_deref());
                add(Kind::Node, name, version, Source::NodeRegistry, files, &npm.span);
            }
        }
    }
    if let Some(conda) = &component.conda {
        for package in &conda.packages {
            let source = Source::Channels(&conda.channels);
            let version = Some(package.version.as_str());
            add(Kind::Conda, package.name.to_string(), version, source, Vec::new(), &conda.span);
        }
    }
    if let Some(r) = &component.r {
        for package in &r.packages {
            let source = Source::RRepository(&r.repository);
            let version = Some(package.version.as_str());
            add(Kind::R, package.name.to_string(), version, source, Vec::new(), &package.span);
        }
    }
    packages
}

/// Name, version and sums of each package of an environment, with its place.
fn python(pip: &Pip) -> Vec<(String, &str, Vec<String>, &Span)> {
    match &pip.requirements {
        Requirements::Packages(packages) => packages
            .iter()
            .map(|package| {
                let sums = package.sha256.iter().map(ToString::to_string).collect();
                let version = &package.version;
                (package.name.to_string(), version.value.as_str(), sums, &version.span)
            })
            .collect(),
        Requirements::File(_, packages) => packages
            .iter()
            .map(|package| {
                let sums = package.sha256.iter().map(ToString::to_string).collect();
                (package.name.to_string(), package.version.as_str(), sums, &pip.span)
            })
            .collect(),
    }
}

fn file(url: Option<&str>, sum: Sum) -> PackageFile<'_> {
    PackageFile { architecture: None, urls: url.into_iter().collect(), sum }
}

/// The archive of a locked package: where it is, and its sum, which a lock writes in base64.
fn locked_file(locked: &Locked) -> Option<PackageFile<'_>> {
    let digits = locked.integrity.as_ref()?.strip_prefix("sha512-")?;
    let bytes = STANDARD.decode(digits).ok()?;
    let hex = bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        for nibble in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(nibble.into(), 16));
        }
        text
    });
    Some(file(locked.url.as_deref(), Sum::Sha512(hex)))
}
