//! `rdspec add download` and `rdspec add pip`: entries whose pins are proven before they are written.

use super::key::Key;
use super::published::{self, DISTS, Published};
use super::{Answer, Fake, bytes, command, list, release, stack_with, sum};
use crate::harness::{Run, Stack, run};

const COMPONENT: &str = "summary = 'A tool' # the tool\n\n[environment]\nTOOL = \"1\" # one\n";

fn add(stack: &Stack, fake: &Fake, arguments: &[&str]) -> Run {
    let mut command = command(stack, fake, &[&["add"], arguments].concat());
    command.env("PIP_INDEX_URL", format!("{}/simple/", fake.address()));
    run(&mut command)
}

fn spec(stack: &Stack) -> String {
    super::spec(stack)
}

#[test]
fn a_download_comes_with_its_sums_and_its_version() {
    let fake = Fake::start();
    let stack = stack_with(COMPONENT);
    list(&fake, &[release(&fake, "1.1.0", ""), release(&fake, "1.0.0", "")]);
    let url = format!("{}/download/v1.0.0/tool-amd64", fake.address());
    let upstream = ["--upstream", "github=owner/tool", "--upstream", "tag=v(?<version>.+)"];
    let arguments =
        [&["download", &url, "-c", "tool", "--install", "/usr/local/bin/tool"], &upstream[..]];
    let arguments = arguments.concat();
    let run = add(&stack, &fake, &[&arguments[..], &["--dry-run"]].concat()).expect(0);
    assert!(run.stdout.contains("+[downloads.tool]"), "{}", run.stdout);
    assert_eq!(spec(&stack), COMPONENT);

    let run = add(&stack, &fake, &arguments).expect(0);
    let [amd64, arm64] = ["amd64", "arm64"].map(|architecture| sum(&bytes("1.0.0", architecture)));
    let entry = format!(
        "\n[downloads.tool]\nversion = \"1.0.0\"\nurl = \"{}/download/v{{{{ version }}}}/tool-{{{{ arch }}}}\"\n\
         sha256 = {{ amd64 = \"{amd64}\", arm64 = \"{arm64}\" }}\nevidence = \"api\"\n\
         upstream = {{ github = \"owner/tool\", tag = \"v(?<version>.+)\" }}\n\
         install = {{ mode = \"0755\", to = \"/usr/local/bin/tool\" }}\n",
        fake.address()
    );
    assert_eq!(spec(&stack), format!("{COMPONENT}{entry}"));
    assert_eq!(run.stderr.matches("evidence: api").count(), 2, "{}", run.stderr);
    stack.rdspec(&["generate", "--check"]).expect(0);
    // It is there now, and moves like any other.
    let run = add(&stack, &fake, &arguments).expect(2);
    assert!(run.stderr.contains("has the download `tool` already"), "{}", run.stderr);
    super::bump(&stack, &fake, &["tool"]).expect(0);
    assert!(spec(&stack).contains("version = \"1.1.0\""));
}

#[test]
fn what_a_tag_says_besides_the_version_becomes_a_variable() {
    let fake = Fake::start();
    let stack = stack_with(COMPONENT);
    list(&fake, &["1.0.0-b12", "1.0.0-b7"].map(|tag| release(&fake, tag, "")));
    let url = format!("{}/download/v1.0.0-b7/tool-amd64", fake.address());
    let with = |tag: &str| {
        let tag = format!("tag={tag}");
        let upstream = ["--upstream", "github=owner/tool", "--upstream", &tag];
        let place = ["download", &url, "-c", "tool", "--install", "/usr/local/bin/tool"];
        add(&stack, &fake, &[&place[..], &upstream[..]].concat())
    };
    with("v(?<version>[0-9.]+)-(?<letter>[a-z])(?<build>[0-9]+)(?<end>.*)").expect(2);
    assert_eq!(spec(&stack), COMPONENT);
    with("v(?<version>[0-9.]+)-b(?<build>[0-9]+)").expect(0);
    let new = spec(&stack);
    assert!(new.contains("version = \"1.0.0\"\nvariables = { build = \"7\" }\n"), "{new}");
    assert!(new.contains("/v{{ version }}-b{{ build }}/tool-{{ arch }}\""), "{new}");
    super::bump(&stack, &fake, &["--check"]).expect(0);
    list(&fake, &[release(&fake, "1.1.0-b3", "")]);
    super::bump(&stack, &fake, &["tool"]).expect(0);
    assert!(spec(&stack).contains("version = \"1.1.0\"\nvariables = { build = \"3\" }\n"));
}

#[test]
fn a_download_without_an_upstream_is_what_its_address_serves() {
    let fake = Fake::start();
    let stack = stack_with(COMPONENT);
    fake.serve("/f/tool_1.0_all.deb", Answer::ok(b"a package"));
    fake.serve(
        "/f/SHA256SUMS",
        Answer::ok(format!("{}  tool_1.0_all.deb\n", sum(b"a package")).as_bytes()),
    );
    let url = format!("{}/f/tool_1.0_all.deb", fake.address());
    let run = add(&stack, &fake, &["download", &url, "-c", "tool"]).expect(0);
    assert!(run.stderr.contains("evidence: checksum"), "{}", run.stderr);
    let entry = format!(
        "\n[downloads.tool]\nurl = \"{url}\"\nsha256 = \"{}\"\nevidence = \"checksum\"\ndeb = true\n",
        sum(b"a package")
    );
    assert_eq!(spec(&stack), format!("{COMPONENT}{entry}"));
}

