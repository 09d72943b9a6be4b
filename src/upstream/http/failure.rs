//! What does not work with a request, explained.

use std::fmt;
use std::time::Duration;

use reqwest::blocking::Response;
use reqwest::header::{self, HeaderMap};
use reqwest::{StatusCode, Url};

use super::super::retry;
use super::pace::{Pace, Paced};

/// A request that did not bring what it was for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What was asked for.
    pub url: String,
    /// Why it was not had.
    pub kind: Kind,
    /// How often it was tried.
    tries: u32,
    /// How long the server asks to wait.
    wait: Option<Duration>,
    /// How whoever asks can say who they are, where the server asks that.
    challenge: Option<Box<Challenge>>,
    /// What to do about it, where more is known than its kind.
    advice: Option<Box<str>>,
}

/// What a server says that wants to know who asks (RFC 9110, 11.6.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// The address that says it, after redirects.
    pub url: String,
    /// The values of its `WWW-Authenticate` headers.
    pub texts: Vec<String>,
}

/// Why a request did not bring what it was for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It is no address.
    Address(String),
    /// Neither https nor this very machine; where a redirect led there, that address.
    Insecure(Option<String>),
    /// It was redirected more often than that.
    Redirects(usize),
    /// Nothing is asked, and the cache has no answer.
    Offline,
    /// The server does not have it.
    Missing(u16),
    /// The server does not give it, with its words.
    Refused(u16, String),
    /// The server gives no more for now; until when, in seconds since 1970, where it says that.
    Limited(Option<i64>),
    /// The server failed.
    Status(u16),
    /// An answer of success that does not bring what was asked for.
    Unfit(u16),
    /// The connection failed or broke.
    Transport(String),
    /// It was not there as a whole after that time.
    TooSlow(Duration),
    /// More bytes than that.
    TooLarge(u64),
    /// A page, of this type, where a file was due.
    Page(String),
    /// What the server said is not what its interface promises.
    Nonsense(String),
    /// The bytes are others than those that they should be.
    OtherBytes(String),
    /// The disk did not take it.
    Disk(String),
}

/// Why a redirect is not followed; the client hands it back inside of its own error.
#[derive(Debug)]
pub(super) enum Redirected {
    Insecure(String),
    TooOften(usize),
}

impl fmt::Display for Redirected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Insecure(to) => write!(f, "redirected to {to}"),
            Self::TooOften(count) => write!(f, "more than {count} redirects"),
        }
    }
}

impl std::error::Error for Redirected {}

/// How many characters of a server's words are shown.
const WORDS: usize = 200;

/// How many bytes are read to find them.
const LONGEST_WORDS: usize = 64 << 10;

impl Failure {
    /// A failure at the first try.
    pub fn new(url: &str, kind: Kind) -> Self {
        Self { url: public(url), kind, tries: 1, wait: None, challenge: None, advice: None }
    }

    /// A connection that failed, or a redirect that is not followed.
    pub(super) fn transport(url: &str, error: &reqwest::Error) -> Self {
        let mut causes = Vec::new();
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
        while let Some(error) = cause {
            if let Some(redirected) = error.downcast_ref::<Redirected>() {
                let kind = match redirected {
                    Redirected::Insecure(to) => Kind::Insecure(Some(to.clone())),
                    Redirected::TooOften(count) => Kind::Redirects(*count),
                };
                return Self::new(url, kind);
            }
            causes.push(error.to_string());
            cause = error.source();
        }
        let text = if error.is_timeout() {
            "the server did not answer in time".to_owned()
        } else {
            // The outermost cause only repeats the address.
            causes.split_off(1.min(causes.len() - 1)).join(": ")
        };
        Self::new(url, Kind::Transport(text))
    }

