//! Routes, in the web server of this repository's stack: what nginx reads, and what it does.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::*;
use rdspec::render::quote;

use crate::harness::{compiled, nasty_spec, repository, tool};
use crate::spec_case;

/// A web server of a test, on a socket in its folder; it ends with the test.
struct Nginx {
    folder: tempfile::TempDir,
    child: Child,
}

impl Nginx {
    /// Starts one with this configuration; `FOLDER` in it stands for the server's folder.
    fn start(configuration: &str, routes: &[(String, String)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        write_configuration(folder.path(), configuration, routes);
        let mut child = tool("nginx", "nginx-light")
            .args(["-e", "stderr", "-g", "master_process off;", "-p"])
            .arg(folder.path())
            .arg("-c")
            .arg(folder.path().join("nginx.conf"))
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let socket = folder.path().join("socket");
        let start = Instant::now();
        while UnixStream::connect(&socket).is_err() {
            if let Some(status) = child.try_wait().unwrap() {
                let mut text = String::new();
                child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
                panic!("nginx ended with {status}:\n{text}");
            }
            assert!(start.elapsed() < Duration::from_secs(60), "nginx does not answer");
            std::thread::sleep(Duration::from_millis(5));
        }
        Self { folder, child }
    }

    /// Sends a request; gives the whole answer.
    fn ask(&self, path: &str, headers: &str) -> String {
        let mut stream = UnixStream::connect(self.folder.path().join("socket")).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: desk.example\r\n{headers}Connection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8(answer).unwrap()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn write_configuration(folder: &Path, configuration: &str, routes: &[(String, String)]) {
    std::fs::create_dir(folder.join("desktop.d")).unwrap();
    for (name, text) in routes {
        std::fs::write(folder.join("desktop.d").join(name), text).unwrap();
    }
    std::fs::write(folder.join("mime.types"), "types { text/html html; }\n").unwrap();
    let text = configuration.replace("FOLDER", folder.to_str().unwrap());
    std::fs::write(folder.join("nginx.conf"), text).unwrap();
}

/// The configuration of this repository's web server, on a socket, with a base path.
fn desktop() -> String {
    let text =
        std::fs::read_to_string(repository().join("spec/resources/nginx/desktop.conf")).unwrap();
    let (listen, values) = ("listen 8888 default_server;", "include /tmp/desktop/nginx/*.conf;");
    assert!(text.contains(listen) && text.contains(values));
    // As the start of the container writes it.
    let prefix = "set $base \"/note\"; rewrite ^/note/(.*)$ /$1;";
    text.replace(listen, "listen unix:FOLDER/socket;").replace(values, prefix)
}

/// The route files of a spec's image.
fn routes(spec: &rdspec::source::SpecFiles, folder: &str) -> Vec<(String, String)> {
    let files = compiled(spec).tree.into_files();
    let routes = files.into_iter().filter_map(|(path, file)| {
        let (_, name) = path.strip_prefix(folder)?.split_once("/etc/nginx/desktop.d/")?;
        Some((name.to_owned(), String::from_utf8(file.bytes.to_vec()).unwrap()))
    });
    routes.collect()
}

#[test]
fn nginx_takes_every_route_of_the_nasty_spec() {
    let folder = tempfile::tempdir().unwrap();
    let routes = routes(&nasty_spec(), "base/");
    assert!(routes.len() > 3, "{routes:?}");
    // One of them is for all that nothing else is for.
    let configuration = desktop().replace("location / {", "location /none/ {");
    write_configuration(folder.path(), &configuration, &routes);
    let output = tool("nginx", "nginx-light")
        .args(["-e", "stderr", "-t", "-p"])
        .arg(folder.path())
        .arg("-c")
        .arg(folder.path().join("nginx.conf"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A service that answers each connection with what it was asked, and sends the client elsewhere when asked to.
fn echo() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let lines: Vec<String> =
                lines.map(|line| line.unwrap()).take_while(|line| !line.is_empty()).collect();
            let text = lines.join("\n");
            let target =
                lines[0].split("redirect=").nth(1).map(|rest| rest.split(' ').next().unwrap());
            let head = match target {
                Some(target) => format!("302 Found\r\nLocation: {target}"),
                None => "200 OK".to_owned(),
            };
            let _ = write!(
                stream,
                "HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}",
                text.len()
            );
        }
    });
    port
}

#[test]
fn routes_lead_to_their_service_with_and_without_a_base_path() {
    let port = echo();
    let spec = spec_case::parse(
        format!(
            r#"-- components/tool.toml --
summary = "Routes"
[services.tool]
command = "/usr/bin/tool"
ports = [{port}]
[routes."/tools/one/"]
port = {port}
to = "/"
[routes."/same/"]
port = {port}
websocket = true
[routes."/exact"]
port = {port}
to = "/a/b%20c"
"#
        )
        .as_bytes(),
    );
    let nginx = Nginx::start(&desktop(), &routes(&spec, "base/"));
    let first = |answer: String| {
        answer.split("\r\n\r\n").nth(1).unwrap().lines().next().unwrap().to_owned()
    };
    for base in ["", "/note"] {
        assert_eq!(
            first(nginx.ask(&format!("{base}/tools/one/x/y?q=1"), "")),
            "GET /x/y?q=1 HTTP/1.1"
        );
        assert_eq!(first(nginx.ask(&format!("{base}/same/x"), "")), "GET /same/x HTTP/1.1");
        assert_eq!(first(nginx.ask(&format!("{base}/exact"), "")), "GET /a/b%20c HTTP/1.1");
        let answer = nginx.ask(&format!("{base}/tools/one?q=1"), "");
        assert!(
            answer.contains("302 Moved") && answer.contains("\nLocation: /note/tools/one/?q=1\r\n"),
            "{answer}"
        );
        for target in
            ["/login", "http://desk.example/login", &format!("http://127.0.0.1:{port}/login")]
        {
            let answer = nginx.ask(&format!("{base}/tools/one/?redirect={target}"), "");
            assert!(answer.contains("\nLocation: /note/tools/one/login\r\n"), "{answer}");
        }
        let answer = nginx.ask(&format!("{base}/tools/one/?redirect=https://login.example/"), "");
        assert!(answer.contains("\nLocation: https://login.example/\r\n"), "{answer}");
    }
    let upgrade = "Upgrade: websocket\r\n";
    let answer = nginx.ask("/same/", upgrade);
    assert!(
        answer.contains("Upgrade: websocket") && answer.contains("Connection: upgrade"),
        "{answer}"
    );
    assert!(answer.contains("Host: desk.example"), "{answer}");
    assert!(!nginx.ask("/tools/one/", upgrade).contains("Upgrade"));
    // A page of another site may not open a connection; where there is none to open, nothing is asked.
    let foreign = "Origin: https://evil.example\r\n";
    assert!(nginx.ask("/same/", foreign).starts_with("HTTP/1.1 403"));
    assert!(nginx.ask("/same/", "Origin: https://desk.example\r\n").starts_with("HTTP/1.1 200"));
    assert!(nginx.ask("/tools/one/", foreign).starts_with("HTTP/1.1 200"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nginx_reads_back_every_parameter(values in vec(prop_oneof![
        "[-'\"\\\\`!*?~#@&;|<>(){}\\[\\]^%=, a-ctrn]{0,12}",
        "\\PC{0,12}",
        any::<String>(),
    ], 100)) {
        let values: Vec<String> =
            values.into_iter().filter(|value| quote::nginx::parameter(value).is_ok()).collect();
        let mut text = String::from("daemon off; events {}\nhttp { variables_hash_max_size 4096; server { listen unix:FOLDER/socket;\n");
        let mut answer = String::new();
        for (index, value) in values.iter().enumerate() {
            writeln!(text, "set $whole{index} {};", quote::nginx::parameter(value).unwrap()).unwrap();
            writeln!(text, "set $part{index} \"${{host}}{}\";", quote::nginx::part(value).unwrap()).unwrap();
            write!(answer, "${{whole{index}}}\\n${{part{index}}}\\n").unwrap();
        }
        writeln!(text, "return 200 \"{answer}\"; }} }}").unwrap();
        let answer = Nginx::start(&text, &[]).ask("/", "");
        let mut expected = String::new();
        for value in &values {
            writeln!(expected, "{value}\ndesk.example{value}").unwrap();
        }
        prop_assert_eq!(answer.split_once("\r\n\r\n").unwrap().1, expected);
    }
}
