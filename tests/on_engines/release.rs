//! The container image of rdspec, as `.ci/release` makes it: it runs on the stack that is mounted, whoever's that is.

use std::fs;
use std::os::unix::fs::chown;
use std::path::Path;
use std::process::Command;

use crate::harness::{Engine, engines, tail};
use crate::registry::Registry;

/// The program of these tests without what a debugger needs, which is most of it.
fn program(folder: &Path) -> std::path::PathBuf {
    let program = folder.join("rdspec");
    let mut strip = Command::new("strip");
    strip.arg("-o").arg(&program).arg(env!("CARGO_BIN_EXE_rdspec"));
    assert!(strip.status().unwrap().success());
    program
}

/// A stack as `rdspec init` starts it, generated, and somebody's whom the image does not know.
fn stack(folder: &Path) {
    for arguments in [&["init", "mounted"][..], &["generate"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rdspec"));
        assert!(command.arg("-C").arg(folder).args(arguments).status().unwrap().success());
    }
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=t", "-c", "user.email=t@example.org"]).args(arguments);
        assert!(command.current_dir(folder).status().unwrap().success(), "{arguments:?}");
    };
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message", "a stack"]);
    give(folder);
}

fn give(path: &Path) {
    chown(path, Some(4321), Some(4321)).unwrap();
    if path.is_dir() && !path.is_symlink() {
        for entry in fs::read_dir(path).unwrap() {
            give(&entry.unwrap().path());
        }
    }
}

/// Pushes the image as that of two processors, and reads the list of both back by the digest that was printed. Docker 20.10 as Debian
/// has it lacks buildx, which writes such lists.
fn pushed(engine: &Engine, files: &Path) {
    if !engine.program().args(["buildx", "version"]).output().unwrap().status.success() {
        return;
    }
    let saved = engine.program().args(["save", "rdspec-cli:latest"]).output().unwrap().stdout;
    for processor in ["x86_64", "aarch64"] {
        fs::write(files.join(format!("image-{processor}.tar")), &saved).unwrap();
    }
    let registry = Registry::start();
    let images = format!("{}/owner/rdspec", registry.address);
    let release = Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/release");
    let mut push = engine.command(release);
    let output = push.args(["push", &images]).env("RDSPEC_RELEASE_FILES", files).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {}", engine.name, tail(&error));
    let digest = String::from_utf8(output.stdout).unwrap();
    let hexadecimal = digest.strip_suffix('\n').and_then(|line| line.strip_prefix("sha256:"));
    assert!(hexadecimal.is_some_and(|digits| digits.len() == 64), "{digest:?}");
    let by_digest = format!("{images}@{}", digest.trim_end());
    for reference in [&by_digest, &format!("{images}:latest")] {
        let inspected =
            engine.program().args(["buildx", "imagetools", "inspect", reference]).output();
        let inspected = String::from_utf8(inspected.unwrap().stdout).unwrap();
        assert!(inspected.contains(digest.trim_end()), "{reference}: {inspected}");
    }
}

/// Buildah alone has no containers that outlive a build, so nothing to run a program in by its own command line.
#[test]
#[ignore = "needs engines: run tests/run"]
fn the_image_of_rdspec_works_on_a_mounted_stack() {
    for engine in engines().filter(|engine| engine.kind() == "docker") {
        let files = tempfile::tempdir().unwrap();
        let program = program(files.path());
        let release = Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/release");
        let output = engine
            .command(release)
            .args(["image", program.to_str().unwrap(), "--engine", engine.kind()])
            .args(["--network", "host", "--base", "debian:bookworm"])
            .env("RDSPEC_RELEASE_FILES", files.path())
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {text}{}", engine.name, tail(&error));
        assert_eq!(text.matches("\n    ok ").count(), 4, "{text}");
        pushed(&engine, files.path());

        let folder = tempfile::tempdir().unwrap();
        stack(folder.path());
        let run = |arguments: &[&str]| {
            let volume = format!("{}:/stack", folder.path().display());
            let mut command = engine.program();
            command.args([
                "run",
                "--rm",
                "--user",
                "4321:4321",
                "--volume",
                &volume,
                "rdspec-cli:latest",
            ]);
            command.args(arguments).output().unwrap()
        };
        let version = run(&["--version"]);
        let said = String::from_utf8_lossy(&version.stdout).into_owned();
        assert!(said.starts_with(concat!("rdspec ", env!("CARGO_PKG_VERSION"))), "{said}");
        for arguments in
            [&["-C", "/stack", "generate", "--check"][..], &["check"], &["plan", "--since", "HEAD"]]
        {
            let output = run(arguments);
            let error = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{}: {arguments:?}: {error}", engine.name);
        }

        fs::write(folder.path().join("generated/base/checks.sh"), "changed").unwrap();
        assert_eq!(run(&["generate", "--check"]).status.code(), Some(1));
        assert!(run(&["generate"]).status.success());
        assert!(run(&["generate", "--check"]).status.success());
    }
}
