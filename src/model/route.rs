//! Routes: paths of the web server that lead to a service of the container.

use std::fmt;

use super::names::Duration;
use crate::source::Span;

/// A path of the web server whose requests go to a local port.
#[derive(Clone, Debug)]
pub struct Route {
    /// The path, without the base path of the container: the web server takes that off first.
    pub path: RoutePath,
    /// The local port of the service.
    pub port: u16,
    /// Where that stands.
    pub port_span: Span,
    /// The path at the service; absent where it is the same.
    pub to: Option<ServicePath>,
    /// Whether connections can be upgraded.
    pub websocket: bool,
    /// Whether the web server collects answers before it hands them on.
    pub buffering: bool,
    /// After how much silence of the service the connection is closed; nginx's 60 s where absent.
    pub timeout: Option<Duration>,
    /// Whether requests of pages of other sites are refused.
    pub same_origin: bool,
    /// Where it was declared.
    pub span: Span,
}

/// A path of the web server. With a slash at its end it means everything below it, without one exactly this path.
///
/// Its parts are of characters that no client and no server ever writes as `%XX` (RFC 3986, "unreserved"), so
/// that what nginx looks up, which is decoded and without `.`, `..` and doubled slashes, is what was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RoutePath(String);

impl RoutePath {
    /// Checks a path.
    ///
    /// # Errors
    /// What is wrong with it, in a few words that continue "it …".
    pub fn parse(text: &str) -> Result<Self, String> {
        let Some(rest) = text.strip_prefix('/') else {
            return Err("does not begin with `/`".into());
        };
        let unreserved = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~');
        if let Some(bad) = rest.chars().find(|&c| c != '/' && !unreserved(c)) {
            return Err(format!(
                "contains {bad:?}; letters, digits, `-`, `.`, `_` and `~` are allowed"
            ));
        }
        let inner = rest.strip_suffix('/').unwrap_or(rest);
        if !rest.is_empty() && inner.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return Err(
                "has an empty part, `.` or `..`, which nginx resolves before it looks".into()
            );
        }
        if text.len() > 200 {
            return Err("is longer than 200 characters".into());
        }
        Ok(Self(text.to_owned()))
    }

    /// The path itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path without the slash at its end; empty for `/`. Two routes with the same one are in each other's way.
    pub fn stem(&self) -> &str {
        self.0.strip_suffix('/').unwrap_or(&self.0)
    }

    /// Whether it means everything below it.
    pub fn is_prefix(&self) -> bool {
        self.0.ends_with('/')
    }
}

impl fmt::Display for RoutePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A path at a service, as it is sent to it: RFC 3986, "path-absolute", without `$`, which nginx would expand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServicePath(String);

impl ServicePath {
    /// Checks a path.
    ///
    /// # Errors
    /// What is wrong with it, in a few words that continue "it …".
    pub fn parse(text: &str) -> Result<Self, String> {
        if !text.starts_with('/') {
            return Err("does not begin with `/`".into());
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~/!&'()*+,;=:@%".contains(c);
        if let Some(bad) = text.chars().find(|&c| !allowed(c)) {
            return Err(format!("contains {bad:?}, which a path of a URL has as %XX"));
        }
        let broken = text.split('%').skip(1).any(|rest| {
            rest.len() < 2 || !rest.bytes().take(2).all(|byte| byte.is_ascii_hexdigit())
        });
        if broken {
            return Err("has a `%` without two hexadecimal digits".into());
        }
        Ok(Self(text.to_owned()))
    }

    /// The path itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A duration as nginx reads it (its documentation, "configuration file measurement units"): one number, whatever
/// the order of the units in the spec.
pub fn nginx_time(duration: &Duration) -> String {
    let mut milliseconds: u64 = 0;
    let mut rest = duration.as_str();
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, after) = rest.split_at(digits);
        let length = after.len() - after.trim_start_matches(|c: char| !c.is_ascii_digit()).len();
        let (unit, after) = after.split_at(length);
        let factor = match unit {
            "ms" => 1,
            "m" => 60_000,
            "h" => 3_600_000,
            _ => 1000,
        };
        milliseconds += number.parse::<u64>().unwrap_or(0) * factor;
        rest = after;
    }
    if milliseconds.is_multiple_of(1000) {
        format!("{}s", milliseconds / 1000)
    } else {
        format!("{milliseconds}ms")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_as_nginx_looks_them_up() {
        for good in ["/", "/a", "/tools/netdata/", "/.well-known/x", "/~user/a_b-c.d"] {
            assert!(RoutePath::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "a", "//", "/a//b", "/a/../b", "/./", "/a b", "/é", "/a%20b", "/$x", "/a;b"]
        {
            assert!(RoutePath::parse(bad).is_err(), "{bad}");
        }
        for good in ["/", "/a%20b", "/a;b=c/@x", "/tools/"] {
            assert!(ServicePath::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "a", "/%2", "/%zz", "/a b", "/$x", "/a?b", "/a\"b", "/a\\b"] {
            assert!(ServicePath::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn times_are_one_number() -> Result<(), String> {
        for (written, wanted) in [
            ("30s", "30s"),
            ("1m30s", "90s"),
            ("30s1h", "3630s"),
            ("500ms", "500ms"),
            ("1s1ms", "1001ms"),
        ] {
            assert_eq!(nginx_time(&Duration::parse(written)?), wanted);
        }
        Ok(())
    }
}
