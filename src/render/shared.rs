//! What several images have in common: rendered once, however many images list a component.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;

use crate::plan::Script;

/// Texts by what decides them.
#[derive(Default)]
pub(super) struct Shared<'plan> {
    texts: Mutex<BTreeMap<Key<'plan>, Bytes>>,
}

/// What decides a text.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key<'plan> {
    /// All that is in a script.
    Script(&'plan Script),
    /// The address of a service: images share their components.
    Service(usize),
    /// The address of a route.
    Route(usize),
    /// The address of a shortcut, whose files are all the same.
    Shortcut(usize),
    /// The address of a file's content and its path in the build context, of what a RUN reads.
    Inputs(usize, &'plan str),
}

impl<'plan> Shared<'plan> {
    /// The text of a key; `render` makes it for the first image that asks.
    pub(super) fn get(
        &self,
        key: Key<'plan>,
        render: impl FnOnce() -> Result<String, minijinja::Error>,
    ) -> Result<Bytes, minijinja::Error> {
        let texts = || self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(text) = texts().get(&key) {
            return Ok(text.clone());
        }
        let text = Bytes::from(render()?);
        texts().insert(key, text.clone());
        Ok(text)
    }
}
