//! BuildKit's `--progress=plain`, of docker 20.10 and later.
//!
//! Each line begins with the number of the vertex that it is about:
//!
//! ```text
//! #6 [stage-0 2/5] RUN bash /run/a.sh      also `[2/5]`; 1 is FROM
//! #6 CACHED
//! #6 0.053 what the command printed
//! #6 DONE 1.4s                              docker 20.10 puts it behind an unfinished line
//! #8 ERROR: process "…" did not complete successfully: exit code: 3
//! ```

use std::collections::BTreeMap;
use std::time::Duration;

use super::Event;

#[derive(Debug, Default)]
pub(super) struct Reader {
    /// The layers of vertices that have begun, and when they did.
    vertices: BTreeMap<u64, (usize, Duration)>,
}

impl Reader {
    pub(super) fn line(&mut self, line: &str, now: Duration) -> Vec<Event> {
        let said = || vec![Event::Said { text: line.to_owned() }];
        let Some((vertex, rest)) = vertex(line) else {
            return if line.is_empty() { Vec::new() } else { said() };
        };
        if let Some(step) = step(rest) {
            // FROM is step 1. A vertex is named again where lines of others came between.
            let Some(layer) = step.checked_sub(2) else { return Vec::new() };
            let known = self.vertices.insert(vertex, (layer, now)).is_some();
            return if known { Vec::new() } else { vec![Event::Started { layer }] };
        }
        let Some(&(layer, started)) = self.vertices.get(&vertex) else {
            return if rest.starts_with("ERROR") { said() } else { Vec::new() };
        };
        let text = match rest.split_once(' ') {
            Some((seconds, text)) if seconds.parse::<f64>().is_ok() => text,
            _ if seconds_of_end(rest).is_some() || rest == "CACHED" => rest,
            _ if rest.starts_with("ERROR") => return vec![Event::Failed { layer }],
            // Digests, and progress of the engine's own.
            _ => return Vec::new(),
        };
        if rest == "CACHED" {
            return vec![Event::Cached { layer }];
        }
        let end = format!("#{vertex} DONE ");
        let (printed, end) = match text.rfind(&end) {
            Some(at) => (&text[..at], Some(&text[at..])),
            None if seconds_of_end(text).is_some() && text == rest => ("", Some(text)),
            None => (text, None),
        };
        let mut events = Vec::new();
        if end.is_none() || !printed.is_empty() {
            events.push(Event::Printed { layer, text: printed.to_owned() });
        }
        if let Some(end) = end {
            let seconds = end.split(' ').next_back().unwrap_or_default().trim_end_matches('s');
            let seconds =
                seconds.parse().unwrap_or_else(|_| now.saturating_sub(started).as_secs_f64());
            events.push(Event::Finished { layer, seconds });
        }
        events
    }
}

/// `#6 rest`.
fn vertex(line: &str) -> Option<(u64, &str)> {
    let (number, rest) = line.strip_prefix('#')?.split_once(' ')?;
    Some((number.parse().ok()?, rest))
}

/// The number of `[stage-0 2/5] …`.
fn step(rest: &str) -> Option<usize> {
    let (label, _) = rest.strip_prefix('[')?.split_once(']')?;
    let (number, of) = label.rsplit(' ').next()?.split_once('/')?;
    of.parse::<usize>().ok()?;
    number.parse().ok()
}

/// The seconds of `DONE 1.4s`.
fn seconds_of_end(rest: &str) -> Option<f64> {
    rest.strip_prefix("DONE ")?.strip_suffix('s')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(text: &str) -> Vec<Event> {
        let mut reader = Reader::default();
        text.lines().flat_map(|line| reader.line(line, Duration::from_secs(1))).collect()
    }

    fn printed(layer: usize, text: &str) -> Event {
        Event::Printed { layer, text: text.to_owned() }
    }

    #[test]
    fn a_build_of_docker_20() {
        let text = "\
#4 [1/5] FROM docker.io/library/debian:bookworm
#4 sha256:12fbe2e8
#4 DONE 0.0s

#5 [internal] load build context
#5 transferring context: 230B done

#6 [2/5] RUN bash /run/a.sh
#6 sha256:ca20229b
#6 0.084 hello
#6 0.085 #7 err
#6 1.386 no newline#6 DONE 1.4s

#7 [3/5] COPY a b
#7 CACHED

#8 [4/5] RUN bash /run/b.sh
#8 0.084 two
#6 [2/5] RUN bash /run/a.sh
#8 ERROR: executor failed running [/bin/sh]: exit code: 3
------
executor failed running [/bin/sh]: exit code: 3";
        let said = |text: &str| Event::Said { text: text.to_owned() };
        assert_eq!(
            events(text),
            [
                Event::Started { layer: 0 },
                printed(0, "hello"),
                printed(0, "#7 err"),
                printed(0, "no newline"),
                Event::Finished { layer: 0, seconds: 1.4 },
                Event::Started { layer: 1 },
                Event::Cached { layer: 1 },
                Event::Started { layer: 2 },
                printed(2, "two"),
                Event::Failed { layer: 2 },
                said("------"),
                said("executor failed running [/bin/sh]: exit code: 3"),
            ]
        );
    }

    #[test]
    fn docker_26_names_the_stage_and_a_command_may_print_anything() {
        let text = "\
#0 building with \"default\" instance using docker driver
#6 [stage-0 2/5] RUN bash /run/a.sh
#6 0.1 DONE 9.9s
#6 0.2 [stage-0 3/5] COPY
#6 0.3 CACHED
#6 0.4 
#6 DONE 0.5s";
        assert_eq!(
            events(text),
            [
                Event::Started { layer: 0 },
                printed(0, "DONE 9.9s"),
                printed(0, "[stage-0 3/5] COPY"),
                printed(0, "CACHED"),
                printed(0, ""),
                Event::Finished { layer: 0, seconds: 0.5 },
            ]
        );
    }
}
