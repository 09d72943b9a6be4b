//! Packages of pip and npm: their versions and sums, as indexes and registries have them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha512};

use super::{Answer, Fake, bump, command, refused, spec, stack_with, sum};
use crate::harness::{Run, Stack, run};

/// The wheels of a version: two machines that are pinned, and one that is not.
fn wheels(version: &str) -> [String; 3] {
    ["manylinux_2_17_x86_64", "manylinux_2_17_aarch64", "win_amd64"]
        .map(|platform| format!("fast_tool-{version}-cp311-cp311-{platform}.whl"))
}

fn listed(name: &str, sum: &str) -> String {
    format!(
        "{{ \"filename\": \"{name}\", \"url\": \"../../files/{name}\", \"hashes\": {{ \"sha256\": \"{sum}\" }}, \"upload-time\": \"2025-01-01T00:00:00Z\" }}"
    )
}

/// An index with these files, each of which is its own name.
fn index(fake: &Fake, names: &[String]) {
    let files: Vec<String> = names.iter().map(|name| listed(name, &sum(name.as_bytes()))).collect();
    for name in names {
        fake.serve(&format!("/files/{name}"), Answer::ok(name.as_bytes()));
    }
    let body = format!("{{ \"name\": \"fast-tool\", \"files\": [{}] }}", files.join(","));
    fake.serve("/simple/fast-tool/", Answer::json(&body));
}

/// A component with the package at 1.0, whose index is the server.
fn python(fake: &Fake, version: &str) -> String {
    let [amd64, arm64, _] = wheels(version).map(|name| sum(name.as_bytes()));
    format!(
        "summary = \"A tool\"\n\n[pip]\nprefix = \"/opt/tool\"\nindex = \"{}/simple/\"\n\n[pip.packages.fast-tool]\n\
         version = '{version}' # as of today\nsha256 = [\n    '{arm64}', # arm64\n    \"{amd64}\",   # amd64\n]\n",
        fake.address()
    )
}

#[test]
fn a_python_package_moves_with_the_sum_of_each_of_its_wheels() {
    let fake = Fake::start();
    index(&fake, &[wheels("1.0"), wheels("1.1")].concat());
    let stack = stack_with(&python(&fake, "1.0"));
    let run = bump(&stack, &fake, &[]).expect(0);
    for part in ["fast-tool", "1.1", "api"] {
        assert!(run.stdout.contains(part), "no {part:?} in\n{}", run.stdout);
    }
    // Comments, quotes and the order of the sums are as they were.
    assert_eq!(spec(&stack), python(&fake, "1.1"));
    stack.rdspec(&["generate", "--check"]).expect(0);
    bump(&stack, &fake, &["--check"]).expect(0);
}

#[test]
fn a_version_without_one_of_the_wheels_is_passed_over() {
    let fake = Fake::start();
    let [x86, _, windows] = wheels("1.2");
    index(&fake, &[&wheels("1.0")[..], &wheels("1.1"), &[x86, windows]].concat());
    let stack = stack_with(&python(&fake, "1.0"));
    let run = bump(&stack, &fake, &[]).expect(0);
    let why =
        "passed over 1.2: it has no file like fast_tool-1.0-cp311-cp311-manylinux_2_17_aarch64.whl";
    assert!(run.stdout.contains(why), "{}", run.stdout);
    assert_eq!(spec(&stack), python(&fake, "1.1"));
}

