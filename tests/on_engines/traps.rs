//! One test a trap that a generator can fall into, each on every engine, with the stack of
//! [`trap_stack`](crate::trap_stack).

use std::process::Command;

use rdspec::image::tree::{Node, Tree};
use rdspec::image::{EntryKind, Image, hygiene, shared_databases, waste};

use crate::harness::{BASE_LAYERS, both_kinds_of_engines, engines, side_by_side, tail};
use crate::trap_stack::{BASE, CHILD, Fixture, NASTY, archive, sha256};

fn tree(image: &Image) -> Tree {
    Tree::of(&image.layers).unwrap()
}

fn node<'tree>(tree: &'tree Tree, path: &str) -> &'tree Node {
    tree.get(path).unwrap_or_else(|| panic!("the image has no {path}"))
}

/// Mode and owner, as `0644 0:0`.
fn rights(tree: &Tree, path: &str) -> String {
    let node = node(tree, path);
    format!("{:04o} {}:{}", node.mode, node.uid, node.gid)
}

/// The position of the layer that a script or a COPY made.
fn layer_of(image: &Image, text: &str) -> usize {
    image
        .layers
        .iter()
        .position(|layer| layer.created_by.as_ref().is_some_and(|by| by.contains(text)))
        .unwrap_or_else(|| {
            let steps: Vec<_> = image.layers.iter().map(|layer| &layer.created_by).collect();
            panic!("no layer was made by {text}: {steps:#?}")
        })
}

/// The first layer in which two images differ.
fn first_difference(left: &Image, right: &Image) -> Option<usize> {
    let pairs = left.layers.iter().zip(&right.layers);
    pairs
        .enumerate()
        .find(|(_, (left, right))| left.diff_id != right.diff_id)
        .map(|(at, _)| at)
        .or((left.layers.len() != right.layers.len())
            .then_some(left.layers.len().min(right.layers.len())))
}

#[test]
#[ignore = "needs engines: run tests/run"]
fn no_path_is_lost_to_a_mount_and_none_is_left_behind() {
    let fixture = Fixture::new();
    for engine in engines() {
        fixture.build(&engine);
        let image = engine.image(CHILD);
        let base = Tree::of(&image.layers[..BASE_LAYERS]).unwrap();
        let built = tree(&image);
        let lost: Vec<&str> =
            base.iter().map(|(path, _)| path).filter(|path| built.get(path).is_none()).collect();
        // A log of the base image to which this build added goes as a whole; the base keeps it elsewhere.
        let lost: Vec<&str> =
            lost.into_iter().filter(|path| !path.starts_with("var/log/")).collect();
        assert_eq!(lost, [""; 0], "{}: paths of the base image are gone", engine.name);
        // Docker 20.10 makes the mount point of a folder, empty; nothing else may appear.
        let allowed = ["run/apt", "run/downloads", "run/tool.inputs", "run/sudoers.rules"];
        for layer in &image.layers[BASE_LAYERS..] {
            for entry in &layer.entries {
                let empty_mount_point = engine.name == "docker20"
                    && allowed.iter().any(|path| {
                        entry.path == *path || entry.path == format!("{path}/.wh..wh..opq")
                    });
                let is_run = entry.path == "run" || entry.path == "run/lock";
                assert!(
                    !entry.path.starts_with("run") || is_run || empty_mount_point,
                    "{}: {} is left in {:?}",
                    engine.name,
                    entry.path,
                    layer.created_by
                );
                assert!(
                    !matches!(entry.kind, EntryKind::Whiteout)
                        || entry.path.starts_with("var/log/"),
                    "{}: {} is deleted in {:?}",
                    engine.name,
                    entry.path,
                    layer.created_by
                );
            }
        }
    }
}