#[test]
fn a_download_that_is_not_proven_changes_nothing() {
    let fake = Fake::start();
    let stack = stack_with(COMPONENT);
    list(&fake, &[release(&fake, "1.0.0", "")]);
    let at = |path: &str| format!("{}{path}", fake.address());
    let good = at("/download/v1.0.0/tool-amd64");
    let install = ["--install", "/usr/local/bin/tool"];
    let github = ["--upstream", "github=owner/tool", "--upstream", "tag=v(?<version>.+)"];
    let case = |url: &str, more: &[&str], status: i32, said: &str| {
        let run = add(&stack, &fake, &[&["download", url, "-c", "tool"], more].concat());
        let text = format!("{}{}", run.stdout, run.stderr);
        assert_eq!(run.status, Some(status), "{said}: {text}");
        assert!(text.contains(said), "{said}: {text}");
        assert_eq!(spec(&stack), COMPONENT, "{said}");
        assert!(!stack.path("generated").exists(), "{said}");
    };
    case(&good, &[], 2, "say what is done with the file");
    case(
        &at("/download/v2.0.0/tool-amd64"),
        &[&install[..], &github].concat(),
        2,
        "names none of the 1 versions",
    );
    case(&good, &[&install[..], &["--upstream", "github"]].concat(), 2, "is no KEY=VALUE");
    case(
        &good,
        &[&install[..], &["--upstream", "gihub=a/b"]].concat(),
        2,
        "did you mean `github`?",
    );
    case(&at("/1.0/gone"), &install, 4, "is not there (404)");
    case("http://mirror.example/1.0/tool", &install, 2, "plain http");
    case(&at("/"), &install, 2, "give it a name with --name");
    case(&good, &["--install", "relative"], 2, "relative");
    fake.serve("/download/v1.0.0/tool-arm64", Answer::ok(b"evil"));
    case(&good, &[&install[..], &github].concat(), 3, "the interface of the upstream says sha256:");
    fake.serve(
        "/download/v1.0.0/tool-amd64",
        Answer::ok(b"<html>").header("Content-Type", "text/html"),
    );
    case(&good, &install, 4, "gave a page");
}

#[test]
fn packages_are_looked_up_in_the_repositories_of_their_component() {
    let (fake, key) = (Fake::start(), Key::new());
    let uri = format!("{}/debian", fake.address());
    let old =
        published::component(&uri, &key).replace("packages = [\"tool\"]", "packages = ['jq']");
    let stack = stack_with(&old);
    stack.write("spec/resources/tool/vendor.asc", &key.public);
    let published = Published::new("Packages.xz", published::xz, &["1.9-1", "1.10-1"]);
    published.serve(&fake, &key);
    let arguments = ["apt", "tool", "git", "-c", "tool"];
    let run = add(&stack, &fake, &arguments).expect(0);
    for said in ["has `tool` 1.10-1, which its pinned key signed", "are asked for `git` when"] {
        assert!(run.stderr.contains(said), "{said}: {}", run.stderr);
    }
    let new = old.replace("['jq']", "['jq', \"tool\", \"git\"]");
    assert_eq!(spec(&stack), new);

    stack.write("spec/components/tool.toml", &old);
    published.serve(&fake, &Key::new());
    let run = add(&stack, &fake, &arguments).expect(3);
    assert!(run.stderr.contains("nothing was written"), "{}", run.stderr);
    fake.serve(&format!("{DISTS}InRelease"), Answer::status(500));
    add(&stack, &fake, &arguments).expect(4);
    assert_eq!(spec(&stack), old);
}

fn wheel(name: &str, sum: &str, more: &str) -> String {
    format!(
        "{{ \"filename\": \"{name}\", \"url\": \"../../files/{name}\", \"hashes\": {{ \"sha256\": \"{sum}\" }}, \"upload-time\": \"2025-01-01T00:00:00Z\"{more} }}"
    )
}

/// An index with a project, and its files.
fn serve_project(fake: &Fake, files: &[String]) {
    let body =
        format!("{{ \"meta\": {{}}, \"name\": \"fast-tool\", \"files\": [{}] }}", files.join(","));
    fake.serve("/simple/fast-tool/", Answer::json(&body));
}

const LINUX: [&str; 2] = [
    "fast_tool-2.0-cp312-cp312-manylinux_2_17_x86_64.whl",
    "fast_tool-2.0-cp312-cp312-manylinux_2_17_aarch64.whl",
];

