//! Where the source of the program comes from: the commit of a checkout or of a crate.
//!
//! It takes the folder of the package and gives the commit with the paths that decide it. It never writes, and whatever git
//! cannot say is no error.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How many digits of a commit are said. As git abbreviates by how many objects a clone has, two clones would differ.
const DIGITS: usize = 12;

/// What the program is made of: a change elsewhere does not make it another one.
const MADE_OF: [&str; 4] = ["Cargo.lock", "Cargo.toml", "src", "templates"];

/// A commit, and what may change it.
#[derive(Debug)]
pub(crate) struct Source {
    /// The commit, with `+dirty` where the files are not those that it has.
    pub(crate) commit: String,
    /// The files and folders that change when it does. All of them exist: cargo takes one that does not for changed.
    pub(crate) watched: Vec<PathBuf>,
}

impl Source {
    /// The source in a folder, where anybody knows.
    pub(crate) fn of(folder: &Path) -> Option<Self> {
        of_checkout(folder).or_else(|| of_crate(folder))
    }
}

/// Whether a text is a commit as it is said: hexadecimal digits, and `+dirty` perhaps.
pub(crate) fn is_commit(text: &str) -> bool {
    let digits = text.strip_suffix("+dirty").unwrap_or(text);
    let is_hexadecimal = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    (7..=64).contains(&digits.len()) && digits.bytes().all(is_hexadecimal)
}

fn said(commit: &str, is_dirty: bool) -> Option<String> {
    let digits = commit.get(..DIGITS)?;
    Some(format!("{digits}{}", if is_dirty { "+dirty" } else { "" })).filter(|said| is_commit(said))
}

/// A source archive may lie in a checkout of something else, whose commit is not ours.
fn of_checkout(folder: &Path) -> Option<Source> {
    let top = git(folder, &["rev-parse", "--show-toplevel"])?;
    if fs::canonicalize(top).ok()? != fs::canonicalize(folder).ok()? {
        return None;
    }
    let commit = git(folder, &["rev-parse", "--verify", "HEAD^{commit}"])?;
    let changes = git(folder, &[&["status", "--porcelain", "--"], &MADE_OF[..]].concat())?;
    let made_of = MADE_OF.iter().map(|path| folder.join(path)).filter(|path| path.exists());
    Some(Source {
        commit: said(&commit, !changes.is_empty())?,
        watched: made_of.chain(moved_with_head(folder)).collect(),
    })
}

/// What git writes when HEAD moves: HEAD itself to another branch; then the branch's own file, or, if it is in packed-refs only, a
/// new one in the nearest folder; with reftable a file of another kind. In a worktree these are not in one folder.
fn moved_with_head(folder: &Path) -> Vec<PathBuf> {
    let place = |name: &str| Some(folder.join(git(folder, &["rev-parse", "--git-path", name])?));
    let branch = git(folder, &["symbolic-ref", "--quiet", "HEAD"]).and_then(|name| place(&name));
    let branch = branch.as_deref().and_then(|path| path.ancestors().find(|path| path.exists()));
    let others = ["HEAD", "packed-refs", "reftable"].map(place).into_iter().flatten();
    others.filter(|path| path.exists()).chain(branch.map(Path::to_owned)).collect()
}

/// `cargo package` writes down which commit a crate was made of; `"dirty": true` only where it was told to take changed files.
fn of_crate(folder: &Path) -> Option<Source> {
    let path = folder.join(".cargo_vcs_info.json");
    let text = fs::read_to_string(&path).ok()?;
    let (_, commit) = text.split_once("\"sha1\"")?;
    let commit = commit.split('"').nth(1)?;
    let is_dirty = text
        .split_once("\"dirty\"")
        .is_some_and(|(_, value)| value.trim_start_matches([':', ' ', '\n']).starts_with("true"));
    Some(Source { commit: said(commit, is_dirty)?, watched: vec![path] })
}

/// What git prints, without the line break at its end; none where it fails or is not there.
fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        // A hook of git has these set, for the repository that it belongs to.
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env_remove("GIT_INDEX_FILE")
        // Looking must not write the index.
        .env("GIT_OPTIONAL_LOCKS", "0")
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.trim_end_matches('\n').to_owned())
}
