//! Engines as child processes: docker, podman, buildah.
//!
//! Takes a build context on disk, gives a tagged image in the engine's store. It never changes what is built.
#![expect(clippy::disallowed_methods, reason = "this module starts the engines")]

pub mod local;
pub mod secret;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use self::secret::SecretFile;

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

/// What to build.
#[derive(Debug)]
pub struct BuildRequest<'request> {
    /// The folder with the Dockerfile.
    pub context: &'request Path,
    /// The tag that the image gets.
    pub reference: &'request str,
    /// What FROM gets.
    pub base: &'request str,
    /// The network of RUN instructions.
    pub network: Option<&'request str>,
    /// Whether every layer is built anew.
    pub no_cache: bool,
    /// Files that scripts read and no layer gets.
    pub secrets: &'request [SecretFile],
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

/// Builds one image; the engine's own progress goes to stderr.
///
/// # Errors
/// The engine cannot be started, or the build fails.
pub fn build(engine: &Engine, request: &BuildRequest<'_>) -> anyhow::Result<()> {
    let mut command = engine.command();
    command.args(arguments(engine.kind, request));
    // Results go to stdout, and an engine's talk is none.
    command.stdout(std::io::stderr());
    let status =
        command.status().with_context(|| format!("starting {}", engine.program.display()))?;
    if !status.success() {
        bail!("{} ended with {status}", engine.name());
    }
    Ok(())
}

/// The arguments of a build. `--layers` makes podman and buildah keep a cache, `--format docker` keeps
/// HEALTHCHECK, which the OCI format does not have.
fn arguments(kind: EngineName, request: &BuildRequest<'_>) -> Vec<std::ffi::OsString> {
    let mut arguments: Vec<std::ffi::OsString> = vec!["build".into()];
    if kind != EngineName::Docker {
        arguments.extend(["--layers", "--format", "docker"].map(Into::into));
    }
    if let Some(network) = request.network {
        arguments.extend(["--network".into(), network.into()]);
    }
    if request.no_cache {
        arguments.push("--no-cache".into());
    }
    for secret in request.secrets {
        arguments.extend(["--secret".into(), secret.argument()]);
    }
    arguments.extend(["--build-arg".into(), format!("BASE={}", request.base).into()]);
    arguments.extend(["--tag".into(), request.reference.into(), request.context.into()]);
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buildah_and_podman_are_asked_for_layers_and_health_checks() {
        let request = BuildRequest {
            context: Path::new("ctx"),
            reference: "a:b",
            base: "c:d",
            network: Some("host"),
            no_cache: false,
            secrets: &[],
        };
        let text = |kind| {
            arguments(kind, &request)
                .iter()
                .map(|argument| argument.to_string_lossy().into_owned())
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(
            text(EngineName::Buildah),
            "build --layers --format docker --network host --build-arg BASE=c:d --tag a:b ctx"
        );
        assert_eq!(
            text(EngineName::Docker),
            "build --network host --build-arg BASE=c:d --tag a:b ctx"
        );
    }
}
