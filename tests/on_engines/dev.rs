//! `rdspec dev`: what a late difference makes is what a full build makes.

use rdspec::image::compare::{Options, compare};
use rdspec::image::tree::Tree;

use crate::dev_stack::{CHILD, DevStack, download};
use crate::harness::{Engine, both_kinds_of_engines, tail};
use crate::loopback::Server;

/// Where a late image may differ from one that was built in place: a pattern of paths, and why.
const EXPLAINED: &[(&str, &str)] = &[
    (
        "etc/group",
        "a group that comes late is written behind those that are there; `same` compares the lines",
    ),
    ("etc/gshadow", "as etc/group"),
    (
        "var/lib/dpkg/status",
        "apt tells dpkg the priorities of the archive when it removes a package; `same` compares what is installed",
    ),
    ("run/apt", "Docker 20.10 leaves the mount point of a folder below /run, empty"),
    ("run/*.inputs", "as run/apt"),
    ("run/downloads", "as run/apt"),
    ("run/sudoers.rules", "as run/apt"),
];

/// What programs of the image say of what those files and the databases of packages hold.
const SAYS: &str = "getent group | sort; getent passwd | sort; apt-mark showmanual; apt-mark showauto; dpkg --list; \
    dpkg --get-selections";

fn tree(engine: &Engine, reference: &str) -> Tree {
    Tree::of(&engine.image(reference).layers).unwrap()
}

/// Runs `rdspec dev` on an engine; what it says.
pub(crate) fn dev(engine: &Engine, stack: &DevStack, arguments: &[&str]) -> (bool, String) {
    let output = engine
        .command(env!("CARGO_BIN_EXE_rdspec"))
        .arg("-C")
        .arg(stack.path())
        .arg("dev")
        .args(["--network", "host"])
        .args(arguments)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let text = format!("{}{text}", String::from_utf8_lossy(&output.stdout));
    (output.status.success(), text)
}

/// What is late and what is in place have the same files.
pub(crate) fn same(engine: &Engine, late: &str, in_place: &str) {
    let says = |image: &str| {
        let output = engine.run_in(image, &["bash", "-c", SAYS], "");
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(says(late), says(in_place), "{}: late and in place", engine.name);
    let options = Options {
        mtimes: false,
        except: EXPLAINED.iter().map(|(pattern, _)| (*pattern).to_owned()).collect(),
    };
    let (late, in_place) = (tree(engine, late), tree(engine, in_place));
    let found = compare(&late, &in_place, &options);
    let found: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert!(found.is_empty(), "{}: late and in place differ:\n{}", engine.name, found.join("\n"));
}

/// Every kind of change at once, on a child of the image that has what changes.
#[test]
#[ignore = "needs engines: run tests/run"]
fn a_late_difference_makes_what_a_full_build_makes() {
    for engine in both_kinds_of_engines() {
        let server = Server::own();
        let mut stack = DevStack::new(&server);
        engine.build(stack.path(), &[]);
        change_everything(&mut stack, &server);
        let (succeeded, said) = dev(&engine, &stack, &["child"]);
        assert!(succeeded, "{}: {}", engine.name, tail(&said));
        println!("{said}");
        engine.build(stack.path(), &[]);
        same(&engine, &format!("{CHILD}-dev"), CHILD);
    }
}

fn change_everything(stack: &mut DevStack, server: &Server) {
    let packages = "components/packages.toml";
    stack.edit(packages, "\"jq\", \"sudo\"", "\"bc\", \"sudo\"");
    stack.edit(packages, "/usr/bin/id -u", "/usr/bin/id -g");
    stack.change(|files| {
        let tool = download(server, "/dev-tool-2.tar.gz", "second");
        files.insert("components/tool.toml".to_owned(), tool);
    });
    stack.edit("components/made.toml", "echo one >/opt/made/one", "echo two >/opt/made/two");
    stack.edit("components/user-made.toml", "echo one", "echo two");
    let settings = "components/settings.toml";
    stack.edit(settings, "a = 1", "a = 2");
    stack.edit(settings, "/etc/settings/deep/b.conf", "/etc/settings/other/d.conf");
    stack.edit(settings, "echo 1", "echo 2");
    stack.edit(settings, "settings/c.conf", "settings/moved/c.conf");
    stack.edit(settings, "to = \"settings\"", "to = \"/bin/true\"");
    stack.edit(settings, "0750", "0700");
    stack.edit(settings, "SETTING = \"one\"\nGONE = \"one\"", "SETTING = \"two\"\nCOMES = \"one\"");
    stack.edit("stack.toml", ", \"passing\"]", ", \"coming\"]");
    stack.change(|files| {
        files.remove("components/passing.toml");
        let coming = "summary = \"Something that comes\"\n\n[apt]\npackages = [\"tree\"]\n\n[users.comer]\nuid = 3001\n\n\
            [links.\"/usr/local/bin/forest\"]\nto = \"/usr/bin/tree\"\n\n[script]\nrun = \"tree --version >/opt/coming.txt\"\n";
        files.insert("components/coming.toml".to_owned(), coming.to_owned());
    });
}
