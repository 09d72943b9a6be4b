//! Progress of downloads on a terminal: a bar each, that vanishes when the file is there.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::Session;
use super::printable::printable;
use crate::upstream::http::Watch;

/// What is shown of a file whose length the server says, and of one of which it does not.
const KNOWN: &str = "{bar:24} {bytes:>10} of {total_bytes:>10} {wide_msg}";
const UNKNOWN: &str = "{spinner} {bytes:>10} {wide_msg}";

/// The bars of all files that are on their way.
#[derive(Debug)]
struct Transfers {
    all: MultiProgress,
    bars: Mutex<BTreeMap<String, ProgressBar>>,
}

/// Who shows downloads; nobody where stderr is no terminal, or nothing is to be said.
pub(super) fn watch(session: &Session) -> Option<Arc<dyn Watch>> {
    let is_shown = session.has_terminal() && !session.quiet;
    is_shown.then(|| -> Arc<dyn Watch> {
        Arc::new(Transfers { all: MultiProgress::new(), bars: Mutex::default() })
    })
}

impl Watch for Transfers {
    fn at(&self, url: &str, bytes: u64, whole: Option<u64>) {
        let mut bars = self.bars.lock().unwrap_or_else(PoisonError::into_inner);
        if !bars.contains_key(url) {
            bars.insert(url.to_owned(), self.all.add(bar(url, whole)));
        }
        if let Some(bar) = bars.get(url) {
            bar.set_position(bytes);
        }
    }

    fn ended(&self, url: &str) {
        let mut bars = self.bars.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bar) = bars.remove(url) {
            bar.finish_and_clear();
        }
    }
}

fn bar(url: &str, whole: Option<u64>) -> ProgressBar {
    let (bar, template) = match whole {
        Some(whole) => (ProgressBar::new(whole), KNOWN),
        None => (ProgressBar::new_spinner(), UNKNOWN),
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_message(shown(url));
    bar
}

/// The name of a file, without what could steer a terminal, and without what may be a secret of its address.
fn shown(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit('/').find(|part| !part.is_empty()).unwrap_or_default();
    printable(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_files() {
        assert_eq!(shown("https://example.org/a/tool.tar.gz?token=secret"), "tool.tar.gz");
        assert_eq!(shown("https://example.org/a/"), "a");
        assert_eq!(shown("https://example.org/\u{1b}[2J"), "\\u{1b}[2J");
    }

    #[test]
    fn a_bar_is_there_while_its_file_is_on_its_way() {
        let transfers = Transfers { all: MultiProgress::new(), bars: Mutex::default() };
        transfers.all.set_draw_target(indicatif::ProgressDrawTarget::hidden());
        transfers.at("https://example.org/a", 10, Some(20));
        transfers.at("https://example.org/b", 5, None);
        transfers.at("https://example.org/a", 15, Some(20));
        let at = |url: &str| transfers.bars.lock().unwrap().get(url).map(ProgressBar::position);
        assert_eq!(at("https://example.org/a"), Some(15));
        assert_eq!(at("https://example.org/b"), Some(5));
        transfers.ended("https://example.org/a");
        assert_eq!(at("https://example.org/a"), None);
    }
}
