//! `components/<name>.toml`, as one variant has it.

use super::Entry;
use super::packages::{Apt, Conda, Download, Locales, Npm, Pip, R, Upstream};
use crate::source::{FileId, Span, Spanned};

/// `components/<name>.toml`.
#[derive(Debug)]
pub struct ComponentFile {
    /// The file itself.
    pub file: FileId,
    /// From the file's name.
    pub name: String,
    /// A span for what concerns the file as a whole.
    pub span: Span,
    /// `summary`
    pub summary: Option<Spanned<String>>,
    /// `change-class`
    pub change_class: Option<Spanned<String>>,
    /// `needs`
    pub needs: Vec<Spanned<String>>,
    /// `after`
    pub after: Vec<Spanned<String>>,
    /// `provides`
    pub provides: Vec<Spanned<String>>,
    /// `[accept]`: code and reason
    pub accept: Vec<(Spanned<String>, Spanned<String>)>,
    /// `[groups.*]`
    pub groups: Vec<Entry<Group>>,
    /// `[users.*]`
    pub users: Vec<Entry<Account>>,
    /// `[apt]`
    pub apt: Option<Apt>,
    /// `[bump.*]`: which versions of a package are taken; no key of it names a source
    pub bump: Vec<Entry<Upstream>>,
    /// `[downloads.*]`
    pub downloads: Vec<Entry<Download>>,
    /// `[conda]`
    pub conda: Option<Conda>,
    /// `[pip]`
    pub pip: Option<Pip>,
    /// `[npm]`
    pub npm: Option<Npm>,
    /// `[r]`
    pub r: Option<R>,
    /// `[locales]`
    pub locales: Option<Locales>,
    /// `[files.*]`
    pub files: Vec<Entry<File>>,
    /// `[links.*]`
    pub links: Vec<Entry<Link>>,
    /// `[directories.*]`
    pub directories: Vec<Entry<Directory>>,
    /// `[script]`
    pub script: Option<Script>,
    /// `[environment]`
    pub environment: Vec<(Spanned<String>, Spanned<String>)>,
    /// `[environment-prepend]`
    pub environment_prepend: Vec<(Spanned<String>, Vec<Spanned<String>>)>,
    /// `[services.*]`
    pub services: Vec<Entry<Service>>,
    /// `[routes.*]`
    pub routes: Vec<Entry<Route>>,
    /// `[shortcuts.*]`
    pub shortcuts: Vec<Entry<Shortcut>>,
    /// `commands` of `[sudo]`
    pub sudo: Vec<Spanned<String>>,
    /// `[sudo.rules.*]`
    pub sudo_rules: Vec<Entry<SudoRule>>,
    /// `[runtime]`
    pub runtime: Option<Runtime>,
    /// `run` of `[check]`
    pub check: Vec<Spanned<String>>,
}

/// `[groups.*]`
#[derive(Debug)]
pub struct Group {
    /// Where the table stands.
    pub span: Span,
    /// `gid`
    pub gid: Option<Spanned<i64>>,
}

/// `[users.*]`: an account for a service.
#[derive(Debug)]
pub struct Account {
    /// Where the table stands.
    pub span: Span,
    /// `uid`
    pub uid: Option<Spanned<i64>>,
    /// `gid`
    pub gid: Option<Spanned<i64>>,
    /// `group`
    pub group: Option<Spanned<String>>,
    /// `groups`
    pub groups: Vec<Spanned<String>>,
    /// `home`
    pub home: Option<Spanned<String>>,
    /// `shell`
    pub shell: Option<Spanned<String>>,
}

/// `[files.*]`
#[derive(Debug)]
pub struct File {
    /// Where the table stands.
    pub span: Span,
    /// `source`
    pub source: Option<Spanned<String>>,
    /// `content`
    pub content: Option<Spanned<String>>,
    /// `mode`
    pub mode: Option<Spanned<String>>,
    /// `owner`
    pub owner: Option<Spanned<String>>,
    /// `template`
    pub template: Option<Spanned<bool>>,
}

/// `[links.*]`
#[derive(Debug)]
pub struct Link {
    /// Where the table stands.
    pub span: Span,
    /// `to`
    pub to: Option<Spanned<String>>,
}

/// `[directories.*]`
#[derive(Debug)]
pub struct Directory {
    /// Where the table stands.
    pub span: Span,
    /// `mode`
    pub mode: Option<Spanned<String>>,
    /// `owner`
    pub owner: Option<Spanned<String>>,
}

/// `[script]`
#[derive(Debug)]
pub struct Script {
    /// Where the table stands.
    pub span: Span,
    /// `run`
    pub run: Option<Spanned<String>>,
    /// `source`
    pub source: Option<Spanned<String>>,
    /// `undo`
    pub undo: Option<Spanned<String>>,
    /// `user`
    pub user: Option<Spanned<String>>,
    /// `writable`
    pub writable: Vec<Spanned<String>>,
    /// `inputs`
    pub inputs: Vec<Spanned<String>>,
    /// `secrets`
    pub secrets: Vec<Spanned<String>>,
    /// `environment`
    pub environment: Vec<(Spanned<String>, Spanned<String>)>,
}

