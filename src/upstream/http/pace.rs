//! How slowly an answer may come. The client's own patience is for each read: with a byte now and then, an answer could
//! go on for ever, and keep its host from others.
#![expect(clippy::disallowed_methods, reason = "measures how long answers take")]

use std::io::Read;
use std::time::{Duration, Instant};

use super::failure::{Failure, Kind};

/// How many bytes have to come in a second.
pub(crate) const SLOWEST: u64 = 1024;

/// Over how long fewer bytes than that are too few.
pub(crate) const WINDOW: Duration = Duration::from_secs(60);

/// How long a document may take, with all tries.
const DOCUMENT: Duration = Duration::from_secs(5 * 60);

/// How slowly an answer may come.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Over how long it may have fewer bytes than [`SLOWEST`] for each second.
    pub window: Duration,
    /// How long a document may take, with all tries.
    pub document: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { window: WINDOW, document: DOCUMENT }
    }
}

impl Pace {
    /// Until when a document has to be there that is asked for now.
    pub(super) fn deadline(self) -> Deadline {
        Deadline { until: Instant::now() + self.document, whole: self.document }
    }
}

/// When a document has to be there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline {
    until: Instant,
    whole: Duration,
}

/// An answer that is read no longer than it comes fast enough.
pub(super) struct Paced<R> {
    answer: R,
    window: Duration,
    deadline: Option<Deadline>,
    /// How long reading has waited since the window began: what is done with the bytes is not the server's fault.
    waited: Duration,
    /// How many bytes have come since then.
    came: u64,
}

impl<R: Read> Paced<R> {
    /// An answer that may take as long as it likes while it comes.
    pub(super) fn new(answer: R, pace: Pace) -> Self {
        Self { answer, window: pace.window, deadline: None, waited: Duration::ZERO, came: 0 }
    }

    /// An answer that has to be there as a whole by then.
    pub(super) fn until(self, deadline: Deadline) -> Self {
        Self { deadline: Some(deadline), ..self }
    }

    /// The next bytes, of which there are none at the end.
    pub(super) fn read(&mut self, url: &str, buffer: &mut [u8]) -> Result<usize, Failure> {
        let began = Instant::now();
        let read = self.answer.read(buffer);
        let now = Instant::now();
        let count = read.map_err(|error| Failure::new(url, Kind::Transport(error.to_string())))?;
        if count == 0 {
            return Ok(0);
        }
        if let Some(deadline) = self.deadline.filter(|deadline| now >= deadline.until) {
            return Err(Failure::new(url, Kind::TooSlow(deadline.whole)));
        }
        self.waited += now - began;
        self.came += count as u64;
        if self.waited >= self.window {
            if u128::from(self.came) * 1000 < u128::from(SLOWEST) * self.waited.as_millis() {
                let text = format!(
                    "it is too slow: less than {SLOWEST} bytes a second came over {:?}",
                    self.window
                );
                return Err(Failure::new(url, Kind::Transport(text)));
            }
            (self.waited, self.came) = (Duration::ZERO, 0);
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives so many bytes at a time, after a pause.
    struct Dripping(usize, Duration);

    impl Read for Dripping {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            std::thread::sleep(self.1);
            let count = self.0.min(buffer.len());
            buffer[..count].fill(0);
            Ok(count)
        }
    }

    /// How the first thirty reads end.
    fn thirty(mut paced: Paced<Dripping>) -> Result<(), Failure> {
        (0..30).try_for_each(|_| paced.read("a", &mut [0; 4096]).map(drop))
    }

    #[test]
    fn only_what_comes_too_slowly_is_given_up() {
        let pace =
            Pace { window: Duration::from_millis(100), document: Duration::from_millis(200) };
        let pause = Duration::from_millis(20);
        let slow = thirty(Paced::new(Dripping(1, pause), pace)).unwrap_err();
        assert!(slow.to_string().contains("less than 1024 bytes a second came over 100ms"));
        assert_eq!(thirty(Paced::new(Dripping(4096, pause), pace)), Ok(()));
        let late = thirty(Paced::new(Dripping(4096, pause), pace).until(pace.deadline()));
        assert_eq!(late.unwrap_err().kind, Kind::TooSlow(pace.document));
        // A few bytes at once are no sign of slowness, and nor is what takes its time between two reads.
        let mut paced = Paced::new(Dripping(1, Duration::ZERO), pace);
        for _ in 0..3 {
            std::thread::sleep(Duration::from_millis(60));
            assert_eq!(paced.read("a", &mut [0; 8]), Ok(1));
        }
    }
}
