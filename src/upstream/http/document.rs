//! Documents that are read into memory as a whole.

use reqwest::blocking::Response;
use reqwest::header;

use super::failure::{Failure, Kind};
use super::length;
use super::pace::{Deadline, Pace, Paced};

/// The longest document about versions, whoever gives it: the index of a large package has some megabytes.
pub(crate) const LONGEST_DOCUMENT: u64 = 64 << 20;

/// How much is read at once.
const BUFFER: usize = 16 << 10;

/// A document, and what came with it.
#[derive(Clone, Debug)]
pub struct Document {
    /// The address that gave it, after redirects.
    pub url: String,
    /// Its bytes, as they were sent.
    pub body: Vec<u8>,
    /// The `Link` header to the next page (RFC 8288).
    pub next: Option<String>,
    /// What a container registry says that the digest of the body is (`Docker-Content-Digest`).
    pub digest: Option<String>,
}

impl Document {
    /// Reads an answer, which has to be there as a whole by then.
    pub(super) fn read(
        url: &str,
        response: Response,
        pace: Pace,
        deadline: Deadline,
    ) -> Result<Self, Failure> {
        let next = response.headers().get_all(header::LINK).iter();
        let next = next.filter_map(|link| link.to_str().ok()).find_map(next_page);
        let (address, whole) = (response.url().to_string(), length(&response));
        let digest = response.headers().get("docker-content-digest");
        let digest = digest.and_then(|digest| digest.to_str().ok()).map(str::to_owned);
        let mut body = Vec::new();
        let mut paced = Paced::new(response, pace).until(deadline);
        let mut buffer = vec![0; BUFFER];
        loop {
            let count = paced.read(url, &mut buffer)?;
            if count == 0 {
                break;
            }
            body.extend_from_slice(&buffer[..count]);
            if body.len() as u64 > LONGEST_DOCUMENT {
                return Err(Failure::new(url, Kind::TooLarge(LONGEST_DOCUMENT)));
            }
        }
        if let Some(whole) = whole.filter(|whole| *whole != body.len() as u64) {
            let text = format!("it ended after {} of {whole} bytes", body.len());
            return Err(Failure::new(url, Kind::Transport(text)));
        }
        Ok(Self { url: address, body, next, digest })
    }
}

/// The address of `rel="next"` in a `Link` header.
fn next_page(link: &str) -> Option<String> {
    let next = link.split(',').find(|one| {
        one.split(';').skip(1).any(|parameter| parameter.trim().replace('"', "") == "rel=next")
    })?;
    let (_, rest) = next.split_once('<')?;
    rest.split_once('>').map(|(address, _)| address.to_owned())
}
