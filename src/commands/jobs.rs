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
        loop {
            // Not in the condition of a loop, where the lock would be held while it works.
            let taken = next.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((at, item)) = taken else { break };
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

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    /// Each waits for the other: one after the other, they would wait for ever.
    #[test]
    fn several_are_under_way_at_a_time_and_the_order_stays() {
        let barrier = Barrier::new(2);
        let doubled = super::map(&[1, 2, 3, 4], |number| {
            barrier.wait();
            number * 2
        });
        assert_eq!(doubled, [2, 4, 6, 8]);
    }
}
