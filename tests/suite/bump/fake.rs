//! A server on loopback that answers as it was told, and remembers what it was asked.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// One answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// How many bytes of the body are sent before the connection ends.
    sent: Option<usize>,
    /// How long it waits before it sends the body.
    stall: Duration,
    /// How many bytes of the body are sent at a time, after a pause each.
    drip: Option<(usize, Duration)>,
    /// Whether a range of it is given where one is asked for.
    ranges: bool,
    /// The `Authorization` header that it is for, and what others get.
    login: Option<(String, Box<Answer>)>,
}

impl Answer {
    pub(crate) fn ok(body: &[u8]) -> Self {
        Self {
            status: 200,
            headers: Vec::new(),
            body: body.to_vec(),
            sent: None,
            stall: Duration::ZERO,
            drip: None,
            ranges: false,
            login: None,
        }
    }

    pub(crate) fn json(body: &str) -> Self {
        Self::ok(body.as_bytes()).header("Content-Type", "application/json")
    }

    pub(crate) fn status(status: u16) -> Self {
        Self { status, ..Self::ok(b"") }
    }

    /// With another status than that of success.
    pub(crate) fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    pub(crate) fn redirect(to: &str) -> Self {
        Self::status(302).header("Location", to)
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn body(self, body: &str) -> Self {
        Self { body: body.as_bytes().to_vec(), ..self }
    }

    /// The connection ends after so many bytes.
    pub(crate) fn cut(self, sent: usize) -> Self {
        Self { sent: Some(sent), ..self }
    }

    pub(crate) fn stalled(self, stall: Duration) -> Self {
        Self { stall, ..self }
    }

    /// So many bytes come at a time, after a pause each.
    pub(crate) fn dripping(self, bytes: usize, pause: Duration) -> Self {
        Self { drip: Some((bytes, pause)), ..self }
    }

    /// Only for who sends this header; others get the other answer.
    pub(crate) fn only_for(self, authorization: &str, otherwise: Self) -> Self {
        Self { login: Some((authorization.to_owned(), Box::new(otherwise))), ..self }
    }

    /// With a tag, and ranges of it.
    pub(crate) fn tagged(self, tag: &str) -> Self {
        Self { ranges: true, ..self.header("ETag", tag) }
    }
}

/// A request: its first line, its headers with names in small letters, and what it was answered.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) status: u16,
    /// How many bytes the body of the answer has.
    pub(crate) length: usize,
}

/// The server.
#[derive(Clone)]
pub(crate) struct Fake {
    address: SocketAddr,
    answers: Arc<Mutex<BTreeMap<String, Vec<Answer>>>>,
    asked: Arc<Mutex<Vec<Request>>>,
}

impl Fake {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let fake = Self {
            address: listener.local_addr().unwrap(),
            answers: Arc::default(),
            asked: Arc::default(),
        };
        let server = fake.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let server = server.clone();
                std::thread::spawn(move || server.answer(stream));
            }
        });
        fake
    }

    pub(crate) fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Answers a path so from now on.
    pub(crate) fn serve(&self, path: &str, answer: Answer) {
        self.answers.lock().unwrap().insert(path.to_owned(), vec![answer]);
    }

    /// Answers a path with one after the other, and with the last one ever after.
    pub(crate) fn serve_in_turn(&self, path: &str, answers: &[Answer]) {
        let answers = answers.iter().rev().cloned().collect();
        self.answers.lock().unwrap().insert(path.to_owned(), answers);
    }

    /// Every request.
    pub(crate) fn all_asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }

    /// The requests for a path.
    pub(crate) fn asked(&self, path: &str) -> Vec<Request> {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|request| request.path == path).cloned().collect()
    }

    fn answer(&self, mut stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut first = String::new();
        if reader.read_line(&mut first).is_err() {
            return;
        }
        let mut words = first.split(' ');
        let (method, path) = (words.next().unwrap_or(""), words.next().unwrap_or("").to_owned());
        let lines =
            reader.by_ref().lines().map_while(Result::ok).take_while(|line| !line.is_empty());
        let headers: BTreeMap<String, String> = lines
            .filter_map(|line| {
                let (name, value) = line.split_once(':')?;
                Some((name.to_ascii_lowercase(), value.trim().to_owned()))
            })
            .collect();
        let mut answer = self.next(&path).unwrap_or_else(|| Answer::status(404));
        if let Some((wanted, otherwise)) = answer.login.take()
            && headers.get("authorization") != Some(&wanted)
        {
            answer = *otherwise;
        }
        let answer = fitted(answer, &headers);
        let (status, length) = (answer.status, answer.body.len());
        self.asked.lock().unwrap().push(Request { path, headers, status, length });
        // Whoever asks may go away at any time.
        let _ = send(&mut stream, method, &answer);
    }

    fn next(&self, path: &str) -> Option<Answer> {
        let mut answers = self.answers.lock().unwrap();
        let list = answers.get_mut(path)?;
        if list.len() > 1 { list.pop() } else { list.first().cloned() }
    }
}

/// What an answer is to who has something of it already.
fn fitted(mut answer: Answer, asked: &BTreeMap<String, String>) -> Answer {
    let tag = answer.headers.iter().find(|(name, _)| name == "ETag").map(|(_, tag)| tag.clone());
    if answer.status == 200 && tag.is_some() && asked.get("if-none-match") == tag.as_ref() {
        return Answer::status(304);
    }
    let from = asked
        .get("range")
        .and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse::<usize>().ok());
    if let Some(from) = from.filter(|_| answer.ranges && asked.get("if-range") == tag.as_ref()) {
        let whole = answer.body.len();
        answer.body.drain(..from);
        let range = format!("bytes {from}-{}/{whole}", whole - 1);
        answer = answer.with_status(206).header("Content-Range", &range);
    }
    answer
}

fn send(stream: &mut TcpStream, method: &str, answer: &Answer) -> std::io::Result<()> {
    let mut head = format!(
        "HTTP/1.1 {} X\r\nConnection: close\r\nContent-Length: {}\r\n",
        answer.status,
        answer.body.len()
    );
    for (name, value) in &answer.headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    if method == "HEAD" {
        return Ok(());
    }
    std::thread::sleep(answer.stall);
    let sent = &answer.body[..answer.sent.unwrap_or(answer.body.len())];
    let (count, pause) = answer.drip.unwrap_or((sent.len().max(1), Duration::ZERO));
    for bytes in sent.chunks(count) {
        std::thread::sleep(pause);
        stream.write_all(bytes)?;
        stream.flush()?;
    }
    Ok(())
}
