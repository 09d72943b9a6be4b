//! Debian's docker-registry on loopback: the distribution project's own, as many teams run it.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// Who may log in to a registry that asks for that: the name, the password, and its bcrypt hash for the registry.
pub(crate) const LOGIN: (&str, &str) = ("me", "secret");
const HASH: &str = "$2b$04$r9I2FEBZ3FmaQbbV2kFQ0ezqmbt1uJGEJJZAFeOz75H/ok8IYSGka";

/// A registry that ends with the test.
pub(crate) struct Registry {
    process: Child,
    pub(crate) address: String,
    _folder: TempDir,
}

impl Registry {
    /// One that everybody may read and write.
    pub(crate) fn start() -> Self {
        Self::with(|_| String::new())
    }

    /// One that wants [`LOGIN`].
    pub(crate) fn start_with_login() -> Self {
        Self::with(|folder| {
            let file = folder.path().join("htpasswd");
            fs::write(&file, format!("{}:{HASH}\n", LOGIN.0)).unwrap();
            format!("auth: {{htpasswd: {{realm: registry, path: {}}}}}\n", file.display())
        })
    }

    fn with(more: impl FnOnce(&TempDir) -> String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = format!("127.0.0.1:{port}");
        let data = folder.path().join("data");
        let configuration = format!(
            "version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {}}}, delete: {{enabled: true}}}}\nhttp: {{addr: '{address}'}}\n{}",
            data.display(),
            more(&folder)
        );
        let file = folder.path().join("config.yml");
        fs::write(&file, configuration).unwrap();
        let process = Command::new("docker-registry")
            .arg("serve")
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|_| {
                panic!("this test needs docker-registry: install it, or run tests/run, which does")
            });
        for _ in 0..100 {
            if TcpStream::connect(&address).is_ok() {
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Self { process, address, _folder: folder }
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
