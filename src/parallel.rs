//! Many items on all processors, with the result that one after the other would give.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::diagnostic::Diagnostics;

/// Parts for each processor, so that one that is slowed down does not hold up the others.
const PARTS: usize = 4;

/// So many files take longer to read or to write than a thread takes to start.
pub const FILES: usize = 64;

/// So many components take longer to read or to resolve than a thread takes to start.
pub const COMPONENTS: usize = 64;

/// So many images take longer to plan or to render than a thread takes to start.
pub const IMAGES: usize = 4;

/// Cuts `items` into consecutive parts of `least` items or more, works on the parts in any order on all processors,
/// and gives what came out of them in the order of the items. How many parts there are differs between machines,
/// so `work` must not let a part's borders show.
pub fn map_parts<'items, T: Sync, R: Send>(
    items: &'items [T],
    least: usize,
    work: impl Fn(&'items [T]) -> R + Sync,
) -> Vec<R> {
    if items.len() < least.saturating_mul(2) {
        return vec![work(items)];
    }
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let length = items.len().div_ceil(processors * PARTS).max(least).max(1);
    let parts: Vec<&[T]> = items.chunks(length).collect();
    let next = AtomicUsize::new(0);
    let work_on_parts = || {
        let mut done = Vec::new();
        while let at = next.fetch_add(1, Ordering::Relaxed)
            && let Some(part) = parts.get(at)
        {
            done.push((at, work(part)));
        }
        done
    };
    let mut done = thread::scope(|scope| {
        let others: Vec<_> =
            (1..processors.min(parts.len())).map(|_| scope.spawn(work_on_parts)).collect();
        let mut done = work_on_parts();
        for other in others {
            done.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        done
    });
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

/// What comes of each item, in their order; `least` is how many of them are worth a thread.
pub fn map<'items, T: Sync, R: Send>(
    items: &'items [T],
    least: usize,
    work: impl Fn(&'items T) -> R + Sync,
) -> Vec<R> {
    let parts = map_parts(items, least, |part| part.iter().map(&work).collect::<Vec<R>>());
    parts.into_iter().flatten().collect()
}

/// [`map`] with work that finds something; all that was found is put together.
pub fn map_checked<'items, T: Sync, R: Send>(
    items: &'items [T],
    least: usize,
    found: &mut Diagnostics,
    work: impl Fn(&'items T, &mut Diagnostics) -> R + Sync,
) -> Vec<R> {
    let parts = map_parts(items, least, |part| {
        let mut found = Diagnostics::default();
        let results: Vec<R> = part.iter().map(|item| work(item, &mut found)).collect();
        (results, found)
    });
    let mut all = Vec::with_capacity(items.len());
    for (results, findings) in parts {
        all.extend(results);
        found.append(findings);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_that_of_the_items_however_many_there_are() {
        for count in [0, 1, 5, 64, 1_000] {
            let items: Vec<usize> = (0..count).collect();
            let parts = map_parts(&items, 3, <[usize]>::to_vec);
            assert_eq!(parts.concat(), items);
        }
    }
}
