//! Each kind of upstream, as its interface lists versions.

use super::{Answer, Fake, bytes, command, component, spec, stack_with};
use crate::harness::{Run, run, tool};

/// Serves the files of version 1.1.0 and bumps the tool to it.
pub(super) fn bumped(fake: &Fake, upstream: &str, environment: &[(&str, String)]) -> Run {
    for architecture in ["amd64", "arm64"] {
        let path = format!("/download/v1.1.0/tool-{architecture}");
        fake.serve(&path, Answer::ok(&bytes("1.1.0", architecture)));
    }
    let stack = stack_with(&component(fake, upstream));
    let mut command = command(&stack, fake, &["bump"]);
    for (name, value) in environment {
        command.env(name, value);
    }
    let run = run(&mut command).expect(0);
    assert!(
        spec(&stack).contains("version = '1.1.0' # as of today"),
        "{}\n{}",
        run.stdout,
        spec(&stack)
    );
    run
}

#[test]
fn github_pages_its_releases_and_gets_a_token() {
    let fake = Fake::start();
    let next = format!("<{}/page2>; rel=\"next\", <{0}/page9>; rel=\"last\"", fake.address());
    let path = "/repos/owner/tool/releases?per_page=100";
    fake.serve(path, Answer::json("[{ \"tag_name\": \"v0.1.0\" }]").header("Link", &next));
    fake.serve("/page2", Answer::json(&format!("[{}]", super::release(&fake, "1.1.0", ""))));
    bumped(&fake, super::GITHUB, &[("GITHUB_TOKEN", "secret".to_owned())]);
    assert_eq!(fake.asked(path)[0].headers["authorization"], "Bearer secret");
    assert_eq!(fake.asked("/page2")[0].headers["authorization"], "Bearer secret");
    assert!(!fake.asked("/download/v1.1.0/tool-amd64")[0].headers.contains_key("authorization"));
}

#[test]
fn github_tags_serve_where_there_are_no_releases() {
    let fake = Fake::start();
    fake.serve("/repos/owner/tool/releases?per_page=100", Answer::json("[]"));
    let tags = "[{ \"name\": \"v1.1.0\" }, { \"name\": \"nightly\" }]";
    fake.serve("/repos/owner/tool/tags?per_page=100", Answer::json(tags));
    bumped(&fake, super::GITHUB, &[]);
}

/// Serves a list of so many pages, all of which are `page`; gives the paths of those after the first.
fn pages(fake: &Fake, first: &str, count: usize, page: &str) -> Vec<String> {
    let path = |number| format!("{first}&page={number}");
    for number in 1..=count {
        let mut answer = Answer::json(page);
        if number < count {
            let next = format!("<{}{}>; rel=\"next\"", fake.address(), path(number + 1));
            answer = answer.header("Link", &next);
        }
        fake.serve(&if number == 1 { first.to_owned() } else { path(number) }, answer);
    }
    (2..=count).map(path).collect()
}

#[test]
fn github_tags_are_all_read_or_none_is_believed() {
    let releases = "/repos/owner/tool/releases?per_page=100";
    let tags = "/repos/owner/tool/tags?per_page=100";
    let fake = Fake::start();
    fake.serve(releases, Answer::json("[]"));
    pages(&fake, tags, 10, "[{ \"name\": \"v1.1.0\" }]");
    bumped(&fake, super::GITHUB, &[]);

    // The newest may be on a page that is not read.
    pages(&fake, tags, 11, "[{ \"name\": \"v1.1.0\" }]");
    let stack = stack_with(&component(&fake, super::GITHUB));
    let said = ["its tags have more than 10 pages", "name the repository by `git`"];
    super::refused(&stack, &fake, 4, &said);

    let elsewhere = "<http://me:secret@127.0.0.2/tags?page=2>; rel=\"next\"";
    let page = Answer::json("[{ \"name\": \"v1.1.0\" }]").header("Link", elsewhere);
    fake.serve(tags, page);
    let said = ["its next page is http://127.0.0.2/tags?page=2, on another server"];
    super::refused(&stack, &fake, 4, &said);
}

