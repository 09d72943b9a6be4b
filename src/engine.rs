//! Engines as child processes: docker, podman, buildah.
//!
//! Takes a build context on disk, gives a tagged image in the engine's store. It never changes what is built.
//!
//! | module | takes | gives |
//! |---|---|---|
//! | [`build`] | a [`build::BuildRequest`] | an image, or a [`build::Failure`] with the layer that failed |
//! | [`output`] | what an engine prints | events of layers |
//! | [`failure`] | an engine's last words | what they mean |
//! | [`store`] | references | names, sizes of layers, pushed images |
//! | [`container`] | an image and how clusters run it | a container, and its exit status |
//! | [`process`], [`interrupt`] | a command | its lines, and an end in good order at Ctrl-C |
#![expect(clippy::disallowed_methods, reason = "this module starts the engines")]

pub mod build;
pub mod container;
mod descendants;
pub mod export;
pub mod failure;
pub mod interrupt;
pub mod local;
pub mod output;
pub mod process;
pub mod secret;
pub mod store;

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use anyhow::bail;

/// An engine that builds images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum EngineName {
    /// Docker with BuildKit, 20.10 or newer.
    Docker,
    /// Podman.
    Podman,
    /// Buildah.
    Buildah,
}

/// An engine that was found on this machine.
#[derive(Clone, Debug)]
pub struct Engine {
    kind: EngineName,
    program: PathBuf,
}

impl Engine {
    /// Finds the named engine, or the first one that there is.
    ///
    /// # Errors
    /// No such program on the PATH.
    pub fn find(wanted: Option<EngineName>) -> anyhow::Result<Self> {
        let order = match wanted {
            Some(name) => vec![name],
            None => vec![EngineName::Docker, EngineName::Podman, EngineName::Buildah],
        };
        for &kind in &order {
            if let Some(program) = on_path(program_name(kind)) {
                return Ok(Self { kind, program });
            }
        }
        let names: Vec<&str> = order.into_iter().map(program_name).collect();
        bail!("there is no {} on the PATH; install one to build images", names.join(", "))
    }

    /// The name of the program.
    pub fn name(&self) -> &'static str {
        program_name(self.kind)
    }

    /// Which engine it is.
    pub fn kind(&self) -> EngineName {
        self.kind
    }

    /// A call of the program, without arguments yet.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        if self.kind == EngineName::Docker {
            // The default of Docker 23; older ones need to be told.
            command.env("DOCKER_BUILDKIT", "1");
        }
        command
    }
}

fn program_name(kind: EngineName) -> &'static str {
    match kind {
        EngineName::Docker => "docker",
        EngineName::Podman => "podman",
        EngineName::Buildah => "buildah",
    }
}

fn on_path(program: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join(program)).find(
        |path| {
            path.metadata()
                .is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
        },
    )
}
