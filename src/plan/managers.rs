//! Package managers other than apt, as a component's script calls them: each fills a folder of its own.

use serde::Serialize;

use super::{Content, Mount};
use crate::model::component::Component;
use crate::model::download::Url;
use crate::model::pip::{self, Requirements};
use crate::model::{conda, npm, r};

/// Where the cache of conda is mounted.
pub const CONDA: &str = "/run/conda";

/// Where the cache of npm is mounted.
pub const NPM: &str = "/run/npm";

/// Where the cache of pip is mounted.
pub const PIP: &str = "/run/pip";

/// Where a file of the build context is mounted that a package manager reads: a file, since the empty directory below a
/// mount stays in the layer of some engines.
fn target(component: &str, file: &str) -> String {
    format!("/run/{component}.{file}")
}

/// What the package managers of a component see: files of the build context, and caches. Only one build at a time has a
/// cache, since not all of these programs lock their own; `release` is that of the base image.
pub(super) fn mounts(component: &Component, release: &str) -> (Vec<(String, Content)>, Vec<Mount>) {
    let name = component.name.as_str();
    let mut context = Vec::new();
    let mut mounts = Vec::new();
    let mut file = |file: &str, content: Content| {
        let source = format!("resources/packages/{name}/{file}");
        mounts.push(Mount::Bind { source: source.clone(), target: target(name, file) });
        context.push((source, content));
    };
    let mut caches = Vec::new();
    let cache = |program: &str, target| Mount::Cache {
        id: format!("{program}-{release}"),
        target,
        locked: true,
    };
    if component.conda.is_some() {
        caches.push(cache("conda", CONDA));
    }
    if let Some(npm) = &component.npm {
        if let npm::Install::Lock { manifest, lock, .. } = &npm.install {
            file(MANIFEST, Content::Verbatim(manifest.clone()));
            file(LOCK, Content::Verbatim(lock.clone()));
        }
        caches.push(cache("npm", NPM));
    }
    if let Some(pip) = &component.pip {
        file(REQUIREMENTS, requirements(&component.origin, &pip.requirements));
        caches.push(cache("pip", PIP));
    }
    mounts.extend(caches);
    (context, mounts)
}

/// The file names of npm's manifest and lock.
const MANIFEST: &str = "package.json";
const LOCK: &str = "package-lock.json";

/// The file name of pip's requirements.
const REQUIREMENTS: &str = "requirements.txt";

fn requirements(origin: &str, requirements: &Requirements) -> Content {
    match requirements {
        Requirements::File(bytes, _) => Content::Verbatim(bytes.clone()),
        Requirements::Packages(packages) => Content::Requirements {
            origin: origin.to_owned(),
            packages: packages.iter().map(Requirement::of).collect(),
        },
    }
}

/// A line of pip's requirements.
#[derive(Debug, Serialize)]
pub struct Requirement {
    /// The package.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The SHA-256 of each file that may serve.
    pub sha256: Vec<String>,
}

impl Requirement {
    fn of(package: &pip::Requirement) -> Self {
        Self {
            name: package.name.to_string(),
            version: package.version.to_string(),
            sha256: package.sha256.iter().map(ToString::to_string).collect(),
        }
    }
}

/// What package managers do in a component's script, in this order.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Managers {
    /// A conda environment.
    pub conda: Option<Conda>,
    /// R packages.
    pub r: Option<R>,
    /// Node packages.
    pub npm: Option<Npm>,
    /// A virtual environment of Python.
    pub pip: Option<Pip>,
}

impl Managers {
    pub(super) fn of(component: &Component) -> Self {
        let name = component.name.as_str();
        Self {
            conda: component.conda.as_ref().map(Conda::of),
            r: component.r.as_ref().map(R::of),
            npm: component.npm.as_ref().map(|npm| Npm::of(npm, name)),
            pip: component.pip.as_ref().map(|pip| Pip::of(pip, name)),
        }
    }
}

