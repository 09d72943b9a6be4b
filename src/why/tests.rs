use std::collections::BTreeMap;

use super::{Answer, Found, why};
use crate::compile::{Output, compile};
use crate::source::SpecFiles;

const STACK: &str = r#"
[stack]
name = "x"
[apt]
refresh = "2026-11-23"
[bootstrap]
packages = ["curl", "ca-certificates"]
[user]
name = "jovyan"
skeleton = "/skeleton"
[images.base]
from = "example.org/debian:bookworm"
unpinned = "local"
components = ["web", "tool"]
[images.child]
extends = "base"
components = ["more"]
"#;

const WEB: &str = r#"
summary = "x"
provides = ["server"]
[apt]
packages = ["nginx-light"]
[users.web]
uid = 2001
[files."/etc/nginx/x.conf"]
content = "x"
[files."~/.config/x"]
content = "x"
[services.web]
command = "/usr/sbin/nginx"
ports = [8888]
[routes."/web/"]
port = 8888
[runtime]
ports = [80]
[environment]
WEB_ROOT = "/srv/web"
[directories."/srv/web"]
mode = "0755"
[links."/usr/local/bin/web"]
to = "/usr/sbin/nginx"
"#;

const TOOL: &str = r#"
summary = "x"
needs = ["server"]
[downloads.tool]
version = "1.2"
url = "https://example.org/tool-{{ version }}.tar.gz"
sha256 = "6c3c624b58dbbcd3c0dd82b4c53f04194d1247c6eebdaab7c610cf7d66709b3b"
unpack = { to = "/opt/tool" }
[script]
run = "true"
writable = ["/srv/tool"]
[sudo]
commands = ["/usr/bin/id -u"]
"#;

const MORE: &str = r#"
summary = "x"
needs = ["web"]
[apt]
packages = ["curl", "jq"]
"#;

fn compiled() -> (SpecFiles, Output) {
    let files = [
        ("stack.toml", STACK),
        ("components/web.toml", WEB),
        ("components/tool.toml", TOOL),
        ("components/more.toml", MORE),
    ];
    let files: BTreeMap<String, Vec<u8>> =
        files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
    let files = SpecFiles::new("spec", files);
    let compiled = compile(&files).unwrap();
    let diagnostics = compiled.diagnostics;
    let output = compiled.output.unwrap_or_else(|| panic!("{diagnostics:#?}"));
    (files, output)
}

fn answers(what: &str) -> Vec<Answer> {
    let (files, output) = compiled();
    match why(&files, &output, "default", what) {
        Found::Answers(answers) => answers,
        Found::Nothing(near) => panic!("{what} is unknown, {near:?}"),
    }
}

/// Kind, name, component, layer, and the text of the line in the spec.
fn said(what: &str) -> Vec<[String; 5]> {
    let (files, _) = compiled();
    let line = |answer: &Answer| {
        let path = answer.file.strip_prefix("spec/").unwrap();
        let text = files.text(files.id(path).unwrap()).into_owned();
        text.lines().nth(answer.line - 1).unwrap_or_default().to_owned()
    };
    answers(what)
        .iter()
        .map(|answer| {
            [
                answer.kind.name().to_owned(),
                answer.name.clone(),
                answer.component.clone().unwrap_or_default(),
                answer.layer.clone().unwrap_or_default(),
                line(answer),
            ]
        })
        .collect()
}