/// `[services.*]`
#[derive(Debug)]
pub struct Service {
    /// Where the table stands.
    pub span: Span,
    /// `command`
    pub command: Option<Spanned<String>>,
    /// `priority`
    pub priority: Option<Spanned<i64>>,
    /// `directory`
    pub directory: Option<Spanned<String>>,
    /// `environment`
    pub environment: Vec<(Spanned<String>, Spanned<String>)>,
    /// `ports`
    pub ports: Vec<Spanned<i64>>,
    /// `restart`
    pub restart: Option<Spanned<String>>,
    /// `start-seconds`
    pub start_seconds: Option<Spanned<i64>>,
    /// `start-retries`
    pub start_retries: Option<Spanned<i64>>,
    /// `stop-signal`
    pub stop_signal: Option<Spanned<String>>,
    /// `stop-seconds`
    pub stop_seconds: Option<Spanned<i64>>,
}

/// `[routes.*]`
#[derive(Debug)]
pub struct Route {
    /// Where the table stands.
    pub span: Span,
    /// `port`
    pub port: Option<Spanned<i64>>,
    /// `to`
    pub to: Option<Spanned<String>>,
    /// `websocket`
    pub websocket: Option<Spanned<bool>>,
    /// `buffering`
    pub buffering: Option<Spanned<bool>>,
    /// `timeout`
    pub timeout: Option<Spanned<String>>,
    /// `same-origin`
    pub same_origin: Option<Spanned<bool>>,
}

/// Prose: one text for all languages, or one for each.
#[derive(Clone, Debug)]
pub enum Prose {
    /// `"QGIS"`
    Any(Spanned<String>),
    /// `{ en = "…", fr = "…" }`
    ByLanguage(Span, Vec<(Spanned<String>, Spanned<String>)>),
}

/// Lists of words: one for all languages, or one for each.
#[derive(Clone, Debug)]
pub enum Words {
    /// `["a", "b"]`
    Any(Vec<Spanned<String>>),
    /// `{ en = ["…"], fr = ["…"] }`
    ByLanguage(Span, Vec<(Spanned<String>, Vec<Spanned<String>>)>),
}

/// `[shortcuts.*]`
#[derive(Debug)]
pub struct Shortcut {
    /// Where the table stands.
    pub span: Span,
    /// `name`
    pub name: Option<Prose>,
    /// `comment`
    pub comment: Option<Prose>,
    /// `generic-name`
    pub generic_name: Option<Prose>,
    /// `keywords`
    pub keywords: Option<Words>,
    /// `exec`
    pub exec: Option<Spanned<String>>,
    /// `url`
    pub url: Option<Spanned<String>>,
    /// `icon`
    pub icon: Option<Spanned<String>>,
    /// `categories`
    pub categories: Vec<Spanned<String>>,
    /// `mime-types`
    pub mime_types: Vec<Spanned<String>>,
    /// `terminal`
    pub terminal: Option<Spanned<bool>>,
    /// `startup-notify`
    pub startup_notify: Option<Spanned<bool>>,
    /// `working-directory`
    pub working_directory: Option<Spanned<String>>,
    /// `desktop`
    pub desktop: Option<Spanned<bool>>,
    /// `menu`
    pub menu: Option<Spanned<bool>>,
}

/// `[sudo.rules.*]`
#[derive(Debug)]
pub struct SudoRule {
    /// Where the table stands.
    pub span: Span,
    /// `command`
    pub command: Option<Spanned<String>>,
    /// `run-as`
    pub run_as: Option<Spanned<String>>,
    /// `password`
    pub password: Option<Spanned<bool>>,
    /// `tags`
    pub tags: Vec<Spanned<String>>,
    /// `unsafe`
    pub unsafe_because: Option<Spanned<String>>,
}

/// `[runtime]`
#[derive(Debug)]
pub struct Runtime {
    /// `entrypoint`
    pub entrypoint: Option<Spanned<Vec<Spanned<String>>>>,
    /// `command`
    pub command: Option<Spanned<Vec<Spanned<String>>>>,
    /// `ports`
    pub ports: Vec<Spanned<i64>>,
    /// `volumes`
    pub volumes: Vec<Spanned<String>>,
    /// `working-directory`
    pub working_directory: Option<Spanned<String>>,
    /// `stop-signal`
    pub stop_signal: Option<Spanned<String>>,
    /// `healthcheck`
    pub healthcheck: Option<Healthcheck>,
}

/// `healthcheck = { command, interval, timeout, start-period, retries }`
#[derive(Debug)]
pub struct Healthcheck {
    /// Where the table stands.
    pub span: Span,
    /// `command`
    pub command: Option<Spanned<Vec<Spanned<String>>>>,
    /// `interval`
    pub interval: Option<Spanned<String>>,
    /// `timeout`
    pub timeout: Option<Spanned<String>>,
    /// `start-period`
    pub start_period: Option<Spanned<String>>,
    /// `retries`
    pub retries: Option<Spanned<i64>>,
}
