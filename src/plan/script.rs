//! The scripts of RUN layers: what each does, as data.

mod leftovers;

use serde::Serialize;

use super::accounts::Accounts;
use super::download::Fetch;
use super::managers::Managers;
use crate::model::Component;
use crate::model::component::Owner;
use crate::model::locale::Locales;
use crate::model::secret::SecretName;
use crate::model::stack::{Stack, User};

/// Where the apt cache is mounted.
pub const APT: &str = "/run/apt";

/// The folder of the sudo rules in a build context.
pub const SUDOERS_SOURCE: &str = "resources/sudoers";

/// Where the sudo rules are mounted. The name is none of a component's script or inputs.
pub const SUDOERS_TARGET: &str = "/run/sudoers.rules";

/// Where the inputs of a component's script are mounted.
pub fn inputs_target(component: &str) -> String {
    format!("/run/{component}.inputs")
}

/// Where a secret of a component's script is mounted. The name is none of a component's script or inputs.
pub fn secret_target(component: &str, secret: &SecretName) -> String {
    format!("/run/{component}.secret.{secret}")
}

/// A script in the build context.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Script {
    /// Its file name.
    pub name: String,
    /// The spec folder or file that a reader of the script should edit.
    pub origin: String,
    /// What "now" is for everything that the script runs.
    pub source_date_epoch: u64,
    /// Variables of the parents' containers, which are none of the build's.
    pub inherited: Vec<String>,
    /// What it does.
    pub kind: ScriptKind,
}

impl Script {
    pub(crate) fn new(stack: &Stack, name: String, inherited: &[String], kind: ScriptKind) -> Self {
        let origin = match &kind {
            ScriptKind::Component(component) => component.origin.clone(),
            ScriptKind::User(script) => script.origin.clone(),
            _ => format!("{}/", stack.root),
        };
        // The user's part starts from what its component's script has set.
        let inherited = match &kind {
            ScriptKind::User(_) => Vec::new(),
            _ => inherited.to_vec(),
        };
        Self { name, origin, source_date_epoch: stack.source_date_epoch, inherited, kind }
    }
}

/// What a script does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ScriptKind {
    /// Installs packages.
    Apt(Apt),
    /// Makes the user, groups and accounts.
    Users(Accounts),
    /// Fetches downloads, runs the component's own shell, hands over what it made for the user.
    Component(Box<ComponentScript>),
    /// The component's own shell, where it runs as the user.
    User(UserScript),
    /// Installs sudo rules.
    Sudoers {
        /// File names below [`SUDOERS_TARGET`] and /etc/sudoers.d.
        rules: Vec<String>,
    },
    /// Makes directories and symbolic links.
    Directories(Directories),
    /// Takes packages away, in a late layer.
    PackageRemoval(PackageRemoval),
    /// Changes groups and accounts, in a late layer.
    AccountChanges(AccountChanges),
    /// Takes files away, in a late layer.
    Removal(Removal),
}

/// Packages to install.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Apt {
    /// The day, or the time of the snapshot, of the packages.
    pub date: String,
    /// Whether they come from a snapshot.
    pub is_snapshot: bool,
    /// Whether they may take the place of other versions that are installed and held: in late layers.
    pub replaces: bool,
    /// Debian packages that are no archive's, in the order of their file names.
    pub downloads: Vec<Fetch>,
    /// Folders of translations that dpkg unpacks whatever the base image tells it, as patterns of glob(7); in a root
    /// image's first layer.
    pub locale_folders: Vec<String>,
    /// What is written before: files of repositories.
    pub repositories: Vec<RepositoryFiles>,
    /// Answers to debconf: lines of debconf-set-selections(1).
    pub selections: Vec<String>,
    /// Packages that are kept out, and purged where the base image has them; sorted.
    pub purge: Vec<String>,
    /// Packages that are held; sorted.
    pub hold: Vec<String>,
    /// The calls of apt-get.
    pub transactions: Vec<Transaction>,
}

/// The two files of a repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct RepositoryFiles {
    /// Its name.
    pub name: String,
    /// Where the key is while the script runs.
    pub key: String,
    /// Where the key goes.
    pub key_path: String,
    /// Where the description is while the script runs.
    pub sources: String,
    /// Where the description goes.
    pub sources_path: String,
}

/// One call of apt-get install.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Transaction {
    /// Whether recommended packages come along.
    pub recommends: bool,
    /// Package names, sorted.
    pub packages: Vec<String>,
    /// Files of the downloads, sorted.
    pub files: Vec<String>,
}

/// The user of the image.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Users {
    /// Login name.
    pub name: String,
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
    /// Home at run time.
    pub home: String,
    /// What fills it.
    pub skeleton: String,
    /// Login shell.
    pub shell: String,
}

impl Users {
    pub(super) fn of(user: &User) -> Self {
        Self {
            name: user.name.to_string(),
            uid: user.uid,
            gid: user.gid,
            home: user.home.to_string(),
            skeleton: user.skeleton.to_string(),
            shell: user.shell.to_string(),
        }
    }
}

/// Directories and symbolic links to make.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Directories {
    /// Directories, outermost first.
    pub directories: Vec<Directory>,
    /// Links, in the order of their paths.
    pub links: Vec<Link>,
    /// Whether the spec decides the mode and the owner of one of the directories.
    pub checks_directories: bool,
}

/// A directory to make where it does not exist.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Directory {
    /// Its path.
    pub path: String,
    /// Permission bits.
    pub mode: String,
    /// User and group id.
    pub owner: (u32, u32),
    /// Whether the spec decides mode and owner, so that another layer must not have made it otherwise.
    pub is_declared: bool,
}

