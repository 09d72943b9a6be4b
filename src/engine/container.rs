//! Containers of built images: for checks, for trying an image, for looking around in it.

use std::ffi::OsString;
use std::process::{Command, ExitStatus, Stdio};
use std::str::FromStr;

use anyhow::bail;
use bytes::Bytes;

use super::interrupt::Interrupt;
use super::{Engine, EngineName, process};

/// The ids of `--as UID:GID`: those that a cluster gives, whatever the image says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ids {
    /// User id.
    pub uid: u32,
    /// Group id; 0 where none is given, as OpenShift does.
    pub gid: u32,
}

impl FromStr for Ids {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (uid, gid) = text.split_once(':').unwrap_or((text, "0"));
        match (uid.parse(), gid.parse()) {
            (Ok(uid), Ok(gid)) => Ok(Self { uid, gid }),
            _ => Err("it takes UID or UID:GID, as numbers".to_owned()),
        }
    }
}

/// Empty folders in memory that a container with read-only files may write, as volumes of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Writable {
    /// Their paths.
    pub folders: Vec<String>,
    /// Whose they are.
    pub owner: Ids,
}

impl Writable {
    /// The options of `--tmpfs`. runc gives such a folder the mode of the image's, so the owner has to be right.
    fn options(&self, engine: EngineName) -> String {
        let Ids { uid, gid } = self.owner;
        match engine {
            EngineName::Podman => "U,exec".to_owned(),
            EngineName::Docker | EngineName::Buildah => {
                format!("mode=1777,exec,uid={uid},gid={gid}")
            }
        }
    }
}

/// How a container runs.
#[derive(Clone, Debug, Default)]
pub struct Container<'request> {
    /// The image.
    pub image: &'request str,
    /// What to run in place of the image's entrypoint and command; those where there is none.
    pub command: Option<Vec<OsString>>,
    /// Whose ids it gets in place of the image's.
    pub ids: Option<Ids>,
    /// Whether processes can gain no privileges by setuid programs or file capabilities (PR_SET_NO_NEW_PRIVS).
    pub no_new_privileges: bool,
    /// The folders that are writable, where the image's files are not.
    pub writable: Option<Writable>,
    /// The network, as the engine calls it.
    pub network: Option<&'request str>,
    /// Ports of this machine, and those of the container behind them.
    pub ports: Vec<(u16, u16)>,
    /// Volumes, as the engine writes them.
    pub volumes: &'request [String],
    /// Variables, `NAME=VALUE` or `NAME`.
    pub environment: &'request [String],
    /// Whether it has a terminal.
    pub terminal: bool,
    /// By which it is found and removed.
    pub name: String,
}

impl Container<'_> {
    /// What the engine cannot do of what is asked.
    fn refusal(&self, engine: EngineName) -> Option<String> {
        if engine != EngineName::Buildah {
            return None;
        }
        let asked = [
            (self.no_new_privileges, "--no-new-privileges"),
            (self.writable.is_some(), "--read-only"),
            (self.command.is_none(), "to start the image's own program"),
        ];
        let asked = asked.into_iter().find(|(asked, _)| *asked).map(|(_, what)| what)?;
        Some(format!("buildah builds and cannot {asked}: name docker or podman with --engine"))
    }

    /// The arguments of docker and podman.
    fn arguments(&self, engine: EngineName) -> Vec<OsString> {
        let mut words: Vec<OsString> =
            ["run", "--rm", "--interactive", "--name", &self.name].map(Into::into).into();
        if self.terminal {
            words.push("--tty".into());
        }
        if engine == EngineName::Podman {
            // It would want timers of systemd.
            words.push("--no-healthcheck".into());
        }
        let mut option = |name: &str, value: &str| words.push(format!("{name}={value}").into());
        if let Some(Ids { uid, gid }) = self.ids {
            option("--user", &format!("{uid}:{gid}"));
        }
        if self.no_new_privileges {
            option("--security-opt", "no-new-privileges");
        }
        if let Some(writable) = &self.writable {
            option("--read-only", "true");
            let options = writable.options(engine);
            for folder in &writable.folders {
                option("--tmpfs", &format!("{folder}:{options}"));
            }
        }
        if let Some(network) = self.network {
            option("--network", network);
        }
        for (outside, inside) in &self.ports {
            option("--publish", &format!("{outside}:{inside}"));
        }
        for volume in self.volumes {
            option("--volume", volume);
        }
        for variable in self.environment {
            option("--env", variable);
        }
        if self.command.is_some() {
            option("--entrypoint", "");
        }
        words.push(self.image.into());
        words.extend(self.command.iter().flatten().cloned());
        words
    }
}

