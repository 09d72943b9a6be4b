#![expect(clippy::disallowed_methods, reason = "opens the image archive that the user names")]
//! What an engine saved: a directory or a tar file of named blobs.
//!
//! Takes a path, gives blobs by name as streams. A tar file is walked over once, by seeking, and its
//! members are read in place. It never unpacks, and knows nothing of what the blobs mean.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};

use super::compression::Compression;
use super::digest::Digest;
use super::path;
use super::tar_stream::{MemberKind, Seeking, TarStream};

/// The longest manifest or configuration; registries refuse manifests over 4 MiB.
const MAXIMUM_DOCUMENT: u64 = 8 << 20;
/// The most members of an archive; an image of 127 layers needs 400 in the oldest format.
const MAXIMUM_MEMBERS: usize = 1 << 16;
/// Links that lead to each other before a blob comes.
const MAXIMUM_LINKS: usize = 8;

/// A blob as a manifest names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// Path in the archive.
    pub name: String,
    /// What its bytes hash to, where the archive says.
    pub digest: Option<Digest>,
    /// How many bytes it has, where the archive says.
    pub size: Option<u64>,
}

/// An open archive.
pub struct Archive(Store);

enum Store {
    Directory(PathBuf),
    Tar { file: File, members: BTreeMap<String, Place> },
}

enum Place {
    Content { offset: u64, size: u64 },
    Link(String),
}

impl Archive {
    /// Opens a directory, or a tar file and lists it.
    pub fn open(path: &Path) -> Result<Self> {
        let metadata = fs::metadata(path)?;
        if metadata.is_dir() {
            return Ok(Self(Store::Directory(path.to_owned())));
        }
        ensure!(metadata.is_file(), "neither a file nor a directory");
        let mut file = File::open(path)?;
        let mut start = Vec::new();
        (&mut file).take(6).read_to_end(&mut start)?;
        file.rewind()?;
        if Compression::detect(&start).ok() != Some(Compression::None) {
            bail!("the archive as a whole is compressed; decompress it first, to read it in place");
        }
        let members = list(&file, metadata.len())?;
        Ok(Self(Store::Tar { file, members }))
    }

    /// Whether there is a blob of that name.
    pub fn contains(&self, name: &str) -> bool {
        match &self.0 {
            Store::Directory(root) => root.join(name).is_file(),
            Store::Tar { members, .. } => members.contains_key(name),
        }
    }

    /// The bytes of a blob as a stream, its size checked but not yet its digest.
    pub fn blob(&self, blob: &Blob) -> Result<Box<dyn Read + '_>> {
        let name = path::normalise(blob.name.as_bytes())?;
        let check = |size| match blob.size {
            Some(stated) if stated != size => {
                bail!("{name} has {size} bytes, its descriptor says {stated}")
            }
            _ => Ok(()),
        };
        match &self.0 {
            Store::Directory(root) => {
                let metadata = fs::metadata(root.join(&name)).with_context(|| missing(&name))?;
                ensure!(metadata.is_file(), "{name} is no file");
                check(metadata.len())?;
                Ok(Box::new(File::open(root.join(&name))?))
            }
            Store::Tar { file, members } => {
                let (offset, size) = resolve(members, &name)?;
                check(size)?;
                Ok(Box::new(Section { file, offset, remaining: size }))
            }
        }
    }

    /// A manifest or a configuration, in memory, its digest verified.
    pub fn read_small(&self, blob: &Blob) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.blob(blob)?.take(MAXIMUM_DOCUMENT + 1).read_to_end(&mut bytes)?;
        ensure!(bytes.len() as u64 <= MAXIMUM_DOCUMENT, "{} is absurdly long", blob.name);
        if let Some(expected) = blob.digest {
            Digest::of(&bytes).verify(expected, &blob.name)?;
        }
        Ok(bytes)
    }
}

fn missing(name: &str) -> String {
    format!("the archive has no {name}")
}

fn list(file: &File, length: u64) -> Result<BTreeMap<String, Place>> {
    let mut tar = TarStream::new(Seeking::new(BufReader::new(file), length));
    let mut members = BTreeMap::new();
    while let Some(member) =
        tar.next_member().context("this is no tar archive, or a damaged one")?
    {
        ensure!(
            members.len() < MAXIMUM_MEMBERS,
            "an archive of over {MAXIMUM_MEMBERS} members is absurd"
        );
        let name = path::normalise(&member.name)?;
        let directory = path::split(&name).map_or("", |(directory, _)| directory);
        let place = match member.kind {
            MemberKind::File => {
                let offset = tar.content_offset();
                let fits = offset.checked_add(member.size).is_some_and(|end| end <= length);
                ensure!(fits, "the archive is cut off inside {name}");
                Place::Content { offset, size: member.size }
            }
            MemberKind::Symlink => {
                Place::Link(relative(directory, &path::text(&member.link_name)?)?)
            }
            MemberKind::HardLink => Place::Link(path::normalise(&member.link_name)?),
            _ => continue,
        };
        members.insert(name, place);
    }
    Ok(members)
}

/// Where a symbolic link leads, which `docker save` before version 25 writes between equal layers.
fn relative(directory: &str, target: &str) -> Result<String> {
    let mut parts: Vec<&str> = directory.split('/').filter(|part| !part.is_empty()).collect();
    ensure!(!target.starts_with('/'), "the link to {target} leads out of the archive");
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(
                parts
                    .pop()
                    .with_context(|| format!("the link to {target} leads out of the archive"))?,
            ),
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

fn resolve(members: &BTreeMap<String, Place>, name: &str) -> Result<(u64, u64)> {
    let mut current = name;
    for _ in 0..=MAXIMUM_LINKS {
        match members.get(current).with_context(|| missing(current))? {
            Place::Content { offset, size } => return Ok((*offset, *size)),
            Place::Link(target) => current = target,
        }
    }
    bail!("the links from {name} never end")
}

/// A part of a file. It seeks before each read, so that sections can share the file.
struct Section<'a> {
    file: &'a File,
    offset: u64,
    remaining: u64,
}

impl Read for Section<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.remaining).unwrap_or(usize::MAX).min(buffer.len());
        let mut file = self.file;
        file.seek(SeekFrom::Start(self.offset))?;
        let length = file.read(&mut buffer[..most])?;
        if length == 0 && most > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.offset += length as u64;
        self.remaining -= length as u64;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::relative;

    #[test]
    fn links_of_the_archive() {
        assert_eq!(relative("abc", "../def/layer.tar").unwrap(), "def/layer.tar");
        assert_eq!(relative("", "./x").unwrap(), "x");
        assert!(relative("abc", "../../etc/passwd").is_err());
        assert!(relative("abc", "/etc/passwd").is_err());
    }
}
