//! The script that makes users and groups, run with programs that only change two files of a folder.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::harness::{Run, compiled, run, tool};
use crate::spec_case;

/// getent(1), userdel(8), groupdel(8) and what they are for others, on `passwd` and `group` in `$ETC`.
const PROGRAM: &str = r#"#!/bin/sh
case ${0##*/} in
getent)
    [ -n "$2" ] || exec cat "$ETC/$1"
    awk -F: -v key="$2" '$1 == key || $3 == key { print; found = 1 } END { exit found ? 0 : 2 }' "$ETC/$1"
    exit
    ;;
userdel) sed -i "/^$1:/d" "$ETC/passwd" ;;
groupdel) sed -i "/^$1:/d" "$ETC/group" ;;
esac
echo "${0##*/} $*" >>"$ETC/log"
"#;

/// Runs the script of an image, without its end, which cleans the machine up; what it did is in `log`.
fn run_script(spec: &str, image: &str, passwd: &str, group: &str) -> (Run, String) {
    let output = compiled(&spec_case::parse(spec.as_bytes()));
    let path = format!("{image}/resources/tools/users.sh");
    let script = String::from_utf8(output.tree.get(&path).unwrap().bytes.to_vec()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("bin")).unwrap();
    for program in ["getent", "userdel", "groupdel", "useradd", "usermod", "groupadd", "install"] {
        let path = at("bin").join(program);
        fs::write(&path, PROGRAM).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    fs::write(at("passwd"), passwd).unwrap();
    fs::write(at("group"), group).unwrap();
    fs::write(at("log"), "").unwrap();
    let (script, _) = script.split_once("# Nothing temporary reaches the layer").unwrap();
    let script = script
        .replace("PATH=/usr/local/sbin:", &format!("PATH={}:", at("bin").display()))
        .replace("scratch=/tmp/rdspec\n", &format!("scratch={}\n", at("scratch").display()));
    fs::write(at("users.sh"), script).unwrap();
    let ended = run(bash(&at("users.sh")).env("ETC", folder.path()));
    (ended, fs::read_to_string(at("log")).unwrap())
}

fn bash(script: &Path) -> Command {
    let mut command = tool("bash", "bash");
    command.arg(script);
    command
}

const SPEC: &str = r#"-- stack.toml --
[stack]
name = "demo"

[user]
name = "jovyan"
replaces = ["ubuntu"]
groups = ["video", "renderers", "childish"]

[images.base]
from = "ubuntu:24.04"
unpinned = "local"
components = ["tool"]

[images.child]
extends = "base"
components = ["kid"]
-- components/tool.toml --
summary = "A tool"
[groups.renderers]
gid = 2000
[users.geoserver]
uid = 2001
groups = ["renderers", "audio"]
-- components/kid.toml --
summary = "A child's tool"
[groups.childish]
gid = 2003
[users.kid]
uid = 2002
group = "renderers"
home = "/var/lib/a b"
shell = "/bin/sh"
"#;

const ROOT: &str = "root:x:0:0:root:/root:/bin/bash\n";

#[test]
fn groups_come_before_those_who_are_in_them() {
    let (ended, log) = run_script(SPEC, "base", ROOT, "root:x:0:\n");
    ended.expect(0);
    let service =
        "--system --key SYS_UID_MIN=1 --key SYS_UID_MAX=65533 --no-create-home --no-log-init";
    let wanted = format!(
        "groupadd --gid 2000 renderers\n\
         groupadd --gid 2001 geoserver\n\
         groupadd --gid 1000 jovyan\n\
         useradd --uid 1000 --gid 1000 --home-dir /home/jovyan --no-create-home --no-log-init \
         --shell /bin/bash --groups renderers,video jovyan\n\
         install --directory --mode=0755 --owner=1000 --group=1000 /home/jovyan \
         /usr/local/share/home-skeleton\n\
         useradd {service} --uid 2001 --gid geoserver --home-dir /nonexistent \
         --shell /usr/sbin/nologin --groups audio,renderers geoserver\n"
    );
    assert_eq!(log, wanted);
    let (ended, log) = run_script(SPEC, "child", ROOT, "root:x:0:\n");
    ended.expect(0);
    let wanted = format!(
        "groupadd --gid 2003 childish\n\
         usermod --append --groups childish jovyan\n\
         useradd {service} --uid 2002 --gid renderers --home-dir /var/lib/a b --shell /bin/sh kid\n"
    );
    assert_eq!(log, wanted);
}

#[test]
fn a_user_of_the_base_image_gives_way_with_the_group_that_nobody_else_needs() {
    let passwd = format!("{ROOT}ubuntu:x:1000:1000::/home/ubuntu:/bin/bash\n");
    let (ended, log) = run_script(SPEC, "base", &passwd, "root:x:0:\nubuntu:x:1000:\n");
    ended.expect(0);
    assert!(log.starts_with("userdel ubuntu\ngroupdel ubuntu\ngroupadd "), "{log}");
    // Somebody's first group, or somebody in it: it stays, and its id is taken.
    for (other, members) in [("other:x:1001:1000::/:/bin/sh\n", ""), ("", "other")] {
        let group = format!("root:x:0:\nubuntu:x:1000:{members}\n");
        let (ended, log) = run_script(SPEC, "base", &format!("{passwd}{other}"), &group);
        let ended = ended.expect(1);
        assert_eq!(log, "userdel ubuntu\n");
        assert!(ended.stderr.contains("the group id 1000 belongs to ubuntu already"));
    }
}

#[test]
fn what_the_base_image_has_taken_is_named_with_the_way_out() {
    let debian = format!("{ROOT}debian:x:1000:1000::/home/debian:/bin/bash\n");
    let vendor = format!("{ROOT}geoserver:x:998:998::/:/bin/sh\n");
    for (passwd, group, wanted) in [
        (
            debian.as_str(),
            "debian:x:1000:\n",
            "users.sh: the user id 1000 belongs to debian already: say user.replaces = [\"debian\"] in stack.toml, or choose another one in [user]\n",
        ),
        (
            ROOT,
            "staff:x:1000:\n",
            "users.sh: the group id 1000 belongs to staff already: if it is the group of a user of this name, say user.replaces = [\"staff\"] in stack.toml; else choose another one in [user]\n",
        ),
        (
            vendor.as_str(),
            "",
            "users.sh: the user name geoserver belongs to geoserver already: choose another one for geoserver\n",
        ),
        (
            ROOT,
            "vendor:x:2000:\n",
            "users.sh: the group id 2000 belongs to vendor already: choose another one for renderers\n",
        ),
    ] {
        let (ended, log) = run_script(SPEC, "base", passwd, group);
        let ended = ended.expect(1);
        assert_eq!(ended.stderr, wanted);
        assert_eq!(log, "", "nothing is made before everything is known to be free");
    }
}