    /// An answer that is no success, at `now` in seconds since 1970.
    pub(super) fn status(url: &str, response: Response, pace: Pace, now: i64) -> Self {
        let status = response.status();
        let headers = response.headers().clone();
        let challenge = (status == StatusCode::UNAUTHORIZED).then(|| {
            let texts = texts(&headers, header::WWW_AUTHENTICATE.as_str());
            Box::new(Challenge { url: response.url().to_string(), texts })
        });
        let wait = text(&headers, header::RETRY_AFTER.as_str());
        let wait = wait.and_then(|value| retry::retry_after(value, now));
        let kind = match status {
            StatusCode::NOT_FOUND | StatusCode::GONE => Kind::Missing(status.as_u16()),
            StatusCode::TOO_MANY_REQUESTS => Kind::Limited(reset(&headers, wait, now)),
            StatusCode::FORBIDDEN if is_limit(&headers) => {
                Kind::Limited(reset(&headers, wait, now))
            }
            status if status.is_client_error() && !retry::passes_by_itself(status.as_u16()) => {
                Kind::Refused(status.as_u16(), words(url, response, pace))
            }
            status if status.is_success() || status == StatusCode::NOT_MODIFIED => {
                Kind::Unfit(status.as_u16())
            }
            status => Kind::Status(status.as_u16()),
        };
        Self { wait, challenge, ..Self::new(url, kind) }
    }

    /// How whoever asks can say who they are, where the server wants to know it.
    pub fn challenge(&self) -> Option<&Challenge> {
        self.challenge.as_deref()
    }

    /// The same failure, with what to do about it.
    #[must_use]
    pub fn advised(self, advice: String) -> Self {
        Self { advice: Some(advice.into()), ..self }
    }

    /// Whether it is about what the bytes are, and not about how to get them.
    pub fn is_about_bytes(&self) -> bool {
        matches!(self.kind, Kind::OtherBytes(_))
    }

    pub(super) fn tried(self, tries: u32) -> Self {
        Self { tries, ..self }
    }

    /// How long the server asks to wait.
    pub(super) fn asked_for(&self) -> Option<Duration> {
        self.wait
    }

    pub(super) fn passes_by_itself(&self) -> bool {
        match &self.kind {
            Kind::Limited(_) => self.wait.is_some(),
            Kind::Status(status) => retry::passes_by_itself(*status),
            Kind::Transport(_) => true,
            // A part that nobody asked for comes of a cache on the way, which may have the whole at the next try.
            Kind::Unfit(status) => *status == StatusCode::PARTIAL_CONTENT.as_u16(),
            _ => false,
        }
    }

    /// What to do about it, where there is something.
    pub fn help(&self) -> Option<String> {
        if let Some(advice) = &self.advice {
            return Some(advice.to_string());
        }
        let text = match &self.kind {
            Kind::Insecure(_) => "give an https address, also for what it redirects to".to_owned(),
            Kind::Offline => "run it once without --offline".to_owned(),
            Kind::Missing(_) => "see whether the upstream moved or renamed it".to_owned(),
            Kind::Refused(401 | 403, _) => {
                "see whether the server wants a login, or refuses programs".to_owned()
            }
            Kind::Limited(until) => {
                let when = until.and_then(|until| jiff::Timestamp::from_second(until).ok());
                when.map_or_else(
                    || "run it again later".to_owned(),
                    |when| format!("run it again after {when}"),
                )
            }
            Kind::OtherBytes(_) => {
                "do not use it before you know why: ask whoever runs the server".to_owned()
            }
            Kind::Page(_) | Kind::Unfit(_) => "see in a browser what the address shows".to_owned(),
            Kind::Transport(_) | Kind::TooSlow(_) | Kind::Status(_) => "try again later".to_owned(),
            _ => return None,
        };
        Some(text)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = &self.url;
        match &self.kind {
            Kind::Address(why) => write!(f, "{url} is no address: {why}"),
            Kind::Insecure(None) => write!(f, "{url} is not https"),
            Kind::Insecure(Some(to)) => {
                write!(f, "{url} redirects to {}, which is not https", public(to))
            }
            Kind::Redirects(count) => write!(f, "{url} redirects more than {count} times"),
            Kind::Offline => write!(f, "{url} is not in the cache, and nothing is asked offline"),
            Kind::Missing(status) => write!(f, "{url} is not there ({status})"),
            Kind::Refused(status, words) if words.is_empty() => {
                write!(f, "{url} is refused ({status})")
            }
            Kind::Refused(status, words) => write!(f, "{url} is refused ({status}): {words}"),
            Kind::Limited(_) => write!(f, "{url}: the server's limit of requests is used up"),
            Kind::Status(status) => write!(f, "{url}: the server failed ({status})"),
            Kind::Unfit(status) => {
                write!(f, "{url}: the server's answer is not what was asked for ({status})")
            }
            Kind::Transport(why) | Kind::Nonsense(why) | Kind::OtherBytes(why) => {
                write!(f, "{url}: {why}")
            }
            Kind::TooSlow(time) => write!(f, "{url} was not there as a whole after {time:?}"),
            Kind::TooLarge(bytes) => write!(f, "{url} has more than {} MiB", bytes >> 20),
            Kind::Page(kind) => write!(f, "{url} gave a page ({kind}) where a file was due"),
            Kind::Disk(why) => write!(f, "keeping what {url} gave: {why}"),
        }?;
        if self.tries > 1 { write!(f, " (after {} tries)", self.tries) } else { Ok(()) }
    }
}