#[test]
fn a_version_is_as_young_as_the_youngest_of_the_wheels_that_are_taken() {
    let fake = Fake::start();
    let now = jiff::Timestamp::now().to_string();
    let names = [wheels("1.0"), wheels("1.1"), wheels("1.2")].concat();
    let uploaded = |young: &str| {
        index(&fake, &names);
        let files: Vec<String> = names
            .iter()
            .map(|name| {
                let file = listed(name, &sum(name.as_bytes()));
                if name == young { file.replace("2025-01-01T00:00:00Z", &now) } else { file }
            })
            .collect();
        let body = format!("{{ \"name\": \"fast-tool\", \"files\": [{}] }}", files.join(","));
        fake.serve("/simple/fast-tool/", Answer::json(&body));
    };
    let [x86, _, windows] = wheels("1.2");
    // Put into an old release today, it is not taken before its time, and not even fetched.
    uploaded(&x86);
    let stack = stack_with(&python(&fake, "1.0"));
    let run = bump(&stack, &fake, &[]).expect(0);
    assert!(run.stdout.contains("1.2 is held: too young, for another 3 d"), "{}", run.stdout);
    assert_eq!(spec(&stack), python(&fake, "1.1"));
    assert!(fake.asked(&format!("/files/{x86}")).is_empty());
    let run = bump(&stack, &fake, &[]).expect(0);
    assert!(run.stdout.contains("1.2 is held: too young"), "{}", run.stdout);
    assert_eq!(spec(&stack), python(&fake, "1.1"));
    // Who names it takes it, and sees its age.
    let run = bump(&stack, &fake, &["fast-tool=1.2", "--dry-run"]).expect(0);
    assert!(run.stdout.contains(" 0 d "), "{}", run.stdout);
    // A file for others changes nothing.
    uploaded(&windows);
    bump(&stack, &fake, &[]).expect(0);
    assert_eq!(spec(&stack), python(&fake, "1.2"));
}

#[test]
fn the_spec_says_which_versions_of_a_package_are_taken() {
    let fake = Fake::start();
    index(&fake, &[wheels("1.0"), wheels("1.1"), wheels("1.2"), wheels("2.0")].concat());
    let rules =
        "\n[bump.fast-tool]\nallow = \"<2\"\nignore = [\"1.2: breaks the proxy\"] # until 1.3\n";
    let stack = stack_with(&format!("{}{rules}", python(&fake, "1.0")));
    let run = bump(&stack, &fake, &[]).expect(0);
    for part in ["2.0 is held: outside of `allow`", "1.2 is held: ignored: breaks the proxy"] {
        assert!(run.stdout.contains(part), "no {part:?} in\n{}", run.stdout);
    }
    assert_eq!(spec(&stack), format!("{}{rules}", python(&fake, "1.1")));
}

#[test]
fn a_wheel_that_is_not_what_the_index_says_is_refused() {
    let fake = Fake::start();
    index(&fake, &[wheels("1.0"), wheels("1.1")].concat());
    fake.serve(&format!("/files/{}", wheels("1.1")[0]), Answer::ok(b"something else"));
    let stack = stack_with(&python(&fake, "1.0"));
    refused(&stack, &fake, 3, &["the interface of the upstream says", "do not use it"]);
}

#[test]
fn sums_that_the_index_does_not_know_say_what_to_do() {
    let fake = Fake::start();
    index(&fake, &wheels("1.1"));
    let stack = stack_with(&python(&fake, "1.0"));
    refused(&stack, &fake, 4, &["the index lists no file of it with the sum", "rdspec add pip"]);
}

#[test]
fn requirements_of_a_file_are_shown_and_stay() {
    let fake = Fake::start();
    let stack = stack_with(
        "summary = \"A tool\"\n\n[pip]\nprefix = \"/opt/tool\"\nrequirements = \"requirements.txt\"\n",
    );
    let pinned = format!("six==1.16.0 --hash=sha256:{}\n", sum(b"six"));
    stack.write("spec/resources/tool/requirements.txt", &pinned);
    let run = bump(&stack, &fake, &[]).expect(0);
    assert!(
        run.stdout.contains("let the tool that made it for pip make it anew"),
        "{}",
        run.stdout
    );
}

const NODE: &str = "summary = \"A tool\"\n\n[apt]\npackages = [\"npm\"]\n\n[npm]\nprefix = \"/opt/tool\"\n\
    packages = { fast-tool = '1.0.0' } # pinned\n\n[accept]\nunverified-package = \"a test\"\n";

/// A registry with versions of the package, and what it says of the last one.
fn registry(fake: &Fake, versions: &[&str], integrity: &str) {
    let listed = versions.iter().map(|version| {
        let path = format!("/tarballs/{version}.tgz");
        fake.serve(&path, Answer::ok(version.as_bytes()));
        format!(
            "\"{version}\": {{ \"dist\": {{ \"tarball\": \"{}{path}\", \"integrity\": \"{integrity}\" }} }}",
            fake.address()
        )
    });
    let listed: Vec<String> = listed.collect();
    let body = format!("{{ \"versions\": {{ {} }} }}", listed.join(", "));
    fake.serve("/fast-tool", Answer::json(&body));
}

