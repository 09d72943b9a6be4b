//! The groups and accounts that an image makes: in its first script, so that everything later finds them.

use std::collections::BTreeSet;

use serde::Serialize;

use super::script::Users;
use crate::model::account::{AccountName, PrimaryGroup};
use crate::model::{Image, Name, Stack};
use crate::source::Spanned;

/// What the script does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Accounts {
    /// The user of the image, in a root image.
    pub user: Option<Users>,
    /// Users of the base image that give way to it.
    pub replaces: Vec<String>,
    /// Supplementary groups that the user gets where it is made, sorted.
    pub user_groups: Vec<String>,
    /// The user of the parent and the groups of this image that it joins, sorted.
    pub joins: Option<(String, Vec<String>)>,
    /// Groups, in the order of their ids; those of accounts included.
    pub groups: Vec<Group>,
    /// Accounts, in the order of their ids.
    pub accounts: Vec<Account>,
}

/// A group to make.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Group {
    /// Its id.
    pub gid: u32,
    /// Its name.
    pub name: String,
}

/// An account to make.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Account {
    /// User id.
    pub uid: u32,
    /// Login name.
    pub name: String,
    /// Name of its first group.
    pub group: String,
    /// Supplementary groups, sorted.
    pub groups: Vec<String>,
    /// Its home.
    pub home: String,
    /// Login shell.
    pub shell: String,
}

/// The script of an image, the comment above its layer and the components that it is for; none where nothing is to
/// be made.
pub(super) fn of(stack: &Stack, image: &Image) -> Option<(Accounts, String, Vec<Name>)> {
    let (groups, accounts, owners) = declared(image);
    let is_root = image.parent.is_none();
    let user = stack.user.as_ref().filter(|_| is_root);
    let joined = stack.user.as_ref().map(|user| {
        let own = |group: &&Spanned<AccountName>| groups.iter().any(|g| g.name == group.as_str());
        sorted(user.groups.iter().filter(own).map(|group| group.as_str()))
    });
    let made = Accounts {
        user: user.map(Users::of),
        replaces: user
            .map(|user| user.replaces.iter().map(ToString::to_string).collect())
            .unwrap_or_default(),
        user_groups: user.map(|_| groups_of_user(stack, image)).unwrap_or_default(),
        joins: stack
            .user
            .as_ref()
            .filter(|_| !is_root)
            .zip(joined.filter(|groups| !groups.is_empty()))
            .map(|(user, groups)| (user.name.to_string(), groups)),
        groups,
        accounts,
    };
    if made.user.is_none() && made.groups.is_empty() && made.accounts.is_empty() {
        return None;
    }
    let comment = comment(&made);
    Some((made, comment, owners))
}

/// The groups and accounts of an image's components, and the names of these components.
fn declared(image: &Image) -> (Vec<Group>, Vec<Account>, Vec<Name>) {
    let (mut groups, mut accounts, mut owners) = (Vec::new(), Vec::new(), Vec::new());
    for component in &image.components {
        if !component.groups.is_empty() || !component.accounts.is_empty() {
            owners.push(component.name.clone());
        }
        for group in &component.groups {
            groups.push(Group { gid: group.gid, name: group.name.to_string() });
        }
        for account in &component.accounts {
            let group = match &account.group {
                PrimaryGroup::Own(gid) => {
                    groups.push(Group { gid: *gid, name: account.name.to_string() });
                    account.name.as_str()
                }
                PrimaryGroup::Existing(group) => group.as_str(),
            };
            accounts.push(Account {
                uid: account.uid,
                name: account.name.to_string(),
                group: group.to_owned(),
                groups: sorted(account.groups.iter().map(|group| group.as_str())),
                home: account.home.to_string(),
                shell: account.shell.to_string(),
            });
        }
    }
    groups.sort();
    accounts.sort();
    owners.sort();
    (groups, accounts, owners)
}

/// The groups that the user gets in a root image: those that it declares, and those that no component of the stack
/// declares, for these are the base image's.
fn groups_of_user(stack: &Stack, image: &Image) -> Vec<String> {
    let Some(user) = &stack.user else { return Vec::new() };
    let declares = |image: &Image, group: &str| {
        let mut declared = image.components.iter().flat_map(|c| c.declared_groups());
        declared.any(|name| name.as_str() == group)
    };
    let somewhere = |group: &str| stack.images().any(|image| declares(image, group));
    let groups = user.groups.iter().map(|group| group.as_str());
    sorted(groups.filter(|group| declares(image, group) || !somewhere(group)))
}

fn sorted<'text>(names: impl Iterator<Item = &'text str>) -> Vec<String> {
    let names: BTreeSet<&str> = names.collect();
    names.into_iter().map(str::to_owned).collect()
}

/// What the script makes, in a sentence.
fn comment(made: &Accounts) -> String {
    let own: BTreeSet<&str> = made.accounts.iter().map(|account| account.name.as_str()).collect();
    let groups: Vec<&str> = made.groups.iter().map(|group| group.name.as_str()).collect();
    let groups: Vec<&str> = groups.into_iter().filter(|name| !own.contains(name)).collect();
    let accounts: Vec<&str> = made.accounts.iter().map(|account| account.name.as_str()).collect();
    let mut parts = Vec::new();
    if let Some(user) = &made.user {
        parts.push(format!("the user {}, an empty home and the skeleton that fills it", user.name));
    }
    for (what, names) in [("group", groups), ("account", accounts)] {
        match names.as_slice() {
            [] => {}
            [one] => parts.push(format!("the {what} {one}")),
            many => parts.push(format!("the {what}s {}", many.join(", "))),
        }
    }
    let text = parts.join("; ");
    let first = text.chars().next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(text.chars().skip(1)).collect()
}
