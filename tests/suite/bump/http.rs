//! The client by itself: what it tries again, resumes, keeps and refuses.

use std::time::{Duration, Instant};

use rdspec::image::digest::Digest;
use rdspec::upstream::http::{Http, Kind, Pace, Settings};

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
fn a_page_is_no_file_however_its_type_is_written() {
    let fake = Fake::start();
    let client = client(Settings::default());
    let download = |path: &str, content_type: &str| {
        fake.serve(path, Answer::ok(b"<html>").header("Content-Type", content_type));
        client.download(&format!("{}{path}", fake.address()), &mut Vec::new())
    };
    for content_type in
        ["text/html", "Text/HTML", "TEXT/HTML ; charset=utf-8", "application/xhtml+xml"]
    {
        let failure = download("/tool", content_type).unwrap_err();
        assert_eq!(failure.kind, Kind::Page(content_type.to_owned()));
    }
    for (path, content_type) in
        [("/tool", "text/htmlish"), ("/tool", "text/plain"), ("/page.html?raw", "Text/HTML")]
    {
        assert_eq!(download(path, content_type).unwrap().size, 6, "{content_type}");
    }
}

/// A file of 800 kB, no two parts of which are the same.
fn long_file() -> Vec<u8> {
    (0..200_000_u32).flat_map(u32::to_le_bytes).collect()
}

#[test]
fn a_download_that_breaks_goes_on_where_it_was() {
    let fake = Fake::start();
    let whole = long_file();
    let first = Answer::ok(&whole).tagged("\"one\"").cut(300_000);
    fake.serve_in_turn("/file", &[first, Answer::ok(&whole).tagged("\"one\"")]);
    let mut bytes = Vec::new();
    let url = format!("{}/file", fake.address());
    let downloaded = client(Settings::default()).download(&url, &mut bytes).unwrap();
    assert_eq!((downloaded.sha256, downloaded.size), (Digest::of(&whole), whole.len() as u64));
    assert!(bytes == whole);
    let asked = fake.asked("/file");
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[1].headers["if-range"], "\"one\"");
    // It has what came before the connection broke, which may be less than what was sent.
    let there = asked[1].headers["range"].strip_prefix("bytes=").unwrap();
    let there: usize = there.strip_suffix('-').unwrap().parse().unwrap();
    assert!((1..=300_000).contains(&there), "{there}");
    assert_eq!((asked[1].status, asked[1].length), (206, whole.len() - there));

    // The file was replaced meanwhile: everything is fetched anew.
    let other = b"another file".to_vec();
    let first = Answer::ok(&whole).tagged("\"one\"").cut(300_000);
    fake.serve_in_turn("/file", &[first, Answer::ok(&other).tagged("\"two\"")]);
    let downloaded = client(Settings::default()).download(&url, &mut bytes).unwrap();
    assert_eq!(downloaded.sha256, Digest::of(&other));
    assert_eq!(bytes, other);
}

#[test]
fn a_rest_that_is_not_the_files_own_is_not_put_behind_its_begin() {
    let whole = long_file();
    let other: Vec<u8> = whole.iter().map(|byte| !byte).collect();
    let last = whole.len() - 1;
    // The part of another file, which claims to go on exactly where the first answer broke off.
    let part = |tag: &str, range: &str| {
        let bytes = Answer::ok(&other[300_000..]).with_status(206);
        bytes.header("ETag", tag).header("Content-Range", range)
    };
    let range = format!("bytes 300000-{last}/{}", whole.len());
    let untagged = Answer::ok(&other[300_000..]).with_status(206).header("Content-Range", &range);
    let placeless = Answer::ok(&other[300_000..]).with_status(206).header("ETag", "\"one\"");
    let longer = part("\"one\"", &format!("bytes 300000-{}/{}", last + 9, whole.len() + 9));
    for (name, second) in [
        ("another tag", part("\"two\"", &range)),
        ("no tag", untagged),
        ("a weak tag", part("W/\"one\"", &range)),
        ("no place", placeless),
        ("another place", part("\"one\"", &format!("bytes 0-{last}/{}", whole.len()))),
        ("no end of the file", part("\"one\"", &format!("bytes 300000-300999/{}", whole.len()))),
        ("an end before that of the file", part("\"one\"", "bytes 300000-300999/*")),
        ("another size", longer),
        ("the end was passed", Answer::status(416)),
    ] {
        let fake = Fake::start();
        let first = Answer::ok(&whole).header("ETag", "\"one\"").cut(300_000);
        fake.serve_in_turn("/file", &[first, second, Answer::ok(&whole)]);
        let mut bytes = Vec::new();
        let url = format!("{}/file", fake.address());
        let downloaded = client(Settings::default()).download(&url, &mut bytes).unwrap();
        assert_eq!(downloaded.sha256, Digest::of(&whole), "{name}");
        assert!(bytes == whole, "{name}");
        let asked = fake.asked("/file");
        assert_eq!(asked.len(), 3, "{name}");
        assert_eq!(asked[1].headers["range"], "bytes=300000-", "{name}");
        assert!(!asked[2].headers.contains_key("range"), "{name}");
    }
}

