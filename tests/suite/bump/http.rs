//! The client by itself: what it tries again, resumes, keeps and refuses.

use std::time::{Duration, Instant};

use rdspec::image::digest::Digest;
use rdspec::upstream::http::{Http, Kind, Settings};

use super::{Answer, Fake};

fn client(settings: Settings) -> Http {
    Http::new(settings).unwrap()
}

#[test]
fn what_passes_by_itself_is_tried_again() {
    let fake = Fake::start();
    let answers = [
        Answer::status(503).header("Retry-After", "1"),
        Answer::status(429).header("Retry-After", "0"),
        Answer::ok(b"short").cut(2),
        Answer::ok(b"whole"),
    ];
    fake.serve_in_turn("/a", &answers);
    let began = Instant::now();
    let document =
        client(Settings::default()).document(&format!("{}/a", fake.address()), &[]).unwrap();
    assert_eq!(document.body, b"whole");
    assert_eq!(fake.asked("/a").len(), 4);
    assert!(began.elapsed() >= Duration::from_secs(1), "it did not wait as the server asked");
}

#[test]
fn a_download_that_breaks_goes_on_where_it_was() {
    let fake = Fake::start();
    let whole: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
    let first = Answer::ok(&whole).tagged("\"one\"").cut(300_000);
    fake.serve_in_turn("/file", &[first, Answer::ok(&whole).tagged("\"one\"")]);
    let mut bytes = Vec::new();
    let url = format!("{}/file", fake.address());
    let downloaded = client(Settings::default()).download(&url, &mut bytes).unwrap();
    assert_eq!((downloaded.sha256, downloaded.size), (Digest::of(&whole), whole.len() as u64));
    assert!(bytes == whole);
    let second = &fake.asked("/file")[1].headers;
    assert_eq!(second["if-range"], "\"one\"");
    assert!(second["range"].starts_with("bytes="), "{second:?}");

    // The file was replaced meanwhile: everything is fetched anew.
    let other = b"another file".to_vec();
    let first = Answer::ok(&whole).tagged("\"one\"").cut(300_000);
    fake.serve_in_turn("/file", &[first, Answer::ok(&other).tagged("\"two\"")]);
    let downloaded = client(Settings::default()).download(&url, &mut bytes).unwrap();
    assert_eq!(downloaded.sha256, Digest::of(&other));
    assert_eq!(bytes, other);
}

#[test]
fn a_server_that_stalls_is_not_waited_for() {
    let fake = Fake::start();
    fake.serve("/a", Answer::ok(b"late").stalled(Duration::from_secs(20)));
    let settings = Settings { patience: Some(Duration::from_millis(200)), ..Settings::default() };
    let began = Instant::now();
    let failure = client(settings).document(&format!("{}/a", fake.address()), &[]).unwrap_err();
    assert!(matches!(failure.kind, Kind::Transport(_)), "{failure}");
    assert!(began.elapsed() < Duration::from_secs(15));
}

#[test]
fn answers_are_kept_and_asked_for_again_only_if_they_changed() {
    let fake = Fake::start();
    let folder = tempfile::tempdir().unwrap();
    let url = format!("{}/a", fake.address());
    let settings = |offline| Settings {
        cache: Some(folder.path().to_owned()),
        offline,
        ..Settings::default()
    };
    fake.serve("/a", Answer::ok(b"one").header("ETag", "\"1\""));
    let online = client(settings(false));
    assert_eq!(client(settings(true)).document(&url, &[]).unwrap_err().kind, Kind::Offline);
    for _ in 0..2 {
        assert_eq!(online.document(&url, &[]).unwrap().body, b"one");
    }
    assert_eq!(fake.asked("/a")[1].headers["if-none-match"], "\"1\"");
    assert_eq!(client(settings(true)).document(&url, &[]).unwrap().body, b"one");
    fake.serve("/a", Answer::ok(b"two").header("ETag", "\"2\""));
    assert_eq!(online.document(&url, &[]).unwrap().body, b"two");
    // A file of the cache that was cut is none.
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    }
    assert_eq!(client(settings(true)).document(&url, &[]).unwrap_err().kind, Kind::Offline);
}

#[test]
fn plain_http_is_for_this_machine_alone() {
    let client = client(Settings::default());
    for url in [
        "http://example.org/a",
        "ftp://127.0.0.1/a",
        "http://127.0.0.1.example.org/",
        "file:///etc/passwd",
    ] {
        let failure = client.document(url, &[]).unwrap_err();
        assert_eq!(failure.kind, Kind::Insecure(None), "{url}");
    }
    assert!(matches!(client.document("no address", &[]).unwrap_err().kind, Kind::Address(_)));
}

#[test]
fn a_host_gets_four_requests_at_a_time() {
    let fake = Fake::start();
    let client = client(Settings::default());
    for number in 0..8 {
        fake.serve(&format!("/{number}"), Answer::ok(b"x").stalled(Duration::from_millis(400)));
    }
    let began = Instant::now();
    std::thread::scope(|scope| {
        for number in 0..8 {
            let url = format!("{}/{number}", fake.address());
            let client = &client;
            scope.spawn(move || client.document(&url, &[]).unwrap());
        }
    });
    assert!(began.elapsed() >= Duration::from_millis(800), "more than four at a time");
}
