//! Groups and accounts of all components together: no name or id twice, no group that is not there.

use std::collections::{BTreeMap, BTreeSet};

use super::images::LISTS;
use super::ownership::KEEP_ONE;
use super::{Context, sudo};
use crate::diagnostic::{COMPONENT, Code, Diagnostic, Diagnostics, suggest};
use crate::model::account::{AccountName, BASE_GROUPS, BASE_USERS, PrimaryGroup};
use crate::model::component::Component;
use crate::model::names::UserName;
use crate::model::stack::User;
use crate::model::sudo::SudoRule;
use crate::model::{Image, Variant};
use crate::source::{Span, Spanned};

/// Checks one image together with its parents.
pub(super) fn check(context: &Context<'_>, chain: &[&Image], found: &mut Diagnostics) {
    let components: Vec<&Component> =
        chain.iter().flat_map(|image| &image.components).map(AsRef::as_ref).collect();
    let user = context.user.as_ref();
    let mut users = Taken::new("user", "uid");
    let mut groups = Taken::new("group", "gid");
    for (name, id) in BASE_USERS.iter().filter(|(name, _)| !gives_way(user, name)) {
        users.base(name, *id);
    }
    for (name, id) in BASE_GROUPS.iter().filter(|(name, _)| !gives_way(user, name)) {
        groups.base(name, Some(*id));
    }
    if let Some(user) = user {
        users.add(&user.name, user.uid, &user.span, found);
        groups.add(&user.name, user.gid, &user.span, found);
    }
    for component in &components {
        for group in &component.groups {
            groups.add(&group.name, group.gid, &group.span, found);
        }
        for account in &component.accounts {
            let is_new = users.add(&account.name, account.uid, &account.span, found);
            if let (true, PrimaryGroup::Own(gid)) = (is_new, &account.group) {
                let gid = *gid;
                groups.add(&account.name, gid, &account.span, found);
            }
        }
    }
    let known = known_groups(user, components.iter().copied());
    for account in components.iter().flat_map(|component| &component.accounts) {
        let first = match &account.group {
            PrimaryGroup::Existing(group) => Some(group),
            PrimaryGroup::Own(_) => None,
        };
        for group in first.into_iter().chain(&account.groups) {
            known_group(group, &known, "accept the finding", found);
        }
    }
    sudo_rules(user, &components, found);
}

/// Whom rules of sudo are about, and which of them are about the same command.
fn sudo_rules(user: Option<&User>, components: &[&Component], found: &mut Diagnostics) {
    let base = BASE_USERS.iter().map(|(name, _)| *name).filter(|name| !gives_way(user, name));
    let mut known: BTreeSet<&str> = base.collect();
    let accounts = components.iter().flat_map(|component| &component.accounts);
    known.extend(accounts.map(|account| account.name.as_str()));
    let mut earlier: Vec<&SudoRule> = Vec::new();
    for component in components {
        for rule in &component.sudo {
            if !known.contains(rule.run_as.as_str()) {
                unknown_user(rule, &known, found);
            }
            let first = earlier
                .iter()
                .find(|first| first.matches(rule))
                .filter(|first| (first.password, &first.tags) != (rule.password, &rule.tags));
            if let Some(first) = first {
                found.push(sudo::contradiction(first, rule).help(KEEP_ONE));
            }
        }
        earlier.extend(&component.sudo);
    }
}

fn unknown_user(rule: &SudoRule, known: &BTreeSet<&str>, found: &mut Diagnostics) {
    let name = rule.run_as.as_str();
    let message = format!(
        "nothing declares the user `{name}`, and it is none that every Debian and Ubuntu has"
    );
    let help = match suggest::nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!(
            "[users.{name}] with a uid declares it; where the base image or a package has it, accept the finding"
        ),
    };
    found.push(
        Diagnostic::new(Code::UnknownAccount, &rule.run_as_span, message)
            .presumes(&[LISTS, &["users", "user", COMPONENT]].concat())
            .help(help),
    );
}

/// The groups of `[user]`: in an image that lacks the component which declares one, the user is not in it.
pub(super) fn groups_of_user(context: &Context<'_>, variants: &[Variant], found: &mut Diagnostics) {
    let Some(user) = &context.user else { return };
    let images = variants.iter().flat_map(|variant| &variant.images);
    let components = images.flat_map(|image| &image.components).map(AsRef::as_ref);
    let known = known_groups(Some(user), components);
    for group in &user.groups {
        if group.as_str() == user.name.as_str() {
            let message = format!("`{}` is the first group of the user anyway", user.name);
            found.push(
                Diagnostic::new(Code::DuplicateValue, &group.span, message).help("remove it"),
            );
        }
        known_group(group, &known, "all is well", found);
    }
}