#[test]
#[ignore = "needs engines: run tests/run"]
fn a_change_reruns_its_layer_and_nothing_before_it() {
    side_by_side(both_kinds_of_engines(), |engine| {
        let mut fixture = Fixture::new();
        fixture.build(engine);
        let mut before = engine.image(BASE);
        assert_eq!(first_difference(&before, &before), None);

        let mut expect = |fixture: &Fixture, what: &str, made_by: &str| {
            fixture.write();
            fixture.build(engine);
            let after = engine.image(BASE);
            let first = first_difference(&before, &after);
            let expected = layer_of(&after, made_by);
            assert_eq!(first, Some(expected), "{}: {what} changed other layers", engine.name);
            before = after;
        };
        fixture.stack.set("resources/files/motd.txt", "second\n");
        expect(&fixture, "a file", "/etc/motd.d/");
        fixture.stack.edit("components/files.toml", "0640", "0644");
        expect(&fixture, "the mode of a file", "/skeleton/.config/personal/");
        fixture.stack.set("resources/tool/input.txt", "another input\n");
        expect(&fixture, "an input of a script", "/run/tool.sh");
        fixture.stack.edit("components/tool.toml", "echo noise", "echo more noise");
        expect(&fixture, "a script", "/run/tool.sh");
        let bytes = archive("second");
        let url = fixture.server.serve("/tool-2.tar.gz", &bytes);
        let old = sha256(&archive("first"));
        fixture.stack.edit("components/tool.toml", &old, &sha256(&bytes));
        let old = fixture.server.serve("/tool-1.tar.gz", &archive("first"));
        fixture.stack.edit("components/tool.toml", &old, &url);
        expect(&fixture, "a pin", "/run/tool.sh");
        fixture.stack.edit("components/personal.toml", "echo yes", "echo no");
        expect(&fixture, "a script of the user", "/run/personal.sh");
        fixture.stack.edit("components/packages.toml", "\"sudo\"", "\"sudo\", \"tree\"");
        expect(&fixture, "a package list", "/run/apt-stable.sh");
        fixture.stack.edit("stack.toml", "2026-11-23", "2026-11-24");
        expect(&fixture, "the day of the packages", "/run/bootstrap.sh");
    });
}

#[test]
#[ignore = "needs engines: run tests/run"]
fn what_is_no_input_reruns_nothing() {
    for engine in engines() {
        let mut fixture = Fixture::new();
        fixture.build(&engine);
        let before = engine.image(CHILD);
        // Prose, unrelated files, the order of components, other times and modes of the spec's files.
        fixture.stack.edit("components/tool.toml", "A download,", "One download,");
        fixture.stack.edit(
            "stack.toml",
            r#""packages", "tool", "writable", "personal", "files""#,
            r#""files", "personal", "tool", "writable", "packages""#,
        );
        fixture.stack.set("components/unused.toml", "summary = \"Nobody has it\"\n");
        fixture.write();
        let touched = Command::new("find")
            .arg(fixture.folder.path())
            .args(["-exec", "touch", "--date=2001-02-03", "{}", "+", "-type", "f"])
            .args(["-exec", "chmod", "0600", "{}", "+"])
            .status()
            .unwrap();
        assert!(touched.success());
        fixture.build(&engine);
        let after = engine.image(CHILD);
        assert_eq!(first_difference(&before, &after), None, "{}", engine.name);
    }
}

/// A checkout under umask 077, built by the engine itself from `generated/`: the modes of the image are those of
/// the spec.
#[test]
#[ignore = "needs engines: run tests/run"]
fn the_umask_of_the_checkout_changes_no_mode() {
    let fixture = Fixture::new();
    let root = fixture.folder.path();
    let generated = Command::new(env!("CARGO_BIN_EXE_rdspec"))
        .args(["generate", "--quiet", "-C"])
        .arg(root)
        .status()
        .unwrap();
    assert!(generated.success());
    let narrow =
        Command::new("chmod").args(["-R", "go="]).arg(root.join("generated")).status().unwrap();
    assert!(narrow.success());
    for engine in engines() {
        let context = root.join("generated/base");
        let mut command = engine.command(engine.kind());
        command.env("DOCKER_BUILDKIT", "1").arg("build");
        if engine.kind() != "docker" {
            command.args(["--layers", "--format", "docker"]);
        }
        let output = command
            .args(["--network", "host", "--tag", "rdspec-traps-umask:test"])
            .args(fixture.secret())
            .arg(&context)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{}: {}", engine.name, tail(&text));
        modes_are_those_of_the_spec(&tree(&engine.image("rdspec-traps-umask:test")));
    }
}

