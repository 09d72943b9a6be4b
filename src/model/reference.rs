//! Names of container images, of their registries and tags, and digests.

use std::fmt;

use super::names::{Sha256, checked_string};

checked_string! {
    /// A container image reference without a digest: `[host[:port]/]path[:tag]`, the grammar of the
    /// distribution project's `reference` package.
    Reference, |text| {
        if text.contains('@') {
            return Err("contains a digest; write it as `digest`".into());
        }
        let (path, tag) = match text.rsplit_once(':') {
            Some((path, tag)) if !tag.contains('/') => (path, Some(tag)),
            _ => (text, None),
        };
        if path.is_empty() {
            return Err("is empty".into());
        }
        for (index, part) in path.split('/').enumerate() {
            let host = index == 0 && path.contains('/');
            let allowed = |c: char| {
                c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-')
                    || (host && (c == ':' || c.is_ascii_uppercase()))
            };
            let ends = |c: char| c.is_ascii_alphanumeric();
            if !part.starts_with(ends) || !part.ends_with(ends) || !part.chars().all(allowed) {
                return Err(format!("has the part {part:?}, which no image name can have"));
            }
        }
        match tag {
            None => Err("has no tag; say `:latest` if you mean it".into()),
            Some(tag) => check_tag(tag),
        }
    }
}

checked_string! {
    /// An image tag: OCI distribution spec, "pulling manifests".
    Tag, check_tag
}

fn check_tag(tag: &str) -> Result<(), String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if tag.is_empty() || tag.len() > 128 || tag.starts_with(['.', '-']) || !tag.chars().all(allowed)
    {
        return Err(
            "is no tag; letters, digits, `_`, `.` and `-` are allowed, at most 128, not beginning with `.` or `-`".into(),
        );
    }
    Ok(())
}

/// The host of a registry, with its port: what stands before the first `/`.
pub(crate) fn host(registry: &str) -> &str {
    registry.split('/').next().unwrap_or(registry)
}

checked_string! {
    /// A registry: a host name with an optional port and path. What stands before the first `/` is a host by the rule of
    /// engines: it has a `.` or a `:`, or it is `localhost`.
    Registry, |text| {
        let probe = format!("{text}/x:x");
        if Reference::parse(&probe).is_err() {
            return Err("is not a registry: host[:port][/path], without `https://`".into());
        }
        let host = host(text);
        if host != "localhost" && !host.contains(['.', ':']) {
            return Err("begins with no host: engines would add one of their own, as docker.io/ in front".into());
        }
        Ok(())
    }
}

checked_string! {
    /// An image digest: `sha256:` and 64 hexadecimal digits (OCI image spec, descriptor digests).
    Digest, |text| {
        let Some(sum) = text.strip_prefix("sha256:") else {
            return Err("does not begin with `sha256:`".into());
        };
        let problem = "has something else than 64 lower-case hexadecimal digits after `sha256:`";
        Sha256::parse(sum).map(|_| ()).map_err(|_| problem.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_need_a_tag_and_keep_ports_apart_from_tags() {
        for good in ["debian:bookworm", "localhost:5000/a/b:c", "Host.example/a:1"] {
            assert!(Reference::parse(good).is_ok(), "{good}");
        }
        for bad in
            ["debian", "localhost:5000/a", "Debian:x", "a:b@sha256:0", "a//b:c", ":x", "a:-b"]
        {
            assert!(Reference::parse(bad).is_err(), "{bad}");
        }
    }
}
