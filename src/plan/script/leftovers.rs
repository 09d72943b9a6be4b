//! What scripts leave behind by their kind, so that they can end by removing what they made of it.

use super::ScriptKind;

/// Places for what is temporary. Patterns are bash's, with `nullglob`.
const TEMPORARY: &[&str] = &["/tmp", "/var/tmp", "/var/log", "/run/lock", "/root/.cache"];

/// Copies that useradd(8) and its kin make of their databases.
const ACCOUNT_BACKUPS: &[&str] = &["/etc/{passwd,shadow,group,gshadow,subuid,subgid}-"];

/// What dpkg, debconf, apt and ldconfig leave behind.
const PACKAGE_MANAGER: &[&str] = &[
    "/var/cache/apt",
    "/var/lib/apt/lists",
    "/var/lib/dpkg/*-old",
    "/var/cache/debconf/*-old",
    "/var/cache/ldconfig/aux-cache",
    // Older states that ucf and sgml-base keep of their databases.
    "/var/lib/ucf/hashfile.[0-9]",
    "/var/lib/ucf/registry.[0-9]",
    "/var/lib/sgml-base/*.old",
];

/// What must be different on every host: machine-id(5), sshd(8) host keys, the self-signed certificate
/// of ssl-cert, random seeds, and the networks of the building machine that GNUstep is to probe (gdomap(8)).
const HOST_SECRETS: &[&str] = &[
    "/etc/machine-id",
    "/var/lib/dbus/machine-id",
    "/var/lib/systemd/random-seed",
    "/etc/ssh/ssh_host_*",
    "/etc/ssl/private/ssl-cert-snakeoil.key",
    "/etc/ssl/certs/ssl-cert-snakeoil.pem",
    "/etc/GNUstep/gdomap_probes",
];

impl ScriptKind {
    /// The places from which a script of this kind removes what it left there.
    pub fn leftovers(&self) -> Vec<&'static str> {
        let lists: &[&[&str]] = match self {
            Self::Apt(_) | Self::Component(_) | Self::PackageRemoval(_) => {
                &[TEMPORARY, PACKAGE_MANAGER, ACCOUNT_BACKUPS, HOST_SECRETS]
            }
            Self::Users(_) | Self::AccountChanges(_) => &[TEMPORARY, ACCOUNT_BACKUPS],
            // These two make nothing but what they are for; the user's part ends in its component's script.
            Self::Sudoers { .. } | Self::Directories(_) | Self::User(_) | Self::Removal(_) => &[],
        };
        lists.concat()
    }

    /// Whether maintainer scripts or the spec's own shell run in it, which may make secrets.
    pub fn may_make_host_secrets(&self) -> bool {
        matches!(self, Self::Apt(_) | Self::Component(_) | Self::PackageRemoval(_))
    }
}