#[test]
fn only_a_whole_file_is_one() {
    let part = Answer::ok(&[0; 1000]).with_status(206);
    let part = part.header("Content-Range", "bytes 0-999/400000");
    for (answer, status, tries) in [
        (part, 206, 4),
        (Answer::status(204), 204, 1),
        (Answer::status(304), 304, 1),
        (Answer::ok(b"made up").with_status(203), 203, 1),
    ] {
        let fake = Fake::start();
        fake.serve("/file", answer);
        let url = format!("{}/file", fake.address());
        let folder = tempfile::tempdir().unwrap();
        let cache = Some(folder.path().to_owned());
        let client = client(Settings { cache, ..Settings::default() });
        let failure = client.download(&url, &mut Vec::new()).unwrap_err();
        assert_eq!(failure.kind, Kind::Unfit(status), "{failure}");
        assert_eq!(fake.asked("/file").len(), tries, "{status}");
        // Nor are they documents.
        let failure = client.document(&url, &[]).unwrap_err();
        assert_eq!(failure.kind, Kind::Unfit(status), "{failure}");
        assert_eq!(client.answers(&url).unwrap_err().kind, Kind::Unfit(status));
    }
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
fn an_answer_that_comes_too_slowly_is_given_up() {
    let fake = Fake::start();
    let url = format!("{}/a", fake.address());
    let pace = Pace { window: Duration::from_millis(300), document: Duration::from_secs(60) };
    let client = client(Settings { pace, ..Settings::default() });
    // Twenty bytes a second, and no read of them waits for long.
    fake.serve("/a", Answer::ok(&[0; 800]).dripping(1, Duration::from_millis(50)));
    let said = "it is too slow: less than 1024 bytes a second came over 300ms";
    let failure = client.download(&url, &mut Vec::new()).unwrap_err().to_string();
    assert!(failure.contains(said), "{failure}");
    assert!(client.document(&url, &[]).unwrap_err().to_string().contains(said));
    // Nor are the words of a refusal waited for.
    let words = Answer::ok(&[b'x'; 800]).with_status(403);
    fake.serve("/a", words.dripping(1, Duration::from_millis(50)));
    let began = Instant::now();
    let failure = client.document(&url, &[]).unwrap_err();
    assert!(matches!(failure.kind, Kind::Refused(403, _)), "{failure}");
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    // What comes slowly, but fast enough, is taken.
    let body = vec![7; 20_000];
    fake.serve("/a", Answer::ok(&body).dripping(1000, Duration::from_millis(20)));
    assert_eq!(client.download(&url, &mut Vec::new()).unwrap().sha256, Digest::of(&body));
    assert_eq!(client.document(&url, &[]).unwrap().body, body);
}

#[test]
fn a_document_has_an_end_to_how_long_it_takes() {
    let fake = Fake::start();
    let url = format!("{}/a", fake.address());
    let pace = Pace { document: Duration::from_millis(500), ..Pace::default() };
    let client = client(Settings { pace, ..Settings::default() });
    let body = vec![7; 1_000_000];
    fake.serve("/a", Answer::ok(&body).dripping(10_000, Duration::from_millis(30)));
    let failure = client.document(&url, &[]).map(drop).unwrap_err();
    assert_eq!(failure.kind, Kind::TooSlow(Duration::from_millis(500)));
    assert_eq!(fake.asked("/a").len(), 1, "it would be as slow again");
    // A file may be long.
    assert_eq!(client.download(&url, &mut Vec::new()).unwrap().sha256, Digest::of(&body));
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
