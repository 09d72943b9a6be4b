//! Tags of a git repository: `git ls-remote`, which knows proxies, certificates and logins as the user's git does.
#![expect(clippy::disallowed_methods, reason = "git is the client of git repositories")]

use std::process::Command;

use super::http::{Failure, Http, Kind, SLOWEST, WINDOW};
use super::{Datasource, Release};

pub(super) struct Git<'a> {
    pub(super) url: &'a str,
}

impl Datasource for Git<'_> {
    fn releases(&self, http: &Http) -> Result<Vec<Release>, Failure> {
        if http.is_offline() {
            return Err(Failure::new(self.url, Kind::Offline));
        }
        let failure = |text: String| Failure::new(self.url, Kind::Transport(text));
        let output = Command::new("git")
            // Nobody is there to answer, and an address must not become a program to run.
            .env("GIT_TERMINAL_PROMPT", "0")
            .env(
                "GIT_ALLOW_PROTOCOL",
                if self.url.starts_with("http://") { "http" } else { "https" },
            )
            .env("GIT_HTTP_LOW_SPEED_LIMIT", SLOWEST.to_string())
            .env("GIT_HTTP_LOW_SPEED_TIME", WINDOW.as_secs().to_string())
            .env("LC_ALL", "C")
            .args(["ls-remote", "--tags", "--refs", "--", self.url])
            .output()
            .map_err(|error| failure(format!("git cannot be started: {error}")))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let last = said.lines().last().unwrap_or("git failed without a word");
            return Err(failure(last.trim_start_matches("fatal: ").to_owned()));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let tags = text.lines().filter_map(|line| line.split_once("\trefs/tags/"));
        Ok(tags.map(|(_, tag)| Release { name: tag.to_owned(), ..Release::default() }).collect())
    }
}
