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

impl AbsolutePath {
    /// Checks a path.
    ///
    /// # Errors
    /// What is wrong with it, in a few words that continue "it …".
    pub fn parse(text: &str) -> Result<Self, String> {
        let Some(rest) = text.strip_prefix('/') else {
            return Err("has to begin with `/`".into());
        };
        // `*?[\` are patterns in COPY, `$` a variable, quotes end strings.
        let strange = |c: char| {
            c.is_control() || matches!(c, '*' | '?' | '[' | ']' | '\\' | '$' | '"' | '\'' | '`')
        };
        if let Some(bad) = text.chars().find(|&c| strange(c)) {
            return Err(format!("has {bad:?}, which a path in a Dockerfile cannot have safely"));
        }
        if rest.is_empty() {
            return Err("is the root directory".into());
        }
        for part in rest.split('/') {
            match part {
                "" => return Err("has an empty part (a doubled or a final `/`)".into()),
                "." | ".." => return Err(format!("has the part `{part}`")),
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

    /// The place that forbids it to be in a layer, if there is one.
    pub fn reserved_by(&self) -> Option<&'static str> {
        let within = |place: &&&str| {
            self.0 == **place
                || self.0.strip_prefix(**place).is_some_and(|rest| rest.starts_with('/'))
        };
        RESERVED
            .iter()
            .find(within)
            .or_else(|| MOUNTED_FILES.iter().find(|file| self.0 == **file))
            .copied()
    }
}

impl fmt::Display for AbsolutePath {
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
