//! The spec and the output as a git revision has them, read through `git`: the work tree is not touched.
#![expect(clippy::disallowed_methods, reason = "this module runs git")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Seek, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, bail, ensure};

use super::output::{MANIFEST, manifest_paths};
use super::{GENERATED, SPEC, Workspace, is_left_by_editors};
use crate::render::{self, FileTree};
use crate::source::SpecFiles;

/// A file as git has it.
struct Entry {
    path: String,
    mode: String,
    bytes: Vec<u8>,
}

impl Workspace {
    /// Reads the spec folder of a git revision.
    ///
    /// # Errors
    /// The folder is in no git repository, there is no such revision, or it has no spec.
    pub fn load_revision(&self, revision: &str) -> anyhow::Result<SpecFiles> {
        let files = self.find_revision(revision)?;
        files.with_context(|| format!("{revision} has no folder {SPEC} with files"))
    }

    /// The same; none where the revision has no spec.
    ///
    /// # Errors
    /// The folder is in no git repository, or there is no such revision.
    pub fn find_revision(&self, revision: &str) -> anyhow::Result<Option<SpecFiles>> {
        let mut files = BTreeMap::new();
        let mut links = Vec::new();
        for entry in self.entries(&self.commit(revision)?, SPEC)? {
            if entry.path.split('/').any(is_left_by_editors) {
                continue;
            }
            if entry.mode == LINK {
                links.push((entry.path, String::from_utf8(entry.bytes)?));
            } else {
                files.insert(entry.path, entry.bytes);
            }
        }
        for (path, target) in links {
            let bytes = follow(&path, &target)
                .and_then(|target| files.get(&target).cloned())
                .with_context(|| format!("{SPEC}/{path} of {revision} is a link to {target:?}, which is no file of the spec"))?;
            files.insert(path, bytes);
        }
        Ok((!files.is_empty()).then(|| SpecFiles::new(SPEC, files)))
    }

    /// What a git revision keeps of what `generate` wrote; none where it keeps nothing.
    ///
    /// # Errors
    /// The folder is in no git repository, or there is no such revision.
    pub fn generated_of_revision(&self, revision: &str) -> anyhow::Result<Option<FileTree>> {
        let entries = self.entries(&self.commit(revision)?, GENERATED)?;
        let manifest = entries.iter().find(|entry| entry.path == MANIFEST);
        let Some(manifest) = manifest else { return Ok(None) };
        let own: BTreeSet<String> = manifest_paths(&manifest.bytes).collect();
        let file = |entry: Entry| {
            let executable = entry.mode == PROGRAM;
            (entry.path, render::File { bytes: entry.bytes.into(), executable })
        };
        let entries = entries.into_iter().filter(|entry| own.contains(&entry.path));
        Ok(Some(entries.map(file).collect()))
    }

    /// The commit that a revision is. The whole of the output, so that a revision that looks like an option is none.
    fn commit(&self, revision: &str) -> anyhow::Result<String> {
        let verify = ["rev-parse", "--verify", "--quiet", "--end-of-options"];
        let commit = git(&self.root, &[&verify[..], &[&format!("{revision}^{{commit}}")]].concat());
        let Ok(commit) = commit else {
            // What git says of a revision that is not there is nothing, when it is asked quietly.
            git(&self.root, &["rev-parse", "--git-dir"])
                .with_context(|| format!("{} is in no git repository", self.root.display()))?;
            bail!(
                "there is no git revision {revision:?} here; a shallow clone has to fetch it first"
            );
        };
        Ok(String::from_utf8(commit)?.trim().to_owned())
    }

    /// The files of a commit below a folder of the stack, by their paths in it.
    fn entries(&self, commit: &str, folder: &str) -> anyhow::Result<Vec<Entry>> {
        let listing = git(&self.root, &["ls-tree", "-r", "-z", commit, "--", folder])?;
        let mut entries = Vec::new();
        let mut objects = Vec::new();
        for entry in listing.split(|byte| *byte == 0).filter(|entry| !entry.is_empty()) {
            let entry = std::str::from_utf8(entry).context("a path that is not UTF-8")?;
            let (kind, path) = entry.split_once('\t').context("reading git ls-tree")?;
            let mut kind = kind.split(' ');
            let (mode, object) = (kind.next().unwrap_or_default(), kind.nth(1).unwrap_or_default());
            let Some(path) = path.strip_prefix(folder).and_then(|path| path.strip_prefix('/'))
            else {
                bail!("git ls-tree lists {path:?}, which is not in {folder}");
            };
            // A submodule is no file.
            if mode == SUBMODULE {
                continue;
            }
            entries.push((mode.to_owned(), path.to_owned()));
            objects.push(object);
        }
        let blobs = self.blobs(&objects)?;
        let entry = |((mode, path), bytes)| Entry { path, mode, bytes };
        Ok(entries.into_iter().zip(blobs).map(entry).collect())
    }

    /// The files of the spec, by their paths in it, whose bytes git has not: changed ones and new ones. None where git has
    /// nothing to say.
    pub fn not_in_git(&self) -> Option<Vec<String>> {
        let list = ["ls-files", "-z", "--modified", "--others", "--exclude-standard", "--", SPEC];
        let listing = git(&self.root, &list).ok()?;
        let paths =
            listing.split(|byte| *byte == 0).filter_map(|path| std::str::from_utf8(path).ok());
        let folder = format!("{SPEC}/");
        Some(paths.filter_map(|path| path.strip_prefix(&folder)).map(str::to_owned).collect())
    }

    /// The content of some objects, from one process.
    fn blobs(&self, objects: &[&str]) -> anyhow::Result<Vec<Vec<u8>>> {
        let mut asked = tempfile::tempfile().context("making a temporary file")?;
        for object in objects {
            writeln!(asked, "{object}")?;
        }
        asked.rewind()?;
        let output = git_from(&self.root, &["cat-file", "--batch"], asked.into())?;
        let mut rest = output.as_slice();
        let mut blobs = Vec::with_capacity(objects.len());
        for object in objects {
            // `<object> blob <size>`, a line break, the bytes, a line break (git-cat-file(1)).
            let end =
                rest.iter().position(|byte| *byte == b'\n').context("reading git cat-file")?;
            let header = std::str::from_utf8(rest.get(..end).unwrap_or_default())?;
            let size: usize = header
                .strip_prefix(&format!("{object} blob "))
                .and_then(|size| size.parse().ok())
                .with_context(|| format!("reading git cat-file: {header:?}"))?;
            let start = end + 1;
            let bytes = rest.get(start..start + size).context("reading git cat-file")?;
            blobs.push(bytes.to_vec());
            rest = rest.get(start + size + 1..).unwrap_or_default();
        }
        Ok(blobs)
    }
}

/// The modes of trees of git: of a symbolic link, a program, another repository.
const LINK: &str = "120000";
const PROGRAM: &str = "100755";
const SUBMODULE: &str = "160000";

/// The path that a relative link leads to, from the spec folder.
fn follow(path: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" => return None,
            "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn git(folder: &Path, arguments: &[&str]) -> anyhow::Result<Vec<u8>> {
    git_from(folder, arguments, Stdio::null())
}

fn git_from(folder: &Path, arguments: &[&str], stdin: Stdio) -> anyhow::Result<Vec<u8>> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .stdin(stdin)
        .output()
        .context("running git")?;
    ensure!(
        output.status.success(),
        "git {}: {}",
        arguments.first().unwrap_or(&""),
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(output.stdout)
}
