//! `rdspec why`: what brings something into an image, from the spec and through the packages of a built one.

use serde_json::{Value, json};

use crate::built::{BuiltImage, Tar};
use crate::harness::{Stack, rdspec, repository, run};

fn why(stack: &Stack, arguments: &[&str]) -> Value {
    let arguments = [&["why", "--format", "json"], arguments].concat();
    serde_json::from_str(&stack.rdspec(&arguments).expect(0).stdout).unwrap()
}

/// What the command says of the stack of this repository.
fn of_the_desktop(arguments: &[&str]) -> String {
    run(rdspec().arg("-C").arg(repository()).arg("why").args(arguments)).expect(0).stdout
}

/// The number of the line that has this text.
fn line(path: &str, text: &str) -> usize {
    let file = std::fs::read_to_string(repository().join(path)).unwrap();
    file.lines().position(|line| line.contains(text)).unwrap() + 1
}

#[test]
fn a_package_of_the_desktop_has_its_component_layer_and_line() {
    let at = line("spec/components/qgis.toml", "qgis-plugin-grass");
    let expected = format!(
        "qgis-plugin-grass: apt package\n  brought by  qgis, spec/components/qgis.toml:{at}\n  layer       apt-normal of geomatics\n"
    );
    assert_eq!(of_the_desktop(&["qgis-plugin-grass", "--variant", "debian"]), expected);
}

#[test]
fn paths_ports_and_variables_of_the_desktop_are_found() {
    for (what, kind, component) in [
        ("/etc/supervisor/conf.d/vnc.conf", "configuration of a service", "vnc"),
        ("/etc/sudoers.d/cron", "sudo rules", "cron"),
        ("/opt/firefox/firefox", "unpacked download /opt/firefox", "firefox"),
        ("vnc", "component", "vnc"),
        ("/etc/nginx/desktop.d", "directory", "vnc"),
    ] {
        let text = of_the_desktop(&[what]);
        assert!(text.contains(&format!("{what}: {kind}")), "{text}");
        assert!(text.contains(&format!("  brought by  {component}, spec/components/")), "{text}");
    }
    for spelled in ["/etc//nginx/./desktop.d/", "//etc/nginx/desktop.d"] {
        let text = of_the_desktop(&[spelled]);
        assert!(text.contains("  brought by  vnc, spec/components/"), "{text}");
    }
    let vnc = of_the_desktop(&["vnc"]);
    assert!(vnc.contains("qgis of geomatics"), "{vnc}");
}

#[test]
fn an_answer_has_all_for_scripts() {
    let stack = Stack::small();
    let report = why(&stack, &["/usr/local/bin/tool", "--variant", "two"]);
    let file = json!({
        "kind": "file", "name": "/usr/local/bin/tool", "variant": "two", "image": "base",
        "layer": "copy /usr/local/bin 0755", "component": "tool", "file": "spec/components/tool.toml",
        "line": 9, "inherited_by": ["child"], "needed_by": []
    });
    assert_eq!(report["answers"][0], file);
    // The sudo rule is about the same path.
    assert_eq!(report["answers"][1]["kind"], "program of a sudo rule");
    assert_eq!(report["ways"], json!([]));
}

#[test]
fn what_is_unknown_is_said_with_what_could_help() {
    let stack = Stack::small();
    let said = |what: &str| {
        let run = stack.rdspec(&["why", what]).expect(1);
        assert_eq!(run.stdout, "");
        run.stderr
    };
    let near = said("suod");
    assert!(near.contains("did you mean `sudo`?"), "{near}");
    let far = said("libxml2-utils");
    let expected = "the spec has no `libxml2-utils` in an image of the variant one\nwhat a package only brings along as its dependency, or as its file, is known to a built image alone: `rdspec why libxml2-utils --built IMAGE`\n";
    assert_eq!(far, expected);
    assert!(!said("/").contains("did you mean"), "a single sign is a slip of anything");
    assert!(said("a*b").contains("`rdspec why 'a*b' --built IMAGE`"));
    let nothing = stack.rdspec(&["why", " "]).expect(2).stderr;
    assert!(nothing.contains("say what: a package"), "{nothing}");
    let variant = stack.rdspec(&["why", "sudo", "--variant", "tow"]).expect(2).stderr;
    assert!(variant.contains("did you mean `two`?"), "{variant}");
    let engine = stack.rdspec(&["why", "sudo", "--engine", "podman"]).expect(2).stderr;
    assert!(engine.contains("--built"), "{engine}");
}

/// An image in which a package of the spec needs others.
fn built() -> BuiltImage {
    let status = "\
Package: sudo\nStatus: install ok installed\nVersion: 1\nDepends: libaudit1 (>= 1), libpam0g | libpam-other\n\n\
Package: libaudit1\nStatus: install ok installed\nVersion: 1\nDepends: libaudit-common\n\n\
Package: libaudit-common\nStatus: install ok installed\nVersion: 1\n\n\
Package: bash\nStatus: install ok installed\nVersion: 1\n\n";
    let tar = Tar::new()
        .file("var/lib/dpkg/status", 0o644, status.as_bytes())
        .file("var/lib/dpkg/info/libaudit-common.list", 0o644, b"/.\n/etc\n/etc/libaudit.conf\n")
        .file("var/lib/dpkg/info/bash.list", 0o644, b"/.\n/bin/bash\n")
        .file("etc/libaudit.conf", 0o644, b"x");
    BuiltImage::new("x:built").layer("a", tar.bytes())
}

#[test]
fn a_dependency_is_followed_up_to_a_package_of_the_spec() {
    let stack = Stack::small();
    let archive = built().save(&stack.path("image.tar"));
    let archive = archive.to_str().unwrap();
    for what in
        ["libaudit-common", "libaudit-common:all", "/etc/libaudit.conf", "/etc//libaudit.conf/"]
    {
        let report = why(&stack, &[what, "--built", archive]);
        assert_eq!(report["answers"], json!([]));
        let ways = report["ways"].as_array().unwrap();
        assert_eq!(ways.len(), 1, "{report:#}");
        assert_eq!(ways[0]["packages"], json!(["libaudit-common", "libaudit1", "sudo"]));
        assert_eq!(ways[0]["answers"][0]["component"], "tool");
    }
    let text = stack.rdspec(&["why", "libaudit1", "--built", archive]).expect(0).stdout;
    let expected = "libaudit1, needed by sudo\nsudo: apt package\n  brought by  tool, spec/components/tool.toml:4\n";
    assert!(text.starts_with(expected), "{text}");
    let text = stack.rdspec(&["why", "/etc/libaudit.conf", "--built", archive]).expect(0).stdout;
    let expected = "/etc/libaudit.conf: a file of libaudit-common, needed by libaudit1, needed by sudo\nsudo: ";
    assert!(text.starts_with(expected), "{text}");
    let said = |what: &str| stack.rdspec(&["why", what, "--built", archive]).expect(1).stderr;
    let base = said("/usr/bin/bash");
    assert!(base.contains("no package of the spec needs it in "), "{base}");
    let gone = said("/usr/bin/gone");
    assert!(gone.contains("image.tar is called so or has it"), "{gone}");
    // What the spec names needs no image.
    let gone = stack.path("gone.tar");
    stack.rdspec(&["why", "sudo", "--built", gone.to_str().unwrap()]).expect(0);
    stack.rdspec(&["why", "libx", "--built", gone.to_str().unwrap()]).expect(4);
}
