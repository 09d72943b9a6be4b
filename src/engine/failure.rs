//! What an engine's own words mean, and what to do about them.
//!
//! Takes what an engine said at its end, gives a sentence for the user. Engines word the same trouble in many ways;
//! what is not in the table is shown as they said it.

/// Words that engines use, and what they mean.
const MEANINGS: &[(&[&str], &str)] = &[
    (
        &["permission denied while trying to connect", "connect: permission denied"],
        "this user may not talk to the engine's daemon: use an account that may (for docker, one of the group docker), or a rootless engine",
    ),
    (
        &[
            "cannot connect to the docker daemon",
            "is the docker daemon running",
            "failed to connect to the docker api",
        ],
        "the engine's daemon does not answer: start it, or let DOCKER_HOST or `docker context use` name one that runs",
    ),
    (
        &["no space left on device", "disk quota exceeded"],
        "the disk is full: `docker system df` (or `podman system df`) shows what the engine keeps, `rdspec clean` removes this stack's old images",
    ),
    (
        &[
            "exit code: 137",
            "exit status 137",
            "signal: killed",
            "oom-kill",
            "cannot allocate memory",
        ],
        "something killed the command, most often the kernel for want of memory: `dmesg` says so; give the engine more memory or build fewer images at once (--jobs 1)",
    ),
    (
        &[
            "buildx component is missing",
            "requires buildkit",
            "unknown flag: --mount",
            "buildkit is not supported",
            "unknown flag: --progress",
        ],
        "this docker has no BuildKit: install its buildx plugin (docker-buildx), or name another engine with --engine",
    ),
    (
        &[
            "pull access denied",
            "manifest unknown",
            "failed to resolve source metadata",
            "no such image",
            "image not known",
            "did not resolve to an alias",
            "initializing source docker:",
            "repository does not exist",
            "failed to do request",
            "insufficient_scope",
        ],
        "the base image is not in the engine's store and could not be pulled: `--base IMAGE` builds on a local one, and a registry may want a login",
    ),
    (
        &["max depth exceeded"],
        "the chain has more layers than the engine stacks: build on a flatter base image",
    ),
    (
        &[
            "temporary failure resolving",
            "temporary failure in name resolution",
            "could not resolve host",
            "network is unreachable",
        ],
        "commands of the build have no network: `--network host` gives them that of this machine",
    ),
];

/// What the lines at the end of a failed run mean, if that is known.
pub fn meaning<'line>(lines: impl IntoIterator<Item = &'line str>) -> Option<&'static str> {
    let text: Vec<String> = lines.into_iter().map(str::to_lowercase).collect();
    let said = |words: &&str| text.iter().any(|line| line.contains(words));
    MEANINGS.iter().find(|(words, _)| words.iter().any(&said)).map(|(_, what)| *what)
}

#[cfg(test)]
mod tests {
    use super::meaning;

    #[test]
    fn known_troubles_of_several_engines() {
        for (said, means) in [
            (
                "Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?",
                "daemon does not answer",
            ),
            ("dial unix /var/run/docker.sock: connect: permission denied", "may not talk"),
            ("tar: write error: No space left on device", "disk is full"),
            ("process \"/bin/sh\" did not complete successfully: exit code: 137", "killed"),
            (
                "Error: creating build container: short-name \"x\" did not resolve to an alias",
                "base image",
            ),
            (
                "ERROR: BuildKit is enabled but the buildx component is missing or broken.",
                "buildx plugin",
            ),
            ("Temporary failure resolving 'deb.example.org'", "--network host"),
        ] {
            assert!(meaning([said]).unwrap_or_default().contains(means), "{said}");
        }
        assert_eq!(meaning(["exit code: 1"]), None);
    }
}
