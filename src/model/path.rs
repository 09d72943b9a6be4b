//! Paths in an image.

use std::fmt;

/// An absolute path in an image: plain (no `.`, `..`, doubled or final `/`), of characters that
/// COPY, shells and people read alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(transparent)]
pub struct AbsolutePath(String);

/// Places whose content belongs to the engine, the kernel or the build, never to a layer.
const RESERVED: &[&str] =
    &["/run", "/var/run", "/var/lock", "/proc", "/sys", "/dev", "/tmp", "/var/tmp"];

/// Files that engines mount into every container.
const MOUNTED_FILES: &[&str] = &["/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/.dockerenv"];

/// Links into /usr on every merged system: two names for one file.
const MERGED: &[&str] = &["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];

/// Directories that many packages share (FHS): none of them is one component's.
const SHARED: &[&str] = &[
    "/bin",
    "/boot",
    "/etc",
    "/home",
    "/lib",
    "/lib64",
    "/media",
    "/mnt",
    "/opt",
    "/root",
    "/sbin",
    "/srv",
    "/usr",
    "/usr/bin",
    "/usr/include",
    "/usr/lib",
    "/usr/libexec",
    "/usr/local",
    "/usr/local/bin",
    "/usr/local/etc",
    "/usr/local/lib",
    "/usr/local/sbin",
    "/usr/local/share",
    "/usr/sbin",
    "/usr/share",
    "/var",
    "/var/cache",
    "/var/lib",
    "/var/log",
];

/// Where root's programs and configuration lie, at any depth: a user who may write there is root.
const PROGRAMS: &[&str] = &[
    "/bin",
    "/boot",
    "/etc",
    "/lib",
    "/lib64",
    "/sbin",
    "/usr/bin",
    "/usr/lib",
    "/usr/libexec",
    "/usr/local/bin",
    "/usr/local/sbin",
    "/usr/sbin",
];

/// Databases that belong to `[user]` and `[sudo]`, and to the programs that check them.
const ACCOUNTS: &[&str] = &[
    "/etc/group",
    "/etc/gshadow",
    "/etc/passwd",
    "/etc/shadow",
    "/etc/subgid",
    "/etc/subuid",
    "/etc/sudoers",
    "/etc/sudoers.d",
];

impl AbsolutePath {
    /// Checks a path.
    ///
    /// # Errors
    /// What is wrong with it, in a few words that continue "it …".
    pub fn parse(text: &str) -> Result<Self, String> {
        let Some(rest) = text.strip_prefix('/') else {
            return Err("is not absolute".into());
        };
        // `*?[\` are patterns in COPY, `$` a variable, quotes end strings.
        let strange = |c: char| {
            c.is_control() || matches!(c, '*' | '?' | '[' | ']' | '\\' | '$' | '"' | '\'' | '`')
        };
        if let Some(bad) = text.chars().find(|&c| strange(c)) {
            return Err(format!(
                "contains {bad:?}, which a Dockerfile or a shell reads as more than a character"
            ));
        }
        if rest.is_empty() {
            return Err("is the root directory".into());
        }
        for part in rest.split('/') {
            match part {
                "" => return Err("ends with `/` or has a doubled one".into()),
                "." | ".." => return Err(format!("contains `{part}`")),
                _ if part.starts_with(".wh.") => {
                    return Err(
                        "has a part that begins with `.wh.`, which layers read as a deletion"
                            .into(),
                    );
                }
                _ if part.len() > 255 => return Err("has a part of more than 255 bytes".into()),
                _ => {}
            }
        }
        if text.len() > 4095 {
            return Err("is longer than 4095 bytes".into());
        }
        Ok(Self(text.to_owned()))
    }

    /// The path itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last part.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The directory that it lies in; none for a path directly below the root.
    pub fn parent(&self) -> Option<Self> {
        let (parent, _) = self.0.rsplit_once('/')?;
        (!parent.is_empty()).then(|| Self(parent.to_owned()))
    }

    /// All directories above it, outermost first, without the root.
    pub fn ancestors(&self) -> Vec<Self> {
        let mut ancestors: Vec<Self> = std::iter::successors(self.parent(), Self::parent).collect();
        ancestors.reverse();
        ancestors
    }

    /// Whether it is `directory` or lies below it.
    pub fn is_in(&self, directory: &Self) -> bool {
        self == directory
            || self.0.strip_prefix(&directory.0).is_some_and(|rest| rest.starts_with('/'))
    }

    /// A path below this one; `below` is relative and already checked as part of a whole.
    ///
    /// # Errors
    /// What is wrong with the whole.
    pub fn join(&self, below: &str) -> Result<Self, String> {
        Self::parse(&format!("{}/{below}", self.0))
    }

    fn is_below_any(&self, places: &[&'static str]) -> Option<&'static str> {
        let within = |place: &&&str| {
            self.0 == **place
                || self.0.strip_prefix(**place).is_some_and(|rest| rest.starts_with('/'))
        };
        places.iter().find(within).copied()
    }

    /// Whether it is a directory that many packages share.
    pub fn is_shared_directory(&self) -> bool {
        SHARED.contains(&self.0.as_str())
    }

    /// Whether it is, or lies in, a place of root's programs and configuration.
    pub fn holds_programs(&self) -> bool {
        self.is_below_any(PROGRAMS).is_some()
    }

    /// The link into /usr that it goes through, if it does.
    pub fn merged_link(&self) -> Option<&'static str> {
        self.is_below_any(MERGED)
    }

    /// The database of accounts or rights that it is, or lies in.
    pub fn account_database(&self) -> Option<&'static str> {
        self.is_below_any(ACCOUNTS)
    }

    /// The place that forbids it to be in a layer, if there is one.
    pub fn reserved_by(&self) -> Option<&'static str> {
        self.is_below_any(RESERVED).or_else(|| self.is_below_any(MOUNTED_FILES))
    }
}

