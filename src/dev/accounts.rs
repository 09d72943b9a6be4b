//! Groups and accounts: what goes, what comes and what changes, where no file has an owner's number in it.

use std::collections::{BTreeMap, BTreeSet};

use super::Refusal;
use super::side::Side;
use crate::plan::accounts::{Account, Accounts, Group};
use crate::plan::script::{AccountChanges, ScriptKind, Users};

/// The accounts of a chain.
#[derive(Debug, Default)]
struct Declared {
    user: Option<Users>,
    groups_of_user: BTreeSet<String>,
    groups: BTreeMap<String, u32>,
    accounts: BTreeMap<String, Account>,
}

impl Declared {
    fn of(side: &Side<'_>) -> Self {
        let mut declared = Self::default();
        for (_, kind) in side.scripts() {
            let ScriptKind::Users(accounts) = kind else { continue };
            declared.user = accounts.user.clone().or(declared.user);
            declared.groups_of_user.extend(accounts.user_groups.iter().cloned());
            let joined = accounts.joins.iter().flat_map(|(_, groups)| groups);
            declared.groups_of_user.extend(joined.cloned());
            let groups = accounts.groups.iter().map(|group| (group.name.clone(), group.gid));
            declared.groups.extend(groups);
            let accounts = accounts.accounts.iter();
            declared
                .accounts
                .extend(accounts.map(|account| (account.name.clone(), account.clone())));
        }
        declared
    }
}

/// The difference in accounts.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// What goes, before anything comes.
    pub(super) goes: Option<AccountChanges>,
    /// What comes.
    pub(super) comes: Option<Accounts>,
    /// What changes, when everything is there.
    pub(super) alters: Option<AccountChanges>,
}

pub(super) fn difference(
    before: &Side<'_>,
    after: &Side<'_>,
    refusals: &mut Vec<Refusal>,
) -> Changes {
    let (old, new) = (Declared::of(before), Declared::of(after));
    refuse(&old, &new, refusals);
    let gone = |old: &BTreeSet<String>, new: &BTreeSet<String>| -> Vec<String> {
        old.difference(new).cloned().collect()
    };
    let user = new.user.as_ref().map(|user| user.name.clone()).unwrap_or_default();
    let of_user = |groups: Vec<String>| {
        if groups.is_empty() { Vec::new() } else { vec![(user.clone(), groups)] }
    };
    // A group that is gone takes its members along.
    let mut leaves = gone(&old.groups_of_user, &new.groups_of_user);
    leaves.retain(|group| !old.groups.contains_key(group) || new.groups.contains_key(group));
    let goes = AccountChanges {
        leaves: of_user(leaves),
        accounts_gone: missing(&old.accounts, &new.accounts),
        groups_gone: missing(&old.groups, &new.groups),
        ..AccountChanges::default()
    };
    let comes = Accounts {
        user: None,
        replaces: Vec::new(),
        user_groups: Vec::new(),
        joins: None,
        groups: missing(&new.groups, &old.groups)
            .into_iter()
            .filter_map(|name| Some(Group { gid: *new.groups.get(&name)?, name }))
            .collect(),
        accounts: missing(&new.accounts, &old.accounts)
            .into_iter()
            .filter_map(|name| new.accounts.get(&name).cloned())
            .collect(),
    };
    let shell = old.user.as_ref().zip(new.user.as_ref());
    let alters = AccountChanges {
        joins: of_user(gone(&new.groups_of_user, &old.groups_of_user)),
        shells: shell
            .filter(|(old, new)| old.shell != new.shell)
            .map(|(_, new)| (new.name.clone(), new.shell.clone()))
            .into_iter()
            .collect(),
        accounts: new
            .accounts
            .iter()
            .filter(|(name, account)| {
                old.accounts.get(*name).is_some_and(|other| other != *account)
            })
            .map(|(_, account)| account.clone())
            .collect(),
        ..AccountChanges::default()
    };
    let comes = Some(comes).filter(|new| !new.groups.is_empty() || !new.accounts.is_empty());
    let some =
        |changes: AccountChanges| Some(changes).filter(|it| *it != AccountChanges::default());
    Changes { goes: some(goes), comes, alters: some(alters) }
}

/// The names that one map has and the other has not.
fn missing<T, U>(of: &BTreeMap<String, T>, than: &BTreeMap<String, U>) -> Vec<String> {
    of.keys().filter(|name| !than.contains_key(*name)).cloned().collect()
}

/// Files have their owners' numbers in them, and only a full build writes them all anew.
fn refuse(old: &Declared, new: &Declared, refusals: &mut Vec<Refusal>) {
    let numbers = |what: String| {
        Refusal::build(
            what,
            "files of every layer carry the old number; changing their owner stores them all again",
        )
    };
    match (&old.user, &new.user) {
        (Some(before), Some(after)) => {
            if (before.uid, before.gid) != (after.uid, after.gid) {
                refusals.push(numbers(format!(
                    "the user is {}:{} and was {}:{}",
                    after.uid, after.gid, before.uid, before.gid
                )));
            }
            for (key, before, after) in [
                ("name", &before.name, &after.name),
                ("home", &before.home, &after.home),
                ("skeleton", &before.skeleton, &after.skeleton),
            ] {
                if before != after {
                    refusals.push(Refusal::build(
                        format!("the {key} of the user is {after} and was {before}"),
                        "files and accounts of every layer were made for it",
                    ));
                }
            }
        }
        (None, None) => {}
        _ => refusals.push(Refusal::build(
            "the image gets a user or loses it",
            "files of every layer were made for somebody else",
        )),
    }
    for (name, gid) in &new.groups {
        if let Some(other) = old.groups.get(name).filter(|other| *other != gid) {
            refusals.push(numbers(format!("the group {name} has the id {gid} and had {other}")));
        }
    }
    for (name, account) in &new.accounts {
        if let Some(other) = old.accounts.get(name).filter(|other| other.uid != account.uid) {
            let what =
                format!("the account {name} has the id {} and had {}", account.uid, other.uid);
            refusals.push(numbers(what));
        }
    }
}
