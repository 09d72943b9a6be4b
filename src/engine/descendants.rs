//! The processes that a child has started, and theirs: proc(5).
//!
//! podman and buildah hand a signal on to the containers of a build, but not in the first moment of a container. What
//! they leave running then has to be found before they end, since afterwards nobody is its parent.
#![expect(clippy::disallowed_methods, reason = "reads /proc")]

use std::collections::BTreeMap;
use std::fs;

use rustix::process::{Pid, Signal, kill_process};

/// A process, known by its start time too: a number alone may be another's by now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Process {
    pid: i32,
    parent: i32,
    started: u64,
}

impl Process {
    fn read(pid: i32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The second field may hold anything; it ends with the last parenthesis. State is field 3.
        let (_, rest) = stat.rsplit_once(") ")?;
        let mut fields = rest.split(' ');
        if fields.next()? == "Z" {
            return None;
        }
        let parent = fields.next()?.parse().ok()?;
        let started = fields.nth(17)?.parse().ok()?;
        Some(Self { pid, parent, started })
    }

    /// Ends it, if it is still there.
    pub(super) fn kill(self) {
        let is_same = Self::read(self.pid).is_some_and(|now| now.started == self.started);
        if let Some(pid) = Pid::from_raw(self.pid).filter(|_| is_same) {
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}

/// Everything that has come of a process.
pub(super) fn of(pid: u32) -> Vec<Process> {
    let Ok(root) = i32::try_from(pid) else { return Vec::new() };
    let mut children: BTreeMap<i32, Vec<Process>> = BTreeMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let pid = entry.file_name().to_str().and_then(|name| name.parse().ok());
        if let Some(process) = pid.and_then(Process::read) {
            children.entry(process.parent).or_default().push(process);
        }
    }
    let mut found = Vec::new();
    let mut waiting = vec![root];
    while let Some(pid) = waiting.pop() {
        for process in children.remove(&pid).into_iter().flatten() {
            waiting.push(process.pid);
            found.push(process);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn grandchildren_are_found_and_ended() {
        let script = "sleep 300 & echo; wait";
        let mut command = Command::new("/bin/sh");
        let mut child = command.args(["-c", script]).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = [0];
        std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut line).unwrap();
        let found = of(child.id());
        assert_eq!(found.len(), 1);
        found[0].kill();
        // The shell waits for it alone.
        child.wait().unwrap();
        assert_eq!(Process::read(found[0].pid), None);
    }
}
