//! The output, in memory.

use std::collections::BTreeMap;
use std::ops::Bound;

use bytes::Bytes;

/// A file to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its bytes.
    pub bytes: Bytes,
    /// Whether it is a program: mode 0755, else 0644.
    pub executable: bool,
}

/// Files by relative path, with `/` between the parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileTree {
    files: BTreeMap<String, File>,
}

impl FromIterator<(String, File)> for FileTree {
    fn from_iter<I: IntoIterator<Item = (String, File)>>(files: I) -> Self {
        Self { files: files.into_iter().collect() }
    }
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
        // Between a folder and what is in it, others can lie whose names go on with a smaller character than `/`.
        let own = self.files.get_key_value(path);
        own.into_iter().chain(self.below(path)).map(|(path, file)| (path.as_str(), file))
    }

    /// The files below a folder, by their path in it.
    #[must_use]
    pub fn subtree(&self, folder: &str) -> Self {
        let files = self.below(folder).filter_map(|(path, file)| {
            Some((path.get(folder.len() + 1..)?.to_owned(), file.clone()))
        });
        Self { files: files.collect() }
    }

    fn below(&self, folder: &str) -> impl Iterator<Item = (&String, &File)> {
        let prefix = format!("{folder}/");
        let from = (Bound::Included(prefix.as_str()), Bound::Unbounded);
        self.files.range::<str, _>(from).take_while(move |(path, _)| path.starts_with(&prefix))
    }

    /// The files themselves.
    pub fn into_files(self) -> BTreeMap<String, File> {
        self.files
    }
}
