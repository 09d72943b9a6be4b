//! A web server on loopback for downloads of test stacks.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

/// Serves bytes by path until the test process ends.
#[derive(Clone)]
pub(crate) struct Server {
    address: SocketAddr,
    files: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
    /// Before every path.
    prefix: String,
}

impl Server {
    /// The one server of this process: the same address in every test, so that builds can share layers.
    pub(crate) fn shared() -> Self {
        static SHARED: OnceLock<Server> = OnceLock::new();
        SHARED.get_or_init(Self::start).clone()
    }

    /// The same with paths of its own, for bytes that are made anew in each test: tests run side by side.
    pub(crate) fn own() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let prefix = format!("/own-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        Self { prefix, ..Self::shared() }
    }

    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            files: Arc::new(Mutex::new(BTreeMap::new())),
            prefix: String::new(),
        };
        let files = Arc::clone(&server.files);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { continue };
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let request = lines.next().and_then(Result::ok).unwrap_or_default();
                while lines.next().and_then(Result::ok).is_some_and(|line| !line.is_empty()) {}
                let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
                let body = files.lock().unwrap().get(&path).cloned();
                let (status, body) = match body {
                    Some(body) => ("200 OK", body),
                    None => ("404 Not Found", Vec::new()),
                };
                let length = body.len();
                // pip takes the pages of an index for what this says.
                let kind =
                    if path.ends_with('/') { "text/html" } else { "application/octet-stream" };
                let head = format!(
                    "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
                );
                let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
            }
        });
        server
    }

    /// Serves bytes at a path from now on; gives the URL.
    pub(crate) fn serve(&self, path: &str, bytes: &[u8]) -> String {
        let path = format!("{}{path}", self.prefix);
        self.files.lock().unwrap().insert(path.clone(), bytes.to_vec());
        format!("http://{}{path}", self.address)
    }
}
