//! What stands in for what cannot run here, each named in the log of the job:
//!
//! | of the workflow | here |
//! |---|---|
//! | actions/checkout | `git clone` of the test's repository, at the commit of the run |
//! | docker/setup-buildx-action | nothing: the builder of the engine, Docker 26.1 with the image store of containerd |
//! | docker/login-action | `docker login`, and `docker logout` at the end of the job |
//! | aquasecurity/trivy-action | reads the archive with `rdspec audit`; finds what the test says |
//! | actions/upload-artifact | keeps the files for the test |
//! | the runner's sudo | says what it would do, and does it not |
//! | the runner's cargo | `cargo install` copies the rdspec under test |
//! | docker buildx build | the same on the host's network: the engines of the tests have no other |

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::runner::Machine;

/// What an action was given.
type With<'step> = BTreeMap<&'step str, String>;

const SUDO: &str = r#"#!/bin/bash
echo "stand-in: not done: sudo $*"
"#;

const CARGO: &str = r#"#!/bin/bash
# cargo install --locked --path SOURCE --root FOLDER
set -euo pipefail
[[ "$1 $2 $3 $5" == "install --locked --path --root" && -f $4/Cargo.toml ]]
mkdir -p "$6/bin"
cp "$STAND_IN_RDSPEC" "$6/bin/rdspec"
echo "stand-in: copied the rdspec under test"
"#;

const DOCKER: &str = r#"#!/bin/bash
PATH=${PATH#*"$(dirname "$0")":}
if [[ "$1 $2" == "buildx build" ]]; then
    exec docker buildx build --network host "${@:3}"
fi
exec docker "$@"
"#;

/// Writes the programs that stand in for others, to be found first.
pub(crate) fn write_programs(folder: &Path) {
    fs::create_dir(folder).unwrap();
    for (name, text) in [("sudo", SUDO), ("cargo", CARGO), ("docker", DOCKER)] {
        let file = folder.join(name);
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    }
}

/// Does what an action would do; whether it succeeded.
pub(crate) fn act(action: &str, with: &With<'_>, machine: &mut Machine<'_>) -> bool {
    machine.say(&format!("stand-in of {action}"));
    match action {
        "actions/checkout" => check_out(with, machine),
        "docker/setup-buildx-action" => true,
        "docker/login-action" => log_in(with, machine),
        "aquasecurity/trivy-action" => scan(with, machine),
        "actions/upload-artifact" => keep(with, machine),
        other => panic!("nothing stands in for {other}"),
    }
}

fn check_out(with: &With<'_>, machine: &mut Machine<'_>) -> bool {
    assert_eq!(with["persist-credentials"], "false");
    let commit = machine.context["github.sha"].clone();
    let mut clone = machine.command("git");
    clone.args(["clone", "--quiet", "--no-checkout"]);
    if with.get("fetch-depth").is_none_or(|depth| depth != "0") {
        clone.args(["--depth", "1"]);
    }
    // By the address: of a path alone, all of the history would be copied.
    clone.arg(format!("file://{}", machine.runner.repository.display())).arg(".");
    let mut check_out = machine.command("git");
    check_out.args(["-c", "advice.detachedHead=false", "checkout", "--quiet", &commit]);
    machine.run(&mut clone) && machine.run(&mut check_out)
}

fn log_in(with: &With<'_>, machine: &mut Machine<'_>) -> bool {
    let mut login = machine.command("docker");
    login.args(["login", "--username", &with["username"], "--password", &with["password"]]);
    machine.run(login.arg(&with["registry"]))
}

/// Takes the login of the job away, which the engine's folder would keep.
pub(crate) fn leave(machine: &mut Machine<'_>) {
    let host = machine.context["stand-in.registry"].clone();
    let mut logout = machine.command("docker");
    machine.run(logout.args(["logout", &host]));
}

/// A scanner's own database cannot be had here. It gets an archive that can be read, and its verdict stops the job.
fn scan(with: &With<'_>, machine: &mut Machine<'_>) -> bool {
    assert_eq!(with["exit-code"], "1", "the scanner stops nothing");
    let mut audit = machine.command("rdspec");
    if !machine.run(audit.args(["audit", &with["input"]])) {
        return false;
    }
    if machine.runner.loses_layers {
        let mut prune = machine.command("docker");
        if !machine.run(prune.args(["builder", "prune", "--all", "--force"])) {
            return false;
        }
    }
    let severity = &with["severity"];
    if machine.runner.finds_vulnerabilities {
        machine.say(&format!("stand-in: a vulnerability of {severity}"));
    }
    !machine.runner.finds_vulnerabilities
}

fn keep(with: &With<'_>, machine: &mut Machine<'_>) -> bool {
    for path in with["path"].lines() {
        let Ok(bytes) = fs::read(path.trim()) else { return false };
        let name = Path::new(path.trim()).file_name().unwrap().to_str().unwrap();
        machine.artifacts.insert(name.to_owned(), bytes);
    }
    true
}