impl fmt::Display for AbsolutePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What a symbolic link says: symlink(7). Absolute, or relative to the directory of the link; whether there is
/// something at its end shows in the finished image only.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LinkTarget(String);

impl LinkTarget {
    /// Checks a target.
    ///
    /// # Errors
    /// What is wrong with it, in a few words that continue "it …".
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(bad) = text.chars().find(|c| c.is_control()) {
            return Err(format!("contains {bad:?}"));
        }
        if text.is_empty() || text.len() > 4095 {
            return Err("is empty or longer than 4095 bytes".into());
        }
        if text == "~" || text.starts_with("~/") {
            return Err("begins with `~`, which links do not expand".into());
        }
        Ok(Self(text.to_owned()))
    }

    /// The target as the link says it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path that a link at `path` leads to, by its text alone; none where that is no plain path.
    pub fn from(&self, path: &AbsolutePath) -> Option<AbsolutePath> {
        let mut parts: Vec<&str> = Vec::new();
        let directory = path.parent();
        if !self.0.starts_with('/') {
            parts.extend(directory.iter().flat_map(|parent| parent.as_str().split('/')));
        }
        for part in self.0.split('/') {
            match part {
                ".." => {
                    parts.pop();
                }
                "." => {}
                part => parts.push(part),
            }
        }
        parts.retain(|part| !part.is_empty());
        AbsolutePath::parse(&format!("/{}", parts.join("/"))).ok()
    }
}

impl fmt::Display for LinkTarget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_absolute_paths_pass() {
        for good in ["/etc/x", "/a b/c", "/home/é", "/x.y"] {
            assert!(AbsolutePath::parse(good).is_ok(), "{good}");
        }
        for bad in
            ["etc", "/", "//a", "/a/", "/a/../b", "/./a", "/a*", "/$x", "/a\nb", "/.wh.a", "/a\"b"]
        {
            assert!(AbsolutePath::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn links_lead_where_their_text_says() -> Result<(), String> {
        let link = AbsolutePath::parse("/usr/local/bin/x")?;
        for (to, end) in [
            ("/opt/x/x", Some("/opt/x/x")),
            ("x-1", Some("/usr/local/bin/x-1")),
            ("../lib/./x", Some("/usr/local/lib/x")),
            ("../../../../opt//x/", Some("/opt/x")),
            ("/..", None),
        ] {
            let target = LinkTarget::parse(to)?;
            assert_eq!(target.from(&link).as_ref().map(AbsolutePath::as_str), end, "{to}");
        }
        for bad in ["", "~", "~/x", "a\nb"] {
            assert!(LinkTarget::parse(bad).is_err(), "{bad:?}");
        }
        Ok(())
    }

    #[test]
    fn ancestors_are_outermost_first_and_prefixes_are_whole_parts() -> Result<(), String> {
        let path = AbsolutePath::parse("/a/b/c")?;
        let names: Vec<_> = path.ancestors().iter().map(ToString::to_string).collect();
        assert_eq!(names, ["/a", "/a/b"]);
        assert!(path.is_in(&AbsolutePath::parse("/a/b")?));
        assert!(!path.is_in(&AbsolutePath::parse("/a/bb")?));
        assert_eq!(AbsolutePath::parse("/var/run/x")?.reserved_by(), Some("/var/run"));
        assert_eq!(AbsolutePath::parse("/runner")?.reserved_by(), None);
        Ok(())
    }
}
