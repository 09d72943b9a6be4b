//! Caches of package managers: what they fill again by themselves, and what no container needs.
//!
//! Takes a path, gives the manager and the folder of its cache. Left out: apt's empty skeleton, as in
//! [`super::hygiene`], and `__pycache__`.

/// A cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cache<'path> {
    /// Whose it is.
    pub manager: &'static str,
    /// Its folder, a part of the path.
    pub folder: &'path str,
}

/// Folders by the names that lead to them, wherever they begin.
const ANYWHERE: &[(&str, &str)] = &[
    (".cache/pip", "pip"),
    (".cache/uv", "uv"),
    (".cache/pypoetry", "Poetry"),
    (".cache/R", "R"),
    (".cache/yarn", "Yarn"),
    (".cache/go-build", "Go"),
    (".cache/conda", "conda"),
    (".npm/_cacache", "npm"),
    (".npm/_logs", "npm"),
    (".conda/pkgs", "conda"),
    (".cargo/registry", "Cargo"),
    ("pkgs/cache", "conda"),
    ("downloaded_packages", "R"),
];

/// Folders from the root.
const AT_ROOT: &[(&str, &str)] = &[
    ("var/cache/apt", "apt"),
    ("var/lib/apt/lists", "apt"),
    ("var/cache/yum", "yum"),
    ("var/cache/dnf", "dnf"),
    ("var/cache/apk", "apk"),
];

/// Files and folders that apt makes again each time it runs, and that hold nothing.
const SKELETON: &[&str] =
    &["var/lib/apt/lists/lock", "var/lib/apt/lists/auxfiles", "var/cache/apt/archives/lock"];

/// The cache that a file lies in.
pub fn of(path: &str) -> Option<Cache<'_>> {
    if SKELETON.contains(&path) {
        return None;
    }
    let at_root = AT_ROOT.iter().find_map(|(folder, manager)| {
        let below = path.strip_prefix(folder)?.starts_with('/');
        below.then(|| Cache { manager, folder: &path[..folder.len()] })
    });
    at_root.or_else(|| anywhere(path)).or_else(|| archive_of_conda(path))
}

fn anywhere(path: &str) -> Option<Cache<'_>> {
    ANYWHERE.iter().find_map(|(names, manager)| {
        let mut from = 0;
        while let Some(at) = path.get(from..)?.find(names).map(|at| from + at) {
            let end = at + names.len();
            let is_whole = at == 0 || path.as_bytes().get(at - 1) == Some(&b'/');
            if is_whole && path.as_bytes().get(end) == Some(&b'/') {
                return Some(Cache { manager, folder: &path[..end] });
            }
            from = end;
        }
        None
    })
}

/// conda keeps what it has fetched beside what it has unpacked, which environments have as hard links.
fn archive_of_conda(path: &str) -> Option<Cache<'_>> {
    let (folder, file) = super::path::split(path)?;
    let is_archive = [".conda", ".tar.bz2"].iter().any(|end| file.strip_suffix(end).is_some());
    (is_archive && folder.ends_with("/pkgs")).then_some(Cache { manager: "conda", folder })
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn caches_of_every_manager() {
        for (path, manager, folder) in [
            ("var/cache/apt/pkgcache.bin", "apt", "var/cache/apt"),
            ("var/lib/apt/lists/deb.example.org_dists_x_InRelease", "apt", "var/lib/apt/lists"),
            ("root/.cache/pip/http-v2/a/b", "pip", "root/.cache/pip"),
            ("home/u/.npm/_cacache/index-v5/a", "npm", "home/u/.npm/_cacache"),
            ("opt/conda/pkgs/cache/abc.json", "conda", "opt/conda/pkgs/cache"),
            ("opt/conda/pkgs/zlib-1.3-h1_0.conda", "conda", "opt/conda/pkgs"),
            ("tmp/RtmpAb/downloaded_packages/cli.tar.gz", "R", "tmp/RtmpAb/downloaded_packages"),
            ("home/u/.cache/R/pkgcache/x", "R", "home/u/.cache/R"),
        ] {
            let cache = of(path).unwrap_or_else(|| panic!("{path}"));
            assert_eq!((cache.manager, cache.folder), (manager, folder), "{path}");
        }
        for path in [
            "var/lib/apt/lists/lock",
            "var/cache/apt",
            "opt/conda/pkgs/zlib-1.3-h1_0/lib/libz.so",
            "usr/share/my.cache/pip/x",
            "usr/share/x.tar.bz2",
        ] {
            assert_eq!(of(path), None, "{path}");
        }
    }
}