/// Whether a user of the base image gives way to the image's, and so does the group of its name.
fn gives_way(user: Option<&User>, name: &str) -> bool {
    user.is_some_and(|user| user.replaces.iter().any(|replaced| replaced.as_str() == name))
}

/// Names of groups that components declare, of the user's, and of the base image as far as anybody knows.
fn known_groups<'model>(
    user: Option<&'model User>,
    components: impl Iterator<Item = &'model Component>,
) -> BTreeSet<&'model str> {
    let base = BASE_GROUPS.iter().map(|(name, _)| *name).filter(|name| !gives_way(user, name));
    let mut known: BTreeSet<&str> = base.collect();
    known.extend(user.map(|user| user.name.as_str()));
    known.extend(components.flat_map(Component::declared_groups).map(UserName::as_str));
    known
}

fn known_group(
    group: &Spanned<AccountName>,
    known: &BTreeSet<&str>,
    otherwise: &str,
    found: &mut Diagnostics,
) {
    let name = group.as_str();
    if known.contains(name) {
        return;
    }
    let message = format!(
        "nothing declares the group `{name}`, and it is none that every Debian and Ubuntu has"
    );
    let declare = format!("[groups.{name}] with a gid in the component that needs it declares it");
    let help = match suggest::nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`? {declare}"),
        None => format!("{declare}; where the base image has it, {otherwise}"),
    };
    found.push(
        Diagnostic::new(Code::UnknownAccount, &group.span, message)
            .presumes(&[LISTS, &["groups", "users", "user", COMPONENT]].concat())
            .help(help),
    );
}

/// Names and ids that are taken, and by whom.
struct Taken<'model> {
    /// `user` or `group`.
    what: &'static str,
    /// `uid` or `gid`.
    key: &'static str,
    names: BTreeMap<&'model str, Option<&'model Span>>,
    ids: BTreeMap<u32, (&'model str, Option<&'model Span>)>,
}

impl<'model> Taken<'model> {
    fn new(what: &'static str, key: &'static str) -> Self {
        Self { what, key, names: BTreeMap::new(), ids: BTreeMap::new() }
    }

    /// What the base image has.
    fn base(&mut self, name: &'static str, id: Option<u32>) {
        self.names.insert(name, None);
        if let Some(id) = id {
            self.ids.insert(id, (name, None));
        }
    }

    /// What the spec declares; says whether the name is new.
    fn add(
        &mut self,
        name: &'model UserName,
        id: u32,
        span: &'model Span,
        found: &mut Diagnostics,
    ) -> bool {
        let (what, key) = (self.what, self.key);
        if let Some(first) = self.names.get(name.as_str()) {
            let message = match first {
                Some(_) => format!("the {what} `{name}` is declared twice"),
                None => format!("every Debian and Ubuntu has a {what} `{name}` already"),
            };
            let help = match (first, what) {
                (None, _) => "take another name, or use the one that is there without declaring it",
                (Some(_), "group") => {
                    "an account has a group of its name unless it names another one: `group`; keep one, or rename one"
                }
                (Some(_), _) => "keep one of them, or rename one",
            };
            found.push(report(span, message, *first).help(help));
            return false;
        }
        if let Some((holder, first)) = self.ids.get(&id) {
            let message = match first {
                Some(_) => format!("the {what}s `{holder}` and `{name}` both have the {key} {id}"),
                None => format!(
                    "`{name}` has the {key} {id}, which is `{holder}` on every Debian and Ubuntu"
                ),
            };
            found.push(report(span, message, *first).help(format!("give one another {key}")));
        }
        self.names.insert(name.as_str(), Some(span));
        self.ids.entry(id).or_insert((name.as_str(), Some(span)));
        true
    }
}

fn report(span: &Span, message: String, first: Option<&Span>) -> Diagnostic {
    let diagnostic = Diagnostic::new(Code::DuplicateAccount, span, message);
    match first {
        Some(first) => diagnostic.related(first, "first here"),
        None => diagnostic,
    }
}
