//! The files that package managers themselves rewrite whenever they run, so that a later layer has them
//! again however well it is built.
//!
//! Takes records of waste, gives them in two parts: those of these files, and the others, which a build
//! can avoid. The list is short on purpose: a file is in it only if its owner rewrites it for *other*
//! packages' sake.
//!
//! Left out: byte-compiled Python (`__pycache__`: each file belongs to one package, none is shared);
//! `locale-archive` (written by a `locale-gen` that the build calls, once); `gconv-modules.cache` (of libc
//! alone); copies that end in `-old` or `-` (they must go, see [`super::hygiene`]); logs; everything of
//! pip, conda and npm, which keep one record a package.

use super::pattern;
use super::waste::Record;

/// A shared database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SharedDatabase {
    /// Its path; see [`pattern`].
    pub pattern: &'static str,
    /// The program that rewrites it.
    pub owner: &'static str,
}

const fn database(pattern: &'static str, owner: &'static str) -> SharedDatabase {
    SharedDatabase { pattern, owner }
}

/// All of them.
pub const SHARED_DATABASES: &[SharedDatabase] = &[
    database("var/lib/dpkg/status", "dpkg"),
    database("var/lib/dpkg/available", "dpkg"),
    // Empty files that are opened for writing, which copies them up.
    database("var/lib/dpkg/lock", "dpkg"),
    database("var/lib/dpkg/lock-frontend", "apt"),
    database("var/lib/dpkg/triggers/*", "dpkg-trigger"),
    // Rewritten when another package takes over one of the files, or a newer version comes.
    database("var/lib/dpkg/info/*.list", "dpkg"),
    database("var/lib/dpkg/diversions", "dpkg-divert"),
    database("var/lib/dpkg/statoverride", "dpkg-statoverride"),
    database("var/lib/dpkg/alternatives/*", "update-alternatives"),
    database("var/cache/debconf/config.dat", "debconf"),
    database("var/cache/debconf/templates.dat", "debconf"),
    database("var/cache/debconf/passwords.dat", "debconf"),
    database("var/lib/apt/extended_states", "apt"),
    database("var/lib/ucf/hashfile", "ucf"),
    database("var/lib/ucf/registry", "ucf"),
    database("var/lib/sgml-base/supercatalog", "update-catalog"),
    database("etc/ld.so.cache", "ldconfig"),
    database("etc/passwd", "useradd"),
    database("etc/shadow", "useradd"),
    database("etc/group", "groupadd"),
    database("etc/gshadow", "groupadd"),
    database("etc/subuid", "useradd"),
    database("etc/subgid", "useradd"),
    database("etc/.pwd.lock", "useradd"),
    database("etc/shells", "update-shells"),
    database("var/lib/shells.state", "update-shells"),
    database("etc/pam.d/common-*", "pam-auth-update"),
    database("var/lib/pam/*", "pam-auth-update"),
    database("etc/mailcap", "update-mime"),
    database("usr/share/icons/*/icon-theme.cache", "gtk-update-icon-cache"),
    // All of usr/share/mime but its folder `packages`, which the packages themselves fill.
    database("usr/share/mime/*", "update-mime-database"),
    database("usr/share/mime/application/*.xml", "update-mime-database"),
    database("usr/share/mime/audio/*.xml", "update-mime-database"),
    database("usr/share/mime/font/*.xml", "update-mime-database"),
    database("usr/share/mime/image/*.xml", "update-mime-database"),
    database("usr/share/mime/inode/*.xml", "update-mime-database"),
    database("usr/share/mime/message/*.xml", "update-mime-database"),
    database("usr/share/mime/model/*.xml", "update-mime-database"),
    database("usr/share/mime/multipart/*.xml", "update-mime-database"),
    database("usr/share/mime/text/*.xml", "update-mime-database"),
    database("usr/share/mime/video/*.xml", "update-mime-database"),
    database("usr/share/mime/x-*/*.xml", "update-mime-database"),
    database("usr/share/applications/mimeinfo.cache", "update-desktop-database"),
    database("usr/share/glib-2.0/schemas/gschemas.compiled", "glib-compile-schemas"),
    database("usr/lib/*/gio/modules/giomodule.cache", "gio-querymodules"),
    database("usr/lib/*/gdk-pixbuf-2.0/*/loaders.cache", "gdk-pixbuf-query-loaders"),
    database("usr/lib/*/gtk-*/*/immodules.cache", "gtk-query-immodules"),
    database("var/cache/fontconfig/*", "fc-cache"),
    database("etc/ssl/certs/ca-certificates.crt", "update-ca-certificates"),
    database("etc/ssl/certs/java/cacerts", "update-ca-certificates"),
    database("usr/share/info/dir", "install-info"),
    database("var/cache/man/**", "mandb"),
];

/// The database that a path belongs to.
pub fn owner(path: &str) -> Option<&'static SharedDatabase> {
    SHARED_DATABASES.iter().find(|database| pattern::matches(database.pattern, path))
}

/// Records of waste in two parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// Rewritten by the package manager.
    pub shared: Vec<Record>,
    /// Everything else.
    pub other: Vec<Record>,
}

/// Whether a record is of a package manager's doing. To delete a shared database is not.
pub fn is_rewritten(record: &Record) -> bool {
    record.cause != super::waste::Cause::Deleted && owner(&record.path).is_some()
}

/// Parts records.
pub fn split(records: Vec<Record>) -> Split {
    let (shared, other) = records.into_iter().partition(is_rewritten);
    Split { shared, other }
}

#[cfg(test)]
mod tests {
    use super::super::waste::{Cause, Record};
    use super::{owner, split};

    #[test]
    fn owners() {
        for (path, program) in [
            ("var/lib/dpkg/status", "dpkg"),
            ("var/lib/dpkg/triggers/File", "dpkg-trigger"),
            ("usr/share/mime/globs2", "update-mime-database"),
            ("usr/share/mime/text/plain.xml", "update-mime-database"),
            ("usr/lib/x86_64-linux-gnu/gtk-3.0/3.0.0/immodules.cache", "gtk-query-immodules"),
            ("var/cache/man/de/index.db", "mandb"),
        ] {
            assert_eq!(owner(path).map(|database| database.owner), Some(program), "{path}");
        }
        for path in [
            "var/lib/dpkg/status-old",
            "var/lib/dpkg/info/bash.postinst",
            "usr/share/mime/packages/freedesktop.org.xml",
            "etc/passwd-",
            "usr/bin/bash",
        ] {
            assert_eq!(owner(path), None, "{path}");
        }
    }

    #[test]
    fn two_parts() {
        let record = |path: &str, cause| Record {
            layer: 1,
            path: path.to_owned(),
            bytes: 1,
            cause,
            hidden_layer: Some(0),
            hidden_bytes: 1,
        };
        let parts = split(vec![
            record("etc/passwd", Cause::Rewritten),
            record("etc/passwd", Cause::Deleted),
            record("usr/bin/bash", Cause::MetadataOnly),
        ]);
        assert_eq!((parts.shared.len(), parts.other.len()), (1, 2));
    }
}
