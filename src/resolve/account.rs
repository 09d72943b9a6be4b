//! `[groups.*]` and `[users.*]` of a component, and the groups that somebody is to be in.

use super::check;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::account::{self, Account, AccountName, Group, PrimaryGroup};
use crate::model::names::UserName;
use crate::model::path::AbsolutePath;
use crate::source::{Span, Spanned};
use crate::syntax;

pub(super) fn group(
    key: &Spanned<String>,
    written: &syntax::component::Group,
    found: &mut Diagnostics,
) -> Option<Group> {
    let name = check::named(key, Code::BadUserName, "the group name", UserName::parse, found);
    let help = "choose one that nobody has: files in volumes carry it, so it has to stay the same";
    let gid = check::required(written.gid.as_ref(), &written.span, "gid", help, found)
        .and_then(|gid| id(gid, "gid", found));
    Some(Group { name: name?, gid: gid?, span: key.span.clone() })
}

pub(super) fn account(
    key: &Spanned<String>,
    written: &syntax::component::Account,
    found: &mut Diagnostics,
) -> Option<Account> {
    let name = check::named(key, Code::BadUserName, "the user name", UserName::parse, found);
    let help = "choose one that nobody has: files in volumes carry it, so it has to stay the same";
    let uid = check::required(written.uid.as_ref(), &written.span, "uid", help, found)
        .and_then(|uid| id(uid, "uid", found));
    let group = match (&written.gid, &written.group) {
        (Some(gid), Some(group)) => {
            found.push(
                Diagnostic::new(
                    Code::ConflictingKeys,
                    &group.span,
                    format!("`{key}` has a group of its own and another one in its place"),
                )
                .related(&gid.span, "the id of its own group")
                .help("keep `gid` for a group of its own, `group` for one that is there"),
            );
            None
        }
        (Some(gid), None) => id(gid, "gid", found).map(PrimaryGroup::Own),
        (None, Some(group)) => {
            let name = membership(group, found);
            name.map(|name| PrimaryGroup::Existing(Spanned::new(name, group.span.clone())))
        }
        (None, None) => uid.map(PrimaryGroup::Own),
    };
    let groups = memberships(&written.groups, found);
    let home = field(written.home.as_ref(), "the home", "/nonexistent", found);
    let shell = field(written.shell.as_ref(), "the shell", "/usr/sbin/nologin", found);
    Some(Account {
        name: name?,
        uid: uid?,
        group: group?,
        groups,
        home: home?,
        shell: shell?,
        span: key.span.clone(),
    })
}

/// A user or group id: 65534 is nobody; beyond it lie the ids that containers map elsewhere.
pub(super) fn id(written: &Spanned<i64>, key: &str, found: &mut Diagnostics) -> Option<u32> {
    check::number(written, &format!("`{key}`"), 1..=65_533, found)
}

/// A path in passwd(5), whose fields end at a colon.
pub(super) fn field(
    written: Option<&Spanned<String>>,
    what: &str,
    default: &str,
    found: &mut Diagnostics,
) -> Option<AbsolutePath> {
    let Some(written) = written else { return AbsolutePath::parse(default).ok() };
    let path = check::named(written, Code::BadPath, what, AbsolutePath::parse, found)?;
    colon(&path, &written.span, what, found).then_some(path)
}

/// Whether a path fits a field of passwd(5); reported where it does not.
pub(super) fn colon(path: &AbsolutePath, span: &Span, what: &str, found: &mut Diagnostics) -> bool {
    let fits = !path.as_str().contains(':');
    if !fits {
        let message = format!("{what} {path} contains `:`, which ends a field of /etc/passwd");
        found.push(Diagnostic::new(Code::UnrepresentableValue, span, message));
    }
    fits
}

/// Supplementary groups. Whether there are such groups shows with all components of an image.
pub(super) fn memberships(
    written: &[Spanned<String>],
    found: &mut Diagnostics,
) -> Vec<Spanned<AccountName>> {
    let mut groups: Vec<Spanned<AccountName>> = Vec::with_capacity(written.len());
    for text in written {
        let Some(name) = membership(text, found) else { continue };
        if groups.iter().any(|group| group.value == name) {
            check::twice(text, &text.value, found);
        } else {
            groups.push(Spanned::new(name, text.span.clone()));
        }
    }
    groups
}

/// A group that somebody is to be in.
fn membership(written: &Spanned<String>, found: &mut Diagnostics) -> Option<AccountName> {
    let name =
        check::named(written, Code::BadUserName, "the group name", AccountName::parse, found)?;
    if let Some(power) = account::power(&written.value) {
        let message = format!("the group `{written}` is powerful: {power}");
        found.push(
            Diagnostic::new(Code::PowerfulGroup, &written.span, message).help(
                "leave it out, and allow the one thing needed: a rule of [sudo], a group of its own for a file",
            ),
        );
    }
    Some(name)
}
