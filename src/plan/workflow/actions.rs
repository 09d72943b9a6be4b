//! The actions of others that the workflow uses: the one table of them.
//!
//! Each is pinned by the commit of a release, for a tag can be moved to something else by whoever gets hold of a
//! maintainer's account. To renew one: read the notes of its releases, take the commit that the release's tag points to
//! (`git ls-remote https://github.com/OWNER/NAME 'refs/tags/VERSION^{}'`, or without `^{}` where the tag is not annotated), and
//! change commit and version here together. `rdspec generate` then moves every workflow.

use serde::Serialize;

/// An action at a release.
#[derive(Debug, Serialize)]
pub struct Action {
    /// Owner and name.
    pub name: &'static str,
    /// The commit of the release.
    pub commit: &'static str,
    /// The release, for people.
    pub version: &'static str,
}

/// The actions, by what they are for.
#[derive(Debug, Serialize)]
pub struct Actions<T> {
    /// Gets the repository.
    pub checkout: T,
    /// Makes a builder.
    pub buildx: T,
    /// Lets a builder run programs of other processors.
    pub qemu: T,
    /// Logs in at a registry.
    pub login: T,
    /// Looks for vulnerabilities.
    pub trivy: T,
    /// Keeps files of a run.
    pub artifact: T,
}

/// The table.
pub static ACTIONS: Actions<Action> = Actions {
    checkout: Action {
        name: "actions/checkout",
        commit: "3d3c42e5aac5ba805825da76410c181273ba90b1",
        version: "v7.0.1",
    },
    buildx: Action {
        name: "docker/setup-buildx-action",
        commit: "37fe631027851001ddb9b187196cc803df7f5f0e",
        version: "v4.3.0",
    },
    qemu: Action {
        name: "docker/setup-qemu-action",
        commit: "96fe6ef7f33517b61c61be40b68a1882f3264fb8",
        version: "v4.2.0",
    },
    login: Action {
        name: "docker/login-action",
        commit: "4907a6ddec9925e35a0a9e82d7399ccc52663121",
        version: "v4.1.0",
    },
    trivy: Action {
        name: "aquasecurity/trivy-action",
        commit: "ed142fd0673e97e23eac54620cfb913e5ce36c25",
        version: "v0.36.0",
    },
    artifact: Action {
        name: "actions/upload-artifact",
        commit: "bbbca2ddaa5d8feaa63e36b76fdaad77386f024f",
        version: "v7.0.0",
    },
};

impl<T> Actions<T> {
    /// The same by reference.
    pub fn as_ref(&self) -> Actions<&T> {
        Actions {
            checkout: &self.checkout,
            buildx: &self.buildx,
            qemu: &self.qemu,
            login: &self.login,
            trivy: &self.trivy,
            artifact: &self.artifact,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_is_pinned_by_a_whole_commit() {
        let Actions { checkout, buildx, qemu, login, trivy, artifact } = ACTIONS.as_ref();
        for action in [checkout, buildx, qemu, login, trivy, artifact] {
            assert_eq!(action.commit.len(), 40, "{action:?}");
            assert!(action.commit.bytes().all(|c| c.is_ascii_hexdigit()), "{action:?}");
            assert!(action.version.starts_with('v'), "{action:?}");
        }
    }
}
