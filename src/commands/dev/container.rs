//! A container of a late image: its own program, a shell, or its checks.

use std::process::Stdio;

use anyhow::Context;

use super::super::{DONE, ENGINE_FAILED, FINDINGS, Session};
use crate::cli::Dev;
use crate::dev::Late;
use crate::engine::{Engine, EngineName};
use crate::render;

/// What `--run`, `--shell` and `--test` ask for, in a container of an image that vanishes with it.
pub(super) fn start(
    session: &Session,
    engine: &Engine,
    arguments: &Dev,
    late: &Late,
    image: &str,
) -> anyhow::Result<u8> {
    if !(arguments.run || arguments.shell || arguments.test) {
        return Ok(DONE);
    }
    if engine.kind() == EngineName::Buildah {
        session.complain(&format!(
            "error: buildah builds images and starts none; {image} is there, and podman sees it"
        ));
        return Ok(ENGINE_FAILED);
    }
    let mut command = engine.command();
    command.args(["run", "--rm"]);
    if let Some(network) = &arguments.network {
        command.args(["--network", network]);
    } else if arguments.run {
        for port in &late.plan.configuration.ports {
            command.args(["--publish", &format!("127.0.0.1:{port}:{port}")]);
        }
    }
    if arguments.test {
        return test(engine, command, late, image);
    }
    command.arg("--interactive");
    if std::io::IsTerminal::is_terminal(&std::io::stdin()) {
        command.arg("--tty");
    }
    if arguments.shell {
        command.args(["--entrypoint", "/bin/bash", image]);
    } else {
        command.arg(image);
    }
    let status = command.status().with_context(|| format!("starting {}", engine.name()))?;
    Ok(if status.success() { DONE } else { FINDINGS })
}

/// Runs the checks of the working spec.
fn test(
    engine: &Engine,
    mut command: std::process::Command,
    late: &Late,
    image: &str,
) -> anyhow::Result<u8> {
    let tree = render::render_late(late)
        .map_err(|error| anyhow::anyhow!("a built-in template failed: {error:#}"))?;
    let checks = tree.get("checks.sh").context("the image has no checks")?;
    let mut script = tempfile::tempfile().context("making a temporary file")?;
    std::io::Write::write_all(&mut script, &checks.bytes)?;
    std::io::Seek::rewind(&mut script)?;
    command.args(["--interactive", "--entrypoint", "/bin/bash", image, "-s"]);
    command.stdin(Stdio::from(script));
    let status = command.status().with_context(|| format!("starting {}", engine.name()))?;
    Ok(if status.success() { DONE } else { FINDINGS })
}