impl Engine {
    /// Runs a container to its end with `input` on its stdin, and hands its lines on.
    ///
    /// # Errors
    /// The engine cannot be started, or cannot do what is asked.
    pub fn run_and_read(
        &self,
        container: &Container<'_>,
        input: Bytes,
        interrupt: &Interrupt,
        mut on_line: impl FnMut(&str),
    ) -> anyhow::Result<ExitStatus> {
        let (command, _removal) = self.container_command(container)?;
        process::stream_with_input(command, Some(input), interrupt, |line, _| on_line(line))
    }

    /// Runs a container with the terminal, or the streams, of this process. A signal to this process stops it.
    ///
    /// # Errors
    /// The engine cannot be started, or cannot do what is asked.
    pub fn run_here(
        &self,
        container: &Container<'_>,
        interrupt: &Interrupt,
    ) -> anyhow::Result<ExitStatus> {
        let (command, _removal) = self.container_command(container)?;
        process::attached(command, interrupt)
    }

    fn container_command(
        &self,
        container: &Container<'_>,
    ) -> anyhow::Result<(Command, Removal<'_>)> {
        if let Some(refusal) = container.refusal(self.kind()) {
            bail!(refusal);
        }
        let mut command = self.command();
        if self.kind() != EngineName::Buildah {
            command.args(container.arguments(self.kind()));
            return Ok((command, Removal { engine: self, name: container.name.clone() }));
        }
        // buildah has working containers in place of running ones.
        let name =
            self.ask(&["from", "--pull-never", "--name", &container.name, container.image])?;
        let removal = Removal { engine: self, name: name.trim().to_owned() };
        command.arg("run");
        if let Some(Ids { uid, gid }) = container.ids {
            command.arg(format!("--user={uid}:{gid}"));
        }
        if let Some(network) = container.network {
            command.arg(format!("--network={network}"));
        }
        for variable in container.environment {
            command.arg(format!("--env={variable}"));
        }
        for volume in container.volumes {
            command.arg(format!("--volume={volume}"));
        }
        if container.terminal {
            command.arg("--terminal");
        }
        command.arg(&removal.name).arg("--").args(container.command.iter().flatten());
        Ok((command, removal))
    }
}

/// Removes a container when it goes out of scope, whatever happened meanwhile: an engine's client that was killed
/// leaves it running.
struct Removal<'engine> {
    engine: &'engine Engine,
    name: String,
}

impl Drop for Removal<'_> {
    fn drop(&mut self) {
        let mut command = self.engine.command();
        command.arg("rm");
        if self.engine.kind() != EngineName::Buildah {
            command.arg("--force");
        }
        // Where `--rm` has removed it there is none, and that is as it should be.
        let _ = command
            .arg(&self.name)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_as_clusters_run_it() {
        let container = Container {
            image: "a:b",
            command: Some(vec!["bash".into(), "-s".into()]),
            ids: "12345".parse().ok(),
            no_new_privileges: true,
            writable: Some(Writable {
                folders: vec!["/tmp".to_owned()],
                owner: Ids { uid: 12345, gid: 0 },
            }),
            name: "n".to_owned(),
            ..Container::default()
        };
        let words = container.arguments(EngineName::Docker);
        let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
        assert_eq!(
            words.join(" "),
            "run --rm --interactive --name n --user=12345:0 --security-opt=no-new-privileges --read-only=true --tmpfs=/tmp:mode=1777,exec,uid=12345,gid=0 --entrypoint= a:b bash -s"
        );
        assert!(container.refusal(EngineName::Buildah).unwrap().contains("--no-new-privileges"));
        assert_eq!(container.refusal(EngineName::Podman), None);
    }

    #[test]
    fn ids_are_numbers() {
        assert_eq!("5:6".parse(), Ok(Ids { uid: 5, gid: 6 }));
        assert!("jovyan".parse::<Ids>().is_err());
        assert!("5:".parse::<Ids>().is_err());
    }
}
