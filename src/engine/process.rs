//! Runs an engine as a child process and hands on what it prints, line by line, as it comes.
//!
//! The child has a process group of its own: a Ctrl-C of the terminal reaches rdspec alone, which asks the child to
//! stop, waits, and only then kills what is left of the group.
#![expect(clippy::disallowed_methods, reason = "waits for processes, so it reads the clock")]

use std::io::{IsTerminal, PipeReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use anyhow::Context;
use bytes::Bytes;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::descendants::{self, Process};
use super::interrupt::Interrupt;

/// How long a child may take to stop after it was asked to.
const GRACE: Duration = Duration::from_secs(15);

/// How often signals and the child's end are looked for while it is silent.
const POLL: Duration = Duration::from_millis(100);

/// Bytes after which a line is handed on although it has not ended: a script may print anything.
const LONGEST_LINE: usize = 16 * 1024;

/// Lines that wait to be handled; a child that prints more waits, too.
const WAITING: usize = 1024;

/// Runs a command to its end, with nothing to read; `on_line` gets the lines of its stdout and stderr, in the order in
/// which they come, without line ends, each with the time since the start.
///
/// # Errors
/// The command cannot be started.
pub fn stream(
    command: Command,
    interrupt: &Interrupt,
    on_line: impl FnMut(&str, Duration),
) -> anyhow::Result<ExitStatus> {
    stream_with_input(command, None, interrupt, on_line)
}

/// The same for a command that reads `input` on its stdin.
///
/// # Errors
/// The command cannot be started.
pub fn stream_with_input(
    mut command: Command,
    input: Option<Bytes>,
    interrupt: &Interrupt,
    mut on_line: impl FnMut(&str, Duration),
) -> anyhow::Result<ExitStatus> {
    let (reader, writer) = std::io::pipe().context("making a pipe")?;
    let program = command.get_program().to_owned();
    command
        .stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() })
        .stdout(writer.try_clone().context("making a pipe")?)
        .stderr(writer)
        .process_group(0);
    let started = Instant::now();
    let mut child = command
        .spawn()
        .with_context(|| format!("starting {}", std::path::Path::new(&program).display()))?;
    // It holds the writing ends of the pipe, and the pipe has to end with the child.
    drop(command);
    if let (Some(input), Some(mut stdin)) = (input, child.stdin.take()) {
        // A child that ends early closes its stdin, and its status tells why.
        std::thread::spawn(move || stdin.write_all(&input));
    }
    let (sender, lines) = sync_channel(WAITING);
    let reading = std::thread::spawn(move || read_lines(reader, &sender));
    let status = attend(&mut child, interrupt, &lines, |line| on_line(line, started.elapsed()));
    // A grandchild may still hold the pipe, which then has no end: such a reader is left to itself.
    if reading.is_finished() {
        let _ = reading.join();
    }
    status
}

/// Runs a command on this process's own streams to its end.
///
/// # Errors
/// The command cannot be started.
pub fn attached(mut command: Command, interrupt: &Interrupt) -> anyhow::Result<ExitStatus> {
    let program = command.get_program().to_owned();
    let mut child = command
        .spawn()
        .with_context(|| format!("starting {}", std::path::Path::new(&program).display()))?;
    // A terminal sends its Ctrl-C to both.
    let both = std::io::stdin().is_terminal();
    let mut told = false;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if let Some(signal) = interrupt.signal()
            && !std::mem::replace(&mut told, true)
            && !(both && signal == 2)
            && let Some(pid) = Pid::from_raw(i32::try_from(child.id())?)
        {
            let _ = kill_process(pid, Signal::TERM);
        }
        std::thread::sleep(POLL);
    }
}

/// Handles lines until the child has ended and its last line has come.
fn attend(
    child: &mut Child,
    interrupt: &Interrupt,
    lines: &Receiver<String>,
    mut on_line: impl FnMut(&str),
) -> anyhow::Result<ExitStatus> {
    let mut asked: Option<Instant> = None;
    let mut descendants = Vec::new();
    let mut ended: Option<ExitStatus> = None;
    loop {
        let is_over = match lines.recv_timeout(POLL) {
            Ok(line) => {
                on_line(&line);
                false
            }
            Err(RecvTimeoutError::Disconnected) => true,
            Err(RecvTimeoutError::Timeout) if ended.is_some() => true,
            Err(RecvTimeoutError::Timeout) => {
                ended = child.try_wait()?;
                false
            }
        };
        if is_over {
            let status = ended.map_or_else(|| child.wait(), Ok)?;
            descendants.into_iter().for_each(Process::kill);
            return Ok(status);
        }
        let signal = match (interrupt.signal(), asked) {
            (Some(_), None) => Signal::INT,
            (Some(_), Some(since)) if since.elapsed() > GRACE => Signal::KILL,
            _ => continue,
        };
        if asked.replace(Instant::now()).is_none() {
            descendants = descendants::of(child.id());
        }
        if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(group, signal);
        }
    }
}

fn read_lines(mut reader: PipeReader, lines: &SyncSender<String>) {
    let mut buffer = [0; 8192];
    let mut line = Vec::new();
    loop {
        let read = match reader.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(read) => read,
        };
        for byte in buffer.get(..read).unwrap_or_default() {
            if *byte != b'\n' {
                line.push(*byte);
            }
            if *byte == b'\n' || line.len() == LONGEST_LINE {
                if lines.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                    return;
                }
                line.clear();
            }
        }
    }
    if !line.is_empty() {
        let _ = lines.send(String::from_utf8_lossy(&line).into_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_of(script: &str) -> (Vec<String>, ExitStatus) {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        let mut lines = Vec::new();
        let status = stream(command, &Interrupt::default(), |line, _| lines.push(line.to_owned()));
        (lines, status.unwrap())
    }

    #[test]
    fn both_streams_come_in_their_order_and_the_last_line_needs_no_end() {
        let (lines, status) = lines_of("echo one; echo two >&2; printf three; exit 3");
        assert_eq!(lines, ["one", "two", "three"]);
        assert_eq!(status.code(), Some(3));
    }

    #[test]
    fn a_grandchild_that_holds_the_pipe_delays_nothing() {
        let started = Instant::now();
        let (lines, status) = lines_of("sleep 20 & echo done");
        assert_eq!(lines, ["done"]);
        assert!(status.success());
        assert!(started.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn endless_lines_are_cut() {
        let (lines, _) = lines_of("head -c 40000 /dev/zero | tr '\\0' x");
        assert_eq!(lines.iter().map(String::len).collect::<Vec<_>>(), [16384, 16384, 7232]);
    }
}
