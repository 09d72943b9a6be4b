//! Files that are downloaded, hashed on the way, and gone on with where a connection broke.

use std::fmt;
use std::io::Write;

use reqwest::StatusCode;
use reqwest::blocking::Response;
use reqwest::header::{self, HeaderMap, HeaderValue};
use sha2::{Digest as _, Sha256 as Hasher};

use super::failure::{Failure, Kind};
use super::pace::{Pace, Paced};
use super::part::Part;
use super::{length, value};

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

/// What is there of a file.
#[derive(Default)]
pub(super) struct SoFar {
    pub(super) size: u64,
    pub(super) hasher: Hasher,
    /// The strong tag of the file (RFC 9110, 8.8.3): two files with one tag have the same bytes.
    tag: Option<HeaderValue>,
    /// How many bytes the file has, where an answer has said it.
    whole: Option<u64>,
}

impl SoFar {
    fn restart(&mut self, url: &str, to: &mut impl Truncate) -> Result<(), Failure> {
        to.empty().map_err(|error| Failure::new(url, Kind::Disk(error.to_string())))?;
        *self = Self::default();
        Ok(())
    }

    /// Begins anew at the next try, and says why.
    fn start_over(&mut self, url: &str, to: &mut impl Truncate, why: String) -> Failure {
        match self.restart(url, to) {
            Ok(()) => Failure::new(url, Kind::Transport(why)),
            Err(failure) => failure,
        }
    }

    /// The headers that ask for the rest, if the file is still the same one; without a tag to know it by, everything is
    /// asked for anew.
    pub(super) fn ask(&mut self, url: &str, to: &mut impl Truncate) -> Result<HeaderMap, Failure> {
        let mut asked = HeaderMap::new();
        match &self.tag {
            Some(tag) if self.size > 0 => {
                asked.insert(header::RANGE, value(url, &format!("bytes={}-", self.size))?);
                asked.insert(header::IF_RANGE, tag.clone());
            }
            _ => self.restart(url, to)?,
        }
        Ok(asked)
    }

    /// What a refusal means: one to give the rest (RFC 9110, 15.5.17) is none to give the file.
    pub(super) fn refused(
        &mut self,
        url: &str,
        to: &mut impl Truncate,
        failure: Failure,
    ) -> Failure {
        match failure.kind {
            Kind::Refused(416, _) if self.size > 0 => {
                let why = format!("it has nothing after {} bytes", self.size);
                self.start_over(url, to, why)
            }
            _ => failure,
        }
    }

    /// Takes in an answer: the whole file, or the rest of what is there.
    pub(super) fn receive(
        &mut self,
        url: &str,
        response: Response,
        pace: Pace,
        to: &mut (impl Write + Truncate),
        watch: Option<&dyn Watch>,
    ) -> Result<(), Failure> {
        self.begin(url, &response, to)?;
        let mut paced = Paced::new(response, pace);
        let mut buffer = vec![0; BUFFER];
        loop {
            let count = paced.read(url, &mut buffer)?;
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
            if let Some(whole) = self.whole.filter(|whole| self.size > *whole) {
                let why = format!("it gave more than the {whole} bytes of the file");
                return Err(self.start_over(url, to, why));
            }
            if let Some(watch) = watch {
                watch.at(url, self.size, self.whole);
            }
        }
        match self.whole {
            Some(whole) if whole != self.size => {
                let text = format!("it ended after {} of {whole} bytes", self.size);
                Err(Failure::new(url, Kind::Transport(text)))
            }
            _ => Ok(()),
        }
    }

    /// What an answer's head says: that the rest comes, or everything anew.
    fn begin(
        &mut self,
        url: &str,
        response: &Response,
        to: &mut impl Truncate,
    ) -> Result<(), Failure> {
        if let Some(kind) = page(response, url) {
            return Err(Failure::new(url, kind));
        }
        if response.status() == StatusCode::PARTIAL_CONTENT {
            let whole = self.completed_by(response);
            self.whole = Some(whole.map_err(|why| self.start_over(url, to, why.to_owned()))?);
        } else {
            self.restart(url, to)?;
            self.tag = strong_tag(response).cloned();
            self.whole = length(response);
        }
        Ok(())
    }

    /// How many bytes the file has, if an answer is the rest of what is there.
    fn completed_by(&self, response: &Response) -> Result<u64, &'static str> {
        if strong_tag(response) != self.tag.as_ref() {
            return Err("it went on with another file");
        }
        let range = response.headers().get(header::CONTENT_RANGE);
        let part = range.and_then(|range| Part::parse(range.to_str().ok()?));
        part.ok_or("it went on without saying where")?.completes(self.size, self.whole)
    }
}

fn strong_tag(response: &Response) -> Option<&HeaderValue> {
    let tag = response.headers().get(header::ETAG)?;
    let bytes = tag.as_bytes();
    (bytes.len() > 1 && bytes.starts_with(b"\"") && bytes.ends_with(b"\"")).then_some(tag)
}

/// Is told how far downloads are.
pub trait Watch: Send + Sync + fmt::Debug {
    /// So many bytes of a file are there, and so many there will be, where the server says it.
    fn at(&self, url: &str, bytes: u64, whole: Option<u64>);

    /// The file is there, or will not come.
    fn ended(&self, url: &str);
}

/// The types of pages (RFC 2854 and RFC 3236), which are the same in capitals (RFC 9110, 8.3.1).
const PAGES: [&str; 2] = ["text/html", "application/xhtml+xml"];

/// An error page, or the page of a login, where a file was due.
pub(super) fn page(response: &Response, url: &str) -> Option<Kind> {
    let content_type = response.headers().get(header::CONTENT_TYPE)?.to_str().ok()?;
    let name = content_type.split(';').next().unwrap_or_default().trim();
    let is_page = PAGES.iter().any(|page| name.eq_ignore_ascii_case(page));
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let is_wanted = [".html", ".htm", ".xhtml"].iter().any(|end| path.ends_with(end));
    (is_page && !is_wanted).then(|| Kind::Page(content_type.to_owned()))
}
