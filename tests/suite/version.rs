//! What `rdspec --version` says, wherever the source comes from.

#[path = "../../src/build/source.rs"]
mod source;

use std::fs;
use std::path::Path;

use crate::harness::{files_below, rdspec, repository, run, tool};
use source::{Source, is_commit};

fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = tool("git", "git");
    command
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_NAME"), "t")))
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_EMAIL"), "t@example.org")));
    run(&mut command).expect(0).stdout.trim().to_owned()
}

/// A checkout of one commit with what programs are made of.
fn checkout() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("src")).unwrap();
    fs::write(folder.path().join("src/main.rs"), "fn main() {}\n").unwrap();
    fs::write(folder.path().join("Cargo.toml"), "[package]\n").unwrap();
    git(folder.path(), &["init", "--quiet", "--initial-branch=main"]);
    commit(folder.path(), "one");
    folder
}

fn commit(folder: &Path, message: &str) {
    git(folder, &["add", "."]);
    git(folder, &["commit", "--quiet", "--allow-empty", "--message", message]);
}

fn head(folder: &Path) -> String {
    git(folder, &["rev-parse", "HEAD"])[..12].to_owned()
}

#[track_caller]
fn says_its_head(folder: &Path) {
    assert_eq!(Source::of(folder).unwrap().commit, head(folder));
}

/// What cargo looks at: the newest time of all that is watched, and whether all of it is there.
fn newest(source: &Source) -> (i64, i64) {
    let mut newest = (0, 0);
    for path in &source.watched {
        let parent = files_below(path.parent().unwrap());
        let name = path.file_name().unwrap().to_str().unwrap();
        let of_it = parent.iter().filter(|(below, _)| below.split('/').next() == Some(name));
        let time = of_it.map(|(_, file)| file.modified).max();
        newest = newest.max(time.unwrap_or_else(|| panic!("{} is not there", path.display())));
    }
    newest
}

/// After each of these HEAD is another commit, and cargo sees it.
#[track_caller]
fn is_seen(folder: &Path, moved: impl FnOnce()) {
    let before = Source::of(folder).unwrap();
    let time = newest(&before);
    moved();
    assert_ne!(before.commit, head(folder), "the test moved nothing");
    assert!(newest(&before) > time, "nobody sees it in {:?}", before.watched);
    says_its_head(folder);
}

#[test]
fn the_commit_of_a_checkout_is_said_however_git_keeps_it() {
    let folder = checkout();
    let root = folder.path();
    says_its_head(root);
    is_seen(root, || commit(root, "two"));
    git(root, &["pack-refs", "--all"]);
    says_its_head(root);
    is_seen(root, || commit(root, "three"));
    is_seen(root, || drop(git(root, &["checkout", "--quiet", "--detach", "HEAD^"])));
    is_seen(root, || commit(root, "four"));
    is_seen(root, || drop(git(root, &["checkout", "--quiet", "main"])));

    let others = tempfile::tempdir().unwrap();
    let worktree = others.path().join("worktree");
    git(root, &["worktree", "add", "--quiet", "-b", "side/branch", worktree.to_str().unwrap()]);
    assert!(worktree.join(".git").is_file());
    is_seen(&worktree, || commit(&worktree, "five"));
    assert_ne!(head(root), head(&worktree));

    let shallow = others.path().join("shallow");
    let address = format!("file://{}", root.display());
    git(root, &["clone", "--quiet", "--depth=1", &address, shallow.to_str().unwrap()]);
    assert_eq!(git(&shallow, &["rev-list", "--count", "HEAD"]), "1");
    says_its_head(&shallow);
    is_seen(&shallow, || commit(&shallow, "six"));
}

#[test]
fn what_is_not_the_commit_is_dirty_if_the_program_is_made_of_it() {
    let folder = checkout();
    let root = folder.path();
    fs::write(root.join("notes.md"), "not in the program").unwrap();
    says_its_head(root);
    let clean = Source::of(root).unwrap();
    let time = newest(&clean);
    fs::write(root.join("src/new.rs"), "// new\n").unwrap();
    assert_eq!(Source::of(root).unwrap().commit, format!("{}+dirty", head(root)));
    assert!(newest(&clean) > time, "nobody sees it");
    fs::remove_file(root.join("src/new.rs")).unwrap();
    says_its_head(root);
    fs::write(root.join("Cargo.toml"), "[package]\n# changed\n").unwrap();
    assert_eq!(Source::of(root).unwrap().commit, format!("{}+dirty", head(root)));
}

#[test]
fn where_nobody_knows_the_commit_there_is_none() {
    let archive = tempfile::tempdir().unwrap();
    assert!(Source::of(archive.path()).is_none());
    git(archive.path(), &["init", "--quiet"]);
    assert!(Source::of(archive.path()).is_none(), "a repository without a commit");
    let other = checkout();
    let within = other.path().join("vendor/rdspec");
    fs::create_dir_all(&within).unwrap();
    assert!(Source::of(&within).is_none(), "the commit of somebody else's checkout");
}

#[test]
fn a_crate_says_of_which_commit_it_was_made() {
    let folder = tempfile::tempdir().unwrap();
    let written = |extra: &str| {
        let sha1 = "0123456789abcdef0123456789abcdef01234567";
        let text = format!(
            "{{\n  \"git\": {{\n    \"sha1\": \"{sha1}\"{extra}\n  }},\n  \"path_in_vcs\": \"\"\n}}"
        );
        fs::write(folder.path().join(".cargo_vcs_info.json"), text).unwrap();
        Source::of(folder.path()).map(|source| source.commit)
    };
    assert_eq!(written("").as_deref(), Some("0123456789ab"));
    assert_eq!(written(",\n    \"dirty\": true").as_deref(), Some("0123456789ab+dirty"));
    fs::write(folder.path().join(".cargo_vcs_info.json"), "{\"git\": {\"sha1\": \"'; rm\"}}")
        .unwrap();
    assert!(Source::of(folder.path()).is_none());
}

#[test]
fn only_what_can_be_a_commit_is_taken_for_one() {
    for good in ["0123abc", "0123456789ab", "0123456789ab+dirty", &"a".repeat(64)] {
        assert!(is_commit(good), "{good}");
    }
    for bad in ["", "main", "0123ABC", "0123ab", "0123456 789ab", "0123456789ab+", &"a".repeat(65)]
    {
        assert!(!is_commit(bad), "{bad}");
    }
}

#[test]
fn version_says_the_version_and_perhaps_a_commit() {
    for arguments in [&["--version"][..], &["-V"], &["generate", "--version"]] {
        let said = run(rdspec().args(arguments)).expect(0).stdout;
        let said = said.trim_end().strip_prefix("rdspec").unwrap();
        let said = said.strip_prefix("-generate").unwrap_or(said).trim_start();
        let rest = said.strip_prefix(env!("CARGO_PKG_VERSION")).unwrap();
        let commit = rest.strip_prefix(" (").and_then(|rest| rest.strip_suffix(')'));
        assert!(rest.is_empty() || commit.is_some_and(is_commit), "{said}");
    }
}

/// Which rdspec wrote a file must not be in it, or an update of rdspec would rebuild every image.
#[test]
fn nothing_but_the_command_line_reads_the_version() {
    let mut readers = Vec::new();
    let source = repository().join("src");
    for (path, file) in files_below(&source) {
        let text = String::from_utf8(file.bytes).unwrap();
        if text.contains("RDSPEC_VERSION\")") {
            readers.push(path);
        }
    }
    assert_eq!(readers, ["cli.rs"]);
}
