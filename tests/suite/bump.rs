//! `rdspec bump` against servers on loopback that stand in for upstreams.

mod added;
mod apt;
mod dates;
mod debs;
mod fake;
mod faults;
mod groups;
mod http;
mod images;
mod key;
mod killed;
mod meanwhile;
mod moves;
mod packages;
mod published;
mod registries;
mod renewals;
mod repositories;
mod signatures;
mod sources;
mod verified;

use std::process::Command;

use fake::{Answer, Fake};
use rdspec::image::digest::Digest;

use crate::harness::{Run, Stack, run};

const STACK: &str = "\
[stack]
name = \"bumped\"
platforms = [\"linux/amd64\", \"linux/arm64\"]

[apt]
refresh = \"2026-11-23\"

[bootstrap]
packages = [\"curl\"]

[images.base]
from = \"debian:bookworm\"
unpinned = \"made for a test\"
components = [\"tool\"]
";

/// A stack with one component.
fn stack_with(component: &str) -> Stack {
    let stack = Stack::small();
    std::fs::remove_dir_all(stack.path("spec")).unwrap();
    stack.write("spec/stack.toml", STACK);
    stack.write("spec/components/tool.toml", component);
    stack
}

fn sum(bytes: &[u8]) -> String {
    Digest::of(bytes).hexadecimal()
}

/// The bytes of the tool's file of a version.
fn bytes(version: &str, architecture: &str) -> Vec<u8> {
    format!("tool {version} for {architecture}\n").into_bytes()
}

/// A component with a download of each architecture, at version 1.0.0 and with comments everywhere.
fn component(fake: &Fake, upstream: &str) -> String {
    let [amd64, arm64] = ["amd64", "arm64"].map(|architecture| sum(&bytes("1.0.0", architecture)));
    format!(
        "summary = \"A tool\"\n\n# The tool itself\n[downloads.tool]\nversion = '1.0.0' # as of today\n\
         url = \"{}/download/v{{{{ version }}}}/tool-{{{{ arch }}}}\"\n\
         sha256 = {{ amd64 = \"{amd64}\", arm64 = \"{arm64}\" }}   # both\n\
         upstream = {{ {upstream} }}\ninstall = {{ to = \"/usr/local/bin/tool\", mode = \"0755\" }}\n",
        fake.address()
    )
}

/// A component with that download twice, `tool` and `other`; of the second, `old` is replaced by `new`.
fn twice(fake: &Fake, upstream: &str, old: &str, new: &str) -> String {
    let first = component(fake, upstream);
    let (_, second) = first.split_once("# The tool itself\n").unwrap();
    let second = second
        .replace("[downloads.tool]", "[downloads.other]")
        .replace("/usr/local/bin/tool", "/usr/local/bin/other")
        .replace(old, new);
    format!("{first}\n{second}")
}

/// How the stack of [`component`] asks GitHub.
const GITHUB: &str = "github = \"owner/tool\", tag = 'v(?<version>.+)'";

/// Serves the files of a version, and gives the JSON of its release.
fn release(fake: &Fake, version: &str, more: &str) -> String {
    let assets = ["amd64", "arm64"].map(|architecture| {
        let path = format!("/download/v{version}/tool-{architecture}");
        let bytes = bytes(version, architecture);
        fake.serve(&path, Answer::ok(&bytes));
        format!(
            "{{ \"name\": \"tool-{architecture}\", \"state\": \"uploaded\", \"digest\": \"sha256:{}\", \"browser_download_url\": \"{}{path}\" }}",
            sum(&bytes),
            fake.address()
        )
    });
    format!(
        "{{ \"tag_name\": \"v{version}\", \"published_at\": \"2025-01-01T00:00:00Z\", \"assets\": [{}]{more} }}",
        assets.join(", ")
    )
}

/// Lists releases as GitHub does.
fn list(fake: &Fake, releases: &[String]) {
    let body = format!("[{}]", releases.join(","));
    fake.serve("/repos/owner/tool/releases?per_page=100", Answer::json(&body));
}

fn command(stack: &Stack, fake: &Fake, arguments: &[&str]) -> Command {
    let mut command = stack.command(arguments);
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("GITHUB_API_URL", fake.address()).env("RDSPEC_DEPS_DEV_URL", fake.address());
    command
}

/// Runs `rdspec bump`.
fn bump(stack: &Stack, fake: &Fake, arguments: &[&str]) -> Run {
    run(&mut command(stack, fake, &[&["bump"], arguments].concat()))
}

fn spec(stack: &Stack) -> String {
    std::fs::read_to_string(stack.path("spec/components/tool.toml")).unwrap()
}

/// Fails unless the bump ends with the status, says all of this, and changes nothing.
#[track_caller]
fn refused(stack: &Stack, fake: &Fake, status: i32, said: &[&str]) -> Run {
    let old = spec(stack);
    let run = bump(stack, fake, &[]).expect(status);
    for part in said {
        assert!(run.stdout.contains(part), "no {part:?} in\n{}", run.stdout);
    }
    assert_eq!(spec(stack), old);
    run
}
