//! Whole specs, as one text each, changed at the level of TOML values: the compiler reports, or gives files that can
//! be written and Dockerfiles that can be read.
#![no_main]

#[path = "../../suite/mutation.rs"]
mod mutation;
#[path = "../../suite/spec_case.rs"]
mod spec_case;
#[path = "../../suite/survival.rs"]
mod survival;

use libfuzzer_sys::{fuzz_crossover, fuzz_mutator, fuzz_target, fuzzer_mutate};

fuzz_target!(|data: &[u8]| survival::survive(&spec_case::parse(data)));

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    // Bytes too: keys, locks and lists of packages are no TOML.
    if seed % 8 == 0 {
        return fuzzer_mutate(data, size, max_size);
    }
    let new = mutation::mutated(data.get(..size).unwrap_or_default(), u64::from(seed));
    store(&new, data, max_size).unwrap_or_else(|| fuzzer_mutate(data, size, max_size))
});

fuzz_crossover!(|left: &[u8], right: &[u8], out: &mut [u8], seed: u32| {
    let new = mutation::crossed(left, right, u64::from(seed));
    let length = out.len();
    store(&new, out, length).unwrap_or(0)
});

/// Puts an input in the place of another one, where it fits.
fn store(new: &[u8], data: &mut [u8], max_size: usize) -> Option<usize> {
    let place = data.get_mut(..max_size)?.get_mut(..new.len())?;
    place.copy_from_slice(new);
    Some(new.len())
}
