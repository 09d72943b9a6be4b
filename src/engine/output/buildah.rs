//! What `buildah build` and `podman build` print.
//!
//! ```text
//! STEP 3/9: RUN bash /run/a.sh
//! --> Using cache 20c4fb4aaeb4a8ae100cc14b6a98…
//! what the command printed
//! --> 20c4fb4aaeb                              behind an unfinished line, too
//! ```

use std::time::Duration;

use super::Event;

#[derive(Debug, Default)]
pub(super) struct Reader {
    /// How many layers have begun.
    begun: usize,
    /// The layer that is being made, and since when.
    current: Option<(usize, Duration)>,
    /// A line that is the engine's if it is the last, and else the layer's: commands say `Error: `, too.
    doubtful: Option<String>,
}

impl Reader {
    pub(super) fn line(&mut self, line: &str, now: Duration) -> Vec<Event> {
        let mut events: Vec<Event> = self.printed_before().into_iter().collect();
        events.extend(self.read(line, now));
        events
    }

    fn printed_before(&mut self) -> Option<Event> {
        let (layer, _) = self.current?;
        let text = self.doubtful.take()?;
        Some(Event::Printed { layer, text })
    }

    fn read(&mut self, line: &str, now: Duration) -> Vec<Event> {
        if let Some(instruction) = instruction(line) {
            return self.step(instruction, now);
        }
        let Some((layer, _)) = self.current else {
            let is_talk = line.is_empty() || line.starts_with("--> ");
            return if is_talk { Vec::new() } else { vec![Event::Said { text: line.to_owned() }] };
        };
        if line.starts_with("--> Using cache ") {
            self.current = None;
            return vec![Event::Cached { layer }];
        }
        if line.starts_with("Error: building at STEP") || line.starts_with("error building at STEP")
        {
            return vec![Event::Said { text: line.to_owned() }];
        }
        if line.starts_with("Error: ") {
            self.doubtful = Some(line.to_owned());
            return Vec::new();
        }
        let mut events = Vec::new();
        let (printed, ended) = match line.rsplit_once("--> ") {
            Some((printed, id)) if is_short_id(id) => (printed, true),
            _ => (line, false),
        };
        if !printed.is_empty() || !ended {
            events.push(Event::Printed { layer, text: printed.to_owned() });
        }
        if ended {
            events.extend(self.finish(now));
        }
        events
    }

    fn step(&mut self, instruction: &str, now: Duration) -> Vec<Event> {
        let mut events: Vec<Event> = self.finish(now).into_iter().collect();
        let word = instruction.split(' ').next().unwrap_or_default();
        if matches!(word, "RUN" | "COPY" | "WORKDIR") {
            self.current = Some((self.begun, now));
            events.push(Event::Started { layer: self.begun });
            self.begun += 1;
        }
        events
    }

    fn finish(&mut self, now: Duration) -> Option<Event> {
        let (layer, since) = self.current.take()?;
        Some(Event::Finished { layer, seconds: now.saturating_sub(since).as_secs_f64() })
    }

    pub(super) fn end(&mut self, success: bool, now: Duration) -> Vec<Event> {
        if success {
            return self.printed_before().into_iter().chain(self.finish(now)).collect();
        }
        let said = self.doubtful.take().map(|text| Event::Said { text });
        let failed = self.current.take().map(|(layer, _)| Event::Failed { layer });
        said.into_iter().chain(failed).collect()
    }
}

/// What follows `STEP 3/9: `.
fn instruction(line: &str) -> Option<&str> {
    let (numbers, instruction) = line.strip_prefix("STEP ")?.split_once(": ")?;
    let (number, of) = numbers.split_once('/')?;
    let counts = [number, of].iter().all(|number| number.parse::<usize>().is_ok());
    counts.then_some(instruction)
}

fn is_short_id(text: &str) -> bool {
    matches!(text.len(), 11 | 12) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(lines: &[(u64, &str)], success: bool) -> Vec<Event> {
        let mut reader = Reader::default();
        let mut events = Vec::new();
        for (now, line) in lines {
            events.extend(reader.line(line, Duration::from_secs(*now)));
        }
        events.extend(reader.end(success, Duration::from_secs(90)));
        events
    }

    #[test]
    fn a_build_with_a_failure() {
        let lines = [
            (0, "STEP 1/9: FROM debian:bookworm"),
            (0, "STEP 2/9: USER 0"),
            (0, "--> a50f8dfe2d4"),
            (1, "STEP 3/9: RUN bash /run/a.sh"),
            (2, "hello"),
            (4, "no newline--> 20c4fb4aaeb"),
            (4, "STEP 4/9: COPY a b"),
            (4, "--> Using cache 96dc1acb5c0e5c4584db38304cb6676b5d31f2e9a83b9908899cd5fe7b6e00c8"),
            (4, "--> 96dc1acb5c0"),
            (5, "STEP 5/9: RUN bash /run/b.sh"),
            (6, "going to fail"),
            (6, "Error: building at STEP \"RUN bash\": exit status 3"),
        ];
        assert_eq!(
            events(&lines, false),
            [
                Event::Started { layer: 0 },
                Event::Printed { layer: 0, text: "hello".to_owned() },
                Event::Printed { layer: 0, text: "no newline".to_owned() },
                Event::Finished { layer: 0, seconds: 3.0 },
                Event::Started { layer: 1 },
                Event::Cached { layer: 1 },
                Event::Started { layer: 2 },
                Event::Printed { layer: 2, text: "going to fail".to_owned() },
                Event::Said {
                    text: "Error: building at STEP \"RUN bash\": exit status 3".to_owned()
                },
                Event::Failed { layer: 2 },
            ]
        );
    }

    #[test]
    fn an_error_of_a_command_is_told_from_one_of_the_engine() {
        let lines = [
            (0, "STEP 1/1: RUN bash /run/a.sh"),
            (1, "Error: no such package"),
            (1, "Execution halted"),
            (2, "Error: committing container: no space left on device"),
        ];
        let [command, engine] = [lines[1].1, lines[3].1].map(str::to_owned);
        assert_eq!(
            events(&lines, false)[1..],
            [
                Event::Printed { layer: 0, text: command },
                Event::Printed { layer: 0, text: "Execution halted".to_owned() },
                Event::Said { text: engine.clone() },
                Event::Failed { layer: 0 },
            ]
        );
        let printed = Event::Printed { layer: 0, text: engine };
        assert_eq!(events(&lines, true)[3..4], [printed]);
    }

    #[test]
    fn the_last_layer_ends_with_the_build() {
        let lines = [(0, "STEP 1/1: WORKDIR /srv"), (1, "COMMIT localhost/s:t")];
        let ended = Event::Finished { layer: 0, seconds: 90.0 };
        assert_eq!(events(&lines, true).last(), Some(&ended));
    }
}