#[test]
fn github_releases_come_newest_first_and_the_oldest_are_not_asked_for() {
    let fake = Fake::start();
    let page = format!("[{}]", super::release(&fake, "1.1.0", ""));
    let first = "/repos/owner/tool/releases?per_page=100";
    let others = pages(&fake, first, 12, &page);
    bumped(&fake, super::GITHUB, &[]);
    let asked: Vec<usize> = others.iter().map(|path| fake.asked(path).len()).collect();
    assert_eq!(asked, [1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0]);
}

#[test]
fn the_python_index_is_that_of_pip() {
    let fake = Fake::start();
    let file = |version: &str, more: &str| {
        format!(
            "{{ \"filename\": \"my_tool-{version}-py3-none-any.whl\", \"url\": \"../x\", \"hashes\": {{}}, \"upload-time\": \"2025-01-01T00:00:00.000000Z\"{more} }}"
        )
    };
    let files = [
        file("1.1.0", ""),
        file("1.0.0", ""),
        file("1.2.0", ", \"yanked\": \"broken\""),
        file("1.3.0rc1", ""),
    ];
    let body =
        format!("{{ \"meta\": {{}}, \"name\": \"my-tool\", \"files\": [{}] }}", files.join(","));
    fake.serve("/simple/my-tool/", Answer::json(&body));
    let index = ("PIP_INDEX_URL", format!("{}/simple/", fake.address()));
    bumped(&fake, "pypi = \"My_Tool\"", &[index]);
    let asked = &fake.asked("/simple/my-tool/")[0];
    assert_eq!(asked.headers["accept"], "application/vnd.pypi.simple.v1+json");
}

#[test]
fn the_npm_registry_is_that_of_npm() {
    let fake = Fake::start();
    let version = |version: &str, more: &str| {
        format!("\"{version}\": {{ \"dist\": {{ \"tarball\": \"x\" }}{more} }}")
    };
    let body = format!(
        "{{ \"versions\": {{ {}, {}, {} }}, \"time\": {{ \"1.1.0\": \"2025-01-01T00:00:00Z\" }} }}",
        version("1.1.0", ""),
        version("1.2.0", ", \"deprecated\": \"do not use\""),
        version("1.3.0-beta.1", ""),
    );
    fake.serve("/@scope%2Ftool", Answer::json(&body));
    let registry = ("npm_config_registry", format!("{}/", fake.address()));
    bumped(&fake, "npm = \"@scope/tool\"", &[registry]);
}

#[test]
fn crates_come_from_the_index_of_cargo() {
    let fake = Fake::start();
    let lines = "{\"vers\":\"1.0.0\",\"yanked\":false}\n{\"vers\":\"1.2.0\",\"yanked\":true}\n{\"vers\":\"1.1.0\",\"yanked\":false}\n";
    fake.serve("/to/ol/tool", Answer::ok(lines.as_bytes()));
    let home = tempfile::tempdir().unwrap();
    let text = format!(
        "[source.crates-io]\nreplace-with = \"near\"\n[source.near]\nregistry = \"sparse+{}/\"\n",
        fake.address()
    );
    std::fs::write(home.path().join("config.toml"), text).unwrap();
    bumped(&fake, "crates = \"tool\"", &[("CARGO_HOME", home.path().to_str().unwrap().to_owned())]);
}

#[test]
fn deps_dev_is_asked_where_nothing_is_configured() {
    let fake = Fake::start();
    for (upstream, path) in [
        ("pypi = \"tool\"", "/v3/systems/pypi/packages/tool"),
        ("npm = \"@scope/tool\"", "/v3/systems/npm/packages/%40scope%2Ftool"),
        ("crates = \"tool\"", "/v3/systems/cargo/packages/tool"),
    ] {
        let body = "{ \"versions\": [{ \"versionKey\": { \"version\": \"1.1.0\" }, \"publishedAt\": \"2025-01-01T00:00:00Z\" },\
            { \"versionKey\": { \"version\": \"1.2.0\" }, \"isDeprecated\": true }] }";
        fake.serve(path, Answer::json(body));
        bumped(&fake, upstream, &[]);
        assert_eq!(fake.asked(path).len(), 1, "{path}");
    }
}

