//! Engines as `tests/engines/engines` has started them, and rdspec as a user would run it on them.

use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::Builder;
use std::time::Instant;

use rdspec::image::Image;

/// The base image that every engine has: like the official one, so one layer.
pub(crate) const BASE_LAYERS: usize = 1;

/// One engine.
pub(crate) struct Engine {
    pub(crate) name: String,
    folder: PathBuf,
    variables: Vec<(String, OsString)>,
}

/// Tests that build share tags and caches, so one at a time.
static BUILDING: Mutex<()> = Mutex::new(());

/// The engines, one after the other; no other test builds meanwhile.
pub(crate) struct Engines {
    remaining: std::vec::IntoIter<Engine>,
    began: Instant,
    _building: MutexGuard<'static, ()>,
}

impl Engines {
    /// The first engine, and the others.
    pub(crate) fn split_first(&self) -> Option<(&Engine, &[Engine])> {
        self.remaining.as_slice().split_first()
    }
}

impl Iterator for Engines {
    type Item = Engine;

    fn next(&mut self) -> Option<Engine> {
        self.remaining.next()
    }
}

/// Says how long the test had the engines, in the log of every run: a slow test is found by reading.
impl Drop for Engines {
    fn drop(&mut self) {
        let thread = std::thread::current();
        let test = thread.name().unwrap_or_default();
        // Not `eprintln`, which the test harness keeps to itself when the test passes.
        let mut out = std::io::stderr();
        let _ = writeln!(out, "{test}: {:.0} s with engines", self.began.elapsed().as_secs_f64());
    }
}

/// The engines of this run: those below the folder that `RDSPEC_ENGINES_DIR` names, all of them or those of
/// the list `RDSPEC_ENGINES`. An engine that should be there and is not is a failure.
pub(crate) fn engines() -> Engines {
    let names = std::env::var("RDSPEC_ENGINES");
    named(names.as_deref().unwrap_or("docker20 docker26 buildah podman"))
}

/// Docker with the image store of containerd, which writes OCI archives and pushes attestations. It is the engine of no
/// other tests, and can be emptied.
pub(crate) fn docker_with_containerd() -> Engines {
    named("docker26containerd")
}

fn named(names: &str) -> Engines {
    let building = BUILDING.lock().unwrap_or_else(PoisonError::into_inner);
    let root = std::env::var_os("RDSPEC_ENGINES_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("target/engines"),
        PathBuf::from,
    );
    let engines: Vec<Engine> = names
        .split_whitespace()
        .map(|name| {
            Engine::open(name, root.join(name)).unwrap_or_else(|| {
                panic!("no {name} in {}: start it with tests/engines/engines up", root.display())
            })
        })
        .collect();
    Engines { remaining: engines.into_iter(), began: Instant::now(), _building: building }
}

/// Docker with BuildKit and buildah, for builds of minutes in which engines differ by nothing but their mounts: the
/// others of this run are named and left out. All of the run where it has neither.
pub(crate) fn both_kinds_of_engines() -> impl Iterator<Item = Engine> {
    let engines = engines();
    let is_one = |engine: &Engine| matches!(engine.name.as_str(), "docker20" | "buildah");
    let some = engines.remaining.as_slice().iter().any(is_one);
    engines.filter(move |engine| {
        let wanted = !some || is_one(engine);
        if !wanted {
            println!("{}: left out, it has the mounts of another engine", engine.name);
        }
        wanted
    })
}

/// Tests two engines at a time. For builds of minutes, which mostly wait for one thread of dpkg or for a disk. What the
/// test builds must be the engine's own: of one folder, rdspec builds once at a time.
pub(crate) fn side_by_side(
    mut engines: impl Iterator<Item = Engine>,
    test: impl Fn(&Engine) + Sync,
) {
    let waiting = Mutex::new(engines.by_ref().collect::<Vec<Engine>>().into_iter());
    let name = std::thread::current().name().unwrap_or_default().to_owned();
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
    let failures: Vec<_> = std::thread::scope(|scope| {
        let work = || std::iter::from_fn(next).for_each(|engine| test(&engine));
        let start = |()| Builder::new().name(name.clone()).spawn_scoped(scope, work).unwrap();
        let threads: Vec<_> = [(); 2].map(start).into();
        threads.into_iter().filter_map(|thread| thread.join().err()).collect()
    });
    if let Some(failure) = failures.into_iter().next() {
        std::panic::resume_unwind(failure);
    }
}

