//! Tags of a git repository: `git ls-remote`, which knows proxies, certificates and logins as the user's git does.
#![expect(clippy::disallowed_methods, reason = "git is the client of git repositories")]

use std::fs::File;
use std::io::{Read, Seek};
use std::process::{Command, ExitStatus, Stdio};

use super::http::{Failure, Http, Kind, LONGEST_DOCUMENT, SLOWEST, WINDOW};
use super::{Datasource, Release};

/// How much of git's complaints is read.
const LONGEST_COMPLAINT: u64 = 64 << 10;

pub(super) struct Git<'a> {
    pub(super) url: &'a str,
}

/// What a program has said.
struct Said {
    status: ExitStatus,
    output: Vec<u8>,
    complaint: String,
}

impl Git<'_> {
    fn command(&self) -> Command {
        let mut command = Command::new("git");
        command
            // Nobody is there to answer, and an address must not become a program to run.
            .env("GIT_TERMINAL_PROMPT", "0")
            .env(
                "GIT_ALLOW_PROTOCOL",
                if self.url.starts_with("http://") { "http" } else { "https" },
            )
            .env("GIT_HTTP_LOW_SPEED_LIMIT", SLOWEST.to_string())
            .env("GIT_HTTP_LOW_SPEED_TIME", WINDOW.as_secs().to_string())
            .env("LC_ALL", "C")
            .args(["ls-remote", "--tags", "--refs", "--", self.url]);
        command
    }

    /// What a program says of the repository, of which it may be no more than that many bytes.
    fn said(&self, mut command: Command, longest: u64) -> Result<Said, Failure> {
        let failed = |error: std::io::Error| {
            Failure::new(self.url, Kind::Transport(format!("git cannot be started: {error}")))
        };
        // A file takes complaints however many there are, and from helpers that outlive git, too.
        let mut complaints = tempfile::tempfile().map_err(failed)?;
        let written = complaints.try_clone().map_err(failed)?;
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(written);
        let mut child = command.spawn().map_err(failed)?;
        let mut output = Vec::new();
        let read = match child.stdout.take() {
            Some(stdout) => stdout.take(longest + 1).read_to_end(&mut output),
            None => Ok(0),
        };
        let is_too_large = output.len() as u64 > longest;
        if is_too_large || read.is_err() {
            // It may have ended meanwhile.
            let _ = child.kill();
        }
        let broken = |error: std::io::Error| {
            Failure::new(self.url, Kind::Transport(format!("git broke off: {error}")))
        };
        let status = child.wait().map_err(broken)?;
        if is_too_large {
            return Err(Failure::new(self.url, Kind::TooLarge(longest)));
        }
        read.map_err(broken)?;
        Ok(Said { status, output, complaint: begin(&mut complaints).map_err(broken)? })
    }
}

/// The text that a file begins with.
fn begin(file: &mut File) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.take(LONGEST_COMPLAINT).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

impl Datasource for Git<'_> {
    fn releases(&self, http: &Http) -> Result<Vec<Release>, Failure> {
        if http.is_offline() {
            return Err(Failure::new(self.url, Kind::Offline));
        }
        let said = self.said(self.command(), LONGEST_DOCUMENT)?;
        if !said.status.success() {
            let last = said.complaint.lines().last().unwrap_or("git failed without a word");
            let why = last.trim_start_matches("fatal: ").to_owned();
            return Err(Failure::new(self.url, Kind::Transport(why)));
        }
        let text = String::from_utf8_lossy(&said.output);
        let tags = text.lines().filter_map(|line| line.split_once("\trefs/tags/"));
        Ok(tags.map(|(_, tag)| Release { name: tag.to_owned(), ..Release::default() }).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn shell(script: &str, longest: u64) -> Result<Said, Failure> {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Git { url: "https://git.example/tool" }.said(command, longest)
    }

    #[test]
    fn a_list_that_has_no_end_is_not_read_to_its_end() {
        let began = Instant::now();
        let longest = 2 << 20;
        let script = "trap '' PIPE; head -c 3000000 /dev/zero 2>/dev/null; exec sleep 100";
        let failure = shell(script, longest).err().unwrap();
        assert_eq!(failure.to_string(), "https://git.example/tool has more than 2 MiB");
        assert!(began.elapsed() < Duration::from_secs(60), "the program was waited for");
    }

    #[test]
    fn what_a_program_says_is_read_whole() {
        // More complaints than a pipe holds, before anything else.
        let script = "head -c 300000 /dev/zero | tr '\\0' e >&2; printf 12345; exit 3";
        let said = shell(script, 5).unwrap();
        assert_eq!((said.output.as_slice(), said.status.code()), (&b"12345"[..], Some(3)));
        assert_eq!(said.complaint.len() as u64, LONGEST_COMPLAINT);
    }
}
