//! Where a value was written: files of the spec, and spans in them.
//!
//! Takes nothing, gives identities and byte ranges; it never opens a file.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::{Deref, Range};

use bytes::Bytes;

/// A file of the spec, by its position in [`SpecFiles::paths`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(usize);

/// A byte range of one spec file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The file that the range lies in.
    pub file: FileId,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// A span of `file` over a byte range.
    pub fn new(file: FileId, range: Range<usize>) -> Self {
        Self { file, start: range.start, end: range.end }
    }

    /// The byte range alone.
    pub fn range(&self) -> Range<usize> {
        self.start..self.end
    }
}

/// A value together with the place where the user wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it was written.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Attaches a span to a value.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }

    /// Changes the value and keeps its place.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned { value: change(self.value), span: self.span }
    }
}

impl<T> Deref for Spanned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Display> fmt::Display for Spanned<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(formatter)
    }
}

/// Why an entry of the spec folder is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// A link to something that does not lie in the spec folder.
    Outside,
    /// A link to nothing.
    Dangling,
    /// A link to a folder that it lies in.
    Loop,
    /// Neither a file nor a folder: a socket, a device.
    Special,
    /// A name that is not UTF-8.
    Name,
    /// More bytes than a spec file can have: so many, and the most that are read.
    TooLarge {
        /// What it has.
        bytes: u64,
        /// What it may have.
        most: u64,
    },
}

/// Every file of a spec folder, in memory: the whole input of the compiler.
///
/// Paths are relative to the spec folder, with `/` between their parts, and sorted, so that nothing
/// depends on the order in which a directory was read.
#[derive(Clone, Debug, Default)]
pub struct SpecFiles {
    /// How the spec folder is called in messages, for example `spec`.
    root: String,
    paths: Vec<String>,
    /// The bytes of each, in the order of `paths`.
    contents: Vec<Bytes>,
    /// Those of them that are empty here because they could not be read.
    unusable: BTreeMap<FileId, Unusable>,
}

/// A file of the spec that becomes another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedFile {
    /// Its path below the spec folder.
    pub path: String,
    /// Its bytes; none where it comes.
    pub before: Option<Bytes>,
    /// Its bytes afterwards; none where it goes.
    pub after: Option<Bytes>,
}

impl SpecFiles {
    /// Collects files; `root` is the folder's name as messages should print it.
    pub fn new(root: impl Into<String>, contents: BTreeMap<String, Vec<u8>>) -> Self {
        let (paths, contents) =
            contents.into_iter().map(|(path, bytes)| (path, Bytes::from(bytes))).unzip();
        Self { root: root.into(), paths, contents, unusable: BTreeMap::new() }
    }

    /// The same, with entries that are there and cannot be read.
    pub fn with_unusable(
        root: impl Into<String>,
        mut contents: BTreeMap<String, Vec<u8>>,
        unusable: BTreeMap<String, Unusable>,
    ) -> Self {
        contents.extend(unusable.keys().map(|path| (path.clone(), Vec::new())));
        let mut files = Self::new(root, contents);
        for (path, why) in unusable {
            files.unusable.extend(files.id(&path).map(|file| (file, why)));
        }
        files
    }

    /// The same with other bytes in some files, and with those that are new. An entry that cannot be read stays one.
    #[must_use]
    pub fn with(&self, changed: impl IntoIterator<Item = (String, Bytes)>) -> Self {
        let mut contents = self.contents_by_path();
        contents.extend(changed);
        self.of_contents(contents)
    }

    /// The same with other bytes in one file, or without it.
    #[must_use]
    pub fn with_one(&self, path: &str, bytes: Option<&Bytes>) -> Self {
        let mut contents = self.contents_by_path();
        match bytes {
            Some(bytes) => contents.insert(path.to_owned(), bytes.clone()),
            None => contents.remove(path),
        };
        self.of_contents(contents)
    }

    fn contents_by_path(&self) -> BTreeMap<String, Bytes> {
        self.paths.iter().cloned().zip(self.contents.iter().cloned()).collect()
    }

    /// Other files with the same name of the folder, and those of the entries that cannot be read that are still there.
    fn of_contents(&self, contents: BTreeMap<String, Bytes>) -> Self {
        let (paths, contents) = contents.into_iter().unzip();
        let mut files =
            Self { root: self.root.clone(), paths, contents, unusable: BTreeMap::new() };
        let unusable = self.unusable.iter();
        files.unusable =
            unusable.filter_map(|(file, why)| Some((files.id(self.path(*file))?, *why))).collect();
        files
    }

    /// The files in which the spec differs that this one becomes.
    pub fn changes_to(&self, after: &Self) -> Vec<ChangedFile> {
        let paths: BTreeSet<&str> = self.paths().chain(after.paths()).collect();
        let changed = paths.into_iter().filter(|path| self.get(path) != after.get(path));
        let change = |path: &str| ChangedFile {
            path: path.to_owned(),
            before: self.get(path).cloned(),
            after: after.get(path).cloned(),
        };
        changed.map(change).collect()
    }

    /// The entries that could not be read, and why.
    pub fn unusable(&self) -> &BTreeMap<FileId, Unusable> {
        &self.unusable
    }

    /// All paths, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.paths.iter().map(String::as_str)
    }

    /// The bytes of a file, if the spec has it.
    pub fn get(&self, path: &str) -> Option<&Bytes> {
        self.contents.get(self.id(path)?.0)
    }

    /// The bytes of a file.
    pub fn bytes(&self, file: FileId) -> &[u8] {
        self.contents.get(file.0).map_or(&[], |bytes| bytes)
    }

    /// The identity of a file, if the spec has it.
    pub fn id(&self, path: &str) -> Option<FileId> {
        self.paths.binary_search_by(|candidate| candidate.as_str().cmp(path)).ok().map(FileId)
    }

    /// The path of a file below the spec folder.
    pub fn path(&self, file: FileId) -> &str {
        self.paths.get(file.0).map_or("", String::as_str)
    }

    /// The path of a file as messages and generated headers print it: with the spec folder's name.
    pub fn display_path(&self, file: FileId) -> String {
        if self.root.is_empty() {
            self.path(file).to_owned()
        } else {
            format!("{}/{}", self.root, self.path(file))
        }
    }

    /// The spec folder's name as messages print it.
    pub fn root(&self) -> &str {
        &self.root
    }

    /// The text of a file; bytes that are not UTF-8 are shown as replacement characters.
    pub fn text(&self, file: FileId) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(self.bytes(file))
    }
}
