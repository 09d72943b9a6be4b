//! A container of a late image: its own program, a shell, or its checks.

use std::process::{Child, Command, Stdio};

use anyhow::{Context, bail};

use super::super::{DONE, ENGINE_FAILED, FINDINGS, Session};
use super::Ready;
use crate::cli::Dev;
use crate::engine::EngineName;
use crate::render;

/// What `--run`, `--shell` and `--test` ask for, in a container that vanishes when it ends.
pub(super) fn start(session: &Session, arguments: &Dev, ready: &Ready) -> anyhow::Result<u8> {
    if !(arguments.run || arguments.shell || arguments.test) {
        return Ok(DONE);
    }
    let mut command = match command(arguments, ready) {
        Ok(command) => command,
        Err(error) => {
            session.complain(&format!("error: {error:#}"));
            return Ok(ENGINE_FAILED);
        }
    };
    if arguments.test {
        command.args(["--interactive", "--entrypoint", "/bin/bash", &ready.image, "-s"]);
        command.stdin(checks(ready)?);
    } else {
        command.arg("--interactive");
        if std::io::IsTerminal::is_terminal(&std::io::stdin()) {
            command.arg("--tty");
        }
        if arguments.shell {
            command.args(["--entrypoint", "/bin/bash"]);
        }
        command.arg(&ready.image);
    }
    let status = command.status().with_context(|| format!("starting {}", ready.engine.name()))?;
    Ok(if status.success() { DONE } else { FINDINGS })
}

/// The beginning of a command that starts a container.
fn command(arguments: &Dev, ready: &Ready) -> anyhow::Result<Command> {
    if ready.engine.kind() == EngineName::Buildah {
        bail!(
            "buildah builds images and starts none; {} is there, and podman sees it",
            ready.image
        );
    }
    let mut command = ready.engine.command();
    command.args(["run", "--rm"]);
    if let Some(network) = &arguments.network {
        command.args(["--network", network]);
    } else if arguments.run {
        for port in &ready.late.plan.configuration.ports {
            command.args(["--publish", &format!("127.0.0.1:{port}:{port}")]);
        }
    }
    Ok(command)
}

/// The checks of the working spec, to be read by a shell.
fn checks(ready: &Ready) -> anyhow::Result<Stdio> {
    let tree = render::render_late(&ready.late)
        .map_err(|error| anyhow::anyhow!("a built-in template failed: {error:#}"))?;
    let checks = tree.get("checks.sh").context("the image has no checks")?;
    let mut script = tempfile::tempfile().context("making a temporary file")?;
    std::io::Write::write_all(&mut script, &checks.bytes)?;
    std::io::Seek::rewind(&mut script)?;
    Ok(script.into())
}

/// A container that runs while the spec is watched.
#[derive(Debug)]
pub(super) struct Running {
    name: String,
    child: Child,
}

impl Running {
    /// Starts a container; the one before it ends first, since both want the same ports.
    ///
    /// # Errors
    /// The engine cannot be started, or starts no containers.
    pub(super) fn replace(
        before: Option<Self>,
        arguments: &Dev,
        ready: &Ready,
    ) -> anyhow::Result<Self> {
        let mut command = command(arguments, ready)?;
        if let Some(mut before) = before {
            let mut stop = ready.engine.command();
            let stopped = stop.args(["stop", "--time", "5", &before.name]).stdout(Stdio::null());
            stopped.status().with_context(|| format!("starting {}", ready.engine.name()))?;
            before.child.wait().context("waiting for the container to end")?;
        }
        let name =
            ready.late.plan.reference.rsplit('/').next().unwrap_or_default().replace(':', "-");
        command.args(["--name", &name, &ready.image]).stdin(Stdio::null());
        let child = command.spawn().with_context(|| format!("starting {}", ready.engine.name()))?;
        Ok(Self { name, child })
    }
}
