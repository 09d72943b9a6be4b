//! The one HTTP client: https only (and plain http to this very machine), tries again what passes by itself, obeys
//! servers that ask for patience, and explains what does not work. Documents that a signature proves have a way of their
//! own, which is open to plain http.
#![expect(
    clippy::disallowed_methods,
    reason = "requests take time, and what they brought is kept in a cache on disk"
)]

mod cache;
mod document;
mod download;
mod failure;
mod hosts;
mod pace;
mod part;

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use reqwest::blocking::{Client, Response};
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::{Attempt, Policy};
use reqwest::{StatusCode, Url};

use super::retry;
use crate::image::digest::Digest;
use cache::Cache;
pub use document::Document;
pub(super) use document::LONGEST_DOCUMENT;
use download::{SoFar, page};
pub use download::{Truncate, Watch};
pub use failure::{Challenge, Failure, Kind, public};
use hosts::Hosts;
pub use pace::Pace;
pub(super) use pace::{SLOWEST, WINDOW};

/// How long a connection, an answer, or the next bytes of one may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// How many redirects are followed.
const REDIRECTS: usize = 10;

/// Asks servers.
#[derive(Debug)]
pub struct Http {
    client: Client,
    hosts: Hosts,
    cache: Option<Cache>,
    offline: bool,
    pace: Pace,
    watch: Option<Arc<dyn Watch>>,
}

/// How a client is to behave.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Where answers are kept; nowhere if it is none.
    pub cache: Option<PathBuf>,
    /// Whether only what is kept is given.
    pub offline: bool,
    /// How long it waits for a server; none is [`PATIENCE`].
    pub patience: Option<Duration>,
    /// How slowly answers may come.
    pub pace: Pace,
    /// Who is told how far downloads are.
    pub watch: Option<Arc<dyn Watch>>,
}

/// A file that was downloaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Downloaded {
    /// The digest of its bytes.
    pub sha256: Digest,
    /// How many bytes it has.
    pub size: u64,
}

