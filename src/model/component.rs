//! A component: everything that one file of the spec owns, for one variant.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;

use super::account::{Account, Group, PrimaryGroup};
use super::apt::Apt;
use super::conda::Conda;
use super::download::Download;
use super::locale::Locales;
use super::mode::DirectoryMode;
use super::names::{Duration, Line, Mode, Name, PackageName, Signal, UserName};
use super::npm::Npm;
use super::path::{AbsolutePath, LinkTarget};
use super::pip::Pip;
use super::r::R;
use super::route::Route;
use super::secret::SecretName;
use super::service::Service;
use super::shortcut::Shortcut;
use super::sudo::SudoRule;
use super::upstream::Upstream;
use crate::source::{Span, Spanned};

/// Values that the environment of a container or a process has.
pub type Environment = BTreeMap<super::names::EnvironmentName, Line>;

/// How often something changes; the apt packages of an image are installed once for each class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeClass {
    /// Seldom: a few times a year.
    Stable,
    /// Now and then.
    Normal,
    /// Often: browsers, tools that release weekly.
    Volatile,
}

impl ChangeClass {
    /// All classes, in the order of their layers.
    pub const ALL: [Self; 3] = [Self::Stable, Self::Normal, Self::Volatile];

    /// The name in the spec.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::Normal => "normal",
            Self::Volatile => "volatile",
        }
    }
}

/// A component of an image.
#[derive(Debug)]
pub struct Component {
    /// Its name, which is its file's.
    pub name: Name,
    /// Its file, as headers name it: `spec/components/nginx.toml`.
    pub origin: String,
    /// One line about it.
    pub summary: Line,
    /// How often it changes.
    pub change_class: ChangeClass,
    /// Where its file begins, for findings about it as a whole.
    pub span: Span,
    /// Components, or names that they provide, that have to be in the chain, with the place of each. Their layers
    /// come before its own.
    pub needs: Vec<(Name, Span)>,
    /// Components, or names that they provide, whose layers come before its own where the image has them.
    pub after: Vec<(Name, Span)>,
    /// Further names by which `needs` and `after` of others find it.
    pub provides: Vec<(Name, Span)>,
    /// Groups that it brings.
    pub groups: Vec<Arc<Group>>,
    /// Accounts of its services.
    pub accounts: Vec<Arc<Account>>,
    /// Debian packages.
    pub packages: Vec<Spanned<PackageName>>,
    /// What else it asks of apt.
    pub apt: Apt,
    /// Whether recommended packages come along.
    pub recommends: bool,
    /// Which versions of its pinned packages are taken, by their names.
    pub bump: Vec<(Spanned<String>, Upstream)>,
    /// Pinned downloads.
    pub downloads: Vec<Download>,
    /// Locales to generate.
    pub locales: Option<Locales>,
    /// A conda environment.
    pub conda: Option<Conda>,
    /// R packages.
    pub r: Option<R>,
    /// Node packages.
    pub npm: Option<Npm>,
    /// A Python environment.
    pub pip: Option<Pip>,
    /// Files that are copied into the image.
    pub files: Vec<File>,
    /// Symbolic links.
    pub links: Vec<Link>,
    /// Directories with a mode or an owner of their own.
    pub directories: Vec<Directory>,
    /// Shell to run while building.
    pub script: Option<Script>,
    /// Run-time variables, with the place of each.
    pub environment: Vec<(super::names::EnvironmentName, Line, Span)>,
    /// Run-time variables that are lists of paths, and what comes before the value of the parents.
    pub environment_prepend: Vec<(super::names::EnvironmentName, Vec<Line>, Span)>,
    /// Programs that supervisor keeps running.
    pub services: Vec<Arc<Service>>,
    /// Paths of the web server that lead to services.
    pub routes: Vec<Arc<Route>>,
    /// What users click.
    pub shortcuts: Vec<Arc<Shortcut>>,
    /// Exact command lines that the user may run as somebody else.
    pub sudo: Vec<SudoRule>,
    /// Where the first of them was declared.
    pub sudo_span: Span,
    /// Properties of the container.
    pub runtime: Runtime,
    /// Command lines that prove that it works.
    pub checks: Vec<String>,
}

impl Component {
    /// Whether `needs` and `after` of others can mean it by this name.
    pub fn answers_to(&self, name: &Name) -> bool {
        self.name == *name || self.provides.iter().any(|(provided, _)| provided == name)
    }

    /// The groups that there are once it is installed, those of its accounts included.
    pub fn declared_groups(&self) -> impl Iterator<Item = &UserName> {
        let own = self.accounts.iter().filter(|a| matches!(a.group, PrimaryGroup::Own(_)));
        self.groups.iter().map(|group| &group.name).chain(own.map(|account| &account.name))
    }

    /// The directories outside of the home that belong to the image's user.
    pub fn places_of_user(&self) -> impl Iterator<Item = &AbsolutePath> {
        let directories = self.directories.iter().filter(|made| made.owner == Owner::User);
        let filled = self.script.iter().flat_map(|script| &script.writable);
        filled.chain(directories.map(|made| &made.path))
    }

