//! Files that are downloaded, hashed on the way, and gone on with where a connection broke.

use std::fmt;
use std::io::{Read, Write};

use reqwest::blocking::Response;
use reqwest::header;
use sha2::{Digest as _, Sha256 as Hasher};

use super::failure::{Failure, Kind};
use super::length;

/// The longest file that is downloaded to be hashed.
const LONGEST_FILE: u64 = 16 << 30;

/// How much is read at once.
const BUFFER: usize = 64 << 10;

/// What can be emptied before a download begins anew.
pub trait Truncate {
    /// Makes it empty.
    ///
    /// # Errors
    /// The disk does not let it.
    fn empty(&mut self) -> std::io::Result<()>;
}

impl Truncate for std::fs::File {
    fn empty(&mut self) -> std::io::Result<()> {
        use std::io::Seek;
        self.set_len(0)?;
        self.rewind()
    }
}

/// For files of which only the digest is wanted.
impl Truncate for std::io::Sink {
    fn empty(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Truncate for Vec<u8> {
    fn empty(&mut self) -> std::io::Result<()> {
        self.clear();
        Ok(())
    }
}

/// The part of a file that is there.
#[derive(Default)]
pub(super) struct SoFar {
    pub(super) size: u64,
    pub(super) hasher: Hasher,
    /// The strong tag of the file of which it is a part.
    pub(super) tag: Option<String>,
}

impl SoFar {
    pub(super) fn restart(&mut self, url: &str, to: &mut impl Truncate) -> Result<(), Failure> {
        to.empty().map_err(|error| Failure::new(url, Kind::Disk(error.to_string())))?;
        *self = Self::default();
        Ok(())
    }

    pub(super) fn receive(
        &mut self,
        url: &str,
        mut response: Response,
        to: &mut impl Write,
        watch: Option<&dyn Watch>,
    ) -> Result<(), Failure> {
        if let Some(kind) = page(&response, url) {
            return Err(Failure::new(url, kind));
        }
        let tag = response.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok());
        self.tag = tag.filter(|tag| tag.starts_with('"')).map(str::to_owned);
        let whole = length(&response).map(|rest| self.size + rest);
        let mut buffer = vec![0; BUFFER];
        loop {
            let read = response.read(&mut buffer);
            let count =
                read.map_err(|error| Failure::new(url, Kind::Transport(error.to_string())))?;
            if count == 0 {
                break;
            }
            let bytes = &buffer[..count];
            to.write_all(bytes)
                .map_err(|error| Failure::new(url, Kind::Disk(error.to_string())))?;
            self.hasher.update(bytes);
            self.size += count as u64;
            if self.size > LONGEST_FILE {
                return Err(Failure::new(url, Kind::TooLarge(LONGEST_FILE)));
            }
            if let Some(watch) = watch {
                watch.at(url, self.size, whole);
            }
        }
        match whole {
            Some(whole) if whole != self.size => {
                let text = format!("it ended after {} of {whole} bytes", self.size);
                Err(Failure::new(url, Kind::Transport(text)))
            }
            _ => Ok(()),
        }
    }
}

/// Is told how far downloads are.
pub trait Watch: Send + Sync + fmt::Debug {
    /// So many bytes of a file are there, and so many there will be, where the server says it.
    fn at(&self, url: &str, bytes: u64, whole: Option<u64>);

    /// The file is there, or will not come.
    fn ended(&self, url: &str);
}

/// An error page, or the page of a login, where a file was due.
pub(super) fn page(response: &Response, url: &str) -> Option<Kind> {
    let content_type = response.headers().get(header::CONTENT_TYPE)?.to_str().ok()?;
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let wanted = [".html", ".htm"].iter().any(|end| path.ends_with(end));
    (content_type.starts_with("text/html") && !wanted).then(|| Kind::Page(content_type.to_owned()))
}