impl std::error::Error for Failure {}

/// An address as everybody may see it: without the name and the password that a registry's may have. In a text that is no
/// address, nobody knows where these end, so nothing before the last `@` is shown.
pub fn public(url: &str) -> String {
    match Url::parse(url) {
        Ok(mut address) if address.has_host() => {
            if address.username().is_empty() && address.password().is_none() {
                return url.to_owned();
            }
            // An address with a host can have neither.
            let _ = (address.set_username(""), address.set_password(None));
            address.into()
        }
        _ => url.rsplit('@').next().unwrap_or_default().to_owned(),
    }
}

/// GitHub says with 403 what others say with 429.
fn is_limit(headers: &HeaderMap) -> bool {
    text(headers, "x-ratelimit-remaining") == Some("0") || headers.contains_key(header::RETRY_AFTER)
}

fn reset(headers: &HeaderMap, wait: Option<Duration>, now: i64) -> Option<i64> {
    let said = text(headers, "x-ratelimit-reset").and_then(|seconds| seconds.parse().ok());
    let waited = || now.checked_add(i64::try_from(wait?.as_secs()).ok()?);
    said.or_else(waited)
}

fn text<'headers>(headers: &'headers HeaderMap, name: &str) -> Option<&'headers str> {
    headers.get(name)?.to_str().ok()
}

fn texts(headers: &HeaderMap, name: &str) -> Vec<String> {
    let values = headers.get_all(name).iter();
    values.filter_map(|value| value.to_str().ok()).map(str::to_owned).collect()
}

/// The server's words: the message of a JSON answer (container registries list theirs), else the first line of a text.
fn words(url: &str, response: Response, pace: Pace) -> String {
    let mut paced = Paced::new(response, pace);
    let (mut body, mut buffer) = (Vec::new(), [0; 4 << 10]);
    // What cannot be read has no words.
    while let Ok(count @ 1..) = paced.read(url, &mut buffer) {
        body.extend_from_slice(&buffer[..count]);
        if body.len() >= LONGEST_WORDS {
            break;
        }
    }
    let json: Option<serde_json::Value> = serde_json::from_slice(&body).ok();
    let message = json.as_ref().and_then(|json| {
        json.get("message").or_else(|| json.pointer("/errors/0/message"))?.as_str()
    });
    let all = String::from_utf8_lossy(&body);
    let line = message.or_else(|| all.lines().next()).unwrap_or_default().trim();
    if line.starts_with('<') {
        return String::new();
    }
    line.chars().filter(|c| !c.is_control()).take(WORDS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_sees_a_password() {
        for (url, shown) in [
            ("https://me:p@ss@index.example/simple/", "https://index.example/simple/"),
            ("https://index.example/a@b", "https://index.example/a@b"),
            ("https://me@index.example", "https://index.example/"),
            ("https:/me:pass@index.example/simple", "https://index.example/simple"),
            ("no address", "no address"),
            ("https://me:sec/ret@index.example/simple", "index.example/simple"),
            ("https://me:se?c#r@et@index.example/simple", "index.example/simple"),
            ("https://me:secret@index.example:port/simple", "index.example:port/simple"),
            ("me:secret@index.example/simple", "index.example/simple"),
            ("//me:secret@index.example/simple", "index.example/simple"),
        ] {
            assert_eq!(Failure::new(url, Kind::Offline).url, shown);
        }
    }
}
