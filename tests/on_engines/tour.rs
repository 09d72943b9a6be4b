//! The tour of README.md to its end: what needs an engine is built, tested and run, and prints what the page says.

#[path = "../suite/tour/page.rs"]
mod page;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::harness::{Engine, engines, tail};
use page::{readme, steps, walk};

/// The engines of the tests have no network of their own. What the page has typed has no option for that, so a docker that is found
/// before the engine's own adds it.
fn on_the_network_of_the_host(engine: &Engine, folder: &Path) -> Engine {
    let docker = folder.join("docker");
    let text = format!(
        "#!/bin/sh\ncommand=$1\nshift\ncase $command in build | run) set -- --network host \"$@\" ;; esac\nexec '{}' \"$command\" \"$@\"\n",
        engine.path().display()
    );
    fs::write(&docker, text).unwrap();
    fs::set_permissions(&docker, fs::Permissions::from_mode(0o755)).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_rdspec"), folder.join("rdspec")).unwrap();
    engine.behind(folder)
}

/// A command line that stands in the text of the page.
#[track_caller]
fn in_the_text(page: &str, beginning: &str) -> String {
    let found = page.split('`').skip(1).step_by(2).find(|code| code.starts_with(beginning));
    found.unwrap_or_else(|| panic!("README.md has no `{beginning}…`")).to_owned()
}

/// The page writes `docker`. Of podman and buildah, other tests run the same commands.
#[test]
#[ignore = "needs engines: run tests/run"]
fn every_command_of_the_page_that_needs_an_engine_prints_what_the_page_says() {
    let page = readme();
    let steps = steps(&page);
    assert!(steps.iter().filter(|step| step.needs_engine).count() > 2);
    for engine in engines().filter(|engine| engine.kind() == "docker") {
        let folder = tempfile::tempdir().unwrap();
        let programs = tempfile::tempdir().unwrap();
        let engine = on_the_network_of_the_host(&engine, programs.path());
        let stack = walk(&steps, folder.path(), || engine.command("/bin/sh"));

        let build = in_the_text(&page, "DOCKER_BUILDKIT=1 docker build");
        let checks = in_the_text(&page, "docker run --rm -i IMAGE");
        let checks = checks.replace("IMAGE", "greetings-base:latest").replace("<image>", "base");
        for command in [build, checks] {
            let mut shell = engine.command("/bin/sh");
            let output = shell.args(["-c", &command]).current_dir(&stack).output().unwrap();
            let error = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{}: {command}: {}", engine.name, tail(&error));
        }
    }
}
