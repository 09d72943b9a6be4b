//! What the tests share: this repository's stack, stacks in folders of their own, and the rdspec command as a user
//! would run it, with nothing of this machine's environment.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use rdspec::compile::{Output, compile};
use rdspec::source::SpecFiles;
use rdspec::workspace::Workspace;
use tempfile::TempDir;

use crate::spec_case;

/// The root of this repository.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The spec of this repository.
pub(crate) fn spec() -> SpecFiles {
    Workspace::new(repository()).load().unwrap()
}

/// What the spec of this repository compiles to.
pub(crate) fn output() -> &'static Output {
    static OUTPUT: OnceLock<Output> = OnceLock::new();
    OUTPUT.get_or_init(|| compiled(&spec()))
}

/// A stack that uses everything there is, with values that mean something in every language they reach.
pub(crate) fn nasty_spec() -> SpecFiles {
    spec_case::parse(include_bytes!("nasty_spec.txt"))
}

/// Everything that installs something, with scripts that shellcheck has nothing to say about.
pub(crate) fn packages_spec() -> SpecFiles {
    spec_case::parse(include_bytes!("packages_spec.txt"))
}

/// What a spec without errors compiles to.
pub(crate) fn compiled(files: &SpecFiles) -> Output {
    let compiled = compile(files).unwrap();
    compiled.output.unwrap_or_else(|| panic!("the spec has errors: {:#?}", compiled.diagnostics))
}

/// The files of a spec, to be changed and made into [`SpecFiles`] again.
pub(crate) fn contents(files: &SpecFiles) -> BTreeMap<String, Vec<u8>> {
    files.paths().map(|path| (path.to_owned(), files.get(path).unwrap().to_vec())).collect()
}

/// A stack in a folder that vanishes.
pub(crate) struct Stack {
    root: TempDir,
}

/// A file or folder on disk, with all that a test could want to find unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OnDisk {
    pub(crate) bytes: Vec<u8>,
    pub(crate) mode: u32,
    pub(crate) inode: u64,
    pub(crate) modified: (i64, i64),
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// Fails unless the command ended with this status.
    #[track_caller]
    pub(crate) fn expect(self, status: i32) -> Self {
        assert_eq!(self.status, Some(status), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }
}

/// Runs a command to its end, with nothing on stdin.
pub(crate) fn run(command: &mut Command) -> Run {
    let output = command.stdin(Stdio::null()).output().unwrap();
    Run {
        status: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The rdspec of this build, in an empty environment.
pub(crate) fn rdspec() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rdspec"));
    command.env_clear();
    command
}

/// A program that the tests need. Where it is missing they fail: a test that was not run proves nothing.
pub(crate) fn tool(name: &str, package: &str) -> Command {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]);
    let program = folders.map(|folder| folder.join(name)).find(|program| program.is_file());
    Command::new(program.unwrap_or_else(|| {
        panic!(
            "this test needs {name}: install the package {package}, or run tests/run, which does"
        )
    }))
}

impl Stack {
    /// Writes a spec into a new folder.
    pub(crate) fn new(files: &SpecFiles) -> Self {
        let stack = Self { root: tempfile::tempdir().unwrap() };
        for path in files.paths() {
            stack.write(&format!("spec/{path}"), files.get(path).unwrap());
        }
        stack
    }

    /// Two images and two variants with a file of every kind.
    pub(crate) fn small() -> Self {
        Self::new(&spec_case::parse(include_bytes!("small_spec.txt")))
    }

    /// A small stack that was generated.
    pub(crate) fn small_and_generated() -> Self {
        let stack = Self::small();
        stack.rdspec(&["generate"]).expect(0);
        stack
    }

    pub(crate) fn root(&self) -> &Path {
        self.root.path()
    }

    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.root().join(below)
    }

    /// Writes a file, with its folders.
    pub(crate) fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Replaces text in a file that has it.
    #[track_caller]
    pub(crate) fn edit(&self, path: &str, old: &str, new: &str) {
        let text = fs::read_to_string(self.path(path)).unwrap();
        assert!(text.contains(old), "{path} has no {old:?}");
        self.write(path, text.replace(old, new));
    }

    /// The rdspec command in this folder.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = rdspec();
        command.arg("-C").arg(self.root()).args(arguments);
        command
    }

    /// Runs rdspec in this folder.
    pub(crate) fn rdspec(&self, arguments: &[&str]) -> Run {
        run(&mut self.command(arguments))
    }

    /// Runs git in this folder, with nothing of this machine's settings.
    #[track_caller]
    pub(crate) fn git(&self, arguments: &[&str]) {
        let mut command = tool("git", "git");
        command.env_clear().env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        command.args(["-c", "user.name=t", "-c", "user.email=t@example.org", "-C"]);
        run(command.arg(self.root()).args(arguments)).expect(0);
    }

    /// Everything in the folder `generated`, links and special files left out.
    pub(crate) fn generated(&self) -> BTreeMap<String, OnDisk> {
        files_below(&self.path("generated"))
    }

    /// The same, without what a second writing would change in any case.
    pub(crate) fn generated_bytes(&self) -> BTreeMap<String, (Vec<u8>, u32)> {
        let files = self.generated().into_iter();
        files.map(|(path, file)| (path, (file.bytes, file.mode))).collect()
    }
}

/// Every file and folder below a folder, by relative path; a folder's path ends in `/`.
pub(crate) fn files_below(folder: &Path) -> BTreeMap<String, OnDisk> {
    let mut found = BTreeMap::new();
    collect(folder, "", &mut found);
    found
}

fn collect(folder: &Path, prefix: &str, found: &mut BTreeMap<String, OnDisk>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let entry = entry.unwrap();
        let metadata = entry.path().symlink_metadata().unwrap();
        let name = entry.file_name().into_string().unwrap();
        let mut on_disk = OnDisk {
            bytes: Vec::new(),
            mode: metadata.mode() & 0o7777,
            inode: metadata.ino(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        };
        if metadata.is_dir() {
            collect(&entry.path(), &format!("{prefix}{name}/"), found);
            found.insert(format!("{prefix}{name}/"), on_disk);
        } else if metadata.is_file() {
            on_disk.bytes = fs::read(entry.path()).unwrap();
            found.insert(format!("{prefix}{name}"), on_disk);
        }
    }
}
