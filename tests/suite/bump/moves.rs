//! What a bump changes, and nothing else.

use std::fs;

use super::{GITHUB, bump, bytes, component, list, refused, release, spec, stack_with, sum};
use crate::bump::fake::Fake;

#[test]
fn a_newer_release_moves_version_and_sums_and_no_other_byte() {
    let fake = Fake::start();
    let old = component(&fake, GITHUB);
    let stack = stack_with(&old);
    stack.rdspec(&["generate", "--quiet"]).expect(0);
    let releases = ["1.1.0", "1.0.0"].map(|version| release(&fake, version, ""));
    list(&fake, &releases);

    let check = bump(&stack, &fake, &["--check"]).expect(1);
    let row = check.stdout.lines().find(|line| line.starts_with("tool ")).unwrap();
    let words: Vec<&str> = row.split_whitespace().collect();
    assert_eq!(words[..3], ["tool", "1.0.0", "1.1.0"]);
    assert_eq!(spec(&stack), old);
    bump(&stack, &fake, &["--dry-run"]).expect(0);
    assert_eq!(spec(&stack), old);

    let run = bump(&stack, &fake, &[]).expect(0);
    let mut new = old.replace("'1.0.0' # as", "'1.1.0' # as");
    for architecture in ["amd64", "arm64"] {
        new = new.replace(&sum(&bytes("1.0.0", architecture)), &sum(&bytes("1.1.0", architecture)));
    }
    new.push_str("evidence = \"api\"\n");
    assert_eq!(spec(&stack), new);
    assert!(run.stdout.contains("api"), "{}", run.stdout);
    assert!(
        run.stdout.contains("-version = '1.0.0' # as of today\n+version = '1.1.0' # as of today\n"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("This rebuilds:\n  base/tool (default)"), "{}", run.stdout);
    stack.rdspec(&["generate", "--check"]).expect(0);

    let again = bump(&stack, &fake, &["--check"]).expect(0);
    assert!(again.stdout.contains("current"), "{}", again.stdout);
}

#[test]
fn what_proves_a_version_is_kept_and_a_later_one_needs_as_much() {
    let fake = Fake::start();
    let old = component(&fake, GITHUB);
    let stack = stack_with(&old);
    list(&fake, &[release(&fake, "1.1.0", "")]);
    bump(&stack, &fake, &[]).expect(0);
    let proven = spec(&stack);
    assert!(proven.ends_with("\nevidence = \"api\"\n"), "{proven}");
    let silent = release(&fake, "1.2.0", "").replace("\"digest\"", "\"was\"");
    list(&fake, &[silent]);
    refused(&stack, &fake, 3, &["1.2.0 is proven by none, and 1.1.0 was by api", "`require`"]);
    let upstream = format!("{GITHUB}, require = \"none\"");
    stack.write("spec/components/tool.toml", proven.replace(GITHUB, &upstream));
    bump(&stack, &fake, &[]).expect(0);
    let weaker = spec(&stack);
    assert!(weaker.contains("'1.2.0'") && weaker.ends_with("\nevidence = \"none\"\n"), "{weaker}");
    list(&fake, &[release(&fake, "1.3.0", "")]);
    bump(&stack, &fake, &[]).expect(0);
    assert!(spec(&stack).ends_with("\nevidence = \"api\"\n"));
    stack.write("spec/components/tool.toml", proven.replace("\"api\"", "\"ap\""));
    let run = stack.rdspec(&["check"]).expect(2);
    assert!(run.stdout.contains("did you mean `api`?"), "{}", run.stdout);
}

/// What is said of the plain version says nothing of a variant's own.
#[test]
fn a_variants_own_version_is_proven_by_itself() {
    let fake = Fake::start();
    let sums = ["amd64", "arm64"].map(|architecture| sum(&bytes("1.0.1", architecture)));
    let text = format!(
        "{}evidence = \"signature\"\n\n[variants.two.downloads.tool]\nversion = \"1.0.1\"\n\
         sha256 = {{ amd64 = \"{}\", arm64 = \"{}\" }}\n",
        component(&fake, GITHUB),
        sums[0],
        sums[1]
    );
    let stack = stack_with(&text);
    stack.edit("spec/stack.toml", "[images.base]", "[variants.two]\n\n[images.base]");
    list(&fake, &[release(&fake, "1.1.0", "")]);
    // The plain pin was proven by a signature, and is refused; the other moves.
    let run = bump(&stack, &fake, &["--keep-going"]).expect(3);
    assert!(
        run.stdout.contains("1.1.0 is proven by api, and 1.0.0 was by signature"),
        "{}",
        run.stdout
    );
    assert_eq!(run.stdout.matches("was by signature").count(), 1, "{}", run.stdout);
    let new = spec(&stack);
    assert!(
        new.contains("'1.0.0' # as of today") && new.contains("evidence = \"signature\""),
        "{new}"
    );
    assert!(
        new.contains("\nversion = \"1.1.0\"\n") && new.ends_with("\nevidence = \"api\"\n"),
        "{new}"
    );
}

#[test]
fn the_text_of_a_pull_request_says_what_moves_and_what_is_rebuilt() {
    let fake = Fake::start();
    let stack = stack_with(&component(&fake, GITHUB));
    list(&fake, &["1.1.0", "9.0.0"].map(|version| release(&fake, version, "")));
    let run = bump(&stack, &fake, &["--pr-body"]).expect(0);
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines[0], "| pin | of | from | to | age | evidence |");
    assert!(lines[2].starts_with("| `tool` | `tool` | `1.0.0` | `1.1.0` | "), "{}", lines[2]);
    assert!(lines[2].ends_with(" d | api |"), "{}", lines[2]);
    for line in ["### This rebuilds", "- `base/tool (default)`", "### Moves only by hand"] {
        assert!(lines.contains(&line), "no {line:?} in\n{}", run.stdout);
    }
    assert!(spec(&stack).contains("'1.1.0'"));
    let run = bump(&stack, &fake, &["--pr-body"]).expect(0);
    assert!(run.stdout.starts_with("Every pin is where it may be.\n"), "{}", run.stdout);
    assert!(run.stdout.contains("- `tool`: 9.0.0 is held"), "{}", run.stdout);
}