/// A conda environment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Conda {
    /// conda, mamba or micromamba.
    pub program: String,
    /// The folder of the environment.
    pub prefix: String,
    /// Channels, in the order in which they count.
    pub channels: Vec<String>,
    /// Packages, sorted.
    pub packages: Vec<CondaPackage>,
    /// Where the cache is mounted.
    pub cache: &'static str,
}

/// A package of a conda environment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct CondaPackage {
    /// What conda is asked for.
    pub specification: String,
    /// The beginning of the name of what it writes down when it has done it.
    pub record: String,
}

impl Conda {
    fn of(conda: &conda::Conda) -> Self {
        let packages = conda.packages.iter().map(|package| CondaPackage {
            specification: package.specification(),
            record: package.record(),
        });
        Self {
            program: conda.program.to_string(),
            prefix: conda.prefix.to_string(),
            channels: conda.channels.iter().map(ToString::to_string).collect(),
            packages: packages.collect(),
            cache: CONDA,
        }
    }
}

/// R packages.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct R {
    /// Rscript.
    pub program: String,
    /// The folder of the library.
    pub library: String,
    /// The address of the repository.
    pub repository: String,
    /// Packages, sorted.
    pub packages: Vec<RPackage>,
}

/// A package of R.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct RPackage {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its folder in the library.
    pub folder: String,
}

impl R {
    fn of(r: &r::R) -> Self {
        let packages = r.packages.iter().map(|package| RPackage {
            name: package.name.to_string(),
            version: package.version.to_string(),
            folder: package.folder.to_string(),
        });
        Self {
            program: r.program.to_string(),
            library: r.library.to_string(),
            repository: address(&r.repository),
            packages: packages.collect(),
        }
    }
}

/// Node packages.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Npm {
    /// npm.
    pub program: String,
    /// Where npm and its interpreter lie.
    pub folder: String,
    /// The folder of the packages.
    pub prefix: String,
    /// Whether install scripts run.
    pub scripts: bool,
    /// Where the manifest is mounted, if there is a lock.
    pub manifest: Option<String>,
    /// Where the lock is mounted, if there is one.
    pub lock: Option<String>,
    /// `name@version` of each package, if there is no lock.
    pub packages: Vec<String>,
    /// Where the cache is mounted.
    pub cache: &'static str,
}

impl Npm {
    fn of(npm: &npm::Npm, component: &str) -> Self {
        let packages = match &npm.install {
            npm::Install::Packages(packages) => packages.as_slice(),
            npm::Install::Lock { .. } => &[],
        };
        let file = |file: &str| {
            let is_locked = matches!(npm.install, npm::Install::Lock { .. });
            is_locked.then(|| target(component, file))
        };
        Self {
            program: npm.program.to_string(),
            folder: npm.program.ancestors().pop().map_or_else(String::new, |path| path.to_string()),
            prefix: npm.prefix.to_string(),
            scripts: npm.scripts,
            manifest: file(MANIFEST),
            lock: file(LOCK),
            packages: packages.iter().map(|(name, version)| format!("{name}@{version}")).collect(),
            cache: NPM,
        }
    }
}

/// A virtual environment of Python.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Pip {
    /// Its folder.
    pub prefix: String,
    /// The interpreter.
    pub python: String,
    /// Whether the interpreter's own packages are visible.
    pub system_packages: bool,
    /// Where the requirements are mounted.
    pub requirements: String,
    /// Whether the requirements name everything that their packages depend on.
    pub is_complete: bool,
    /// The package index.
    pub index: Option<String>,
    /// Where the cache is mounted.
    pub cache: &'static str,
}

impl Pip {
    fn of(pip: &pip::Pip, component: &str) -> Self {
        Self {
            prefix: pip.prefix.to_string(),
            python: pip.python.to_string(),
            system_packages: pip.system_packages,
            requirements: target(component, REQUIREMENTS),
            is_complete: matches!(pip.requirements, Requirements::File(..)),
            index: pip.index.as_ref().map(address),
            cache: PIP,
        }
    }
}

fn address(url: &Url) -> String {
    url.text.clone()
}