fn modes_are_those_of_the_spec(tree: &Tree) {
    assert_eq!(rights(tree, "etc/motd.d/10-traps"), "0644 0:0");
    assert_eq!(rights(tree, "etc/traps-secret"), "0600 0:0");
    assert_eq!(rights(tree, "usr/local/bin/hello"), "0755 0:0");
    assert_eq!(rights(tree, "skeleton/.config/personal/settings"), "0640 1000:1000");
    assert_eq!(rights(tree, "skeleton/Desktop/With Space.txt"), "0644 1000:1000");
    assert_eq!(rights(tree, "etc/sudoers.d/packages"), "0440 0:0");
    assert_eq!(rights(tree, "etc/supervisor/conf.d/sleeper.conf"), "0644 0:0");
    // Directories keep theirs: those of packages, those that were made for the files, the user's.
    assert_eq!(rights(tree, "etc"), "0755 0:0");
    assert_eq!(rights(tree, "usr/local/bin"), "0755 0:0");
    assert_eq!(rights(tree, "etc/motd.d"), "0755 0:0");
    assert_eq!(rights(tree, "etc/supervisor/conf.d"), "0755 0:0");
    assert_eq!(rights(tree, "skeleton"), "0755 1000:1000");
    assert_eq!(rights(tree, "skeleton/.config/personal"), "0755 1000:1000");
    assert_eq!(rights(tree, "skeleton/Desktop"), "0755 1000:1000");
    assert_eq!(rights(tree, "home/jovyan"), "0755 1000:1000");
}

#[test]
#[ignore = "needs engines: run tests/run"]
fn files_and_directories_have_the_modes_and_owners_of_the_spec() {
    let fixture = Fixture::new();
    for engine in engines() {
        fixture.build(&engine);
        let tree = tree(&engine.image(CHILD));
        modes_are_those_of_the_spec(&tree);
        // An archive's owners and setuid bits are not the image's.
        assert_eq!(rights(&tree, "opt/tool/tool.txt"), "0644 0:0");
        assert_eq!(rights(&tree, "opt/tool/bin/run"), "0755 0:0");
    }
}

#[test]
#[ignore = "needs engines: run tests/run"]
fn permission_fixes_touch_what_the_script_made_and_nothing_older() {
    let fixture = Fixture::new();
    for engine in engines() {
        fixture.build(&engine);
        let image = engine.image(BASE);
        let built = tree(&image);
        for (path, expected) in [
            // Made by the script, old times and all; without setuid.
            ("opt/data", "0755 1000:1000"),
            ("opt/data/new", "0755 1000:1000"),
            ("opt/data/new/old.txt", "0644 1000:1000"),
            ("opt/data/new/second-name", "0644 1000:1000"),
            ("opt/data/setuid", "0755 1000:1000"),
            ("opt/tool/new.txt", "0644 1000:1000"),
            // Of an earlier layer, or behind a link: as they were.
            ("opt/tool", "0755 0:0"),
            ("opt/tool/tool.txt", "0644 0:0"),
            ("etc/passwd", "0644 0:0"),
        ] {
            assert_eq!(rights(&built, path), expected, "{}: {path}", engine.name);
        }
        let layer = layer_of(&image, "/run/writable.sh");
        let files: Vec<&str> = image.layers[layer]
            .entries
            .iter()
            .filter(|entry| !matches!(entry.kind, EntryKind::Directory))
            .map(|entry| entry.path.as_str())
            .filter(|path| *path != "etc/hosts")
            .collect();
        assert_eq!(
            files,
            [
                "opt/data/link",
                "opt/data/new/old.txt",
                "opt/data/new/second-name",
                "opt/data/setuid",
                "opt/tool/new.txt",
            ],
            "{}: the layer has something else in it",
            engine.name
        );
    }
}

/// A script that links to a file of a lower layer: the fix leaves the file alone.
#[test]
#[ignore = "needs engines: run tests/run"]
fn a_hard_link_to_a_lower_layer_is_left_alone() {
    for engine in engines() {
        let mut fixture = Fixture::new();
        let link = "ln /opt/tool/tool.txt /opt/data/linked";
        fixture.stack.edit("components/writable.toml", "echo new", &format!("{link}\necho new"));
        fixture.write();
        fixture.build(&engine);
        let built = tree(&engine.image(BASE));
        assert_eq!(rights(&built, "opt/tool/tool.txt"), "0644 0:0", "{}", engine.name);
    }
}