impl Http {
    /// A client with the system's certificates and the proxies of the environment.
    ///
    /// # Errors
    /// The system's certificates cannot be read.
    pub fn new(settings: Settings) -> anyhow::Result<Self> {
        let patience = settings.patience.unwrap_or(PATIENCE);
        let client = Client::builder()
            .user_agent(concat!("rdspec/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(patience)
            .timeout(patience)
            .redirect(Policy::custom(redirect))
            .build()
            .context("preparing TLS with the system's certificates, the package ca-certificates")?;
        let cache = settings.cache.map(Cache::new);
        Ok(Self {
            client,
            hosts: Hosts::default(),
            cache,
            offline: settings.offline,
            pace: settings.pace,
            watch: settings.watch,
        })
    }

    /// Whether nobody is to be asked.
    pub fn is_offline(&self) -> bool {
        self.offline
    }

    /// A document, with headers of its own beside the usual; from the cache where the server says that it is the same.
    ///
    /// # Errors
    /// It cannot be had.
    pub fn document(
        &self,
        url: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Document, Failure> {
        self.document_with(self.cache.as_ref(), url, &secure(url)?, headers)
    }

    /// The same for an answer that is nobody else's business, and is kept nowhere.
    ///
    /// # Errors
    /// It cannot be had.
    pub fn secret_document(
        &self,
        url: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Document, Failure> {
        self.document_with(None, url, &secure(url)?, headers)
    }

    /// A document that nobody believes before a signature on it has been verified, or on a list that has its sum: it may
    /// come over plain http.
    ///
    /// # Errors
    /// It cannot be had.
    pub fn signed_document(&self, url: &str) -> Result<Document, Failure> {
        let address = parsed(url)?;
        if !matches!(address.scheme(), "http" | "https") {
            return Err(Failure::new(url, Kind::Insecure(None)));
        }
        self.document_with(self.cache.as_ref(), url, &address, &[])
    }

    fn document_with(
        &self,
        cache: Option<&Cache>,
        url: &str,
        address: &Url,
        headers: &[(&'static str, &str)],
    ) -> Result<Document, Failure> {
        let kept = cache.and_then(|cache| cache.get(url));
        if self.offline {
            return kept.map(|kept| kept.document).ok_or_else(|| Failure::new(url, Kind::Offline));
        }
        let _turn = self.hosts.turn(address);
        let mut asked = own_headers(url, headers)?;
        if let Some(kept) = &kept {
            kept.conditions(&mut asked);
        }
        let deadline = self.pace.deadline();
        retried(|| {
            let response = self.send(url, address, &asked)?;
            if response.status() == StatusCode::NOT_MODIFIED
                && let Some(kept) = &kept
            {
                return Ok(kept.document.clone());
            }
            let tags = response.headers().clone();
            let document = Document::read(url, response, self.pace, deadline)?;
            if let Some(cache) = cache {
                cache.put(url, &tags, &document);
            }
            Ok(document)
        })
    }

    /// Downloads a file, and hashes it on the way. A download that breaks goes on where it was if the server knows the
    /// file by a strong tag (RFC 9110, 13.1.5), and begins anew otherwise.
    ///
    /// # Errors
    /// It cannot be had, or is a page where a file was due.
    pub fn download(
        &self,
        url: &str,
        to: &mut (impl Write + Truncate),
    ) -> Result<Downloaded, Failure> {
        let address = secure(url)?;
        if self.offline {
            return Err(Failure::new(url, Kind::Offline));
        }
        let _turn = self.hosts.turn(&address);
        let mut so_far = SoFar::default();
        let watch = self.watch.as_deref();
        let downloaded = retried(|| {
            let asked = so_far.ask(url, to)?;
            let response = self.send(url, &address, &asked);
            let response = response.map_err(|failure| so_far.refused(url, to, failure))?;
            so_far.receive(url, response, self.pace, to, watch)
        });
        if let Some(watch) = watch {
            watch.ended(url);
        }
        downloaded?;
        Ok(Downloaded { sha256: so_far.hasher.into(), size: so_far.size })
    }

    /// Whether an address answers, without its content: `HEAD`, and where a server has none, a request whose content
    /// is not read. Gives the length that it says.
    ///
    /// # Errors
    /// It does not answer, or not with a file.
    pub fn answers(&self, url: &str) -> Result<Option<u64>, Failure> {
        let address = secure(url)?;
        if self.offline {
            return Err(Failure::new(url, Kind::Offline));
        }
        let _turn = self.hosts.turn(&address);
        retried(|| {
            let sent = self.client.head(address.clone()).send();
            let mut response = sent.map_err(|error| Failure::transport(url, &error))?;
            if matches!(response.status().as_u16(), 403 | 405 | 501) {
                response = self.send(url, &address, &HeaderMap::new())?;
            }
            let response = self.checked(url, response, &HeaderMap::new())?;
            match page(&response, url) {
                Some(kind) => Err(Failure::new(url, kind)),
                None => Ok(length(&response)),
            }
        })
    }

    fn send(&self, url: &str, address: &Url, headers: &HeaderMap) -> Result<Response, Failure> {
        let request = self.client.get(address.clone()).headers(headers.clone());
        let response = request.send().map_err(|error| Failure::transport(url, &error))?;
        self.checked(url, response, headers)
    }

    /// An answer that brings what was asked for, or why it does not. A part, or word that nothing changed, is such an
    /// answer only to who asked for that (RFC 9110, 13.1 and 14.2): to others it has not the whole.
    fn checked(
        &self,
        url: &str,
        response: Response,
        asked: &HeaderMap,
    ) -> Result<Response, Failure> {
        let is_due = match response.status() {
            StatusCode::OK => true,
            StatusCode::PARTIAL_CONTENT => asked.contains_key(header::RANGE),
            StatusCode::NOT_MODIFIED => {
                asked.contains_key(header::IF_NONE_MATCH)
                    || asked.contains_key(header::IF_MODIFIED_SINCE)
            }
            _ => false,
        };
        if is_due {
            return Ok(response);
        }
        Err(Failure::status(url, response, self.pace, now()))
    }
}

/// Tries again what passes by itself, after a pause or as the server asks.
fn retried<T>(mut attempt: impl FnMut() -> Result<T, Failure>) -> Result<T, Failure> {
    let mut number = 0;
    loop {
        let failure = match attempt() {
            Ok(value) => return Ok(value),
            Err(failure) => failure,
        };
        number += 1;
        let wait = failure.asked_for().unwrap_or_else(|| retry::pause(number, random()));
        if number > retry::RETRIES || !failure.passes_by_itself() || wait > retry::LONGEST_WAIT {
            return Err(failure.tried(number));
        }
        std::thread::sleep(wait);
    }
}

/// Only https, and plain http to this very machine, as for the downloads of a spec.
fn secure(url: &str) -> Result<Url, Failure> {
    let address = parsed(url)?;
    if is_secure(&address) { Ok(address) } else { Err(Failure::new(url, Kind::Insecure(None))) }
}

/// Whether a host, with a port or without, is this very machine.
pub(super) fn is_here(host: &str) -> bool {
    Url::parse(&format!("http://{host}/")).is_ok_and(|address| is_secure(&address))
}

fn parsed(url: &str) -> Result<Url, Failure> {
    Url::parse(url).map_err(|error| Failure::new(url, Kind::Address(error.to_string())))
}

fn is_secure(address: &Url) -> bool {
    let is_loopback = || match address.host_str() {
        Some("localhost" | "[::1]") => true,
        Some(host) => host.parse().is_ok_and(|ip: std::net::Ipv4Addr| ip.is_loopback()),
        None => false,
    };
    address.scheme() == "https" || address.scheme() == "http" && is_loopback()
}

/// A redirect leads to plain http only where the request itself was one, as only that for a signed document can be, or
/// one to this very machine, where it stays then.
fn redirect(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    let first = attempt.previous().first();
    let was_https = first.is_none_or(|first| first.scheme() == "https");
    let was_secure = first.is_none_or(is_secure);
    let is_https = attempt.url().scheme() == "https";
    if was_https && !is_https || was_secure && !is_secure(attempt.url()) {
        let to = attempt.url().to_string();
        return attempt.error(failure::Redirected::Insecure(to));
    }
    if attempt.previous().len() > REDIRECTS {
        return attempt.error(failure::Redirected::TooOften(REDIRECTS));
    }
    attempt.follow()
}

fn length(response: &Response) -> Option<u64> {
    response.headers().get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn own_headers(url: &str, headers: &[(&'static str, &str)]) -> Result<HeaderMap, Failure> {
    let mut map = HeaderMap::new();
    for (name, text) in headers {
        let mut value = value(url, text)?;
        value.set_sensitive(*name == "authorization");
        map.insert(HeaderName::from_static(name), value);
    }
    Ok(map)
}

fn value(url: &str, text: &str) -> Result<HeaderValue, Failure> {
    let problem =
        || Failure::new(url, Kind::Address("a header of it has control characters".to_owned()));
    HeaderValue::from_str(text).map_err(|_| problem())
}

/// Seconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// Any number; it only spreads requests in time.
fn random() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::from(since.subsec_nanos() / 7)
}
