#![expect(clippy::disallowed_methods, reason = "opens the image archive that the user names")]
//! What an engine saved: a directory or a tar file of named blobs.
//!
//! Takes a path, gives blobs by name as streams. A tar file is walked over once, by seeking, and its
//! members are read in place; what cannot be read twice is read by [`streamed`]. It never unpacks, and knows nothing of
//! what the blobs mean.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};

use super::compression::Compression;
use super::digest::Digest;
use super::layer::{self, Scanned};
use super::tar_stream::{Member, MemberKind, Seeking, TarStream};
use super::{Reading, path};

mod streamed;

use streamed::Streamed;

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
    /// The folder, without symbolic links on the way to it.
    Directory(PathBuf),
    /// A file that can be read at any place.
    Tar { file: File, members: BTreeMap<String, Place> },
    /// Something that has passed by.
    Streamed(Streamed),
}

enum Place {
    Content { offset: u64, size: u64 },
    Link(String),
}

impl Archive {
    /// Opens a directory, or a tar file and lists it. A file that is compressed as a whole is read to its end, as a
    /// stream.
    ///
    /// # Errors
    /// When it cannot be read, or is no archive.
    pub fn open(path: &Path, reading: &Reading<'_>) -> Result<Self> {
        let metadata = fs::metadata(path)?;
        if metadata.is_dir() {
            return Ok(Self(Store::Directory(path.canonicalize()?)));
        }
        ensure!(metadata.is_file(), "neither a file nor a directory");
        let mut file = File::open(path)?;
        let mut start = Vec::new();
        (&mut file).take(6).read_to_end(&mut start)?;
        file.rewind()?;
        if Compression::detect(&start)? != Compression::None {
            return Self::stream(file, reading);
        }
        let members = list(&file, metadata.len())?;
        Ok(Self(Store::Tar { file, members }))
    }

    /// Reads a tar archive, plain or compressed, to its end.
    ///
    /// # Errors
    /// When it cannot be read, or is no archive.
    pub fn stream(stream: impl Read, reading: &Reading<'_>) -> Result<Self> {
        Ok(Self(Store::Streamed(Streamed::read(stream, reading)?)))
    }

    /// Whether there is a blob of that name.
    pub fn contains(&self, name: &str) -> bool {
        match &self.0 {
            Store::Directory(root) => root.join(name).is_file(),
            Store::Tar { members, .. } => members.contains_key(name),
            Store::Streamed(streamed) => streamed.contains(name),
        }
    }

    /// A layer, read but not verified yet; `later` are the blobs that will be asked for after it.
    ///
    /// # Errors
    /// When there is no such blob, or it is no layer.
    pub fn layer(&self, blob: &Blob, later: &[Blob], reading: &Reading<'_>) -> Result<Scanned> {
        match &self.0 {
            Store::Streamed(streamed) => streamed.layer(blob, later, reading),
            _ => layer::scan(self.blob(blob)?, reading),
        }
    }

    /// The bytes of a blob as a stream, its size checked but not yet its digest.
    fn blob(&self, blob: &Blob) -> Result<Box<dyn Read + '_>> {
        let name = path::normalise(blob.name.as_bytes())?;
        let check = |size| match blob.size {
            Some(stated) if stated != size => {
                bail!("{name} has {size} bytes, its descriptor says {stated}")
            }
            _ => Ok(()),
        };
        match &self.0 {
            Store::Directory(root) => {
                let path = inside(root, &name)?;
                let metadata = fs::metadata(&path)?;
                ensure!(metadata.is_file(), "{name} is no file");
                check(metadata.len())?;
                Ok(Box::new(File::open(path)?))
            }
            Store::Tar { file, members } => {
                let (offset, size) = resolve(members, &name)?;
                check(size)?;
                Ok(Box::new(Section { file, offset, remaining: size }))
            }
            Store::Streamed(streamed) => {
                let document = streamed.document(&name)?;
                check(document.len() as u64)?;
                Ok(Box::new(document))
            }
        }
    }

    /// A manifest or a configuration, in memory, its digest verified.
    ///
    /// # Errors
    /// When there is none of that name, or it is too long, or another one.
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

/// The path of a blob in a directory. A symbolic link may lead to another place of the directory, nowhere else: who
/// hands over a layout must not make us read a file of this machine.
fn inside(root: &Path, name: &str) -> Result<PathBuf> {
    let path = root.join(name).canonicalize().with_context(|| missing(name))?;
    ensure!(path.starts_with(root), "the link {name} leads out of the archive");
    Ok(path)
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
        let name = path::normalise(&member.name)?;
        let place = match member.kind {
            MemberKind::File => {
                let offset = tar.content_offset();
                let fits = offset.checked_add(member.size).is_some_and(|end| end <= length);
                ensure!(fits, "the archive is cut off inside {name}");
                Place::Content { offset, size: member.size }
            }
            _ => match link(&member, &name)? {
                Some(target) => Place::Link(target),
                None => continue,
            },
        };
        add(&mut members, name, place)?;
    }
    Ok(members)
}

/// Adds a member. A second one of the same name is refused: tools differ in which of them they take, and so could show
/// one image and run another.
fn add<T>(members: &mut BTreeMap<String, T>, name: String, member: T) -> Result<()> {
    let few = members.len() < MAXIMUM_MEMBERS;
    ensure!(few, "an archive of over {MAXIMUM_MEMBERS} members is absurd");
    ensure!(!members.contains_key(&name), "the archive has {name} twice");
    members.insert(name, member);
    Ok(())
}

/// Where a member leads that is a link.
fn link(member: &Member, name: &str) -> Result<Option<String>> {
    let directory = path::split(name).map_or("", |(directory, _)| directory);
    Ok(match member.kind {
        MemberKind::Symlink => Some(relative(directory, &path::text(&member.link_name)?)?),
        MemberKind::HardLink => Some(path::normalise(&member.link_name)?),
        _ => None,
    })
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
    let target = |name: &str| match members.get(name) {
        Some(Place::Link(target)) => Some(target.as_str()),
        _ => None,
    };
    let end = follow(name, target)?;
    match members.get(end) {
        Some(Place::Content { offset, size }) => Ok((*offset, *size)),
        _ => bail!(missing(end)),
    }
}

/// The name at the end of the links from a name.
fn follow<'a>(name: &'a str, target: impl Fn(&str) -> Option<&'a str>) -> Result<&'a str> {
    let mut current = name;
    for _ in 0..=MAXIMUM_LINKS {
        match target(current) {
            Some(next) => current = next,
            None => return Ok(current),
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
