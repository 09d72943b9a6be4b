//! `rdspec dev`: what a late difference makes is what a full build makes.

use crate::dev_stack::{CHILD, DevStack, download};
use crate::harness::{both_kinds_of_engines, tail};
use crate::late::{Explained, dev, same};
use crate::loopback::Server;

/// What a Dockerfile cannot take back.
const EMPTY: &[Explained] =
    &[("variable GONE", "`rdspec dev` says that it is empty until a full build")];

/// Every kind of change at once, on a child of the image that has what changes.
#[test]
#[ignore = "needs engines: run tests/run"]
fn a_late_difference_makes_what_a_full_build_makes() {
    for engine in both_kinds_of_engines() {
        let server = Server::own();
        let mut stack = DevStack::new(&server);
        engine.build(stack.path(), &[]);
        change_everything(&mut stack, &server);
        let (succeeded, said) = dev(&engine, stack.path(), &["child"]);
        assert!(succeeded, "{}: {}", engine.name, tail(&said));
        println!("{said}");
        engine.build(stack.path(), &[]);
        same(&engine, &format!("{CHILD}-dev"), CHILD, EMPTY);
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