#[test]
#[ignore = "needs engines: run tests/run"]
fn nothing_temporary_and_no_secret_of_a_host_is_in_any_layer() {
    let fixture = Fixture::new();
    for engine in engines() {
        fixture.build(&engine);
        let image = engine.image(CHILD);
        let findings = hygiene::find(&image, BASE_LAYERS);
        assert!(findings.is_empty(), "{}: {findings:#?}", engine.name);
        let built = tree(&image);
        // The packages that would have made them are there.
        for path in ["usr/sbin/sshd", "usr/sbin/make-ssl-cert", "usr/bin/dbus-daemon"] {
            node(&built, path);
        }
        let mut names = built.iter().map(|(path, _)| path.rsplit('/').next().unwrap_or_default());
        assert!(!names.any(|name| name == ".toolrc" || name == "tool.log"), "{}", engine.name);
    }
}

#[test]
#[ignore = "needs engines: run tests/run"]
fn no_byte_is_stored_twice() {
    let fixture = Fixture::new();
    for engine in engines() {
        fixture.build(&engine);
        let image = engine.image(CHILD);
        let split = shared_databases::split(waste::find(&image, BASE_LAYERS).unwrap());
        let other: Vec<_> = split.other.iter().filter(|record| record.bytes > 0).collect();
        assert!(other.is_empty(), "{}: {other:#?}", engine.name);
    }
}

#[test]
#[ignore = "needs engines: run tests/run"]
fn the_configuration_is_as_declared_and_a_child_overrides_it() {
    let fixture = Fixture::new();
    for engine in engines() {
        fixture.build(&engine);
        let base = engine.image(BASE).configuration;
        let child = engine.image(CHILD).configuration;
        let words =
            |words: &[&str]| Some(words.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(base.entrypoint, words(&["/usr/bin/env"]), "{}", engine.name);
        assert_eq!(child.entrypoint, words(&["/usr/bin/env"]), "{}", engine.name);
        assert_eq!(base.cmd, words(&["hello"]), "{}", engine.name);
        assert_eq!(child.cmd, words(&["/bin/echo", "child"]), "{}", engine.name);
        for (configuration, plain) in [(&base, "one"), (&child, "two")] {
            assert_eq!(configuration.user, "1000", "{}", engine.name);
            assert_eq!(configuration.working_dir, "/home/jovyan", "{}", engine.name);
            assert_eq!(configuration.stop_signal.as_deref(), Some("SIGINT"), "{}", engine.name);
            let variables = &configuration.env;
            assert!(
                variables.contains(&format!("PLAIN={plain}")),
                "{}: {variables:?}",
                engine.name
            );
            assert!(
                variables.contains(&format!("NASTY={NASTY}")),
                "{}: {variables:?}",
                engine.name
            );
        }
        let test = |configuration: &rdspec::image::configuration::Configuration| {
            configuration.healthcheck.as_ref().map(|healthcheck| healthcheck.test.clone())
        };
        assert_eq!(test(&base), words(&["CMD", "/bin/true"]), "{}", engine.name);
        assert_eq!(test(&child), words(&["CMD", "/bin/false"]), "{}", engine.name);
    }
}

#[test]
#[ignore = "needs engines: run tests/run"]
fn a_container_runs_as_the_user_with_exactly_the_declared_rights() {
    let fixture = Fixture::new();
    for engine in engines() {
        fixture.build(&engine);
        let script = r#"
            set -eu
            test "$(id -u):$(id -g)" = 1000:1000
            test "$(hello)" = hello
            printf '%s' "$NASTY" | cmp - <(printf '%s' "$1")
            test "$(sudo -n /usr/bin/id -u)" = 0
            test "$(sudo -n /usr/bin/whoami)" = root
            ! sudo -n /usr/bin/id
            ! sudo -n /usr/bin/whoami --version
            ! sudo -n /bin/true
            echo x >/opt/data/new/by-the-user
            test "$(cat /skeleton/.config/personal/made)" = yes
        "#;
        let output = engine.run_in(CHILD, &["bash", "-s", "--", NASTY], script);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {error}", engine.name);
    }
}