    /// The downloads that are installed together with its packages.
    pub fn package_downloads(&self) -> impl Iterator<Item = &Download> {
        self.downloads.iter().filter(|download| download.is_package())
    }

    /// The downloads that its own script fetches.
    pub fn script_downloads(&self) -> impl Iterator<Item = &Download> {
        self.downloads.iter().filter(|download| !download.is_package())
    }

    /// Whether it brings something to the apt transaction of its change class.
    pub fn has_packages(&self) -> bool {
        !self.packages.is_empty()
            || self.package_downloads().next().is_some()
            || !self.apt.is_empty()
    }

    /// The new folders of its own that package managers other than apt fill, each with the place of its path.
    pub fn prefixes(&self) -> impl Iterator<Item = (&AbsolutePath, &Span)> {
        let npm = self.npm.iter().map(|npm| (&npm.prefix, &npm.prefix_span));
        let conda = self.conda.iter().map(|conda| (&conda.prefix, &conda.prefix_span));
        conda.chain(npm).chain(self.pip.iter().map(|pip| (&pip.prefix, &pip.prefix_span)))
    }

    /// Whether package managers other than apt work for it.
    pub fn has_managers(&self) -> bool {
        self.conda.is_some() || self.r.is_some() || self.npm.is_some() || self.pip.is_some()
    }

    /// Whether it has a script, and so a layer, of its own.
    pub fn has_script(&self) -> bool {
        self.script.is_some()
            || self.locales.is_some()
            || self.has_managers()
            || self.script_downloads().next().is_some()
    }
}

/// Who owns a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// root:root
    Root,
    /// The image's user and group.
    User,
}

/// A file that is copied into the image.
#[derive(Debug)]
pub struct File {
    /// Where it lies in the image.
    pub path: AbsolutePath,
    /// Its bytes; of a template, its text.
    pub content: Bytes,
    /// The place of the text, where it is a template. What comes of it depends on the image:
    /// [`Image::rendered`](super::Image::rendered).
    pub template: Option<Span>,
    /// Its permission bits.
    pub mode: Mode,
    /// Its owner.
    pub owner: Owner,
    /// Where it was declared.
    pub span: Span,
}

/// A symbolic link.
#[derive(Debug)]
pub struct Link {
    /// Where it lies in the image.
    pub path: AbsolutePath,
    /// What it says: an absolute path, or one relative to the directory of the link.
    pub to: LinkTarget,
    /// Its owner: the user in the home, else root.
    pub owner: Owner,
    /// Where it was declared.
    pub span: Span,
}

/// A directory with a mode or an owner of its own.
#[derive(Debug)]
pub struct Directory {
    /// Where it lies in the image.
    pub path: AbsolutePath,
    /// Its permission bits.
    pub mode: DirectoryMode,
    /// Its owner.
    pub owner: Owner,
    /// Where it was declared.
    pub span: Span,
}

/// Shell to run while building.
#[derive(Debug)]
pub struct Script {
    /// bash, without a shebang.
    pub body: String,
    /// bash that takes back what the body did, where the spec says it. No image gets it: `rdspec dev` runs it.
    pub undo: Option<String>,
    /// Who runs it.
    pub user: Owner,
    /// Paths that it fills and that the image's user may write.
    pub writable: Vec<AbsolutePath>,
    /// Resource files that it reads: name below the component's resources, and bytes.
    pub inputs: Vec<(String, Bytes)>,
    /// Files that it reads and that no layer gets, sorted.
    pub secrets: Vec<SecretName>,
    /// Variables that it sees.
    pub environment: Environment,
}

/// Properties of the container: OCI image spec, "image configuration".
#[derive(Debug, Default)]
pub struct Runtime {
    /// What runs first.
    pub entrypoint: Option<(Vec<Line>, Span)>,
    /// Its arguments.
    pub command: Option<(Vec<Line>, Span)>,
    /// TCP ports that it listens on.
    pub ports: Vec<(u16, Span)>,
    /// Directories that are no part of the image once a container runs.
    pub volumes: Vec<(AbsolutePath, Span)>,
    /// Where it starts.
    pub working_directory: Option<(AbsolutePath, Span)>,
    /// What stops it.
    pub stop_signal: Option<(Signal, Span)>,
    /// What asks it whether it is well.
    pub healthcheck: Option<(Healthcheck, Span)>,
}

/// How an engine asks a container whether it is well (Dockerfile reference, HEALTHCHECK).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Healthcheck {
    /// The command; exit status 0 is well.
    pub command: Vec<Line>,
    /// Time between two questions.
    pub interval: Duration,
    /// Time after which a question counts as a failure.
    pub timeout: Duration,
    /// Time at the start in which failures do not count, if there is any.
    pub start_period: Option<Duration>,
    /// How many failures in a row are ill.
    pub retries: u32,
}