impl Engine {
    fn open(name: &str, folder: PathBuf) -> Option<Self> {
        let text = fs::read_to_string(folder.join("env")).ok()?;
        let mut variables = Vec::new();
        for (key, value) in text.lines().filter_map(|line| line.split_once('=')) {
            if key == "PATH_PREFIX" {
                let mut path = OsString::from(value);
                path.push(":");
                path.push(std::env::var_os("PATH").unwrap_or_default());
                variables.push(("PATH".to_owned(), path));
            } else {
                variables.push((key.to_owned(), OsString::from(value)));
            }
        }
        Some(Self { name: name.to_owned(), folder, variables })
    }

    /// The name that `--engine` takes.
    pub(crate) fn kind(&self) -> &str {
        let digit = self.name.find(|c: char| c.is_ascii_digit());
        &self.name[..digit.unwrap_or(self.name.len())]
    }

    /// A command that sees this engine.
    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command.envs(self.variables.iter().map(|(key, value)| (key, value)));
        command
    }

    /// The same engine, whose calls find the programs of a folder before its own.
    pub(crate) fn behind(&self, folder: &Path) -> Self {
        let mut variables = self.variables.clone();
        for (_, value) in variables.iter_mut().filter(|(key, _)| key == "PATH") {
            let mut path = folder.as_os_str().to_owned();
            path.push(":");
            path.push(&*value);
            *value = path;
        }
        Self { name: self.name.clone(), folder: self.folder.clone(), variables }
    }

    /// The path of the engine's own program.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.join("bin").join(self.kind())
    }

    /// A call of the engine's own program.
    pub(crate) fn program(&self) -> Command {
        self.command(self.path())
    }

    /// `rdspec build` of a stack folder, on the host's network; what it printed.
    pub(crate) fn rdspec_build(&self, stack: &Path, arguments: &[&str]) -> Output {
        retried(|| {
            self.command(env!("CARGO_BIN_EXE_rdspec"))
                .arg("-C")
                .arg(stack)
                .args(["build", "--engine", self.kind(), "--network", "host"])
                .args(arguments)
                .output()
                .unwrap()
        })
    }

    /// Builds and expects success; gives the engine's progress.
    pub(crate) fn build(&self, stack: &Path, arguments: &[&str]) -> String {
        let output = self.rdspec_build(stack, arguments);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{}: build failed:\n{}", self.name, tail(&text));
        text
    }

    /// Runs a command in a container of an image, as the image's user.
    pub(crate) fn run_in(&self, image: &str, command: &[&str], stdin: &str) -> Output {
        retried(|| {
            let mut child = self
                .command(self.folder.join("bin/run-in"))
                .arg(image)
                .args(command)
                .stdin(std::process::Stdio::piped())
                .stdout(std::process::Stdio::piped())
                .stderr(std::process::Stdio::piped())
                .spawn()
                .unwrap();
            child.stdin.take().unwrap().write_all(stdin.as_bytes()).unwrap();
            child.wait_with_output().unwrap()
        })
    }

    /// The built image, read back from what the engine saves.
    pub(crate) fn image(&self, reference: &str) -> Image {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("image.tar");
        let output = retried(|| {
            let _ = fs::remove_file(&file);
            self.command(self.folder.join("bin/save")).arg(reference).arg(&file).output().unwrap()
        });
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Image::open(&file, None).unwrap()
    }
}

/// Writes a file of the spec of the stack in a folder.
pub(crate) fn write_spec(root: &Path, path: &str, text: &str) {
    let path = root.join("spec").join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Runs again what buildah or podman did not even begin: on a loaded machine the kernel now and then refuses to seal
/// the copy of itself that they start from. It is said, never silent.
pub(crate) fn retried(run: impl Fn() -> Output) -> Output {
    for _ in 0..10 {
        let output = run();
        let text = String::from_utf8_lossy(&output.stderr);
        if output.status.success() || !text.contains("sealing memfd copy") {
            return output;
        }
        eprintln!("the engine could not start itself (sealing memfd copy: busy); once more");
        std::thread::sleep(std::time::Duration::from_millis(500));
    }
    run()
}

/// The end of a long text.
pub(crate) fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(60)..].join("\n")
}