/// A symbolic link to make.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Link {
    /// Its path.
    pub path: String,
    /// What it says.
    pub to: String,
    /// User and group id.
    pub owner: (u32, u32),
}

/// Packages to take away.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct PackageRemoval {
    /// Packages that nobody asks for any more, sorted.
    pub packages: Vec<String>,
    /// Debian packages that are no archive's; what their packages are called is in the files.
    pub downloads: Vec<Fetch>,
    /// Packages that came with what they recommend, sorted.
    pub recommending_before: Vec<String>,
    /// Those that stay or come.
    pub recommending_after: Vec<String>,
    /// Packages that are held no longer, sorted.
    pub unhold: Vec<String>,
}

/// Groups and accounts to change; in this order.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct AccountChanges {
    /// Users and the groups that they leave.
    pub leaves: Vec<(String, Vec<String>)>,
    /// Accounts that go.
    pub accounts_gone: Vec<String>,
    /// Groups that go.
    pub groups_gone: Vec<String>,
    /// Users and the groups that they join.
    pub joins: Vec<(String, Vec<String>)>,
    /// Users and their new login shells.
    pub shells: Vec<(String, String)>,
    /// Accounts as they are to be; their ids are as they were.
    pub accounts: Vec<super::accounts::Account>,
}

/// Files to take away.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Removal {
    /// Files and links.
    pub files: Vec<String>,
    /// Files, or folders with all that is in them.
    pub trees: Vec<String>,
    /// Directories that go where nothing is in them and no package has them, innermost first.
    pub directories: Vec<String>,
    /// Directories whose mode or owner changes: mode, owner, path.
    pub described: Vec<Directory>,
}

/// The downloads and the script of a component.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ComponentScript {
    /// The file to edit; not part of what the template sees.
    #[serde(skip)]
    pub origin: String,
    /// Downloads, in the order of their names.
    pub downloads: Vec<Fetch>,
    /// Whether it makes paths of its own, before which nothing may be there.
    pub makes_paths: bool,
    /// Locales to generate.
    pub locales: Vec<GeneratedLocale>,
    /// What package managers other than apt do.
    pub managers: Managers,
    /// The folder of its inputs, if it has some.
    pub inputs: Option<String>,
    /// Variables with the paths of secrets.
    pub secrets: Vec<(String, String)>,
    /// Variables that the script sees.
    pub environment: Vec<(String, String)>,
    /// The shell text, where root runs it.
    pub body: Option<String>,
    /// Where the shell text is mounted that the user runs, and the user.
    pub user_script: Option<(String, Users)>,
    /// Paths that it fills for the user.
    pub writable: Vec<String>,
    /// The user that they are for.
    pub owner: Option<(u32, u32)>,
}

/// A locale to generate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct GeneratedLocale {
    /// The name of its definition.
    pub definition: String,
    /// The name of its character set.
    pub charset: String,
    /// The directory that it is.
    pub directory: String,
}

impl GeneratedLocale {
    fn of(locales: &Locales) -> impl Iterator<Item = Self> {
        locales.generate.iter().filter_map(|locale| {
            Some(Self {
                definition: locale.definition(),
                charset: locale.charset().to_owned(),
                directory: locale.directory()?.to_string(),
            })
        })
    }
}

impl ComponentScript {
    pub(super) fn of(stack: &Stack, component: &Component) -> Self {
        let script = component.script.as_ref();
        let writable: Vec<String> = script
            .map(|script| script.writable.iter().map(ToString::to_string).collect())
            .unwrap_or_default();
        Self {
            origin: component.origin.clone(),
            downloads: component.script_downloads().map(Fetch::of).collect(),
            makes_paths: component.locales.is_some()
                || component.has_managers()
                || component.downloads.iter().any(|download| download.action.target().is_some()),
            locales: component.locales.iter().flat_map(GeneratedLocale::of).collect(),
            managers: Managers::of(component),
            inputs: script
                .filter(|script| !script.inputs.is_empty())
                .map(|_| inputs_target(component.name.as_str())),
            secrets: script
                .iter()
                .flat_map(|script| &script.secrets)
                .map(|name| (name.variable(), secret_target(component.name.as_str(), name)))
                .collect(),
            environment: script
                .map(|script| {
                    script
                        .environment
                        .iter()
                        .map(|(name, value)| (name.to_string(), value.to_string()))
                        .collect()
                })
                .unwrap_or_default(),
            body: script
                .filter(|script| script.user == Owner::Root || stack.user.is_none())
                .map(|script| script.body.clone()),
            user_script: script
                .filter(|script| script.user == Owner::User)
                .and(stack.user.as_ref())
                .map(|user| {
                    (format!("/run/{}", user_script(component.name.as_str())), Users::of(user))
                }),
            owner: stack.user.as_ref().filter(|_| !writable.is_empty()).map(|u| (u.uid, u.gid)),
            writable,
        }
    }
}

/// The shell of a component that runs as the user.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct UserScript {
    /// The file to edit; not part of what the template sees.
    #[serde(skip)]
    pub origin: String,
    /// The shell text.
    pub body: String,
}

/// The file name of a component's script that runs as the user.
pub(super) fn user_script(component: &str) -> String {
    format!("{component}.user.sh")
}

impl UserScript {
    pub(super) fn of(stack: &Stack, component: &Component) -> Option<Self> {
        let script = component.script.as_ref().filter(|script| script.user == Owner::User)?;
        stack.user.as_ref()?;
        Some(Self { origin: component.origin.clone(), body: script.body.clone() })
    }
}
