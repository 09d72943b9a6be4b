//! The output, in memory.

use std::collections::BTreeMap;

/// A file to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Whether it is a program: mode 0755, else 0644.
    pub executable: bool,
}

/// Files by relative path, with `/` between the parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileTree {
    files: BTreeMap<String, File>,
}

impl FileTree {
    /// Adds a file, in the place of one at the same path.
    pub fn insert(&mut self, path: String, file: File) {
        self.files.insert(path, file);
    }

    /// The file at a path.
    pub fn get(&self, path: &str) -> Option<&File> {
        self.files.get(path)
    }

    /// All files, sorted by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &File)> {
        self.files.iter().map(|(path, file)| (path.as_str(), file))
    }

    /// The files that are `path` or lie below it, sorted by path.
    pub fn under(&self, path: &str) -> impl Iterator<Item = (&str, &File)> {
        self.iter().filter(move |(candidate, _)| {
            candidate
                .strip_prefix(path)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// The files below a folder, by their path in it.
    #[must_use]
    pub fn subtree(&self, folder: &str) -> Self {
        let prefix = format!("{folder}/");
        let files = self.files.range(prefix.clone()..).map_while(|(path, file)| {
            path.strip_prefix(&prefix).map(|below| (below.to_owned(), file.clone()))
        });
        Self { files: files.collect() }
    }

    /// The files themselves.
    pub fn into_files(self) -> BTreeMap<String, File> {
        self.files
    }
}
