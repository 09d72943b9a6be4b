//! Signals that ask rdspec to stop.
//!
//! Takes SIGINT, SIGTERM and SIGHUP instead of dying of them, so that an engine can be stopped in good order first.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

/// Whether a signal has come. Clones see the same.
#[derive(Clone, Debug, Default)]
pub struct Interrupt {
    signal: Arc<AtomicUsize>,
}

impl Interrupt {
    /// Notes signals from here on; they no longer end this process by themselves.
    ///
    /// # Errors
    /// The system refuses to hand signals over.
    pub fn install() -> std::io::Result<Self> {
        let interrupt = Self::default();
        for (signal, number) in [(SIGINT, 2), (SIGTERM, 15), (SIGHUP, 1)] {
            signal_hook::flag::register_usize(signal, Arc::clone(&interrupt.signal), number)?;
        }
        Ok(interrupt)
    }

    /// The number of the last signal that came, if any.
    pub fn signal(&self) -> Option<u8> {
        u8::try_from(self.signal.load(Ordering::Relaxed)).ok().filter(|signal| *signal != 0)
    }

    /// The exit status of whoever ends because of it, as shells count: 128 and the signal's number.
    pub fn status(&self) -> Option<u8> {
        self.signal().map(|signal| 128 + signal)
    }
}