#[test]
fn everything_has_a_kind_an_owner_a_layer_and_a_line() {
    let expected = [
        ("nginx-light", "apt package", "web", "apt-normal", "packages = [\"nginx-light\"]"),
        (
            "/etc/nginx/x.conf",
            "file",
            "web",
            "copy /etc/nginx 0644",
            "[files.\"/etc/nginx/x.conf\"]",
        ),
        (
            "/home/jovyan/.config/x",
            "file",
            "web",
            "copy /skeleton/.config 0644 1000:1000",
            "[files.\"~/.config/x\"]",
        ),
        (
            "~/.config/x",
            "file",
            "web",
            "copy /skeleton/.config 0644 1000:1000",
            "[files.\"~/.config/x\"]",
        ),
        ("80", "port of the container", "web", "", "ports = [80]"),
        ("WEB_ROOT", "variable of the container", "web", "", "WEB_ROOT = \"/srv/web\""),
        ("/usr/local/bin/web", "link", "web", "directories", "[links.\"/usr/local/bin/web\"]"),
        ("/srv/web/a/b", "directory", "web", "directories", "[directories.\"/srv/web\"]"),
        ("/opt/tool", "unpacked download", "tool", "tool", "[downloads.tool]"),
        ("/opt/tool/bin/deep", "unpacked download", "tool", "tool", "[downloads.tool]"),
        ("tool-1.2.tar.gz", "download", "tool", "tool", "[downloads.tool]"),
        (
            "/srv/tool/x",
            "writable folder of a script",
            "tool",
            "tool",
            "writable = [\"/srv/tool\"]",
        ),
        (
            "/usr/bin/id",
            "program of a sudo rule",
            "tool",
            "sudoers",
            "commands = [\"/usr/bin/id -u\"]",
        ),
        ("/etc/sudoers.d/tool", "sudo rules", "tool", "sudoers", "commands = [\"/usr/bin/id -u\"]"),
        (
            "ca-certificates",
            "apt package",
            "",
            "bootstrap",
            "packages = [\"curl\", \"ca-certificates\"]",
        ),
        ("debian", "base image", "", "", "from = \"example.org/debian:bookworm\""),
        ("/web/", "route", "web", "copy /etc/nginx/desktop.d 0644", "[routes.\"/web/\"]"),
        ("server", "component", "web", "", "provides = [\"server\"]"),
    ];
    for (what, kind, component, layer, line) in expected {
        let said = said(what);
        assert_eq!(said.len(), 1, "{what}: {said:?}");
        let [found, _, owner, at, text] = &said[0];
        assert_eq!([found, owner, at, text], [kind, component, layer, line], "{what}");
    }
}

#[test]
fn one_name_can_be_several_things() {
    let kinds = |what: &str| said(what).into_iter().map(|[kind, ..]| kind).collect::<Vec<_>>();
    assert_eq!(kinds("web"), ["component", "service", "user"]);
    assert_eq!(kinds("8888"), ["port of a service", "port of a route"]);
    assert_eq!(kinds("jovyan"), ["user", "group"]);
    // The stack brings it to the root image, a component asks for it again.
    let owners: Vec<_> =
        answers("curl").into_iter().map(|one| (one.component, one.image)).collect();
    assert_eq!(owners, [(None, "base".to_owned()), (Some("more".to_owned()), "child".to_owned())]);
}

#[test]
fn children_and_what_needs_it_are_named() {
    let answer = answers("nginx-light").remove(0);
    assert_eq!(
        (answer.image.as_str(), answer.inherited_by.as_slice()),
        ("base", &["child".to_owned()][..])
    );
    let needed: Vec<_> =
        answer.needed_by.iter().map(|one| (&*one.component, &*one.image)).collect();
    assert_eq!(needed, [("more", "child"), ("tool", "base")]);
    assert!(answers("jq")[0].needed_by.is_empty());
}

#[test]
fn what_is_unknown_is_not_guessed_at() {
    let (files, output) = compiled();
    let near = |what: &str| match why(&files, &output, "default", what) {
        Found::Nothing(near) => near,
        Found::Answers(answers) => panic!("{answers:?}"),
    };
    assert_eq!(near("nginx-lihgt").as_deref(), Some("nginx-light"));
    assert_eq!(near("libc6"), None);
    assert_eq!(near("/usr/bin/nothing"), None);
    // What only begins like a folder does not lie in it.
    assert_eq!(near("/opt/toolbox").as_deref(), Some("/opt/tool"));
    assert_eq!(near("81"), None);
}
