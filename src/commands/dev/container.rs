//! A container of a late image: its own program, a shell, or its checks.

use std::io::IsTerminal;
use std::thread::JoinHandle;

use anyhow::Context;

use super::super::{DONE, ENGINE_FAILED, FINDINGS, Session};
use super::Ready;
use crate::cli::engines::Dev;
use crate::engine::Engine;
use crate::engine::container::Container;
use crate::engine::interrupt::Interrupt;
use crate::render;

/// What `--run`, `--shell` and `--test` ask for, in a container that vanishes when it ends.
pub(super) fn start(
    session: &Session,
    arguments: &Dev,
    ready: &Ready,
    interrupt: &Interrupt,
) -> anyhow::Result<u8> {
    if !(arguments.run || arguments.shell || arguments.test) {
        return Ok(DONE);
    }
    let mut container = container(arguments, ready);
    let ended = if arguments.test {
        container.command = Some(["bash", "-s"].map(Into::into).into());
        let tree = render::render_late(&ready.late)
            .map_err(|error| anyhow::anyhow!("a built-in template failed: {error:#}"))?;
        let checks = tree.get("checks.sh").context("the image has no checks")?.bytes.clone();
        ready.engine.run_and_read(&container, checks, interrupt, |line| {
            session.print(&format!("{line}\n"));
        })
    } else {
        container.terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
        if arguments.shell {
            container.command = Some(["bash", "-l"].map(Into::into).into());
        }
        ready.engine.run_here(&container, interrupt)
    };
    Ok(match ended {
        Ok(status) if status.success() => DONE,
        Ok(_) => FINDINGS,
        Err(error) => {
            session.complain(&format!("error: {error:#}"));
            ENGINE_FAILED
        }
    })
}

/// A container of an image, with the ports of this machine where its program is to run.
fn container<'ready>(arguments: &'ready Dev, ready: &'ready Ready) -> Container<'ready> {
    let on_host = arguments.network.as_deref() == Some("host");
    let ports = ready.late.plan.configuration.ports.iter();
    let name = ready.late.plan.reference.rsplit('/').next().unwrap_or_default();
    Container {
        image: &ready.image,
        network: arguments.network.as_deref(),
        ports: ports.filter(|_| arguments.run && !on_host).map(|port| (*port, *port)).collect(),
        name: format!("rdspec-{}", name.replace(':', "-")),
        ..Container::default()
    }
}

/// A container that runs while the spec is watched.
#[derive(Debug)]
pub(super) struct Running {
    engine: Engine,
    name: String,
    thread: JoinHandle<anyhow::Result<()>>,
}

impl Running {
    /// Starts a container; the one before it has ended, since both want the same ports.
    pub(super) fn start(arguments: &Dev, ready: &Ready) -> Self {
        let container = container(arguments, ready);
        let name = container.name.clone();
        let (image, network, ports) =
            (ready.image.clone(), arguments.network.clone(), container.ports);
        let (engine, own_name) = (ready.engine.clone(), name.clone());
        let thread = std::thread::spawn(move || {
            let container = Container {
                image: &image,
                network: network.as_deref(),
                ports,
                name: own_name,
                ..Container::default()
            };
            engine.run_here(&container, &Interrupt::default()).map(drop)
        });
        Self { engine: ready.engine.clone(), name, thread }
    }

    /// Ends it. Whatever the engine says of one that has ended by itself is no failure.
    pub(super) fn stop(self, session: &Session) {
        if !self.thread.is_finished() {
            let _ = self.engine.ask(&["stop", "--time", "5", &self.name]);
        }
        if let Ok(Err(error)) = self.thread.join() {
            session.complain(&format!("error: {error:#}"));
        }
    }
}