fn bump_node(stack: &Stack, fake: &Fake) -> Run {
    run(command(stack, fake, &["bump"]).env("npm_config_registry", fake.address()))
}

#[test]
fn a_node_package_moves_if_it_is_what_the_registry_says() {
    let fake = Fake::start();
    let integrity = format!("sha512-{}", STANDARD.encode(Sha512::digest(b"1.1.0")));
    registry(&fake, &["1.0.0", "1.1.0"], &integrity);
    let stack = stack_with(NODE);
    let run = bump_node(&stack, &fake).expect(0);
    assert!(run.stdout.contains("api"), "{}", run.stdout);
    assert_eq!(spec(&stack), NODE.replace("1.0.0", "1.1.0"));

    let stack = stack_with(NODE);
    registry(&fake, &["1.0.0", "1.1.0"], &integrity.replace("sha512-", "sha512-x"));
    let run = bump_node(&stack, &fake).expect(3);
    assert!(run.stdout.contains("and the registry says sha512-x"), "{}", run.stdout);
    assert_eq!(spec(&stack), NODE);
}

#[test]
fn files_of_an_index_with_a_login_get_it_and_nobody_sees_it() {
    let fake = Fake::start();
    index(&fake, &[wheels("1.0"), wheels("1.1")].concat());
    let login = format!("Basic {}", STANDARD.encode("me:secret"));
    for name in wheels("1.1") {
        let file = Answer::ok(name.as_bytes()).only_for(&login, Answer::status(401));
        fake.serve(&format!("/files/{name}"), file);
    }
    let configured = python(&fake, "1.0");
    let (before, after) = configured.split_once("index = ").unwrap();
    let (_, after) = after.split_once('\n').unwrap();
    let stack = stack_with(&format!("{before}{after}"));
    let address = fake.address().replace("http://", "http://me:secret@") + "/simple";
    let mut command = command(&stack, &fake, &["bump"]);
    command.env("PIP_INDEX_URL", address);
    fake.serve(&format!("/files/{}", wheels("1.1")[0]), Answer::ok(b"something else"));
    let refused = run(&mut command).expect(3);
    let said = format!("{}/files/{} has sha256:", fake.address(), wheels("1.1")[0]);
    assert!(refused.stdout.contains(&said), "{}", refused.stdout);
    assert!(!refused.stdout.contains("secret") && !refused.stderr.contains("secret"));
    let file = Answer::ok(wheels("1.1")[0].as_bytes()).only_for(&login, Answer::status(401));
    fake.serve(&format!("/files/{}", wheels("1.1")[0]), file);
    let moved = run(&mut command).expect(0);
    assert!(!moved.stdout.contains("secret") && !moved.stderr.contains("secret"));
    assert!(spec(&stack).contains("version = '1.1'"), "{}", spec(&stack));
}

#[test]
fn what_a_registry_says_does_not_steer_the_terminal() {
    let fake = Fake::start();
    let steering = "\u{1b}]0;owned\u{7}\u{1b}[2K\u{1b}[1A\u{9b}H\nfast-tool  1.0.0  1.1.0";
    let why = serde_json::Value::from(steering);
    let body = format!(
        "{{ \"versions\": {{ \"1.1.0\": {{ \"dist\": {{ \"tarball\": \"{}/a.tgz\" }}, \"deprecated\": {why} }} }} }}",
        fake.address()
    );
    fake.serve("/fast-tool", Answer::json(&body));
    let stack = stack_with(NODE);
    let shown = "1.1.0 is held: withdrawn: \\u{1b}]0;owned\\u{7}\\u{1b}[2K\\u{1b}[1A\\u{9b}H\\nfast-tool  1.0.0";
    for more in [&[][..], &["--pr-body"]] {
        let mut command = command(&stack, &fake, &[&["bump"], more].concat());
        let run = run(command.env("npm_config_registry", fake.address())).expect(0);
        assert!(run.stdout.contains("owned"), "{}", run.stdout);
        let is_hidden = |c: char| c.is_control() && c != '\n';
        assert!(!run.stdout.contains(is_hidden), "{:?}", run.stdout);
        assert!(!run.stdout.lines().any(|line| line.starts_with("fast-tool  1.0.0  1.1.0")));
        if more.is_empty() {
            assert!(run.stdout.contains(shown), "{}", run.stdout);
        }
    }
}
