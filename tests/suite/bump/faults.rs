//! What goes wrong with upstreams: each fault has its message and its exit code, and leaves the spec as it was.

use super::{
    Answer, Fake, GITHUB, bump, component, list, refused, release, spec, stack_with, twice,
};

const RELEASES: &str = "/repos/owner/tool/releases?per_page=100";
const FILE: &str = "/download/v1.1.0/tool-amd64";

/// A fault: how it comes about, the exit code, and what is said.
type Fault = (&'static str, fn(&Fake), i32, &'static [&'static str]);

const FAULTS: &[Fault] = &[
    (
        "the list is gone",
        |fake| fake.serve(RELEASES, Answer::status(404)),
        4,
        &["is not there (404)", "moved or renamed"],
    ),
    (
        "the list is refused",
        |fake| fake.serve(RELEASES, Answer::status(403).body("{\"message\": \"no robots\"}")),
        4,
        &["is refused (403): no robots"],
    ),
    (
        "the limit is used up",
        |fake| {
            let limit = Answer::status(403)
                .header("x-ratelimit-remaining", "0")
                .header("x-ratelimit-reset", "4102444800");
            fake.serve(RELEASES, limit);
        },
        4,
        &["limit of requests is used up", "run it again after 2100-01-01T00:00:00Z"],
    ),
    (
        "the server asks for too much patience",
        |fake| fake.serve(RELEASES, Answer::status(429).header("Retry-After", "3600")),
        4,
        &["limit of requests is used up"],
    ),
    (
        "the server is broken",
        |fake| fake.serve(RELEASES, Answer::status(500)),
        4,
        &["the server failed (500) (after 4 tries)"],
    ),
    (
        "the list is no JSON",
        |fake| fake.serve(RELEASES, Answer::ok(b"<html>")),
        4,
        &["not what its interface promises"],
    ),
    (
        "the list has another shape",
        |fake| fake.serve(RELEASES, Answer::json("{}")),
        4,
        &["not what its interface promises"],
    ),
    (
        "there is no release",
        |fake| {
            fake.serve(RELEASES, Answer::json("[]"));
            fake.serve("/repos/owner/tool/tags?per_page=100", Answer::json("[]"));
        },
        4,
        &["lists no version at all"],
    ),
    (
        "no tag is a version",
        |fake| fake.serve(RELEASES, Answer::json("[{ \"tag_name\": \"latest\" }]")),
        4,
        &["none of the 1 names", "see whether `tag` still fits"],
    ),
    (
        "the file is gone",
        |fake| fake.serve(FILE, Answer::status(404)),
        4,
        &["1.1.0: ", "is not there (404)"],
    ),
    (
        "the file is cut",
        |fake| fake.serve(FILE, Answer::ok(b"0123456789").cut(4)),
        4,
        &["tool-amd64", "(after 4 tries)"],
    ),
    (
        "the file is a page",
        |fake| {
            fake.serve(
                FILE,
                Answer::ok(b"<html>").header("Content-Type", "text/html; charset=utf-8"),
            );
        },
        4,
        &["gave a page (text/html; charset=utf-8) where a file was due"],
    ),
    (
        "a redirect leaves https",
        |fake| fake.serve(FILE, Answer::redirect("http://mirror.example/tool")),
        4,
        &["redirects to http://mirror.example/tool, which is not https"],
    ),
    (
        "redirects go round",
        |fake| fake.serve(FILE, Answer::redirect(&format!("{}{FILE}", fake.address()))),
        4,
        &["redirects more than 10 times"],
    ),
    (
        "the bytes are others than those of the interface",
        |fake| fake.serve(FILE, Answer::ok(b"evil")),
        3,
        &["the interface of the upstream says sha256:", "ask the upstream"],
    ),
    (
        "the list of sums says something else",
        |fake| {
            let release = release(fake, "1.1.0", "");
            let sums = format!("{}/download/v1.1.0/SHA256SUMS", fake.address());
            let asset = format!(
                "\"assets\": [{{ \"name\": \"SHA256SUMS\", \"state\": \"uploaded\", \"browser_download_url\": \"{sums}\" }}, "
            );
            list(fake, &[release.replace("\"assets\": [", &asset)]);
            fake.serve(
                "/download/v1.1.0/SHA256SUMS",
                Answer::ok(format!("{}  tool-amd64\n", "a".repeat(64)).as_bytes()),
            );
        },
        3,
        &["SHA256SUMS says sha256:aaaa"],
    ),
    (
        "a file is still being uploaded",
        |fake| list(fake, &[release(fake, "1.1.0", "").replacen("uploaded", "starter", 1)]),
        4,
        &["1.1.0: tool-amd64 is still being uploaded"],
    ),
    (
        "a file was renamed",
        |fake| list(fake, &[release(fake, "1.1.0", "").replace("tool-arm64", "tool-aarch64")]),
        4,
        &["the release has no tool-arm64; it has tool-a"],
    ),
    (
        "nothing proves it as the spec requires",
        |fake| {
            let release = release(fake, "1.1.0", "");
            let mut parts: Vec<&str> = release.split("\"digest\": \"sha256:").collect();
            let rest: Vec<String> =
                parts.split_off(1).iter().map(|part| part[66..].to_owned()).collect();
            list(fake, &[format!("{}{}", parts[0], rest.join(""))]);
        },
        3,
        &["is proven by none, and the spec requires \"api\""],
    ),
];

#[test]
fn each_fault_is_explained_and_changes_nothing() {
    std::thread::scope(|scope| {
        for (name, fault, status, said) in FAULTS {
            scope.spawn(move || {
                let fake = Fake::start();
                let old = component(&fake, &format!("{GITHUB}, require = \"api\""));
                let stack = stack_with(&old);
                list(&fake, &[release(&fake, "1.1.0", "")]);
                fault(&fake);
                let run = bump(&stack, &fake, &[]);
                let text = format!("{}{}", run.stdout, run.stderr);
                assert_eq!(run.status, Some(*status), "{name}: {text}");
                for part in *said {
                    assert!(text.contains(part), "{name}: no {part:?} in\n{text}");
                }
                assert_eq!(spec(&stack), old, "{name}");
                assert!(!stack.path("generated").exists(), "{name}");
            });
        }
    });
}

#[test]
fn an_older_version_serves_where_the_newest_lacks_a_file() {
    let fake = Fake::start();
    let stack = stack_with(&component(&fake, GITHUB));
    let incomplete = release(&fake, "1.2.0", "").replacen("uploaded", "starter", 1);
    list(&fake, &[incomplete, release(&fake, "1.1.0", "")]);
    let run = bump(&stack, &fake, &[]).expect(0);
    assert!(
        run.stdout.contains("passed over 1.2.0: tool-amd64 is still being uploaded"),
        "{}",
        run.stdout
    );
    assert!(spec(&stack).contains("'1.1.0'"));
}

/// Wrong bytes do not go under in a mistake of the spec.
#[test]
fn of_several_failures_the_gravest_is_the_exit_code() {
    let fake = Fake::start();
    let stack = stack_with(&twice(&fake, GITHUB, GITHUB, "apt = \"other\""));
    list(&fake, &[release(&fake, "1.1.0", "")]);
    fake.serve(FILE, Answer::ok(b"something else"));
    let alone = bump(&stack, &fake, &["other"]);
    assert_eq!(alone.status, Some(2), "{}{}", alone.stdout, alone.stderr);
    refused(&stack, &fake, 3, &["tool", "other"]);
}