fn files_of(fake: &Fake, version: &str) -> Vec<String> {
    let mut files = Vec::new();
    for name in LINUX {
        let name = name.replace("2.0", version);
        fake.serve(&format!("/files/{name}"), Answer::ok(name.as_bytes()));
        files.push(wheel(&name, &sum(name.as_bytes()), ""));
    }
    for other in ["win_amd64", "musllinux_1_2_x86_64", "macosx_11_0_arm64"] {
        files.push(wheel(&format!("fast_tool-{version}-cp312-cp312-{other}.whl"), &sum(b"x"), ""));
    }
    files.push(wheel(&format!("fast_tool-{version}.tar.gz"), &sum(b"x"), ""));
    files
}

#[test]
fn a_python_package_comes_with_the_sum_of_each_wheel_that_serves() {
    let fake = Fake::start();
    let stack = stack_with(COMPONENT);
    let young = ", \"upload-time\": \"2999-01-01T00:00:00Z\"";
    let late = wheel("fast_tool-9.0-py3-none-any.whl", &sum(b"x"), "");
    let late = late.replace(", \"upload-time\": \"2025-01-01T00:00:00Z\"", young);
    // A wheel that was put today beside what its release had.
    let added = [
        wheel("fast_tool-8.5.tar.gz", &sum(b"x"), ""),
        late.replace("fast_tool-9.0", "fast_tool-8.5"),
    ];
    let yanked = wheel("fast_tool-8.0-py3-none-any.whl", &sum(b"x"), ", \"yanked\": true");
    let mut files = [files_of(&fake, "1.0"), files_of(&fake, "2.0")].concat();
    files.extend([late, yanked, wheel("fast_tool-7.0rc1-py3-none-any.whl", &sum(b"x"), "")]);
    files.extend(added);
    serve_project(&fake, &files);
    let arguments = ["pip", "fast-tool", "-c", "tool", "--prefix", "/opt/tool"];
    let run = add(&stack, &fake, &arguments).expect(0);
    assert_eq!(run.stderr.matches("evidence: api").count(), 2, "{}", run.stderr);
    let [amd64, arm64] = LINUX.map(|name| sum(name.as_bytes()));
    let entry = format!(
        "\n[pip]\nprefix = \"/opt/tool\"\n\n[pip.packages.fast-tool]\nversion = \"2.0\"\nsha256 = [\n    \"{amd64}\",\n    \"{arm64}\",\n]\n"
    );
    assert_eq!(spec(&stack), format!("{COMPONENT}{entry}"));
    stack.rdspec(&["generate", "--check"]).expect(0);
    // The next one comes beside it.
    let other = wheel("other-1.0-py3-none-any.whl", &sum(b"other"), "");
    fake.serve("/simple/other/", Answer::json(&format!("{{ \"files\": [{other}] }}")));
    fake.serve("/files/other-1.0-py3-none-any.whl", Answer::ok(b"other"));
    add(&stack, &fake, &["pip", "other==1.0", "-c", "tool"]).expect(0);
    let next =
        format!("\n[pip.packages.other]\nversion = \"1.0\"\nsha256 = [\"{}\"]\n", sum(b"other"));
    assert_eq!(spec(&stack), format!("{COMPONENT}{entry}{next}"));
    let run = add(&stack, &fake, &["pip", "Fast_Tool", "-c", "tool"]).expect(2);
    assert!(run.stderr.contains("has the package `Fast_Tool` already"), "{}", run.stderr);
}

#[test]
fn a_python_package_that_cannot_be_had_changes_nothing() {
    let fake = Fake::start();
    let stack = stack_with(COMPONENT);
    let prefix = ["--prefix", "/opt/tool"];
    let case = |names: &[&str], more: &[&str], status: i32, said: &str| {
        let run = add(&stack, &fake, &[&["pip", "-c", "tool"], names, more].concat());
        let text = format!("{}{}", run.stdout, run.stderr);
        assert_eq!(run.status, Some(status), "{said}: {text}");
        assert!(text.contains(said), "{said}: {text}");
        assert_eq!(spec(&stack), COMPONENT, "{said}");
    };
    case(&["fast-tool"], &[], 2, "say where its environment is to be, --prefix /opt/tool");
    case(&["fast-tool"], &prefix, 4, "is not there (404)");
    serve_project(&fake, &files_of(&fake, "2.0"));
    case(&["fast-tool", "Fast.Tool"], &prefix, 2, "`Fast.Tool` is named twice");
    case(&["fast-tool==v2"], &prefix, 2, "the version of `fast-tool` is no exact version");
    case(&["fast-tool==2.1"], &prefix, 2, "the index lists no version 2.1 of fast-tool");
    case(&["fast tool"], &prefix, 2, "contains ' '");
    fake.serve(&format!("/files/{}", LINUX[1]), Answer::ok(b"evil"));
    case(&["fast-tool"], &prefix, 3, "and the index says sha256:");
    serve_project(&fake, &[wheel("fast_tool-2.0.tar.gz", &sum(b"x"), "")]);
    case(
        &["fast-tool==2.0"],
        &prefix,
        4,
        "has no wheel for this stack, and nothing else is installed; it has fast_tool-2.0.tar.gz",
    );
    serve_project(&fake, &[wheel("fast_tool-3.0a1-py3-none-any.whl", &sum(b"x"), "")]);
    case(&["fast-tool"], &prefix, 4, "3.0a1 is held: a pre-release");
}
