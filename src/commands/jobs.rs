//! Work that waits for others, several pieces at a time.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// How many are under way at a time.
const JOBS: usize = 8;

/// What comes of each item, in their order.
pub(super) fn map<'items, T: Sync, R: Send>(
    items: &'items [T],
    work: impl Fn(&'items T) -> R + Sync,
) -> Vec<R> {
    let next = Mutex::new(items.iter().enumerate());
    let done = Mutex::new(BTreeMap::new());
    let go_on = || {
        while let Some((at, item)) = next.lock().unwrap_or_else(PoisonError::into_inner).next() {
            let result = work(item);
            done.lock().unwrap_or_else(PoisonError::into_inner).insert(at, result);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..JOBS.min(items.len()) {
            scope.spawn(go_on);
        }
    });
    done.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect()
}