#[test]
fn line_ends_byte_order_marks_modes_and_links_stay() {
    use std::os::unix::fs::PermissionsExt;
    let fake = Fake::start();
    let text = format!("\u{feff}{}", component(&fake, GITHUB).replace('\n', "\r\n"));
    let stack = stack_with(&text);
    let path = stack.path("spec/components/tool.toml");
    let elsewhere = stack.path("spec/elsewhere.toml");
    fs::rename(&path, &elsewhere).unwrap();
    std::os::unix::fs::symlink("../elsewhere.toml", &path).unwrap();
    fs::set_permissions(&elsewhere, fs::Permissions::from_mode(0o640)).unwrap();
    list(&fake, &[release(&fake, "1.1.0", "")]);
    bump(&stack, &fake, &[]).expect(0);
    let new = spec(&stack);
    assert!(new.starts_with('\u{feff}') && new.contains("'1.1.0' # as of today\r\n"), "{new:?}");
    assert_eq!(new.matches('\n').count(), new.matches("\r\n").count());
    assert!(path.is_symlink());
    assert_eq!(fs::metadata(&elsewhere).unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn a_version_can_be_asked_for_and_never_an_older_one() {
    let fake = Fake::start();
    let stack = stack_with(&component(&fake, GITHUB));
    let releases = ["3.0.0", "1.2.0", "1.1.0", "0.9.0"].map(|version| release(&fake, version, ""));
    list(&fake, &releases);
    let run = bump(&stack, &fake, &["tool=0.9.0"]).expect(2);
    assert!(run.stdout.contains("0.9.0 is older than 1.0.0"), "{}", run.stdout);
    let run = bump(&stack, &fake, &["tool=1.1.1"]).expect(2);
    assert!(run.stdout.contains("did you mean `1.1.0`?"), "{}", run.stdout);
    let run = bump(&stack, &fake, &["--dry-run"]).expect(0);
    assert!(run.stdout.contains("1.2.0"), "{}", run.stdout);
    bump(&stack, &fake, &["tool=3.0.0"]).expect(0);
    assert!(spec(&stack).contains("'3.0.0'"));
    let run = bump(&stack, &fake, &["tol"]).expect(2);
    assert!(run.stderr.contains("did you mean `tool`?"), "{}", run.stderr);
}

#[test]
fn captures_of_the_tag_are_variables() {
    let fake = Fake::start();
    let upstream = "github = \"owner/tool\", tag = 'v(?<version>[0-9.]+)-b(?<build>[0-9]+)'";
    let text = component(&fake, upstream)
        .replace(
            "version = '1.0.0' # as of today\n",
            "version = '1.0.0'\nvariables = { build = \"7\" }\n",
        )
        .replace("v{{ version }}/", "v{{ version }}-b{{ build }}/");
    let stack = stack_with(&text);
    list(&fake, &[release(&fake, "1.1.0-b12", "")]);
    bump(&stack, &fake, &[]).expect(0);
    assert!(
        spec(&stack).contains("version = '1.1.0'\nvariables = { build = \"12\" }\n"),
        "{}",
        spec(&stack)
    );
}

#[test]
fn drafts_prereleases_young_ignored_and_taken_back_versions_are_held() {
    let fake = Fake::start();
    let upstream = format!("{GITHUB}, ignore = [\"1.4.0: crashes\"]");
    let stack = stack_with(&component(&fake, &upstream));
    let young = release(&fake, "1.6.0", "").replace("2025-01-01", "2999-01-01");
    let releases = [
        release(&fake, "1.7.0", ", \"draft\": true"),
        young,
        release(&fake, "1.5.0", ", \"prerelease\": true"),
        release(&fake, "1.4.0", ""),
        release(&fake, "9.0.0", ""),
    ];
    list(&fake, &releases);
    let run = bump(&stack, &fake, &["--format", "json"]).expect(0);
    let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let pin = &json["pins"][0];
    assert_eq!(pin["status"], "held");
    let notes = pin["notes"].to_string();
    for part in [
        "9.0.0 is held: more than one major",
        "1.6.0 is held: too young",
        "1.5.0 is held: a pre-release",
    ] {
        assert!(notes.contains(part), "{notes}");
    }
    let stack = stack_with(&component(&fake, &upstream));
    list(&fake, &[release(&fake, "1.4.0", "")]);
    let run = bump(&stack, &fake, &[]).expect(0);
    assert!(run.stdout.contains("1.4.0 is held: ignored: crashes"), "{}", run.stdout);
}

#[test]
fn an_asset_that_was_put_into_an_old_release_is_young() {
    let fake = Fake::start();
    let stack = stack_with(&component(&fake, GITHUB));
    let now = jiff::Timestamp::now().to_string();
    let dated = |times: [&str; 2]| {
        // Notes are taken by nobody, whenever they came.
        let notes = "{ \"name\": \"notes.txt\", \"state\": \"uploaded\", \"updated_at\": \"2999-01-01T00:00:00Z\", \"browser_download_url\": \"https://example.org/notes.txt\" }";
        let mut release =
            release(&fake, "1.2.0", "").replace(" }] }", &format!(" }}, {notes}] }}"));
        assert!(release.contains("notes.txt"));
        for (architecture, time) in ["amd64", "arm64"].into_iter().zip(times) {
            let name = format!("\"name\": \"tool-{architecture}\"");
            release = release.replace(&name, &format!("{name}, \"updated_at\": \"{time}\""));
        }
        list(&fake, &[release]);
    };
    dated(["2025-01-02T00:00:00Z", &now]);
    let run = bump(&stack, &fake, &[]).expect(0);
    assert!(run.stdout.contains("1.2.0 is held: too young, for another 3 d"), "{}", run.stdout);
    assert!(spec(&stack).contains("version = '1.0.0'"));
    dated(["2025-01-02T00:00:00Z", "2025-01-03T00:00:00Z"]);
    bump(&stack, &fake, &[]).expect(0);
    assert!(spec(&stack).contains("version = '1.2.0'"));
}

#[test]
fn new_bytes_of_the_same_version_are_taken_only_when_asked_for() {
    let fake = Fake::start();
    let stack = stack_with(&component(&fake, GITHUB));
    let republished = release(&fake, "1.0.0", "");
    let other = b"other bytes";
    let old = sum(&bytes("1.0.0", "amd64"));
    fake.serve("/download/v1.0.0/tool-amd64", super::Answer::ok(other));
    list(&fake, &[republished.replace(&old, &sum(other))]);
    bump(&stack, &fake, &["--check"]).expect(0);
    let run = bump(&stack, &fake, &["tool=1.0.0"]).expect(3);
    assert!(run.stdout.contains("`rdspec bump --repin`"), "{}", run.stdout);
    let run = bump(&stack, &fake, &["--repin", "tool"]).expect(0);
    assert!(run.stdout.contains("new bytes"), "{}", run.stdout);
    assert!(spec(&stack).contains(&sum(other)) && !spec(&stack).contains(&old));
}

#[test]
fn what_a_variant_has_in_the_place_of_a_pin_is_a_pin_of_its_own() {
    let fake = Fake::start();
    let plain = component(&fake, GITHUB);
    let [amd64, arm64] = ["amd64", "arm64"].map(|architecture| sum(&bytes("0.9.0", architecture)));
    let text = format!(
        "{plain}\n[variants.edge.downloads.tool]\nversion = \"0.9.0\" # behind\nsha256 = {{ amd64 = \"{amd64}\", arm64 = \"{arm64}\" }}\n"
    );
    let stack = stack_with(&text);
    let spec_file = stack.path("spec/stack.toml");
    let variants = fs::read_to_string(&spec_file).unwrap() + "\n[variants.edge]\n";
    fs::write(&spec_file, variants).unwrap();
    list(&fake, &[release(&fake, "1.1.0", ""), release(&fake, "1.0.0", "")]);
    let run = bump(&stack, &fake, &["default/tool"]).expect(0);
    assert!(spec(&stack).contains("'1.1.0' # as of today"), "{}", run.stdout);
    assert!(spec(&stack).contains("\"0.9.0\" # behind"), "{}", run.stdout);
    bump(&stack, &fake, &[]).expect(0);
    assert!(spec(&stack).contains("\"1.1.0\" # behind"), "{}", spec(&stack));
    for architecture in ["amd64", "arm64"] {
        assert_eq!(spec(&stack).matches(&sum(&bytes("1.1.0", architecture))).count(), 2);
    }
}
