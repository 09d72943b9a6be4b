//! Groups and accounts that components bring, and those that every Debian and Ubuntu image has.

use super::names::UserName;
use super::path::AbsolutePath;
use crate::source::{Span, Spanned};

/// A group that an image gets.
#[derive(Debug)]
pub struct Group {
    /// Its name.
    pub name: UserName,
    /// Its id.
    pub gid: u32,
    /// Where it was declared.
    pub span: Span,
}

/// An account of a service: locked password, no home made.
#[derive(Debug)]
pub struct Account {
    /// Login name.
    pub name: UserName,
    /// User id.
    pub uid: u32,
    /// Its first group.
    pub group: PrimaryGroup,
    /// Its supplementary groups.
    pub groups: Vec<Spanned<AccountName>>,
    /// Its home, which nobody makes.
    pub home: AbsolutePath,
    /// Login shell.
    pub shell: AbsolutePath,
    /// Where it was declared.
    pub span: Span,
}

/// The first group of an account.
#[derive(Debug)]
pub enum PrimaryGroup {
    /// One of its own with its name and this id.
    Own(u32),
    /// A group that is there.
    Existing(Spanned<AccountName>),
}

/// The name of a user or a group that has to be there: one that could be declared, or `root`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AccountName(String);

impl AccountName {
    /// Checks a name.
    ///
    /// # Errors
    /// What is wrong with it, in a few words that continue "it …".
    pub fn parse(text: &str) -> Result<Self, String> {
        if text != "root" {
            UserName::parse(text)?;
        }
        Ok(Self(text.to_owned()))
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for AccountName {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Users of Debian's base-passwd and apt (`/usr/share/base-passwd/passwd.master`), with their ids where these are fixed.
pub const BASE_USERS: &[(&str, Option<u32>)] = &[
    ("root", Some(0)),
    ("daemon", Some(1)),
    ("bin", Some(2)),
    ("sys", Some(3)),
    ("sync", Some(4)),
    ("games", Some(5)),
    ("man", Some(6)),
    ("lp", Some(7)),
    ("mail", Some(8)),
    ("news", Some(9)),
    ("uucp", Some(10)),
    ("proxy", Some(13)),
    ("www-data", Some(33)),
    ("backup", Some(34)),
    ("list", Some(38)),
    ("irc", Some(39)),
    ("_apt", None),
    ("nobody", Some(65_534)),
];

/// Groups of Debian's base-passwd (`/usr/share/base-passwd/group.master`), with their ids.
pub const BASE_GROUPS: &[(&str, u32)] = &[
    ("root", 0),
    ("daemon", 1),
    ("bin", 2),
    ("sys", 3),
    ("adm", 4),
    ("tty", 5),
    ("disk", 6),
    ("lp", 7),
    ("mail", 8),
    ("news", 9),
    ("uucp", 10),
    ("man", 12),
    ("proxy", 13),
    ("kmem", 15),
    ("dialout", 20),
    ("fax", 21),
    ("voice", 22),
    ("cdrom", 24),
    ("floppy", 25),
    ("tape", 26),
    ("sudo", 27),
    ("audio", 29),
    ("dip", 30),
    ("www-data", 33),
    ("backup", 34),
    ("operator", 37),
    ("list", 38),
    ("irc", 39),
    ("src", 40),
    ("shadow", 42),
    ("utmp", 43),
    ("video", 44),
    ("sasl", 45),
    ("plugdev", 46),
    ("staff", 50),
    ("games", 60),
    ("users", 100),
    ("nogroup", 65_534),
];

/// What membership of a group allows beyond its name: Debian's wiki, "SystemGroups", and the manuals of the daemons.
pub fn power(group: &str) -> Option<&'static str> {
    Some(match group {
        "root" => "its members read and write what root shares with its group",
        "sudo" | "wheel" | "admin" => "its members may run anything as root",
        "docker" | "lxd" | "incus" | "incus-admin" => {
            "whoever talks to its daemon is root on the host"
        }
        "disk" => "its members read and write whole disks, past every file's mode",
        "shadow" => "its members read the password hashes of everybody",
        "kmem" => "its members read the memory of the kernel",
        "adm" | "systemd-journal" => "its members read the logs of everybody",
        "kvm" | "libvirt" => "its members start virtual machines with the devices of the host",
        "staff" => "its members write to /usr/local, from where root runs programs",
        "tty" => "its members write to the terminals of everybody",
        _ => return None,
    })
}