#[test]
fn json_documents_have_a_pointer_and_texts_a_pattern() {
    let fake = Fake::start();
    let at = fake.address();
    fake.serve("/one.json", Answer::json("{ \"latest\": { \"v\": \"1.1.0\" } }"));
    bumped(&fake, &format!("json = \"{at}/one.json\", pointer = \"/latest/v\""), &[]);
    fake.serve("/many.json", Answer::json("[\"tool-1.0.0\", \"tool-1.1.0\", \"other\"]"));
    let upstream =
        format!("json = \"{at}/many.json\", pointer = \"\", regex = 'tool-(?<version>.+)'");
    bumped(&fake, &upstream, &[]);
    fake.serve(
        "/index.html",
        Answer::ok(b"<a>tool-1.0.0.zip</a> <a>tool-1.1.0.zip</a>")
            .header("Content-Type", "text/html"),
    );
    let upstream = format!("text = \"{at}/index.html\", regex = 'tool-(?<version>[0-9.]+)\\.zip'");
    bumped(&fake, &upstream, &[]);
}

/// A repository as plain files, which git reads over HTTP without a server of its own.
#[test]
fn git_lists_the_tags_of_a_repository() {
    let fake = Fake::start();
    let folder = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| {
        let mut command = tool("git", "git");
        command
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .current_dir(folder.path());
        command.args(["-c", "user.name=t", "-c", "user.email=t@example.org"]);
        run(command.args(arguments)).expect(0);
    };
    git(&["init", "--quiet"]);
    git(&["commit", "--quiet", "--allow-empty", "--message", "one"]);
    for tag in ["v1.0.0", "v1.1.0", "nightly"] {
        git(&["tag", tag]);
    }
    git(&["update-server-info"]);
    let refs = std::fs::read(folder.path().join(".git/info/refs")).unwrap();
    fake.serve("/tool.git/info/refs?service=git-upload-pack", Answer::ok(&refs));
    fake.serve("/tool.git/HEAD", Answer::ok(b"ref: refs/heads/master\n"));
    let upstream = format!("git = \"{}/tool.git\", tag = 'v(?<version>.+)'", fake.address());
    bumped(&fake, &upstream, &[]);
}

#[test]
fn names_that_are_longer_than_any_version_are_none() {
    let fake = Fake::start();
    let long = format!("2.{}", "1".repeat(70_000));
    let upstream = format!("text = \"{}/LATEST\", regex = 'tool-(?<version>\\S+)'", fake.address());
    let stack = stack_with(&component(&fake, &upstream));
    fake.serve("/LATEST", Answer::ok(format!("tool-{long}\n").as_bytes()));
    let old = spec(&stack);
    let run = run(&mut command(&stack, &fake, &["bump"])).expect(4);
    assert!(run.stdout.contains("none of the 1 names that the upstream lists"), "{}", run.stdout);
    assert!(run.stdout.len() < 1000, "{} bytes", run.stdout.len());
    assert_eq!(spec(&stack), old);
    // Beside others it is passed by, as is what would steer a terminal.
    let among = format!("tool-{long}\ntool-1.1.0\u{1b}[2K\ntool-1.1.0\n");
    fake.serve("/LATEST", Answer::ok(among.as_bytes()));
    for architecture in ["amd64", "arm64"] {
        let path = format!("/download/v1.1.0/tool-{architecture}");
        fake.serve(&path, Answer::ok(&bytes("1.1.0", architecture)));
    }
    super::bump(&stack, &fake, &[]).expect(0);
    assert!(spec(&stack).contains("version = '1.1.0'"), "{}", spec(&stack));
}
